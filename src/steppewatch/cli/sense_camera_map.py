"""The map of ``steppewatch sense camera``: viewshed, probabilities, files."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.terrain_store import open_terrain
from steppewatch.engine.terrain_window import file_terrain, spacing
from steppewatch.errors import EngineError, SenseError
from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.sense.eoir.cover import OPTICAL_K, CameraMap, camera_map
from steppewatch.sense.eoir.look import Conditions
from steppewatch.sense.eoir.signature import Signature
from steppewatch.sense.viewshed import Viewshed, site_window, visible_height
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.atmosphere.site import Season
from steppewatch.world.terrain import Terrain

MOST_CELLS = 1_000  # from the middle to a side, when nobody asks for a cell size
FINEST = 10.0  # [m]
LAYERS = ("detect", "recognise", "identify")


def draw(
    design: CameraDesign,
    at: tuple[float, float],
    height: float,
    targets: list[Signature],
    conditions: Conditions,
    *,
    max_range: float | None,
    cell: float | None,
    dem: Path | None,
    out: Path | None,
) -> dict[str, Any]:
    """Map every class; print how much of the ground is covered; write the files to ``out``.

    Args:
        design: The camera.
        at: Latitude and longitude [rad].
        height: Above ground [m].
        targets: Classes, standing on the ground.
        conditions: Weather, zoom and method.
        max_range: Radius [m]; the camera's own when None.
        cell: Side of a cell [m]; from the terrain and the range when None.
        dem: Elevation file; the node's own terrain when None.
        out: Folder; None writes nothing.
    """
    terrain: Terrain = open_terrain() if dem is None else file_terrain(dem)
    seen = look_about(terrain, at, height, max_range or design.max_range, cell)
    info = seen.window.info
    label = info.label if info else "terrain"
    print(
        f"terrain: {label}, cells of {seen.window.cell:g} m, k {OPTICAL_K:.3f} (light), ground "
        f"{seen.window.ground:.0f} m"
    )
    inside = _disc(seen)
    summary: dict[str, Any] = {
        "camera": design.name,
        "terrain": label,
        "synthetic": bool(info and info.synthetic),
        "cell_m": seen.window.cell,
        "k": OPTICAL_K,
        "height_m": height,
        "covered_share": {},
    }
    for target in targets:
        found = camera_map(seen, design, target, conditions)
        shares = {name: _share(getattr(found, name), inside) for name in LAYERS}
        summary["covered_share"][target.name] = shares
        told = ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
        print(f"{target.name}: share of the ground with P ≥ 0.5: {told}")
        if out is not None:
            _save(out, target.name, found)
    unknown = float(np.isnan(seen.min_height[inside]).mean())
    summary["unknown_share"] = unknown
    if unknown > 0.0:
        print(f"unknown, and so never covered: {unknown:.1%} of the circle")
    return summary


def look_about(
    terrain: Terrain,
    at: tuple[float, float],
    height: float,
    max_range: float,
    cell: float | None,
) -> Viewshed:
    """Find what the ground hides from a camera."""
    if cell is None:
        cell = max(FINEST, min(spacing(terrain), max_range / 50.0), max_range / MOST_CELLS)
        cell = float(f"{cell:.2g}")
    if not cell > 0.0:
        raise SenseError(f"cell is {cell:g} m, expected a size above 0, such as 30")
    lat, lon = at
    return visible_height(site_window(terrain, lat, lon, max_range, cell), height, OPTICAL_K)


def site_air(at: tuple[float, float], dem: Path | None, season: Season) -> dict[str, float]:
    """Give a place's mean water vapour [g/m³] and temperature [°C], by option name."""
    terrain: Terrain = open_terrain() if dem is None else file_terrain(dem)
    lat, lon = at
    ground = float(terrain.heights(lat, lon))
    air = site_atmosphere(lat, lon, 0.0 if math.isnan(ground) else ground, season=season)
    return {"vapour": air.vapour_density, "temperature_c": air.temperature - 273.15}


def _disc(seen: Viewshed) -> Any:
    """Tell which cells lie in range: ``(n, n)`` bool."""
    side = np.arange(-seen.window.size, seen.window.size + 1)
    return np.hypot(side[:, None], side[None, :]) <= seen.window.size


def _share(chance: Any, inside: Any) -> float:
    return float((chance[inside] >= 0.5).mean())


def _save(out: Path, name: str, found: CameraMap) -> None:
    """Write the rasters of one class until a GeoTIFF writer is at hand: a compressed array."""
    grid = found.viewshed.window.grid
    place = (math.degrees(grid.lon), math.degrees(grid.lat)) if grid else (math.nan, math.nan)
    try:
        out.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            out / f"{name}.npz",
            **{layer: getattr(found, layer) for layer in LAYERS},
            cell_m=found.viewshed.window.cell,
            lon_lat_deg=place,
        )
    except OSError as error:
        raise EngineError(f"{out} cannot be written ({error}): give a folder you own") from error
