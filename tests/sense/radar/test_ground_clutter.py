"""Ground clutter by hand, and cancellers against their own spectra."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.ground import (
    clutter_spread,
    improvement_db,
    reflectivity_db,
)
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.radar.look import look
from steppewatch.sense.radar.response import signal_gain
from steppewatch.world.landcover import LandCover


def place(name="gap-filler", **changes):
    design = dataclasses.replace(radar_design(name), **changes)
    return stand(design, math.radians(48.0), math.radians(105.0), 1_300.0)


@pytest.mark.parametrize(
    ("land", "gamma"),
    [(LandCover.DESERT, -20.0), (LandCover.FARM, -15.0), (LandCover.FOREST, -10.0),
     (LandCover.MOUNTAIN, -5.0)],
)  # fmt: skip
def test_reflectivity_has_bartons_gamma_at_the_vertical_and_falls_with_the_sine(land, gamma):
    assert float(reflectivity_db(land, 0.5 * math.pi)) == pytest.approx(gamma)
    assert float(reflectivity_db(land, math.radians(30.0))) == pytest.approx(gamma - 3.0103)


def test_flat_grazing_is_held_where_billingsley_measured_low_relief():
    """Billingsley 2002: mean σ⁰ of rural low relief at low angles, −30 to −40 dB, L to X band."""
    assert -40.0 < float(reflectivity_db(LandCover.FARM, 0.0)) < -30.0


def test_clutter_to_noise_is_the_radar_equation_with_the_cell_for_a_target():
    """One fan beam: the ground 4 km away, 10 m below, as a target of A γ sin 0.3°."""
    radar = place("ground-surveillance", stability_db=40.0)
    design, slant = radar.design, 4e3
    down = math.asin(10.0 / slant)
    cell = slant * design.azimuth_width / 1.33 * 7.4948 / math.cos(down)
    section = cell * 10.0**-1.0 * math.sin(math.radians(0.3))
    as_target = float(look(radar, slant, -down, rcs=section).snr_db)
    seen = look(radar, slant, 0.0, clutter_visible=True, land=LandCover.FOREST)
    expected = as_target + design.beam_shape_loss_db - 40.0
    assert float(seen.cnr_db) == pytest.approx(expected, abs=0.05)
    power = 10.0 ** (0.1 * float(seen.cnr_db))
    lost = float(seen.snr_db) - float(seen.sinr_db)
    assert lost == pytest.approx(10.0 * math.log10(1.0 + power), abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_canceller_improves_as_its_response_over_the_spectrum_says(order):
    """Skolnik §3.7: 2x², 2x⁴, 4x⁶/3; here by summing the response over a Gaussian spectrum."""
    design = dataclasses.replace(
        radar_design("long-range-3d"), canceller_order=order, stability_db=100.0
    )
    beam = dataclasses.replace(design.beams[0], prf=(340.0,))
    spread = clutter_spread(design, 340.0)
    frequency = np.linspace(-6.0 * spread, 6.0 * spread, 4_001)
    spectrum = np.exp(-0.5 * (frequency / spread) ** 2)
    gain = signal_gain(design, beam, 0.5 * design.wavelength * frequency)
    through = float(np.sum(spectrum * gain) / np.sum(spectrum))
    assert improvement_db(design, beam) == pytest.approx(-10.0 * math.log10(through), abs=0.7)


def test_hardware_bounds_the_improvement_and_a_single_pulse_improves_nothing():
    design = dataclasses.replace(radar_design("long-range-3d"), stability_db=25.0)
    assert improvement_db(design, design.beams[0]) == pytest.approx(25.0, abs=0.3)
    assert improvement_db(design, design.beams[3]) == 0.0


def test_ground_in_sight_costs_signal_and_hidden_ground_does_not():
    radar = place("long-range-3d")
    slant = np.array([30e3, 60e3, 100e3])
    seen = look(radar, slant, 0.003, clutter_visible=True, land=LandCover.MOUNTAIN)
    hidden = look(radar, slant, 0.003, clutter_visible=False)
    assert (seen.pd < hidden.pd).all()
    assert np.isneginf(hidden.cnr_db).all()
    forest = look(radar, slant, 0.003, clutter_visible=True, land=LandCover.FOREST)
    assert (forest.pd > seen.pd).all()
