"""One sensor on its hill: the ground about it, what that hides, and where its cells lie on the map.

The latest sites are held, so that another height or another class of targets costs little.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import WebError
from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.viewshed import Viewshed, averaged_window, plane_window, visible_height
from steppewatch.web.coverage.ask import Ask
from steppewatch.web.coverage.place import refraction
from steppewatch.web.coverage.raster import Sector, Sheet, out_of_range, sheet
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain, TerrainInfo

# Cells from the site to the farthest range: sharp on the map, and quick.
RADIUS_CELLS = 512
LEAST_RADIUS_CELLS = 200
# Hilltop coverage on cells of 450 m is right within a few per cent, on 900 m no more.
LARGEST_CELL = 600.0
LOWEST_ANTENNA = 2.0
HELD = 4  # sites, of about 20 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """Hold what does not depend on the target.

    Attributes:
        ask: The question.
        info: The terrain.
        ground: Height of the ground at the site [m].
        k_label: Where the effective-earth factor comes from.
        seen: What the ground hides.
        laid: Where the map's cells lie.
        outside: ``(n, n)`` cells of the map that are out of range or sector.
        warnings: Sentences for the operator.
    """

    ask: Ask
    info: TerrainInfo
    ground: float
    k_label: str
    seen: Viewshed
    laid: Sheet
    outside: NDArray[np.bool_]
    warnings: tuple[str, ...]


class Sites:
    """Survey sites, and hold the latest few; for one thread only.

    Args:
        terrain: Looked over.
    """

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._held: OrderedDict[Ask, Site] = OrderedDict()

    def survey(self, ask: Ask) -> Site:
        """Give the site of a question; raises as :func:`survey`."""
        if ask not in self._held:
            self._held[ask] = survey(ask, self._terrain)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(ask)
        return self._held[ask]


def prepare() -> None:
    """Compile, or load, what the first coverage needs, so that a click need not wait for it."""
    visible_height(plane_window(np.zeros((65, 65), np.float32), 100.0), 10.0, 4.0 / 3.0)
    sheet(0.8, 1.5, 100.0, 6_400.0)


def cell_size(max_range: float, resolution: float) -> float:
    """Choose the size of a cell [m]: no finer than the terrain, unless the range is short.

    Args:
        max_range: Farthest range [m].
        resolution: Of the terrain [rad].
    """
    native = min(resolution * MEAN_RADIUS, max_range / LEAST_RADIUS_CELLS)
    return max(min(max_range / RADIUS_CELLS, LARGEST_CELL), native)


def survey(ask: Ask, terrain: Terrain) -> Site:
    """Look around from a place.

    Raises:
        WebError: The ground at the site is unknown.
        SteppewatchError: As the viewshed says.
    """
    info = terrain.describe()
    ground = float(terrain.heights(ask.lat, ask.lon))
    if math.isnan(ground):
        raise WebError(
            f"nobody knows the ground at {math.degrees(ask.lat):.4f}° N, "
            f"{math.degrees(ask.lon):.4f}° E ({info.label}): choose another place, or add "
            "elevation there with: steppewatch world add"
        )
    cell = cell_size(ask.max_range, info.resolution)
    # The window is a little wider, so that the cell nearest to any place in range is in it.
    reach = ask.max_range + 2.0 * cell
    window = averaged_window(terrain, ask.lat, ask.lon, reach, cell)
    mast, warnings = _mast(ask, ground)
    k, k_label = refraction(ask, ground)
    laid = sheet(ask.lat, ask.lon, window.cell, ask.max_range)
    sector = Sector(
        min_range=ask.min_range,
        max_range=ask.max_range,
        start=ask.sector_start,
        width=ask.sector_width,
    )
    return Site(
        ask=ask,
        info=info,
        ground=ground,
        k_label=k_label,
        seen=visible_height(window, mast, k),
        laid=laid,
        outside=out_of_range(laid, sector),
        warnings=(*warnings, *low_ground_warning(window.heights, window.cell, info.resolution)),
    )


def _mast(ask: Ask, ground: float) -> tuple[float, list[str]]:
    """Find how high the antenna stands above this terrain's ground [m]."""
    if ask.antenna is None:
        return ask.mast or LOWEST_ANTENNA, []
    mast = ask.antenna - ground
    if mast >= LOWEST_ANTENNA:
        return mast, []
    warning = (
        f"{ask.name} stands at {ask.antenna:.0f} m, this terrain's ground at {ground:.0f} m: taken "
        f"as {LOWEST_ANTENNA:.0f} m above ground; correct the site's height or the elevation"
    )
    return LOWEST_ANTENNA, [warning]
