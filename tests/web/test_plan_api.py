"""The planner's requests: a site moves, numbers follow, and going back gives the very same ones."""

import json
import sys
import time
from pathlib import Path

import httpx
import msgpack
import numpy as np
import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.engine.plan_report_read import read_cells, read_plan
from steppewatch.errors import EngineError, WebError
from steppewatch.sense.coverage.covers import radar_cover
from steppewatch.sense.coverage.network import combine
from steppewatch.sense.coverage.radar_map import Layer
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.targets import target_model
from steppewatch.web import Hub, PictureInfo, Plans, read_scenes, serve
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.terrain import Terrain, TerrainInfo

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from plan_folder import make_plan

KEYS = ("id", "lat", "lon", "package")


class Hills(Terrain):
    """Rolling hills, 120 m high and some 8 km apart; nobody knows the ground north of 50° N."""

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(lat, lon)
        rolling = np.sin(np.asarray(lat) * 5_000.0) * np.sin(np.asarray(lon) * 4_000.0)
        return np.where(lat > np.radians(50.0), np.nan, 1_200.0 + 60.0 * rolling)

    def grid(self, lat, lon):
        return self.heights(lat[:, None], lon[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="rolling hills", synthetic=True, datum="none", resolution=1e-4, south=0.0,
            west=0.0, north=1.0, east=2.0, source="made for tests",
        )  # fmt: skip


def without_far_reach(folder):
    """Keep the sensors' reach short, for speed."""
    raw = json.loads((folder / "plan.json").read_text())
    for package, reach in zip(raw["packages"], (40, 20), strict=True):
        package["max_range_km"] = reach
    (folder / "plan.json").write_text(json.dumps(raw))
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    top = tmp_path_factory.mktemp("plans")
    one = without_far_reach(make_plan(top / "one"))
    other = without_far_reach(make_plan(top / "other", title="Another"))
    return one, other, top / "kept"


@pytest.fixture(scope="module")
def scenes(folders):
    return read_scenes(folders[:2], Hills(), load_border())


@pytest.fixture(scope="module")
def address(scenes, folders):
    hub = Hub(PictureInfo(title="plans", mode="rehearsal"), Hills(), load_border())
    server = serve(hub, port=0, plans=Plans(scenes, folders[2]))
    yield f"{server.address}/api/v1/plans"
    server.stop()


def decode(raw):
    def array(code, data):
        assert code == 1
        dims, length = data[0], data[1]
        shape = np.frombuffer(data[2 + length : 2 + length + 4 * dims], "<u4")
        kind = data[2 : 2 + length].decode()
        return np.frombuffer(data[2 + length + 4 * dims :], kind).reshape(shape)

    return msgpack.unpackb(raw, ext_hook=array)


def scene(address, number=0):
    return decode(httpx.get(f"{address}/{number}").raise_for_status().content)


def sites_of(shown):
    return [{key: site[key] for key in KEYS} for site in shown["sites"]]


def ask(address, sites, number=0, **more):
    body = {"sites": sites, **more}
    return httpx.post(f"{address}/{number}/evaluate", json=body, timeout=60.0)


def told(address, sites, number=0, **more):
    found = ask(address, sites, number, **more)
    assert found.status_code == 200, found.text
    return decode(found.content)


def numbers(state):
    return {key: value for key, value in state.items() if key != "seconds"}


def same(one, other):
    one, other = numbers(one), numbers(other)
    arrays = {key for key in one if isinstance(one[key], np.ndarray)}
    return all(np.array_equal(one[k], other[k]) for k in arrays) and {
        k: v for k, v in one.items() if k not in arrays
    } == {k: v for k, v in other.items() if k not in arrays}


def test_the_plans_are_listed_and_their_sites_surveyed(address):
    deadline = time.monotonic() + 120.0
    while time.monotonic() < deadline:
        listed = httpx.get(address).json()
        if all(plan["surveyed"] == plan["sites"] for plan in listed["plans"]):
            break
        time.sleep(0.2)
    assert [plan["title"] for plan in listed["plans"]] == ["Southern border 2027", "Another"]
    assert [plan["surveyed"] for plan in listed["plans"]] == [5, 5]
    assert listed["save"] is True
    assert listed["fault"] == ""


def test_the_scene_lays_the_plan_on_the_ground(address, folders):
    shown, plan, cells = scene(address), read_plan(folders[0]), read_cells(folders[0])
    assert [site["id"] for site in shown["sites"]] == [site.id for site in plan.sites]
    assert np.allclose(shown["cell_lat"], np.degrees(cells.lat), atol=1e-5)
    assert sum(line["count"] + 1 for line in shown["lines"]) == len(shown["vertex_lat"])
    assert [package["reach"] for package in shown["packages"]] == [40_000.0, 20_000.0]
    assert shown["synthetic"] is True


def test_the_chances_are_those_of_the_sensor_network(address, folders):
    """The numbers of one site, against the room ``sense`` asked directly."""
    shown, cells = scene(address), read_cells(folders[0])
    first = sites_of(shown)[0]
    state = told(address, [first])
    lat, lon = np.radians([first["lat"], first["lon"]])
    terrain, design = Hills(), radar_design("gap-filler")
    ground = float(terrain.heights(lat, lon))
    air = site_atmosphere(lat, lon, ground)
    radar = stand(design, lat, lon, ground, air, mast=20.0)
    for c, name in enumerate(("4x4", "walker")):
        layer = Layer(target=target_model(name), height=2.0)
        cover = radar_cover(terrain, radar, layer, name=name, k=air.k, max_range=20e3)
        chance = np.nan_to_num(combine([cover], cells.lat, cells.lon).combined)
        assert chance.max() > 0.5
        assert state["classes"][c] == pytest.approx((chance >= 0.8).mean(), abs=1e-12)
        assert state["classes_expected"][c] == pytest.approx(chance.mean(), abs=1e-6)


def test_a_site_that_moves_changes_the_numbers_and_going_back_restores_them_exactly(address):
    sites = sites_of(scene(address))
    before = told(address, sites)
    moved = [dict(site) for site in sites]
    moved[2]["lat"] += 0.2
    after = told(address, moved, moved="hill-2")
    assert after["share"] != before["share"]
    assert not np.array_equal(after["counts"], before["counts"])
    assert same(told(address, sites), before)
    assert same(told(address, moved), after)


def test_what_a_site_adds_is_what_is_lost_without_it(address):
    sites = sites_of(scene(address))
    whole = told(address, sites)
    for at, site in enumerate(sites):
        rest = told(address, sites[:at] + sites[at + 1 :])
        assert whole["sites"][at]["adds"] == pytest.approx(whole["share"] - rest["share"])
        assert told(address, [site])["share"] == pytest.approx(whole["sites"][at]["alone"])


def test_the_pieces_of_the_border_and_the_weak_stretches_add_up(address, scenes):
    sites = sites_of(scene(address))
    state, cells, belt = told(address, sites), scenes[0].cells, scenes[0].belt
    seen = state["counts"] > 0
    assert state["share"] == pytest.approx((cells.weight * seen).sum() / cells.weight.sum())
    for piece in np.unique(belt.piece)[::17]:
        here = belt.piece == piece
        share = (cells.weight[here] * seen[here]).sum() / cells.weight[here].sum()
        assert state["pieces"][piece, 0] == round(share * 250)
    assert state["pieces"][0].tolist() == [255, 255, 255]
    lost = [stretch["lost"] for stretch in state["stretches"]]
    assert lost == sorted(lost, reverse=True)
    assert 0.0 < sum(lost) <= 1.0 - state["share"]


def test_a_dragged_site_seeks_the_high_ground_and_stays_there(address):
    sites = sites_of(scene(address))
    moved = [dict(site) for site in sites]
    moved[0]["lat"] += 0.05
    first = told(address, moved, moved="hill-0", seek_high=3_000.0)
    found = first["sites"][0]
    low = Hills().heights(*np.radians([moved[0]["lat"], moved[0]["lon"]]))
    assert found["ground"] > low + 10.0
    again = [{key: site[key] for key in KEYS} for site in first["sites"]]
    assert same(told(address, again), first)


def test_another_package_costs_other_money_and_broken_limits_are_said(address):
    sites = sites_of(scene(address))
    before = told(address, sites)
    assert (before["spent"], before["broken"]) == (10.8e6, [])
    dear = [dict(site, package="long-range") for site in sites]
    after = told(address, dear)
    assert after["bought"] == {"long-range": 5, "gap-filler": 0}
    assert after["spent"] == 22.5e6
    assert after["broken"] == ["22,500,000 USD spent, the budget is 15,000,000"]


def test_two_plans_over_the_same_ground_share_their_sights(scenes):
    assert scenes[0].sights is scenes[1].sights
    assert scenes[0].belt is scenes[1].belt


SITE = {"id": "a", "lat": 46.0, "lon": 91.0, "package": "gap-filler"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "no JSON object"),
        ({}, "sites is no list"),
        ({"sites": [SITE], "budget": 3}, "'budget' is unknown, expected assure, moved, seek"),
        ({"sites": [SITE] * 3_000}, "no list of at most 2000"),
        ({"sites": [SITE, SITE]}, "two sites are called 'a'"),
        ({"sites": [{**SITE, "id": ""}]}, "sites[0].id must be 1…200 printable"),
        ({"sites": [{**SITE, "id": "a\u0000"}]}, "sites[0].id must be"),
        ({"sites": [{**SITE, "lat": 91}]}, "sites[0].lat is 91, expected a number -80…80"),
        ({"sites": [{**SITE, "lat": True}]}, "sites[0].lat is True, expected a number"),
        ({"sites": [{**SITE, "lon": "91"}]}, "sites[0].lon is 91, expected a number"),
        ({"sites": [{**SITE, "price": 0}]}, "sites[0] must have id, lat, lon, package, no more"),
        ({"sites": [{**SITE, "package": "tank"}]}, "expected one of gap-filler, long-range"),
        ({"sites": [SITE], "moved": "b"}, "moved is 'b', expected the id of a site"),
        ({"sites": [SITE], "assure": 1}, "assure is '1', expected true or false"),
        ({"sites": [SITE], "seek_high": 1e9}, "seek_high is 1000000000.0, expected a number 0…"),
    ],
)
def test_a_bad_body_is_answered_with_words(address, body, words):
    found = httpx.post(f"{address}/0/evaluate", json=body)
    assert found.status_code == 400
    assert words in found.json()["error"]


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (b"{", "application/json", 400, "not JSON"),
        (b'{"sites": [NaN]}', "application/json", 400, "sites[0] must have"),
        (b"[" * 100_000, "application/json", 400, "not JSON"),
        (b"x" * 600_000, "application/json", 413, "longer than 524288 bytes"),
        (b"{}", "text/plain", 415, "expected application/json"),
    ],
)
def test_bytes_that_are_no_question_are_refused(address, content, kind, status, words):
    found = httpx.post(f"{address}/0/evaluate", content=content, headers={"content-type": kind})
    assert found.status_code == status
    assert words in found.json()["error"]


