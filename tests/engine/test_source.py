"""Live time goes forward at its pace, whatever somebody does to the system's clock."""

import itertools

import pytest

from steppewatch.engine.clock import NS
from steppewatch.engine.source import LiveSource
from steppewatch.engine.store import Head

START = 1_780_000_000 * NS


def times(walls, head=None):
    """Give the picture's time in seconds after START; the steady clock ticks once a second."""
    wall, steady = iter(walls), itertools.count(5 * NS, NS)
    left = iter([False] * len(walls) + [True])
    source = LiveSource(
        [],
        stopped=lambda: next(left),
        step_ns=1,
        now=lambda: START + round(next(wall) * NS),
        monotonic=lambda: next(steady),
    )
    return [(tick.now_ns - START) / NS for tick in source.ticks(head)]


def test_live_time_is_the_systems():
    assert times([0, 1, 2, 3]) == [0, 1, 2, 3]


def test_a_clock_set_forward_is_followed():
    assert times([0, 1, 3600, 3601]) == [0, 1, 3600, 3601]


def test_a_clock_set_back_a_little_is_waited_for_at_half_pace():
    assert times([10, 9.8, 10.8, 11.8, 12.8]) == pytest.approx([10, 10.5, 11, 11.8, 12.8])


def test_a_clock_set_back_a_day_does_not_stop_the_picture(caplog):
    assert times([86_400, 0, 1, 2, 3]) == pytest.approx([86_400, 86_401, 86_402, 86_403, 86_404])
    assert caplog.text.count("behind the picture") == 1


def test_a_run_stored_under_a_clock_that_was_ahead_goes_on():
    head = Head(tick=1, now_ns=START + 3600 * NS, cursor=0, states={})
    assert times([0, 1, 2], head) == pytest.approx([3601, 3602, 3603])
