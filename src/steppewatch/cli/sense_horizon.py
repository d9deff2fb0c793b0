"""``steppewatch sense horizon``: from how high above the ground each cell about a site is seen."""

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from steppewatch.sense.viewshed import Viewshed, Window
    from steppewatch.world.atmosphere import Atmosphere

LAYERS_M = (0.0, 100.0, 300.0, 1_000.0)


@click.command()
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--x", type=float, help="Easting in the file's projection, metres.")
@click.option("--y", type=float, help="Northing, metres.")
@click.option("--lon", "lon_deg", type=float, help="Longitude, degrees; works with any file.")
@click.option("--lat", "lat_deg", type=float, help="Latitude, degrees.")
@click.option("--mast", type=float, default=20.0, show_default=True, help="Antenna height, metres.")
@click.option("--radius-cells", type=int, help="Cells from the site to each side.")
@click.option("--range-km", type=float, help="Instead of --radius-cells.")
@click.option("--cell-m", type=float, help="Side of a cell with --lon/--lat; else the file's own.")
@click.option("--k", type=float, help="Effective earth radius factor; else the site's own.")
@click.option("--method", type=click.Choice(["sweep", "exact"]), default="sweep", show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--datum", default="", help="Vertical datum, when the file does not say.")
@click.option("--nodata", type=float, default=math.nan, help="Value that marks unknown heights.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write, .npz.")
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
def horizon(out: Path, as_json: bool, **given: Any) -> None:
    """Write the minimum visible height above ground of every cell about a site.

    OUT holds min_height_agl_m, (2R+1, 2R+1) float32, row 0 in the north: 0 where the ground
    itself is seen, NaN where the terrain is unknown or out of range. The site is the middle cell.

    Example: steppewatch sense horizon --lon 106.3 --lat 50.2 --range-km 60 --out hill.npz
    """
    from steppewatch.engine.whole_file import write_npz

    window, place, atmosphere, warnings = _window(given)
    k = atmosphere.k if given["k"] is None else given["k"]
    result, cpu, wall = _compute(window, k, given)
    write_npz(
        out,
        min_height_agl_m=result.min_height,
        cell_m=result.window.cell,
        antenna_m=result.antenna,
        k=k,
        **place,
    )
    said = {
        "out": str(out),
        **place,
        **_figures(result, k, given["k"] is None),
        "cpu_s": cpu,
        "wall_s": wall,
        "threads": given["threads"],
        "warnings": warnings + _warnings(result),
    }
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
        return
    for name, value in said.items():
        if name != "warnings":
            print(f"{name:>24}  {value}")
    for warning in said["warnings"]:
        print(f"warning: {warning}")


def _window(
    given: dict[str, Any],
) -> tuple["Window", dict[str, float], "Atmosphere", list[str]]:
    """Cut the ground out, in the way that the options ask for."""
    from steppewatch.engine.terrain_window import (
        chosen_terrain,
        map_window,
        place_on_earth,
        spacing,
    )
    from steppewatch.sense.viewshed import site_window
    from steppewatch.world.atmosphere import site_atmosphere

    on_map = given["x"] is not None and given["y"] is not None
    on_earth = given["lon_deg"] is not None and given["lat_deg"] is not None
    if on_map == on_earth:
        raise click.UsageError("give the site either by --x and --y or by --lon and --lat")
    if (given["radius_cells"] is None) == (given["range_km"] is None):
        raise click.UsageError("give either --radius-cells or --range-km")
    dem, how = given["dem"], (given["datum"], given["nodata"])
    if on_map:
        if dem is None:
            raise click.UsageError("--x and --y count in a file's projection: give it by --dem")
        if given["cell_m"] is not None:
            raise click.UsageError("--cell-m goes with --lon/--lat: a map is taken as it is")
        if given["radius_cells"] is None:
            raise click.UsageError("with --x/--y give the range by --radius-cells")
        window, centre = map_window(dem, given["x"], given["y"], given["radius_cells"], *how)
        lat, lon = place_on_earth(dem, *centre)
        place = {"x": centre[0], "y": centre[1]}
    else:
        lat, lon = math.radians(given["lat_deg"]), math.radians(given["lon_deg"])
        terrain = chosen_terrain(dem, *how)
        cell = spacing(terrain) if given["cell_m"] is None else given["cell_m"]
        if given["range_km"] is not None:
            reach = given["range_km"] * 1e3
        else:
            reach = given["radius_cells"] * cell
        window = site_window(terrain, lat, lon, reach, cell)
        place = {"lon": given["lon_deg"], "lat": given["lat_deg"]}
    ground = window.ground if math.isfinite(window.ground) else 0.0
    atmosphere = site_atmosphere(lat, lon, ground)
    warnings = list(window.info.notes) if window.info else []
    return window, place, atmosphere, warnings


def _compute(window: "Window", k: float, given: dict[str, Any]) -> tuple["Viewshed", float, float]:
    """Compute, and time the computation alone: kernels are compiled before."""
    import numpy as np

    from steppewatch.sense.viewshed import plane_window, visible_height

    def run(ground: "Window", runner: Any) -> "Viewshed":
        return visible_height(ground, given["mast"], k, method=given["method"], run=runner)

    run(plane_window(np.zeros((5, 5), np.float32), 1.0), map)
    alone = given["threads"] == 1
    # The threads of a linear-algebra library spin on for a while after they have worked: with one
    # thread of our own, its own clock alone is honest.
    clock = time.thread_time if alone else time.process_time
    with ThreadPoolExecutor(given["threads"]) as pool:
        cpu, wall = clock(), time.perf_counter()
        result = run(window, map if alone else pool.map)
        return result, clock() - cpu, time.perf_counter() - wall


def _figures(result: "Viewshed", k: float, own: bool) -> dict[str, Any]:
    """Collect what a report needs to name."""
    import numpy as np

    from steppewatch.world.geodesy import MEAN_RADIUS

    window, info = result.window, result.window.info
    known = np.isfinite(result.min_height)
    area = window.cell**2 / 1e6
    seen = {
        f"seen_at_{layer:g}_m_km2": round(float((result.min_height <= layer).sum()) * area, 1)
        for layer in LAYERS_M
    }
    return {
        "cells": list(result.min_height.shape),
        "cell_m": round(window.cell, 4),
        "ground_m": round(window.ground, 2),
        "mast_m": result.mast,
        "antenna_m": round(result.antenna, 2),
        "k": round(k, 4),
        "k_from": "the site's mean atmosphere" if own else "given",
        "method": result.method,
        **seen,
        "known_km2": round(float(known.sum()) * area, 1),
        "dem": info.label if info else "",
        "dem_resolution_m": round(info.resolution * MEAN_RADIUS, 1) if info else None,
        "synthetic": info.synthetic if info else None,
        "datum": info.datum if info else "",
    }


def _warnings(result: "Viewshed") -> list[str]:
    """Say what a careful user must know of this result."""
    import numpy as np

    from steppewatch.sense.coverage.provenance import SYNTHETIC, in_range

    window = result.window
    inside = in_range(window)
    void = float(np.isnan(window.heights[inside]).mean())
    hidden = float(np.isnan(result.min_height[inside]).mean())
    said = []
    if void:
        said.append(
            f"terrain is unknown in {void:.1%} of the range (its edge, or holes); with what lies "
            f"behind, {hidden:.1%} is unknown and counts as not visible"
        )
    if window.info and window.info.synthetic:
        said.append(SYNTHETIC)
    return said
