"""The work of ``steppewatch sense radar``: survey the site, write rasters, pictures, summary."""

import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.blake_chart import draw_cut
from steppewatch.engine.coverage_files import write_coverage
from steppewatch.engine.coverage_picture import Words, draw_chance, draw_heights
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.engine.terrain_window import file_terrain, spacing
from steppewatch.engine.whole_file import make_folder, whole_file
from steppewatch.errors import EngineError, SenseError
from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.coverage.radar_map import (
    RadarMap,
    accuracy_map,
    radar_map,
    usual_layers,
)
from steppewatch.sense.coverage.vertical import vertical_cut
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import RADARS, load_design, radar_design
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed import Viewshed, site_window, visible_height
from steppewatch.world.atmosphere import Atmosphere, site_atmosphere
from steppewatch.world.coarse import seen_from_far

if TYPE_CHECKING:
    from steppewatch.world.terrain import Terrain

FINEST = 10.0
HIGH_AIR, MIDDLE_AIR, LOW_AIR = 20_000.0, 10_000.0, 1_500.0  # ceilings of the chart [m]
FLYING = 20.0


def read_design(sensor: str) -> RadarDesign:
    """Find a radar in the library, or read it from a TOML file."""
    if sensor in RADARS:
        return radar_design(sensor)
    path = Path(sensor)
    if path.suffix != ".toml":
        return radar_design(sensor)  # says which names are known
    try:
        return load_design(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): give a TOML file, or one of {', '.join(RADARS)}"
        ) from error


def survey(
    sensor: str, given: dict[str, Any], most_cells: int
) -> tuple[RadarMap, Atmosphere, list[str]]:
    """Look about from the place and ask the radar for every layer.

    Args:
        sensor: Name or file of the radar.
        given: Options of the command.
        most_cells: From the site to a side, when no cell size is given.
    """
    design = read_design(sensor)
    targets = [target_model(name.strip()) for name in given["classes"].split(",")]
    layers = usual_layers(targets, _numbers(given["heights"]))
    terrain: Terrain = open_terrain() if given["dem"] is None else file_terrain(given["dem"])
    lat, lon = given["place"]
    far = given["range_km"] * 1e3 if given["range_km"] else design.max_range
    cell = given["cell_m"] or max(FINEST, min(spacing(terrain), far / 100.0), far / most_cells)
    ground = seen_from_far(terrain, lat, lon, far + 2.0 * cell, cell)
    window = site_window(ground, lat, lon, far, cell)
    air = site_atmosphere(
        lat,
        lon,
        window.ground if math.isfinite(window.ground) else 0.0,
        season=given["season"],
        rain_percent=given["rain_percent"],
        k=given["k"],
    )
    mast = design.mast if given["mast"] is None else given["mast"]
    with ThreadPoolExecutor(given["threads"]) as pool:
        seen = visible_height(window, mast, air.k, run=pool.map)
    radar = stand(design, lat, lon, window.ground, air, mast=mast)
    return radar_map(radar, seen, layers), air, _warnings(seen)


def write_all(
    found: RadarMap, air: Atmosphere, warnings: list[str], given: dict[str, Any], out: Path
) -> dict[str, Any]:
    """Write every file and give the summary, which is written too.

    Args:
        found: The map.
        air: Of the site.
        warnings: What a careful user must know.
        given: Options of the command.
        out: Folder.
    """
    make_folder(out)
    seen, window, design = found.seen, found.seen.window, found.radar.design
    lat, lon = (math.degrees(v) for v in given["place"])
    at, basis = f"{lat:.4f}° N {lon:.4f}° E", _basis(found, air)
    tags = {"SENSOR": design.name, "SITE": at}
    tags |= {f"BASIS_{i}": line for i, line in enumerate(basis, 1)}
    tags |= {f"WARNING_{i}": line for i, line in enumerate(warnings, 1)}
    # What flies lowest is what a radar's place is judged by.
    key = max(range(len(found.layers)), key=lambda i: (found.layers[i].height >= FLYING, -i))
    height = f"{seen.mast:g} m above ground, {seen.antenna:.0f} m above sea level"
    words = partial(
        Words,
        subtitle=f"{at}, antenna {height}",
        footer=tuple(basis),
        warnings=tuple(warnings),
    )
    said = {
        "radar": design.name,
        "at": at,
        "out": str(out),
        "ground_m": round(window.ground, 1),
        "mast_m": seen.mast,
        "antenna_m": round(seen.antenna, 1),
        "cell_m": round(window.cell, 2),
        "k": round(air.k, 4),
        "basis": basis,
        "layers": [_layer(found, i) for i in range(len(found.layers))],
        "warnings": warnings,
        "files": [
            *_rasters(found, key, tags, out),
            *_pictures(found, key, words, given["azimuth_deg"], out),
            "summary.json",
        ],
    }
    with whole_file(out / "summary.json") as stream:
        stream.write(json.dumps(said, ensure_ascii=False, indent=1).encode())
    return said


