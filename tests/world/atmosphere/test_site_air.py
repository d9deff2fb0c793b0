"""The air of a site: its bending, its seasons, its words, and what it refuses."""

import math

import numpy as np
import pytest

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere import (
    effective_k,
    refractivity,
    site_atmosphere,
    standard_atmosphere,
    surface_gradient,
)

ULAANBAATAR = math.radians(47.9), math.radians(106.9), 1_300.0


@pytest.mark.parametrize(
    ("surface", "gradient", "k"), [(277.0, -34.3, 1.28), (270.0, -33.0, 1.27), (319.0, -43.4, 1.38)]
)
def test_k_follows_the_surface_refractivity_as_published(surface, gradient, k):
    """P.453 gradients and P.834 k for a winter night and a summer day at 1,300 m, and sea level."""
    assert surface_gradient(surface) == pytest.approx(gradient, abs=0.05)
    assert effective_k(surface_gradient(surface)) == pytest.approx(k, abs=0.005)


def test_the_four_thirds_earth_is_the_gradient_of_39_n_units_per_kilometre():
    assert effective_k(-39.25) == pytest.approx(4.0 / 3.0, abs=1e-6)


def test_refractivity_is_that_of_moist_air_worked_by_hand():
    # dry 1000 hPa and 10 hPa of vapour at 300 K: 77.6·1000/300 + 72·10/300 + 3.75e5·10/300²
    by_hand = 258.6667 + 2.4 + 41.6667
    assert float(refractivity(300.0, 1010.0, 10.0 * 216.7 / 300.0)) == pytest.approx(by_hand)


def test_a_mongolian_site_bends_less_than_the_textbook_in_every_season():
    for season in ("summer", "winter", "year"):
        assert site_atmosphere(*ULAANBAATAR, season=season).k == pytest.approx(1.27, abs=0.02)


def test_the_year_lies_between_winter_and_summer():
    winter, year, summer = (
        site_atmosphere(*ULAANBAATAR, season=s) for s in ("winter", "year", "summer")
    )
    assert winter.k < year.k < summer.k
    assert winter.vapour_density < year.vapour_density < summer.vapour_density


def test_the_gradient_is_the_fall_over_the_first_kilometre_of_the_exponential():
    air = site_atmosphere(*ULAANBAATAR)
    fall = air.refractivity * math.expm1(-1_000.0 / air.scale_height)
    assert fall == pytest.approx(air.gradient, rel=1e-9)


def test_the_exponential_stays_near_the_profile_to_ten_kilometres():
    """The exponential that the rays use is within 6 N units of P.835's own profile."""
    for season in ("summer", "winter"):
        air = site_atmosphere(*ULAANBAATAR, season=season)
        height = np.linspace(1_300.0, 11_300.0, 50)
        real = refractivity(*air.profile(height))
        used = air.refractivity * np.exp(-(height - air.height) / air.scale_height)
        assert np.abs(real - used).max() < 6.0


def test_a_k_that_was_given_is_kept_and_named():
    air = site_atmosphere(*ULAANBAATAR, k=4.0 / 3.0)
    assert air.k == pytest.approx(4.0 / 3.0)
    assert air.k_given
    assert "given by hand" in air.label


def test_a_label_names_profile_refractivity_k_and_rain():
    label = site_atmosphere(*ULAANBAATAR, season="summer").label
    for part in ("P.835 high-latitude, summer", "Ns = 274", "k = 1.27", "dry"):
        assert part in label


def test_the_tropics_have_one_profile_all_year():
    summer, winter = (site_atmosphere(0.1, 1.8, 0.0, season=s) for s in ("summer", "winter"))
    assert summer.refractivity == winter.refractivity
    assert summer.k > 1.5


def test_the_standard_atmosphere_is_the_standard_at_sea_level_and_at_the_tropopause():
    air = standard_atmosphere()
    assert (air.temperature, air.pressure, air.vapour_density) == (288.15, 1013.25, 7.5)
    # US Standard Atmosphere 1976: 11 km geopotential (11.019 km), 216.65 K, 226.32 hPa
    temperature, pressure, _ = air.profile(11_019.1)
    assert float(temperature) == pytest.approx(216.65, abs=0.01)
    assert float(pressure) == pytest.approx(226.32, abs=0.01)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"season": "monsoon"}, "expected one of summer, winter, year"),
        ({"k": 0.0}, "expected 0.5 to 10"),
        ({"k": math.nan}, "expected 0.5 to 10"),
        ({"rain_percent": 0.0}, "expected 0.001 to 10"),
        ({"cloud_liquid": -1.0}, "expected 0 to 10"),
    ],
)
def test_an_absurd_figure_is_refused_with_the_range_allowed(wrong, said):
    with pytest.raises(WorldError, match=said):
        site_atmosphere(*ULAANBAATAR, **wrong)


def test_degrees_in_place_of_radians_are_refused():
    with pytest.raises(WorldError, match="is it in degrees"):
        site_atmosphere(47.9, 106.9, 1_300.0)
