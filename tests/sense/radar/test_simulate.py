"""Detection against published figures, and the draws against their own probabilities."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from steppewatch.records import PlotKind, SensorKind
from steppewatch.sense import (
    Horizon,
    Targets,
    beam_times,
    detect,
)
from steppewatch.sense.radar.library import RADARS
from steppewatch.sense.radar.simulate import look_at
from steppewatch.world import geodesy

ALPHA = 1e-5  # chance that an honest model fails one of these tests; seeds are fixed


def targets_at(radar, slant, azimuth, elevation, range_rate=50.0, rcs=1.0, **more):
    """Stand targets at sensor coordinates, all opening at one range rate."""
    slant, azimuth, elevation, rcs = np.broadcast_arrays(slant, azimuth, elevation, rcs)
    s = radar.sensor
    frame = geodesy.local_frame(s.lat, s.lon, s.height)
    enu = geodesy.enu_from_spherical(slant, azimuth, elevation).reshape(-1, 3)
    n = len(enu)
    velocity = enu / np.linalg.norm(enu, axis=1)[:, None] * range_rate
    columns = {
        "height": np.full(n, np.nan),
        "mode_s": np.zeros(n, np.uint32),
        "mode_3a": np.full(n, -1, np.int32),
        "callsign": np.zeros(n, "S8"),
    }
    return Targets(
        time_ns=np.arange(n, dtype=np.int64),
        position=geodesy.ecef_from_enu(enu, frame),
        velocity=velocity @ frame.rotation,
        rcs=np.array(rcs, float).ravel(),
        **{**columns, **more},
    )


def open_sky(radar, plain):
    s = radar.sensor
    return Horizon(plain(0.0), s.lat, s.lon, s.height, s.max_range, rays=64)


def look(radar, targets, plain, seed=1, begin_ns=0):
    horizon = open_sky(radar, plain)
    return detect(radar, targets, horizon, np.random.default_rng(seed), begin_ns)


def test_outside_the_instrumented_range_nothing_is_detected(make_radar, plain):
    radar = make_radar(min_range=2_000.0, max_range=60_000.0, false_alarms=0.0)
    slant = [1_990.0, 60_010.0, 2_010.0, 59_990.0]
    batch = look(radar, targets_at(radar, slant, 1.0, 0.05, rcs=1e6), plain)
    assert np.sort(batch.slant_range) == pytest.approx([2_010.0, 59_990.0], abs=250.0)


def chance(radar, targets, plain):
    """Ask what the maps show for these very targets."""
    horizon = open_sky(radar, plain)
    enu = geodesy.enu_from_ecef(targets.position, horizon.frame)
    drift = targets.velocity @ horizon.frame.rotation.T
    rate = np.einsum("ij,ij->i", enu, drift) / np.linalg.norm(enu, axis=1)
    return look_at(radar, horizon, enu, targets.rcs, rate)


@pytest.mark.parametrize("name", RADARS)
@pytest.mark.parametrize("share", [0.2, 0.45, 0.7])
def test_targets_are_detected_as_often_as_the_probability_says(make_radar, plain, name, share):
    radar = make_radar(name, false_alarms=0.0, secondary_probability=0.0)
    n, slant = 20_000, share * radar.radar.design.max_range
    elevation = 0.01 if radar.radar.design.kind == SensorKind.GROUND_RADAR else 0.03
    targets = targets_at(radar, np.full(n, slant), 1.0, elevation, range_rate=21.0, rcs=2.0)
    seen, pd = len(look(radar, targets, plain)), float(chance(radar, targets, plain).pd[0])
    assert stats.binomtest(seen, n, pd).pvalue > ALPHA


def test_errors_have_the_spread_of_the_sensor_when_the_echo_is_strong(make_radar, plain):
    radar = make_radar(false_alarms=0.0)
    n, slant, azimuth, elevation = 5_000, 30e3, 2.0, 0.05
    targets = targets_at(radar, np.full(n, slant), azimuth, elevation, range_rate=-30.0, rcs=1e6)
    batch = look(radar, targets, plain)
    s = radar.sensor
    assert len(batch) == n
    for measured, truth, sigma in (
        (batch.slant_range, slant, s.sigma_range),
        (batch.azimuth, azimuth, s.sigma_azimuth),
        (batch.elevation, elevation, s.sigma_elevation),
        (batch.range_rate, -30.0, s.sigma_range_rate),
    ):
        error = (measured - truth) / sigma
        assert abs(error.mean()) < 5.0 / math.sqrt(n)
        low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], n - 1) / (n - 1)
        assert low < error.var(ddof=1) < high


def test_a_weak_echo_is_measured_by_the_beam_splitting_rule(make_radar, plain):
    """Barton 1964: σ = θ / (1.6 √(2 SNR)), of all pulses together, at the look's mean."""
    radar = make_radar(false_alarms=0.0, sigma_azimuth=1e-5)
    n = 6_000
    targets = targets_at(radar, np.full(n, 55e3), 1.0, 0.05)
    batch, one = look(radar, targets, plain), chance(radar, targets, plain)
    power = 10.0 ** (float(one.sinr_db[0]) / 10.0) * float(one.summed[0])
    expected = radar.radar.design.azimuth_width / (1.6 * math.sqrt(2.0 * power))
    assert float(one.sigma_azimuth[0]) == pytest.approx(expected)
    scaled = (batch.azimuth - 1.0) / expected
    assert len(batch) > n // 3
    low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], len(batch)) / len(batch)
    assert low < np.mean(scaled**2) < high


