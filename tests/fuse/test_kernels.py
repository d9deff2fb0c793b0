"""Every kernel against a slow, plain-numpy twin."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from steppewatch.fuse import kernels
from steppewatch.fuse.kernels import MODELS
from steppewatch.fuse.kernels.lanes import load_lanes, make_lanes
from steppewatch.fuse.kernels.lanes_fold import compare_lanes
from steppewatch.fuse.kernels.lanes_sense import Site, bend_foreseen, foresee_lanes, make_aim
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.world.geodesy import (
    ecef_from_enu,
    enu_from_ecef,
    enu_rotation,
    geodetic_from_ecef,
    local_frame,
    spherical_from_enu,
)

FRAME = local_frame(math.radians(47.0), math.radians(106.0), 1500.0)
MOTION = TrackerSettings().motion(ground=False)
NOISE = np.array([30.0, 0.002, 0.003, 1.0, 100.0]) ** 2


def scratch():
    return np.empty(5), np.zeros((5, 6)), np.empty(12)


def random_track(rng, spread=100.0):
    place = ecef_from_enu(rng.uniform(-8e4, 8e4, 3) * [1, 1, 0] + [0, 0, 6e3], FRAME)
    mean = np.concatenate((place, rng.normal(0.0, 100.0, 3)))
    mean = mean + np.vstack((np.zeros(6), rng.normal(0.0, 10.0, (MODELS - 1, 6))))
    roots = rng.normal(size=(MODELS, 6, 6)) * np.array([spread] * 3 + [10.0] * 3)[:, None]
    prob = rng.uniform(0.1, 1.0, MODELS)
    return mean, roots @ roots.swapaxes(1, 2), prob / prob.sum()


def level_axes(x):
    """Give east, north, up of the level surface through x: 3e-5 rad off the geodetic ones."""
    up = x[:3] / [kernels.A2, kernels.A2, kernels.B2]
    up /= np.linalg.norm(up)
    lat, lon, _ = geodetic_from_ecef(x)
    np.testing.assert_allclose(up, enu_rotation(lat, lon)[2], atol=4e-5)
    east = np.cross([0.0, 0.0, 1.0], up)
    east /= np.linalg.norm(east)
    return np.array([east, np.cross(up, east), up])


def naive_predict(x, P, dt, row):
    """Solve the linear stochastic equation of one model by matrix exponentials (Van Loan 1978)."""
    density, by_speed, turn, pull, fade, fade_up, rise, rise_by_speed = row
    v2 = x[3:] @ x[3:]
    axes = level_axes(x)
    omega = np.sign(turn) * min(abs(turn), pull / math.sqrt(v2 + 1.0)) if turn else 0.0
    bent = np.array([[-fade, -omega, 0.0], [omega, -fade, 0.0], [0.0, 0.0, -fade_up]])
    push = np.diag([density + by_speed * v2] * 2 + [rise + rise_by_speed * v2])
    drive = np.zeros((6, 6))
    drive[:3, 3:] = np.eye(3)
    drive[3:, 3:] = axes.T @ bent @ axes
    F = expm(drive * dt)
    # The noise is that of straight flight.
    drive[3:, 3:] = axes.T @ np.diag([-fade, -fade, -fade_up]) @ axes
    block = np.zeros((12, 12))
    block[:6, :6], block[6:, 6:] = -drive, drive.T
    block[3:6, 9:] = axes.T @ push @ axes
    both = expm(block * dt)
    return F @ x, F @ P @ F.T + both[6:, 6:].T @ both[:6, 6:]


def naive_step(mean, cov, prob, dt, motion=MOTION):
    rate, draw = motion[-1, 0], motion[-1, 1 : MODELS + 1]
    move = expm(rate * (np.tile(draw, (MODELS, 1)) - np.eye(MODELS)) * dt)
    weight = prob @ move
    mx, mP = [], []
    for m in range(MODELS):
        share = prob * move[:, m] / weight[m]
        x = share @ mean
        P = sum(share[i] * (cov[i] + np.outer(mean[i] - x, mean[i] - x)) for i in range(MODELS))
        x, P = naive_predict(x, P, dt, motion[m])
        mx.append(x)
        mP.append(P)
    return np.array(mx), np.array(mP), weight


def naive_observe(x, lag=0.0):
    where = x[:3] + lag * x[3:]
    local = enu_from_ecef(where, FRAME)
    r, az, el = spherical_from_enu(local)
    rate = FRAME.rotation @ x[3:] @ local / r
    return np.array([r, az, el, rate, geodetic_from_ecef(where)[2]])


def naive_fold(x, P, z, noise, lag):
    used = np.flatnonzero(np.isfinite(z))
    H = np.empty((5, 6))
    for a in range(6):
        d = np.zeros(6)
        d[a] = 1.0 if a < 3 else 0.01
        difference = naive_observe(x + d, lag) - naive_observe(x - d, lag)
        H[:, a] = difference / (2.0 * d[a])
    H, R = H[used], np.diag(noise[used])
    v = (z - naive_observe(x, lag))[used]
    S = H @ P @ H.T + R
    K = P @ H.T @ np.linalg.inv(S)
    d2 = v @ np.linalg.solve(S, v)
    loglik = -0.5 * (d2 + np.linalg.slogdet(2 * np.pi * S)[1])
    return x + K @ v, P - K @ S @ K.T, d2, loglik


@pytest.mark.parametrize("ground", [False, True])
@pytest.mark.parametrize("dt", [0.01, 0.3, 5.0, 12.0, 60.0])
def test_mixing_and_prediction_equal_the_matrix_formulas(dt, ground):
    motion = TrackerSettings().motion(ground=ground)
    mean, cov, prob = random_track(np.random.default_rng(1))
    mx, mP, w = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    kernels.step_models(mean, cov, prob, dt, motion, mx, mP, w)
    want = naive_step(mean, cov, prob, dt, motion)
    np.testing.assert_allclose(mx, want[0], rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(mP, want[1], rtol=1e-6, atol=1e-9 * np.abs(want[1]).max())
    np.testing.assert_allclose(w, want[2], rtol=1e-12)


@pytest.mark.parametrize("dt", [0.0, -3.0])
def test_a_track_is_never_predicted_backwards(dt):
    mean, cov, prob = random_track(np.random.default_rng(2))
    mx, mP, w = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    kernels.step_models(mean, cov, prob, dt, MOTION, mx, mP, w)
    np.testing.assert_array_equal(mx, mean)
    np.testing.assert_array_equal(mP, cov)


@pytest.mark.parametrize("missing", [(), (3, 4), (2, 3, 4), (2, 3), (0, 1, 2, 4)])
@pytest.mark.parametrize("lag", [0.0, -2.5])
def test_folding_a_plot_in_equals_the_joint_kalman_update(missing, lag):
    rng = np.random.default_rng(3)
    mean, cov, _ = random_track(rng)
    x, P = mean[0].copy(), cov[0].copy()
    z = naive_observe(x, lag) + rng.normal(size=5) * np.sqrt(NOISE)
    z[list(missing)] = np.nan
    want = naive_fold(x, P, z, NOISE, lag)
    d2, loglik = kernels.fold(x, P, z, NOISE, lag, FRAME.origin, FRAME.rotation, np.inf, *scratch())
    assert d2 == pytest.approx(want[2], rel=1e-3)
    assert loglik == pytest.approx(want[3], rel=1e-3)
    np.testing.assert_allclose(x, want[0], atol=0.05)
    np.testing.assert_allclose(P, want[1], rtol=1e-3, atol=2.0)


@pytest.mark.parametrize("missing", [(), (3, 4), (2, 3, 4), (2, 3), (0, 1, 2, 4)])
@pytest.mark.parametrize("lag", [0.0, -2.5])
def test_comparing_a_plot_says_what_folding_it_in_would(missing, lag):
    rng = np.random.default_rng(8)
    mean, cov, _ = random_track(rng)
    cov *= 0.01  # one linearisation will do
    z = naive_observe(mean[0], lag) + rng.normal(size=5) * np.sqrt(NOISE)
    z[list(missing)] = np.nan
    want = naive_fold(mean[0], cov[0], z, NOISE, lag)
    h, S = foreseen(mean, cov, z, lag)
    have, d2, determinant = ~np.isnan(z), np.empty(3), np.empty(3)
    plots = (np.tile(column[:, None], 3) for column in (np.nan_to_num(z), NOISE, have * 1.0))
    compare_lanes(
        *plots, have, h[0], S[0], np.empty((6, 5, 3)), np.empty((5, 3)), np.empty((5, 3)),
        d2, determinant,
    )  # fmt: skip
    loglik = -0.5 * (d2[1] + math.log(determinant[1]) + have.sum() * kernels.LOG_TWO_PI)
    assert d2[1] == pytest.approx(want[2], rel=1e-3)
    assert loglik == pytest.approx(want[3], rel=1e-3)


def foreseen(mean, cov, z, lag):
    """Give what is expected of one track, in the second lane of three."""
    group, aim = make_lanes(3), make_aim(3)
    load_lanes(
        np.stack([mean + 50.0, mean, mean]), np.stack([cov] * 3), np.ones((3, MODELS)),
        np.arange(3), group.x, group.P, group.w,
    )  # fmt: skip
    lags, site, want = np.array([0.0, lag, -1.0]), Site(FRAME.origin, FRAME.rotation), ~np.isnan(z)
    for m in range(MODELS):
        foresee_lanes(m, group, lags, True, site, want, aim)
        bend_foreseen(m, group, lags, NOISE, want, aim)
    return aim.h, aim.S


def test_azimuth_is_compared_across_north():
    place = ecef_from_enu(np.array([-20.0, 30_000.0, 2_000.0]), FRAME)
    x, P = np.concatenate((place, np.zeros(3))), np.eye(6) * 1e4
    z = np.array([np.nan, 0.0005, np.nan, np.nan, np.nan])
    d2, _ = kernels.fold(x, P, z, NOISE, 0.0, FRAME.origin, FRAME.rotation, np.inf, *scratch())
    assert d2 < 1.0


def test_holding_the_height_makes_the_vertical_sigma_exactly_so_and_moves_nothing():
    mean, cov, _ = random_track(np.random.default_rng(4), spread=9_000.0)
    x, P = mean[0].copy(), cov[0].copy()
    lat, lon, _ = geodetic_from_ecef(x)
    up = enu_rotation(lat, lon)[2]
    kernels.hold_height(x, P, 500.0, np.empty(12))
    np.testing.assert_array_equal(x, mean[0])
    assert math.sqrt(up @ P[:3, :3] @ up) == pytest.approx(500.0, rel=1e-3)
    held = P.copy()
    kernels.hold_height(x, P, 5_000.0, np.empty(12))
    np.testing.assert_array_equal(P, held)


def test_update_and_report_equal_the_imm_formulas():
    rng = np.random.default_rng(5)
    mean, cov, prob = random_track(rng)
    z = naive_observe(mean[0] + [0, 0, 0, 0, 0, 0]) + rng.normal(size=5) * np.sqrt(NOISE)
    z[3:] = np.nan
    mx, mP, w = naive_step(mean, cov, prob, 4.0)
    folded = [naive_fold(mx[m], mP[m], z, NOISE, 0.0) for m in range(MODELS)]
    w = w * np.exp(np.array([f[3] for f in folded]) - folded[0][3])
    w /= w.sum()
    state = [mean[None].copy(), cov[None].copy(), prob[None].copy(), np.array([10**18])]
    zero = np.zeros(1, np.int64)
    at = np.array([10**18 + 4 * 10**9])
    kernels.update_tracks(
        *state, zero, zero, np.ones(1), z[None], NOISE[None], at, FRAME.origin, FRAME.rotation,
        MOTION, 3500.0,
    )  # fmt: skip
    assert state[3][0] == at[0]
    np.testing.assert_allclose(state[2][0], w, rtol=1e-2, atol=1e-4)
    out, spread = np.empty((1, 6)), np.empty((1, 6, 6))
    kernels.report_tracks(*state, zero, at, MOTION, zero, out, spread)
    want = sum(w[m] * folded[m][0] for m in range(MODELS))
    np.testing.assert_allclose(out[0], want, atol=0.5)
    assert np.all(np.linalg.eigvalsh(spread[0]) > 0.0)


def naive_soft(mean, cov, prob, z, weight, lags, dt):
    """Every joint event of model and plot as its own Gaussian, then merged model by model."""
    mx, mP, w = naive_step(mean, cov, prob, dt)
    parts = [[(w[m] * (1.0 - weight.sum()), mx[m], mP[m])] for m in range(MODELS)]
    for i, share in enumerate(weight):
        folded = [naive_fold(mx[m], mP[m], z[i], NOISE, lags[i]) for m in range(MODELS)]
        given = w * np.exp([f[3] - folded[0][3] for f in folded])
        for m in range(MODELS):
            parts[m].append((share * given[m] / given.sum(), folded[m][0], folded[m][1]))
    out = []
    for events in parts:
        p = np.array([e[0] for e in events])
        x = sum(e[0] * e[1] for e in events) / p.sum()
        P = sum(e[0] * (e[2] + np.outer(e[1] - x, e[1] - x)) for e in events) / p.sum()
        out.append((p.sum(), x, P))
    return out


@pytest.mark.parametrize("weight", [(0.6, 0.3), (0.7,), (0.2, 0.5, 0.3)])
def test_probable_plots_make_the_moment_matched_mixture_of_all_events(weight):
    rng = np.random.default_rng(6)
    mean, cov, prob = random_track(rng)
    weight, k = np.array(weight), len(weight)
    ahead = mean[0].copy()
    ahead[:3] += 4.0 * ahead[3:]
    z = np.array([naive_observe(ahead) + rng.normal(size=5) * np.sqrt(NOISE) for _ in weight])
    z[:, 3:] = np.nan
    at = 10**18 + np.array([4.0, 3.5, 4.0])[:k] * 1e9
    want = naive_soft(mean, cov, prob, z, weight, (at - at.max()) * 1e-9, 4.0)
    state = [np.stack((a, a)) for a in (mean, cov, prob)] + [np.full(2, 10**18)]
    kernels.update_tracks(
        *state, np.full(k, 1), np.arange(k), weight, z, np.tile(NOISE, (k, 1)),
        at.astype(np.int64), FRAME.origin, FRAME.rotation, MOTION, 3500.0,
    )  # fmt: skip
    assert state[3].tolist() == [10**18, int(at.max())]
    np.testing.assert_array_equal(state[0][0], mean)
    for m, (p, x, P) in enumerate(want):
        assert state[2][1, m] == pytest.approx(p, abs=1e-4)
        np.testing.assert_allclose(state[0][1, m], x, atol=0.1)
        np.testing.assert_allclose(state[1][1, m], P, rtol=1e-3, atol=3.0)


def test_no_weight_at_all_is_the_prediction():
    mean, cov, prob = random_track(np.random.default_rng(7))
    z = naive_observe(mean[0])
    state = [a[None].copy() for a in (mean, cov, prob)] + [np.array([10**18])]
    kernels.update_tracks(
        *state, np.zeros(1, np.int64), np.zeros(1, np.int64), np.full(1, 1e-300), z[None],
        NOISE[None], np.array([10**18 + 10**9]), FRAME.origin, FRAME.rotation, MOTION, 3500.0,
    )  # fmt: skip
    mx, mP, w = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    kernels.step_models(mean, cov, prob, 1.0, MOTION, mx, mP, w)
    np.testing.assert_array_equal(state[0][0], mx)
    np.testing.assert_allclose(state[1][0], mP, rtol=1e-12)
    np.testing.assert_allclose(state[2][0], w, rtol=1e-12)
