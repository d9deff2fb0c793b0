"""Which tracks a camera has in view, against whole-array algebra."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from steppewatch.fuse.kernels import MODELS
from steppewatch.fuse.reports.lines import in_view
from steppewatch.fuse.reports.view_kernels import find_near
from steppewatch.fuse.state import blank
from steppewatch.records import Look
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation

NOW_NS = 1_700_000_000_000_000_000
LAT, LON = 0.8, 1.8


def tracks_of(n=500, seed=4):
    rng, tracks = np.random.default_rng(seed), blank(n, 1)
    lat, lon = LAT + rng.normal(0.0, 1e-3, n), LON + rng.normal(0.0, 1e-3, n)
    tracks["mean"][:, :, :3] = ecef_from_geodetic(lat, lon, rng.uniform(0.0, 800.0, n))[:, None]
    tracks["mean"][:, :, :3] += rng.normal(0.0, 5.0, (n, MODELS, 3))
    tracks["mean"][:, :, 3:] = rng.normal(0.0, 20.0, (n, MODELS, 3))
    variance = 10.0 ** rng.uniform(0.0, 5.0, (n, MODELS, 6))
    tracks["cov"][:] = variance[..., None] * np.eye(6)
    tracks["prob"][:] = rng.dirichlet((3.0, 2.0, 2.0), n)
    tracks["time_ns"][:] = NOW_NS - rng.integers(0, 3_000_000_000, n)
    return tracks


def plainly(tracks, look):
    mean = np.einsum("nm,nma->na", tracks["prob"], tracks["mean"])
    dt = (look.time_ns - tracks["time_ns"]) * 1e-9
    away = mean[:, :3] + dt[:, None] * mean[:, 3:] - look.platform
    east, north, up = enu_rotation(LAT, LON) @ away.T
    flat = np.maximum(np.hypot(east, north), 1.0)
    cov = tracks["cov"].max(axis=1)
    spread = np.trace(cov[:, :3, :3], axis1=1, axis2=2)
    spread = spread + dt * dt * np.trace(cov[:, 3:, 3:], axis1=1, axis2=2)
    doubt = np.sqrt(spread / 3.0)
    turned = np.abs(np.angle(np.exp(1j * (np.arctan2(east, north) - look.azimuth))))
    tilted = np.abs(np.arctan2(up, flat) - look.elevation)
    angle = np.maximum(doubt / flat, 1e-6)
    half = 0.5 * look.width if look.width < 2.0 * math.pi else math.inf
    out = ndtr((half - turned) / angle) * ndtr((0.5 * look.tallness - tilted) / angle)
    return out * ndtr((look.reach - flat) / np.maximum(doubt, 1.0))


@pytest.mark.parametrize(("azimuth", "width"), [(1.0, 1.2), (6.2, 0.8), (0.0, 2.0 * math.pi)])
def test_the_view_is_that_of_whole_arrays(azimuth, width):
    platform = ecef_from_geodetic(LAT, LON, 300.0)
    look = Look(
        time_ns=NOW_NS, platform=platform, azimuth=azimuth, elevation=-0.02, width=width,
        tallness=0.3, reach=6_000.0,
    )  # fmt: skip
    tracks = tracks_of()
    rows = np.arange(1, 500, 3)
    seen = in_view(tracks, rows, look)
    assert seen == pytest.approx(plainly(tracks, look)[rows], abs=1e-9)
    assert 0.05 < (seen > 0.5).mean() < 0.95


def test_near_is_who_stands_within_the_radius_at_the_moment():
    tracks, middle = tracks_of(), np.asarray(ecef_from_geodetic(LAT, LON, 300.0))
    out, at_ns = np.empty(500, np.int64), NOW_NS + 2_000_000_000
    count = find_near(tracks["mean"], tracks["time_ns"], at_ns, middle, 5_000.0, out)
    dt = (at_ns - tracks["time_ns"]) * 1e-9
    place = tracks["mean"][:, 0, :3] + dt[:, None] * tracks["mean"][:, 0, 3:]
    near = np.linalg.norm(place - middle, axis=1) <= 5_000.0
    assert np.array_equal(out[:count], np.flatnonzero(near))
    assert 100 < count < 400
