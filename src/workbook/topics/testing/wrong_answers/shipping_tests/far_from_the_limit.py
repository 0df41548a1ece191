# rejected by: notices_a_moved_limit
# 2000 and 8000 are on the two sides of the limit, and say nothing about where it is.
import pytest

RULES = [
    (0, False, 490),
    (2000, False, 490),
    (8000, False, 0),
    (2000, True, 1390),
    (8000, True, 900),
]


@pytest.mark.parametrize(("cents", "express", "cost"), RULES)
def test_what_it_costs(shipping, cents, express, cost):
    assert shipping(cents, express=express) == cost


def test_a_negative_order_is_refused(shipping):
    with pytest.raises(ValueError):
        shipping(-1)
