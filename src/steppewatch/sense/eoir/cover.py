"""A camera's map: what it would tell of an object at every cell about it, behind real terrain.

The viewshed says how much of the object shows above the ground that lies between; the look says
what that much of it is worth at that distance, from that angle.
"""

from dataclasses import dataclass

import numpy as np

from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.sense.eoir.footprint import slant_geometry
from steppewatch.sense.eoir.look import Conditions, camera_look
from steppewatch.sense.eoir.signature import Signature, signature
from steppewatch.sense.viewshed import Viewshed
from steppewatch.world.geodesy import Array
from steppewatch.world.terrain import Heights

# Refraction of light bends a ray with a seventh of the earth's curvature (surveyors' 0.13…0.14;
# GDAL's viewshed takes 6/7 = 0.857 of the earth's drop).
OPTICAL_K = 7.0 / 6.0
ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraMap:
    """Hold probabilities on the viewshed's cells, float32, NaN where the viewshed is unknown.

    Attributes:
        detect: Something is noticed, in the view, without limit of time.
        recognise: It is told person, animal, vehicle or aircraft.
        identify: Its class is told; never who it is.
        viewshed: What it was made from.
    """

    detect: Heights
    recognise: Heights
    identify: Heights
    viewshed: Viewshed


def camera_map(
    viewshed: Viewshed,
    camera: CameraDesign,
    target: Signature | str,
    conditions: Conditions | None = None,
    *,
    base: float = 0.0,
) -> CameraMap:
    """Look at an object on every cell of a viewshed.

    An object half hidden by the ground counts with the half that shows: its area is scaled by the
    share of its height above the minimum visible height. Cells beyond ``max_range`` are 0.

    Args:
        viewshed: From the camera's place and height; made with :data:`OPTICAL_K`.
        camera: The camera.
        target: A class, or one's own.
        conditions: Weather, zoom and method.
        base: Height of the object's feet (or wheels) above the ground [m]: 0 on foot, its height
            of flight for an aircraft.
    """
    target = signature(target) if isinstance(target, str) else target
    window, heights = viewshed.window, viewshed.min_height
    side = (np.arange(heights.shape[0]) - window.size) * window.cell
    maps = np.full((3, *heights.shape), np.nan, np.float32)
    curvature = 0.5 * (window.curvature_x + window.curvature_y)
    for top in range(0, heights.shape[0], ROWS_AT_ONCE):
        rows = slice(top, min(top + ROWS_AT_ONCE, heights.shape[0]))
        ground = np.hypot(side[rows, None], side[None, :])
        middle = window.heights[rows] + base + 0.5 * target.height
        slant, depression = slant_geometry(ground, middle - viewshed.antenna, curvature)
        shown = shown_share(heights[rows], base, target.height)
        look = camera_look(camera, slant, target, conditions, depression=depression, shown=shown)
        for out, chance in zip(maps, (look.detect, look.recognise, look.identify), strict=True):
            out[rows] = chance
    return CameraMap(detect=maps[0], recognise=maps[1], identify=maps[2], viewshed=viewshed)


def shown_share(min_height: Heights, base: float, height: float) -> Array:
    """Give the share of an object that shows, 0…1; NaN where the minimum height is unknown."""
    return np.clip((base + height - min_height.astype(np.float64)) / height, 0.0, 1.0)
