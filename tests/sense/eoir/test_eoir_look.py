"""Ranges and probabilities of a camera against published tables and closed forms."""

import dataclasses

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.eoir import (
    CAMERAS,
    SIGNATURES,
    Conditions,
    Task,
    Weather,
    camera_design,
    camera_look,
    range_of,
    signature,
)
from steppewatch.sense.eoir import resolve as resolve_module
from steppewatch.sense.eoir.signature import custom
from steppewatch.sense.eoir.task import johnson_probability, ttp_probability

CLEAR = Weather(visibility=400_000.0, vapour_density=0.0, cn2=0.0)


def test_johnsons_curve_has_its_published_points():
    # Ratches 1976; N/N50 and P as tabulated with the Johnson criteria.
    ratio = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
    published = [0.0, 0.02, 0.10, 0.30, 0.50, 0.80, 0.95, 1.0]
    assert johnson_probability(ratio, 1.0) == pytest.approx(published, abs=0.025)


def test_both_curves_rise_from_zero_over_a_half_to_one():
    x = np.linspace(0.0, 10.0, 400)
    for curve in (johnson_probability, ttp_probability):
        found = curve(x, 1.0)
        assert found[0] == 0.0
        assert curve(1.0, 1.0) == pytest.approx(0.5)
        assert np.all(np.diff(found) >= 0.0)
        assert found[-1] > 0.999
    x2 = 2.0 ** (1.51 + 0.48)  # Vollmerhausen & Jacobs at twice V50, by hand
    assert ttp_probability(2.0, 1.0) == pytest.approx(x2 / (1.0 + x2))


@pytest.mark.parametrize(
    ("pixel_um", "focal_mm", "person", "vehicle"),
    # A maker's table for 50 %: person 0.75 m, vehicle 2.3 m; 1.5, 6 and 12 pixels
    # (Hikvision, quick start guide DS-2TD8166-180ZE2F/V2, tables 2-1 and 2-2).
    [
        (17, 75, (2206, 551, 276), (6765, 1691, 846)),
        (17, 100, (2941, 735, 368), (9020, 2255, 1127)),
        (17, 150, (4412, 1103, 551), (13529, 3382, 1691)),
        (25, 75, (1500, 375, 188), (4600, 1150, 575)),
        (25, 150, (3000, 750, 375), (9200, 2300, 1150)),
    ],
)
def test_in_clear_air_the_ranges_are_those_of_a_makers_table(pixel_um, focal_mm, person, vehicle):
    camera = dataclasses.replace(
        camera_design("drone-thermal"),
        pixel=pixel_um * 1e-6,
        focal_wide=focal_mm * 1e-3,
        focal_narrow=focal_mm * 1e-3,
        f_number=1.0,
        jitter=0.0,
        max_range=50_000.0,
        display_angle=0.8,  # close to the display: the pixels limit, not the eye
    )
    conditions = Conditions(weather=CLEAR, method="johnson")
    for size, table in ((0.75, person), (2.3, vehicle)):
        target = custom(height=size, width=size, warmth=20.0, contrast=1.0)
        for task, expected in zip(Task, table, strict=True):
            found = range_of(camera, target, task, 0.5, conditions)
            assert found == pytest.approx(expected, rel=4e-3)


def test_the_ttp_integral_of_an_exponential_threshold_has_a_closed_form():
    floor, rate, contrast = 0.004, 3e-4, 0.3
    frequency = np.linspace(0.0, 25_000.0, 4_001)[1:]
    limit, metric = resolve_module.measure(floor * np.exp(rate * frequency), frequency, contrast)
    assert limit == pytest.approx(np.log(contrast / floor) / rate, rel=1e-6)
    whole = 2.0 / rate * (np.sqrt(contrast / floor) - 1.0)
    first = np.sqrt(contrast / floor) * frequency[0]  # the sum begins at the first sample
    assert metric == pytest.approx(whole - first, rel=1e-4)
    assert resolve_module.measure(np.full(9, 0.5), np.arange(1.0, 10.0), 0.4) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["mast-thermal", "mast-visible", "drone-thermal"])
