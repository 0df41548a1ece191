# rejected by: notices_wrong_refusals
# Any exception will do, so that a function which refuses with another one passes.
import pytest


@pytest.mark.parametrize(
    ("cents", "express", "cost"),
    [(0, False, 490), (4999, False, 490), (5000, False, 0), (4999, True, 1390), (5000, True, 900)],
)
def test_costs(shipping, cents, express, cost):
    assert shipping(cents, express) == cost


def test_negative(shipping):
    with pytest.raises(Exception):
        shipping(-1)
