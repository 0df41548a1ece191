# rejected by: notices_uneven_parts
# The sum is right where one guest pays everything.
import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(cents=st.integers(min_value=0), people=st.integers(1, 50))
def test_parts(split, cents, people):
    parts = split(cents, people)
    assert all(type(part) is int for part in parts)
    assert len(parts) == people
    assert sum(parts) == cents


@pytest.mark.parametrize("people", [0, -1])
def test_nobody_pays_nothing(split, people):
    with pytest.raises(ValueError):
        split(100, people)
