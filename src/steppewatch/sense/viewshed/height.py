"""The minimum visible height: from how high above the ground a site sees each cell.

One pass answers every target height: a target h metres above the ground is in sight where the
minimum visible height is h or less. Sight lines are straight over an effective earth whose
curvature is the ellipsoid's own (which differs by azimuth), less ``(1 − 1/k) / R`` for refraction.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from steppewatch.errors import SenseError
from steppewatch.sense.viewshed import kernels
from steppewatch.sense.viewshed.window import Window
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Heights

Method = Literal["sweep", "exact"]
Run = Callable[[Callable[[Any], None], Iterable[Any]], Iterable[None]]

FEWEST_RAYS, MOST_RAYS, RAYS_AT_INFINITY, RAYS_SIZE = 1.0, 4.0, 0.6, 950.0
LEAST_K, MOST_K = 0.5, 10.0
MOST_MAST = 20_000.0  # a drone stands on a mast of its height above ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewshed:
    """Say from how high above the ground each cell about a site is seen.

    Attributes:
        min_height: As the window: metres above ground, 0 where the ground itself is seen; NaN
            beyond the range, where the ground is unknown, and behind unknown ground.
        window: The ground.
        mast: Height of the antenna above the ground at the site [m].
        k: Effective earth radius factor; infinite for straight rays over the true earth is 1.
        method: ``"sweep"`` or ``"exact"``.
    """

    min_height: Heights
    window: Window
    mast: float
    k: float
    method: Method

    @property
    def antenna(self) -> float:
        """Give the height of the antenna [m], same datum as the terrain."""
        return self.window.ground + self.mast


def visible_height(
    window: Window,
    mast: float,
    k: float,
    *,
    method: Method = "sweep",
    rays_per_cell: float | None = None,
    run: Run = map,
) -> Viewshed:
    """Find from how high above the ground each cell is seen.

    Args:
        window: The ground; the antenna stands over its middle cell.
        mast: Height of the antenna above the ground [m].
        k: Effective earth radius factor: 1 without refraction, 4/3 by custom at sea level, about
            1.27 at Mongolian altitudes.
        method: ``"sweep"`` follows rays (R2, interpolated; errors in docs/viewshed.md);
            ``"exact"`` follows each cell's own sight line (R3; hundreds of times slower).
        rays_per_cell: Rays of the sweep for each cell of the outermost line; more are slower and
            more exact. By custom :func:`usual_rays`.
        run: Runs the eight parts (exact: blocks of rows), in any order, like ``map``: hand in the
            ``map`` of a thread pool to use several processors. The result is the same bits.

    Raises:
        SenseError: The site stands where the ground is unknown, or a figure is absurd.

    >>> from steppewatch.sense.viewshed.window import plane_window
    >>> flat = plane_window(np.zeros((2001, 2001), np.float32), 100.0)
    >>> seen = visible_height(flat, 20.0, 4 / 3)
    >>> bool(seen.min_height[1000, 1100] == 0.0)  # the plain itself, 10 km away
    True
    >>> round(float(seen.min_height[1000, 1600]), 1)  # 60 km away; (60 − 18.4)² / 2kR
    101.7
    """
    if rays_per_cell is None:
        rays_per_cell = usual_rays(window.size)
    _check(window, mast, k, rays_per_cell)
    heights = window.heights
    out = np.empty(heights.shape, np.float32)
    antenna = window.ground + mast
    bend_x, bend_y = (
        0.5 * window.cell**2 * (own - (1.0 - 1.0 / k) / MEAN_RADIUS)
        for own in (window.curvature_x, window.curvature_y)
    )
    reach = window.reach()
    kernels.blank_beyond(reach, out)
    if method == "exact":
        offset = np.arange(-window.size, window.size + 1) ** 2
        fall = bend_y * offset[:, None] + bend_x * offset
        above = heights.astype(np.float64) - antenna - fall
        tops = range(0, len(above), 16)
        part = partial(_exact_part, above, reach, out)
        list(run(part, tops))
    else:
        rays = math.ceil(rays_per_cell * window.size)
        part = partial(_octant, heights, (antenna, bend_x, bend_y), rays, reach, out)
        list(run(part, range(8)))
    out[window.size, window.size] = 0.0
    return Viewshed(min_height=out, window=window, mast=mast, k=k, method=method)


def usual_rays(size: int) -> float:
    """Say how many rays for each outermost cell keep the errors of docs/viewshed.md.

    The wrong cells lie along the edges of shadows, and a small window has more edge for its area.
    """
    return min(max(RAYS_AT_INFINITY + RAYS_SIZE / size, FEWEST_RAYS), MOST_RAYS)


def _octant(
    heights: Heights,
    place: tuple[float, float, float],
    rays: int,
    reach: Any,
    out: Heights,
    octant: int,
) -> None:
    kernels.sweep_octant(heights, *place, octant, rays, reach, out)


def _exact_part(above: Any, reach: Any, out: Heights, top: int) -> None:
    kernels.exact_rows(above, top, min(top + 16, len(above)), reach, out)


def _check(window: Window, mast: float, k: float, rays_per_cell: float) -> None:
    """Refuse what no site can be."""
    if not math.isfinite(window.ground):
        raise SenseError(
            "the site stands where the elevation is unknown: add elevation there (steppewatch "
            "world add FILE) or move the site"
        )
    for name, value, low, high, unit in (
        ("mast", mast, 0.0, MOST_MAST, " m"),
        ("k", k, LEAST_K, MOST_K, ""),
        ("cell", window.cell, 0.1, 1e5, " m"),
        ("rays_per_cell", rays_per_cell, 0.5, 16.0, ""),
    ):
        if not low <= value <= high:
            raise SenseError(f"{name} is {value:g}{unit}, expected {low:g} to {high:g}{unit}")
