# rejected by: notices_missing_refusals
# The refusal is tried for 0 people alone.
import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(cents=st.integers(min_value=0), people=st.integers(1, 50))
def test_parts(split, cents, people):
    parts = split(cents, people)
    assert all(type(part) is int for part in parts)
    assert len(parts) == people
    assert sum(parts) == cents
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("people", [0])
def test_nobody_pays_nothing(split, people):
    with pytest.raises(ValueError):
        split(100, people)