def test_the_table_agrees_with_direct_integration(name):
    camera, cn2 = camera_design(name), 1e-14
    table = resolve_module.resolution(camera, "narrow", cn2)
    rng = np.random.default_rng(3)
    contrast = np.exp(rng.uniform(np.log(0.02), 0.0, 60))
    ranges = np.exp(rng.uniform(np.log(300.0), np.log(20_000.0), 60))
    nyquist = 0.5 / camera.ifov()
    frequency = nyquist * np.arange(1, 1_601) / 1_600
    direct = []
    for c, r in zip(contrast, ranges, strict=True):
        wavelength = camera.band.wavelength
        r0 = resolve_module.optics.coherence_diameter(wavelength, cn2, r)
        blur = resolve_module.optics.turbulence(frequency, wavelength, r0)
        with np.errstate(divide="ignore", over="ignore"):
            threshold = resolve_module.system_threshold(frequency, camera) / blur
        direct.append(resolve_module.measure(threshold, frequency, float(c)))
    limit, metric = np.array(direct).T
    assert table.at(table.metric, contrast, ranges) == pytest.approx(metric, rel=0.01)
    assert table.at(table.limit, contrast, ranges) == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("method", ["ttp", "johnson"])
def test_harder_questions_and_longer_ranges_are_answered_less_often(name, method):
    ranges = np.geomspace(60.0, 30_000.0, 300)
    look = camera_look(camera_design(name), ranges, "4x4", Conditions(method=method))
    assert np.all(look.detect >= look.recognise)
    assert np.all(look.recognise >= look.identify)
    for chance in (look.detect, look.recognise, look.identify):
        assert np.all((chance >= 0.0) & (chance <= 1.0))
        assert np.all(np.diff(chance) <= 1e-9)
        assert chance[-1] == 0.0  # beyond max_range


def test_the_two_methods_tell_much_the_same():
    camera = camera_design("mast-thermal")
    for task in (Task.RECOGNISE, Task.IDENTIFY):
        ttp = range_of(camera, "4x4", task, 0.5, Conditions(method="ttp"))
        johnson = range_of(camera, "4x4", task, 0.5, Conditions(method="johnson"))
        assert 0.6 < ttp / johnson < 1.7


def test_haze_shimmer_wide_view_and_noise_shorten_the_range():
    camera = dataclasses.replace(camera_design("mast-visible"), max_range=1e5)
    best = range_of(camera, "4x4", Task.RECOGNISE, 0.5, Conditions(weather=CLEAR))
    for worse in (
        Conditions(weather=dataclasses.replace(CLEAR, visibility=8_000.0)),
        Conditions(weather=dataclasses.replace(CLEAR, cn2=1e-13)),
        Conditions(weather=CLEAR, zoom="wide"),
    ):
        assert range_of(camera, "4x4", Task.RECOGNISE, 0.5, worse) < 0.8 * best
    grainy = dataclasses.replace(camera, noise=0.5)
    found = range_of(grainy, "4x4", Task.RECOGNISE, 0.5, Conditions(weather=CLEAR))
    assert found < best


def test_by_night_a_daylight_camera_is_blind_and_a_thermal_one_is_not():
    night = Conditions(weather=Weather(night=True, cn2=1e-15))
    assert camera_look(camera_design("mast-visible"), 500.0, "truck", night).detect == 0.0
    assert camera_look(camera_design("mast-thermal"), 500.0, "truck", night).identify > 0.9


def test_unknown_ranges_stay_unknown_and_near_and_far_limits_hold():
    camera = camera_design("mast-thermal")
    look = camera_look(camera, [[np.nan, 5.0], [1_000.0, 25_000.0]], "walker")
    assert np.isnan(look.identify[0, 0])
    assert look.detect[0, 1] == 0.0
    assert look.detect[1, 0] > 0.9
    assert look.detect[1, 1] == 0.0


def test_a_walker_is_smaller_from_above_and_a_truck_larger():
    straight_down = np.pi / 2.0
    assert signature("walker").area(straight_down) == pytest.approx(0.15)
    assert signature("walker").area(0.0) == pytest.approx(0.9)
    assert signature("truck").area(np.radians(30)) > signature("truck").area(0.0)
    camera = camera_design("ball-thermal")
    flat, steep = camera_look(camera, 3_000.0, "walker", depression=[0.0, 1.4]).identify
    assert steep < flat


def test_what_is_not_there_is_refused_by_name():
    with pytest.raises(SenseError, match="did you mean 'walker'"):
        signature("walkr")
    with pytest.raises(SenseError, match="method is 'magic', expected one of ttp, johnson"):
        Conditions(method="magic")
    with pytest.raises(SenseError, match="zoom is 'near'"):
        camera_look(camera_design("mast-thermal"), 1.0, "walker", Conditions(zoom="near"))
    with pytest.raises(SenseError, match="above 0 and below 1"):
        range_of(camera_design("mast-thermal"), "walker", Task.DETECT, 1.0)
    with pytest.raises(SenseError, match="sizes must be above 0"):
        custom(height=0.0, width=1.0, warmth=1.0, contrast=0.1)


def test_every_class_says_where_its_figures_come_from():
    for row in SIGNATURES.values():
        assert row.source
        assert min(row.height, row.width, row.depth) > 0.0