def _rasters(found: RadarMap, key: int, tags: dict[str, str], out: Path) -> list[str]:
    """Write heights, probabilities and accuracy as GeoTIFF; give the files' names."""
    seen, window = found.seen, found.seen.window
    least = {"minimum visible height above ground, m": seen.min_height}
    write_coverage(out / "min_height.tif", least, window, tags)
    names = [f"P(detect), {layer.name}" for layer in found.layers]
    chances = dict(zip(names, found.pd, strict=True))
    write_coverage(out / "pd.tif", chances, window, tags, averaged=True)
    errors = accuracy_map(found.radar, seen, found.layers[key])
    axes = {
        f"error ellipse, semi-major axis (1σ), m, {found.layers[key].name}": errors.major,
        "error ellipse, semi-minor axis (1σ), m": errors.minor,
        "bearing of the major axis, rad": errors.bearing,
        "height (1σ), m": errors.height,
    }
    write_coverage(out / "accuracy.tif", axes, window, tags)
    return ["min_height.tif", "pd.tif", "accuracy.tif"]


def _pictures(
    found: RadarMap, key: int, words: Callable[..., Words], asked: float | None, out: Path
) -> list[str]:
    """Draw the maps and the vertical cut; give the files' names."""
    window, design, layer = found.seen.window, found.radar.design, found.layers[key]
    title = f"{design.name}: from how high above ground it is seen"
    draw_heights(out / "min_height.png", found.seen.min_height, window, words(title=title))
    title = f"{design.name}: P(detect), {layer.name} above ground"
    draw_chance(out / "pd.png", found.pd[key], window, words(title=title))
    azimuth = _azimuth(found, key, asked)
    cut = vertical_cut(found.radar, found.seen, azimuth, layer.target, _ceiling(design))
    title = f"{design.name}: towards {math.degrees(azimuth):.0f}°, {layer.target.name}"
    draw_cut(out / "vertical.png", cut, words(title=title))
    return ["min_height.png", "pd.png", "vertical.png"]


def _layer(found: RadarMap, index: int) -> dict[str, Any]:
    window = found.seen.window
    with np.errstate(invalid="ignore"):
        rows, cols = np.nonzero(found.pd[index] >= 0.5)
    away = np.hypot(rows - window.size, cols - window.size) * window.cell
    return {
        "name": found.layers[index].name,
        "km2_at_0.5": round(found.area(index, 0.5) / 1e6, 1),
        "km2_at_0.9": round(found.area(index, 0.9) / 1e6, 1),
        "farthest_km_at_0.5": round(float(np.max(away, initial=0.0)) / 1e3, 1),
    }


def _basis(found: RadarMap, air: Atmosphere) -> list[str]:
    """Say what the products rest on: terrain, air, cells, what counts as seen."""
    info = found.seen.window.info
    terrain = "unknown"
    if info is not None:
        kind = "SYNTHETIC DETAIL" if info.synthetic else "real elevation"
        metres = info.resolution * 6.371e6
        terrain = f"{info.label} ({kind}, spacing {metres:.0f} m, datum {info.datum})"
    k_from = "given" if air.k_given else "from the surface refractivity"
    cells = f"Cells of {found.seen.window.cell:.0f} m, k = {air.k:.3f} {k_from}"
    return [
        f"Terrain: {terrain}",
        f"Air: {air.label}",
        f"{cells}; P(detect) in one scan, mean over headings",
        "In shadow P is 0: no credit for diffraction. No lobing. Unknown ground is never covered.",
    ]


def _warnings(seen: Viewshed) -> list[str]:
    window, info = seen.window, seen.window.info
    side = np.arange(-window.size, window.size + 1)
    inside = np.hypot(side[:, None], side) <= window.size
    said = []
    if info is not None and info.synthetic:
        said.append("the terrain is invented below 9 km: never site real equipment on it")
    if info is not None:
        said += low_ground_warning(window.heights, window.cell, info.resolution)
    void = float(np.isnan(window.heights[inside]).mean())
    unknown = float(np.isnan(seen.min_height[inside]).mean())
    if unknown > 0.0:
        said.append(
            f"terrain is unknown in {void:.1%} of the range; with what lies behind, {unknown:.1%} "
            "is hatched and counts as not covered"
        )
    return said


def _azimuth(found: RadarMap, index: int, asked: float | None) -> float:
    """Choose the azimuth of the cut [rad]: as asked, or where the layer is seen farthest."""
    if asked is not None:
        return math.radians(asked % 360.0)
    size = found.seen.window.size
    with np.errstate(invalid="ignore"):
        rows, cols = np.nonzero(found.pd[index] >= 0.5)
    if rows.size == 0:
        return 0.0
    best = int(np.argmax(np.hypot(rows - size, cols - size)))
    return math.atan2(cols[best] - size, size - rows[best]) % (2.0 * math.pi)


def _ceiling(design: RadarDesign) -> float:
    if design.max_range > 150_000.0:
        return HIGH_AIR
    return MIDDLE_AIR if design.max_range > 50_000.0 else LOW_AIR


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SenseError(
            f"heights are {text!r}, expected metres with commas: 100,300,1000"
        ) from error
