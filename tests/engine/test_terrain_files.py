"""Elevation files of every kind, against GDAL's own samples; and broken ones."""

import gzip
import math
import zipfile

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine, from_origin

from steppewatch.engine.terrain_files import inspect, read_through
from steppewatch.engine.terrain_grid import FileTerrain, group
from steppewatch.errors import EngineError

D = math.pi / 180
RNG = np.random.default_rng(0)


def write_tif(path, heights, transform, *, crs="EPSG:4326", tags=None, units=None, **options):
    profile = {
        "driver": "GTiff",
        "width": heights.shape[1],
        "height": heights.shape[0],
        "count": 1,
        "dtype": heights.dtype,
        "crs": crs,
        "transform": transform,
    }
    with rasterio.open(path, "w", **(profile | options)) as dataset:
        dataset.write(heights, 1)
        if tags:
            dataset.update_tags(**tags)
        if units:
            dataset.units = (units,)
    return path


def write_hgt(path, heights):
    path.write_bytes(heights.astype(">i2").tobytes())
    return path


def write_dted(path, heights, lat=48, lon=106):
    """Write DTED level 1 by hand from MIL-PRF-89020B §3.13: UHL, DSI, ACC, then columns."""
    rows, cols = heights.shape
    arcsec = 3600 // (rows - 1)
    hemisphere = f"{lon:03d}0000E", f"{lat:03d}0000N"
    uhl = f"UHL1{hemisphere[0]}{hemisphere[1]}{arcsec * 10:04d}{arcsec * 10:04d}0010U  "
    uhl = (uhl + " " * 12 + f"{cols:04d}{rows:04d}0").ljust(80)
    dsi = bytearray(b" " * 648)

    def put(position, text):
        dsi[position - 1 : position - 1 + len(text)] = text.encode()

    put(1, "DSIU")
    put(60, "DTED1")
    put(142, "E96")
    put(145, "WGS84")
    put(186, f"{lat:02d}0000.0N{lon:03d}0000.0E")
    put(274, f"{arcsec * 10:04d}{arcsec * 10:04d}{rows:04d}{cols:04d}00")
    acc = b"ACC" + b" " * 2697
    body = bytearray()
    for col in range(cols):
        values = heights[::-1, col].astype(np.int64)
        signed = np.where(values < 0, 0x8000 | -values, values).astype(">u2").tobytes()
        record = b"\xaa" + col.to_bytes(3, "big") + col.to_bytes(2, "big") + b"\0\0" + signed
        body += record + sum(record).to_bytes(4, "big")
    path.write_bytes(uhl.encode() + bytes(dsi) + acc + bytes(body))
    return path


def hills(size, seed=0):
    rng = np.random.default_rng(seed)
    return np.round(rng.uniform(500, 2500, (size, size))).astype(np.int16)


def gdal_bilinear(path, lat, lon):
    """Interpolate between the samples that rasterio itself gives at the pixels' centres."""
    with rasterio.open(path) as dataset:
        to_map = pyproj.Transformer.from_crs(4326, dataset.crs.to_wkt(), always_xy=True)
        x, y = to_map.transform(np.degrees(lon), np.degrees(lat))
        col, row = ~dataset.transform @ (x, y)
        row, col = row - 0.5, col - 0.5
        inside = (row > 0) & (col > 0) & (row < dataset.height - 1) & (col < dataset.width - 1)
        r, c = np.floor(row[inside]), np.floor(col[inside])
        down, right = row[inside] - r, col[inside] - c

        def at(rows, cols):
            places = zip(*(dataset.transform @ (cols + 0.5, rows + 0.5)), strict=True)
            values = np.array([v[0] for v in dataset.sample(places)], float)
            return np.where(values == dataset.nodata, np.nan, values)

        top = at(r, c) * (1 - right) + at(r, c + 1) * right
        bottom = at(r + 1, c) * (1 - right) + at(r + 1, c + 1) * right
    return inside, top * (1 - down) + bottom * down


@pytest.mark.parametrize(
    "name",
    [
        "mongolia_15s_dequantised",
        "orkhon_utm48n_91.7m",
        "srtm_bigtujunga30m_utm11",
        "basin_range_3s",
        "mongolia_5m_itu_p1511",
    ],
)
def test_real_files_give_what_gdal_gives(real_data, name):
    path = real_data(f"terrain/{name}.tif")
    file = inspect(path)
    south, west, north, east = file.bounds
    middle = 0.5 * (south + north), 0.5 * (west + east)
    reach = 0.45 * min(north - south, east - west, 0.01)  # few tiles of a large file
    lat = middle[0] + RNG.uniform(-reach, reach, 300)
    lon = middle[1] + RNG.uniform(-reach, reach, 300)
    inside, expected = gdal_bilinear(path, lat, lon)
    found = FileTerrain([file]).heights(lat, lon)[inside]
    assert inside.sum() > 250
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected)) < 1e-3


