"""The terrain store and its commands: add, list, remove, and what answers where."""

import errno
import gzip
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from steppewatch.cli.world import world
from steppewatch.engine import terrain_relief, terrain_store
from steppewatch.engine.terrain_store import add, entries, open_terrain, remove
from steppewatch.errors import EngineError, StoreFullError

D = math.pi / 180


def plateau(path, height=1234, west=106.0, north=49.0, size=60, hole=False):
    heights = np.full((size, size), height, np.int16)
    if hole:
        heights[20:40, 20:40] = -32768
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=size,
        height=size,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=from_origin(west, north, 1 / size, 1 / size),
        nodata=-32768,
    ) as dataset:
        dataset.write(heights, 1)
    return path


def test_without_files_the_embedded_relief_answers(tmp_path):
    terrain = open_terrain(tmp_path)
    assert terrain.describe().synthetic
    assert 1200 < terrain.heights(47.92 * D, 106.92 * D) < 2300  # Ulaanbaatar lies at 1,350 m


def test_added_elevation_answers_where_it_is_known_and_the_relief_elsewhere(tmp_path):
    entry = add(plateau(tmp_path / "a.tif", hole=True), tmp_path, datum="EGM2008")
    terrain = open_terrain(tmp_path)
    assert terrain.heights(48.9 * D, 106.1 * D) == pytest.approx(1234.0)
    hole, outside = (48.5 * D, 106.5 * D), (47.0 * D, 106.5 * D)
    relief = open_terrain(tmp_path / "empty")
    assert terrain.heights(*hole) == relief.heights(*hole)
    assert terrain.heights(*outside) == relief.heights(*outside)
    info = terrain.describe()
    assert info.synthetic
    assert info.label == "GeoTIFF 60″ over ITU-R P.1511 relief, synthetic detail (seed 7)"
    assert info.parts[0].datum == "EGM2008"
    assert info.parts[0].holes == pytest.approx(entry.holes)
    assert entry.holes == pytest.approx(1 / 9)


def test_real_15_second_mongolia_replaces_the_relief(tmp_path, real_data):
    path = real_data("terrain/mongolia_15s_dequantised.tif")
    add(path, tmp_path, link=True)
    terrain = open_terrain(tmp_path)
    with rasterio.open(path) as dataset:
        expected = next(dataset.sample([(106.001, 48.001)]))[0]
    assert terrain.heights(48.001 * D, 106.001 * D) == pytest.approx(float(expected), abs=30)
    assert terrain.describe().parts[0].resolution == pytest.approx(15 / 3600 * D)
    assert path.exists()


def test_a_hole_is_named_with_its_area_when_added_and_whenever_the_terrain_is_opened(tmp_path):
    entry = add(plateau(tmp_path / "hill.tif", hole=True), tmp_path / "home")
    (gap,) = entry.gaps
    assert "no elevation" in gap
    assert "° N" in gap
    assert any(gap in note for note in open_terrain(tmp_path / "home").describe().notes)


def test_a_packed_file_is_unpacked_on_the_way_in(tmp_path):
    heights = np.full((1201, 1201), 900, ">i2")
    packed = tmp_path / "N48E106.hgt.gz"
    packed.write_bytes(gzip.compress(heights.tobytes(), 1))
    entry = add(packed, tmp_path)
    assert Path(entry.file.path).name == "N48E106.hgt"
    assert entry.file.datum == "EGM96"
    assert open_terrain(tmp_path).heights(48.5 * D, 106.5 * D) == pytest.approx(900.0)


def test_adding_the_same_file_twice_keeps_one(tmp_path):
    path = plateau(tmp_path / "a.tif")
    assert add(path, tmp_path).sha256 == add(path, tmp_path).sha256
    assert len(entries(tmp_path)) == 1


def test_a_removed_file_is_gone_and_a_linked_one_stays_on_the_disk(tmp_path):
    copied = add(plateau(tmp_path / "a.tif"), tmp_path)
    linked = add(plateau(tmp_path / "b.tif", 700), tmp_path, link=True)
    remove(copied.name, tmp_path)
    remove("b.tif", tmp_path)
    assert entries(tmp_path) == []
    assert not Path(copied.file.path).exists()
    assert Path(linked.file.path).exists()
    with pytest.raises(EngineError, match="names 0 files"):
        remove("b.tif", tmp_path)


def test_only_files_that_touch_the_area_are_opened(tmp_path):
    add(plateau(tmp_path / "a.tif"), tmp_path)
    near = open_terrain(tmp_path, bbox=(48 * D, 106 * D, 49 * D, 107 * D))
    far = open_terrain(tmp_path, bbox=(42 * D, 96 * D, 43 * D, 97 * D))
    assert len(near.describe().parts) == 2
    assert far.describe().parts == ()


def test_a_linked_file_that_disappeared_is_named_and_the_rest_goes_on(tmp_path):
    path = plateau(tmp_path / "a.tif")
    add(path, tmp_path, link=True)
    path.unlink()
    info = open_terrain(tmp_path).describe()
    assert "a.tif is gone" in info.notes[0]
    assert "synthetic" in info.label


def test_a_damaged_file_leaves_nothing_behind(tmp_path):
    path = plateau(tmp_path / "a.tif")
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(EngineError, match=str(path)):
        add(path, tmp_path)
    packed = tmp_path / "N48E106.hgt.gz"
    packed.write_bytes(gzip.compress(bytes(5000))[:-9])
    with pytest.raises(EngineError, match="cut short or damaged"):
        add(packed, tmp_path)
    assert [p.name for p in (tmp_path / "terrain").iterdir()] == []


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path, monkeypatch):
    add(plateau(tmp_path / "a.tif"), tmp_path)

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(StoreFullError, match="disk full while writing"):
        add(plateau(tmp_path / "b.tif", 700), tmp_path)
    assert len(entries(tmp_path)) == 1


def test_a_broken_manifest_says_what_to_do(tmp_path):
    (tmp_path / "terrain").mkdir()
    (tmp_path / "terrain" / "manifest.json").write_text("{")
    with pytest.raises(EngineError, match="move the folder away"):
        open_terrain(tmp_path)


def test_a_broken_relief_names_the_package_to_reinstall(tmp_path):
    path = tmp_path / "v2_topo.npz"
    path.write_bytes(b"no zip")
    with pytest.raises(EngineError, match="reinstall the package itur"):
        terrain_relief.ReliefRows(path)


def test_the_manifest_records_the_checksum(tmp_path):
    entry = add(plateau(tmp_path / "a.tif"), tmp_path)
    stored = json.loads((tmp_path / "terrain" / "manifest.json").read_text())["files"][0]
    assert stored["sha256"] == entry.sha256 == terrain_store.sha256_of(Path(entry.file.path))
    assert stored["grid"]["bounds_deg"] == pytest.approx([48.0, 106.0, 49.0, 107.0])


def test_the_commands_add_list_and_remove(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path / "home"))
    run = CliRunner().invoke
    good, bad = plateau(tmp_path / "good.tif"), tmp_path / "bad.tif"
    bad.write_text("not a map")
    added = run(world, ["add", str(good), str(bad), "--datum", "EGM96"])
    assert added.exit_code == 1
    assert "good.tif  60″  106.000,48.000,107.000,49.000  datum EGM96" in added.output
    assert "bad.tif cannot be read" in added.output
    listed = run(world, ["list"])
    assert "good.tif" in listed.output
    assert "in use: GeoTIFF 60″ over ITU-R P.1511" in listed.output
    assert run(world, ["remove", "good.tif"]).output.startswith("removed ")
    assert "good.tif" not in run(world, ["list"]).output
