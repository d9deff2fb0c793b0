"""From a sensor on a hill to its cover: the window, the viewshed, and what the sensor makes of it.

A radar gives the probability of detection in one scan, a camera that of one of its tasks **when it
looks there**.
"""

from steppewatch.sense.coverage.network import Cover, cover
from steppewatch.sense.coverage.radar_map import Layer, radar_map
from steppewatch.sense.eoir import CameraDesign, Conditions, Task, signature
from steppewatch.sense.eoir.cover import OPTICAL_K, camera_map
from steppewatch.sense.radar.emplaced import EmplacedRadar, stand
from steppewatch.sense.viewshed import Viewshed, averaged_window, visible_height
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
    cell = cell_for(terrain, max_range)
    return visible_height(averaged_window(terrain, lat, lon, max_range, cell), mast, k)


def radar_cover(
    terrain: Terrain,
    radar: EmplacedRadar,
    layer: Layer,
    *,
    name: str,
    k: float,
    max_range: float | None = None,
) -> Cover:
    """Say how probably a radar detects a class of targets in one scan: one layer of its map.

    Args:
        terrain: Any.
        radar: Where it stands, with its air.
        layer: Class and height above ground.
        name: For lists.
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
    if radar.ground != seen.window.ground:
        # Heights of the window's averages count from the averages' own ground under the mast.
        radar = stand(
            design,
            radar.lat,
            radar.lon,
            seen.window.ground,
            radar.atmosphere,
            land=radar.land,
            mast=radar.mast,
        )
    return cover(seen, radar_map(radar, seen, [layer]).pd[0], name, design.min_range)


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
