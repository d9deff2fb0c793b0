"""Geodesics: the exact ones, and the fast kernel against them."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.world import geodesic

GEOD = pyproj.Geod(ellps="WGS84")


@given(
    st.floats(-82.0, 82.0), st.floats(-180.0, 180.0), st.floats(0.0, 360.0), st.floats(1.0, 300e3)
)
def test_the_short_kernel_is_within_a_millimetre_up_to_300_km(lat, lon, azimuth, length):
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, length)
    distance, bearing = geodesic.short_inverse(*np.radians([lat, lon, lat2, lon2]))
    assert abs(float(distance) - length) < 1e-3
    error = np.angle(np.exp(1j * (bearing - np.radians(azimuth))))
    assert abs(error) < 2e-6
    assert abs(error) * length < 0.5


def test_a_line_of_no_length_is_zero_long():
    distance, _ = geodesic.short_inverse(0.8, 1.8, 0.8, 1.8)
    assert distance == 0.0


def test_inverse_and_direct_undo_each_other_anywhere():
    rng = np.random.default_rng(2)
    lat1, lat2 = rng.uniform(-1.5, 1.5, (2, 2000))
    lon1, lon2 = rng.uniform(-np.pi, np.pi, (2, 2000))
    distance, azimuth, _ = geodesic.inverse(lat1, lon1, lat2, lon2)
    lat, lon = geodesic.direct(lat1, lon1, azimuth, distance)
    assert np.abs(lat - lat2).max() < 1e-12
    assert np.abs(np.sin(lon - lon2) * np.cos(lat2)).max() < 1e-12


def test_azimuth_at_the_end_points_on_in_the_direction_of_travel():
    _, start, end = geodesic.inverse(0.0, 0.0, 0.0, 0.1)
    assert start == pytest.approx(np.pi / 2)
    assert end == pytest.approx(np.pi / 2)


def test_the_middle_of_a_geodesic_is_equally_far_from_both_ends():
    lat, lon = geodesic.interpolate(0.84, 1.6, 0.86, 1.9, 0.5)
    first = geodesic.inverse(0.84, 1.6, lat, lon)[0]
    second = geodesic.inverse(lat, lon, 0.86, 1.9)[0]
    assert first == pytest.approx(second, abs=1e-6)
    assert first + second == pytest.approx(geodesic.inverse(0.84, 1.6, 0.86, 1.9)[0], abs=1e-6)


def test_lengths_add_up_along_a_line():
    lat, lon = np.radians([48.0, 48.5, 48.2]), np.radians([100.0, 101.0, 103.0])
    along = geodesic.lengths_along(lat, lon)
    assert along[0] == 0.0
    assert along[-1] == pytest.approx(GEOD.line_length(np.degrees(lon), np.degrees(lat)), abs=1e-6)


def test_arguments_broadcast_and_keep_their_shape():
    distance, azimuth = geodesic.short_inverse(0.8, 1.8, np.full((3, 4), 0.81), 1.8)
    assert distance.shape == azimuth.shape == (3, 4)
