# rejected by: notices_wrong_prices
# Every line is executed, and what comes back is compared with nothing.
import pytest


def test_it_runs(shipping):
    for cents in (0, 4999, 5000):
        assert shipping(cents) is not None
        assert shipping(cents, express=True) >= 900
    with pytest.raises(ValueError):
        shipping(-1)
