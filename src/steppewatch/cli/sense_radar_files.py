"""The files of ``steppewatch sense radar``: rasters, pictures, summary."""

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.cli.sense_radar_site import Survey
from steppewatch.engine.blake_chart import draw_cut
from steppewatch.engine.coverage_files import write_coverage
from steppewatch.engine.coverage_picture import Words, draw_chance, draw_heights
from steppewatch.engine.whole_file import make_folder, whole_file
from steppewatch.errors import SenseError
from steppewatch.sense.coverage.provenance import basis
from steppewatch.sense.coverage.provenance import tags as figures
from steppewatch.sense.coverage.radar_map import RadarMap, accuracy_map
from steppewatch.sense.coverage.vertical import vertical_cut
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.sector import in_sector

HIGH_AIR, MIDDLE_AIR, LOW_AIR = 20_000.0, 10_000.0, 1_500.0  # ceilings of the chart [m]
FLYING = 20.0


def write_all(survey: Survey, given: dict[str, Any], out: Path) -> dict[str, Any]:
    """Write every file and give the summary, which is written too.

    Args:
        survey: What the radar sees.
        given: Options of the command.
        out: Folder.
    """
    make_folder(out)
    found, seen, air, warnings = survey.found, survey.seen, survey.air, survey.warnings
    window, design = seen.window, found.radar.design
    lat, lon = (math.degrees(v) for v in given["place"])
    at, rests = f"{lat:.4f}° N {lon:.4f}° E", basis(seen, air, found.seen.window.cell)
    tags = {"SENSOR": design.name, "SITE": at, **figures(seen, air)}
    tags |= {f"BASIS_{i}": line for i, line in enumerate(rests, 1)}
    tags |= {f"WARNING_{i}": line for i, line in enumerate(warnings, 1)}
    # What flies lowest is what a radar's place is judged by.
    key = max(range(len(found.layers)), key=lambda i: (found.layers[i].height >= FLYING, -i))
    azimuth = _azimuth(found, key, given["azimuth_deg"])
    height = f"{seen.mast:g} m above ground, {seen.antenna:.0f} m above sea level"
    words = partial(
        Words,
        subtitle=f"{at}, antenna {height}",
        footer=rests,
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
        "layer_cell_m": round(found.seen.window.cell, 2),
        "k": round(air.k, 4),
        "basis": list(rests),
        "layers": [_layer(found, i) for i in range(len(found.layers))],
        "warnings": warnings,
        "files": [
            *_rasters(survey, key, tags, out),
            *_pictures(survey, key, words, azimuth, out),
            "summary.json",
        ],
    }
    with whole_file(out / "summary.json") as stream:
        stream.write(json.dumps(said, ensure_ascii=False, indent=1).encode())
    return said


def _rasters(survey: Survey, key: int, tags: dict[str, str], out: Path) -> list[str]:
    """Write heights, probabilities and accuracy as GeoTIFF; give the files' names."""
    found, window = survey.found, survey.found.seen.window
    least = {"minimum visible height above ground, m": survey.seen.min_height}
    write_coverage(out / "min_height.tif", least, survey.seen.window, tags)
    names = [f"P(detect), {layer.name}" for layer in found.layers]
    chances = dict(zip(names, found.pd, strict=True))
    write_coverage(out / "pd.tif", chances, window, tags, averaged=True)
    errors = accuracy_map(found.radar, found.seen, found.layers[key])
    axes = {
        f"error ellipse, semi-major axis (1σ), m, {found.layers[key].name}": errors.major,
        "error ellipse, semi-minor axis (1σ), m": errors.minor,
        "bearing of the major axis, rad": errors.bearing,
        "height (1σ), m": errors.height,
        "slant range (1σ), m": errors.slant,
        "azimuth (1σ), rad": errors.azimuth,
        "elevation (1σ), rad": errors.elevation,
    }
    write_coverage(out / "accuracy.tif", axes, window, tags)
    return ["min_height.tif", "pd.tif", "accuracy.tif"]


def _pictures(
    survey: Survey, key: int, words: Callable[..., Words], azimuth: float, out: Path
) -> list[str]:
    """Draw the maps and the vertical cut; give the files' names."""
    found, seen = survey.found, survey.seen
    window, design, layer = found.seen.window, found.radar.design, found.layers[key]
    title = f"{design.name}: from how high above ground it is seen"
    draw_heights(out / "min_height.png", seen.min_height, seen.window, words(title=title))
    title = f"{design.name}: P(detect), {layer.name} above ground"
    draw_chance(out / "pd.png", found.pd[key], window, words(title=title))
    cut = vertical_cut(found.radar, seen, azimuth, layer.target, _ceiling(design))
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


def _azimuth(found: RadarMap, index: int, asked: float | None) -> float:
    """Choose the azimuth of the cut [rad]: as asked, or where the layer is seen farthest."""
    design = found.radar.design
    if asked is not None:
        azimuth = math.radians(asked % 360.0)
        if not in_sector(azimuth, design.sector_start, design.sector_width):
            first, width = (math.degrees(v) for v in (design.sector_start, design.sector_width))
            raise SenseError(
                f"azimuth of the cut is {asked:g}°, expected {first:g}° to {first + width:g}°, the "
                f"sector of {design.name!r}: choose an azimuth within, or turn the sector"
            )
        return azimuth
    size = found.seen.window.size
    with np.errstate(invalid="ignore"):
        rows, cols = np.nonzero(found.pd[index] >= 0.5)
    if rows.size == 0:
        return design.sector_start
    best = int(np.argmax(np.hypot(rows - size, cols - size)))
    return math.atan2(cols[best] - size, size - rows[best]) % (2.0 * math.pi)


def _ceiling(design: RadarDesign) -> float:
    if design.max_range > 150_000.0:
        return HIGH_AIR
    return MIDDLE_AIR if design.max_range > 50_000.0 else LOW_AIR
