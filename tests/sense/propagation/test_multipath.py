"""Two rays: against geometry by brute force, closed forms, and waves off drawn surfaces."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from steppewatch.errors import SenseError
from steppewatch.sense.propagation.ground import (
    GROUNDS,
    SPEED_OF_LIGHT,
    complex_permittivity,
    find_ground,
    water_permittivity,
)
from steppewatch.sense.propagation.multipath import (
    fresnel_reflection,
    lobe_elevation,
    null_elevation,
    propagation_factor,
    rayleigh_height,
    rough_surface,
    two_ray,
)
from steppewatch.sense.propagation.smooth_earth import smooth_earth_db

RADIUS = 1.27 * 6_371e3
FLAT = 1e15
L_BAND = 1.3e9


def test_first_lobe_of_an_l_band_mast_stands_at_the_published_angle_and_doubles_the_field():
    wavelength = SPEED_OF_LIGHT / L_BAND
    peak = lobe_elevation(wavelength, 20.0)
    assert math.degrees(peak) == pytest.approx(0.1652, abs=5e-5)
    found = propagation_factor(1e6, peak, 20.0, L_BAND, FLAT, ground=GROUNDS["sea"])
    assert found == pytest.approx(2.0, abs=0.01)
    gap = propagation_factor(
        1e6, null_elevation(wavelength, 20.0), 20.0, L_BAND, FLAT, ground=GROUNDS["sea"]
    )
    assert gap < 0.05


def test_flat_ground_gives_the_textbook_sine():
    # F = 2 |sin(2π h₁ h₂/(λ d))| at grazing angles (Skolnik, Introduction, 3rd ed., §8.2).
    distance = np.linspace(8e3, 40e3, 500)
    wavelength = SPEED_OF_LIGHT / 400e6
    found = two_ray(distance, 15.0, 60.0, 400e6, FLAT, ground=GROUNDS["sea"])
    expected = 2.0 * np.abs(np.sin(2.0 * math.pi * 15.0 * 60.0 / (wavelength * distance)))
    assert found.factor == pytest.approx(expected, abs=0.03)
    assert found.divergence == pytest.approx(1.0, abs=1e-6)


def place(height, angle):
    return (RADIUS + height) * np.array([math.sin(angle), math.cos(angle)])


@pytest.mark.parametrize(
    ("d", "h1", "h2"), [(8e3, 12.0, 400.0), (30e3, 20.0, 900.0), (60e3, 300.0, 3e3)]
)
def test_the_reflection_is_where_the_path_is_shortest(d, h1, h2):
    one, other = place(h1, 0.0), place(h2, d / RADIUS)

    def path(angle):
        ground = place(0.0, angle)
        return np.linalg.norm(one - ground) + np.linalg.norm(other - ground)

    best = minimize_scalar(
        path, bounds=(0.0, d / RADIUS), method="bounded", options={"xatol": 1e-12}
    )
    found = two_ray(d, h1, h2, L_BAND, RADIUS)
    assert found.point == pytest.approx(best.x * RADIUS, rel=2e-3)
    extra = best.fun - np.linalg.norm(one - other)
    assert found.path_difference == pytest.approx(extra, rel=2e-3)


def trace(depression, length):
    """Send a ray down to the sphere and up again; where is it after a length?"""
    one = place(20.0, 0.0)
    way = np.array([math.cos(depression), -math.sin(depression)])
    b = one @ way
    reach = -b - math.sqrt(b * b - (one @ one - RADIUS**2))
    ground = one + reach * way
    normal = ground / RADIUS
    way = way - 2.0 * (way @ normal) * normal
    return ground + (length - reach) * way, way, reach


@pytest.mark.parametrize("depression_deg", [0.2, 0.5, 2.0])
def test_divergence_is_how_much_more_a_bundle_of_rays_spreads(depression_deg):
    a, length, small = math.radians(depression_deg), 30e3, 1e-7
    end, way, reach = trace(a, length)
    aside = (trace(a + small, length)[0] - trace(a - small, length)[0]) / (2.0 * small)
    in_plane = abs(aside[0] * way[1] - aside[1] * way[0])
    # Around the vertical axis through the antenna a bundle is as wide as its distance from it.
    spread = in_plane * end[0] / (length**2 * math.cos(a))
    height, angle = np.linalg.norm(end) - RADIUS, math.atan2(end[0], end[1])
    found = two_ray(angle * RADIUS, 20.0, height, L_BAND, RADIUS)
    assert found.point == pytest.approx(reach, rel=2e-3)
    assert found.depression == pytest.approx(a, rel=2e-3)
    assert found.divergence == pytest.approx(1.0 / math.sqrt(spread), rel=3e-3)


def test_reflection_of_glass_like_ground_is_fresnels():
    # Straight down (n − 1)/(n + 1); nothing at Brewster's angle; all, turned, at grazing.
    assert abs(fresnel_reflection(0.5 * math.pi, 4.0)) == pytest.approx(1.0 / 3.0)
    brewster = math.atan(1.0 / math.sqrt(15.0))
    assert abs(fresnel_reflection(brewster, 15.0, vertical=True)) < 1e-12
    assert abs(fresnel_reflection(brewster, 15.0)) > 0.8
    for vertical in (False, True):
        assert fresnel_reflection(1e-9, 15.0, vertical=vertical) == pytest.approx(-1.0, abs=1e-6)


@pytest.mark.parametrize(("method", "shape"), [("ament", "normal"), ("miller-brown-vegh", "swell")])
def test_roughness_is_the_mean_wave_off_drawn_surfaces(method, shape):
    # Ament: normal heights. Miller, Brown & Vegh: sinusoids of normal amplitude, random phase.
    rng = np.random.default_rng(11)
    n, sigma, wavelength, grazing = 400_000, 0.6, 0.23, math.radians(2.5)
    if shape == "normal":
        height = rng.normal(0.0, sigma, n)
    else:
        height = rng.normal(0.0, sigma * math.sqrt(2.0), n) * np.sin(rng.uniform(0, 2 * np.pi, n))
    mean = abs(np.exp(4j * math.pi / wavelength * height * math.sin(grazing)).mean())
    assert rough_surface(grazing, sigma, wavelength, method) == pytest.approx(mean, abs=0.006)


def test_rayleighs_bump_turns_the_wave_by_a_quarter():
    grazing = 0.02
    bump = float(rayleigh_height(0.1, grazing))
    assert 4.0 * math.pi * bump * math.sin(grazing) / 0.1 == pytest.approx(0.5 * math.pi)


def test_very_rough_ground_leaves_the_free_wave():
    elevation = np.radians(np.linspace(1.0, 10.0, 50))
    found = propagation_factor(20e3, elevation, 20.0, 3e9, RADIUS, roughness=30.0)
    assert found == pytest.approx(1.0, abs=0.05)


def test_shadow_is_that_of_the_smooth_earth():
    # Beyond the horizon of 20 m a target 50 m high at 80 km.
    distance, target = 80e3, 50.0
    up = (target - 20.0) / distance - distance / (2.0 * RADIUS)
    found = propagation_factor(distance, up, 20.0, L_BAND, RADIUS)
    loss = smooth_earth_db(
        distance, 20.0, target, SPEED_OF_LIGHT / L_BAND, RADIUS, vertical=False,
        ground=GROUNDS["land"],
    )  # fmt: skip
    assert -20.0 * math.log10(found) == pytest.approx(loss, abs=0.1)


def test_no_step_from_lobe_to_shadow():
    elevation = np.radians(np.linspace(-0.13, 0.4, 5_000))
    found = propagation_factor(60e3, elevation, 20.0, L_BAND, RADIUS)
    assert np.abs(np.diff(20.0 * np.log10(found))).max() < 0.2


def test_a_beam_that_looks_up_has_weaker_lobes():
    elevation = math.radians(0.2)
    alike = two_ray(40e3, 20.0, 160.0, L_BAND, FLAT, ground=GROUNDS["sea"])
    tilted = two_ray(
        40e3, 20.0, 160.0, L_BAND, FLAT, ground=GROUNDS["sea"],
        pattern=lambda angle: np.exp(-((angle - elevation) / 0.01) ** 2),
    )  # fmt: skip
    assert abs(tilted.factor - 1.0) < abs(alike.factor - 1.0)


def test_under_the_ground_there_is_no_factor():
    assert np.isnan(propagation_factor(5e3, math.radians(-2.0), 20.0, L_BAND, RADIUS))


def test_water_lags_and_sea_conducts():
    sea = complex_permittivity(GROUNDS["sea"], 100e6)
    assert -sea.imag == pytest.approx(60.0 * 3.0 * 5.0, rel=0.01)
    # Kaatze 1989, measured at 20 °C: 5.6 + 74.6/(1 + jωτ) with τ = 9.36 ps.
    measured = 5.6 + 74.6 / (1.0 + 2j * math.pi * 10e9 * 9.36e-12)
    assert abs(water_permittivity(10e9, 293.15) - measured) < 1.5
    wet = complex_permittivity(GROUNDS["wet"], 10e9)
    assert GROUNDS["dry"].permittivity < wet.real < GROUNDS["wet"].permittivity


def test_refuses_what_cannot_be():
    with pytest.raises(SenseError, match="frequency is 3 Hz"):
        two_ray(1e4, 10.0, 10.0, 3.0, RADIUS)
    with pytest.raises(SenseError, match="antenna height is -4 m"):
        two_ray(1e4, -4.0, 10.0, 1e9, RADIUS)
    with pytest.raises(SenseError, match="count from 1"):
        lobe_elevation(0.23, 0.01)
    with pytest.raises(SenseError, match="dry, medium"):
        find_ground("cheese")
