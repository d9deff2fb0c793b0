"""How fast and how exact is the visibility of 10,000 hilltops over the whole Mongolian border?

Real 15″ elevation; cells of 1 km within 10 km inside the border; hilltops 1 to 45 km inside, masts
of 20 m, reach 100 km, k = 1.27. One process, CPU seconds, kernels warm, from the elevation file to
the stored answers. The figure to beat: 55.6 CPU-s of a scalar prototype for the same pairs, without
reading elevation or storing anything. Errors are against each pair's own profile in steps of 25 m.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.border_file import load_border
from steppewatch.engine.visibility_farm import here, visibility
from steppewatch.engine.visibility_work import FileSource
from steppewatch.plan.belt import cells
from steppewatch.plan.candidates import candidate_sites
from steppewatch.plan.wanted import load_wanted
from steppewatch.sense.viewshed import site_window, visible_height
from steppewatch.sense.viewshed.clearance import paths
from steppewatch.sense.viewshed.cut import boxes_of_rays, ground_about, some
from steppewatch.sense.viewshed.points import LeastHeights, Masts, Points, in_reach, least_heights
from steppewatch.sense.viewshed.window import principal_curvatures
from steppewatch.world import geodesic
from steppewatch.world.equidistant import equidistant_grid
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
DEM = DATA / "terrain" / "mongolia_15s_dequantised.tif"
K, MAST, REACH, COUNT = 1.27, 20.0, 100_000.0, 10_000
PROFILES, PAIRS, STEP = 12, 200, 25.0  # masts checked, pairs of each, step of the profiles [m]
PEERS = 3
LAYERS = ((2.0, 30_000.0), (100.0, 60_000.0), (300.0, 100_000.0))
PLAN = f"""
[[class]]
target = "4x4"
[[package]]
id = "long-range"
sensors = ["long-range-3d"]
price = 1
[[candidates]]
kind = "hilltops"
number = {COUNT}
from_km = 1
to_km = 45
"""


def main() -> list[dict[str, Any]]:
    """Measure; nothing where the real elevation is not at hand."""
    if not DEM.is_file():
        return [{"name": "not measured", "value": 0, "unit": "", "note": f"no {DEM.name}"}]
    border, source = load_border(), FileSource(path=DEM)
    terrain = source.open()
    wanted = load_wanted(PLAN, "bench.toml", border)
    belt = cells(wanted, border, {})
    begin = time.process_time()
    sites = candidate_sites(wanted, terrain, border, (belt.lat, belt.lon), REACH, {})
    choosing = time.process_time() - begin
    masts = Masts(
        lat=sites.lat,
        lon=sites.lon,
        height=np.full(len(sites), MAST),
        reach=np.full(len(sites), REACH),
    )
    visibility(source, belt.points, some(masts, np.arange(20)), K, run=here)  # warm
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        begin = time.process_time()
        found = visibility(source, belt.points, masts, K, store=store, run=here)
        fresh = time.process_time() - begin
        begin = time.process_time()
        visibility(source, belt.points, masts, K, store=store, run=here)
        again = time.process_time() - begin
        stored = sum(path.stat().st_size for path in store.iterdir()) / 1e6
    begin = time.process_time()
    links = paths(
        terrain,
        Masts(lat=masts.lat, lon=masts.lon, height=masts.height, reach=np.full(len(masts), 5e4)),
        K,
        7.5e9,
    )
    linking = time.process_time() - begin
    return [
        {"name": "candidates", "value": len(masts), "unit": "", "note": "drawn of all hilltops"},
        {"name": "cells", "value": len(belt), "unit": ""},
        {"name": "pairs", "value": found.indices.size, "unit": ""},
        {"name": "**visibility of all pairs**", "value": fresh, "unit": "CPU-s",
         "note": "goal 20, stretch 10, prototype 55.6"},
        {"name": "a pair", "value": fresh / found.indices.size * 1e9, "unit": "CPU-ns"},
        {"name": "the same from the store", "value": again, "unit": "CPU-s",
         "note": "elevation read and digested anew"},
        {"name": "store", "value": stored, "unit": "MB"},
        {"name": "choosing the candidates", "value": choosing, "unit": "CPU-s"},
        {"name": "clearance of all paths to 50 km", "value": linking, "unit": "CPU-s",
         "note": f"{links.first.size:,} paths"},
        *_against_profiles(terrain, belt.points, masts),
        *_against_viewsheds(terrain, belt.points, masts, found),
    ]  # fmt: skip


def _against_profiles(terrain: Terrain, points: Points, masts: Masts) -> list[dict[str, Any]]:
    """Compare with each pair's own profile."""
    rng = np.random.default_rng(1)
    got, exact, far = [], [], []
    for number in rng.choice(len(masts), PROFILES, replace=False):
        one = some(masts, np.array([number]))
        ground = ground_about(terrain, boxes_of_rays(points, one, in_reach(points, one)))
        found = least_heights(ground, points, one, K)
        chosen = np.sort(rng.choice(found.indices.size, PAIRS, replace=False))
        place = points.lat[found.indices[chosen]], points.lon[found.indices[chosen]]
        lat, lon = float(one.lat[0]), float(one.lon[0])
        distance, azimuth, _ = geodesic.inverse(lat, lon, *place)
        east, north = principal_curvatures(lat)
        antenna = float(ground.sample(lat, lon)) + MAST
        own = ground.sample(*place)
        for d, a, z in zip(distance, azimuth, own, strict=True):
            way = np.sin(a) ** 2 * east + np.cos(a) ** 2 * north
            bend = 0.5 * (way - (1.0 - 1.0 / K) / MEAN_RADIUS)
            s = np.arange(STEP, d, STEP)
            rise = (ground.sample(*geodesic.direct(lat, lon, a, s)) - antenna) / s - bend * s
            exact.append(max(0.0, antenna + d * (rise.max() + bend * d) - z))
        got.append(found.height[chosen])
        far.append(distance)
    return _errors("own profiles", np.concatenate(got), np.array(exact), np.concatenate(far))


