"""Closure: what the simulator draws is what the map shows, class by class, range by range.

Many targets of each class on many headings, their real range rates, real horizon, real draw of
echoes; beside it the Pd that a coverage map shows at the same places, with the mean over headings.
"""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from steppewatch.sense import Horizon, Targets, detect, look, post_radar, radar_design, stand
from steppewatch.sense.targets import target_model
from steppewatch.world import geodesy
from steppewatch.world.atmosphere import site_atmosphere

LAT, LON, GROUND = math.radians(48.0), math.radians(105.0), 1_300.0
ALPHA = 1e-5  # chance that an honest simulator fails one bin; the seed is fixed
BINS = 6
CASES = [
    ("ground-surveillance", "walker", 1.0, 12e3),
    ("ground-surveillance", "4x4", 1.5, 26e3),
    ("gap-filler", "small-drone", 300.0, 30e3),
    ("gap-filler", "light-aircraft", 1_500.0, 110e3),
    ("long-range-3d", "helicopter", 2_500.0, 160e3),
    ("long-range-3d", "airliner", 10_000.0, 390e3),
    ("atc-2d", "light-aircraft", 2_000.0, 108e3),
]


class Sphere:
    """Smooth ground of one height."""

    def heights(self, lat, lon):
        return np.full(np.broadcast(lat, lon).shape, GROUND)


def post(name):
    air = site_atmosphere(LAT, LON, GROUND, season="summer")
    radar = stand(radar_design(name), LAT, LON, GROUND, air)
    return post_radar(radar, sensor_id="r", name="R", site="s")


def crowd(radar, kind, above, far, n, rng):
    """Spread level movers evenly over range and azimuth, on all headings."""
    d = radar.radar.design
    frame = geodesy.local_frame(LAT, LON, radar.sensor.height)
    ground = rng.uniform(max(1.3 * d.min_range, 0.03 * far), far, n)
    azimuth = rng.uniform(0.0, 2.0 * np.pi, n)
    # The earth's own curvature, as the map's geometry has it.
    up = GROUND + above - radar.sensor.height - ground**2 / (2.0 * geodesy.MEAN_RADIUS)
    enu = np.stack((ground * np.sin(azimuth), ground * np.cos(azimuth), up), axis=1)
    heading = rng.uniform(0.0, 2.0 * np.pi, n)
    level = np.stack((np.sin(heading), np.cos(heading), np.zeros(n)), axis=1)
    model = target_model(kind)
    return enu, Targets(
        time_ns=np.zeros(n, np.int64),
        position=geodesy.ecef_from_enu(enu, frame),
        velocity=model.speed * level @ frame.rotation,
        rcs=np.full(n, model.section(d.frequency)),
        height=np.full(n, np.nan),
        mode_s=np.zeros(n, np.uint32),
        mode_3a=np.full(n, -1, np.int32),
        callsign=np.zeros(n, "S8"),
    )


def close(name, kind, above, far, n, seed):
    """Give, for each range bin, targets, detections drawn, and the map's mean Pd."""
    radar, rng = post(name), np.random.default_rng(seed)
    enu, targets = crowd(radar, kind, above, far, n, rng)
    s = radar.sensor
    horizon = Horizon(
        Sphere(), LAT, LON, s.height, s.max_range, rays=64, k=radar.radar.atmosphere.k
    )
    slant, _, elevation = geodesy.spherical_from_enu(enu)
    model = target_model(kind)
    shown = look(
        radar.radar,
        slant,
        horizon.apparent(elevation, slant),
        rcs=targets.rcs,
        speed=model.speed,
        visible=horizon.visible(enu),
        clutter_visible=horizon.ground_visible(enu),
    ).pd
    # One scan without false alarms; slant ranges tell whose plots they are, to within errors.
    batch = detect(quiet(radar), targets, horizon, rng, 0)
    edges = np.linspace(slant.min(), slant.max(), BINS + 1)
    counts, _ = np.histogram(slant, edges)
    drawn, _ = np.histogram(batch.slant_range, edges)
    total, _ = np.histogram(slant, edges, weights=shown)
    return counts, drawn, total / counts


def quiet(radar):
    """Take false alarms away, and range errors that would move plots between bins."""
    calm = dataclasses.replace(radar.sensor, false_alarms=0.0, sigma_range=0.01)
    return dataclasses.replace(radar, sensor=calm)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_simulated_detections_reproduce_the_planned_map(case):
    counts, drawn, planned = close(*case, n=12_000, seed=7)
    assert planned.max() > 0.3
    for n, k, p in zip(counts, drawn, planned, strict=True):
        # Errors of range move a few plots over an edge: they are part of the 2 %.
        within = abs(k / n - p) <= 0.02
        assert within or stats.binomtest(int(k), int(n), float(p)).pvalue > ALPHA, (k / n, p)


@pytest.mark.nightly
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_million_looks_reproduce_the_planned_map_within_half_a_percent(case):
    counts, drawn, planned = close(*case, n=1_000_000, seed=8)
    assert np.abs(drawn / counts - planned).max() < 0.005
