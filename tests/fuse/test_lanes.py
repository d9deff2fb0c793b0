"""Lanes against one track at a time: the same numbers, whoever shares the group."""

import math

import numpy as np
import pytest

from steppewatch.fuse import kernels
from steppewatch.fuse.kernels import MODELS, NS
from steppewatch.fuse.kernels.lanes import LANES
from steppewatch.fuse.kernels.lanes_sense import angle_lanes
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.world.geodesy import ecef_from_enu, local_frame

FRAME = local_frame(math.radians(47.0), math.radians(106.0), 1500.0)
MOTION = TrackerSettings().motion(ground=False)
NOISE = np.array([30.0, 0.002, 0.003, 1.0, 100.0]) ** 2
START = 10**18
HELD = 3500.0


def drawn(n, seed=1):
    """Give n tracks, well and hardly known, slow and fast, as columns."""
    rng = np.random.default_rng(seed)
    mean, cov, prob = np.empty((n, MODELS, 6)), np.empty((n, MODELS, 6, 6)), np.empty((n, MODELS))
    for j in range(n):
        place = ecef_from_enu(rng.uniform(-1e5, 1e5, 3) * [1, 1, 0] + [0, 0, 6e3], FRAME)
        mean[j] = np.concatenate((place, rng.normal(0.0, rng.choice([5.0, 200.0]), 3)))
        mean[j] += rng.normal(0.0, 1.0, (MODELS, 6)) * ([30.0] * 3 + [10.0] * 3)
        doubt = rng.choice([20.0, 300.0, 4_000.0])
        root = rng.normal(size=(MODELS, 6, 6)) * np.array([doubt] * 3 + [0.1 * doubt] * 3)[:, None]
        cov[j] = root @ root.swapaxes(1, 2)
    prob[:] = rng.dirichlet(np.ones(MODELS), n)
    time_ns = START - (rng.choice([0.0, 4.0, 10.0, 60.0], n) * 1e9).astype(np.int64)
    return mean, cov, prob, time_ns


def seen(mean, time_ns, seed=2):
    """Give a plot for each track, of which some components are missing here and there."""
    rng = np.random.default_rng(seed)
    n = len(mean)
    z, h, H = np.empty((n, 5)), np.empty(5), np.zeros((5, 6))
    when = START - (rng.choice([0.0, 0.0, 7.0], n) * 1e9).astype(np.int64)
    for j in range(n):
        ahead = mean[j, 0].copy()
        ahead[:3] += ahead[3:] * max((when[j] - time_ns[j]) * NS, 0.0)
        kernels.observe(ahead, 0.0, FRAME.origin, FRAME.rotation, True, h, H)
        z[j] = h + rng.normal(size=5) * np.sqrt(NOISE)
    z[:, 1] = np.mod(z[:, 1], 2.0 * np.pi)
    z[rng.random(n) < 0.3, 2] = np.nan
    z[rng.random(n) < 0.5, 3] = np.nan
    z[rng.random(n) < 0.7, 4] = np.nan
    return z, when


def one_by_one(columns, z, when):
    """Update each track by the kernels for one."""
    mean, cov, prob, time_ns = (c.copy() for c in columns)
    mx, mP, w = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    h, H, gain, log = np.empty(5), np.zeros((5, 6)), np.empty(12), np.empty(MODELS)
    for j in range(len(mean)):
        latest = max(time_ns[j], when[j])
        kernels.step_models(mean[j], cov[j], prob[j], (latest - time_ns[j]) * NS, MOTION, mx, mP, w)
        lag = min((when[j] - latest) * NS, 0.0)
        for m in range(MODELS):
            _, log[m] = kernels.fold(
                mx[m], mP[m], z[j], NOISE, lag, FRAME.origin, FRAME.rotation, np.inf, h, H, gain
            )
            if np.isnan(z[j, 2]) and np.isnan(z[j, 4]):
                kernels.hold_height(mx[m], mP[m], HELD, gain)
        w = np.maximum(w * np.exp(log - log.max()), 1e-6)
        mean[j], cov[j], prob[j], time_ns[j] = mx, mP, w / w.sum(), latest
    return mean, cov, prob, time_ns


def updated(columns, z, when, rows=None):
    """Update by lanes."""
    out = [c.copy() for c in columns]
    rows = np.arange(len(z)) if rows is None else rows
    kernels.update_tracks(
        *out, rows, rows, np.ones(len(rows)), z, np.tile(NOISE, (len(z), 1)), when,
        FRAME.origin, FRAME.rotation, MOTION, HELD,
    )  # fmt: skip
    return out


