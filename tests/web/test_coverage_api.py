"""Coverage over HTTP: what a click gets, what is refused, and that nobody waits for ever."""

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgpack
import numpy as np
import pytest

from steppewatch.records import Origin, Sensor, SensorKind
from steppewatch.records.binary import _ext
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import target_model
from steppewatch.web.coverage import serve as serving
from steppewatch.web.coverage.raster import (
    OUTSIDE,
    OUTSIDE_CHANCE,
    UNKNOWN,
    UNKNOWN_CHANCE,
)
from steppewatch.world.atmosphere import ray_table, site_atmosphere
from steppewatch.world.geodesic import inverse
from steppewatch.world.geodesy import SEMI_MAJOR

T0 = 1_700_000_000_000_000_000
HERE = "lat=46.0&lon=103.0"


def sensor(**changes):
    fields = {
        "id": "r1", "name": "Hill radar", "site": "hill", "kind": SensorKind.RADAR_3D,
        "lat": math.radians(46.0), "lon": math.radians(103.0), "height": 1230.0,
        "min_range": 500.0, "max_range": 40_000.0, "scan_period": 4.0, "sector_start": 0.0,
        "sector_width": 2.0 * math.pi, "sigma_range": 50.0, "sigma_azimuth": 0.003,
        "sigma_elevation": 0.005, "sigma_range_rate": 1.0, "detection_probability": 0.9,
        "false_alarms": 2.0, "origin": Origin(sensor="r1", feed="rehearsal"),
    }  # fmt: skip
    return Sensor(**{**fields, **changes})


@pytest.fixture
def get(server):
    def ask(query, path="", **options):
        return httpx.get(f"{server.address}/api/v1/coverage{path}?{query}", timeout=60.0, **options)

    return ask


@pytest.fixture
def cover(get):
    def ask(query):
        answer = get(query)
        assert answer.status_code == 200, answer.text
        return msgpack.unpackb(answer.content, ext_hook=_ext)

    return ask


def places(said):
    """Give distance [m] and azimuth [rad] of every cell from the site, by Karney's geodesics."""
    west, south, east, north = said["bounds"]
    side = len(said["min_height"])
    middle = (np.arange(side) + 0.5) / side
    lat = np.arctan(np.sinh((north - middle * (north - south)) / SEMI_MAJOR))
    lon = (west + middle * (east - west)) / SEMI_MAJOR
    site = math.radians(said["lat"]), math.radians(said["lon"])
    distance, azimuth, _ = inverse(*site, lat[:, None], lon[None, :])
    return distance, azimuth


def heights(said):
    codes = said["min_height"].astype(float)
    known = np.where(said["min_height"] >= OUTSIDE, np.nan, codes)
    return np.expm1(known / said["steps_per_e"])


def test_a_plain_is_seen_as_the_smooth_earth_lets_it(cover):
    """The horizon of a mast h₁ is √(2kRh₁); beyond, (d − d₁)²/2kR hides the ground."""
    said = cover(HERE + "&sensor=gap-filler&mast=30&k=1.3333333")
    distance, _ = places(said)
    bend = 2.0 * said["k"] * 6_371_000.0
    horizon = math.sqrt(bend * 30.0)
    expected = np.maximum(distance - horizon, 0.0) ** 2 / bend
    shown = heights(said)
    far = (distance > horizon + 5_000.0) & np.isfinite(shown)
    assert far.sum() > 10_000
    # A cell of 600 m is taken at its centre, the map's cell at its own: half a cell each.
    slack = np.gradient(expected, axis=0) ** 2 + np.gradient(expected, axis=1) ** 2
    limit = 0.02 * expected + 1.5 * np.sqrt(slack) + 0.5
    assert (np.abs(shown - expected)[far] < limit[far]).all()
    # The refraction coefficient acts on the mean earth, the curvature is the ellipsoid's own.
    near = np.isfinite(shown) & (distance < horizon - 2_000.0)
    assert (shown[near] < 0.05).all()


