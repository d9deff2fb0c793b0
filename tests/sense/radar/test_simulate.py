"""Detection against published figures, and the draws against their own probabilities."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from steppewatch.errors import SenseError
from steppewatch.records import PlotKind, SensorKind
from steppewatch.sense import (
    Horizon,
    Targets,
    beam_times,
    detect,
    detection_probability,
    preset,
)
from steppewatch.sense.radar.simulate import signal_to_noise
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


@pytest.mark.parametrize(
    ("pd", "pfa", "snr_db"),
    [(0.5, 1e-6, 12.772), (0.8, 1e-6, 17.847), (0.9, 1e-6, 21.144), (0.9, 1e-8, 22.401)],
)
def test_swerling_1_needs_the_published_signal_to_noise(make_radar, pd, pfa, snr_db):
    """Exact single-pulse square-law values; Richards 2014, §6.3; Blake 1986."""
    radar = make_radar(false_alarm_probability=pfa, reference_range=50_000.0, min_speed=0.0)
    at_reference = -math.log(pfa) / math.log(2.0) - 1.0
    rcs = 10.0 ** (snr_db / 10.0) / at_reference
    assert detection_probability(radar, 50_000.0, rcs) == pytest.approx(pd, abs=2e-4)


def test_the_reference_range_is_where_one_square_metre_is_seen_every_second_time(make_radar):
    radar = make_radar()
    assert detection_probability(radar, radar.reference_range, 1.0) == pytest.approx(0.5)


def test_twice_the_range_costs_twelve_decibels_and_ten_times_the_section_brings_ten(make_radar):
    radar = make_radar()
    near, far, big = (
        10.0 * np.log10(signal_to_noise(radar, r, rcs))
        for r, rcs in ((20e3, 1.0), (40e3, 1.0), (20e3, 10.0))
    )
    assert near - far == pytest.approx(12.041, abs=1e-3)
    assert big - near == pytest.approx(10.0)


def test_outside_the_instrumented_range_nothing_is_detected(make_radar):
    radar = make_radar(min_range=2_000.0, max_range=60_000.0)
    assert detection_probability(radar, [1_999.0, 60_001.0], 1e4).tolist() == [0.0, 0.0]
    assert (detection_probability(radar, [2_001.0, 59_999.0], 1e6) > 0.99).all()


def test_a_walker_who_moves_across_the_line_of_sight_fades(make_radar):
    radar = make_radar("ground-surveillance")
    towards, across = detection_probability(radar, 5_000.0, 1.0, [1.3, 0.0])
    assert towards > 0.95
    assert across == pytest.approx(radar.false_alarm_probability)


def test_at_the_minimum_speed_half_the_power_is_left(make_radar):
    radar = make_radar("ground-surveillance")
    clear, edge = signal_to_noise(radar, 5_000.0, 1.0, [math.inf, radar.min_speed])
    assert edge / clear == pytest.approx(0.5)


@pytest.mark.parametrize("pd", [0.2, 0.5, 0.9])
def test_targets_are_detected_as_often_as_the_probability_says(make_radar, plain, pd):
    radar = make_radar(false_alarms=0.0, min_speed=0.0)
    wanted = math.log(radar.false_alarm_probability) / math.log(pd) - 1.0
    rcs = wanted / signal_to_noise(radar, 50_000.0, 1.0)
    n = 20_000
    seen = len(look(radar, targets_at(radar, np.full(n, 50e3), 1.0, 0.1, rcs=rcs), plain))
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
    """Barton 1964: σ = θ / (1.6 √(2 SNR)); each plot's own SNR gives its error's scale."""
    radar = make_radar(false_alarms=0.0, sigma_azimuth=1e-5, min_speed=0.0)
    n = 6_000
    batch = look(radar, targets_at(radar, np.full(n, 60e3), 1.0, 0.1), plain)
    snr = 10.0 ** (np.asarray(batch.snr_db, float) / 10.0)
    scaled = (batch.azimuth - 1.0) / (radar.beam_azimuth / (1.6 * np.sqrt(2.0 * snr)))
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


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("max_range", -5.0, "100 to 1e+06"),
        ("scan_period", 0.0, "0.05 to 120"),
        ("sigma_azimuth", 0.0, "1e-06 to 0.5"),
        ("sigma_range", math.nan, "0.01 to 10000"),
        ("false_alarm_probability", 0.5, "1e-12 to 0.01"),
        ("sigma_elevation", math.nan, "a 3-D radar measures elevation"),
        ("sector_width", 7.0, "0.01 to 6.28319"),
        ("min_range", 90e3, "0 to 1e+05"),
    ],
)
def test_an_impossible_radar_is_refused_by_key_value_and_limits(make_radar, key, value, expected):
    changes = {key: value}
    if key == "min_range":
        changes = {"min_range": 90e3, "max_range": 80e3}
        expected = "less than max_range"
    with pytest.raises(SenseError) as refused:
        make_radar(**changes)
    assert key in str(refused.value)
    assert f"{value:g}" in str(refused.value)
    assert expected in str(refused.value)


def test_an_unknown_class_names_the_closest():
    with pytest.raises(SenseError, match="did you mean 'gap-filler'"):
        preset("gap-filer")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("long-range-3d", SensorKind.RADAR_3D),
        ("gap-filler", SensorKind.RADAR_3D),
        ("ground-surveillance", SensorKind.GROUND_RADAR),
        ("atc-2d", SensorKind.RADAR_2D),
    ],
)
def test_every_class_stands_as_a_possible_radar(make_radar, name, kind):
    assert make_radar(name).sensor.kind is kind
