import math

import numpy as np

from steppewatch.sense.coverage.thin import thinned
from steppewatch.sense.viewshed import Viewshed, Window
from steppewatch.world.equidistant import equidistant_grid

LAT, LON = math.radians(48.0), math.radians(106.0)


def fine(size, cell=100.0):
    n = 2 * size + 1
    heights = np.arange(n * n, dtype=np.float32).reshape(n, n)
    return Viewshed(
        min_height=heights * 0.5,
        window=Window(
            heights=heights,
            cell=cell,
            curvature_x=1.6e-7,
            curvature_y=1.6e-7,
            grid=equidistant_grid(LAT, LON, cell, size),
        ),
        mast=15.0,
        k=1.3,
        method="sweep",
    )


def test_a_viewshed_that_is_small_enough_is_left_as_it_is():
    seen = fine(20)
    assert thinned(seen, 20) is seen


def test_the_site_stays_the_middle_and_values_are_those_of_the_fine_cells():
    for size in (21, 40, 41, 45):
        seen = fine(size)
        few = thinned(seen, 20)
        assert few.window.size <= 20
        assert few.window.ground == seen.window.ground
        step = round(few.window.cell / seen.window.cell)
        row, col = few.window.size - 2, few.window.size + 3
        at = seen.min_height[size - 2 * step, size + 3 * step]
        assert few.min_height[row, col] == at
        assert few.min_height.base is None  # the fine raster can be let go


def test_cells_keep_their_places_on_earth():
    seen = fine(41)
    few = thinned(seen, 20)
    step = round(few.window.cell / seen.window.cell)
    lat, lon = seen.window.grid.places(slice(41, 42), slice(41 + 5 * step, 42 + 5 * step))
    size = few.window.size
    there = few.window.grid.places(slice(size, size + 1), slice(size + 5, size + 6))
    assert np.allclose((lat, lon), there, atol=1e-11)
