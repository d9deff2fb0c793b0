"""The way through the dark: closed-form spread, and which plots end it."""

import numpy as np
import pytest

from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.gate import Pairs
from steppewatch.fuse.state import blank
from steppewatch.fuse.visibility.coast import CHANGE, LONG, SLOWEST, SURELY, believable, coast
from steppewatch.world.geodesy import ecef_from_geodetic

NOW_NS = 1_700_000_000_000_000_000
MOTION = TrackerSettings().motion(ground=False)


def tracks_of(speed, n=1):
    tracks = blank(n, 1)
    tracks["mean"][:, :, :3] = ecef_from_geodetic(np.full(n, 0.0), 0.0, 1_000.0)[:, None]
    tracks["mean"][:, :, 4] = speed  # at the equator's zero, x is up, y east, z north
    tracks["cov"][:] = np.diag([20.0**2] * 3 + [1.0] * 3)
    tracks["prob"][:] = 1.0 / tracks["prob"].shape[1]
    tracks["time_ns"][:] = NOW_NS
    tracks["seen_ns"][:] = tracks["hit_ns"][:, 0] = NOW_NS
    return tracks


@pytest.mark.parametrize("steps", [1, 18])
def test_in_a_minute_and_a_half_a_target_may_lose_a_part_of_its_velocity(steps):
    tracks = tracks_of(20.0)
    for k in range(1, steps + 1):
        coast(tracks, np.array([0]), NOW_NS + int(k * LONG / steps * 1e9), MOTION)
    q = CHANGE**2 * (20.0**2 + SLOWEST**2) / LONG
    for axis in (1, 2):
        velocity = tracks["cov"][0, 0, axis + 3, axis + 3]
        assert velocity == pytest.approx(1.0 + q * LONG, rel=1e-3)
        place = 20.0**2 + LONG**2 * 1.0 + q * LONG**3 / 3.0
        assert tracks["cov"][0, 0, axis, axis] == pytest.approx(place, rel=1e-3)
    assert tracks["mean"][0, 0, 1] == pytest.approx(20.0 * LONG, rel=1e-6)
    assert tracks["time_ns"][0] == NOW_NS + int(LONG * 1e9)


def test_a_track_newer_than_the_moment_stays():
    tracks = tracks_of(20.0)
    before = tracks["cov"].copy()
    coast(tracks, np.array([0]), NOW_NS - 1, MOTION)
    assert np.array_equal(tracks["cov"], before)


def odds(weight, *, unseen, dark):
    """Tell whether a pair of these log-odds is kept by a track unseen for so long."""
    tracks = tracks_of(20.0)
    tracks["score"][:] = 50.0  # surely there: odds are likelihood · Pd / (1 − Pd) over clutter
    tracks["dark_ns"][:] = NOW_NS + 1 if dark else 0
    pair = Pairs(
        track=np.zeros(1, np.int64), plot=np.zeros(1, np.int64),
        loglik=np.array([weight]), distance=np.array([1.0]),
    )  # fmt: skip
    chance, when = np.array([0.5]), np.array([NOW_NS + int(unseen * 1e9)])
    return len(believable(pair, tracks, np.zeros(1), chance, when, 5.0).track) == 1


def test_a_track_seen_a_moment_ago_takes_what_its_gate_holds():
    assert odds(-5.0, unseen=5.0, dark=False)


def test_a_track_missed_in_the_open_still_takes_what_its_gate_holds():
    assert odds(-5.0, unseen=10.0, dark=False)


def test_a_track_in_the_dark_needs_much_better_evidence():
    assert not odds(SURELY - 0.1, unseen=40.0, dark=True)
    assert odds(SURELY + 0.1, unseen=40.0, dark=True)
