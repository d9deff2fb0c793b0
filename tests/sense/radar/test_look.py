"""A look against the plain radar equation, closed forms of detection, and its own map."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar.antenna import two_way_db
from steppewatch.sense.radar.detection import detection_probability, required_snr
from steppewatch.sense.radar.emplaced import sensor_of, stand
from steppewatch.sense.radar.equation import beam_constant_db, reference_range
from steppewatch.sense.radar.library import RADARS, radar_design
from steppewatch.sense.radar.look import look, probability
from steppewatch.sense.radar.response import blind_speed, signal_gain

LAT, LON = math.radians(48.0), math.radians(105.0)


def clear(name="gap-filler", **changes):
    """Stand a radar in a vacuum."""
    return stand(dataclasses.replace(radar_design(name), **changes), LAT, LON, 1_300.0)


def plain(radar, slant, elevation, rcs):
    """Choose the best beam as a person would, with the formulae of the other modules."""
    design, best = radar.design, (-np.inf, 0, np.nan)
    for beam in design.beams:
        blind = 0.0 if design.continuous else 149_896_229.0 * beam.pulse_width
        if slant > design.reach(beam) or (blind and slant <= 0.05 * blind):
            continue
        snr = beam_constant_db(design, beam) + float(two_way_db(design, beam, elevation))
        snr += 10.0 * math.log10(rcs) - 40.0 * math.log10(slant)
        snr += min(20.0 * math.log10(slant / blind), 0.0) if blind else 0.0
        needed = 10.0 * math.log10(required_snr(0.5, design.summed(beam), design.pfa, 1))
        best = max(best, (snr - needed, design.summed(beam), snr))
    return best[1], best[2]


@pytest.mark.parametrize("name", RADARS)
def test_the_kernel_chooses_the_beam_and_signal_that_a_pencil_chooses(name):
    radar, rng = clear(name), np.random.default_rng(3)
    low, high, down, up = radar.limits
    slant = np.exp(rng.uniform(math.log(low), math.log(high), 300))
    elevation = rng.uniform(down, up, 300)
    rcs = 10.0 ** rng.uniform(-2.0, 2.0, 300)
    seen = look(radar, slant, elevation, rcs=rcs)
    for i in range(300):
        summed, snr = plain(radar, slant[i], elevation[i], rcs[i])
        assert seen.summed[i] == summed
        assert seen.snr_db[i] == pytest.approx(snr, abs=1e-9)


@pytest.mark.parametrize("name", RADARS)
@pytest.mark.parametrize("swerling", [0, 1, 3])
def test_probability_is_the_exact_detectors(name, swerling):
    radar = clear(name)
    slant = np.linspace(radar.limits[0] * 2.0, radar.limits[1] * 0.99, 40)
    seen = look(radar, slant, 0.01, rcs=1.0, swerling=swerling)
    for i in range(40):
        n, pfa = int(seen.summed[i]), radar.design.pfa
        exact = detection_probability(10.0 ** (seen.sinr_db[i] / 10.0), n, pfa, swerling)
        assert seen.pd[i] == pytest.approx(float(exact), abs=2e-4)


def test_a_square_metre_at_the_reference_range_is_seen_every_second_time():
    for name in ("gap-filler", "ground-surveillance"):
        radar = clear(name)
        beam = radar.design.beams[0]
        axis = beam.centre + radar.design.tilt
        seen = look(radar, reference_range(radar.design), axis, rcs=1.0)
        assert float(seen.pd) == pytest.approx(0.5, abs=2e-3)


def test_outside_the_instrumented_coverage_nothing_is_seen():
    radar = clear()
    low, high, down, up = radar.limits
    slant = [0.9 * low, 1.1 * high, 20e3, 20e3]
    seen = look(radar, slant, [0.02, 0.02, down - 0.01, up + 0.01], rcs=1e4)
    assert seen.pd.tolist() == [0.0] * 4
    assert np.isnan(seen.snr_db).all()
    assert seen.beam.tolist() == [-1] * 4


def test_what_is_unknown_stays_unknown_and_what_is_hidden_is_not_seen():
    radar = clear()
    seen = look(
        radar,
        [np.nan, 20e3, 20e3, 20e3],
        [0.02, np.nan, 0.02, 0.02],
        rcs=[1.0, 1.0, np.nan, 1.0],
        visible=[True, True, True, False],
    )
    assert np.isnan(seen.pd[:3]).all()
    assert seen.pd[3] == 0.0
    assert np.isnan(look(radar, 20e3, 0.02, range_rate=np.nan).pd)


def test_diffraction_counts_twice_and_lobing_as_given():
    radar = clear()
    free, edge, lobe = (
        float(look(radar, 40e3, 0.02, **changes).snr_db)
        for changes in ({}, {"diffraction_db": 6.0}, {"multipath_db": 12.0})
    )
    assert free - edge == pytest.approx(12.0)
    assert lobe - free == pytest.approx(12.0)


def test_a_pulse_blinds_its_own_range_and_half_a_pulse_costs_six_decibels():
    radar = clear("atc-2d", min_range=100.0)
    long_pulse = dataclasses.replace(radar.design, beams=radar.design.beams[:1])
    radar = stand(long_pulse, LAT, LON, 0.0)
    blind = 149_896_229.0 * long_pulse.beams[0].pulse_width
    seen = look(radar, [0.5 * blind, blind, 0.04 * blind], math.radians(2.0))
    halved = seen.snr_db[0] - seen.snr_db[1] - 40.0 * math.log10(2.0)
    assert halved == pytest.approx(-20.0 * math.log10(2.0))
    assert seen.pd[2] == 0.0


def test_a_walker_who_moves_across_the_line_of_sight_disappears():
    radar = clear("ground-surveillance")
    towards, across = look(radar, 4_000.0, 0.0, rcs=0.78, range_rate=[1.3, 0.0]).pd
    assert towards > 0.9
    assert across < 1e-4


def test_at_the_minimum_speed_a_filter_bank_leaves_half_the_power():
    design = radar_design("ground-surveillance")
    gain = signal_gain(design, design.beams[0], [design.min_speed, -design.min_speed, 20.0])
    assert gain == pytest.approx([0.5, 0.5, 1.0])


def test_a_canceller_has_skolniks_mean_and_its_blind_speeds():
    """Mean gain 1 over a period; none at λ·PRF/2: 34.59 m/s for 1.3 GHz and 300 Hz."""
    design = radar_design("long-range-3d")
    beam = dataclasses.replace(design.beams[0], prf=(300.0,))
    assert blind_speed(design, 300.0) == pytest.approx(34.59, abs=0.01)
    speeds = (np.arange(2_000) + 0.5) / 2_000 * blind_speed(design, 300.0)
    assert signal_gain(design, beam, speeds).mean() == pytest.approx(1.0, abs=1e-3)
    assert signal_gain(design, beam, [34.5918]) < 1e-6
    staggered = dataclasses.replace(design.beams[0], prf=(300.0, 350.0))
    assert signal_gain(design, staggered, [34.5918]) > 0.04


def test_the_mean_over_headings_is_what_a_map_shows():
    radar = clear("ground-surveillance")
    slant = np.array([2e3, 6e3, 9e3, 12e3])
    shown = look(radar, slant, 0.0, rcs=0.78, speed=1.3).pd
    headings = np.linspace(0.0, 2.0 * np.pi, 4_000, endpoint=False)
    drawn = look(radar, slant[:, None], 0.0, rcs=0.78, range_rate=1.3 * np.cos(headings)).pd
    assert shown == pytest.approx(drawn.mean(axis=1), abs=2e-3)


def test_another_class_at_the_same_places_needs_no_second_look():
    radar, slant = clear(), np.linspace(1e3, 110e3, 200)
    one = look(radar, slant, 0.03)
    for rcs, speed in ((0.01, 14.0), (3.0, 55.0), (40.0, None)):
        again = probability(radar, one, rcs=rcs, speed=speed, visible=slant > 30e3)
        whole = look(radar, slant, 0.03, rcs=rcs, speed=speed, visible=slant > 30e3)
        assert again == pytest.approx(whole.pd, abs=1e-12)


def test_errors_shrink_with_signal_down_to_their_floors():
    radar = clear(sigma_azimuth=1e-4)
    near, far = look(radar, 5e3, 0.02, rcs=1e4), look(radar, 70e3, 0.02, rcs=1.0)
    design = radar.design
    assert near.sigma_range == pytest.approx(design.sigma_range)
    assert near.sigma_azimuth == pytest.approx(design.sigma_azimuth)
    assert far.sigma_azimuth > design.sigma_azimuth
    assert np.isnan(look(clear("atc-2d"), 20e3, 0.05).sigma_elevation)


def test_the_tracker_learns_what_the_design_says():
    radar = clear("atc-2d")
    sensor = sensor_of(radar, sensor_id="a", name="A", site="s", feed="rehearsal")
    assert sensor.height == 1_315.0
    assert sensor.max_range == 220_000.0
    assert sensor.sigma_azimuth == radar.design.sigma_azimuth


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rcs": -1.0}, "rcs is -1 m²"),
        ({"speed": -3.0}, "speed is -3 m/s"),
        ({"swerling": 7}, "swerling is 7"),
    ],
)
def test_what_no_target_is_is_refused(changes, expected):
    with pytest.raises(SenseError, match=expected):
        look(clear(), 20e3, 0.02, **changes)


def test_a_place_without_known_ground_is_refused():
    with pytest.raises(SenseError, match="is terrain unknown there"):
        stand(radar_design("atc-2d"), LAT, LON, math.nan)
