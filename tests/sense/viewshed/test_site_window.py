"""The window about a site lies on the real earth: directions, distances, curvature."""

import math

import numpy as np
import pytest

from steppewatch.errors import SenseError, WorldError
from steppewatch.sense.viewshed import site_window, visible_height
from steppewatch.sense.viewshed.window import principal_curvatures
from steppewatch.world import geodesic, geodesy
from steppewatch.world.terrain import Terrain, TerrainInfo

LAT, LON = math.radians(47.3), math.radians(104.9)


class Ridges(Terrain):
    """A plain with a wall to the north-east, one kilometre thick, and a hole in the west."""

    def heights(self, lat, lon):
        distance, azimuth, _ = geodesic.inverse(LAT, LON, lat, lon)
        wall = (np.abs(distance - 12_500.0) < 500.0) & (np.abs(np.degrees(azimuth) - 45.0) < 15.0)
        hole = (distance > 20_000.0) & (np.abs(np.degrees(azimuth) - 270.0) < 5.0)
        return np.where(hole, np.nan, np.where(wall, 1_500.0, 1_300.0))

    def describe(self):
        return TerrainInfo(
            label="ridges", synthetic=True, datum="none", resolution=1e-5, south=-1.5, west=-3.1,
            north=1.5, east=3.1, source="test",
        )  # fmt: skip


@pytest.fixture(scope="module")
def seen():
    window = site_window(Ridges(), LAT, LON, 40_000.0, 100.0)
    return visible_height(window, 20.0, 1.27)


def at(seen, azimuth_deg, distance):
    size, cell = seen.window.size, seen.window.cell
    row = size - round(distance * math.cos(math.radians(azimuth_deg)) / cell)
    col = size + round(distance * math.sin(math.radians(azimuth_deg)) / cell)
    return float(seen.min_height[row, col])


def test_only_what_stands_behind_the_wall_is_hidden_by_it(seen):
    assert at(seen, 45.0, 30_000.0) > 250.0
    for azimuth in (0.0, 90.0, 135.0, 180.0, 225.0, 315.0):
        assert at(seen, azimuth, 10_000.0) == 0.0
        assert at(seen, azimuth, 30_000.0) < 12.0


def test_behind_the_hole_nothing_is_known(seen):
    assert math.isnan(at(seen, 270.0, 25_000.0))
    assert math.isnan(at(seen, 270.0, 39_000.0))
    assert at(seen, 270.0, 15_000.0) == 0.0


def test_the_plain_falls_away_as_the_ellipsoid_and_the_air_say(seen):
    """Against ECEF geometry, in which the earth's shape is exact, to the west and to the north."""
    refraction = (1.0 - 1.0 / 1.27) / geodesy.MEAN_RADIUS
    frame = geodesy.local_frame(LAT, LON, 1_320.0)
    for azimuth in (0.0, 100.0, 200.0):
        distance = np.arange(100.0, 40_001.0, 100.0)
        lat, lon = geodesic.direct(LAT, LON, math.radians(azimuth), distance)
        enu = geodesy.enu_from_ecef(geodesy.ecef_from_geodetic(lat, lon, 1_300.0), frame)
        along = np.hypot(enu[:, 0], enu[:, 1])
        up = enu[:, 2] + 0.5 * refraction * along**2
        horizon = np.max(up[:-1] / along[:-1])
        expected = horizon * along[-1] - up[-1]
        assert at(seen, azimuth, 39_900.0) == pytest.approx(expected, abs=0.4)


def test_the_curvatures_are_those_of_the_ellipsoid():
    """A degree of latitude at 45°: 111,131.8 m; of longitude: 78,846.8 m (NGA tables)."""
    east, north = principal_curvatures(math.radians(45.0))
    assert math.radians(1.0) / north == pytest.approx(111_131.8, abs=3.0)
    assert math.radians(1.0) / east * math.cos(math.radians(45.0)) == pytest.approx(78_846.8, abs=1)


@pytest.mark.parametrize(
    ("figures", "error", "said"),
    [
        ((LAT, LON, 50.0, 100.0), SenseError, "expected one cell at least"),
        ((LAT, LON, 1e4, 0.0), SenseError, "expected one cell at least"),
        ((LAT, LON, 2e6, 1e4), WorldError, "at most 600 km"),
        ((1.5, LON, 1e4, 1e2), WorldError, "between 80° S and 80° N"),
    ],
)
def test_a_window_that_cannot_be_is_refused(figures, error, said):
    with pytest.raises(error, match=said):
        site_window(Ridges(), *figures)
