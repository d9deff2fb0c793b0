"""Bent rays against an independent integration and against known figures."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere import (
    earth_radius,
    ray_table,
    site_atmosphere,
    standard_atmosphere,
)

RADIUS = 6_371_000.0
SITE = site_atmosphere(math.radians(48.0), math.radians(107.0), 1_300.0)
# The exponential of Bean & Thayer from sea level, 313 exp(−0.14386 h): the published comparison.
CRPL = dataclasses.replace(
    standard_atmosphere(), refractivity=313.0, scale_height=1_000.0 / 0.14386
)


def integrate(air, antenna, elevation, ranges, radius):
    """Follow a ray by Snell's law in differential form, order 8: heights and ground ranges."""

    def rates(_, state):
        h, theta, _ = state
        n = 1e-6 * air.refractivity * math.exp(-(h - air.height) / air.scale_height)
        bend = -n / air.scale_height / (1.0 + n)
        return (
            math.sin(theta),
            math.cos(theta) * (1 / (radius + h) + bend),
            math.cos(theta) / (radius + h),
        )

    done = solve_ivp(
        rates, (0.0, ranges[-1]), (antenna, elevation, 0.0), method="DOP853",
        rtol=1e-11, atol=1e-9, t_eval=ranges,
    )  # fmt: skip
    return done.y[0], done.y[2] * radius


@pytest.mark.parametrize(
    ("antenna", "elevation_deg", "heights"),
    [
        (1_300.0, 0.0, (1900.6, 3731.7, 11402.7)),
        (1_300.0, 0.5, (2780.5, 5529.8, 15202.4)),
        (1_300.0, 1.0, (None, None, 18938.0)),
        (1_300.0, 5.0, (None, None, 47655.0)),
        (0.0, 0.0, (562.7, 2284.3, 9573.1)),
        (0.0, 1.0, (2324.9, 5895.7, 17241.1)),
    ],
)
def test_heights_at_100_200_and_400_km_are_the_known_ones(antenna, elevation_deg, heights):
    rays = ray_table(CRPL, antenna, radius=RADIUS)
    for slant, height in zip((100e3, 200e3, 400e3), heights, strict=True):
        if height is not None:
            found = float(rays.target_height(slant, math.radians(elevation_deg)))
            assert found == pytest.approx(height, abs=0.6)


@pytest.mark.parametrize("air", [CRPL, SITE, site_atmosphere(0.8, 1.8, 2_500.0, season="winter")])
def test_every_ray_is_within_a_metre_of_the_integrated_one(air):
    rays = ray_table(air, air.height + 20.0)
    rng = np.random.default_rng(4)
    for elevation in np.radians(
        [-1.0, -0.43, -0.1, 0.0, 0.07, 0.31, 0.9, 2.2, 5.1, 11.0, 20.0, 70]
    ):
        ranges = np.sort(rng.uniform(500.0, 450e3, 24))
        height, ground = integrate(air, air.height + 20.0, elevation, ranges, rays.radius)
        assert np.abs(rays.target_height(ranges, elevation) - height).max() < 1.0
        assert np.abs(rays.ground_range(ranges, elevation) - ground).max() < 1.0


def test_the_inverse_brings_a_target_back_to_where_it_was_seen():
    rays = ray_table(SITE, 1_320.0)
    rng = np.random.default_rng(5)
    slant, elevation = rng.uniform(300.0, 440e3, 20_000), np.radians(rng.uniform(-1, 60, 20_000))
    height = rays.target_height(slant, elevation)
    again, angle = rays.apparent(rays.ground_range(slant, elevation), height)
    assert np.abs(again - slant).max() < 0.05
    assert np.abs((angle - elevation) * slant).max() < 0.2


def test_without_air_a_ray_is_straight():
    vacuum = site_atmosphere(0.8, 1.8, 0.0, k=1.0)
    rays = ray_table(vacuum, 100.0, radius=RADIUS)
    slant = np.array([1e3, 50e3, 400e3])
    straight = np.sqrt((RADIUS + 100.0) ** 2 + slant**2) - RADIUS
    assert rays.target_height(slant, 0.0) == pytest.approx(straight, abs=1e-3)


def test_near_the_ground_a_ray_bends_as_the_effective_earth_does():
    rays = ray_table(SITE, 1_300.0)
    slant = 20e3
    effective = slant**2 / (2.0 * SITE.k * rays.radius)
    assert float(rays.target_height(slant, 0.0)) - 1_300.0 == pytest.approx(effective, rel=0.03)


def test_where_refractivity_rises_a_ray_bends_away_and_stays_finite():
    rays = ray_table(site_atmosphere(0.8, 1.8, 1_300.0, k=0.7), 1_320.0)
    straight = ray_table(site_atmosphere(0.8, 1.8, 1_300.0, k=1.0), 1_320.0)
    slant = np.array([10e3, 100e3, 400e3])
    up = rays.target_height(slant, 0.01)
    assert np.isfinite(up).all()
    assert (up > straight.target_height(slant, 0.01)).all()


def test_beyond_the_table_a_ray_is_unknown():
    rays = ray_table(SITE, 1_320.0, max_range=100e3)
    assert np.isnan(rays.target_height(100.1e3, 0.0))
    assert np.isnan(rays.ground_range(-1.0, 0.0))
    assert np.isnan(rays.apparent(120e3, 3e3)).all()
    assert np.isnan(rays.target_height(math.nan, 0.0))
    assert np.isnan(rays.target_height(50e3, math.nan))
    assert np.isnan(rays.apparent(50e3, math.nan)).all()


def test_the_earth_is_as_round_as_its_latitude_says():
    """Gauss's radius on WGS 84: b at the equator, a²/b at the pole."""
    assert earth_radius(0.0) == pytest.approx(6_356_752.3, abs=0.1)
    assert earth_radius(math.pi / 2) == pytest.approx(6_399_593.6, abs=0.1)


def test_an_absurd_antenna_is_refused():
    with pytest.raises(WorldError, match="expected -500 to 20000"):
        ray_table(SITE, 1e6)
