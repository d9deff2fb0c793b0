import math

import numpy as np
import pytest
from pyproj import Proj

from steppewatch.errors import WorldError
from steppewatch.world.equidistant import equidistant_grid


@pytest.mark.parametrize("lat_deg", [-61.0, 0.0, 38.0, 47.0, 52.0])
def test_places_agree_with_proj_to_a_millimetre_out_to_400_km(lat_deg):
    lat, lon = math.radians(lat_deg), math.radians(179.0)
    grid = equidistant_grid(lat, lon, 4_000.0, 100)
    peer = Proj(proj="aeqd", lat_0=lat_deg, lon_0=179.0, ellps="WGS84")
    offset = (np.arange(201) - 100) * 4_000.0
    x, y = np.meshgrid(offset, offset[::-1])
    found = grid.places(slice(None), slice(None))
    expected = [np.radians(v) for v in reversed(peer(x, y, inverse=True))]
    inside = np.hypot(x, y) <= 400_000.0
    away = np.mod(found[1] - expected[1] + np.pi, 2.0 * np.pi) - np.pi
    off = np.hypot(found[0] - expected[0], away * np.cos(found[0])) * 6.371e6
    assert off[inside].max() < 1e-3


def test_a_place_goes_to_its_cell_and_back():
    grid = equidistant_grid(math.radians(47.0), math.radians(105.0), 90.0, 1_500)
    lat, lon = grid.places(slice(100, 110), slice(2_000, 2_010))
    row, col = grid.cell_of(lat, lon)
    assert np.allclose(row, np.arange(100, 110)[:, None], atol=1e-4)
    assert np.allclose(col, np.arange(2_000, 2_010), atol=1e-4)


@pytest.mark.parametrize(
    ("lat_deg", "cell", "size", "said"),
    [
        (85.0, 90.0, 100, "between 80° S and 80° N"),
        (45.0, 0.0, 100, "1 cell or more"),
        (45.0, 1e3, 0, "1 cell or more"),
        (45.0, 1e4, 100, "at most 600 km"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_with_the_remedy(lat_deg, cell, size, said):
    with pytest.raises(WorldError, match=said):
        equidistant_grid(math.radians(lat_deg), 0.0, cell, size)
