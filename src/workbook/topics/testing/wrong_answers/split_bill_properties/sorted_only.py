# rejected by: passes_on_every_right_split
# It demands sorted parts, and nobody has said who pays the odd cent.
from hypothesis import given, strategies as st
import pytest


@given(st.integers(min_value=0), st.integers(1, 50))
def test_all(split, cents, people):
    parts = split(cents, people)
    assert parts in (sorted(parts), sorted(parts, reverse=True))
    assert len(parts) == people and sum(parts) == cents
    assert max(parts) - min(parts) <= 1
    assert all(type(p) is int for p in parts)


@pytest.mark.parametrize("people", [0, -1])
def test_refuses(split, people):
    with pytest.raises(ValueError):
        split(100, people)