@pytest.mark.parametrize("n", [1, 7, LANES, 3 * LANES + 5])
def test_an_update_in_lanes_is_that_of_one_track_after_another(n):
    columns = drawn(n)
    z, when = seen(columns[0], columns[3])
    want, got = one_by_one(columns, z, when), updated(columns, z, when)
    sigma = np.sqrt(np.einsum("nmaa->nma", want[1]))
    assert np.abs((got[0] - want[0]) / sigma).max() < 1e-6
    assert np.abs((got[1] - want[1]) / (sigma[..., None] * sigma[..., None, :])).max() < 1e-7
    np.testing.assert_allclose(got[2], want[2], atol=1e-7)
    np.testing.assert_array_equal(got[3], want[3])
    np.testing.assert_array_equal(got[1], got[1].swapaxes(2, 3))


def test_what_comes_out_does_not_depend_on_who_shares_the_group():
    columns = drawn(2 * LANES + 3, seed=5)
    z, when = seen(columns[0], columns[3])
    together = updated(columns, z, when)
    for j in (0, 5, LANES, 2 * LANES + 2):
        alone = updated(columns, z, when, np.array([j]))
        for one, all_ in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[j], all_[j])


def test_reports_in_lanes_are_merged_predictions():
    columns = drawn(LANES + 9, seed=3)
    rows = np.arange(len(columns[0]))[::-1].copy()
    at = columns[3][rows] + np.array([0, 3, 45])[rows % 3] * 10**9
    mean, cov = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
    kernels.report_tracks(*columns, rows, at, MOTION, np.arange(len(rows)), mean, cov)
    mx, mP, w = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    x, P = np.empty(6), np.empty((6, 6))
    for k, j in enumerate(rows):
        dt = (at[k] - columns[3][j]) * NS
        kernels.step_models(*(c[j] for c in columns[:3]), dt, MOTION, mx, mP, w)
        kernels.merge_models(mx, mP, w, x, P)
        np.testing.assert_allclose(mean[k], x, rtol=1e-12, atol=1e-6)
        np.testing.assert_allclose(cov[k], P, rtol=1e-9, atol=1e-9 * np.abs(P).max())


def test_angles_are_exact_all_around():
    angle = np.concatenate((np.linspace(-np.pi + 1e-9, np.pi - 1e-9, 10_001), [0.0, 1e-12, -1e-9]))
    out = np.empty_like(angle)
    angle_lanes(3e4 * np.sin(angle), 3e4 * np.cos(angle), out)
    np.testing.assert_allclose(out, angle, rtol=4e-16, atol=2e-15)


@pytest.mark.parametrize("turn", [0.04, 0.3])
def test_sharp_and_narrow_turns_are_those_of_one_track(turn):
    motion = TrackerSettings(turn=turn).motion(ground=False)
    columns = drawn(LANES, seed=4)
    rows, at = np.arange(LANES), columns[3] + 9 * 10**9
    mean, cov = np.empty((LANES, 6)), np.empty((LANES, 6, 6))
    kernels.report_tracks(*columns, rows, at, motion, rows, mean, cov)
    mx, mP, w = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    x, P = np.empty(6), np.empty((6, 6))
    for j in rows:
        kernels.step_models(*(c[j] for c in columns[:3]), 9.0, motion, mx, mP, w)
        kernels.merge_models(mx, mP, w, x, P)
        np.testing.assert_allclose(mean[j], x, rtol=1e-12, atol=1e-6)
        np.testing.assert_allclose(cov[j], P, rtol=1e-9, atol=1e-9 * np.abs(P).max())


def test_a_model_of_no_probability_is_no_division_by_zero():
    mean, cov, prob, time_ns = drawn(5, seed=6)
    prob[1], time_ns[:] = (0.0, 0.5, 0.5), START
    rows, at = np.arange(5), START + np.array([9, 0, 9, 9, 0]) * 10**9
    out, spread = np.empty((5, 6)), np.empty((5, 6, 6))
    z, when = seen(mean, time_ns)
    kernels.report_tracks(mean, cov, prob, time_ns, rows, at, MOTION, rows, out, spread)
    np.testing.assert_allclose(out[1], prob[1] @ mean[1], rtol=1e-12)
    when = np.where(np.arange(5) == 1, START, START + 9 * 10**9)
    got = updated((mean, cov, prob, time_ns), z, when)
    want = one_by_one((mean, cov, prob, time_ns), z, when)
    np.testing.assert_allclose(got[2], want[2], atol=1e-7)
