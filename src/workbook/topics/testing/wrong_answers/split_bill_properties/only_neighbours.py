# rejected by: notices_uneven_parts
# Neighbours differ by 1 at most, and two others may still differ by 2.
import pytest
from itertools import pairwise
from hypothesis import given, strategies as st


@given(cents=st.integers(min_value=0), people=st.integers(1, 50))
def test_parts(split, cents, people):
    parts = split(cents, people)
    assert all(type(part) is int for part in parts)
    assert len(parts) == people and sum(parts) == cents
    assert all(abs(a - b) <= 1 for a, b in pairwise(parts))


@pytest.mark.parametrize("people", [0, -1])
def test_no(split, people):
    with pytest.raises(ValueError):
        split(100, people)