def test_what_is_out_of_range_or_too_near_is_nobodys_coverage(cover):
    said = cover(HERE + "&sensor=long-range-3d&range=50000")
    distance, _ = places(said)
    outside = said["min_height"] == OUTSIDE
    assert outside[distance > 50_050.0].all()
    assert outside[distance < 4_950.0].all()
    assert not outside[(distance > 5_050.0) & (distance < 49_950.0)].any()
    assert (said["min_range"], said["max_range"]) == (5_000.0, 50_000.0)


def test_unknown_ground_is_unknown_and_never_seen(cover):
    """The plain of the tests has no elevation east of 110° E."""
    said = cover("lat=46.0&lon=109.8&sensor=gap-filler&range=40000")
    west, _, east, _ = said["bounds"]
    side = len(said["min_height"])
    lon = np.degrees((west + (np.arange(side) + 0.5) / side * (east - west)) / SEMI_MAJOR)
    codes = said["min_height"]
    beyond = codes[:, lon > 110.01]
    assert set(np.unique(beyond).tolist()) <= {UNKNOWN, OUTSIDE}
    assert (beyond == UNKNOWN).sum() > 100
    assert not (codes[:, lon < 109.9] == UNKNOWN).any()
    assert any("unknown ground" in warning for warning in said["warnings"])


def test_the_answer_names_site_antenna_refraction_and_terrain(cover):
    said = cover(HERE + "&mast=20&range=30000")
    assert said["_"] == "coverage/1"
    assert (said["sensor"], said["ground"], said["antenna"]) == ("gap-filler", 1200.0, 1220.0)
    assert said["k_label"]
    assert 1.0 < said["k"] < 1.6
    assert said["terrain"]["label"] == "a plain"
    assert said["terrain"]["synthetic"] is True
    assert 0.0 < said["seconds"] < 30.0


def test_rays_bend_as_the_air_of_the_place_and_season_lets_them(cover):
    """The facts file's k at 1,300 m in Mongolia is about 1.27; the textbook's 4/3 is asked for."""
    summer, winter, year, textbook = (
        cover(f"{HERE}&range=20000&{more}")
        for more in ("season=summer", "season=winter", "season=year", "k=1.3333")
    )
    assert year["k"] == pytest.approx(1.27, abs=0.02)
    assert winter["k"] < year["k"] < summer["k"]
    assert "P.835" in year["k_label"]
    assert (textbook["k"], textbook["k_label"]) == (1.3333, "as asked")


def test_more_mast_never_hides_anything(cover):
    low, high = (cover(f"{HERE}&mast={mast}&range=60000")["min_height"] for mast in (5, 100))
    assert (high <= low).all()
    assert (high < low).any()


def test_a_sensor_of_the_picture_is_covered_as_it_stands(cover, hub):
    wedge = {"sector_start": math.radians(300.0), "sector_width": math.radians(120.0)}
    hub.publish([sensor(**wedge)], T0)
    said = cover("of=r1")
    assert (said["name"], said["antenna"]) == ("Hill radar", 1230.0)
    assert (said["mast"], said["max_range"]) == (pytest.approx(30.0), 40_000.0)
    distance, azimuth = places(said)
    bearing = np.degrees(azimuth) % 360.0
    seen = said["min_height"] < OUTSIDE
    ring = (distance > 2_000.0) & (distance < 39_000.0)
    assert not seen[ring & (bearing > 62.0) & (bearing < 298.0)].any()
    assert seen[ring & ((bearing > 302.0) | (bearing < 58.0))].all()


