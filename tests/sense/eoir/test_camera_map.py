"""The camera's map over ground that a pencil can check."""

import numpy as np
import pytest

from steppewatch.sense.eoir import Conditions, camera_design, camera_look, signature
from steppewatch.sense.eoir.cover import OPTICAL_K, camera_map, shown_share
from steppewatch.sense.viewshed import plane_window, visible_height

SIZE, CELL = 60, 100.0


def flat(height=0.0):
    return np.full((2 * SIZE + 1, 2 * SIZE + 1), height, np.float32)


def seen(heights, mast=20.0):
    return visible_height(plane_window(heights, CELL), mast, OPTICAL_K, method="exact")


def test_on_a_plain_every_cell_is_the_look_at_its_distance():
    camera = camera_design("mast-thermal")
    found = camera_map(seen(flat()), camera, "walker")
    for column in (5, 20, 55):
        ground = column * CELL
        slant = np.hypot(ground, 20.0 - 0.9 + ground**2 / 2 / 6_371_000.0)
        depression = np.arctan2(20.0 - 0.9, ground)
        look = camera_look(camera, slant, "walker", depression=depression)
        row = found.identify[SIZE]
        assert row[SIZE + column] == pytest.approx(float(look.identify), abs=1e-4)
        assert row[SIZE - column] == row[SIZE + column]
    assert found.identify[0, 0] != found.identify[0, 0]  # the corner is out of range: unknown


def test_behind_a_ridge_nobody_is_seen_and_on_it_everybody():
    ground = flat()
    ground[:, SIZE + 10] = 100.0
    found = camera_map(seen(ground), camera_design("mast-thermal"), "truck")
    assert found.detect[SIZE, SIZE + 12] == 0.0
    assert found.detect[SIZE, SIZE + 10] > 0.99
    assert found.detect[SIZE, SIZE - 12] > 0.99


def test_unknown_ground_and_what_lies_behind_it_stay_unknown():
    ground = flat()
    ground[SIZE - 3 : SIZE + 4, SIZE + 10] = np.nan
    found = camera_map(seen(ground), camera_design("mast-thermal"), "truck")
    assert np.isnan(found.detect[SIZE, SIZE + 10])
    assert np.isnan(found.detect[SIZE, SIZE + 20])
    assert found.detect[SIZE, SIZE - 20] > 0.99


def test_from_the_air_a_drone_sees_behind_the_ridge():
    ground = flat()
    ground[:, SIZE + 10] = 100.0
    low = camera_map(seen(ground, 20.0), camera_design("ball-thermal"), "4x4")
    high = camera_map(seen(ground, 1_500.0), camera_design("ball-thermal"), "4x4")
    assert low.identify[SIZE, SIZE + 20] == 0.0
    assert high.identify[SIZE, SIZE + 20] > 0.9


def test_an_aircraft_shows_over_the_ridge_that_hides_a_truck():
    ground = flat()
    ground[:, SIZE + 10] = 100.0
    shed, camera = seen(ground), camera_design("mast-thermal")
    assert camera_map(shed, camera, "helicopter", base=400.0).detect[SIZE, SIZE + 30] > 0.9
    assert camera_map(shed, camera, "helicopter", base=0.0).detect[SIZE, SIZE + 30] == 0.0


def test_who_is_half_hidden_shows_half():
    found = shown_share(np.array([0.0, 0.9, 1.8, 5.0, np.nan], np.float32), 0.0, 1.8)
    assert found[:4] == pytest.approx([1.0, 0.5, 0.0, 0.0], abs=1e-6)
    assert np.isnan(found[4])
    camera, wide = camera_design("mast-thermal"), Conditions(zoom="wide")
    whole, half = camera_look(camera, 2_000.0, "walker", wide, shown=[1.0, 0.5]).cycles
    assert half == pytest.approx(whole * np.sqrt(0.5))
    assert signature("walker").height == 1.8
