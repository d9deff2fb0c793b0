"""Candidates are where the plan says, and each limit says what it took away."""

import math

import numpy as np
import pytest
import shapely

from steppewatch.engine.border_file import load_border
from steppewatch.errors import PlanError
from steppewatch.plan.candidates import Features, candidate_sites
from steppewatch.plan.candidates.choose import slope
from steppewatch.plan.candidates.hilltops import apart, hilltops
from steppewatch.plan.wanted import load_wanted
from steppewatch.world import geodesic
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain, TerrainInfo

HEAD = """
[[class]]
target = "4x4"
[[package]]
id = "a"
sensors = ["gap-filler"]
price = 1
[[package]]
id = "b"
price = 2
"""
RULE = '[[candidates]]\nkind = "hilltops"\nspacing_km = 3\n'
STEP = math.radians(30.0 / 3600.0)
PLACE = math.radians(49.0), math.radians(90.5)


class Waves(Terrain):
    """Hills every 6 km or so; unknown south of a parallel."""

    unknown_below = 0.0

    def heights(self, lat, lon):
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        up = 300.0 * np.sin(lat * MEAN_RADIUS / 1_000.0) * np.sin(lon * MEAN_RADIUS / 1_500.0)
        return np.where(lat < self.unknown_below, np.nan, 1_500.0 + up + 0.001 * lon)

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], np.asarray(lon)[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="waves",
            synthetic=True,
            datum="none",
            resolution=STEP,
            south=math.radians(40.0),
            west=math.radians(85.0),
            north=math.radians(55.0),
            east=math.radians(120.0),
            source="",
        )


@pytest.fixture(scope="module")
def border():
    return load_border()


def sites_of(text, border, terrain=None, files=None, reach=40_000.0):
    wanted = load_wanted(text, "plan.toml", border)
    watched = border.point_at("RU", np.arange(30e3, 90e3, 5e3))
    return candidate_sites(wanted, terrain or Waves(), border, watched, reach, files or {})


def test_hilltops_stand_above_all_ground_within_the_spacing(border):
    del border
    box = (PLACE[0] - 0.005, PLACE[1] - 0.005, PLACE[0] + 0.005, PLACE[1] + 0.005)
    lat, lon = hilltops(Waves(), box, 3_000.0, lambda *_: True)
    assert lat.size > 20
    top = Waves().heights(lat, lon)
    for way in range(8):
        beside = geodesic.direct(lat, lon, way * math.pi / 4.0, 1_000.0)
        assert (top > Waves().heights(*beside)).all()


def test_places_are_kept_apart_in_their_order():
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(0.85, 0.852, 400), rng.uniform(1.6, 1.603, 400)
    kept = apart(lat, lon, 1_000.0)
    far = geodesic.inverse(lat[:, None], lon[:, None], lat, lon)[0]
    among = far[np.ix_(kept, kept)]
    assert among[~np.eye(len(kept), dtype=bool)].min() >= 995.0
    left = np.setdiff1d(np.arange(400), kept)
    assert left.size
    assert all(far[i, kept[kept < i]].min() < 1_005.0 for i in left)


def test_hilltops_are_inside_the_border_and_near_what_is_watched(border):
    sites = sites_of(HEAD + RULE + "from_km = 2\nto_km = 20\n", border)
    inside = border.locate(sites.lat, sites.lon).distance
    assert len(sites) > 50
    assert inside.min() >= 2e3
    assert inside.max() <= 20e3
    assert len(set(sites.ids)) == len(sites)
    np.testing.assert_allclose(sites.ground, Waves().heights(sites.lat, sites.lon))
    assert sites.allowed.all()


def test_a_draw_is_the_same_for_the_same_seed(border):
    text = HEAD + RULE + "number = 10\n"
    one, same = (sites_of(text + "seed = 4\n", border) for _ in range(2))
    other = sites_of(text + "seed = 5\n", border)
    assert len(one) == 10
    assert one.lat.tolist() == same.lat.tolist()
    assert one.lat.tolist() != other.lat.tolist()


