"""A plan on its board: what limits it on a plain, behind a wall, without link or in bad weather."""

import dataclasses

import numpy as np
import pytest

from steppewatch.errors import PlanError
from steppewatch.plan.assure import MEASURES, Assurance, Limit
from steppewatch.plan.assure.sensitivity import tornado
from steppewatch.plan.assure.stretches import worst_stretches
from steppewatch.plan.assure.words import compass, reason, ridge
from steppewatch.plan.assure.worth import given_options, worth

MIDDLE = 20  # the post at km 1050, beside the site
RESPONSE = """
[[drones]]
id = "uav-1"
border = "RU"
km = 1050
offset_km = 9
reach_km = 12

[[patrol]]
id = "men-1"
border = "RU"
km = 1050
offset_km = 9
speed_kmh = 60
reaction_min = 2
"""


def limit_of(found, measure, post=MIDDLE):
    return Limit(int(found.each[0].limits[MEASURES.index(measure), post, 0, 0]))


def words_of(board, found, measure, post=MIDDLE):
    return reason(
        measure, (post, 0, 0), found.each[0], board.paths[0], board.case, found.standings,
        board.terrain,
    )  # fmt: skip


@pytest.fixture(scope="module")
def open_land(board_of):
    board, sites = board_of()
    return board, board.answer(sites)


def test_on_a_plain_a_vehicle_is_seen_and_tracked_where_the_radar_reaches(open_land):
    board, found = open_land
    one = found.each[0]
    assert one.detected[MIDDLE, 0, 0] > 0.999
    assert one.tracked[MIDDLE, 0, 0] > 0.99
    assert limit_of(found, "detected") is Limit.NONE
    assert one.lead[MIDDLE, 0, 0] > 120.0
    for measure in MEASURES:
        value = one.of(measure)
        assert ((value >= 0.0) & (value <= 1.0 + 1e-9)).all()
    # A smaller target on the same ground is not seen better.
    assert board.mean(found)["tracked"] <= board.mean(found)["detected"]


def test_without_drones_and_patrols_that_is_what_limits(open_land):
    board, found = open_land
    assert limit_of(found, "looked") is Limit.NO_DRONE
    assert limit_of(found, "met") is Limit.NO_PATROL
    assert words_of(board, found, "looked") == "no drone in the plan"
    assert words_of(board, found, "met") == "no patrol in the plan"


def test_a_wall_masks_and_is_named_with_its_place(board_of):
    board, sites = board_of(wall=(3_800.0, 4_300.0))
    found = board.answer(sites)
    assert found.each[0].detected[MIDDLE, 0, 0] < 0.01
    assert limit_of(found, "detected") is Limit.MASKED
    # The site stands 8 km inside, the wall's near side at 4.3 km: some 4 km towards the north.
    said = words_of(board, found, "detected")
    assert said.startswith("masked by the ridge 4 km N")
    assert said.endswith("of post-ground-surveillance")


def test_beyond_all_ranges_is_named(board_of, plain_plan):
    text = plain_plan.replace("price = 800_000", "price = 800_000\nmax_range_km = 9")
    board, sites = board_of(text)
    found = board.answer(sites)
    assert limit_of(found, "detected", 0) is Limit.BEYOND
    assert found.each[0].detected[0, 0, 0] == 0.0
    assert limit_of(found, "detected") in {Limit.NONE, Limit.FAINT, Limit.NOTCH}
    # Two minutes before the line a vehicle is 1.3 km outside, which 9 km from 8 km inside miss.
    assert limit_of(found, "tracked") is Limit.BEYOND
    assert words_of(board, found, "tracked") == "beyond every sensor's range 1.3 km before the line"


def test_unknown_ground_is_not_covered_and_named(board_of):
    board, sites = board_of(hole=True)
    found = board.answer(sites)
    assert found.each[0].detected[MIDDLE, 0, 0] == 0.0
    assert limit_of(found, "detected") is Limit.UNKNOWN


def test_a_site_on_unknown_ground_is_refused(board_of):
    board, _ = board_of(hole=True)
    _, sites = board_of()
    ways = board.paths[0]
    astray = dataclasses.replace(sites[0], lat=ways.post_lat[MIDDLE], lon=ways.post_lon[MIDDLE])
    with pytest.raises(PlanError, match="terrain is unknown"):
        board.answer([astray])


