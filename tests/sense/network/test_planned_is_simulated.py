"""End to end over rough ground: the planned map against the simulator with its own horizon.

The map follows bent rays over the swept window, the simulator its own rays and samples; they share
the look alone. So this compares two ways through the terrain, too.
"""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.engine.terrain_store import open_terrain
from steppewatch.sense import Horizon, Targets, detect, post_radar, radar_design, stand
from steppewatch.sense.coverage.radar_map import Layer, radar_map
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed import site_window, visible_height
from steppewatch.world import geodesy
from steppewatch.world.atmosphere import site_atmosphere

LAT, LON = math.radians(48.92), math.radians(106.31)
BINS, DRAWN = 6, 60_000

CASES = [
    ("ground-surveillance", "walker", 1.2, 12e3, 40.0),
    ("ground-surveillance", "truck", 2.2, 25e3, 60.0),
    ("gap-filler", "light-aircraft", 300.0, 90e3, 92.6),
    ("gap-filler", "helicopter", 1_000.0, 110e3, 150.0),
    ("long-range-3d", "light-aircraft", 3_000.0, 300e3, 500.0),
]


@pytest.mark.nightly
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_simulated_operation_reproduces_the_planned_map_over_terrain(case, tmp_path):
    name, kind, above, far, cell = case
    terrain = open_terrain(tmp_path)
    design, model = radar_design(name), target_model(kind)
    window = site_window(terrain, LAT, LON, far, cell)
    air = site_atmosphere(LAT, LON, window.ground)
    seen = visible_height(window, design.mast, air.k)
    radar = stand(design, LAT, LON, window.ground, air)
    planned = radar_map(radar, seen, [Layer(target=model, height=above)]).pd[0]

    rng = np.random.default_rng(11)
    rows, cols = np.nonzero(np.isfinite(planned))
    away = np.hypot(rows - window.size, cols - window.size) * cell
    near = away > max(2.0 * design.min_range, 0.05 * far)
    chosen = rng.choice(np.flatnonzero(near), DRAWN)
    rows, cols, away = rows[chosen], cols[chosen], away[chosen]
    lat, lon = places(window, rows, cols)
    post = post_radar(radar, sensor_id="r", name="R", site="s")
    targets = level_movers(model, design, lat, lon, window.heights[rows, cols] + above, rng)
    horizon = Horizon(
        terrain, LAT, LON, radar.height, post.sensor.max_range,
        rays=2_880 if far < 60e3 else 1_440, k=air.k,
    )  # fmt: skip
    calm = dataclasses.replace(post.sensor, false_alarms=0.0, sigma_range=0.01)
    batch = detect(dataclasses.replace(post, sensor=calm), targets, horizon, rng, 0)

    frame = geodesy.local_frame(LAT, LON, radar.height)
    slant = geodesy.spherical_from_enu(geodesy.enu_from_ecef(targets.position, frame))[0]
    edges = np.quantile(slant, np.linspace(0.0, 1.0, BINS + 1))
    counts, _ = np.histogram(slant, edges)
    drawn, _ = np.histogram(batch.slant_range, edges)
    expected = np.histogram(slant, edges, weights=planned[rows, cols])[0] / counts
    assert expected.max() > 0.1
    for n, k, p in zip(counts, drawn, expected, strict=True):
        assert abs(k / n - p) <= max(0.02, 3.0 * math.sqrt(p * (1.0 - p) / n))


def places(window, rows, cols):
    """Give latitude and longitude of single cells, row by row."""
    lat, lon = np.empty(len(rows)), np.empty(len(rows))
    for row in np.unique(rows):
        here = rows == row
        lats, lons = window.grid.places(slice(row, row + 1), slice(None))
        lat[here], lon[here] = lats[0, cols[here]], lons[0, cols[here]]
    return lat, lon


def level_movers(model, design, lat, lon, height, rng):
    """Stand one mover on each place, level, on a drawn heading."""
    n = len(lat)
    heading = rng.uniform(0.0, 2.0 * np.pi, n)
    north = np.stack((-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)), 1)
    east = np.stack((-np.sin(lon), np.cos(lon), np.zeros(n)), 1)
    way = north * np.cos(heading)[:, None] + east * np.sin(heading)[:, None]
    return Targets(
        time_ns=np.zeros(n, np.int64),
        position=geodesy.ecef_from_geodetic(lat, lon, height),
        velocity=model.speed * way,
        rcs=np.full(n, model.section(design.frequency)),
        height=np.full(n, np.nan),
        mode_s=np.zeros(n, np.uint32),
        mode_3a=np.full(n, -1, np.int32),
        callsign=np.zeros(n, "S8"),
    )
