# rejected by: passes_on_every_right_split
# It computes the answer as one implementation does, and so refuses the others.
import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(cents=st.integers(min_value=0), people=st.integers(1, 50))
def test_parts(split, cents, people):
    parts = split(cents, people)
    assert all(type(part) is int for part in parts)
    assert len(parts) == people
    assert sum(parts) == cents
    assert parts == sorted(parts, reverse=True)
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("people", [0, -1])
def test_nobody_pays_nothing(split, people):
    with pytest.raises(ValueError):
        split(100, people)
