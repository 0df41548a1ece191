# rejected by: notices_wrong_refusals
# Nobody asks about an order worth 0, so a function that refuses it as well passes.
import pytest

RULES = [
    (1, False, 490),
    (4999, False, 490),
    (5000, False, 0),
    (4999, True, 1390),
    (5000, True, 900),
]


@pytest.mark.parametrize(("cents", "express", "cost"), RULES)
def test_what_it_costs(shipping, cents, express, cost):
    assert shipping(cents, express=express) == cost


def test_a_negative_order_is_refused(shipping):
    with pytest.raises(ValueError):
        shipping(-1)
