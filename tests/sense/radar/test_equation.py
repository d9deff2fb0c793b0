"""The radar equation, noise and antenna against published constants and closed forms."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar.antenna import azimuth_db, elevation_db, lobe_db, two_way_db
from steppewatch.sense.radar.equation import BOLTZMANN, signal_to_noise_db
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.radar.noise import (
    antenna_temperature,
    beam_noise,
    receiver_temperature,
    sky_temperature,
)

NAUTICAL_MILE = 1_852.0


def test_the_range_constant_is_blakes():
    """NRL Report 6930, ch. 2: 129.2 nmi with kW, µs, MHz, K and m², all else 1."""
    at_one_metre = signal_to_noise_db(
        energy=1e3 * 1e-6, tx_gain_db=0.0, rx_gain_db=0.0, wavelength=299_792_458.0 / 1e6,
        rcs=1.0, slant_range=1.0, noise_temperature=1.0, loss_db=0.0,
    )  # fmt: skip
    range_for_one = 10.0 ** (float(at_one_metre) / 40.0)
    assert range_for_one / NAUTICAL_MILE == pytest.approx(129.223, abs=2e-3)


def test_the_textbook_c_band_radar_reaches_86_kilometres():
    """Mahafza, Radar Systems Analysis and Design, ex. 1.4: 86.2 km with rounded decibels."""
    snr = signal_to_noise_db(
        energy=1.5e6 * 0.2e-6, tx_gain_db=45.0, rx_gain_db=45.0, wavelength=299_792_458.0 / 5.6e9,
        rcs=0.1, slant_range=85_816.0, noise_temperature=290.0 * 10.0**0.3, loss_db=0.0,
    )  # fmt: skip
    assert float(snr) == pytest.approx(20.0, abs=1e-3)


def test_twice_the_range_costs_twelve_decibels_and_ten_times_the_section_brings_ten():
    terms = {
        "energy": 1.0, "tx_gain_db": 30.0, "rx_gain_db": 30.0, "wavelength": 0.1,
        "noise_temperature": 500.0, "loss_db": 5.0,
    }  # fmt: skip
    near, far, big = (
        float(signal_to_noise_db(rcs=rcs, slant_range=r, **terms))
        for r, rcs in ((20e3, 1.0), (40e3, 1.0), (20e3, 10.0))
    )
    assert near - far == pytest.approx(12.0412, abs=1e-4)
    assert big - near == pytest.approx(10.0)


def test_boltzmanns_constant_is_the_si():
    assert BOLTZMANN == 1.380649e-23


@pytest.mark.parametrize(("sky", "expected"), [(0.0, 36.0), (50.0, 79.8), (100.0, 123.6)])
def test_a_lossless_antenna_has_blakes_temperature(sky, expected):
    """NRL Report 6930: T_a = 0.876 T_sky + 36 for L_a = 1."""
    assert antenna_temperature(sky, 0.0) == pytest.approx(expected, abs=0.05)


def test_a_very_lossy_antenna_shines_like_a_resistor():
    assert antenna_temperature(20.0, 60.0) == pytest.approx(290.0, abs=1e-3)


def test_the_system_temperature_is_the_sum_of_antenna_line_and_receiver():
    design = dataclasses.replace(
        radar_design("atc-2d"), noise_figure_db=3.0103, receive_loss_db=3.0103, antenna_loss_db=0.0
    )
    noise = beam_noise(design, 0.0)
    assert noise.line == pytest.approx(290.0, rel=1e-4)
    assert noise.system == pytest.approx(noise.antenna + 290.0 + 2.0 * 290.0, rel=1e-4)
    assert receiver_temperature(0.0) == 0.0


def test_the_galaxy_fades_with_frequency_and_thick_air_shines():
    """Blake: 3,050 K mean at 100 MHz, f^−2.5; at 10 dB of gas the sky is nearly air."""
    assert sky_temperature(1e8, 0.0) == pytest.approx(3_052.7, abs=0.1)
    assert sky_temperature(1.3e9, 0.0) == pytest.approx(3_050.0 / 13.0**2.5 + 2.7, rel=1e-3)
    assert sky_temperature(16e9, 10.0) == pytest.approx(0.9 * 275.0, rel=0.01)


def test_the_main_lobe_loses_three_decibels_at_half_its_width():
    assert float(lobe_db(0.5 * 0.03, 0.03)) == pytest.approx(-3.0103, abs=1e-4)
    assert float(lobe_db(0.0, 0.03)) == 0.0


def test_side_lobes_are_a_floor_and_tilt_moves_the_pattern():
    design = dataclasses.replace(radar_design("long-range-3d"), tilt=math.radians(1.0))
    beam = design.beams[0]
    up = elevation_db(design, beam, beam.centre + math.radians(1.0))
    assert float(up) == pytest.approx(0.0, abs=1e-12)
    assert float(elevation_db(design, beam, 0.5)) == design.sidelobe_db
    assert float(azimuth_db(design, 0.5 * design.azimuth_width)) == pytest.approx(-3.0103, abs=1e-4)


def test_a_cosecant_squared_beam_sees_a_level_flight_equally_strong_at_all_ranges():
    """R⁻⁴ against csc⁴: the product is constant at constant height (flat earth)."""
    design = radar_design("atc-2d")
    elevation = np.radians(np.array([6.0, 10.0, 20.0, 35.0]))
    slant = 3_000.0 / np.sin(elevation)
    level = two_way_db(design, design.beams[0], elevation) - 40.0 * np.log10(slant)
    assert np.ptp(level) < 1e-9


def test_a_cosecant_squared_beam_below_the_horizontal_is_refused():
    with pytest.raises(SenseError, match="where the cosecant begins"):
        dataclasses.replace(radar_design("atc-2d"), tilt=math.radians(-5.0))


def test_a_stack_is_flooded_on_transmit_and_formed_on_receive():
    design = radar_design("gap-filler")
    second = design.beams[1]
    assert float(two_way_db(design, second, second.centre)) == pytest.approx(0.0, abs=1e-9)
    edge = second.centre + 0.5 * second.width
    assert float(two_way_db(design, second, edge)) == pytest.approx(-3.0103, abs=1e-4)
