"""One look at a few tracks, against the same asked one by one of the kernels it is made of."""

import dataclasses
import math

import numpy as np
import pytest
from radars import radar

from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.kernels import MODELS
from steppewatch.fuse.state import blank
from steppewatch.fuse.visibility.foresee import foresee, foresee_place
from steppewatch.fuse.visibility.glance import look_over, plain, remember
from steppewatch.fuse.visibility.sight import LEAST, MOST, NominalSight, nominal_of, unobstructed
from steppewatch.fuse.visibility.vanish import in_sight

NOW_NS = 1_700_000_000_000_000_000
MOTION = TrackerSettings().motion(ground=False)
ALL_ROUND = radar()
SENSORS = {
    "all round": ALL_ROUND,
    "with a notch": dataclasses.replace(ALL_ROUND, blind_speed=20.0),
    "with a blind ring": dataclasses.replace(ALL_ROUND, min_range=60e3),
    "a sector": dataclasses.replace(ALL_ROUND, sector_start=6.0, sector_width=1.0),
}


class Other(NominalSight):
    """See as the nominal one does, by the way of all others."""


def tracks_of(sensor, n=400, seed=3):
    """Give tracks at all ranges and bearings, some of them very unsure of their place."""
    rng, tracks, reach = np.random.default_rng(seed), blank(n, 2), nominal_of(sensor)
    away = rng.uniform(0.05, 1.2, n) * sensor.max_range
    turn = rng.uniform(0.0, 2.0 * math.pi, n)
    enu = np.stack((away * np.sin(turn), away * np.cos(turn), np.full(n, 3e3)), axis=1)
    tracks["mean"][:, :, :3] = (reach.origin + enu @ reach.rotation)[:, None]
    tracks["mean"][:, :, :3] += rng.normal(0.0, 30.0, (n, MODELS, 3))
    tracks["mean"][:, :, 3:] = rng.normal(0.0, 60.0, (n, 1, 3))
    doubt = 10.0 ** rng.uniform(1.0, 4.0, n)
    root = rng.normal(0.0, 1.0, (n, MODELS, 6, 6)) * doubt[:, None, None, None]
    root[:, :, 3:] *= 0.1
    tracks["cov"][:] = root @ root.swapaxes(-1, -2)
    tracks["prob"][:] = rng.dirichlet((3.0, 2.0, 2.0), n)
    tracks["time_ns"][:] = NOW_NS - rng.integers(0, 8_000_000_000, n)
    tracks["look_ns"][:] = NOW_NS - rng.integers(0, 20_000_000_000, (n, 2))
    tracks["shade"][:] = np.where(rng.random((n, 2)) < 0.5, 0.0, -rng.uniform(0.0, 3.0, (n, 2)))
    tracks["dark_ns"][:] = np.where(rng.random(n) < 0.2, NOW_NS, 0)
    tracks["seen_ns"][:] = tracks["time_ns"]
    tracks["id"][:] = np.arange(n)
    return tracks


@pytest.mark.parametrize("sight", [NominalSight(), Other()], ids=["short way", "long way"])
@pytest.mark.parametrize("name", list(SENSORS))
def test_a_look_is_what_range_sector_notch_and_misses_say_together(name, sight):
    sensor = SENSORS[name]
    tracks, rows = tracks_of(sensor), np.arange(3, 400, 2)
    place, velocity, spread = foresee(tracks, rows, NOW_NS, MOTION)
    by_map = np.clip(unobstructed(sensor, place, velocity, spread), LEAST, MOST)
    still = dataclasses.replace(sensor, blind_speed=math.nan)
    reach = unobstructed(still, place, velocity, spread)
    share = np.minimum(by_map / (0.8 * 0.9), 1.0)
    since = (NOW_NS - tracks["look_ns"][rows, 1]) * 1e-9
    shade = tracks["shade"][rows, 1]
    seen = np.array([in_sight(*each) for each in zip(share, shade, since, strict=True)])
    doubted = (share < 0.9) | (tracks["dark_ns"] > tracks["seen_ns"])[rows]
    glance = look_over(tracks, rows, 1, sensor, NOW_NS, sight, MOTION)
    assert glance.share == pytest.approx(share, rel=1e-9)
    assert glance.seen == pytest.approx(seen, rel=1e-9)
    chance = by_map * seen / share
    assert glance.chance == pytest.approx(chance, rel=1e-9)
    assert glance.expected == pytest.approx(np.where(doubted, chance, by_map), rel=1e-9)
    assert np.array_equal(glance.covered, reach > 0.45)
    assert 20 < glance.covered.sum() < len(rows) - 20


def test_the_place_and_its_doubt_alone_are_those_of_the_whole_prediction():
    tracks, found = tracks_of(ALL_ROUND), np.empty(3)
    place, _, spread = foresee(tracks, np.arange(400), NOW_NS, MOTION)
    for j in range(0, 400, 7):
        dt = (NOW_NS - tracks["time_ns"][j]) * 1e-9
        columns = (tracks["mean"], tracks["cov"], tracks["prob"])
        trace = foresee_place(j, *columns, dt, MOTION, found)
        assert found == pytest.approx(place[j], abs=1e-6)
        assert trace == pytest.approx(np.trace(spread[j, :3, :3]), rel=1e-6)


def test_what_a_look_said_is_written_down_for_its_tracks_only():
    tracks, rows = tracks_of(ALL_ROUND), np.array([4, 9])
    remember(tracks, rows, 1, plain(np.array([0.3, 0.0])))
    assert tracks["chance"][rows, 1].tolist() == [0.3, 0.0]
    assert tracks["covered"][rows].tolist() == [[False, True]] * 2
    assert tracks["chance"].any(axis=1).sum() == 1
    assert tracks["covered"].any(axis=1).sum() == 2
