"""The filter's own covariance tells the truth: NEES within chi-square bounds.

Bar-Shalom, Li & Kirubarajan 2001, §5.4.2: over n independent runs, n times the mean NEES of a
consistent filter is chi-square distributed with n·d degrees of freedom.
"""

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see
from scipy.stats import chi2

from steppewatch import fuse
from steppewatch.records import SensorKind
from steppewatch.world.geodesy import ecef_from_enu

RUNS = 60
# One model in truth and filter: white acceleration of the "quiet" density, no turns.
DENSITY = 4.0
SETTINGS = fuse.TrackerSettings(
    quiet=DENSITY,
    agile=DENSITY,
    quiet_speed=0.0,
    agile_speed=0.0,
    turn=0.0,
    slope=0.0,
    level_off=1e9,
    upright=0.1,
    speed_air=80.0,
    climb_air=8.0,
    speed_slow=80.0,
    climb_slow=8.0,
)


def wander(rng, start, frame, n, dt):
    """Draw the filter's own motion model, ``(n, 6)`` in ECEF."""
    Q = np.diag([DENSITY, DENSITY, 0.1 * DENSITY])
    noise = np.block([[Q * dt**3 / 3, Q * dt**2 / 2], [Q * dt**2 / 2, Q * dt]])
    state = np.concatenate((start, rng.normal(0.0, [80.0, 80.0, 8.0])))
    out = []
    for _ in range(n):
        out.append(np.concatenate((ecef_from_enu(state[:3], frame), frame.rotation.T @ state[3:])))
        state = state + np.concatenate((dt * state[3:], np.zeros(3)))
        state += rng.multivariate_normal(np.zeros(6), noise)
    return np.array(out)


def nees(kind, distance):
    """Give NEES of position and velocity after 15 scans, ``(runs,)``, one per run kept."""
    stage, values = fuse.stage(SETTINGS), []
    sensor = radar(kind, false_alarms=0.1)
    frame = frame_of(sensor)
    # A target under the height prior's mean for 2-D, with the prior's own scatter.
    for run in range(RUNS):
        rng = np.random.default_rng(1000 + run)
        up = 6_000.0 if kind == SensorKind.RADAR_3D else 4_000.0
        angle = rng.uniform(0.0, 2.0 * np.pi)
        start = np.array([distance * np.sin(angle), distance * np.cos(angle), up])
        truth = wander(rng, start, frame, 15, 5.0)
        state = stage.step(stage.initial, [sensor], START_NS)[0]
        for k, place in enumerate(truth):
            when = START_NS + k * 5_000_000_000
            batch = see(sensor, place[None, :3], [when], rng)
            state, _ = stage.step(state, [batch], when)
        if len(state) != 1 or state.hits[0] != 15:  # the 0.03 % outside the gate
            continue
        picture = fuse.tracks_at(state, int(state.time_ns[0]))
        error, cov = picture.mean[0] - truth[-1], picture.cov[0]
        if kind == SensorKind.RADAR_2D:  # height is not observed: judge the horizontal part
            turn = np.kron(np.eye(2), frame.rotation[:2])
            error, cov = turn @ error, turn @ cov @ turn.T
        values.append(error @ np.linalg.solve(cov, error))
    return np.array(values)


@pytest.mark.parametrize("distance", [20e3, 100e3, 200e3])
def test_the_3d_filter_is_consistent(distance):
    values = nees(SensorKind.RADAR_3D, distance)
    n = len(values)
    assert n >= RUNS - 3
    low, high = chi2.ppf([0.0005, 0.9995], 6 * n)
    assert low < values.sum() < high


@pytest.mark.parametrize("distance", [60e3, 150e3, 300e3])
def test_the_2d_filter_never_claims_more_than_it_knows(distance):
    values = nees(SensorKind.RADAR_2D, distance)
    n = len(values)
    assert n >= RUNS - 3
    assert values.sum() < chi2.ppf(0.9995, 4 * n)