def test_a_sensor_that_nobody_hears_does_not_count(board_of, plain_plan):
    text = plain_plan.replace("gateway = true", "") + '\n[links]\ngateways = "sites"\n'
    board, sites = board_of(text)
    found = board.answer(sites)
    assert found.linked == (False,)
    assert found.each[0].detected[MIDDLE, 0, 0] == 0.0
    assert limit_of(found, "detected") is Limit.LINK
    assert "no link to a gateway: post-ground-surveillance" in words_of(board, found, "detected")


def test_a_relay_brings_the_link_and_a_wall_cuts_it(board_of, plain_plan):
    text = plain_plan.replace("gateway = true", "") + (
        '\n[links]\ngateways = "sites"\n\n[[site]]\nid = "hub"\nborder = "RU"\nkm = 1050\n'
        'offset_km = 12\npackage = "relay"\nfixed = true\ngateway = true\n'
    )
    board, sites = board_of(text)
    assert board.answer(sites).linked == (True,)
    board, sites = board_of(text, wall=(9_500.0, 10_500.0))
    assert board.answer(sites).linked == (False,)


def test_drones_and_patrols_come_when_they_are_near_and_the_weather_is_fair(board_of, plain_plan):
    board, sites = board_of(plain_plan + RESPONSE)
    fair = board.answer(sites)
    one = fair.each[0]
    assert 0.3 < one.looked[MIDDLE, 0, 0] <= 0.8 + 1e-9
    assert one.met[MIDDLE, 0, 0] == pytest.approx(0.9, abs=0.02)
    assert limit_of(fair, "looked", 0) is Limit.NO_DRONE
    assert words_of(board, fair, "looked", 0).startswith("beyond every drone's reach: uav-1 is")
    storm = plain_plan + RESPONSE + '\n[[condition]]\nname = "storm"\nrain_mm_h = 20\n'
    board, sites = board_of(storm)
    wet = board.answer(sites)
    assert limit_of(wet, "looked") is Limit.GROUNDED
    assert wet.each[0].looked.max() == 0.0
    assert "storm" in words_of(board, wet, "looked")
    assert wet.each[0].detected[MIDDLE, 0, 0] <= one.detected[MIDDLE, 0, 0] + 1e-9


def test_a_patrol_that_is_too_far_is_named_with_its_minutes(board_of, plain_plan):
    text = plain_plan + RESPONSE.replace("speed_kmh = 60", "speed_kmh = 2")
    board, sites = board_of(text)
    found = board.answer(sites)
    assert limit_of(found, "met") is Limit.FAR
    # 2 min and 9 km of way with a detour of 1.4 at 2 km/h.
    assert words_of(board, found, "met").startswith("patrol 380 min away, warning ")


def test_moving_one_site_gives_what_a_fresh_board_gives(board_of):
    board, sites = board_of()
    board.answer(sites)
    moved = dataclasses.replace(sites[0], lon=sites[0].lon + 0.002)
    again = board.answer([moved])
    fresh = board_of()[0].answer([moved])
    for name in Assurance.__slots__:
        np.testing.assert_array_equal(getattr(again.each[0], name), getattr(fresh.each[0], name))
    assert not np.array_equal(again.each[0].detected, board.answer(sites).each[0].detected)


def test_taking_a_site_away_gives_what_a_fresh_board_gives(board_of):
    board, sites = board_of()
    others = [
        dataclasses.replace(sites[0], id=f"more-{i}", lon=sites[0].lon + 0.002 * i)
        for i in range(2)
    ]
    board.answer([others[0], *sites, others[1]])
    less = board.answer([*sites, others[1]])
    fresh = board_of()[0].answer([*sites, others[1]])
    for name in Assurance.__slots__:
        np.testing.assert_array_equal(getattr(less.each[0], name), getattr(fresh.each[0], name))


def test_another_sensor_lowers_no_detection(board_of):
    board, sites = board_of()
    alone = board.answer(sites)
    other = dataclasses.replace(sites[0], id="second", lon=sites[0].lon + 0.004)
    both = board.answer([*sites, other])
    assert (both.each[0].detected >= alone.each[0].detected - 1e-12).all()


