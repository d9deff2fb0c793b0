"""Line of sight against the smooth-earth horizon, one ridge, and a slow walk along each ray."""

import math

import numpy as np
import pytest

from steppewatch.sense import Horizon
from steppewatch.sense.sight import distance_nodes
from steppewatch.world import geodesy

LAT, LON = math.radians(45.0), math.radians(105.0)
R = geodesy.MEAN_RADIUS


def enu_at(frame, distance, azimuth, height):
    """Stand a target at a height above the ellipsoid, so far along the tangent plane."""
    enu = np.array([distance * np.sin(azimuth), distance * np.cos(azimuth), -(distance**2) / 2 / R])
    lat, lon, _ = geodesy.geodetic_from_ecef(geodesy.ecef_from_enu(enu, frame))
    return geodesy.enu_from_ecef(geodesy.ecef_from_geodetic(lat, lon, height), frame)


def farthest_visible(horizon, height, azimuth=1.0):
    low, high = 1_000.0, 590_000.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        seen = horizon.visible(enu_at(horizon.frame, middle, azimuth, height)[None])[0]
        low, high = (middle, high) if seen else (low, middle)
    return low


class Wall:
    """A flat plain with one long wall, ``far`` metres east of the antenna and one km thick."""

    def __init__(self, far, height):
        self.far, self.height = far, height

    def heights(self, lat, lon):
        east = (np.asarray(lon) - LON) * R * math.cos(LAT) + 0.0 * np.asarray(lat)
        return np.where(np.abs(east - self.far) < 500.0, self.height, 0.0)


class Hills:
    """Rolling ground, the same everywhere it is asked."""

    def heights(self, lat, lon):
        x, y = np.asarray(lon) * R * math.cos(LAT) / 4_000.0, np.asarray(lat) * R / 5_000.0
        return 1_200.0 + 150.0 * np.sin(x) * np.cos(y) + 60.0 * np.sin(2.3 * x + 1.7 * y)


@pytest.mark.parametrize(("antenna", "target"), [(20.0, 100.0), (20.0, 10_000.0), (10.0, 2.0)])
def test_the_smooth_earth_horizon_is_4_12_times_the_roots_of_the_heights(plain, antenna, target):
    """Skolnik, Radar Handbook: d [km] = 4.12 (√h1 + √h2) with h in metres, 4/3 earth."""
    horizon = Horizon(plain(0.0), LAT, LON, antenna, 600_000.0, rays=64)
    expected = 4_124.0 * (math.sqrt(antenna) + math.sqrt(target))
    assert farthest_visible(horizon, target) == pytest.approx(expected, rel=0.01)


def test_less_refraction_brings_the_horizon_nearer_by_the_root_of_k(plain):
    far = [
        farthest_visible(Horizon(plain(0.0), LAT, LON, 20.0, 600_000.0, rays=64, k=k), 5_000.0)
        for k in (1.27, 4.0 / 3.0)
    ]
    assert far[0] / far[1] == pytest.approx(math.sqrt(1.27 / (4.0 / 3.0)), abs=0.003)


@pytest.mark.parametrize("wall", [50.0, 300.0, 1_000.0])
def test_behind_one_ridge_the_shadow_follows_the_line_over_its_crest(wall):
    antenna, ridge, behind, k = 30.0, 20_000.0, 45_000.0, 4.0 / 3.0
    horizon = Horizon(Wall(ridge, wall), LAT, LON, antenna, 60_000.0, rays=1_440, k=k)
    # The crest's far or near edge grazes the ray, whichever stands steeper.
    slope = max((wall - antenna) / d - d / (2.0 * k * R) for d in (ridge - 500.0, ridge + 500.0))
    grazing = antenna + slope * behind + behind**2 / (2.0 * k * R)
    margin = 0.02 * wall + 1.0  # samples stand 1 % of the range apart
    heights = np.array([grazing - margin, grazing + margin])
    enu = np.array([enu_at(horizon.frame, behind, math.pi / 2.0, h) for h in heights])
    assert horizon.visible(enu).tolist() == [False, True]


def test_the_table_agrees_with_walking_along_each_line_of_sight():
    antenna, rng = float(Hills().heights(LAT, LON)) + 15.0, np.random.default_rng(5)
    horizon = Horizon(Hills(), LAT, LON, antenna, 60_000.0, rays=2_880)
    frame = horizon.frame
    wrong, hidden = 0, 0
    for _ in range(400):
        distance, azimuth = rng.uniform(500.0, 55_000.0), rng.uniform(0.0, 2.0 * np.pi)
        spot = enu_at(frame, distance, azimuth, 0.0)
        lat, lon, _ = geodesy.geodetic_from_ecef(geodesy.ecef_from_enu(spot, frame))
        height = float(Hills().heights(lat, lon)) + rng.uniform(2.0, 150.0)
        position = geodesy.ecef_from_geodetic(lat, lon, height)
        target = geodesy.enu_from_ecef(position, frame)
        seen = bool(horizon.visible(target[None])[0])
        clearance = slow_clearance(Hills(), frame, antenna, target)
        hidden += clearance < 0.0
        # Nearer to grazing than two metres the two samplings may differ.
        wrong += abs(clearance) > 2.0 and seen != (clearance > 0.0)
    assert 50 < hidden < 350
    assert wrong == 0


def slow_clearance(terrain, frame, antenna, target):
    """Walk along the straight ray in 20 m steps, over ground lowered by 4/3-earth refraction."""
    distance = float(np.hypot(target[0], target[1]))
    along = np.arange(30.0, distance - 20.0, 20.0)
    share = along / distance
    points = geodesy.ecef_from_enu(target * share[:, None], frame)
    lat, lon, ray_height = geodesy.geodetic_from_ecef(points)
    # Refraction bends the ray towards the ground: it runs above the chord between its ends.
    bulge = along * (distance - along) * (1.0 - 0.75) / (2.0 * R)
    assert antenna > 0.0
    return float(np.min(ray_height + bulge - terrain.heights(lat, lon), initial=np.inf))


def test_behind_unknown_ground_nothing_counts_as_visible(plain):
    class Hole(plain):
        def heights(self, lat, lon):
            east = (np.asarray(lon) - LON) * R * math.cos(LAT)
            return np.where(np.abs(east - 10_000.0) < 400.0, np.nan, super().heights(lat, lon))

    horizon = Horizon(Hole(), LAT, LON, 20.0, 40_000.0)
    high = np.array([[5_000.0, 0.0, 900.0], [20_000.0, 0.0, 9_000.0], [-20_000.0, 0.0, 9_000.0]])
    assert horizon.visible(high).tolist() == [True, False, True]
    assert np.isnan(horizon.clearance(high)[1])


def test_only_the_wedges_that_are_looked_at_read_the_terrain(plain):
    asked = []

    class Counting(plain):
        def heights(self, lat, lon):
            asked.append(np.size(lat))
            return super().heights(lat, lon)

    horizon = Horizon(Counting(), LAT, LON, 20.0, 100_000.0, rays=1_440)
    east = np.array([[20_000.0, 10.0, 500.0]])
    horizon.visible(east)
    horizon.visible(east)
    assert sum(asked) <= 2 * 32 * len(distance_nodes(100_000.0))
