"""Course to range rate, and what the Doppler filter makes of it."""

import math
from types import SimpleNamespace

import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.motion import doppler_sentence, range_rate_on
from steppewatch.sense.radar.library import radar_design


def path(azimuth_deg, elevation_deg=0.0):
    return SimpleNamespace(
        azimuth_end=math.radians(azimuth_deg), elevation=math.radians(elevation_deg),
        ground_range=0.0, k=4.0 / 3.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("azimuth", "elevation", "course", "expected"),
    [(0, 0, 0, 50.0), (0, 0, 180, -50.0), (90, 0, 0, 0.0), (45, 0, 105, 25.0), (0, 60, 0, 25.0)],
)
def test_range_rate_is_the_share_of_speed_along_the_ray(azimuth, elevation, course, expected):
    found = range_rate_on(path(azimuth, elevation), 50.0, math.radians(course))
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_blind_speed_is_named_with_its_multiples():
    """Blind speed λ·PRF/2: one PRF of 300 Hz at 1.3 GHz, 34.59 m/s (Skolnik, §3.1)."""
    radar = radar_design("long-range-3d")
    low = radar.beams[0]
    one = type(low)(
        centre=low.centre, width=low.width, pulses=3, intervals=1, prf=(300.0,),
        pulse_width=low.pulse_width, group=low.group,
    )  # fmt: skip
    said = doppler_sentence(radar, one, 0.5 * 299_792_458.0 / radar.frequency * 300.0)
    assert "near a blind speed (multiples of 34.6 m/s)" in said
    assert "lies in the Doppler notch" in doppler_sentence(radar, one, 0.1)
    assert "clear of the Doppler notch" in doppler_sentence(radar, one, 17.3)


def test_a_course_that_is_none_is_refused():
    with pytest.raises(SenseError, match="expected a course in degrees"):
        range_rate_on(path(0), 1.0, math.nan)
