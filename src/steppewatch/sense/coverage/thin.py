"""A viewshed on fewer cells: sight lines keep all the ground, layers need not be as fine.

Twenty-four million cells of minimum visible height are one raster of 100 MB; probabilities of a
dozen layers on the same cells would be a gigabyte. So layers take each second, third … cell,
counted from the site: the values at their centres are those of the fine sweep, none is a mean.
"""

import math

from steppewatch.sense.viewshed import Viewshed, Window
from steppewatch.world.equidistant import equidistant_grid

MOST_CELLS = 1_000  # from the site to a side


def thinned(seen: Viewshed, most_cells: int = MOST_CELLS) -> Viewshed:
    """Take as many cells of a viewshed as a layer may have.

    Args:
        seen: On fine cells.
        most_cells: From the site to each side.

    Returns:
        The same object when it is small enough; else each n-th cell, the site in the middle.
    """
    window = seen.window
    every = math.ceil(window.size / most_cells)
    if every <= 1:
        return seen
    size, cell = window.size // every, window.cell * every
    first = window.size - size * every
    taken = slice(first, None if first == 0 else -first, every)
    grid = window.grid
    return Viewshed(
        min_height=seen.min_height[taken, taken].copy(),
        window=Window(
            heights=window.heights[taken, taken].copy(),
            cell=cell,
            curvature_x=window.curvature_x,
            curvature_y=window.curvature_y,
            grid=None if grid is None else equidistant_grid(grid.lat, grid.lon, cell, size),
            info=window.info,
        ),
        mast=seen.mast,
        k=seen.k,
        method=seen.method,
    )