def test_both_directions_are_answered(board_of, plain_plan):
    board, sites = board_of(plain_plan.replace("track_minutes = 2", 'direction = "both"'))
    found = board.answer(sites)
    assert [paths.inward for paths in board.paths] == [True, False]
    # Who goes out has been in sight of the post for long: he is tracked before the line.
    assert found.each[1].tracked[MIDDLE, 0, 0] > 0.9


def test_a_camera_finds_but_does_not_track(board_of, plain_plan):
    text = plain_plan.replace("ground-surveillance", "mast-thermal").replace(
        "offset_km = 8", "offset_km = 1"
    )
    board, sites = board_of(text)
    found = board.answer(sites)
    assert found.each[0].detected[MIDDLE, 0, 0] > 0.2
    assert found.each[0].tracked.max() == 0.0


def test_sections_weigh_as_they_say(board_of, plain_plan):
    text = plain_plan.replace("to_km = 1070", "to_km = 1070\nweight = 3") + (
        '\n[[section]]\nborder = "CN"\nfrom_km = 100\nto_km = 110\nweight = 2\n'
    )
    board, _ = board_of(text)
    paths = board.paths[0]
    assert paths.weight.tolist() == [3.0] * 40 + [2.0] * 10


def test_the_next_money_is_ranked_and_leaves_the_answer_as_it_was(board_of, plain_plan):
    text = plain_plan + (
        '\n[[site]]\nid = "west"\nborder = "RU"\nkm = 1036\noffset_km = 3\npackage = "ground"\n'
        '\n[[site]]\nid = "beside"\nborder = "RU"\nkm = 1051\noffset_km = 8\npackage = "ground"\n'
        '\n[[site]]\nid = "never"\nborder = "RU"\nkm = 1060\noffset_km = 8\nbarred = true\n'
    )
    board, sites = board_of(text)
    found = board.answer(sites)
    before = board.mean(found)
    options = given_options(board, [site.id for site in sites])
    assert {one.id for one in options} == {"west", "beside"}
    ranked = worth(board, found, options)
    assert ranked[0].per_million("tracked") >= ranked[-1].per_million("tracked")
    assert ranked[0].gain["tracked"] > 0.0
    assert board.mean(board.answer(sites)) == before


def test_the_tornado_moves_what_it_must(board_of, plain_plan):
    board, sites = board_of(plain_plan + RESPONSE)
    found = board.answer(sites)
    base, swings = tornado(board, found)
    assert base == pytest.approx(board.mean(found), abs=1e-9)
    by_name = {one.name: one for one in swings}
    low, high = by_name["radar cross section of all classes"].means
    assert low["detected"] <= base["detected"] <= high["detected"]
    low, high = by_name["patrols' availability"].means
    assert low["met"] < base["met"] < high["met"]
    assert low["tracked"] == high["tracked"] == pytest.approx(base["tracked"])
    assert by_name["plots that confirm a track (M of N)"].means[0]["tracked"] <= base["tracked"]


def test_stretches_join_neighbouring_posts_and_name_the_dearest_first(board_of, plain_plan):
    text = plain_plan.replace("price = 800_000", "price = 800_000\nmax_range_km = 12")
    board, sites = board_of(text)
    found = board.answer(sites)
    worst = worst_stretches(found.each, board.paths, board.case, "detected", 0.5)
    assert len(worst) == 2  # to both sides of the post
    assert worst[0].loss >= worst[1].loss
    assert {one.start for one in worst} | {one.end for one in worst} >= {1_030_000.0, 1_070_000.0}
    for one in worst:
        assert one.means["detected"] < 0.5
        assert one.end - one.start >= one.loss > 0.0


def test_a_ridge_is_found_where_it_stands_and_only_if_it_hides(board_of):
    board, sites = board_of(wall=(3_800.0, 4_300.0))
    one = board.answer(sites).standings[0]
    paths = board.paths[0]
    far, _ = ridge(board.terrain, one, paths.post_lat[MIDDLE], paths.post_lon[MIDDLE], 2.0, 1.27)
    assert far == pytest.approx(3_700.0, abs=100.0)
    clear, _ = board_of()
    place = paths.post_lat[MIDDLE], paths.post_lon[MIDDLE]
    assert ridge(clear.terrain, one, *place, 2.0, 1.27) is None


def test_directions_have_eight_names():
    assert [compass(a) for a in np.radians([0, 44, 91, 181, 269, 359])] == [
        "N", "NE", "E", "S", "W", "N",
    ]  # fmt: skip
