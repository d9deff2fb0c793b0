"""The clock holds a run to its pace and says how late it is."""

import pytest

from steppewatch.engine.clock import NS, Clock
from steppewatch.errors import EngineError


class Wall:
    """A wall clock that the test moves."""

    now = 100.0

    def __call__(self):
        return self.now


def test_a_scaled_clock_lets_a_tick_through_when_it_is_due():
    wall = Wall()
    clock = Clock(10.0, wall)
    assert clock.lead(50 * NS) == pytest.approx(0.0)
    assert clock.lead(70 * NS) == pytest.approx(2.0)
    wall.now += 3.0
    assert clock.lag(70 * NS) == pytest.approx(1.0)


def test_the_fastest_clock_never_waits():
    clock = Clock(None)
    assert clock.wait(10**18)
    assert clock.lag(0) == 0.0


def test_a_stopped_clock_ends_a_wait_at_once():
    clock = Clock(1.0)
    clock.lead(0)
    clock.stop()
    assert not clock.wait(3600 * NS)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_that_no_clock_can_keep_is_refused(rate):
    with pytest.raises(EngineError, match="clock rate"):
        Clock(rate)
