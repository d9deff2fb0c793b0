import math

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see

from steppewatch.fuse.measure import place, plots_of
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.records import SensorKind
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
