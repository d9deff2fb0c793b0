"""From a sensor on a hill to its cover: the window, the viewshed, and what the sensor makes of it.

A radar is asked for line of sight within its range and sector; a camera for the probability of one
of its tasks **when it looks there**.
"""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.sense.coverage.network import Cover, cover, in_sight
from steppewatch.sense.eoir import CameraDesign, Conditions, Task, signature
from steppewatch.sense.eoir.cover import OPTICAL_K, camera_map
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.viewshed import Viewshed, site_window, visible_height
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Heights, Terrain

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
    lat: float,
    lon: float,
    design: RadarDesign,
    *,
    name: str,
    height: float,
    k: float,
    mast: float | None = None,
    max_range: float | None = None,
) -> Cover:
    """Say where a radar has line of sight to a height above ground: 1, 0 or NaN.

    Args:
        terrain: Any.
        lat: Latitude [rad].
        lon: Longitude [rad].
        design: The radar; its range, sector and mast.
        name: For lists.
        height: Of the target above the ground [m].
        k: Effective earth radius factor at the place.
        mast: [m]; the design's own when None.
        max_range: [m]; the design's own when None.
    """
    seen = sight(
        terrain,
        lat,
        lon,
        mast=design.mast if mast is None else mast,
        max_range=design.max_range if max_range is None else max_range,
        k=k,
    )
    chance = in_sight(seen.min_height, height)
    outside = ~_in_sector(seen, design.sector_start, design.sector_width)
    chance[outside] = 0.0
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
