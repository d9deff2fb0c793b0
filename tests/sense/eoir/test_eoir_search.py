"""Searching a sector, and the ground that a view covers."""

import math

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.eoir import camera_design
from steppewatch.sense.eoir.footprint import footprint, slant_geometry
from steppewatch.sense.eoir.search import found_by, search_rate, sweep, time_to_find


def test_search_follows_the_exponential_of_nvesd():
    assert search_rate(0.5, 1.0) == pytest.approx(0.5 / 3.4)
    assert search_rate(1.0, 3.0) == pytest.approx(3.0 / 6.8)
    times = np.array([0.0, 3.4, 1e6])
    assert found_by(1.0, 1.5, times) == pytest.approx([0.0, 1.0 - math.exp(-1.0), 1.0])
    assert found_by(0.5, 1.0, 1e6) == pytest.approx(0.5)


def test_observers_drawn_one_by_one_find_as_often_as_the_formula_says():
    rng = np.random.default_rng(5)
    count, chance, ratio, dwell = 200_000, 0.7, 1.2, 6.0
    able = rng.random(count) < chance
    when = rng.exponential(1.0 / search_rate(chance, ratio), count)
    share = np.mean(able & (when <= dwell))
    sigma = math.sqrt(share * (1.0 - share) / count)
    assert found_by(chance, ratio, dwell) == pytest.approx(share, abs=4.0 * sigma)


def test_a_sector_takes_as_many_views_as_fit_into_it():
    camera = camera_design("mast-thermal")  # 1.12° × 0.84° narrow
    plan = sweep(camera, math.radians(90.0), dwell=3.0, slew=1.0, overlap=0.0)
    assert plan.views == math.ceil(90.0 / math.degrees(camera.fov()[0]))
    assert plan.period == pytest.approx(plan.views * 4.0)
    two_rows = sweep(camera, math.radians(90.0), tilt=1.5 * camera.fov()[1], overlap=0.0)
    assert two_rows.views == 2 * plan.views
    wide = sweep(camera, math.radians(90.0), zoom="wide")
    assert wide.period < plan.period / 8.0


def test_time_to_find_counts_whole_passes_and_knows_never():
    plan = sweep(camera_design("mast-thermal"), math.radians(10.0), dwell=3.4, slew=0.6)
    assert time_to_find(0.5, 1.0, 1.0, plan) == pytest.approx(plan.period)
    assert time_to_find(0.9, 1.0, 1.0, plan) == pytest.approx(3 * plan.period)  # ln 10 = 2.3
    assert time_to_find(0.9, 0.8, 1.0, plan) == math.inf
    assert plan.found_after(1.0, 1.0, passes=3) == pytest.approx(1.0 - math.exp(-3.0))


@pytest.mark.parametrize(
    "wrong", [{"sector": 0.0}, {"sector": 7.0}, {"dwell": 0.0}, {"overlap": 1.0}]
)
def test_an_impossible_search_is_refused(wrong):
    given = {"sector": 1.0} | wrong
    with pytest.raises(SenseError, match="expected"):
        sweep(camera_design("mast-thermal"), given.pop("sector"), **given)


def corners(camera, height, depression):
    """Throw the four corner rays of the picture on flat ground: (ahead, left) of each."""
    x = camera.columns * camera.pixel / 2.0 / camera.focal_narrow
    y = camera.rows * camera.pixel / 2.0 / camera.focal_narrow
    out = []
    for side, up in ((-x, y), (x, y), (x, -y), (-x, -y)):
        ahead = math.cos(depression) + up * math.sin(depression)
        down = math.sin(depression) - up * math.cos(depression)
        out.append((height * ahead / down, height * side / down))
    return np.array(out)


@pytest.mark.parametrize("angle", [20.0, 45.0, 90.0])
def test_the_footprint_is_where_the_corner_rays_meet_the_ground(angle):
    camera = camera_design("ball-thermal")
    found = footprint(camera, 800.0, math.radians(angle))
    place = corners(camera, 800.0, math.radians(angle))
    assert found.far == pytest.approx(place[0, 0])
    assert found.near == pytest.approx(place[2, 0])
    assert found.far_width == pytest.approx(np.ptp(place[:2, 1]))
    assert found.near_width == pytest.approx(np.ptp(place[2:, 1]))
    x, y = place.T
    shoelace = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0
    assert found.area == pytest.approx(shoelace)


def test_a_view_over_the_horizon_has_no_far_edge_and_no_height_is_refused():
    camera = camera_design("ball-thermal")
    assert footprint(camera, 800.0, camera.fov()[1] / 3.0).far == math.inf
    assert footprint(camera, 500.0, math.pi / 2.0).pixel_across == pytest.approx(0.025)
    with pytest.raises(SenseError, match="above 0"):
        footprint(camera, 0.0, 0.5)


def test_slant_and_depression_include_the_curve_of_the_earth():
    slant, depression = slant_geometry([0.0, 20_000.0], [-500.0, 0.0])
    assert slant[0] == pytest.approx(500.0)
    assert depression[0] == pytest.approx(math.pi / 2.0)
    assert depression[1] == pytest.approx(20_000.0 / 2.0 / 6_371_000.0, rel=1e-6)
