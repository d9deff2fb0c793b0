"""The chain against the tracker itself: plots of even chance among false alarms, run after run."""

import math

import numpy as np
import pytest

from steppewatch import fuse
from steppewatch.engine.track_run import confirmed
from steppewatch.plan.assure.chain import Looks, follow
from steppewatch.plan.assure.rules import rules_from
from steppewatch.records import PlotKind, detection_batch
from steppewatch.sense import post_radar, radar_design, stand
from steppewatch.world import geodesy
from steppewatch.world.atmosphere import site_atmosphere

PLACE = math.radians(48.0), math.radians(100.0)
START = 1_780_000_000_000_000_000
RUNS, SCANS, BEFORE = 100, 10, 3
HOLDS = 1_000.0  # [m]


def radar_of(model):
    radar = stand(radar_design(model), *PLACE, 1_000.0, site_atmosphere(*PLACE, 1_000.0))
    return post_radar(radar, sensor_id="s", name="s", site="x").sensor


def scan(sensor, rng, begin, truth):
    """Make one scan: false alarms, and a plot of ``truth`` (range, azimuth, elevation, rate)."""
    n = int(rng.poisson(sensor.false_alarms)) + (truth is not None)
    slant = rng.uniform(sensor.min_range + 1.0, sensor.max_range, n)
    azimuth, rate = rng.uniform(0.0, 2.0 * math.pi, n), rng.uniform(-60.0, 60.0, n)
    elevation = rng.uniform(0.0, 0.3, n)
    if truth is not None:
        noise = rng.standard_normal(4)
        slant[0], azimuth[0] = (
            truth[0] + noise[0] * sensor.sigma_range,
            (truth[1] + noise[1] * sensor.sigma_azimuth) % (2.0 * math.pi),
        )
        elevation[0] = truth[2] + noise[2] * np.nan_to_num(sensor.sigma_elevation)
        rate[0] = truth[3] + noise[3] * np.nan_to_num(sensor.sigma_range_rate)
    order = np.argsort(azimuth)
    times = begin + (azimuth[order] / (2.0 * math.pi) * sensor.scan_period * 1e9).astype(np.int64)
    optional = {"kind": np.full(n, PlotKind.PRIMARY), "snr_db": np.full(n, 15.0)}
    if np.isfinite(sensor.sigma_elevation):
        optional["elevation"] = elevation[order]
    if np.isfinite(sensor.sigma_range_rate):
        optional["range_rate"] = rate[order]
    return detection_batch("s", sensor.origin, times, slant[order], azimuth[order], **optional)


@pytest.mark.parametrize(
    ("model", "chance", "speed", "far", "height"),
    [
        ("ground-surveillance", 0.7, 1.3, 6_000.0, 1.0),
        ("gap-filler", 0.8, 50.0, 40_000.0, 300.0),
        ("long-range-3d", 0.6, 50.0, 90_000.0, 2_000.0),
    ],
)
def test_the_tracker_confirms_when_the_chain_says(model, chance, speed, far, height):
    sensor, settings = radar_of(model), fuse.TrackerSettings()
    frame = geodesy.local_frame(*PLACE, sensor.height)
    rng, period = np.random.default_rng(5), sensor.scan_period
    found = np.zeros(SCANS)
    for _ in range(RUNS):
        tracker = fuse.stage(settings)
        state, _ = tracker.step(tracker.initial, [sensor], START)
        azimuth, sure = rng.uniform(0.0, 2.0 * math.pi), False
        for k in range(-BEFORE, SCANS):
            begin = START + int((k + BEFORE + 1) * period * 1e9)
            slant = far - speed * k * period
            seen = k >= 0 and rng.random() < chance
            truth = (slant, azimuth, math.asin((height - 15.0) / slant), -speed)
            batch = scan(sensor, rng, begin, truth if seen else None)
            now = begin + int(period * 1e9)
            state, _ = tracker.step(state, [batch] if len(batch) else [], now)
            mean = confirmed(state, now, settings)[1]
            if k >= 0 and len(mean):
                flat = geodesy.enu_from_ecef(mean[:, :3], frame)[:, :2]
                place = slant * np.array([math.sin(azimuth), math.cos(azimuth)])
                sure |= bool((np.linalg.norm(flat - place, axis=1) < HOLDS).any())
            if k >= 0:
                found[k] += sure / RUNS
    even = Looks(rows=np.array([0]), chance=np.full((1, SCANS + 1), chance, np.float32), period=1.0)
    chain = follow(1, SCANS + 1, [even], 1.0, 1.0, rules_from(settings)).first[0, 1:]
    # Three standard deviations of the count are 0.15; the score that confirmation asks besides
    # delays a track by a look or so.
    late = np.concatenate(([0.0], chain[:-1]))
    assert (found <= chain + 0.15).all(), (found, chain)
    assert (found >= late - 0.1).all(), (found, chain)
    assert found[-1] == pytest.approx(chain[-1], abs=0.1)
