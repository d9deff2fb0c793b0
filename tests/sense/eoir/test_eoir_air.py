"""The air between camera and object: haze, water vapour, scattered light."""

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.eoir import Band, Weather, air

VACUUM = {"cn2": 0.0, "vapour_density": 0.0}


def test_at_the_visibility_a_black_object_keeps_two_percent_of_its_contrast():
    weather = Weather(visibility=12_000.0, sky_ground_ratio=1.0)
    assert air.visible_contrast(1.0, weather, 12_000.0) == pytest.approx(0.02, abs=1e-12)
    half = air.visible_contrast(1.0, weather, 6_000.0)
    assert half == pytest.approx(np.sqrt(0.02), abs=1e-12)


def test_a_bright_sky_over_dark_ground_takes_more_contrast_after_duntley():
    ranges = np.array([0.0, 5_000.0, 20_000.0])
    beta = 3.912 / 23_000.0
    for ratio in (0.2, 1.4, 5.0):
        weather = Weather(visibility=23_000.0, sky_ground_ratio=ratio)
        expected = 0.3 / (1.0 - ratio * (1.0 - np.exp(beta * ranges)))
        assert air.visible_contrast(0.3, weather, ranges) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("km", "db_785", "db_1550", "step"),
    # Kim, McArthur & Korevaar 2001 (Proc. SPIE 4214), table of attenuation, as printed.
    [
        (0.05, 340, 340, 1),
        (0.2, 85, 85, 1),
        (0.5, 34, 34, 1),
        (1.0, 14, 10, 1),
        (2.0, 7, 4, 1),
        (4.0, 3, 2, 1),
        (10.0, 1, 0.4, 1),
        (23.0, 0.5, 0.2, 0.1),
    ],
)
def test_haze_has_kims_published_attenuation(km, db_785, db_1550, step):
    to_db = 1e4 / np.log(10.0)  # 1/m to dB/km
    found = air.haze_extinction(785e-9, km * 1e3) * to_db
    assert found == pytest.approx(db_785, abs=0.5 * step + 1e-9)
    found = air.haze_extinction(1550e-9, km * 1e3) * to_db
    assert found == pytest.approx(db_1550, abs=0.5 * step + 1e-9)


@pytest.mark.parametrize("window", [air.WINDOW_VI, air.WINDOW_VII])
def test_the_two_branches_of_a_published_window_meet(window):
    limit = window[3]
    below, above = air.window_transmission([limit * (1 - 1e-9), limit], window)
    assert below == pytest.approx(above, abs=2e-3)  # the table's three digits


def flir_transmission(distance, vapour):
    """Give the transmission that makers of radiometric long-wave cameras publish (7.5–13 µm)."""
    root, wet = np.sqrt(distance), np.sqrt(vapour)
    first = np.exp(-root * (0.006569 - 0.002276 * wet))
    second = np.exp(-root * (0.01262 - 0.00667 * wet))
    return 1.9 * first - 0.9 * second


@pytest.mark.parametrize("vapour", [1.0, 3.0, 5.0, 8.0])
@pytest.mark.parametrize("distance", [500.0, 1_000.0, 2_000.0, 5_000.0])
def test_the_long_wave_window_is_near_what_camera_makers_use(distance, vapour):
    weather = Weather(visibility=50_000.0, vapour_density=vapour, temperature=290.0)
    found = air.transmission(Band.LWIR, weather, distance)
    theirs = flir_transmission(distance, vapour)  # a wider band, so a little less
    assert theirs - 0.02 < found < theirs + 0.15


def test_the_continuum_grows_with_the_square_of_moisture_and_falls_with_warmth():
    # Roberts, Selby & Biberman 1976: at 1000/cm and 296 K, 6.3 cm²/(g atm); 10 g/m³ over 1 km.
    expected = 6.31 * 1.0 * (0.01348 + 0.002 * 0.98652)
    found = air.continuum_extinction(10.0, 296.0) * 1e3
    assert found == pytest.approx(expected, rel=0.06)  # the band's mean is a little above 1000/cm
    dry = air.continuum_extinction(0.01, 296.0)
    assert air.continuum_extinction(20.0, 296.0) / air.continuum_extinction(10.0, 296.0) > 3.5
    assert air.continuum_extinction(0.02, 296.0) / dry == pytest.approx(2.0, rel=0.02)
    assert air.continuum_extinction(10.0, 310.0) < air.continuum_extinction(10.0, 280.0)


@pytest.mark.parametrize("band", list(Band))
def test_transmission_falls_with_distance_from_one(band):
    ranges = np.geomspace(1.0, 1e5, 200)
    found = air.transmission(band, Weather(), ranges)
    assert np.all(np.diff(found) < 0.0)
    assert found[0] > 0.95
    assert np.isnan(air.transmission(band, Weather(), np.nan))


def test_infrared_sees_farther_than_the_eye_in_haze_but_not_in_fog():
    haze, fog = Weather(visibility=8_000.0), Weather(visibility=300.0)
    assert air.transmission(Band.LWIR, haze, 8e3) > 10 * air.transmission(Band.VISIBLE, haze, 8e3)
    assert air.transmission(Band.LWIR, fog, 300.0) < 0.03


@pytest.mark.parametrize(
    "wrong",
    [{"visibility": 0.0}, {"vapour_density": -1.0}, {"temperature": 10.0}, {"cn2": np.nan}],
)
def test_weather_of_no_earth_is_refused_with_its_limits(wrong):
    with pytest.raises(SenseError, match=r"expected .*…"):
        Weather(**wrong)
