"""What patch of ground a view covers, and from where a cell is seen: plane trigonometry.

Flat ground for the footprint of one view; over terrain the map of probabilities takes its place.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import SenseError
from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.world.geodesy import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Hold the ground that a view covers, a trapezium ahead of the camera.

    Attributes:
        near: Ground range of the near edge [m].
        far: Of the far edge [m], infinite when the view reaches above the horizon.
        near_width: Width at the near edge [m].
        far_width: Width at the far edge [m].
        area: [m²].
        pixel_across: Ground covered by the middle pixel across the line of sight [m].
        pixel_along: Along it, stretched by the slant [m].
    """

    near: float
    far: float
    near_width: float
    far_width: float
    area: float
    pixel_across: float
    pixel_along: float


def footprint(
    camera: CameraDesign, height: float, depression: float, zoom: str | float = "narrow"
) -> Footprint:
    """Project a view on flat ground.

    Args:
        camera: The camera.
        height: Above the ground [m].
        depression: Of the middle of the view, below the horizontal [rad]; π/2 looks straight down.
        zoom: As in :meth:`CameraDesign.focal`.

    Raises:
        SenseError: No height, or the middle of the view above the horizon.
    """
    if not (height > 0.0 and 0.0 < depression <= math.pi / 2.0):
        raise SenseError(
            f"camera {height:g} m high looks {math.degrees(depression):g}° down: expected a height "
            "above 0 and a depression above 0° up to 90°"
        )
    width, tall = camera.fov(zoom)
    lower, upper = depression + tall / 2.0, depression - tall / 2.0
    near = height / math.tan(lower)
    far = height / math.tan(upper) if upper > 0.0 else math.inf
    # A ray at the edge in azimuth lies in the plane through the row: half-width = slant · tan.
    half = math.tan(width / 2.0) * math.cos(tall / 2.0)
    near_width = 2.0 * half * height / math.sin(lower)
    far_width = 2.0 * half * height / math.sin(upper) if upper > 0.0 else math.inf
    slant = height / math.sin(depression)
    pixel = camera.ifov(zoom) * slant
    return Footprint(
        near=near,
        far=far,
        near_width=near_width,
        far_width=far_width,
        area=0.5 * (near_width + far_width) * (far - near),
        pixel_across=pixel,
        pixel_along=pixel / math.sin(depression),
    )


def slant_geometry(
    ground_range: ArrayLike, rise: ArrayLike, curvature: float = 1.0 / 6_371_000.0
) -> tuple[Array, Array]:
    """Give slant range [m] and depression [rad, positive down] from the camera to a target.

    Args:
        ground_range: Along the ground [m].
        rise: Target's height above the camera's, both above sea level [m], broadcast.
        curvature: Of the ground [1/m]; the target sinks by ``s² curvature / 2``.
    """
    ground = np.asarray(ground_range, float)
    drop = ground**2 * (curvature / 2.0) - np.asarray(rise, float)
    return np.asarray(np.hypot(ground, drop)), np.asarray(np.arctan2(drop, ground))
