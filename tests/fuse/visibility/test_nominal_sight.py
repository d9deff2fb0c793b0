"""The nominal detection probability against sampling of the very steps that it smooths."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import norm

from steppewatch.fuse.visibility import NominalSight
from steppewatch.fuse.visibility.sight import LEAST, MOST, notch_sigma
from steppewatch.records import Origin, Sensor, SensorKind, decode, encode
from steppewatch.records.binary import _default
from steppewatch.world.geodesy import (
    ecef_from_enu,
    enu_from_spherical,
    local_frame,
)

RADAR = Sensor(
    id="r", name="r", site="s", kind=SensorKind.RADAR_3D,
    lat=0.82, lon=1.85, height=1500.0, min_range=500.0, max_range=40e3, scan_period=4.0,
    sector_start=6.0, sector_width=1.0, sigma_range=20.0, sigma_azimuth=2e-3,
    sigma_elevation=2e-3, sigma_range_rate=0.5, detection_probability=0.9, false_alarms=3.0,
    blind_speed=3.0, origin=Origin(feed="test"),
)  # fmt: skip
FRAME = local_frame(RADAR.lat, RADAR.lon, RADAR.height)
AHEAD = (RADAR.sector_start + 0.5) % (2.0 * math.pi)


def at(reach, azimuth=AHEAD, radial=20.0, across=0.0):
    """Place targets by range and azimuth, moving along and across the line of sight."""
    reach, azimuth, radial, across = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(a, float)) for a in (reach, azimuth, radial, across))
    )
    local = enu_from_spherical(reach, azimuth, np.full(len(reach), 0.02))
    along = local / reach[:, None]
    aside = np.stack((np.cos(azimuth), -np.sin(azimuth), np.zeros(len(reach))), -1)
    velocity = radial[:, None] * along + across[:, None] * aside
    return ecef_from_enu(local, FRAME), velocity @ FRAME.rotation


def test_a_target_well_inside_the_coverage_has_the_nominal_probability():
    assert NominalSight().chance(RADAR, *at(20e3)) == pytest.approx(0.9, abs=1e-6)


def test_outside_range_and_sector_the_probability_is_the_least_and_never_zero():
    place = at([100.0, 60e3, 20e3, 20e3], [AHEAD, AHEAD, AHEAD + 0.7, AHEAD - 0.7])
    assert NominalSight().chance(RADAR, *place).tolist() == [LEAST] * 4


def test_nothing_is_surely_seen():
    sure = dataclasses.replace(RADAR, detection_probability=1.0)
    assert NominalSight().chance(sure, *at(20e3)) == pytest.approx(MOST)


def test_a_full_turn_has_no_edge_at_north():
    round_about = dataclasses.replace(RADAR, sector_start=0.0, sector_width=2.0 * math.pi)
    place = at(np.full(5, 20e3), [-0.001, 0.0, 0.001, 2 * math.pi - 1e-9, math.pi])
    assert NominalSight().chance(round_about, *place) == pytest.approx(0.9, abs=1e-6)


def test_a_doubtful_track_at_the_edge_has_the_share_of_its_places_that_are_inside():
    sigma = 300.0
    position, velocity = at([39.8e3, 40e3, 40.3e3])
    cov = np.tile(np.diag([sigma**2] * 3 + [1.0] * 3), (3, 1, 1))
    found = NominalSight().chance(RADAR, position, velocity, cov)
    spread = math.hypot(sigma, RADAR.sigma_range)
    expected = 0.9 * norm.cdf((40e3 - np.array([39.8e3, 40e3, 40.3e3])) / spread)
    assert found == pytest.approx(expected, abs=2e-3)


def test_the_notch_halves_the_probability_where_a_swerling_1_echo_loses_half():
    sigma = notch_sigma(3.0, 0.9)
    rate = sigma * math.sqrt(2.0 * math.log(2.0))
    clear = math.log(1e-6) / math.log(0.9) - 1.0
    left = clear * (1.0 - 2.0 ** -((rate / 3.0) ** 2))
    assert 1e-6 ** (1.0 / (1.0 + left)) == pytest.approx(0.45, abs=1e-3)
    assert NominalSight().chance(RADAR, *at(20e3, radial=rate)) == pytest.approx(0.45, abs=1e-3)


def test_a_tangential_target_is_hardly_seen_and_a_radial_one_is():
    sight = NominalSight()
    assert sight.chance(RADAR, *at(20e3, radial=0.0, across=10.0))[0] < 0.02
    assert sight.chance(RADAR, *at(20e3, radial=10.0, across=0.0))[0] > 0.89


def test_the_notch_is_averaged_over_what_the_velocity_may_be():
    rng = np.random.default_rng(1)
    position, velocity = at(20e3, radial=1.0, across=8.0)
    cov = np.diag([1e-6] * 3 + [4.0] * 3)[None]
    drawn = velocity + rng.normal(0.0, 2.0, (20_000, 3))
    sight = NominalSight()
    each = sight.chance(RADAR, np.repeat(position, len(drawn), 0), drawn)
    assert sight.chance(RADAR, position, velocity, cov)[0] == pytest.approx(each.mean(), abs=0.01)


@pytest.mark.parametrize("blind", [math.nan, 0.0])
def test_a_sensor_without_a_known_notch_has_none(blind):
    open_eyed = dataclasses.replace(RADAR, blind_speed=blind)
    found = NominalSight().chance(open_eyed, *at(20e3, radial=0.0))
    assert found == pytest.approx(0.9, abs=1e-6)


def test_no_tracks_give_no_probabilities():
    none = np.empty((0, 3))
    assert NominalSight().chance(RADAR, none, none, np.empty((0, 6, 6))).shape == (0,)


def test_a_sensor_written_before_there_were_notches_and_cells_is_still_read():
    old = _default(RADAR)
    for name in ("blind_speed", "range_cell", "azimuth_cell"):
        del old[name]
    read = decode(encode(old))
    assert math.isnan(read.blind_speed)
    assert math.isnan(read.range_cell)