def test_false_alarms_come_at_their_rate_and_spread_evenly(make_radar, plain):
    radar = make_radar(false_alarms=4.0)
    horizon, nobody = open_sky(radar, plain), targets_at(radar, np.zeros(0), 0.0, 0.0)
    scans = [detect(radar, nobody, horizon, np.random.default_rng((9, k)), 0) for k in range(1_000)]
    counts = np.array([len(scan) for scan in scans])
    assert stats.poisson.sf(counts.sum() - 1, 4_000.0) > ALPHA
    assert stats.poisson.cdf(counts.sum(), 4_000.0) > ALPHA
    assert counts.var() == pytest.approx(4.0, rel=0.25)
    slant = np.concatenate([scan.slant_range for scan in scans])
    azimuth = np.concatenate([scan.azimuth for scan in scans])
    s = radar.sensor
    even = stats.uniform(s.min_range, s.max_range - s.min_range)
    assert stats.kstest(slant, even.cdf).pvalue > ALPHA
    assert stats.kstest(azimuth, stats.uniform(0.0, 2.0 * np.pi).cdf).pvalue > ALPHA


def test_plots_carry_the_moment_when_the_beam_passed(make_radar, plain):
    radar = make_radar(false_alarms=20.0)
    batch = look(radar, targets_at(radar, np.zeros(0), 0.0, 0.0), plain, begin_ns=7_000_000_000)
    turned = batch.azimuth / (2.0 * np.pi) * radar.sensor.scan_period
    assert np.allclose((batch.time_ns - 7_000_000_000) * 1e-9, turned, atol=1e-6)
    assert (np.diff(batch.time_ns) >= 0).all()


@pytest.mark.parametrize(("start", "width"), [(0.0, 2.0 * np.pi), (5.5, 1.5)])
def test_the_beam_meets_a_moving_target_where_it_then_is(make_radar, start, width):
    radar = make_radar(sector_start=start, sector_width=width)
    azimuth = np.mod(start + np.array([0.1, 0.4, 0.9]) * width, 2.0 * np.pi)
    targets = targets_at(radar, 8_000.0, azimuth, 0.01, rcs=1.0)
    s = radar.sensor
    frame = geodesy.local_frame(s.lat, s.lon, s.height)
    across = np.stack((np.cos(azimuth), -np.sin(azimuth), np.zeros(3)), axis=1) * 60.0
    velocity = across @ frame.rotation
    times = beam_times(s, targets.position, velocity, at_ns=0, begin_ns=0)
    there = targets.position + velocity * (times * 1e-9)[:, None]
    _, met, _ = geodesy.spherical_from_enu(geodesy.enu_from_ecef(there, frame))
    beam = start + times * 1e-9 / s.scan_period * width
    apart = np.mod(met - beam + np.pi, 2.0 * np.pi) - np.pi
    assert np.abs(apart).max() < 2e-4


def test_sector_and_elevation_limits_hide_what_is_beyond_them(make_radar, plain):
    radar = make_radar(sector_start=6.0, sector_width=1.0, false_alarms=0.0)
    azimuth = np.array([6.1, 0.5, 5.9, 0.9, 6.1])
    elevation = np.array([0.1, 0.1, 0.1, 0.1, 1.2])
    batch = look(radar, targets_at(radar, 20e3, azimuth, elevation, rcs=1e6), plain)
    assert sorted(batch.azimuth.round(1).tolist()) == [0.5, 6.1]


def test_what_a_sensor_does_not_measure_is_not_given(make_radar, plain):
    ground = make_radar("ground-surveillance")
    batch = look(ground, targets_at(ground, 5e3, 1.0, 0.0, rcs=1e4), plain)
    assert np.isnan(batch.elevation).all()
    assert np.isfinite(batch.range_rate).all()
    long_range = make_radar("long-range-3d")
    batch = look(long_range, targets_at(long_range, 50e3, 1.0, 0.1, rcs=1e4), plain)
    assert np.isnan(batch.range_rate).all()
    assert np.isfinite(batch.elevation).all()


def test_a_transponder_answers_the_secondary_radar_with_its_codes(make_radar, plain):
    radar = make_radar("atc-2d", false_alarms=0.0)
    codes = {
        "height": np.array([10_003.0, np.nan]),
        "mode_s": np.array([0xF00001, 0], np.uint32),
        "mode_3a": np.array([0o1234, -1], np.int32),
        "callsign": np.array([b"SIM0001", b""]),
    }
    batch = look(radar, targets_at(radar, 60e3, [1.0, 2.0], 0.1, rcs=1e5, **codes), plain)
    assert batch.kind.tolist() == [PlotKind.COMBINED, PlotKind.PRIMARY]
    assert batch.mode_s.tolist() == [0xF00001, 0]
    assert batch.mode_3a.tolist() == [0o1234, -1]
    assert batch.callsign.tolist() == [b"SIM0001", b""]
    assert batch.height[0] == pytest.approx(10_003.0, abs=3.82)
    assert np.isnan(batch.height[1])


def test_the_same_source_gives_the_same_bits_and_nobody_changes_anothers_luck(make_radar, plain):
    radar = make_radar(false_alarms=3.0, min_speed=0.0)
    azimuth = np.linspace(0.1, 6.0, 40)
    full = targets_at(radar, 60e3, azimuth, 0.1)
    one, two = look(radar, full, plain, seed=4), look(radar, full, plain, seed=4)
    assert one.slant_range.tobytes() == two.slant_range.tobytes()
    without = dataclasses.replace(full, rcs=np.where(np.arange(40) == 7, 1e-12, full.rcs))
    three = look(radar, without, plain, seed=4)
    assert set(three.slant_range.tolist()) <= set(one.slant_range.tolist())
    assert len(one) - len(three) <= 1
