# rejected by: notices_floats
# Bills up to 100.00 fit into any float, so a function that computes in single precision is never caught.
import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(cents=st.integers(0, 10_000), people=st.integers(1, 50))
def test_parts(split, cents, people):
    parts = split(cents, people)
    assert all(type(part) is int for part in parts)
    assert len(parts) == people
    assert sum(parts) == cents
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("people", [0, -1])
def test_nobody_pays_nothing(split, people):
    with pytest.raises(ValueError):
        split(100, people)
