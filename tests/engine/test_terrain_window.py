import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from steppewatch.engine.terrain_window import map_window, place_on_earth
from steppewatch.engine.whole_file import write_npz
from steppewatch.errors import EngineError


@pytest.fixture
def make_map(tmp_path):
    def make(heights, *, crs="EPSG:32648", transform=None, nodata=None):
        path = tmp_path / "map.tif"
        transform = transform or from_origin(400_000.0, 5_300_000.0, 90.0, 90.0)
        rows, cols = heights.shape
        with rasterio.open(
            path, "w", driver="GTiff", width=cols, height=rows, count=1, dtype=heights.dtype,
            crs=crs, transform=transform, nodata=nodata,
        ) as out:  # fmt: skip
            out.write(heights, 1)
        return path

    return make


def ramp(rows, cols):
    return (np.arange(rows)[:, None] * 10 + np.arange(cols)).astype(np.float32)


def test_a_window_is_the_map_cell_by_cell_about_the_cell_of_the_site(make_map):
    path = make_map(ramp(40, 50))
    window, centre = map_window(path, 400_000 + 20 * 90 + 1, 5_300_000 - 15 * 90 - 89, 5)
    assert np.array_equal(window.heights, ramp(40, 50)[10:21, 15:26])
    assert centre == (400_000 + 20.5 * 90, 5_300_000 - 15.5 * 90)
    assert window.cell == 90.0


def test_what_lies_beyond_the_edge_or_in_a_hole_is_unknown(make_map):
    heights = ramp(40, 50)
    heights[1, 3] = -9999.0
    path = make_map(heights, nodata=-9999.0)
    window, _ = map_window(path, 400_000 + 2.5 * 90, 5_300_000 - 0.5 * 90, 4)
    assert np.isnan(window.heights[:4]).all()
    assert np.isnan(window.heights[:, :2]).all()
    assert np.isnan(window.heights[5, 5])
    assert window.ground == 2.0


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"crs": "EPSG:4326", "transform": from_origin(106.0, 48.0, 1e-3, 1e-3)}, "--lon and"),
        ({"crs": "EPSG:2225"}, "counts in US survey foot: expected metres"),
        ({"transform": from_origin(400_000.0, 5_300_000.0, 90.0, 30.0)}, "cells of 90 × 30 m"),
        ({"transform": Affine(90.0, 9.0, 400_000.0, 9.0, -90.0, 5_300_000.0)}, "turned"),
    ],
)
def test_a_map_on_which_the_sweep_would_be_wrong_is_refused_with_the_remedy(make_map, how, said):
    with pytest.raises(EngineError, match=said):
        map_window(make_map(ramp(40, 50), **how), 400_100.0, 5_299_900.0, 3)


def test_a_site_off_the_map_is_told_what_the_map_spans(make_map):
    with pytest.raises(EngineError, match="eastings 400000 to 404500 and northings 5296400"):
        map_window(make_map(ramp(40, 50)), 0.0, 0.0, 3)


@pytest.mark.parametrize("size", [0, 10**6])
def test_a_radius_that_cannot_be_is_refused(make_map, size):
    with pytest.raises(EngineError, match="expected 1 to 10000"):
        map_window(make_map(ramp(40, 50)), 400_100.0, 5_299_900.0, size)


def test_a_place_on_the_map_is_found_on_earth(make_map):
    lat, lon = np.degrees(place_on_earth(make_map(ramp(4, 4)), 500_000.0, 5_300_000.0))
    assert lon == pytest.approx(105.0, abs=1e-9)
    assert lat == pytest.approx(47.853, abs=1e-3)


def test_arrays_are_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "out.npz"
    write_npz(target, a=np.arange(3), k=1.27)
    with np.load(target) as found:
        assert found["a"].tolist() == [0, 1, 2]
        assert float(found["k"]) == 1.27
    with pytest.raises(EngineError, match="cannot be written"):
        write_npz(tmp_path / "nowhere" / "out.npz", a=np.arange(3))
    assert [p.name for p in tmp_path.iterdir()] == ["out.npz"]
