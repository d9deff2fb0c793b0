"""A radar on its place, for the commands of ``steppewatch sense``: design, ground, air, layers."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steppewatch.engine.terrain_window import chosen_terrain, spacing
from steppewatch.errors import EngineError, SenseError
from steppewatch.sense.coverage.provenance import cautions
from steppewatch.sense.coverage.radar_map import Layer, RadarMap, radar_map, usual_layers
from steppewatch.sense.coverage.thin import MOST_CELLS, thinned
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import RADARS, load_design, radar_design
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed import Viewshed, Window, averaged_window, visible_height
from steppewatch.world.atmosphere import Atmosphere, site_atmosphere

FINEST = 10.0  # [m]
FINEST_SHARE, COARSEST_SHARE = 6_000, 20  # cells from the site to a side


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Hold what a radar sees from its place.

    Attributes:
        found: Probabilities; on fewer cells than ``seen`` when those are very many.
        seen: What the ground hides, on all cells.
        air: Of the site.
        warnings: What a careful user must know.
    """

    found: RadarMap
    seen: Viewshed
    air: Atmosphere
    warnings: list[str]


def read_design(sensor: str) -> RadarDesign:
    """Find a radar in the library, or read it from a TOML file."""
    path = Path(sensor)
    if sensor in RADARS or path.suffix != ".toml":
        return radar_design(sensor)  # says which names are known
    try:
        return load_design(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): give a TOML file, or one of {', '.join(RADARS)}"
        ) from error


def layers_of(given: dict[str, Any]) -> tuple[Layer, ...]:
    """Read ``--classes`` and ``--heights``."""
    targets = [target_model(name.strip()) for name in given["classes"].split(",") if name.strip()]
    if not targets:
        raise SenseError("classes is empty, expected names with commas: walker,light-aircraft")
    return usual_layers(targets, _numbers(given["heights"]))


def survey(sensor: str, given: dict[str, Any]) -> Survey:
    """Look about from the place and ask the radar for every layer.

    Args:
        sensor: Name or file of the radar.
        given: Options of the command.
    """
    design, layers = read_design(sensor), layers_of(given)
    far = reach(given["range_km"], [design])
    window = ground_about(given, far, MOST_CELLS)
    return look_about(design, window, layers, given)


def reach(range_km: float | None, designs: Sequence[RadarDesign]) -> float:
    """Say how far to look [m]: as asked, or the longest instrumented range."""
    longest = max(design.max_range for design in designs)
    if range_km is None:
        return longest
    if not 0.0 < range_km * 1e3 <= longest:
        raise SenseError(
            f"range is {range_km:g} km, expected above 0 and up to {longest / 1e3:g} km, which is "
            "how far this radar is instrumented"
        )
    return float(range_km * 1e3)


def ground_about(given: dict[str, Any], far: float, most_cells: int) -> Window:
    """Cut out the ground about ``--at``, from ``--dem`` or the node's own terrain.

    Args:
        given: Options of the command.
        far: How far [m].
        most_cells: From the site to a side, when no cell size is asked.
    """
    terrain = chosen_terrain(given["dem"])
    lat, lon = given["place"]
    cell = given["cell_m"]
    if cell is None:
        cell = max(FINEST, min(spacing(terrain), far / 100.0), far / most_cells)
    least, most = far / FINEST_SHARE, far / COARSEST_SHARE
    if not least <= cell <= most:
        raise SenseError(
            f"cell is {cell:g} m for a range of {far / 1e3:g} km, expected {least:.3g} to "
            f"{most:.3g} m"
        )
    ground = float(terrain.heights(lat, lon))
    if math.isnan(ground):
        raise SenseError(
            f"nobody knows the ground at {math.degrees(lon):.4f}° E, {math.degrees(lat):.4f}° N "
            f"({terrain.describe().label}): choose another place, or add elevation there with "
            "`steppewatch world add FILE`"
        )
    return averaged_window(terrain, lat, lon, far, cell)


def look_about(
    design: RadarDesign, window: Window, layers: tuple[Layer, ...], given: dict[str, Any]
) -> Survey:
    """Stand a radar on the middle of a window and ask it for every layer."""
    lat, lon = given["place"]
    air = site_air(lat, lon, window.ground, given)
    mast = design.mast if given["mast"] is None else given["mast"]
    radar = stand(design, lat, lon, window.ground, air, mast=mast)
    with ThreadPoolExecutor(given["threads"]) as pool:
        seen = visible_height(window, mast, air.k, run=pool.map)
    return Survey(
        found=radar_map(radar, thinned(seen), layers),
        seen=seen,
        air=air,
        warnings=cautions(seen),
    )


def site_air(lat: float, lon: float, ground: float, given: dict[str, Any]) -> Atmosphere:
    """Describe the air over a site by ``--season``, ``--rain-percent`` and ``--k``."""
    return site_atmosphere(
        lat,
        lon,
        ground,
        season=given["season"],
        rain_percent=given["rain_percent"],
        k=given["k"],
        cloud_liquid=0.0 if given["rain_percent"] is None else None,
    )


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SenseError(
            f"heights are {text!r}, expected metres with commas: 100,300,1000"
        ) from error
