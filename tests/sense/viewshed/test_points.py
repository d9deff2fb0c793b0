"""The least visible height at chosen points is that of each pair's own profile."""

import math

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.viewshed.points import (
    Ground,
    Masts,
    Points,
    least_heights,
)
from steppewatch.sense.viewshed.window import principal_curvatures
from steppewatch.world import geodesic
from steppewatch.world.geodesy import MEAN_RADIUS

SPACING = math.radians(15.0 / 3600.0)
LAT, LON = math.radians(48.0), math.radians(100.0)
K = 1.27


def smooth_hills(rows=180, cols=270, seed=1, rough=120.0):
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal((rows, cols)))
    fy, fx = np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)
    spectrum *= 1.0 / (0.02 + np.hypot(fx, fy)) ** 2.2
    field = np.fft.irfft2(spectrum, (rows, cols))
    return (1_300.0 + rough * field / field.std()).astype(np.float32)


def ground_about(heights):
    rows, cols = heights.shape
    return Ground(
        heights=heights,
        north=LAT + 0.5 * (rows - 1) * SPACING,
        west=LON - 0.5 * (cols - 1) * SPACING,
        spacing=SPACING,
    )


def scattered(count, reach, seed=2):
    rng = np.random.default_rng(seed)
    lat, lon = geodesic.direct(
        np.full(count, LAT), LON, rng.uniform(0, 2 * np.pi, count), reach * rng.uniform(0, 1, count)
    )
    order = np.argsort(lon)
    return Points(lat=lat[order], lon=lon[order])


def one_mast(height=20.0, reach=25_000.0, lat=LAT, lon=LON):
    return Masts(
        lat=np.array([lat]),
        lon=np.array([lon]),
        height=np.array([height]),
        reach=np.array([reach]),
    )


def by_profile(ground, points, mast, step=25.0):
    """Follow each pair's own geodesic in short steps."""
    lat, lon = mast.lat[0], mast.lon[0]
    distance, azimuth, _ = geodesic.inverse(lat, lon, points.lat, points.lon)
    east, north = principal_curvatures(lat)
    bend = 0.5 * (
        east * np.sin(azimuth) ** 2 + north * np.cos(azimuth) ** 2 - (1.0 - 1.0 / K) / MEAN_RADIUS
    )
    antenna = float(ground.sample(lat, lon)) + mast.height[0]
    s = np.arange(step, distance.max(), step)
    lats, lons = geodesic.direct(lat, lon, azimuth[:, None], s[None, :])
    rise = (ground.sample(lats, lons) - antenna) / s - bend[:, None] * s
    steepest = np.where(s < distance[:, None], rise, -np.inf).max(axis=1)
    own = ground.sample(points.lat, points.lon)
    return np.maximum(0.0, antenna + distance * (steepest + bend * distance) - own), distance


def test_least_heights_are_those_of_each_pairs_own_profile():
    ground, points, mast = ground_about(smooth_hills()), scattered(600, 24_000.0), one_mast()
    found = least_heights(ground, points, mast, K, spacing=100.0, step=60.0)
    exact, distance = by_profile(ground, points, mast)
    assert found.indices.tolist() == list(range(600))
    assert np.abs(found.distance - distance).max() < 0.5
    error = np.abs(found.height - exact)
    assert np.median(error) < 0.6
    assert np.percentile(error, 98) < 12.0
    for height in (2.0, 30.0, 100.0):
        assert ((found.height <= height) != (exact <= height)).mean() < 0.01
    assert 0.1 < (exact <= 2.0).mean() < 0.9  # the ground hides some and shows some


def test_finer_rays_come_nearer_to_the_profiles():
    ground, points, mast = ground_about(smooth_hills()), scattered(300, 24_000.0), one_mast()
    exact, _ = by_profile(ground, points, mast)
    usual, fine = (
        np.abs(least_heights(ground, points, mast, K, **finer).height - exact).mean()
        for finer in ({}, {"spacing": 150.0, "step": 115.0})
    )
    assert fine < 0.5 * usual


