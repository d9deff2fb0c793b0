"""A drifting sensor is told when it begins, once, and again only after it was steady."""

import dataclasses

import numpy as np
from biased import run, sensor

from steppewatch.fuse.registration.suspect import tell_drift
from steppewatch.records import DoubtKind, SensorKind

WEST = sensor("west", 105.2)
ADSB = dataclasses.replace(
    sensor("adsb", 106.0, period=1.0, sigma=(15.0, 0.1, 0.1)), kind=SensorKind.REPORTS
)
BOTH = [WEST, ADSB]
NOW = 5_000


def known(**changes):
    state = run(BOTH, [(0.0,) * 5, (0.0,) * 5], 60.0, 1, n=12)
    return dataclasses.replace(state, **changes)


def pulled(*values):
    pull = np.ones((2, 5))
    pull[:, 2] = values
    return pull


def test_a_steady_sensor_is_not_told():
    state = known()
    same, doubts = tell_drift(state, state, BOTH, NOW)
    assert same is state
    assert doubts == []


def test_drift_is_told_once_until_it_was_steady_again():
    before = known()
    drifts = dataclasses.replace(before, pull=pulled(9.0, 1.0))
    first, doubts = tell_drift(before, drifts, BOTH, NOW)
    assert [(d.sensor, d.kind, d.time_ns) for d in doubts] == [("west", DoubtKind.DRIFT, NOW)]
    assert doubts[0].was == 3.0
    assert "azimuth drifts" in doubts[0].text
    second, doubts = tell_drift(first, first, BOTH, NOW)
    assert doubts == []
    calm, doubts = tell_drift(second, dataclasses.replace(second, pull=pulled(1, 1)), BOTH, NOW)
    assert doubts == []
    assert not calm.suspect.any()
    _, doubts = tell_drift(calm, dataclasses.replace(calm, pull=pulled(9.0, 1.0)), BOTH, NOW)
    assert len(doubts) == 1


def test_scatter_and_a_jump_are_told_in_their_own_words():
    before = known()
    _, doubts = tell_drift(before, dataclasses.replace(before, fit=np.array([4.0, 1.0])), BOTH, NOW)
    assert "scatter 2.0 times" in doubts[0].text
    jumped = dataclasses.replace(before, reopened=before.reopened + np.array([1, 0]))
    _, doubts = tell_drift(before, jumped, BOTH, NOW)
    assert "jumped" in doubts[0].text


def test_a_reference_that_is_taken_as_true_is_not_said_to_drift():
    before = known()
    _, doubts = tell_drift(before, dataclasses.replace(before, pull=pulled(1.0, 9.0)), BOTH, NOW)
    assert doubts == []
