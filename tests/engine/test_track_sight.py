"""Which heights may hide a target: measured ones, and in a rehearsal the invented ones, too."""

import dataclasses
import math

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from steppewatch.engine.terrain_files import inspect
from steppewatch.engine.terrain_grid import FileTerrain
from steppewatch.engine.terrain_relief import default_relief
from steppewatch.engine.track_sight import Measured, file_sight, real_sight, sight_notes
from steppewatch.errors import EngineError
from steppewatch.fuse.visibility import NominalSight
from steppewatch.records import Origin, Sensor, SensorKind
from steppewatch.world.geodesy import ecef_from_geodetic
from steppewatch.world.mosaic import Mosaic

LAT, LON = math.radians(47.5), math.radians(106.5)
SENSOR = Sensor(
    id="r1", name="r1", site="", kind=SensorKind.GROUND_RADAR, lat=LAT, lon=LON, height=1_010.0,
    min_range=0.0, max_range=20e3, scan_period=5.0, sector_start=0.0, sector_width=2.0 * math.pi,
    sigma_range=15.0, sigma_azimuth=5e-3, sigma_elevation=math.nan, sigma_range_rate=math.nan,
    detection_probability=0.9, false_alarms=5.0, origin=Origin(feed="test"),
)  # fmt: skip


@pytest.fixture
def ridge(tmp_path):
    """Write a plain at 1,000 m with a ridge of 200 m north of the antenna, 0.2° about it."""
    heights = np.full((720, 720), 1_000.0, np.float32)
    heights[300:310] = 1_200.0
    path = tmp_path / "ridge.tif"
    step = 0.2 / 720
    with rasterio.open(
        path, "w", driver="GTiff", width=720, height=720, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(106.4, 47.6, step, step),
    ) as file:  # fmt: skip
        file.write(heights, 1)
    return path


def north(metres):
    return ecef_from_geodetic(LAT + np.array(metres) / 6_371e3, np.full(len(metres), LON), 1_001.5)


def test_a_ridge_in_a_file_hides_what_stands_behind_it(ridge):
    place = north([800.0, 6_000.0])
    found = file_sight(str(ridge)).chance(SENSOR, place, np.full((2, 3), 5.0))
    assert found[0] > 0.85
    assert found[1] < 0.05


def test_invented_heights_hide_nothing_from_real_radars():
    assert real_sight(default_relief()) is None


def test_a_mosaic_is_asked_only_where_somebody_measured(ridge):
    both = Measured(Mosaic([default_relief(), FileTerrain([inspect(ridge)])]))
    lat, lon = np.array([LAT, LAT + 0.1]), np.array([LON, LON])
    found = both.heights(lat, lon)
    assert found[0] == pytest.approx(1_000.0)
    assert np.isnan(found[1])


def test_an_antenna_below_its_own_ground_is_not_set_on_the_terrain(ridge):
    deep = dataclasses.replace(SENSOR, height=900.0)
    sight, args = file_sight(str(ridge)), (deep, north([6_000.0]), np.full((1, 3), 5.0))
    assert sight.chance(*args) == pytest.approx(NominalSight().chance(*args))
    (said,) = sight_notes(sight, (deep, SENSOR))
    assert "900 m" in said
    assert "1000 m" in said


def test_a_missing_file_is_refused_with_what_to_give(tmp_path):
    with pytest.raises(EngineError, match="give an elevation file"):
        file_sight(str(tmp_path / "none.tif"))


def test_a_node_without_measured_terrain_says_how_to_add_some(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="world add"):
        file_sight("node")