def test_the_window_of_a_whole_file_is_its_local_mean(real_data):
    path = real_data("terrain/mongolia_15s_dequantised.tif")
    file = inspect(path)
    window = FileTerrain([file]).window(*np.radians([44.0, 95.0, 52.0, 111.0]), 120, 240)
    with rasterio.open(path) as dataset:
        full = dataset.read(1, window=((240, 2160), (1920, 5760))).astype(float)
    means = full.reshape(120, 16, 240, 16).mean(axis=(1, 3))
    assert np.abs(window.heights - means).max() < 1.5  # GDAL rounds averages of whole metres


@pytest.mark.parametrize(("convention", "centre"), [("Area", 0.05), ("Point", 0.0)])
def test_pixel_is_point_and_pixel_is_area_are_told_apart(tmp_path, convention, centre):
    heights = hills(20)
    with rasterio.Env(GTIFF_POINT_GEO_IGNORE=True):  # write the tie point as it stands
        path = write_tif(
            tmp_path / "a.tif",
            heights,
            from_origin(100.0, 50.0, 0.1, 0.1),
            tags={"AREA_OR_POINT": convention},
        )
    terrain = FileTerrain([inspect(path)])
    found = terrain.heights((50.0 - centre - 0.3) * D, (100.0 + centre + 0.4) * D)
    assert found == pytest.approx(float(heights[3, 4]), abs=0.01)


def test_an_hgt_has_samples_on_whole_degrees_and_knows_its_datum(tmp_path):
    heights = hills(1201)
    heights[600, 600] = -32768
    file = inspect(write_hgt(tmp_path / "N48E106.hgt", heights))
    terrain = FileTerrain([file])
    assert file.datum == "EGM96"
    for row, col in [(0, 0), (1200, 1200), (0, 1200), (300, 900)]:
        height = terrain.heights((49 - row / 1200) * D, (106 + col / 1200) * D)
        assert height == pytest.approx(float(heights[row, col]), abs=0.01)
    assert np.isnan(terrain.heights(48.5 * D, 106.5 * D))
    assert np.isnan(terrain.heights((48.5 + 0.5 / 1200) * D, 106.5 * D))
    assert read_through(file) == pytest.approx(1 / 1201**2)


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_packed_hgt_can_be_looked_into(tmp_path, kind):
    heights = hills(1201)
    plain = write_hgt(tmp_path / "N48E106.hgt", heights)
    path = tmp_path / f"N48E106.hgt.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(plain.read_bytes(), 1))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, "N48E106.hgt")
    plain.unlink()
    terrain = FileTerrain([inspect(path)])
    assert terrain.heights(49 * D, 106 * D) == pytest.approx(float(heights[0, 0]))


def test_dted_is_read_with_voids_and_negative_heights(tmp_path):
    heights = hills(121)
    heights[5, 7], heights[10, 10] = -32767, -12
    file = inspect(write_dted(tmp_path / "n48.dt0", heights))
    terrain = FileTerrain([file])
    assert (file.kind, file.datum) == ("DTED", "EGM96")
    assert terrain.heights(49 * D, 106 * D) == pytest.approx(float(heights[0, 0]))
    assert terrain.heights((49 - 10 / 120) * D, (106 + 10 / 120) * D) == pytest.approx(-12.0)
    assert np.isnan(terrain.heights((49 - 5 / 120) * D, (106 + 7 / 120) * D))


def test_neighbouring_files_are_one_grid_without_a_seam(tmp_path):
    whole = hills(40)
    files = []
    for i, part in enumerate((whole[:, :20], whole[:, 20:])):
        origin = from_origin(100.0 + 2.0 * i, 50.0, 0.1, 0.1)
        files.append(inspect(write_tif(tmp_path / f"{i}.tif", part, origin)))
    reference = inspect(write_tif(tmp_path / "whole.tif", whole, from_origin(100, 50, 0.1, 0.1)))
    groups = group(files)
    assert len(groups) == 1
    lat, lon = RNG.uniform(46.1, 49.9, 500) * D, RNG.uniform(100.1, 103.9, 500) * D
    together, alone = FileTerrain(groups[0]), FileTerrain([reference])
    assert np.allclose(together.heights(lat, lon), alone.heights(lat, lon), atol=1e-6)
    bounds = np.radians([46.0, 100.0, 50.0, 104.0])
    coarse = together.window(*bounds, 10, 10).heights
    assert np.abs(coarse - alone.window(*bounds, 10, 10).heights).max() < 1.0


