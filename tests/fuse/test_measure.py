import dataclasses
import math

import numpy as np
import pytest
from plain_placing import made_ready, placed
from radars import KINDS, ORIGIN, START_NS, frame_of, radar, see

from steppewatch.fuse.measure import place, plots_of
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.records import SensorKind, detection_batch
from steppewatch.world.geodesy import ecef_from_enu, geodetic_from_ecef

SETTINGS = TrackerSettings()


@pytest.mark.parametrize("up", [200.0, 3_000.0, 9_000.0])
@pytest.mark.parametrize("reach", [15e3, 80e3, 250e3])
def test_a_2d_plot_with_reported_height_is_placed_where_the_target_is(up, reach):
    sensor = radar(SensorKind.RADAR_2D)
    truth = ecef_from_enu(np.array([[0.6 * reach, -0.8 * reach, up]]), frame_of(sensor))
    height = geodetic_from_ecef(truth)[2]
    plots = plots_of(see(sensor, truth, [START_NS], height=height), sensor, SETTINGS)
    where, cov = place(plots, np.arange(1), sensor, SETTINGS)
    # The sphere in place of the ellipsoid costs at most a part of the height's own sigma.
    assert np.linalg.norm(where - truth) < 0.6 * SETTINGS.sigma_mode_c
    assert np.all(np.linalg.eigvalsh(cov[0]) > 0.0)


def test_the_scatter_of_placed_3d_plots_is_what_their_covariance_says():
    sensor, n = radar(), 4_000
    truth = ecef_from_enu(np.array([40e3, 60e3, 5e3]), frame_of(sensor))
    batch = see(sensor, np.tile(truth, (n, 1)), np.full(n, START_NS), np.random.default_rng(1))
    where, cov = place(plots_of(batch, sensor, SETTINGS), np.arange(n), sensor, SETTINGS)
    root = np.linalg.cholesky(np.linalg.inv(cov.mean(axis=0)))
    white = (where - truth) @ root
    np.testing.assert_allclose(np.cov(white.T), np.eye(3), atol=0.08)


def test_a_height_that_the_range_forbids_is_not_believed():
    sensor = radar(SensorKind.RADAR_2D)
    truth = ecef_from_enu(np.array([[1_000.0, 0.0, 0.0]]), frame_of(sensor))
    plots = plots_of(see(sensor, truth, [START_NS], height=np.array([-38.0])), sensor, SETTINGS)
    assert math.isnan(plots.z[0, 4])


def test_false_alarms_are_spread_over_what_was_measured():
    sensor = radar(false_alarms=50.0)
    truth = ecef_from_enu(np.array([[30e3, 0.0, 1e3]]), frame_of(sensor))
    plots = plots_of(see(sensor, truth, [START_NS]), sensor, SETTINGS)
    volume = sensor.max_range * 2 * math.pi * SETTINGS.elevation_extent
    assert plots.clutter[0] == pytest.approx(math.log(50.0 / volume))


def anything(rng, n=400):
    """Draw plots of which many lack something or say what cannot be."""

    def some(low, high, *odd):
        values = rng.uniform(low, high, n)
        for k, value in enumerate((math.nan, *odd)):
            values[k::9] = value
        return values

    when = np.full(n, START_NS)
    when[5::17] = 0
    return detection_batch(
        "radar", ORIGIN, when, some(50.0, 2e5, -1.0, math.inf), some(-7.0, 14.0, 0.0, -math.inf),
        elevation=some(-0.2, 1.5, math.nan, math.nan, math.inf), range_rate=some(-300, 300),
        height=some(-500.0, 2e4, math.nan, math.nan, math.nan, math.inf),
        mode_s=rng.integers(0, 3, n).astype(np.uint32),
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("rated", [math.nan, 2.0])
def test_plots_are_made_ready_and_placed_as_by_plain_numpy(kind, rated):
    sensor = dataclasses.replace(radar(kind), sigma_range_rate=rated)
    batch = anything(np.random.default_rng(3))
    plots = plots_of(batch, sensor, SETTINGS)
    rows, z, noise, clutter = made_ready(batch, sensor, SETTINGS)
    assert 0 < len(rows) < len(batch)
    np.testing.assert_array_equal(plots.z, z)
    np.testing.assert_array_equal(plots.noise, noise)
    np.testing.assert_allclose(plots.clutter, clutter, rtol=1e-14)
    np.testing.assert_array_equal(plots.time_ns, batch.time_ns[rows])
    np.testing.assert_array_equal(plots.mode_s, batch.mode_s[rows])
    where, cov = place(plots, np.arange(len(rows)), sensor, SETTINGS)
    plainly, spread = placed(z, noise, sensor, SETTINGS, plots.frame)
    np.testing.assert_allclose(where, plainly, rtol=0.0, atol=1e-8)
    np.testing.assert_allclose(cov, spread, rtol=1e-9, atol=1e-6)
