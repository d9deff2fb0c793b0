"""A radar's map is its look, cell by cell, where the ground lets it see."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.radar_map import (
    Layer,
    accuracy_map,
    radar_map,
    site_rays,
    usual_layers,
)
from steppewatch.sense.coverage.vertical import vertical_cut
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed import plane_window, visible_height
from steppewatch.world.atmosphere import site_atmosphere

LAT, LON = math.radians(48.0), math.radians(107.0)


@pytest.fixture(scope="module")
def site():
    """A plain at 1,300 m with a ridge 200 m high 15 km to the east and a hole to the south."""
    ground = np.full((401, 401), 1_300.0, np.float32)
    ground[:, 275] = 1_500.0
    ground[300:304, 180:220] = np.nan
    window = plane_window(ground, 200.0)
    air = site_atmosphere(LAT, LON, 1_300.0)
    design = radar_design("gap-filler")
    seen = visible_height(window, design.mast, air.k)
    return stand(design, LAT, LON, 1_300.0, air), seen


def layer(name, height):
    return Layer(target=target_model(name), height=height)


def test_each_cell_holds_what_the_look_says_of_it(site):
    radar, seen = site
    asked = layer("light-aircraft", 300.0)
    found = radar_map(radar, seen, [asked]).pd[0]
    rays = site_rays(radar, 40_000.0)
    for row, col in ((200, 100), (120, 230), (40, 150)):
        away = math.hypot(row - 200, col - 200) * 200.0
        slant, elevation = rays.apparent(away, 1_600.0)
        one = look(
            radar, slant, elevation, rcs=asked.target.section(radar.design.frequency),
            speed=asked.target.speed, clutter_visible=seen.min_height[row, col] <= 0.0,
        )  # fmt: skip
        assert found[row, col] == pytest.approx(float(one.pd), abs=2e-5)
        assert found[row, col] > 0.1


def test_in_shadow_the_probability_is_none_and_behind_unknown_ground_it_is_unknown(site):
    radar, seen = site
    low, high = radar_map(radar, seen, [layer("walker", 1.0), layer("helicopter", 2_000.0)]).pd
    assert low[200, 300] == 0.0
    assert high[200, 300] > 0.5
    assert np.isnan(low[302, 200])
    assert np.isnan(high[380, 200])
    assert np.isnan(high[0, 0])


def test_every_layer_of_one_call_equals_the_layer_alone(site):
    radar, seen = site
    layers = usual_layers([target_model("walker"), target_model("helicopter")], [100.0, 1_000.0])
    together = radar_map(radar, seen, layers)
    for one, pd in zip(layers, together.pd, strict=True):
        assert np.array_equal(radar_map(radar, seen, [one]).pd[0], pd, equal_nan=True)


def test_errors_grow_with_range_and_lie_across_the_line_of_sight(site):
    radar, seen = site
    found = accuracy_map(radar, seen, layer("light-aircraft", 1_000.0))
    assert found.major[200, 20] > found.major[200, 150]
    assert math.degrees(found.bearing[200, 20]) % 180.0 == pytest.approx(0.0, abs=2.0)
    assert math.degrees(found.bearing[20, 200]) == pytest.approx(90.0, abs=2.0)
    assert np.isnan(found.major[302, 200])
    across = 180 * 200.0 * found.azimuth[200, 20]
    assert found.major[200, 20] == pytest.approx(across, rel=0.01)
    assert found.slant[200, 20] >= radar.design.sigma_range
    assert found.elevation[200, 20] >= radar.design.sigma_elevation


def test_what_drives_has_one_height_and_what_flies_those_that_suit_it():
    layers = usual_layers(
        [target_model(n) for n in ("4x4", "small-drone", "airliner")], [100.0, 300.0, 3_000.0]
    )
    assert [one.name for one in layers] == [
        "4x4 1.5 m", "small-drone 100 m", "small-drone 300 m", "airliner 3000 m",
    ]  # fmt: skip
    with pytest.raises(SenseError, match="expected 0 to 30000 m"):
        usual_layers([target_model("4x4")], [-5.0])


def test_a_radar_without_air_is_refused(site):
    radar = stand(radar_design("gap-filler"), LAT, LON, 1_300.0)
    with pytest.raises(SenseError, match="give stand\\(\\) an atmosphere"):
        radar_map(radar, site[1], [layer("walker", 1.0)])


def test_the_vertical_cut_shows_the_shadow_of_the_ridge(site):
    radar, seen = site
    cut = vertical_cut(radar, seen, math.radians(90.0), target_model("light-aircraft"), 5_000.0)
    behind = np.argmin(np.abs(cut.distance - 30_000.0))
    edge = cut.seen_from[behind]
    assert edge == pytest.approx(1_680.0, abs=40.0)  # the ridge doubled in height, and the earth
    lit = np.nan_to_num(cut.pd[:, behind]) > 0.1
    assert not lit[cut.height < edge - 30.0].any()
    assert lit[(cut.height > edge + 30.0) & (cut.height < 4_000.0)].all()
    level = dict(cut.rays)[0.0]
    assert level[behind] > 1_315.0  # a level ray rises over a round earth


def test_outside_its_sector_a_cut_shows_nothing_seen(site):
    radar, seen = site
    design = dataclasses.replace(
        radar.design, sector_start=math.radians(60.0), sector_width=math.radians(30.0)
    )
    narrow = stand(design, LAT, LON, 1_300.0, radar.atmosphere)
    target = target_model("light-aircraft")
    edge, beside = (
        vertical_cut(narrow, seen, math.radians(degrees), target, 5_000.0).pd
        for degrees in (90.0, 92.0)
    )
    assert np.nanmax(edge) > 0.5
    assert np.nanmax(beside) == 0.0
