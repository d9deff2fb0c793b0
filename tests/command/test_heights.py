"""A height that nobody measured is not shown as one."""

import numpy as np

from steppewatch.command.heights import measured, surely_flying, upward_sigma
from steppewatch.world.geodesy import enu_rotation


def test_the_vertical_sigma_is_taken_along_the_local_vertical():
    rotation = enu_rotation(np.array([0.8]), np.array([1.8]))
    local = np.diag([900.0, 400.0, 49.0])[None]
    cov = np.swapaxes(rotation, 1, 2) @ local @ rotation
    np.testing.assert_allclose(upward_sigma(rotation[:, 2], cov), 7.0)


def test_a_ground_radars_assumption_is_no_measurement_and_a_mode_c_height_is_one():
    above = np.array([110.0, 4_000.0, 9_000.0, 5.0, 300.0])
    sigma = np.array([150.0, 3_500.0, 400.0, 35.0, 75.0])
    assert measured(above, sigma).tolist() == [False, False, True, True, False]


def test_a_crane_that_was_measured_flying_is_no_vehicle_and_a_rider_with_a_guessed_height_is_one():
    above = np.array([120.0, 413.0, 5.0, 70.0])
    sigma = np.array([20.0, 80.0, 10.0, 20.0])
    assert surely_flying(above, sigma).tolist() == [True, False, False, False]