def test_an_antenna_under_the_terrain_is_flagged(cover, hub):
    hub.publish([sensor(height=1_100.0)], T0)
    said = cover("of=r1")
    assert said["mast"] == 2.0
    assert any("stands at 1100 m" in w and "ground at 1200 m" in w for w in said["warnings"])


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("lon=103", 400, ["lat is missing", "-80…80"]),
        ("lat=46&lon=abc", 400, ["lon is 'abc'", "-180…180"]),
        ("lat=95&lon=103", 400, ["lat is '95'", "-80…80 degrees north"]),
        ("lat=nan&lon=103", 400, ["lat is 'nan'"]),
        (HERE + "&mast=-3", 400, ["mast is '-3'", "0.5…6000 metres above ground"]),
        (HERE + "&range=1e9", 400, ["range is '1e9'", "450000 metres"]),
        (HERE + "&sensor=long-range-3d&range=3000", 400, ["range is '3000'", "10000…450000"]),
        (HERE + "&k=0", 400, ["k is '0'", "0.5…10"]),
        (HERE + "&season=spring", 400, ["'spring'", "summer"]),
        (HERE + "&sensor=gapfiller", 400, ["did you mean 'gap-filler'", "long-range-3d"]),
        (HERE + "&hieght=3", 400, ["'hieght' is unknown"]),
        (HERE + "&mats=3", 400, ["did you mean 'mast'"]),
        ("of=nobody", 404, ["of is 'nobody'", "/api/v1/sites"]),
        ("of=r1&mast=3", 400, ["leave out mast"]),
        (HERE + "&screen=" + "x" * 60, 400, ["screen is longer"]),
        ("lat=46&lon=111", 422, ["nobody knows the ground at 46.0000° N, 111.0000° E"]),
    ],
)
def test_a_wrong_question_is_answered_with_what_should_be(get, query, status, words):
    answer = get(query)
    assert answer.status_code == status
    for word in words:
        assert word in answer.json()["error"]


def test_the_library_is_listed_with_masts_and_ranges(get):
    said = get("", "/sensors").json()
    by_id = {found["id"]: found for found in said["sensors"]}
    assert said["default"] in by_id
    for found in by_id.values():
        assert found["name"]
        assert 0.0 <= found["min_range"] < found["max_range"] <= 450_000.0
        assert found["mast"] > 0.0


def test_the_same_question_is_computed_once(get, monkeypatch):
    computed = []
    draw = serving.draw
    monkeypatch.setattr(serving, "draw", lambda *a: computed.append(1) or draw(*a))
    first = get(HERE + "&range=20000&screen=a")
    again = get(HERE + "&range=20000&screen=b", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, len(computed)) == (200, 304, 1)


def test_a_program_without_gzip_gets_the_same_bytes(get):
    packed = get(HERE + "&range=20000")
    plain = get(HERE + "&range=20000", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["content-encoding"] == "identity"
    assert plain.content == packed.content


@pytest.fixture
def slow(monkeypatch):
    """Hold every drawing until told to go on; gives the event and the list of what began."""
    go, begun = threading.Event(), []

    def draw(wanted, _sites):
        begun.append(wanted.ask.mast)
        assert go.wait(20.0)
        return serving.unpack.__globals__["gzip"].compress(b"drawn")

    monkeypatch.setattr(serving, "draw", draw)
    yield go, begun
    go.set()


def test_a_newer_question_of_a_screen_overtakes_the_one_that_waits(get, slow, until):
    go, begun = slow
    with ThreadPoolExecutor(4) as pool:
        running = pool.submit(get, HERE + "&mast=10&screen=other")
        until(lambda: begun)
        old = pool.submit(get, HERE + "&mast=11&screen=mine")
        time.sleep(0.2)
        new = pool.submit(get, HERE + "&mast=12&screen=mine")
        given_up = old.result(10.0)
        assert given_up.status_code == 409
        assert "same screen" in given_up.json()["error"]
        go.set()
        assert [running.result(10.0).status_code, new.result(10.0).status_code] == [200, 200]
    assert begun == [10.0, 12.0]


def test_too_many_questions_are_turned_away_with_a_remedy(get, slow, until, monkeypatch):
    go, begun = slow
    monkeypatch.setattr(serving, "MOST_WAITING", 2)
    with ThreadPoolExecutor(4) as pool:
        first = [pool.submit(get, f"{HERE}&mast={mast}") for mast in (10, 11)]
        until(lambda: begun)
        time.sleep(0.2)
        full = get(HERE + "&mast=12")
        assert full.status_code == 503
        assert "ask again" in full.json()["error"]
        assert int(full.headers["retry-after"]) > 0
        go.set()
        assert [f.result(10.0).status_code for f in first] == [200, 200]


def test_a_long_computation_goes_on_and_is_there_when_asked_again(get, slow, monkeypatch):
    go, begun = slow
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 0.2)
    late = get(HERE + "&mast=10")
    assert late.status_code == 503
    assert "not computed within" in late.json()["error"]
    go.set()
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 10.0)
    assert get(HERE + "&mast=10").status_code == 200
    assert begun == [10.0]


