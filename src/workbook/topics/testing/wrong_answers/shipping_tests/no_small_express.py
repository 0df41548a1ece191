# rejected by: notices_wrong_express
# Express is tested where the rest is free. Below the limit the two prices have to be added.
import pytest

RULES = [
    (0, False, 490),
    (4999, False, 490),
    (5000, False, 0),
    (5000, True, 900),
]


@pytest.mark.parametrize(("cents", "express", "cost"), RULES)
def test_what_it_costs(shipping, cents, express, cost):
    assert shipping(cents, express=express) == cost


def test_a_negative_order_is_refused(shipping):
    with pytest.raises(ValueError):
        shipping(-1)
