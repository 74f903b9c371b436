import time

import pytest

pytest.importorskip("torch")
from pocket.clock import Clock


def test_a_clock_goes_on_from_what_was_spent_before():
    clock = Clock(1, spent=40.0)
    time.sleep(0.05)
    clock.start()
    clock.tick()
    assert 40 <= clock.spent < 40.04
    assert clock.any(True)
    assert not clock.any(False)
