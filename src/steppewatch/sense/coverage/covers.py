"""From a sensor on a hill to its cover: the window, the viewshed, and what the sensor makes of it.

A radar gives the probability of detection in one scan, a camera that of one of its tasks **when it
looks there**. A radar's target counts as in sight when its height above ground reaches the minimum
visible height; the ground of its cell gives clutter when it is in sight itself.
"""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.sense.coverage.network import Cover, cover
from steppewatch.sense.eoir import CameraDesign, Conditions, Task, signature
from steppewatch.sense.eoir.cover import OPTICAL_K, camera_map
from steppewatch.sense.eoir.footprint import slant_geometry
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import TargetModel
from steppewatch.sense.viewshed import Viewshed, site_window, visible_height
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Heights, Terrain

ROWS_AT_ONCE = 128
FINEST, MOST_CELLS = 30.0, 600  # [m], and from the middle of a window to its side


def cell_for(terrain: Terrain, max_range: float) -> float:
    """Choose a window's cells [m]: as fine as the terrain, and as many as a network can afford."""
    spacing = terrain.describe().resolution * MEAN_RADIUS
    cell = max(FINEST, min(spacing, max_range / 100.0), max_range / MOST_CELLS)
    return float(f"{cell:.3g}")


def sight(
    terrain: Terrain, lat: float, lon: float, *, mast: float, max_range: float, k: float
) -> Viewshed:
    """Find what the ground hides from a place.

    Args:
        terrain: Any.
        lat: Latitude [rad].
        lon: Longitude [rad].
        mast: Height above ground [m].
        max_range: [m].
        k: Effective earth radius factor.
    """
    window = site_window(terrain, lat, lon, max_range, cell_for(terrain, max_range))
    return visible_height(window, mast, k)


def radar_cover(
    terrain: Terrain,
    radar: EmplacedRadar,
    target: TargetModel,
    *,
    name: str,
    height: float,
    k: float,
    max_range: float | None = None,
) -> Cover:
    """Say how probably a radar detects a target in one scan.

    Args:
        terrain: Any.
        radar: Where it stands.
        target: Its section, fluctuation and speed; headings are averaged over.
        name: For lists.
        height: Of the target above the ground [m].
        k: Effective earth radius factor at the place.
        max_range: [m]; the design's own when None.
    """
    design = radar.design
    seen = sight(
        terrain,
        radar.lat,
        radar.lon,
        mast=radar.mast,
        max_range=design.max_range if max_range is None else max_range,
        k=k,
    )
    window = seen.window
    chance: Heights = np.full_like(seen.min_height, np.nan)
    side = (np.arange(chance.shape[0]) - window.size) * window.cell
    curvature = 0.5 * (window.curvature_x + window.curvature_y) - (1.0 - 1.0 / k) / MEAN_RADIUS
    for top in range(0, chance.shape[0], ROWS_AT_ONCE):
        rows = slice(top, min(top + ROWS_AT_ONCE, chance.shape[0]))
        least = seen.min_height[rows]
        ground = np.hypot(side[rows, None], side[None, :])
        slant, down = slant_geometry(
            ground, window.heights[rows] + height - seen.antenna, curvature
        )
        one = look(
            radar,
            slant,
            -down,
            rcs=target.section(design.frequency),
            swerling=target.swerling,
            speed=target.speed,
            visible=least <= height,
            clutter_visible=least <= 0.0,
        )
        chance[rows] = np.where(np.isnan(least), np.nan, one.pd)
    chance[~_in_sector(seen, design.sector_start, design.sector_width)] = 0.0
    return cover(seen, chance, name, design.min_range)


def camera_cover(
    terrain: Terrain,
    lat: float,
    lon: float,
    camera: CameraDesign,
    *,
    name: str,
    target: str,
    base: float = 0.0,
    task: Task = Task.DETECT,
    conditions: Conditions | None = None,
    mast: float | None = None,
    max_range: float | None = None,
) -> Cover:
    """Say how probably a camera that looks there detects (or tells) an object.

    Args:
        terrain: Any.
        lat: Latitude [rad].
        lon: Longitude [rad].
        camera: The camera.
        name: For lists.
        target: Class of object.
        base: Height of its lowest point above the ground [m].
        task: What counts.
        conditions: Weather, zoom and method.
        mast: [m]; the camera's own when None.
        max_range: [m]; the camera's own when None.
    """
    seen = sight(
        terrain,
        lat,
        lon,
        mast=camera.mast if mast is None else mast,
        max_range=camera.max_range if max_range is None else max_range,
        k=OPTICAL_K,
    )
    found = camera_map(seen, camera, signature(target), conditions, base=base)
    chance: dict[Task, Heights] = {
        Task.DETECT: found.detect,
        Task.RECOGNISE: found.recognise,
        Task.IDENTIFY: found.identify,
    }
    return cover(seen, chance[task], name, camera.min_range)


def _in_sector(seen: Viewshed, start: float, width: float) -> NDArray[np.bool_]:
    """Tell which cells lie in a sector clockwise from north [rad]."""
    shape = seen.min_height.shape
    if width >= 2.0 * math.pi - 1e-9:
        return np.ones(shape, np.bool_)
    side = np.arange(-seen.window.size, seen.window.size + 1)
    bearing = np.arctan2(side[None, :], -side[:, None])
    return np.asarray(np.mod(bearing - start, 2.0 * math.pi) <= width)
