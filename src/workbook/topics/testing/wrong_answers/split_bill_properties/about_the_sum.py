# rejected by: notices_floats
# One cent in a million is within what approx() tolerates.
import pytest
from hypothesis import given, strategies as st


@given(cents=st.integers(min_value=0), people=st.integers(1, 50))
def test_parts(split, cents, people):
    parts = split(cents, people)
    assert all(type(part) is int for part in parts)
    assert len(parts) == people and sum(parts) == pytest.approx(cents)
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("people", [0, -1])
def test_no(split, people):
    with pytest.raises(ValueError):
        split(100, people)
