"""A plan file, terrain and border become a siting problem that says what it covers."""

import math

import numpy as np
import pytest
import shapely

from steppewatch.engine.border_file import load_border
from steppewatch.errors import PlanError
from steppewatch.plan.assemble import assemble, named_files
from steppewatch.plan.belt import cells
from steppewatch.plan.candidates import Features
from steppewatch.plan.reach import kits, reach_table
from steppewatch.plan.wanted import load_wanted
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import find_design
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed.cut import boxes_of_rays, ground_about
from steppewatch.sense.viewshed.points import Masts, in_reach, least_heights
from steppewatch.world.atmosphere import ray_table, site_atmosphere
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain, TerrainInfo

PLAN = """
[plan]
budget = 9_000_000
inside_km = 8
cell_km = 2
[[section]]
border = "RU"
from_km = 100
to_km = 160
[[section]]
border = "RU"
from_km = 160
to_km = 200
weight = 3
[[class]]
target = "4x4"
[[class]]
target = "helicopter"
height_m = 200
weight = 2
[[package]]
id = "gap"
sensors = ["gap-filler"]
mast_m = 15
price = 1_500_000
most = 3
[[package]]
id = "ground"
sensors = ["ground-surveillance", "mast-thermal"]
mast_m = 10
price = 400_000
[[package]]
id = "relay"
price = 80_000
[[candidates]]
kind = "hilltops"
number = 25
from_km = 1
to_km = 20
spacing_km = 3
[[site]]
id = "post"
border = "RU"
km = 150
offset_km = 4
package = "ground"
fixed = true
gateway = true
[[site]]
id = "no"
border = "RU"
km = 140
offset_km = 4
barred = true
[[need]]
border = "RU"
from_km = 120
to_km = 130
target = "helicopter"
share = 0.9
[links]
gateways = "sites"
"""


class Ridges(Terrain):
    """Ridges 9 km apart."""

    def heights(self, lat, lon):
        y, x = np.asarray(lat) * MEAN_RADIUS, np.asarray(lon) * MEAN_RADIUS
        up = 1_700.0 + 250.0 * np.sin(y / 1_500.0) * np.cos(x / 2_100.0)
        return up + 0.0 * x

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], np.asarray(lon)[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="ridges",
            synthetic=True,
            datum="none",
            resolution=math.radians(15.0 / 3600.0),
            south=-1.5,
            west=-3.0,
            north=1.5,
            east=3.0,
            source="",
        )


@pytest.fixture(scope="module")
def border():
    return load_border()


def see(points, masts, k):
    ground = ground_about(Ridges(), boxes_of_rays(points, masts, in_reach(points, masts)))
    return least_heights(ground, points, masts, k)


def problem(border, text=PLAN, files=None):
    wanted = load_wanted(text, "plan.toml", border)
    made = assemble(wanted, Ridges(), border, see=see, read=lambda name: name, files=files or {})
    return wanted, *made


@pytest.fixture(scope="module")
def made(border):
    return problem(border)


def test_the_belt_is_cut_into_cells_that_fill_it(border):
    wanted = load_wanted(PLAN, "plan.toml", border)
    belt = cells(wanted, border, {})
    assert (belt.inside > 0.0).all()
    assert (belt.inside <= 8e3).all()
    assert (np.diff(belt.lon) >= 0.0).all()
    assert (belt.along >= 100e3).all()
    assert (belt.along < 200e3).all()
    plain = belt.weight[belt.along < 160e3]
    assert set(plain) == {4.0}
    assert set(belt.weight[belt.along >= 160e3]) == {12.0}
    # the real border winds: its belt has about, but not just, 60 × 8 km²
    assert plain.sum() == pytest.approx(60.0 * 8.0, rel=0.35)


def test_an_area_takes_the_place_of_the_belt(border):
    head = PLAN.split("[[section]]", maxsplit=1)[0]
    rest = PLAN[PLAN.index("[[class]]") :]
    text = head + '[[area]]\nfile = "a"\nweight = 5\n' + rest
    box = Features(source="a", shapes=np.array([shapely.box(100.0, 47.0, 100.5, 47.3)]), ids=("",))
    wanted = load_wanted(text, "plan.toml", border)
    assert named_files(wanted) == ("a",)
    belt = cells(wanted, border, {"a": box})
    assert set(belt.weight) == {20.0}
    area = 0.5 * 111.2 * math.cos(math.radians(47.15)) * 0.3 * 111.2
    assert len(belt) * 4.0 == pytest.approx(area, rel=0.05)


