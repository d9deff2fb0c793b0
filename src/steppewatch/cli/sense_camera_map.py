"""The map of ``steppewatch sense camera``: viewshed, probabilities, files."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.coverage_files import write_coverage
from steppewatch.engine.coverage_picture import Words, draw_chance
from steppewatch.engine.terrain_window import chosen_terrain, spacing
from steppewatch.engine.whole_file import make_folder
from steppewatch.errors import SenseError
from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.coverage.provenance import SYNTHETIC, in_range
from steppewatch.sense.eoir.air import Weather
from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.sense.eoir.cover import OPTICAL_K, CameraMap, camera_map
from steppewatch.sense.eoir.look import Conditions
from steppewatch.sense.eoir.signature import Signature
from steppewatch.sense.viewshed import Viewshed, averaged_window, visible_height
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.atmosphere.site import Season
from steppewatch.world.terrain import Terrain

MOST_CELLS = 1_000  # from the middle to a side, when nobody asks for a cell size
FINEST = 10.0  # [m]
LAYERS = ("detect", "recognise", "identify")
TAGS = ("camera", "at", "weather", "terrain", "synthetic", "k", "height_m")


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
    terrain = chosen_terrain(dem)
    reach = design.max_range if max_range is None else max_range
    seen = look_about(terrain, at, height, reach, cell)
    summary = _about(design, at, seen, conditions.weather)
    print(
        f"terrain: {summary['terrain']}, cells of {seen.window.cell:g} m, k {OPTICAL_K:.3f} "
        f"(light), ground {seen.window.ground:.0f} m"
    )
    for warning in summary["warnings"]:
        print(f"warning: {warning}")
    inside = in_range(seen.window)
    for target in targets:
        found = camera_map(seen, design, target, conditions)
        shares = {name: _share(getattr(found, name), inside) for name in LAYERS}
        summary["covered_share"][target.name] = shares
        told = ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
        print(f"{target.name}: share of the ground with P ≥ 0.5: {told}")
        if out is not None:
            _save(out, target.name, found, summary)
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
    return visible_height(averaged_window(terrain, lat, lon, max_range, cell), height, OPTICAL_K)


def site_air(at: tuple[float, float], dem: Path | None, season: Season) -> dict[str, float]:
    """Give a place's mean water vapour [g/m³] and temperature [°C], by option name."""
    terrain = chosen_terrain(dem)
    lat, lon = at
    ground = float(terrain.heights(lat, lon))
    air = site_atmosphere(lat, lon, 0.0 if math.isnan(ground) else ground, season=season)
    return {"vapour": air.vapour_density, "temperature_c": air.temperature - 273.15}


def _share(chance: Any, inside: Any) -> float:
    return float((chance[inside] >= 0.5).mean())


def _save(out: Path, target: str, found: CameraMap, about: dict[str, Any]) -> None:
    """Write one class: probabilities as GeoTIFF, and a picture of each task."""
    make_folder(out)
    seen, window = found.viewshed, found.viewshed.window
    names = {layer: f"P({layer}) of {target}" for layer in LAYERS}
    rasters = {names[layer]: getattr(found, layer) for layer in LAYERS}
    tags = {key.upper(): str(value) for key, value in about.items() if key in TAGS}
    tags |= {f"WARNING_{i}": line for i, line in enumerate(about["warnings"], 1)}
    write_coverage(out / f"{target}.tif", rasters, window, tags, averaged=True)
    print(f"wrote {out / f'{target}.tif'}")
    for layer in LAYERS:
        told = "identify its class" if layer == "identify" else layer
        words = Words(
            title=f"{about['camera']}: P({told}), {target}",
            subtitle=f"{about['at']}, {seen.mast:g} m above ground; {about['weather']}",
            footer=(
                f"Terrain: {about['terrain']}; cells of {window.cell:g} m, k {OPTICAL_K:.3f}",
                "In the view of the camera, without limit of time, in plain surroundings.",
                "Classes of objects only: nobody is identified. Unknown ground is never covered.",
            ),
            warnings=tuple(about["warnings"]),
        )
        caption = f"P({told}) when the camera looks there"
        path = out / f"{target}-{layer}.png"
        draw_chance(path, getattr(found, layer), window, words, caption)
        print(f"wrote {path}")


def _about(
    design: CameraDesign, at: tuple[float, float], seen: Viewshed, weather: Weather
) -> dict[str, Any]:
    """Say what the maps rest on."""
    lat, lon = (math.degrees(v) for v in at)
    window, info = seen.window, seen.window.info
    warnings = []
    if info is not None and info.synthetic:
        warnings.append(SYNTHETIC)
    if info is not None:
        warnings += low_ground_warning(window.heights, window.cell, info.resolution)
    hour = "night" if weather.night else "day"
    return {
        "camera": design.name,
        "at": f"{lat:.4f}° N {lon:.4f}° E",
        "weather": f"{hour}, visibility {weather.visibility / 1e3:g} km",
        "terrain": info.label if info else "terrain",
        "synthetic": bool(info and info.synthetic),
        "cell_m": window.cell,
        "k": OPTICAL_K,
        "height_m": seen.mast,
        "warnings": warnings,
        "covered_share": {},
    }
