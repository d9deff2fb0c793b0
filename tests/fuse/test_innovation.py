"""Innovations: of a linear world they are chi-square, and the right settings foresee best."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from steppewatch import fuse
from steppewatch.fuse.innovation import innovations, weigh
from steppewatch.fuse.kernels import observe
from steppewatch.records import Origin, Sensor, SensorKind, detection_batch
from steppewatch.world.geodesy import local_frame

ORIGIN, START_NS, PERIOD = Origin(feed="test"), 1_700_000_000_000_000_000, 4.0
RADAR = Sensor(
    id="r", name="r", site="", kind=SensorKind.RADAR_3D, lat=0.8, lon=1.8, height=1_000.0,
    min_range=0.0, max_range=150e3, scan_period=PERIOD, sector_start=0.0,
    sector_width=2.0 * math.pi, sigma_range=30.0, sigma_azimuth=2e-3, sigma_elevation=2e-3,
    sigma_range_rate=math.nan, detection_probability=0.95, false_alarms=2.0, origin=ORIGIN,
)  # fmt: skip


def watched(settings, *, wander=1.0, noise=1.0, scans=40, seed=3):
    """Track 40 straying flights and give all innovations of the run."""
    rng = np.random.default_rng(seed)
    state = fuse.stage(settings).initial
    step = fuse.stage(settings).step
    state, _ = step(state, [RADAR], START_NS)
    angle = rng.uniform(0, 2 * np.pi, 40)
    place = np.column_stack((np.cos(angle), np.sin(angle), np.full(40, 0.12))) * 60e3
    speed = np.column_stack((rng.normal(0, 80, (40, 2)), np.zeros(40)))
    found = []
    for k in range(scans):
        now_ns = START_NS + round(PERIOD * k * 1e9)
        seen = place[rng.random(40) < 0.95]
        r, azimuth = np.linalg.norm(seen, axis=1), np.arctan2(seen[:, 0], seen[:, 1])
        batch = detection_batch(
            "r", ORIGIN, np.full(len(r), now_ns), r + rng.normal(0, 30 * noise, len(r)),
            np.mod(azimuth + rng.normal(0, 2e-3 * noise, len(r)), 2.0 * np.pi),
            elevation=np.arcsin(seen[:, 2] / r) + rng.normal(0, 2e-3 * noise, len(r)),
        )  # fmt: skip
        before = state
        state, _ = step(state, [batch], now_ns)
        found.append(innovations(before, state, settings))
        kick = rng.normal(0, math.sqrt(wander / PERIOD), (40, 3)) * (1, 1, 0.3)
        place = place + speed * PERIOD + kick * PERIOD**2 / 2
        speed = speed + kick * PERIOD
    return found


def mean_nis(found):
    late = found[12:]
    return sum(f.squared.sum() for f in late) / sum(f.components.sum() for f in late)


def test_one_plot_is_weighed_as_the_dense_formula_says():
    rng = np.random.default_rng(1)
    frame = local_frame(RADAR.lat, RADAR.lon, RADAR.height)
    root = rng.normal(size=(6, 6)) * 30.0
    x = np.append(frame.origin + frame.rotation.T @ (3e4, 4e4, 2e3), [50.0, -80.0, 9.0])
    P = root @ root.T
    noise = np.square([30.0, 2e-3, 3e-3, 1.0, 100.0])
    h, H = np.empty(5), np.zeros((5, 6))
    observe(x, 0.0, frame.origin, frame.rotation, False, h, H)
    off = np.array([50.0, -4e-3, 2e-3, 3.0])
    z = np.append(h[:4] + off, np.nan)
    S = H[:4] @ P @ H[:4].T + np.diag(noise[:4])
    squared, loglik = np.empty(1), np.empty(1)
    weigh(
        x[None].copy(), P[None].copy(), z[None], noise, np.zeros(1), frame.origin,
        frame.rotation, squared, loglik,
    )  # fmt: skip
    assert squared[0] == pytest.approx(off @ np.linalg.solve(S, off), rel=1e-6)
    assert loglik[0] == pytest.approx(multivariate_normal(cov=S).logpdf(off), rel=1e-6)


def test_innovations_of_a_well_told_world_are_near_their_number_of_components():
    assert 0.6 < mean_nis(watched(fuse.TrackerSettings(agile=5.0))) < 1.3


def test_a_sensor_noisier_than_it_says_is_seen_in_its_innovations():
    told = mean_nis(watched(fuse.TrackerSettings()))
    worse = mean_nis(watched(fuse.TrackerSettings(), noise=2.0))
    assert worse > 2.0 * told


def test_settings_near_the_truth_foresee_better_than_settings_far_from_it():
    near = fuse.TrackerSettings(quiet=0.5, agile=5.0)
    score = {
        name: sum(f.evidence for f in watched(settings, wander=1.0))
        for name, settings in {
            "near": near,
            "stiff": dataclasses.replace(near, quiet=1e-4, agile=1e-3),
            "loose": dataclasses.replace(near, quiet=2e3, agile=4e3),
        }.items()
    }
    assert score["near"] > score["stiff"]
    assert score["near"] > score["loose"]


def test_a_track_that_gets_no_plot_counts_as_missed_and_costs_evidence():
    settings = fuse.TrackerSettings()
    stage = fuse.stage(settings)
    state, _ = stage.step(stage.initial, [RADAR], START_NS)
    for k in range(6):
        now_ns = START_NS + round(PERIOD * k * 1e9)
        plot = [np.array([v]) for v in (50e3 - 200.0 * k, 1.0, 0.1)]
        batch = detection_batch("r", ORIGIN, np.array([now_ns]), *plot[:2], elevation=plot[2])
        state, _ = stage.step(state, [batch], now_ns)
    assert state.confirmed.tolist() == [True]
    empty = detection_batch("r", ORIGIN, np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    after, _ = stage.step(state, [empty], now_ns + round(PERIOD * 1e9))
    found = innovations(state, after, settings)
    assert found.missed == 1
    assert found.evidence == pytest.approx(math.log1p(-float(after.chance[0, 0])))
    assert len(found.track) == 0


def test_sensors_that_are_not_asked_for_are_left_out():
    settings = fuse.TrackerSettings()
    stage = fuse.stage(settings)
    state, _ = stage.step(stage.initial, [RADAR], START_NS)
    found = innovations(state, state, settings, radars=())
    assert (len(found.track), found.missed, found.evidence) == (0, 0, 0.0)