def _against_viewsheds(
    terrain: Terrain, points: Points, masts: Masts, found: LeastHeights
) -> list[dict[str, Any]]:
    """Compare with the cells of whole viewsheds: another reading of the same ground."""
    rng = np.random.default_rng(2)
    got, other, far = [], [], []
    for number in rng.choice(len(masts), PEERS, replace=False):
        part = slice(found.indptr[number], found.indptr[number + 1])
        lat, lon = float(masts.lat[number]), float(masts.lon[number])
        seen = visible_height(site_window(terrain, lat, lon, REACH, 200.0), MAST, K)
        place = points.lat[found.indices[part]], points.lon[found.indices[part]]
        grid = equidistant_grid(lat, lon, 200.0, seen.window.size)
        row, col = (np.rint(v).astype(int) for v in grid.cell_of(*place))
        last = len(seen.min_height) - 1
        got.append(found.height[part])
        other.append(seen.min_height[np.clip(row, 0, last), np.clip(col, 0, last)])
        far.append(found.distance[part])
    return _errors("viewsheds of 200 m cells", *(np.concatenate(v) for v in (got, other, far)))


def _errors(name: str, got: Any, exact: Any, far: Any) -> list[dict[str, Any]]:
    known = np.isfinite(got) & np.isfinite(exact)
    got, exact, far = got[known], exact[known], far[known]
    error = np.abs(got - exact)
    rows = [
        {"name": f"height error against {name}, median", "value": float(np.median(error)),
         "unit": "m", "note": f"{error.size:,} pairs"},
        {"name": "the same, 99th percentile", "value": float(np.percentile(error, 99)), "unit": "m",
         "note": "mostly pairs that are hundreds of metres deep in shadow"},
    ]  # fmt: skip
    for height, reach in LAYERS:
        near = far <= reach
        one, two = got[near] <= height, exact[near] <= height
        rows.append(
            {
                "name": f"wrong at {height:g} m within {reach / 1e3:g} km",
                "value": float(100.0 * (one != two).mean()),
                "unit": "%",
                "note": f"seen though it is not: {100.0 * (one & ~two).mean():.2g} %; "
                f"in sight {100.0 * two.mean():.0f} %",
            }
        )
    return rows


if __name__ == "__main__":
    for figure in main():
        value = figure["value"]
        print(f"{figure['name']:60} {value:14,.3f} {figure['unit']:8} {figure.get('note', '')}")