def test_every_option_is_a_package_that_may_stand_there(made):
    wanted, siting, table = made
    assert siting.options == 25 * 3 + 1 + 3
    assert siting.demands == 2 * len(table.cells)
    assert siting.weights.sum() == pytest.approx(3.0 * table.cells.weight.sum())
    assert siting.fixed.sum() == 1
    fixed = int(np.flatnonzero(siting.fixed)[0])
    assert table.sites.ids[siting.site[fixed]] == "post"
    assert siting.costs[fixed] == 0.0
    assert siting.barred.sum() == 3
    assert siting.limits.tolist() == [3.0, np.inf, np.inf]
    free = ~siting.fixed
    prices = np.array([p.price for p in wanted.packages])
    np.testing.assert_array_equal(siting.costs[free], prices[siting.kind[free]])
    relays = siting.kind == 2
    assert (np.diff(siting.indptr)[relays] == 0).all()


def test_demands_rise_within_an_option_and_are_those_in_sight(made):
    wanted, siting, table = made
    count = len(table.cells)
    option = int(np.argmax(np.diff(siting.indptr)))
    rows = siting.indices[siting.indptr[option] : siting.indptr[option + 1]]
    assert (np.diff(rows) > 0).all()
    site = siting.site[option]
    found = see(table.cells.points, _mast(table, site, 15.0), table.k)
    seen = found.indices[found.height <= wanted.classes[1].height]
    flying = rows[rows >= count] - count
    assert np.isin(flying, seen).mean() > 0.995
    assert flying.size > 0.5 * seen.size


def _mast(table, site, height):
    return Masts(
        lat=table.sites.lat[[site]],
        lon=table.sites.lon[[site]],
        height=np.array([height]),
        reach=np.array([60e3]),
    )


def test_expected_scores_carry_chances(border, made):
    _, seen, _ = made
    _, siting, _ = problem(border, PLAN.replace("[plan]", '[plan]\nscore = "expected"'))
    assert seen.chance is None
    assert siting.chance is not None
    assert len(siting.chance) == len(siting.indices) > len(seen.indices)
    assert siting.chance.min() >= 0.01
    assert siting.chance.max() <= 1.0
    assert (siting.chance >= 0.8).sum() == len(seen.indices)


def test_a_need_names_the_demands_of_its_stretch(made):
    _, siting, table = made
    need = siting.needs[0]
    count = len(table.cells)
    assert (need.sensors, need.share) == (2, 0.9)
    assert (need.rows >= count).all()
    along = table.cells.along[need.rows - count]
    assert along.min() >= 120e3
    assert along.max() < 130e3


def test_links_go_both_ways_and_know_their_gateway(made):
    _, siting, table = made
    links = siting.links
    assert links is not None
    assert links.gateway.sum() == 1
    assert table.sites.ids[int(np.flatnonzero(links.gateway)[0])] == "post"
    pairs = {
        (s, t)
        for s in range(siting.sites)
        for t in links.indices[links.indptr[s] : links.indptr[s + 1]].tolist()
    }
    assert pairs
    assert pairs == {(t, s) for s, t in pairs}
    assert all(s != t for s, t in pairs)


def test_a_table_gives_the_radars_own_chance(border):
    wanted = load_wanted(PLAN, "plan.toml", border)
    kit = kits(wanted.packages, lambda name: name)[0]
    place, ground = (math.radians(49.0), math.radians(92.0)), 1_600.0
    air = site_atmosphere(*place, ground)
    table = reach_table(kit, wanted.classes[1], place, ground, air)
    design = find_design("gap-filler", lambda name: name)
    radar = stand(design, *place, ground, air, mast=15.0)
    target = target_model("helicopter")
    rays = ray_table(air, radar.height, max_range=1.02 * kit.reach)
    for i, j in ((20, 62), (60, 64), (120, 70)):
        slant, up = rays.apparent(i * table.scale[0], radar.height - 3_000.0 + 50.0 * j)
        exact = look(
            radar,
            slant,
            up,
            rcs=target.section(design.frequency),
            swerling=target.swerling,
            speed=wanted.classes[1].speed,
        ).pd
        assert table.chance[0, i, j] == pytest.approx(float(exact), abs=1e-6)
    assert table.chance.max() > 0.9
    assert table.farthest(0.8) > 20e3


def test_sensors_of_one_package_count_as_independent(border):
    wanted = load_wanted(PLAN, "plan.toml", border)
    both = kits(wanted.packages, lambda name: name)[1]
    alone = [type(both)(package=both.package, designs=(design,)) for design in both.designs]
    air = site_atmosphere(0.85, 1.6, 1_600.0)
    args = (wanted.classes[0], (0.85, 1.6), 1_600.0, air)
    joint = reach_table(both, *args).farthest(0.5)
    assert joint >= max(reach_table(one, *args).farthest(0.5) for one in alone) * 0.98


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLAN.replace("from_km = 120\nto_km = 130", "from_km = 700\nto_km = 710"), "no watched"),
        (PLAN.replace("gateway = true", ""), "finds no gateway"),
        (PLAN.replace("from_km = 100\nto_km = 160", "from_km = 9000\nto_km = 9001").replace(
            "weight = 3", "weight = 0"), "no cell is to be watched"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(border, text, words):
    with pytest.raises(PlanError, match=words):
        problem(border, text)
