"""Biases are found within their σ, and what the geometry cannot show is said and left alone."""

import dataclasses
import math

import numpy as np
import pytest
from biased import START_NS, Traffic, frame_of, measure, run, sensor, traffic

from steppewatch.fuse import registration
from steppewatch.fuse.registration.state import WALK
from steppewatch.records import SensorKind, decode, encode
from steppewatch.world.geodesy import enu_from_ecef, spherical_from_enu

WEST, EAST = sensor("west", 105.2), sensor("east", 106.8, period=4.0)
ADSB = dataclasses.replace(
    sensor("adsb", 106.0, period=1.0, sigma=(15.0, 0.1, 0.1)), kind=SensorKind.REPORTS
)
DEGREE = math.radians(1.0)
NOTHING = (0.0, 0.0, 0.0, 0.0, 0.0)
OFF = (150.0, 0.0, 0.3 * DEGREE, 0.1 * DEGREE, 0.4)
OTHER = (-80.0, 0.0, -0.2 * DEGREE, -0.05 * DEGREE, -0.1)
ALL, TRUTH = [WEST, EAST, ADSB], np.array((OFF, OTHER, NOTHING))


def test_two_radars_and_reports_are_known_to_ten_metres_and_three_hundredths_of_a_degree():
    for seed in range(3):
        state = run(ALL, TRUTH, 600.0, seed, n=12)
        seen = registration.observe(state)
        error = np.abs(seen.value - TRUTH)
        assert error[:, 0].max() < 10.0
        assert error[:, 2].max() < 0.03 * DEGREE
        assert error[:, 4].max() < 0.05
        told = state.prior > 0
        assert seen.observable[told].all()
        assert seen.converged[told].all()


def test_corrected_plots_stand_where_the_target_is():
    state = run(ALL, TRUTH, 300.0, 1)
    rng = np.random.default_rng(5)
    flights = traffic(rng, 500)
    exact = dataclasses.replace(WEST, sigma_range=1e-6, sigma_azimuth=1e-9, sigma_elevation=1e-9)
    when = np.full(500, 300.0)
    z = measure(exact, flights, when, OFF, rng)
    stamped = START_NS + np.round(when * 1e9).astype(np.int64)
    z, noise, corrected = registration.correct(state, 0, z, np.ones((500, 5)), stamped)
    place = flights.at((corrected - START_NS) * 1e-9)
    reach, azimuth, elevation = spherical_from_enu(enu_from_ecef(place, frame_of(WEST)))
    assert np.abs(z[:, 0] - reach).max() < 10.0
    assert np.abs(np.angle(np.exp(1j * (z[:, 1] - azimuth)))).max() < 0.03 * DEGREE
    assert np.abs(z[:, 2] - elevation).max() < 0.03 * DEGREE
    assert np.isnan(z[:, 3]).all()
    assert (noise[:, :3] < 1.0 + 26.0).all()


@pytest.mark.parametrize(
    ("runs", "low", "high"),
    [(3, 0.4, 1.8), pytest.param(20, 0.75, 1.3, marks=pytest.mark.nightly)],
)
def test_the_covariance_tells_the_truth_when_biases_walk_as_assumed(runs, low, high):
    values = []
    for seed in range(runs):
        rng = np.random.default_rng(7000 + seed)
        told = WALK * (np.array((1, 0, 1, 1, 1)) > 0)
        paths = []
        for first in (OFF, OTHER):
            steps = rng.normal(0.0, 1.0, (601, 5)) * told
            paths.append(np.array(first) + np.cumsum(steps, axis=0))
        biases = [lambda t, p=p: p[int(t)] for p in paths] + [NOTHING]
        state = run(ALL, biases, 600.0, seed, n=10)
        known = np.flatnonzero(state.prior.ravel() > 0)
        truth = np.concatenate([p[600] for p in paths] + [np.zeros(5)])[known]
        error = state.mean[known] - truth / state.prior.ravel()[known]
        values.append(error @ np.linalg.solve(state.cov[np.ix_(known, known)], error))
    assert low < np.mean(values) / len(known) < high


def test_without_a_reference_the_common_time_error_is_not_observable_and_not_corrected():
    state = run([WEST, EAST], TRUTH[:2], 600.0, 2)
    west, east = registration.report(state, [WEST, EAST])
    assert not west.observable[4]
    assert not east.observable[4]
    assert not west.converged[4]
    # Their difference shows, and only that is taken out; the sum stays as it was.
    assert west.value[4] - east.value[4] == pytest.approx(0.5, abs=0.05)
    assert west.value[4] + east.value[4] == pytest.approx(0.0, abs=1e-3)
    assert west.observable[[0, 2, 3]].all()
    assert np.abs(west.value[[0]] - 150.0).max() < 10.0
    assert "not observable: time (only its difference" in west.text
    # One direction without information: a singular value of nearly nothing.
    singular = registration.observe(state).singular
    assert singular[-1] < 0.01
    assert singular[-2] > 100.0


