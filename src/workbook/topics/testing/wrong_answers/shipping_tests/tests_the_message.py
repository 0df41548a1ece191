# rejected by: passes_on_right_implementations
# The rule names the exception and not its text, so a right implementation fails.
import pytest

RULES = [
    (0, False, 490),
    (4999, False, 490),
    (5000, False, 0),
    (4999, True, 1390),
    (5000, True, 900),
]


@pytest.mark.parametrize(("cents", "express", "cost"), RULES)
def test_what_it_costs(shipping, cents, express, cost):
    assert shipping(cents, express=express) == cost


def test_a_negative_order_is_refused(shipping):
    with pytest.raises(ValueError, match="negative"):
        shipping(-1)
