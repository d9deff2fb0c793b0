"""``plan assure`` and ``rehearse --monte-carlo`` as a planner types them, on invented relief."""

import csv
import json

import pytest
from click.testing import CliRunner

from steppewatch.cli import steppewatch
from steppewatch.plan.assure.bounds import clopper_pearson, compare

PLAN = """
[plan]
title = "Small"
currency = "EUR"

[[section]]
border = "RU"
from_km = 1040
to_km = 1064

[[class]]
target = "4x4"

[[class]]
target = "light-aircraft"
height_m = 150

[[package]]
id = "ground"
sensors = ["ground-surveillance"]
mast_m = 20
price = 800_000

[[site]]
id = "a"
border = "RU"
km = 1050
offset_km = 5
seek_high_km = 3
package = "ground"
fixed = true

[[site]]
id = "b"
border = "RU"
km = 1060
offset_km = 5
seek_high_km = 3
package = "ground"

[[patrol]]
id = "men"
border = "RU"
km = 1050
offset_km = 9

[assure]
track_minutes = 1
lead_km = 10
"""
SITED = {
    "format": "steppewatch-plan/1",
    "share": 0.5,
    "title": "Small",
    "sites": [
        {
            "id": "hill-1",
            "lat_deg": 49.6,
            "lon_deg": 98.2,
            "package": "ground",
            "price": 800_000,
            "alternatives": [
                {
                    "id": "hill-2",
                    "package": "ground",
                    "lat_deg": 49.61,
                    "lon_deg": 98.21,
                    "loses": 0.1,
                }
            ],
        }
    ],
}


def call(*words):
    return CliRunner().invoke(steppewatch, [str(w) for w in words])


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    return path


def test_a_plan_is_told_and_written(plan, tmp_path):
    out = tmp_path / "out"
    done = call("plan", "assure", plan, "--out", out, "--step", "2000")
    assert done.exit_code == 0, done.output
    assert "Small: 24 km of border, 12 posts, 1 sites, 1 sensors" in done.output
    assert "worst stretches by what is not tracked" in done.output
    assert "what the next money buys best" in done.output
    assert "ground on b: " in done.output
    assert "SYNTHETIC" in done.output
    told = json.loads((out / "assurance.json").read_text())
    assert told["format"] == "steppewatch-assurance/1"
    assert told["synthetic"] is True
    assert set(told["mean"]) == {"detected", "tracked", "looked", "met"}
    assert told["mean"]["tracked"] <= told["mean"]["detected"] <= 1.0
    rows = list(csv.DictReader((out / "posts.csv").open()))
    assert len(rows) == 12 * 2
    mean = sum(float(row["detected"]) for row in rows) / len(rows)
    assert mean == pytest.approx(told["mean"]["detected"], abs=1e-3)
    assert {row["looked_limit"] for row in rows} == {"no_drone"}
    shapes = json.loads((out / "assurance.geojson").read_text())["features"]
    assert sum(one["properties"]["layer"] == "posts" for one in shapes) == 12
    assert (out / "tornado.csv").read_text().startswith("parameter,low,high,detected_low")
    for name in ("assurance.png", "tornado.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_json_is_one_document_and_the_folders_sites_stand_too(plan, tmp_path):
    folder = tmp_path / "sited"
    folder.mkdir()
    (folder / "plan.json").write_text(json.dumps(SITED))
    done = call(
        "plan", "assure", plan, "--sites", folder, "--step", "4000", "--no-sensitivity", "--json"
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert [one["site"] for one in told["sensors"]] == ["a", "hill-1"]
    assert {one["site"] for one in told["options"]} == {"b", "hill-2"}
    assert told["sensitivity"]["parameters"] == []


def test_a_plan_without_a_site_says_what_to_do(plan):
    plan.write_text(PLAN.replace("fixed = true", ""))
    done = call("plan", "assure", plan)
    assert done.exit_code != 0
    assert "mark a [[site]] as fixed" in str(done.exception or done.output)


def test_a_folder_with_a_package_that_the_plan_has_not_is_refused(plan, tmp_path):
    changed = json.loads(json.dumps(SITED))
    changed["sites"][0]["package"] = "grund"
    (tmp_path / "plan.json").write_text(json.dumps(changed))
    done = call("plan", "assure", plan, "--sites", tmp_path)
    assert done.exit_code != 0
    assert "did you mean 'ground'" in str(done.exception or done.output)


def test_crossings_are_played_through_the_tracker_and_bounded(plan, tmp_path):
    file = tmp_path / "mc.json"
    words = ("rehearse", "--monte-carlo", "10", plan, "--seed", "3")
    done = call(*words, "--json", file)
    assert done.exit_code == 0, done.output
    told = json.loads(file.read_text())
    assert told["crossings"] == 10
    assert len(told["cells"]) == 4
    assert sum(cell["crossings"] for cell in told["cells"]) == 20
    for cell in told["cells"]:
        assert cell["low"] <= cell["observed"] <= cell["high"]
        assert cell["inside"] == (cell["low"] <= cell["model"] <= cell["high"])
    assert told["inside"] == all(cell["inside"] for cell in told["cells"])
    # The vehicles near the post are seen by model and tracker alike, or the machinery is broken.
    seen = next(c for c in told["cells"] if c["class"] == "4x4" and c["measure"] == "detected")
    assert seen["count"] > 0
    assert seen["inside"]
    again = call(*words, "--json")
    assert json.loads(again.output)["cells"] == told["cells"]


def test_bounds_are_clopper_and_pearsons():
    # Clopper & Pearson's own example is 95 % for 10 of 50; closed forms at the ends.
    assert clopper_pearson(0, 20, 0.05)[1] == pytest.approx(1.0 - 0.025 ** (1 / 20))
    assert clopper_pearson(20, 20, 0.05)[0] == pytest.approx(0.025 ** (1 / 20))
    low, high = clopper_pearson(10, 50, 0.05)
    assert (low, high) == (pytest.approx(0.1003, abs=1e-4), pytest.approx(0.3372, abs=1e-4))


def test_the_level_is_shared_among_all_cells():
    one = compare([("walker", "detected", 5, 10, 0.5)])[0]
    many = compare([("walker", "detected", 5, 10, 0.5)] * 8 + [("4x4", "tracked", 0, 0, 0.0)])
    assert len(many) == 8
    assert many[0].low < one.low < one.high < many[0].high
    assert not compare([("walker", "detected", 0, 100, 0.5)])[0].inside
