"""The lines of a budget add up to the look, and each says how it comes about."""

import math

import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar.budget import budget
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import RADARS, radar_design
from steppewatch.sense.radar.look import look

CASES = [
    {"rcs": 1.0},
    {"rcs": 0.01, "range_rate": 14.0},
    {"rcs": 3.0, "speed": 55.0, "diffraction_db": 4.0, "multipath_db": 3.0, "swerling": 3},
    {"rcs": 100.0, "clutter_visible": True, "range_rate": -11.0},
]


def place(name):
    return stand(radar_design(name), math.radians(48.0), math.radians(105.0), 1_300.0)


@pytest.mark.parametrize("name", RADARS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("share", [0.015, 0.2, 0.9])
def test_the_lines_add_up_to_the_look(name, case, share):
    radar = place(name)
    slant = max(share * radar.design.max_range, 1.2 * radar.design.min_range)
    lines = budget(radar, slant, 0.02, **case)
    one = look(radar, slant, 0.02, **case)
    named = {line.name: line.value for line in lines}
    total = sum(line.value for line in lines if line.adds)
    assert total == pytest.approx(float(one.snr_db), abs=1e-9)
    assert named["signal to noise, one power"] == pytest.approx(total, abs=1e-12)
    after = total + named["clutter"] + named["Doppler filter"]
    assert after == pytest.approx(float(one.sinr_db), abs=1e-9)
    assert named["probability of detection"] == float(one.pd)


def test_a_pocket_calculator_reproduces_the_first_lines():
    lines = {line.name: line for line in budget(place("atc-2d"), 60e3, 0.02, rcs=2.0)}
    assert lines["transmit power"].value == pytest.approx(10.0 * math.log10(2650.0))
    assert lines["target"].value == pytest.approx(3.0103, abs=1e-4)
    assert lines["range"].value == pytest.approx(-191.126, abs=1e-3)
    assert lines["sphere"].value == pytest.approx(-32.976, abs=1e-3)
    assert lines["Boltzmann's constant"].value == pytest.approx(228.599, abs=1e-3)


def test_every_line_has_a_formula_and_a_source():
    for line in budget(place("gap-filler"), 30e3, 0.02, rcs=1.0):
        assert line.name
        assert line.formula
        assert line.source


def test_a_hidden_target_has_a_budget_but_no_chance():
    lines = {x.name: x for x in budget(place("gap-filler"), 30e3, 0.02, rcs=1.0, visible=False)}
    assert lines["probability of detection"].value == 0.0
    assert lines["signal to noise, one power"].value > 10.0


def test_a_target_outside_the_coverage_is_refused_with_the_coverage():
    with pytest.raises(SenseError, match=r"at 300 km and 1\.15° .*0\.5 to 120 km and -5\.0° to 40"):
        budget(place("gap-filler"), 300e3, 0.02, rcs=1.0)