def test_files_on_other_grids_stay_apart(tmp_path):
    one = inspect(write_tif(tmp_path / "1.tif", hills(9), from_origin(100, 50, 0.1, 0.1)))
    two = inspect(write_tif(tmp_path / "2.tif", hills(9), from_origin(101, 50, 0.15, 0.1)))
    three = inspect(write_tif(tmp_path / "3.tif", hills(9), from_origin(101.05, 50, 0.1, 0.1)))
    assert [len(g) for g in group([one, two, three])] == [1, 1, 1]


def test_a_turned_grid_is_sampled_through_its_transform(tmp_path):
    heights = hills(30)
    transform = Affine.translation(400_000, 5_300_000) @ Affine.rotation(30) @ Affine.scale(90, -90)
    path = write_tif(tmp_path / "turned.tif", heights, transform, crs="EPSG:32648")
    x, y = transform @ (12.5, 7.5)
    lon, lat = pyproj.Transformer.from_crs(32648, 4326, always_xy=True).transform(x, y)
    found = FileTerrain([inspect(path)]).heights(lat * D, lon * D)
    assert found == pytest.approx(float(heights[7, 12]), abs=0.01)


def test_outside_the_file_nothing_is_known(tmp_path):
    terrain = FileTerrain(
        [inspect(write_tif(tmp_path / "a.tif", hills(9), from_origin(100, 50, 0.1, 0.1)))]
    )
    assert np.isnan(terrain.heights(np.array([51.0, 40.0, np.nan]) * D, 100.5 * D)).all()


def test_a_compound_reference_names_the_datum_and_a_user_may_know_better(tmp_path):
    path = write_tif(
        tmp_path / "a.tif", hills(9), from_origin(100, 50, 0.1, 0.1), crs="EPSG:4326+5773"
    )
    assert inspect(path).datum == "EGM96"
    assert inspect(path, datum="EGM2008").datum == "EGM2008"
    plain = write_tif(tmp_path / "b.tif", hills(9), from_origin(100, 50, 0.1, 0.1))
    assert inspect(plain).datum == "unknown"
    assert "vertical datum unknown" in FileTerrain([inspect(plain)]).describe().notes[0]


def test_heights_in_feet_are_refused(tmp_path):
    origin = from_origin(100, 50, 0.1, 0.1)
    with pytest.raises(EngineError, match="heights in 'ft': expected metres"):
        inspect(write_tif(tmp_path / "ft.tif", hills(9), origin, units="ft"))
    with pytest.raises(EngineError, match=r"foot.*expected metres"):
        inspect(
            write_tif(
                tmp_path / "navd.tif", hills(9), origin, crs=CRS.from_string("EPSG:4326+6360")
            )
        )


def test_a_hole_that_nobody_declared_is_found(tmp_path):
    heights = hills(9)
    heights[2, 2] = -9999
    path = write_tif(tmp_path / "a.tif", heights, from_origin(100, 50, 0.1, 0.1))
    with pytest.raises(EngineError, match="--nodata -9999"):
        read_through(inspect(path))
    file = inspect(path, nodata=-9999)
    assert read_through(file) == pytest.approx(1 / 81)
    assert np.isnan(FileTerrain([file]).heights(49.75 * D, 100.25 * D))


def test_a_file_without_any_height_is_refused(tmp_path):
    empty = np.full((9, 9), -32768, np.int16)
    path = write_tif(tmp_path / "a.tif", empty, from_origin(100, 50, 0.1, 0.1), nodata=-32768)
    with pytest.raises(EngineError, match="no known height"):
        read_through(inspect(path))


def test_pictures_and_files_without_a_place_are_refused(tmp_path):
    picture = write_tif(
        tmp_path / "p.tif", hills(9).astype(np.uint8), from_origin(100, 50, 0.1, 0.1)
    )
    with pytest.raises(EngineError, match="looks like a picture"):
        inspect(picture)
    nowhere = write_tif(tmp_path / "n.tif", hills(9), from_origin(100, 50, 0.1, 0.1), crs=None)
    with pytest.raises(EngineError, match="does not say where on earth"):
        inspect(nowhere)


@pytest.mark.parametrize("keep", [0, 7, 300, 4000])
def test_a_file_cut_short_is_named(tmp_path, keep):
    path = write_tif(tmp_path / "cut.tif", hills(100), from_origin(100, 50, 0.1, 0.1))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(EngineError, match=r"cut\.tif (cannot be read|does not say where)"):
        read_through(inspect(path))


def test_an_hgt_cut_short_says_how_long_it_should_be(tmp_path):
    path = tmp_path / "N48E106.hgt"
    path.write_bytes(b"\0" * 1000)
    with pytest.raises(EngineError, match=r"1000 bytes; an SRTM \.hgt has 2884802"):
        inspect(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EngineError, match="not a file"):
        inspect(tmp_path / "gone.tif")
