"""Our closed forms and maps against the package itur (its import takes seconds) and ITU tables."""

import math

import numpy as np
import pytest

from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.atmosphere.rain import cloud_coefficient, rain_climate
from steppewatch.world.atmosphere.reference import reference_air

pytestmark = pytest.mark.nightly


@pytest.mark.parametrize(
    ("name", "lat", "season"),
    [
        ("low-latitude", 10.0, "summer"),
        ("mid-latitude summer", 30.0, "summer"),
        ("mid-latitude winter", 30.0, "winter"),
        ("high-latitude summer", 50.0, "summer"),
        ("high-latitude winter", 50.0, "winter"),
    ],
)
def test_reference_atmospheres_are_those_of_itur(name, lat, season):
    from itur.models import itu835  # noqa: PLC0415 (slow)

    theirs = itu835.__dict__["_ITU835_6"]()
    km = np.linspace(0.0, 79.9, 800)
    temperature, pressure, vapour = reference_air(name, 1e3 * km)
    assert temperature == pytest.approx(theirs.temperature(lat, km, season), abs=1e-9)
    assert pressure == pytest.approx(theirs.pressure(lat, km, season), rel=5e-6)
    assert vapour == pytest.approx(theirs.water_vapour_density(lat, km, season), abs=1e-12)


def test_the_standard_atmosphere_is_that_of_itur():
    from itur.models import itu835  # noqa: PLC0415 (slow)

    theirs = itu835.__dict__["_ITU835_6"]
    km = np.linspace(0.0, 79.9, 800)
    temperature, pressure, _ = reference_air("standard", 1e3 * km)
    assert temperature == pytest.approx(theirs.standard_temperature(km), abs=1e-9)
    assert pressure == pytest.approx(theirs.standard_pressure(km), rel=1e-4)


def test_cloud_absorbs_as_itur_says():
    from itur.models.itu840 import specific_attenuation_coefficients  # noqa: PLC0415 (slow)

    for ghz in (3.0, 10.0, 35.0, 94.0):
        known = float(specific_attenuation_coefficients(ghz, 0.0))
        assert cloud_coefficient(ghz * 1e9) == pytest.approx(known, rel=1e-6)


def test_rain_maps_give_the_validation_values(itu_table):
    rates = itu_table("ITURP837-7_rainfall_rate.csv")
    for lat, lon, percent, rate in list(
        zip(*(rates[name] for name in ("lat", "lon", "p", "Rp")), strict=True)
    )[:8]:
        found = rain_climate(math.radians(lat), math.radians(lon), percent)[0]
        assert found == pytest.approx(rate, rel=1e-4)
    heights = itu_table("ITURP839-4_rain_height.csv")
    for lat, lon, height in zip(*(heights[name] for name in ("lat", "lon", "hr")), strict=True):
        found = rain_climate(math.radians(lat), math.radians(lon), 0.01)[1]
        assert found == pytest.approx(1e3 * height, abs=0.1)


def test_a_rain_percentage_brings_rain_cloud_and_words():
    air = site_atmosphere(math.radians(48.0), math.radians(107.0), 1_300.0, rain_percent=0.01)
    assert 5.0 < air.rain_rate < 40.0
    assert 2_000.0 < air.rain_height < 5_000.0
    assert air.cloud_liquid > 0.1
    assert "0.01 % of a year" in air.label
