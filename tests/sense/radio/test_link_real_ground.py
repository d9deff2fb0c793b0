"""Sight between masts over real mountains, against the exact method of the visible height."""

import math
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from steppewatch.engine.terrain_window import file_terrain
from steppewatch.sense.radio import Station, link
from steppewatch.sense.viewshed import site_window, visible_height

DEM = Path(__file__).resolve().parents[4] / "shared" / "data" / "terrain" / "basin_range_3s.tif"
LAT, LON, MAST, K = math.radians(39.2), math.radians(-116.3), 30.0, 1.27

pytestmark = pytest.mark.skipif(not DEM.exists(), reason="the 90 m twin is not beside the project")


def test_links_and_the_visible_height_agree_on_who_sees_whom(radio):
    terrain = file_terrain(DEM)
    seen = visible_height(site_window(terrain, LAT, LON, 20e3, 90.0), MAST, K, method="exact")
    size, cell = seen.window.size, seen.window.cell
    rng = np.random.default_rng(3)
    east, north = rng.integers(-size, size + 1, (2, 400))
    near = np.hypot(east, north)
    keep = (near > 10) & (near < size)
    east, north = east[keep], north[keep]
    count = len(east)
    lon, lat, _ = Geod(ellps="WGS84").fwd(
        np.full(count, LON), np.full(count, LAT), np.arctan2(east, north),
        cell * np.hypot(east, north), radians=True,
    )  # fmt: skip
    here = Station(lat=LAT, lon=LON, mast=MAST)
    there = [Station(lat=a, lon=o, mast=MAST) for a, o in zip(lat, lon, strict=True)]
    sight = np.array([link(terrain, here, one, radio(), k=K).line_of_sight for one in there])
    expected = seen.min_height[size - north, size + east] <= MAST
    # The window is resampled: a mast whose top just shows may fall either way.
    assert 0.05 < expected.mean() < 0.95
    assert (sight != expected).mean() <= 0.01
