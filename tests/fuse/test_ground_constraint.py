"""A ground radar's tracks on a slope: where the terrain is known they are better, and honest."""

import math

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see
from scipy.stats import chi2

from steppewatch import fuse
from steppewatch.fuse.ground import LONGEST, SHORTEST, stand
from steppewatch.fuse.kernels.grounding import hold_ground
from steppewatch.fuse.visibility import NominalSight
from steppewatch.records import SensorKind
from steppewatch.world.geodesy import ecef_from_enu, enu_from_ecef

SENSOR = radar(SensorKind.GROUND_RADAR, period=2.0, false_alarms=0.1)
FRAME = frame_of(SENSOR)
SLOPE = 0.3


def ground(east, north):
    """Give the height of a hillside in the radar's own ENU [m]: steep towards the east."""
    return SLOPE * east + 10.0 * np.sin(north / 900.0) - 600.0


class HillSight(NominalSight):
    """Know the hillside and nothing else."""

    def above(self, position):
        enu = enu_from_ecef(position, FRAME)
        return enu[:, 2] - ground(enu[:, 0], enu[:, 1])


def runs(sight, count=50, scans=20):
    """Track one walker or vehicle in each run; give its errors ``(n, 3)`` in ENU and NEES."""
    stage, miss, nees = fuse.stage(sight=sight), [], []
    for run in range(count):
        rng = np.random.default_rng(500 + run)
        place = np.array([2_500.0, 1_500.0]) + rng.uniform(-500.0, 500.0, 2)
        speed, course = rng.uniform(1.0, 10.0), rng.uniform(0.0, 2.0 * math.pi)
        state = stage.step(stage.initial, [SENSOR], START_NS)[0]
        for k in range(scans):
            flat = place + 2.0 * k * speed * np.array([math.sin(course), math.cos(course)])
            where = ecef_from_enu(np.append(flat, ground(*flat) + 1.5), FRAME)
            when = START_NS + k * 2_000_000_000
            state, _ = stage.step(state, [see(SENSOR, where[None], [when], rng)], when)
        if len(state) != 1 or state.hits[0] != scans:
            continue
        picture = fuse.tracks_at(state, int(state.time_ns[0]))
        off, cov = picture.mean[0, :3] - where, picture.cov[0, :3, :3]
        miss.append(FRAME.rotation @ off)
        nees.append(off @ np.linalg.solve(cov, off))
    return np.array(miss), np.array(nees)


def test_known_terrain_makes_tracks_better_and_they_do_not_overstate_it():
    blind, _ = runs(NominalSight())
    knowing, nees = runs(HillSight())
    assert len(knowing) > 40
    rms = [np.sqrt(np.mean(np.square(m), axis=0)) for m in (blind, knowing)]
    assert rms[1][2] < 0.2 * rms[0][2]
    assert np.linalg.norm(rms[1]) < 0.5 * np.linalg.norm(rms[0])
    # The slope is known here without error while σ = 5 m is allowed for: only an upper bound.
    assert nees.sum() < chi2.ppf(0.975, 3 * len(nees))
    assert rms[1][2] < 15.0


def test_unknown_terrain_changes_nothing():
    blind, _ = runs(NominalSight(), count=3)
    again, _ = runs(None, count=3)
    np.testing.assert_array_equal(blind, again)


def test_the_constraint_is_the_kalman_update_that_leaves_the_terrains_own_variance():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(6, 6)) * 20.0
    x, P = rng.normal(size=6) * 10.0, root @ root.T
    slope, variance = np.array([0.3, -0.1, 0.95]), 25.0
    mean, cov = x[None, None].copy(), P[None, None].copy()
    hold_ground(
        mean, cov, np.zeros(1, np.int64), np.zeros((1, 3)), np.array([7.0]), slope[None], 1.5,
        np.array([variance]),
    )  # fmt: skip
    H = np.append(slope, np.zeros(3))
    s = H @ P @ H
    noise = 1.0 / (1.0 / variance - 1.0 / s)
    K = P @ H / (s + noise)
    np.testing.assert_allclose(mean[0, 0], x + K * (1.5 - 7.0 - H @ x), rtol=1e-9)
    np.testing.assert_allclose(cov[0, 0], P - np.outer(K, H @ P), rtol=1e-9, atol=1e-9)
    assert H @ cov[0, 0] @ H == pytest.approx(variance)


def test_where_tracks_stand_is_what_plain_numpy_says():
    rng, n = np.random.default_rng(3), 12
    mean, prob = rng.normal(0.0, 1e4, (n, 3, 6)), rng.dirichlet(np.ones(3), n)
    cov = rng.uniform(0.0, 4.0, (n, 3, 6, 6)) * 10.0 ** rng.integers(0, 6, (n, 1, 1, 1))
    rows = rng.permutation(n)[:7]
    place, reach = np.empty((7, 3)), np.empty((7, 1))
    stand(mean, cov, prob, rows, place, reach)
    plain = np.einsum("km,kma->ka", prob[rows], mean[rows, :, :3])
    np.testing.assert_allclose(place, plain)
    spread = np.max(np.einsum("kmaa->km", cov[rows, :, :3, :3]), axis=1)
    plain = np.clip(np.sqrt(spread / 3.0), SHORTEST, LONGEST)
    np.testing.assert_allclose(reach[:, 0], plain)
    assert len(np.unique(reach)) > 3