def test_steep_and_unknown_ground_is_refused(border):
    unknown = Waves()
    lats = sites_of(HEAD + RULE, border).lat
    unknown.unknown_below = float(np.median(lats))
    assert sites_of(HEAD + RULE, border, unknown).lat.min() >= unknown.unknown_below
    flank = np.array([PLACE[0]]), np.array([PLACE[1]])
    steep = float(slope(Waves(), *flank)[0])
    rise = Waves().heights(PLACE[0] + STEP, flank[1]) - Waves().heights(PLACE[0] - STEP, flank[1])
    assert math.tan(steep) >= abs(float(rise[0])) / (2.0 * STEP * MEAN_RADIUS) - 1e-9


def test_nothing_left_says_how_many_each_rule_took(border):
    roads = Features(
        source="roads", shapes=np.array([shapely.LineString([(110, 45), (111, 45)])]), ids=("",)
    )
    with pytest.raises(PlanError) as error:
        sites_of(HEAD + RULE + 'near_file = "roads"\nnear_km = 5\n', border, files={"roads": roads})
    said = str(error.value)
    assert "leave no site" in said
    assert "inside the border" in said
    assert "more than 5 km from roads" in said


def test_access_counts_from_the_nearest_feature(border):
    free = sites_of(HEAD + RULE, border)
    road = shapely.LineString(np.degrees([(free.lon[0], free.lat[0]), (free.lon[5], free.lat[5])]))
    roads = Features(source="roads", shapes=np.array([road]), ids=("",))
    near = sites_of(
        HEAD + RULE + 'near_file = "roads"\nnear_km = 8\n', border, files={"roads": roads}
    )
    at = shapely.line_interpolate_point(road, np.linspace(0, 1, 400), normalized=True)
    lat, lon = np.radians(shapely.get_y(at)), np.radians(shapely.get_x(at))
    distance = geodesic.inverse(free.lat[:, None], free.lon[:, None], lat, lon)[0].min(axis=1)
    got = set(zip(near.lat.tolist(), near.lon.tolist(), strict=True))
    free_places = zip(free.lat.tolist(), free.lon.tolist(), strict=True)
    for place, far in zip(free_places, distance, strict=True):
        if abs(far - 8e3) > 150.0:
            assert (place in got) == (far < 8e3)


def test_points_keep_their_names_and_join_with_given_sites(border):
    lat, lon = border.point_at("RU", 60e3)
    rule = '[[candidates]]\nkind = "points"\nfile = "p"\nfrom_km = -50\npackages = ["b"]\n'
    given = (
        f'[[site]]\nid = "post"\nlat_deg = {math.degrees(lat)}\nlon_deg = {math.degrees(lon)}\n'
        'package = "a"\nfixed = true\ngateway = true\n'
    )
    near = geodesic.direct(lat, lon, math.pi, 9e3)
    places = np.degrees([(lon, lat), (near[1], near[0])])
    points = Features(source="p", shapes=shapely.points(places), ids=("post", "post"))
    sites = sites_of(HEAD + rule + given, border, files={"p": points})
    assert sites.ids == ("post", "post-2")
    assert sites.fixed.tolist() == [0, -1]
    assert sites.paid.tolist() == [True, False]
    assert sites.gateway.tolist() == [True, False]
    assert sites.allowed.tolist() == [[True, True], [False, True]]


def test_roads_are_sampled_along_their_length(border):
    road = shapely.LineString([(90.2, 49.2), (90.2, 49.65)])
    roads = Features(source="r", shapes=np.array([road]), ids=("",))
    lat, lon = roads.along(5_000.0)
    assert lat.size == 10
    np.testing.assert_allclose(lon, math.radians(90.2))
    np.testing.assert_allclose(np.diff(np.sort(lat)) * MEAN_RADIUS, 5_000.0, rtol=0.01)
    with pytest.raises(PlanError, match="holds no lines"):
        Features(source="p", shapes=shapely.points([[90.0, 49.0]]), ids=("",)).along(1e3)
    del border


def test_a_polygon_holds_its_inside():
    box = Features(source="b", shapes=np.array([shapely.box(90, 49, 91, 50)]), ids=("",))
    lat, lon = np.radians([49.5, 49.5]), np.radians([90.5, 91.5])
    assert box.holds(lat, lon).tolist() == [True, False]
    assert box.within(lat, lon, 30e3).tolist() == [True, False]
    assert box.within(lat, lon, 40e3).tolist() == [True, True]