def test_a_smooth_earth_hides_what_lies_below_its_horizon():
    flat = np.zeros((500, 760), np.float32)
    ground, mast = ground_about(flat), one_mast(reach=90_000.0)
    distance = np.array([10e3, 40e3, 60e3, 85e3])
    lat, lon = geodesic.direct(LAT, LON, math.radians(65.0), distance)
    found = least_heights(ground, Points(lat=lat, lon=lon), mast, K)
    east, north = principal_curvatures(LAT)
    along = east * math.sin(math.radians(65.0)) ** 2 + north * math.cos(math.radians(65.0)) ** 2
    radius = 1.0 / (along - (1.0 - 1.0 / K) / MEAN_RADIUS)
    beyond = np.maximum(distance - math.sqrt(2.0 * radius * 20.0), 0.0)
    np.testing.assert_allclose(found.height, beyond**2 / (2.0 * radius), rtol=1e-3, atol=0.05)


def test_a_higher_mast_never_sees_less():
    ground, points = ground_about(smooth_hills(seed=5)), scattered(300, 24_000.0)
    low, high = (least_heights(ground, points, one_mast(h), K).height for h in (5.0, 50.0))
    assert (high <= low + 1e-3).all()
    assert (high < low - 1.0).any()


def test_unknown_ground_is_a_wall_and_never_covered():
    heights = np.full((180, 270), 1_000.0, np.float32)
    heights[:, 170:174] = np.nan  # to the east
    ground, points = ground_about(heights), scattered(400, 24_000.0)
    found = least_heights(ground, points, one_mast(height=300.0), K)
    _, col = ground.cell_of(points.lat, points.lon)
    assert np.isinf(found.height[col > 169.0]).all()
    assert np.isfinite(found.height[col < 168.0]).all()
    assert (col > 174.0).any()
    inside = least_heights(ground, points, one_mast(lon=LON + 37.0 * SPACING), K)
    assert inside.height.size
    assert np.isinf(inside.height).all()  # the mast itself stands there


def test_each_mast_has_its_own_reach():
    ground, points = ground_about(smooth_hills()), scattered(400, 24_000.0)
    masts = Masts(
        lat=np.array([LAT, LAT]),
        lon=np.array([LON, LON]),
        height=np.array([10.0, 10.0]),
        reach=np.array([8e3, 20e3]),
    )
    found = least_heights(ground, points, masts, K)
    distance = np.asarray(geodesic.inverse(LAT, LON, points.lat, points.lon)[0])
    for i, reach in enumerate((8e3, 20e3)):
        part = slice(found.indptr[i], found.indptr[i + 1])
        assert found.indices[part].tolist() == np.flatnonzero(distance <= reach).tolist()


def test_no_mast_gives_an_empty_answer():
    none = np.empty(0)
    masts = Masts(lat=none, lon=none, height=none, reach=none)
    found = least_heights(ground_about(smooth_hills()), scattered(10, 1e4), masts, K)
    assert found.indptr.tolist() == [0]
    assert found.height.size == 0


@pytest.mark.parametrize(
    ("mast", "k", "words"),
    [
        (one_mast(reach=60_000.0), K, "terrain ends inside the reach"),
        (one_mast(reach=400_000.0), K, "at most 300 km"),
        (one_mast(), 0.2, "k is 0.2"),
        (one_mast(lat=1.4), K, "beyond 75"),
    ],
)
def test_what_cannot_be_answered_is_refused(mast, k, words):
    with pytest.raises(SenseError, match=words):
        least_heights(ground_about(smooth_hills()), scattered(50, 58e3), mast, k)


def test_points_are_sorted_from_west_to_east():
    with pytest.raises(SenseError, match="sorted from west to east"):
        Points(lat=np.zeros(2), lon=np.array([0.1, 0.0]))
