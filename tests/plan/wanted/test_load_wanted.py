"""A plan file is read strictly, and what it says is held in SI."""

import math

import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.errors import PlanError
from steppewatch.plan.wanted import load_wanted

LEAST = """
[[class]]
target = "4x4"
[[package]]
id = "gap"
sensors = ["gap-filler"]
price = 1_500_000
[[candidates]]
kind = "hilltops"
"""

FULL = """
[plan]
title = "Western border"
budget = 40_000_000
currency = "MNT"
required = 0.9
score = "expected"
inside_km = 12
cell_km = 0.5
k = 1.3
start = "2026-01-01T00:00:00Z"
[[section]]
border = "RU"
from_km = 10
to_km = 500
weight = 2
[[area]]
file = "area.geojson"
[[class]]
target = "4x4"
height_m = 2.0
speed_ms = 9
[[class]]
target = "helicopter"
height_m = 100
[[package]]
id = "far"
sensors = ["long-range-3d", "mast-thermal"]
mast_m = 20
max_range_km = 100
price = 4_500_000
most = 7
[[package]]
id = "relay"
price = 80_000
[[candidates]]
kind = "points"
file = "points.csv"
number = 50
from_km = 1
to_km = 45
steepest_deg = 20
spacing_km = 2
packages = ["far"]
near_file = "roads.geojson"
near_km = 3
power_file = "power.geojson"
power_km = 8
seed = 4
[[site]]
id = "post-12"
lat_deg = 47.9
lon_deg = 90.1
package = "far"
fixed = true
[[site]]
id = "km-100"
border = "RU"
km = 100
offset_km = 5
gateway = true
[[need]]
border = "CN"
from_km = 100
to_km = 200
target = "4x4"
share = 0.9
[links]
reach_km = 40
frequency_ghz = 7
gateway_file = "places.csv"
[[condition]]
name = "day"
share = 3
[[condition]]
name = "night"
share = 1
night = true
visibility_km = 5
rain_mm_h = 2
[assure]
track_minutes = 5
direction = "both"
lead_km = 10
[[drones]]
id = "uav"
lat_deg = 48
lon_deg = 90
reaction_min = 2
[[patrol]]
id = "post"
lat_deg = 48
lon_deg = 91
speed_kmh = 36
"""


@pytest.fixture(scope="module")
def border():
    return load_border()


def test_little_is_enough_and_the_rest_is_usual(border):
    plan = load_wanted(LEAST, "plan.toml", border)
    assert plan.belt
    assert plan.budget == math.inf
    assert (plan.required, plan.score, plan.inside, plan.cell) == (0.8, "seen", 10_000.0, 1_000.0)
    assert plan.classes[0].height == 1.5
    assert plan.classes[0].speed == 11.0
    assert plan.packages[0].most is None
    assert plan.candidates[0].packages == ("gap",)
    assert plan.links is None
    assert [c.share for c in plan.conditions] == [1.0]


def test_everything_is_held_in_si(border):
    plan = load_wanted(FULL, "plan.toml", border)
    part = plan.parts[0]
    assert (part.neighbour, part.start, part.end, part.weight) == ("RU", 10e3, 500e3, 2.0)
    far, relay = plan.packages
    assert (far.mast, far.max_range, far.price, far.most) == (20.0, 100e3, 4.5e6, 7)
    assert relay.sensors == ()
    rule = plan.candidates[0]
    assert rule.steepest == pytest.approx(math.radians(20.0))
    assert (rule.near, rule.power, rule.spacing, rule.number) == (3e3, 8e3, 2e3, 50)
    post, free = plan.sites
    assert post.packages == ("far",)
    assert post.fixed
    assert post.paid
    assert free.packages == ("far", "relay")
    assert not free.paid
    assert free.gateway
    assert float(border.locate(free.lat, free.lon).distance) == pytest.approx(5e3, abs=300.0)
    assert plan.needs[0].name == "CN 100-200 km"
    assert plan.needs[0].sensors == 2
    assert plan.links is not None
    assert plan.links.frequency == 7e9
    assert [c.share for c in plan.conditions] == [0.75, 0.25]
    assert plan.assure.track_time == 300.0
    assert plan.drones[0].reaction == 120.0
    assert plan.patrols[0].speed == pytest.approx(10.0)


def test_areas_alone_take_the_place_of_the_belt(border):
    plan = load_wanted(LEAST + '[[area]]\nfile = "a.geojson"\n', "plan.toml", border)
    assert not plan.belt
    assert plan.areas[0].weight == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LEAST.replace("price", "prize"), "plan.toml:7: package[1].prize is not a known key"),
        (LEAST + "[[clas]]\n", "[clas] is not a known table"),
        (LEAST.replace('"gap-filler"', '"gap-filer"'), "did you mean 'gap-filler'"),
        (LEAST.replace('"4x4"', '"helicopter"'), "a helicopter flies"),
        (LEAST.replace('"hilltops"', '"roads"'), "where the roads are"),
        (LEAST + 'packages = ["gop"]\n', "did you mean 'gap'"),
        (LEAST + '[[site]]\nid = "a"\nlat_deg = 47\n', "not a place"),
        (LEAST + '[[site]]\nid="a"\nlat_deg=47\nlon_deg=99\nfixed=true\n', "since it is fixed"),
        (LEAST + "[links]\nreach_km = 3\n", "links.gateway_file is missing"),
        (LEAST + '[[need]]\nborder="CN"\ntarget="truck"\n', "need[1].target is 'truck'"),
        (LEAST + '[[section]]\nborder="CN"\nfrom_km=9\nto_km=3\n', "more than from_km (9)"),
        (LEAST + '[plan]\nstart = "2026-06-01T00:00:00"\n', "without a zone"),
        (LEAST + '[plan]\nscore = "sum"\n', "one of seen, expected"),
        (LEAST + '[[condition]]\nname="a"\nshare=0\n', "sum to more than 0"),
        (LEAST.split("[[package]]", maxsplit=1)[0], "no [[package]]"),
        (LEAST.split("[[candidates]]", maxsplit=1)[0], "say where sites may be"),
        (LEAST + '[[package]]\nid = "gap"\nprice = 1\n', "'gap', used before"),
        ("[plan", "not TOML"),
    ],
)
def test_a_slip_of_the_pen_is_named(border, text, words):
    with pytest.raises(PlanError) as error:
        load_wanted(text, "plan.toml", border)
    assert words in str(error.value)
