"""A scenario's own figures change the radar's physics, or are refused in their place."""

import math

import pytest

from steppewatch.errors import PlanError
from steppewatch.plan import rehearse
from steppewatch.plan.rehearse.stage import season_of
from steppewatch.sense.radar.equation import reference_range
from steppewatch.sense.radar.library import radar_design


def radar(small, line):
    text = small.replace('model = "gap-filler"', f'model = "gap-filler"\n{line}')
    return rehearse.load(text, "small.toml").sensors[0].radar


def test_the_reference_range_sets_the_power(small):
    own = radar(small, "reference_range_km = 40")
    assert reference_range(own) == pytest.approx(40e3)
    assert own.peak_power < radar_design("gap-filler").peak_power


def test_sigmas_are_floors_and_the_minimum_speed_is_the_notch(small):
    own = radar(small, "sigma_azimuth_deg = 0.5\nmin_speed_ms = 9")
    assert own.sigma_azimuth == pytest.approx(math.radians(0.5))
    assert own.min_speed == 9.0


def test_a_faster_turn_leaves_fewer_pulses_and_so_less_range(small):
    own = radar(small, "scan_period_s = 2")
    assert own.scan_period == 2.0
    assert own.beams[0].pulses == radar_design("gap-filler").beams[0].pulses // 2
    assert reference_range(own) < 0.9 * reference_range(radar_design("gap-filler"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("max_range_km = 400", r"small\.toml: sensor\[1\]: .*max_range is 400 km.*ambiguous"),
        ("scan_period_s = 0.1", r"sensor\[1\]: .*ms for all beams.*a slower turn"),
        ("reference_range_km = 2000", r"sensor\[1\]: .*reference range is 2000 km.*peak_power"),
    ],
)
def test_what_no_radar_can_be_is_refused_with_the_remedy(small, line, expected):
    with pytest.raises(PlanError, match=expected):
        radar(small, line)


def test_a_narrower_sector_is_looked_at_longer(small):
    own = radar(small, "sector_deg = [350, 80]")
    assert own.sector_width == pytest.approx(math.radians(90.0))
    assert own.dwell == pytest.approx(4.0 * radar_design("gap-filler").dwell)


def test_a_section_given_by_hand_holds_in_every_band_and_one_not_given_follows_it(small):
    scenario = rehearse.load(small.replace("count = 3", "count = 3\nrcs_m2 = 2.5"), "small.toml")
    assert scenario.routes[0].rcs == 2.5
    assert math.isnan(scenario.routes[1].rcs)


def test_the_air_is_that_of_the_scenarios_season(scenario):
    assert season_of(scenario.start_ns) == "summer"
    assert season_of(scenario.start_ns + 180 * 86_400 * 10**9) == "winter"