def test_a_target_is_detected_where_it_is_in_sight_and_strong_enough(cover, get):
    """What hides it leaves no chance; the look itself is the radar's own."""
    query = HERE + "&sensor=gap-filler&mast=30"
    said = cover(query)
    answer = get(query + "&target=light-aircraft&height=300", "/detection")
    assert answer.status_code == 200, answer.text
    found = msgpack.unpackb(answer.content, ext_hook=_ext)
    assert found["_"] == "detection/1"
    assert found["bounds"] == said["bounds"]
    codes, chance = said["min_height"], found["chance"]
    assert ((codes == OUTSIDE) == (chance == OUTSIDE_CHANCE)).all()
    assert ((codes == UNKNOWN) == (chance == UNKNOWN_CHANCE)).all()
    hidden = (codes > math.ceil(math.log(301.0) * said["steps_per_e"])) & (codes < OUTSIDE)
    assert hidden.any()
    assert (chance[hidden] == 0).all()
    distance, _ = places(said)
    near = (distance > 8_000.0) & (distance < 12_000.0)
    far = (distance > 70_000.0) & (distance < 74_000.0)
    assert chance[near].mean() > 0.9 * found["parts"] > chance[far].mean()


def test_the_chance_on_the_map_is_the_radars_own_look(cover, get):
    """One cell, worked out by hand: range and elevation on the round earth, then the look."""
    query = HERE + "&sensor=gap-filler&mast=30&k=1.25"
    found = msgpack.unpackb(
        get(query + "&target=light-aircraft&height=800", "/detection").content, ext_hook=_ext
    )
    said = cover(query)
    distance, _ = places(said)
    lat, lon = math.radians(46.0), math.radians(103.0)
    air = site_atmosphere(lat, lon, 1_200.0, k=1.25)
    radar = stand(radar_design("gap-filler"), lat, lon, 1_200.0, air, mast=30.0)
    rays = ray_table(air, 1_230.0)
    model = target_model("light-aircraft")
    ring = (distance > 40_000.0) & (distance < 60_000.0)
    slant, up = rays.apparent(distance[ring], 2_000.0)
    expected = look(
        radar, slant, up, rcs=model.section(radar.design.frequency), speed=model.speed
    ).pd
    shown = found["chance"][ring] / found["parts"]
    assert np.abs(shown - expected).max() < 0.03  # half a cell of 600 m
    assert abs(float((shown - expected).mean())) < 0.006


def test_a_camera_on_a_mast_is_asked_about_its_own_classes(get):
    query = HERE + "&sensor=mast-thermal&range=8000"
    found = msgpack.unpackb(
        get(query + "&target=walker&height=0", "/detection").content, ext_hook=_ext
    )
    assert (found["chance"] <= found["parts"]).any()
    assert "camera" in found["note"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (HERE + "&height=3", ["target is ''", "walker"]),
        (HERE + "&target=tank&height=3", ["target is 'tank'", "walker"]),
        (HERE + "&target=walkr&height=3", ["did you mean 'walker'"]),
        (HERE + "&target=walker", ["height is missing", "metres above ground"]),
        (HERE + "&target=walker&height=-1", ["height is '-1'"]),
        ("of=r1&target=walker&height=2", ["does not say its class"]),
        (HERE + "&sensor=mast-thermal&target=airliner&height=9000", ["target is 'airliner'"]),
    ],
)
def test_a_wrong_target_is_answered_with_what_should_be(get, query, words):
    answer = get(query, "/detection")
    assert answer.status_code == 400
    for word in words:
        assert word in answer.json()["error"]
