"""What misses say about being in sight, against Bayes' rule written out."""

import dataclasses
import math

import numpy as np
import pytest
from hills import LAT, LON, Wall, on_ground, post

from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.state import blank
from steppewatch.fuse.visibility.glance import LOOSE, look_over, note_height
from steppewatch.fuse.visibility.sight import NominalSight
from steppewatch.fuse.visibility.terrain import TerrainSight
from steppewatch.fuse.visibility.vanish import BACK_AFTER, after_miss, in_sight

NOW_NS = 1_700_000_000_000_000_000
PD = 0.9


@pytest.mark.parametrize("share", [0.5, 0.2, 0.9])
def test_a_miss_where_a_part_of_the_places_is_in_sight_follows_bayes(share):
    seen = in_sight(share, after_miss(share, PD * share, share), 0.0)
    assert seen == pytest.approx(share * (1 - PD) / (1 - PD * share), rel=1e-6)


def test_two_misses_at_once_are_two_misses_of_a_target_that_does_not_move():
    share = 0.5
    once = in_sight(share, after_miss(share, PD * share, share), 0.0)
    twice = in_sight(share, after_miss(once, PD * once, share), 0.0)
    left = 0.5 * (1 - PD) ** 2
    assert twice == pytest.approx(left / (left + 0.5), rel=1e-6)


def test_in_the_open_a_miss_is_no_excuse_for_the_next_one():
    assert in_sight(1.0, after_miss(1.0, PD, 1.0), 0.0) == 1.0


def test_all_misses_in_a_half_open_place_together_cost_no_more_than_its_open_half():
    share, cost, shade = 0.5, 0.0, 0.0
    for _ in range(30):
        seen = in_sight(share, shade, 0.0)
        cost += float(np.log1p(-PD * seen))
        shade = after_miss(seen, PD * seen, share)
    assert cost == pytest.approx(np.log(0.5), abs=0.01)


def test_what_misses_said_is_forgotten_by_and_by():
    later = [in_sight(0.5, -2.0, since) for since in (0.0, BACK_AFTER, 1e4)]
    assert later[0] < later[1] < later[2]
    assert later[2] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.7])
def test_a_sensor_that_never_missed_says_what_the_map_says(share):
    assert in_sight(share, 0.0, 5.0) == share


def low_track(wall, east, above):
    """Give one track, seen just now, that stands still east of the antenna."""
    tracks = blank(1, 1)
    tracks["mean"][:, :, :3] = on_ground(wall, east, 0.0, above)
    tracks["cov"][:] = np.diag([20.0**2] * 3 + [1.0] * 3)
    tracks["prob"][:] = 1.0 / tracks["prob"].shape[1]
    tracks["time_ns"][:] = tracks["look_ns"][:] = NOW_NS
    tracks["id"][:] = 1
    return tracks


@pytest.mark.parametrize(("above", "follows"), [(40.0, True), (900.0, False)])
def test_only_what_was_low_is_taken_to_follow_the_ground(above, follows):
    wall = Wall()
    tracks = low_track(wall, 3_000.0, above)
    note_height(tracks, np.array([0]), TerrainSight(wall))
    assert np.isfinite(tracks["above"][0, 0]) == follows
    if follows:
        assert tracks["above"][0, 0] == pytest.approx(above - 20.0, abs=1.0)
        assert tracks["above"][0, 1] == pytest.approx(math.hypot(20.0, LOOSE), abs=0.1)


def test_without_terrain_nothing_follows_the_ground():
    tracks = low_track(Wall(), 3_000.0, 40.0)
    note_height(tracks, np.array([0]), NominalSight())
    assert np.isnan(tracks["above"][0, 0])


def test_a_low_target_behind_a_wall_is_hidden_however_doubtful_its_height_has_become():
    wall = Wall()
    sensor = dataclasses.replace(post(wall, "gap-filler").sensor, blind_speed=0.0)
    tracks = low_track(wall, 12_000.0, 40.0)
    tracks["cov"][:, :, :3, :3] += np.eye(3) * 150.0**2
    args = (
        np.array([0]),
        0,
        sensor,
        NOW_NS,
        TerrainSight(wall),
        TrackerSettings().motion(ground=False),
    )
    loose = look_over(tracks, *args)
    tracks["above"][0] = 40.0, 20.0
    held = look_over(tracks, *args)
    assert loose.share[0] > 0.1
    assert held.share[0] < 0.03


def test_the_site_of_these_tests_is_where_the_radar_stands():
    sensor = post(Wall()).sensor
    assert (sensor.lat, sensor.lon) == (LAT, LON)