def test_unknown_plans_and_unknown_ground_are_named(address):
    assert httpx.get(f"{address}/9").status_code == 404
    found = ask(address, [{**SITE, "lat": 51.0}])
    assert found.status_code == 422
    assert "nobody knows the ground at 51.0000° N" in found.json()["error"]
    sought = ask(address, [{**SITE, "lat": 51.0}], moved="a", seek_high=500.0)
    assert sought.status_code == 422


def test_a_changed_plan_is_kept_honestly_and_reads_again(address, folders):
    sites = sites_of(scene(address))
    sites[1]["lat"] += 0.1
    state = told(address, sites)
    body = {"sites": sites, "name": "plan-b"}
    saved = httpx.post(f"{address}/0/save", json=body, timeout=60.0)
    assert saved.json() == {"saved": "plan-b"}
    plan, cells = read_plan(folders[2] / "plan-b"), read_cells(folders[2] / "plan-b")
    assert plan.title == "plan-b"
    assert plan.share == pytest.approx(state["share"])
    assert ((cells.seen > 0) * cells.weight).sum() / cells.weight.sum() == pytest.approx(plan.share)
    assert np.degrees(plan.sites[1].lat) == pytest.approx(sites[1]["lat"])
    assert plan.curve == ()  # nothing was proven of the changed plan
    assert "changed by hand" in plan.method
    assert any("links of moved sites were not rechecked" in line for line in plan.warnings)
    again = httpx.post(f"{address}/0/save", json=body, timeout=60.0)
    assert again.status_code == 422
    assert "is there already" in again.json()["error"]
    downloaded = httpx.post(f"{address}/0/file", json={"sites": sites}, timeout=60.0)
    assert "attachment" in downloaded.headers["content-disposition"]
    assert downloaded.json()["sites"] == json.loads(
        (folders[2] / "plan-b" / "plan.json").read_text()
    )["sites"]  # fmt: skip


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".", "x" * 90, "a\n", 5, None])
def test_a_name_that_is_a_path_is_refused(address, name):
    found = httpx.post(f"{address}/0/save", json={"sites": [], "name": name})
    assert found.status_code == 400
    assert "name must be" in found.json()["error"]


