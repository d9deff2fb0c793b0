"""Rain and cloud against the Recommendations' tables, closed forms and common sense."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere import (
    cloud_loss_db,
    rain_coefficients,
    rain_loss_db,
    site_atmosphere,
)
from steppewatch.world.atmosphere.rain import cloud_coefficient

DRY = site_atmosphere(math.radians(48.0), math.radians(107.0), 1_300.0, season="summer")
WET = dataclasses.replace(
    DRY, rain_rate=10.0, rain_percent=0.05, rain_height=3_900.0, cloud_liquid=1.5
)


def test_coefficients_are_those_of_the_validation_table_to_1e_6(itu_table):
    table = itu_table("ITURP838-3_rain_specific_attenuation.csv")
    for el, f, rate, tau, k, alpha, gamma in zip(
        *(table[name] for name in ("el", "f", "R", "tau", "k", "alpha", "gamma_r")), strict=True
    ):
        found = rain_coefficients(f * 1e9, math.radians(el), math.radians(tau))
        assert float(found[0]) == pytest.approx(k, rel=1e-6)
        assert float(found[1]) == pytest.approx(alpha, rel=1e-6)
        assert float(found[0] * rate ** found[1]) == pytest.approx(gamma, rel=1e-6)


@pytest.mark.parametrize(
    ("ghz", "tilt", "k", "alpha"),
    [
        (3, 0.0, 0.000139, 1.2322),
        (3, math.pi / 2, 0.0001942, 1.0688),
        (10, 0.0, 0.012167, 1.2571),
        (10, math.pi / 2, 0.0112919, 1.2156),
        (16, 0.0, 0.0528174, 1.1086),
        (35, math.pi / 2, 0.322376, 0.8761),
    ],
)
def test_published_coefficients_of_radar_bands(ghz, tilt, k, alpha):
    found = rain_coefficients(ghz * 1e9, 0.0, tilt)
    assert float(found[0]) == pytest.approx(k, rel=5e-4)
    assert float(found[1]) == pytest.approx(alpha, abs=5e-5)


def test_near_by_rain_takes_its_specific_attenuation():
    k, alpha = rain_coefficients(10e9, 0.0, 0.0)
    loss = float(rain_loss_db(WET, 10e9, 1_320.0, 1_000.0, 0.0))
    assert loss == pytest.approx(float(k * 10.0**alpha), rel=0.04)


def test_a_steep_path_leaves_the_rain_at_the_rain_height():
    elevation = math.radians(30.0)
    through = (3_900.0 - 1_320.0) / math.sin(elevation)
    at_top, beyond = rain_loss_db(WET, 10e9, 1_320.0, np.array([through, 1e5]), elevation)
    assert beyond == pytest.approx(at_top, rel=0.01)


def test_more_range_never_means_less_rain():
    loss = rain_loss_db(WET, 3e9, 1_320.0, np.linspace(0.0, 400e3, 400), 0.0)
    assert loss[0] == 0.0
    assert (np.diff(loss) >= 0.0).all()


def test_above_the_rain_there_is_none():
    assert float(rain_loss_db(WET, 10e9, 5_000.0, 50e3, 0.02)) == 0.0


def test_dry_air_has_neither_rain_nor_cloud():
    assert float(rain_loss_db(DRY, 10e9, 1_320.0, 50e3, 0.0)) == 0.0
    assert float(cloud_loss_db(DRY, 10e9, 1_320.0, 50e3, 0.0)) == 0.0


def test_overhead_cloud_takes_its_columnar_water_times_the_coefficient():
    """P.840: A = L K / sin θ."""
    for elevation in (math.pi / 2, math.radians(30.0)):
        loss = float(cloud_loss_db(WET, 35e9, 1_320.0, 100e3, elevation))
        known = 1.5 * cloud_coefficient(35e9) / math.sin(elevation)
        assert loss == pytest.approx(known, rel=2e-3)


def test_a_frequency_in_gigahertz_is_refused():
    with pytest.raises(WorldError, match="for rain"):
        rain_coefficients(10.0, 0.0, 0.0)
