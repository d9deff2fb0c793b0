import math

import numpy as np
import pytest
import rasterio
import rasterio.warp

from steppewatch.engine.coverage_files import write_coverage
from steppewatch.engine.whole_file import make_folder, whole_file
from steppewatch.errors import EngineError
from steppewatch.sense.viewshed import plane_window, site_window
from steppewatch.world.terrain import Terrain, TerrainInfo

LAT, LON = math.radians(50.2), math.radians(106.3)


class Flat(Terrain):
    def heights(self, lat, lon):
        return np.full(np.broadcast(lat, lon).shape, 1_300.0)

    def describe(self):
        return TerrainInfo(
            label="flat", synthetic=True, datum="none", resolution=1e-5, south=0.0, west=0.0,
            north=1.0, east=3.0, source="test",
        )  # fmt: skip


@pytest.fixture
def window():
    return site_window(Flat(), LAT, LON, 70_000.0, 100.0)


def test_a_coverage_file_is_cloud_optimised_and_lies_where_the_site_is(window, tmp_path):
    values = np.arange(window.heights.size, dtype=np.float32).reshape(window.heights.shape)
    values[0, 0] = np.nan
    write_coverage(tmp_path / "c.tif", {"a": values, "b": values * 2}, window, {"DEM": "flat 3″"})
    with rasterio.open(tmp_path / "c.tif") as found:
        assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert found.overviews(1) == [2, 4]
        assert found.block_shapes[0] == (512, 512)
        assert found.descriptions == ("a", "b")
        assert found.tags()["DEM"] == "flat 3″"
        assert found.tags()["SOFTWARE"].startswith("Steppewatch ")
        assert np.array_equal(found.read(2), values * 2, equal_nan=True)
        assert math.isnan(found.nodata)
        lon, lat = rasterio.warp.transform(found.crs, "EPSG:4326", [0.0], [0.0])
        assert (lon[0], lat[0]) == pytest.approx((106.3, 50.2), abs=1e-7)
        row, col = found.index(0.0, 0.0)
        assert (row, col) == (window.size, window.size)


def test_each_cell_of_the_file_lies_where_the_window_says(window, tmp_path):
    write_coverage(tmp_path / "c.tif", {"h": window.heights}, window, {})
    lat, lon = window.grid.places(slice(10, 11), slice(300, 301))
    with rasterio.open(tmp_path / "c.tif") as found:
        x, y = found.xy(10, 300)
        there = rasterio.warp.transform(found.crs, "EPSG:4326", [x], [y])
    assert there[0][0] == pytest.approx(math.degrees(lon[0, 0]), abs=1e-7)
    assert there[1][0] == pytest.approx(math.degrees(lat[0, 0]), abs=1e-7)


def test_a_window_without_a_place_is_refused(tmp_path):
    plane = plane_window(np.zeros((5, 5), np.float32), 90.0)
    with pytest.raises(EngineError, match="no place of the earth"):
        write_coverage(tmp_path / "c.tif", {"h": plane.heights}, plane, {})


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def write_half():
        with whole_file(target) as stream:
            stream.write(b"new")
            raise OSError(28, "No space left on device")

    with pytest.raises(EngineError, match="disk full"):
        write_half()
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]
    with pytest.raises(EngineError, match="cannot be written"):
        make_folder(target / "under")
