"""Where a doubtful angle makes a banana of a precise range, the covariance still tells the truth.

Oracles: the exact posterior by sampling the prior and weighing the samples with the measurement's
own density; and errors of whole tracks against chi-square bounds (Bar-Shalom et al. 2001, §5.4.2).
"""

import dataclasses
import math

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see
from scipy.stats import chi2

from steppewatch import fuse
from steppewatch.fuse import kernels
from steppewatch.fuse.measure import place, plots_of
from steppewatch.world.geodesy import ecef_from_enu, enu_from_ecef, spherical_from_enu

SETTINGS = fuse.TrackerSettings()


def wide_radar(azimuth_deg, elevation_deg, period=10.0):
    return dataclasses.replace(
        radar(period=period, false_alarms=0.1), max_range=400e3, sigma_range=40.0,
        sigma_azimuth=math.radians(azimuth_deg), sigma_elevation=math.radians(elevation_deg),
    )  # fmt: skip


@pytest.mark.parametrize(("azimuth_deg", "elevation_deg"), [(1.0, 0.15), (0.3, 1.0), (1.0, 1.0)])
def test_one_update_is_as_sure_as_the_exact_posterior_allows(azimuth_deg, elevation_deg):
    sensor = wide_radar(azimuth_deg, elevation_deg)
    frame, rng = frame_of(sensor), np.random.default_rng(1)
    middle = ecef_from_enu(np.array([0.0, 300e3, 12e3]), frame)
    # Known along the line of sight, unknown across it: what a first plot leaves behind.
    spread = frame.rotation.T @ np.diag([4_000.0, 150.0, 4_000.0])
    prior = np.zeros((6, 6))
    prior[:3, :3] = spread @ spread.T
    prior[3:, 3:] = np.eye(3) * 100.0
    samples = middle + rng.normal(size=(400_000, 3)) @ spread.T
    seen = np.stack(spherical_from_enu(enu_from_ecef(samples, frame)), axis=-1)
    sigma = np.array([sensor.sigma_range, sensor.sigma_azimuth, sensor.sigma_elevation])
    noise = np.append(sigma, [1.0, 100.0]) ** 2
    shares = []
    for k in range(40):
        z = seen[k] + rng.normal(size=3) * sigma
        off = (z - seen) / sigma
        weight = np.exp(-0.5 * np.sum(off * off, axis=1))
        weight /= weight.sum()
        x, P = np.append(middle, np.zeros(3)), prior.copy()
        told = np.append(z, [np.nan, np.nan])
        kernels.fold(
            x, P, told, noise, 0.0, frame.origin, frame.rotation, np.inf, np.empty(5),
            np.zeros((5, 6)), np.empty(12),
        )  # fmt: skip
        miss = samples - x[:3]
        squared = np.einsum("na,na->n", miss, np.linalg.solve(P[:3, :3], miss.T).T)
        shares.append(weight @ squared / 3.0)
    assert 0.8 < np.mean(shares) < 1.2


@pytest.mark.parametrize(("azimuth_deg", "elevation_deg"), [(1.0, 0.15), (0.3, 1.0), (1.0, 1.0)])
def test_a_plot_is_placed_in_the_middle_of_its_banana(azimuth_deg, elevation_deg):
    sensor, n = wide_radar(azimuth_deg, elevation_deg), 20_000
    frame, rng = frame_of(sensor), np.random.default_rng(2)
    truth = ecef_from_enu(np.array([[200e3, -220e3, 11e3]]), frame)
    batch = see(sensor, np.repeat(truth, n, axis=0), np.full(n, START_NS), rng)
    where, cov = place(plots_of(batch, sensor, SETTINGS), np.arange(n), sensor, SETTINGS)
    miss = where - truth
    squared = np.einsum("na,na->n", miss, np.linalg.solve(cov, miss[:, :, None])[:, :, 0])
    assert 0.9 < squared.mean() / 3.0 < 1.1


def errors(sensor, runs, scans=12):
    """Give position NEES ``(runs,)`` of aircraft flying straight 300 km away."""
    # So far away the speed is hardly observed: filter and truth have the same prior.
    settings = fuse.TrackerSettings(speed_slow=100.0, speed_air=100.0)
    stage, values = fuse.stage(settings), []
    frame = frame_of(sensor)
    period = sensor.scan_period
    for run in range(runs):
        rng = np.random.default_rng(1000 + run)
        angle = rng.uniform(0.0, 2.0 * np.pi)
        start = np.array([300e3 * np.sin(angle), 300e3 * np.cos(angle), 4e3])
        velocity = np.append(rng.normal(0.0, 100.0, 2), 0.0)
        state = stage.step(stage.initial, [sensor], START_NS)[0]
        for k in range(scans):
            where = ecef_from_enu((start + k * period * velocity)[None], frame)
            when = START_NS + round(k * period * 1e9)
            state, _ = stage.step(state, [see(sensor, where, [when], rng)], when)
        if len(state) != 1 or state.hits[0] != scans:
            continue
        picture = fuse.tracks_at(state, int(state.time_ns[0]), settings)
        off = picture.mean[0, :3] - where[0]
        values.append(off @ np.linalg.solve(picture.cov[0, :3, :3], off))
    return np.array(values)


@pytest.mark.parametrize(("azimuth_deg", "elevation_deg"), [(1.0, 0.15), (0.3, 1.0)])
def test_tracks_300_km_away_are_consistent(azimuth_deg, elevation_deg):
    values = errors(wide_radar(azimuth_deg, elevation_deg), 60)
    n = len(values)
    assert n >= 55
    low, high = chi2.ppf([0.025, 0.975], 3 * n)
    assert low < values.sum() < high
