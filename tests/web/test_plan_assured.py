"""What a changed plan assures: beside the seen shares, from the same board as ``plan assure``."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from steppewatch.engine.assure_plan import load_problem
from steppewatch.engine.border_file import load_border
from steppewatch.engine.terrain_window import chosen_terrain
from steppewatch.errors import PlanError
from steppewatch.plan.assure import MEASURES
from steppewatch.web import read_scenes
from steppewatch.web.plan.ask import Placed, Wanted
from steppewatch.web.plan.tally import evaluate, state, steps_of, survey

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from plan_folder import make_plan

PLAN = """
[plan]
title = "West"
budget = 15_000_000
[[section]]
border = "CN"
from_km = 400
to_km = 640
[[class]]
target = "4x4"
weight = 0.7
[[class]]
target = "walker"
weight = 0.3
[[package]]
id = "long-range"
sensors = ["long-range-3d"]
mast_m = 20
max_range_km = 40
price = 4_500_000
[[package]]
id = "gap-filler"
sensors = ["gap-filler"]
mast_m = 12
max_range_km = 25
price = 900_000
[[candidates]]
kind = "hilltops"
number = 10
[[patrol]]
id = "post"
border = "CN"
km = 520
offset_km = 5
[[site]]
id = "hill-4"
lat_deg = 45.586
lon_deg = 90.746
package = "gap-filler"
fixed = true
gateway = true
"""


LINKS = """
[links]
reach_km = 60
gateways = "sites"
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    top = tmp_path_factory.mktemp("assured")
    (top / "home").mkdir()
    folder, file = make_plan(top / "plan"), top / "plan.toml"
    file.write_text(PLAN)
    return folder, file


def open_scene(files):
    folder, file = files
    (scene,) = read_scenes([folder], chosen_terrain(None), load_border(), file=file)
    return scene


@pytest.fixture(scope="module")
def scene(files, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPPEWATCH_HOME", str(tmp_path_factory.mktemp("home")))
        found = open_scene(files)
        for number in range(steps_of(found)):
            survey(found, number)
        yield found


def planned(scene):
    return tuple(
        Placed(id=raw["id"], lat_deg=raw["lat_deg"], lon_deg=raw["lon_deg"], package=raw["package"])
        for raw in scene.plan.raw["sites"]
    )


def told(scene, sites, *, assure=True):
    return state(scene, evaluate(scene, Wanted(sites=sites)), 0.0, assure=assure)


def moved(scene):
    sites = list(planned(scene))
    sites[2] = replace(sites[2], lon_deg=sites[2].lon_deg + 0.15)
    return tuple(sites)


def same(one, other):
    return (
        one["means"] == other["means"]
        and np.array_equal(one["pieces"], other["pieces"])
        and one["unlinked"] == other["unlinked"]
    )


def test_it_is_said_only_where_it_is_asked_and_can_be_said(scene, files):
    sites = planned(scene)
    assert told(scene, sites, assure=False)["assurance"] is None
    (bare,) = read_scenes([files[0]], chosen_terrain(None), load_border())
    assert steps_of(bare) == len(bare.plan.sites)
    assert told(bare, sites)["assurance"] is None
    assert steps_of(scene) == len(bare.plan.sites) + 1


def test_the_pieces_are_the_stretch_that_the_plan_watches(scene):
    found = told(scene, planned(scene))["assurance"]
    china = next(line for line in scene.belt.lines if line.neighbour == "CN")
    watched = np.flatnonzero(found["pieces"][:, 0] != 255)
    assert np.array_equal(watched, china.first + np.arange(400, 640))
    for i, measure in enumerate(MEASURES):
        mean = found["pieces"][watched, i].mean() / 250.0
        assert mean == pytest.approx(found["means"][measure], abs=2e-3)
    assert found["means"]["detected"] > found["means"]["tracked"] > 0.0


def test_it_is_what_the_plans_own_board_says(scene, files):
    folder, file = files
    problem = load_problem(file, folder)
    sites = planned(scene)
    places = {one.id: one for one in sites}
    equipped = tuple(
        replace(one, lat=places[one.id].lat, lon=places[one.id].lon) for one in problem.sites
    )
    expected = problem.board.mean(problem.board.answer(equipped))
    found = told(scene, sites)["assurance"]["means"]
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_moved_site_changes_it_and_going_back_restores_it_exactly(scene, files):
    before = told(scene, planned(scene))["assurance"]
    after = told(scene, moved(scene))["assurance"]
    assert after["means"]["detected"] != before["means"]["detected"]
    assert same(told(scene, planned(scene))["assurance"], before)
    # A board that never saw the plan before says the same of the changed one.
    fresh = open_scene(files)
    assert same(told(fresh, moved(scene))["assurance"], after)


def test_a_site_too_far_from_the_network_is_named(files, tmp_path):
    linked = tmp_path / "linked.toml"
    linked.write_text(PLAN + LINKS)
    scene = open_scene((files[0], linked))
    alone = [one for one in planned(scene) if one.id == "hill-4"]
    assert told(scene, tuple(alone))["assurance"]["unlinked"] == []
    first = [one for one in planned(scene) if one.id in {"hill-0", "hill-4"}]
    assert told(scene, tuple(first))["assurance"]["unlinked"] == ["hill-0"]


def test_a_plan_file_without_the_folders_packages_is_refused(files, tmp_path):
    folder, file = files
    other = tmp_path / "other.toml"
    other.write_text(file.read_text().replace('"long-range"', '"far"'))
    with pytest.raises(PlanError, match="'long-range'"):
        read_scenes([folder], chosen_terrain(None), load_border(), file=other)
