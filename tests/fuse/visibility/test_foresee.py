"""The cheap prediction against plain matrix algebra, and against the filter's own."""

import numpy as np
import pytest

from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.filter import report
from steppewatch.fuse.kernels import MODELS
from steppewatch.fuse.state import blank
from steppewatch.fuse.visibility.foresee import foresee
from steppewatch.world.geodesy import ecef_from_geodetic

NOW_NS = 1_700_000_000_000_000_000


def tracks_of(n=7, seed=1):
    rng = np.random.default_rng(seed)
    tracks = blank(n, 1)
    place = ecef_from_geodetic(0.8 + 0.01 * rng.random(n), 1.8, 1_000.0)
    for m in range(MODELS):
        tracks["mean"][:, m, :3] = place + rng.normal(0.0, 20.0, (n, 3))
        tracks["mean"][:, m, 3:] = rng.normal(0.0, 30.0, (n, 3))
        root = rng.normal(0.0, 1.0, (n, 6, 6)) * np.array([30.0] * 3 + [3.0] * 3)[:, None]
        tracks["cov"][:, m] = root @ root.swapaxes(-1, -2)
    tracks["prob"][:] = rng.dirichlet((3.0, 2.0, 2.0), n)
    tracks["time_ns"][:] = NOW_NS - rng.integers(0, 8_000_000_000, n)
    tracks["id"][:] = np.arange(n)
    return tracks


def test_without_process_noise_it_is_the_moment_matched_mixture_of_linear_predictions():
    tracks = tracks_of()
    place, velocity, spread = foresee(tracks, np.arange(7), NOW_NS, np.zeros((MODELS + 1, 8)))
    for j in range(7):
        dt = (NOW_NS - tracks["time_ns"][j]) * 1e-9
        F = np.eye(6)
        F[:3, 3:] = dt * np.eye(3)
        w, x = tracks["prob"][j], tracks["mean"][j] @ F.T
        mean = w @ x
        cov = sum(
            w[m] * (F @ tracks["cov"][j, m] @ F.T + np.outer(x[m] - mean, x[m] - mean))
            for m in range(MODELS)
        )
        assert place[j] == pytest.approx(mean[:3], abs=1e-6)
        assert velocity[j] == pytest.approx(mean[3:], abs=1e-9)
        assert spread[j, :3, :3] == pytest.approx(cov[:3, :3], rel=1e-6, abs=1e-4)
        assert spread[j, 3:, 3:] == pytest.approx(cov[3:, 3:], rel=1e-6, abs=1e-6)


def test_it_agrees_with_the_filter_where_both_models_agree():
    tracks, settings = (
        tracks_of(),
        TrackerSettings(quiet=2.0, agile=2.0, agile_speed=4e-6, turn=0.0, level_off=1e9),
    )
    tracks["mean"][:] = tracks["mean"][:, :1]
    tracks["cov"][:] = tracks["cov"][:, :1]
    place, velocity, spread = foresee(tracks, np.arange(7), NOW_NS, settings.motion(ground=False))
    mean, cov = report(tracks, np.arange(7), np.full(7, NOW_NS), settings)
    assert place == pytest.approx(mean[:, :3], abs=1e-6)
    assert velocity == pytest.approx(mean[:, 3:], abs=1e-9)
    assert spread[:, :3, :3] == pytest.approx(cov[:, :3, :3], rel=1e-6)
    assert spread[:, 3:, 3:] == pytest.approx(cov[:, 3:, 3:], rel=1e-6)