def test_two_radars_on_one_mast_show_only_their_differences():
    twin = dataclasses.replace(EAST, id="twin", lon=WEST.lon)
    state = run([WEST, twin], TRUTH[:2], 300.0, 3)
    first, second = registration.report(state, [WEST, twin])
    assert not first.observable.any()
    assert first.value[0] - second.value[0] == pytest.approx(230.0, abs=15.0)
    assert first.value[2] - second.value[2] == pytest.approx(0.5 * DEGREE, abs=0.04 * DEGREE)


def test_a_lone_radar_and_radars_that_share_nothing_are_left_as_they_are():
    lone = run([WEST], TRUTH[:1], 60.0, 4)
    assert not lone.applied.any()
    assert "no target in common" in registration.report(lone, [WEST])[0].text
    z = np.array([[50e3, 1.0, 0.1, np.nan, np.nan]])
    out = registration.correct(lone, 0, z, np.ones((1, 5)), np.array([START_NS]))
    assert out[0] is z


def test_a_radar_without_elevation_gets_its_range_and_azimuth_and_no_elevation():
    flat = dataclasses.replace(EAST, kind=SensorKind.RADAR_2D, sigma_elevation=math.nan)
    state = run([WEST, flat, ADSB], TRUTH, 600.0, 5)
    seen = registration.observe(state)
    assert np.abs(seen.value - TRUTH)[:2, 0].max() < 12.0
    assert np.abs(seen.value - TRUTH)[:2, 2].max() < 0.03 * DEGREE
    assert np.isnan(seen.sigma[1, 3])
    assert seen.value[1, 3] == 0.0


@pytest.mark.parametrize("wrong", [0.05, 0.2])
def test_wrong_associations_move_nothing(wrong):
    state = run(ALL, TRUTH, 400.0, 6, wrong=wrong)
    error = np.abs(registration.observe(state).value - TRUTH)
    assert error[:, 0].max() < 10.0
    assert error[:, 2].max() < 0.03 * DEGREE
    assert state.refused.sum() > 100


def test_range_gain_is_found_where_it_is_asked_for():
    stretched = (20.0, 8e-4, 0.0, 0.0, 0.0)
    state = registration.empty([WEST, EAST, ADSB], gain=True)
    state = run(ALL, [stretched, NOTHING, NOTHING], 600.0, 7, state=state)
    seen = registration.observe(state)
    assert seen.value[0, 1] == pytest.approx(8e-4, abs=1e-4)
    assert seen.observable[0, 1]


def test_a_decoded_state_learns_on_bit_for_bit_and_runs_repeat():
    state = run(ALL, TRUTH, 60.0, 8)
    assert encode(state) == encode(run(ALL, TRUTH, 60.0, 8))
    later = run(ALL, TRUTH, 40.0, 9, state=state, start=60.0)
    again = run(ALL, TRUTH, 40.0, 9, state=decode(encode(state)), start=60.0)
    assert encode(later) == encode(again)


def test_a_sensor_that_appears_later_begins_unknown_and_leaves_the_others_alone():
    state = run([WEST, ADSB], TRUTH[[0, 2]], 200.0, 10)
    before = registration.observe(state)
    grown = registration.admit(state, EAST, 2)
    after = registration.observe(grown)
    np.testing.assert_allclose(after.value[:2], before.value, atol=1e-9)
    assert not after.observable[2].any()


def test_evidence_needs_a_plot_between_two_of_another_sensor():
    flights = Traffic(np.array([[10e3, 20e3, 5e3]]), np.array([[100.0, 0.0, 0.0]]))
    rng = np.random.default_rng(0)
    state = registration.empty([WEST, EAST])
    times = np.array([[5.0, 3.0, 2.0]])
    z = np.stack([measure(WEST, flights, times[:, k], NOTHING, rng) for k in range(3)], axis=1)
    mean = np.concatenate((flights.at(times[:, 0]), flights.ecef_velocity), axis=1)
    stamped = START_NS + np.round(times * 1e9).astype(np.int64)
    for column, count in (([1, 0, 1], 1), ([1, 1, 0], 0), ([0, 1, 0], 0), ([0, 0, 0], 0)):
        plotted = registration.Plotted(time_ns=stamped, sensor=np.array([column]), z=z, mean=mean)
        assert len(registration.gather(state, plotted)) == count
