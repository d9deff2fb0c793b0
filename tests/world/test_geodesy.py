"""Geodesy against PROJ."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.world import geodesy

LAT = st.floats(-np.pi / 2, np.pi / 2)
LON = st.floats(-np.pi, np.pi)
HEIGHT = st.floats(-500.0, 40_000.0)
TO_ECEF = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


@given(LAT, LON, HEIGHT)
def test_ecef_agrees_with_proj_to_a_micrometre(lat, lon, height):
    expected = TO_ECEF.transform(np.degrees(lon), np.degrees(lat), height)
    assert np.abs(geodesy.ecef_from_geodetic(lat, lon, height) - expected).max() < 1e-6


@given(LAT, LON, HEIGHT)
def test_geodetic_and_back_returns_to_the_same_place(lat, lon, height):
    place = geodesy.ecef_from_geodetic(lat, lon, height)
    again = geodesy.ecef_from_geodetic(*geodesy.geodetic_from_ecef(place))
    assert np.abs(again - place).max() < 1e-5


@given(LAT, LON, st.floats(0.0, 1_000_000.0))
def test_height_from_ecef_is_exact_up_to_space(lat, lon, height):
    found = geodesy.geodetic_from_ecef(geodesy.ecef_from_geodetic(lat, lon, height))[2]
    assert found == pytest.approx(height, abs=1e-5)


@given(LAT, LON)
def test_the_enu_axes_are_a_right_handed_rotation(lat, lon):
    rotation = geodesy.enu_rotation(lat, lon)
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_enu_agrees_with_projs_topocentric_conversion():
    rng = np.random.default_rng(1)
    lat0, lon0, height0 = np.radians(48.3), np.radians(106.2), 1350.0
    pipe = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=cart +ellps=WGS84 "
        "+step +proj=topocentric +ellps=WGS84 +lat_0=48.3 +lon_0=106.2 +h_0=1350"
    )
    lat, lon = rng.uniform(47, 50, 500), rng.uniform(104, 108, 500)
    height = rng.uniform(0, 12_000, 500)
    expected = np.stack(pipe.transform(lon, lat, height), axis=-1)
    frame = geodesy.local_frame(lat0, lon0, height0)
    position = geodesy.ecef_from_geodetic(np.radians(lat), np.radians(lon), height)
    local = geodesy.enu_from_ecef(position, frame)
    assert np.abs(local - expected).max() < 1e-3
    assert np.abs(geodesy.ecef_from_enu(local, frame) - position).max() < 1e-6


@given(st.floats(1.0, 400_000.0), st.floats(0.0, 2 * np.pi - 1e-6), st.floats(-1.5, 1.5))
def test_radar_coordinates_survive_the_way_through_enu(slant_range, azimuth, elevation):
    local = geodesy.enu_from_spherical(slant_range, azimuth, elevation)
    back = geodesy.spherical_from_enu(local)
    assert back[0] == pytest.approx(slant_range)
    assert np.abs(np.angle(np.exp(1j * (back[1] - azimuth)))) < 1e-9
    assert back[2] == pytest.approx(elevation, abs=1e-9)


def test_east_is_a_quarter_turn_clockwise_from_north():
    assert geodesy.spherical_from_enu([1.0, 0.0, 0.0])[1] == pytest.approx(np.pi / 2)
    assert geodesy.spherical_from_enu([-1.0, 0.0, 0.0])[1] == pytest.approx(3 * np.pi / 2)
