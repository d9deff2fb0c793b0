"""A vertical cut through a radar's coverage along one azimuth: the Blake chart.

Blake 1980, "Radar Range-Performance Analysis", ch. 8: range along the ground, height upwards, the
rays of equal elevation and the lines of equal probability of detection. Here the rays bend in the
site's own air, and the ground on this azimuth casts its shadow.
"""

import math
from dataclasses import dataclass

import numpy as np

from steppewatch.sense.coverage.radar_map import site_rays
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.look import look
from steppewatch.sense.radar.sector import in_sector
from steppewatch.sense.targets import TargetModel
from steppewatch.sense.viewshed import Viewshed
from steppewatch.world.geodesy import Array

RANGES, HEIGHTS = 480, 240
RAYS_DEG = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 40.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VerticalCut:
    """Hold a cut along one azimuth.

    Attributes:
        azimuth: Clockwise from north [rad].
        target: The class that is looked for.
        distance: ``(n,)`` along the ground [m].
        height: ``(m,)`` above mean sea level [m].
        pd: ``(m, n)`` probability of detection in one scan; 0 outside the sector, NaN under
            ground and unknown.
        ground: ``(n,)`` height of the ground [m]; NaN unknown.
        seen_from: ``(n,)`` height from which a target is in sight [m]; NaN unknown.
        rays: Pairs of elevation [rad] and ``(n,)`` height of the ray [m].
    """

    azimuth: float
    target: TargetModel
    distance: Array
    height: Array
    pd: Array
    ground: Array
    seen_from: Array
    rays: tuple[tuple[float, Array], ...]


def vertical_cut(
    radar: EmplacedRadar, seen: Viewshed, azimuth: float, target: TargetModel, ceiling: float
) -> VerticalCut:
    """Cut through a radar's coverage.

    Args:
        radar: Where it stands, with its air.
        seen: What the ground hides from the same place and mast.
        azimuth: Clockwise from north [rad].
        target: The class that is looked for, mean over headings.
        ceiling: How high the chart goes above the lowest ground [m].
    """
    window = seen.window
    far = window.size * window.cell
    distance = np.linspace(far / RANGES, far, RANGES)
    row = np.rint(window.size - distance * math.cos(azimuth) / window.cell).astype(int)
    col = np.rint(window.size + distance * math.sin(azimuth) / window.cell).astype(int)
    ground = window.heights[row, col].astype(float)
    seen_from = ground + seen.min_height[row, col]
    bottom = min(float(np.nanmin(ground, initial=radar.ground)), radar.ground)
    height = bottom + np.linspace(0.0, ceiling, HEIGHTS)
    rays = site_rays(radar, far)
    slant, elevation = rays.apparent(distance, height[:, None])
    with np.errstate(invalid="ignore"):
        visible = height[:, None] >= seen_from
    visible &= in_sector(azimuth, radar.design.sector_start, radar.design.sector_width)
    found = look(
        radar,
        slant,
        elevation,
        rcs=target.section(radar.design.frequency),
        swerling=target.swerling,
        speed=target.speed,
        visible=visible,
        clutter_visible=seen_from <= ground,
    )
    with np.errstate(invalid="ignore"):
        hidden = np.isnan(seen_from) | (height[:, None] < ground)
    bent = []
    for degrees in RAYS_DEG:
        angle = math.radians(degrees)
        path = np.linspace(0.0, rays.max_range, 4 * RANGES)
        along, up = rays.ground_range(path, angle), rays.target_height(path, angle)
        bent.append((angle, np.interp(distance, along, up)))
    return VerticalCut(
        azimuth=azimuth,
        target=target,
        distance=distance,
        height=height,
        pd=np.where(hidden, np.nan, found.pd),
        ground=ground,
        seen_from=seen_from,
        rays=tuple(bent),
    )
