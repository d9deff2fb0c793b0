"""The layers of a plan, read back by another program's reader."""

import json

import numpy as np
import pyogrio
import pytest
import shapely
from plan_folder import make_plan

from steppewatch.engine.border_file import load_border
from steppewatch.engine.plan_layers import write_layers
from steppewatch.engine.plan_report_read import read_cells, read_plan
from steppewatch.errors import EngineError


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = make_plan(tmp_path_factory.mktemp("layers") / "plan")
    return folder, *write_layers(folder)


def layer(path, name):
    meta, _, geometry, fields = pyogrio.raw.read(path, layer=name)
    return meta, shapely.from_wkb(geometry), dict(zip(meta["fields"], fields, strict=True))


def test_the_sites_stand_where_the_plan_says(written):
    folder, package, _ = written
    meta, points, fields = layer(package, "sites")
    plan = read_plan(folder)
    assert meta["crs"] == "EPSG:4326"
    assert list(fields["id"]) == [s.id for s in plan.sites]
    assert np.allclose(shapely.get_y(points), np.degrees([s.lat for s in plan.sites]), atol=1e-9)
    assert np.allclose(shapely.get_x(points), np.degrees([s.lon for s in plan.sites]), atol=1e-9)
    assert np.allclose(fields["adds"], [s.adds for s in plan.sites])
    assert list(fields["fixed"]) == [s.fixed for s in plan.sites]


def test_each_link_is_one_line_between_its_sites(written):
    folder, package, _ = written
    _, lines, fields = layer(package, "links")
    places = {s.id: np.degrees([s.lon, s.lat]) for s in read_plan(folder).sites}
    assert len(lines) == 4
    for line, one, other in zip(lines, fields["site"], fields["other"], strict=True):
        assert np.allclose(shapely.get_coordinates(line), [places[one], places[other]])


def test_the_pieces_of_the_belt_add_up_to_the_plan(written):
    folder, package, _ = written
    _, lines, fields = layer(package, "border")
    cells = read_cells(folder)
    for c, name in enumerate(cells.names):
        assert np.nanmin(fields[f"share_{name}"]) < np.nanmax(fields[f"share_{name}"]) <= 1.0
        assert (cells.seen[:, c] > 0).any()
    whole = (cells.weight * (cells.seen > 0)).sum() / cells.weight.sum()
    assert fields["share"].min() < whole < fields["share"].max()
    # A piece lies where its kilometres say.
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    fix = load_border().locate(np.radians(shapely.get_y(middle)), np.radians(shapely.get_x(middle)))
    assert np.all(fix.along / 1e3 >= fields["from_km"] - 0.1)
    assert np.all(fix.along / 1e3 <= fields["to_km"] + 0.1)
    assert np.all(np.abs(fix.distance) < 100.0)


def test_the_cells_and_sections_are_all_there(written):
    folder, package, _ = written
    _, points, fields = layer(package, "cells")
    cells = read_cells(folder)
    assert len(points) == cells.lat.size
    assert np.array_equal(fields["seen_walker"], cells.seen[:, 1])
    _, _, sections = layer(package, "sections")
    assert list(sections["share"]) == [s.share for s in read_plan(folder).sections]


def test_the_geojson_is_of_rfc_7946(written):
    folder, _, path = written
    text = path.read_text(encoding="utf-8")
    collection = json.loads(text)
    assert "crs" not in collection
    assert "NaN" not in text
    _, points, fields = layer(path, "sites")
    plan = read_plan(folder)
    assert np.allclose(shapely.get_y(points), np.degrees([s.lat for s in plan.sites]), atol=1e-6)
    assert list(fields["package"]) == [s.package for s in plan.sites]
    assert collection["features"][1]["properties"]["alternatives"][0]["loses"] == 0.003


def test_a_plan_beyond_180_degrees_comes_out_within(tmp_path):
    folder = make_plan(tmp_path / "far")
    raw = json.loads((folder / "plan.json").read_text())
    raw["sites"][0]["lon_deg"] = 190.0
    del raw["sites"][0]["ground_m"], raw["sites"][0]["km"]
    (folder / "plan.json").write_text(json.dumps(raw))
    collection = json.loads(write_layers(folder)[1].read_text())
    first = collection["features"][0]
    assert first["geometry"]["coordinates"][0] == -170.0
    assert first["properties"]["ground_m"] is None


def test_a_second_writing_replaces_the_first_whole(written):
    folder, package, _ = written
    write_layers(folder)
    assert len(layer(package, "sites")[1]) == 5
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    folder = make_plan(tmp_path / "full")
    write_layers(folder)
    before = (folder / "plan.gpkg").read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("steppewatch.engine.plan_layers.os.fsync", full)
    with pytest.raises(EngineError, match="disk full while writing"):
        write_layers(folder)
    assert (folder / "plan.gpkg").read_bytes() == before
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"plan\.json cannot be read"):
        write_layers(tmp_path / "nowhere")