def test_nothing_is_saved_where_no_folder_was_given(scenes):
    hub = Hub(PictureInfo(title="plans", mode="rehearsal"), Hills(), load_border())
    server = serve(hub, port=0, plans=Plans(scenes))
    try:
        found = httpx.post(f"{server.address}/api/v1/plans/0/save", json={"sites": [], "name": "b"})
        assert found.status_code == 403
        assert "--save" in found.json()["error"]
    finally:
        server.stop()


def test_the_bare_address_leads_to_the_plans(address):
    found = httpx.get(address.removesuffix("api/v1/plans"))
    assert (found.status_code, found.headers["location"]) == (307, "./plan.html")


def test_a_node_without_plans_says_so(server):
    listed = httpx.get(f"{server.address}/api/v1/plans").json()
    assert listed == {"plans": [], "save": False, "fault": ""}


def test_plans_that_cannot_be_shown_are_named(tmp_path):
    bare = make_plan(tmp_path / "bare")
    (bare / "cells.npz").unlink()
    with pytest.raises(WebError, match=r"has no cells\.npz"):
        read_scenes([bare], Hills(), load_border())
    raw = json.loads((make_plan(tmp_path / "odd") / "plan.json").read_text())
    raw["sites"][0]["package"] = "tank"
    (tmp_path / "odd" / "plan.json").write_text(json.dumps(raw))
    with pytest.raises(WebError, match="has the package 'tank', expected one of long-range"):
        read_scenes([tmp_path / "odd"], Hills(), load_border())
    raw["packages"][0]["sensors"] = ["/etc/passwd.toml"]
    (tmp_path / "odd" / "plan.json").write_text(json.dumps(raw))
    with pytest.raises(EngineError, match="expected a sensor's file beside the plan"):
        read_scenes([tmp_path / "odd"], Hills(), load_border())
