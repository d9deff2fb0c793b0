"""From window to map: cells lie where they should, codes never claim too much, holes stay holes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.web.coverage.raster import (
    MOST_CELLS,
    OUTSIDE,
    STEPS_PER_E,
    UNKNOWN,
    Sector,
    encode_heights,
    out_of_range,
    resample,
    sheet,
)
from steppewatch.web.coverage.site import RADIUS_CELLS, cell_size
from steppewatch.world.coarse import CoarseTerrain, seen_from_far
from steppewatch.world.geodesic import direct
from steppewatch.world.geodesy import SEMI_MAJOR
from steppewatch.world.terrain import Terrain, TerrainInfo

LAT, LON = math.radians(49.0), math.radians(92.0)
ARC = math.radians(1.0 / 3600.0)


class Slope(Terrain):
    """A plane in latitude and longitude, unknown east of ``edge``; it counts what it is asked."""

    def __init__(self, edge=math.inf, resolution=3.0 * ARC):
        self.edge, self.resolution, self.asked = edge, resolution, 0

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(lat, lon)
        self.asked += lat.size
        return np.where(lon > self.edge, np.nan, 1500.0 + 9e4 * (lat - LAT) - 5e4 * (lon - LON))

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], np.asarray(lon)[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="slope", synthetic=False, datum="none", resolution=self.resolution, south=0.0,
            west=0.0, north=1.5, east=3.0, source="made for tests",
        )  # fmt: skip


@pytest.mark.parametrize("max_range", [30e3, 120e3, 400e3])
def test_a_place_on_the_map_lies_where_the_geodesic_leads(max_range):
    """Walk from the site by Karney's geodesics, look the end up on the sheet."""
    laid = sheet(LAT, LON, max_range / RADIUS_CELLS, max_range)
    side = len(laid.east)
    assert side <= MOST_CELLS
    west, south, east, north = laid.bounds
    rng = np.random.default_rng(5)
    azimuth = rng.uniform(0.0, 2.0 * math.pi, 400)
    distance = rng.uniform(0.0, max_range, 400)
    lat, lon = direct(LAT, LON, azimuth, distance)
    x, y = SEMI_MAJOR * lon, SEMI_MAJOR * np.arctanh(np.sin(lat))
    assert ((x > west) & (x < east) & (y > south) & (y < north)).all()
    col = ((x - west) / (east - west) * side).astype(int)
    row = ((north - y) / (north - south) * side).astype(int)
    cell = (east - west) / side * math.cos(LAT - max_range / 6.3e6)
    off = np.hypot(
        laid.east[row, col] - distance * np.sin(azimuth),
        laid.north[row, col] - distance * np.cos(azimuth),
    )
    assert off.max() < 0.72 * cell + 6.0


def test_each_cell_of_the_map_takes_the_nearest_of_the_window():
    laid = sheet(LAT, LON, 200.0, 20e3)
    n = 2 * 110 + 1
    north, east = np.meshgrid(*(np.arange(n) - 110.0,) * 2, indexing="ij")
    for window, wanted in ((-north * 200.0, laid.north), (east * 200.0, laid.east)):
        taken = resample(window.astype(np.float32), 200.0, laid)
        known = np.isfinite(taken)
        assert (np.abs(taken - wanted)[known] <= 100.1).all()
        assert known[np.hypot(laid.east, laid.north) < 20e3].all()


@given(st.floats(0.0, 20_000.0, width=32), st.floats(0.0, 5_000.0))
def test_a_code_never_claims_what_is_not_seen_and_wastes_one_per_cent_at_most(least, target):
    code = int(encode_heights(np.float32([least]), np.array([False]))[0])
    limit = math.floor(math.log1p(target) * STEPS_PER_E + 1e-6)
    if code <= limit:
        assert least <= target * 1.00003 + 3e-5
    if least < 0.98 * target - 0.02:
        assert code <= limit


def test_unknown_and_out_of_range_have_codes_of_their_own():
    heights = np.float32([np.nan, np.nan, 0.0, 3.0])
    codes = encode_heights(heights, np.array([False, True, True, False]))
    assert codes.tolist() == [UNKNOWN, OUTSIDE, OUTSIDE, 139]


def test_a_sector_over_north_is_one_piece():
    laid = sheet(LAT, LON, 200.0, 20e3)
    wedge = Sector(
        min_range=1e3, max_range=20e3, start=math.radians(350.0), width=math.radians(20.0)
    )
    inside = ~out_of_range(laid, wedge)
    bearing = np.degrees(np.arctan2(laid.east, laid.north))
    assert np.abs(bearing[inside]).max() < 10.01
    assert inside.mean() == pytest.approx(20 / 360 * math.pi / 4 * 0.97, rel=0.1)


def test_averages_answer_everywhere_in_reach_as_the_terrain_itself():
    coarse = CoarseTerrain(Slope(), LAT, LON, 100e3, 400.0)
    azimuth = np.linspace(0.0, 2.0 * math.pi, 73)
    for distance in (0.0, 40e3, 99.9e3):
        lat, lon = direct(LAT, LON, azimuth, distance)
        assert np.allclose(coarse.heights(lat, lon), Slope().heights(lat, lon), atol=0.05)


def test_a_hole_stays_a_hole_in_the_averages():
    coarse = CoarseTerrain(Slope(edge=LON + 0.005), LAT, LON, 40e3, 400.0)
    lon = LON + np.array([0.0, 0.0049, 0.0051, 0.006])
    known = np.isfinite(coarse.heights(LAT, lon))
    assert known[0]
    assert not known[2:].any()


def test_terrain_as_coarse_as_the_cells_is_asked_itself():
    fine, rough = Slope(), Slope(resolution=20.0 * ARC)
    assert seen_from_far(rough, LAT, LON, 40e3, 400.0) is rough
    assert isinstance(seen_from_far(fine, LAT, LON, 40e3, 400.0), CoarseTerrain)


@pytest.mark.parametrize(("max_range", "arcsec"), [(30e3, 3), (120e3, 15), (450e3, 1), (20e3, 30)])
def test_cells_are_few_enough_to_be_quick_and_small_enough_to_be_true(max_range, arcsec):
    cell = cell_size(max_range, arcsec * ARC)
    assert 200 <= round(max_range / cell) <= 750
    assert cell <= 600.0


def test_low_ground_on_coarse_cells_carries_the_warning_and_a_hilltop_does_not():
    far = np.abs(np.arange(-40.0, 41.0))
    bowl = (np.maximum(far[:, None], far) * 30.0 + 1000.0).astype(np.float32)
    assert "low ground" in low_ground_warning(bowl, 463.0, 15.0 * ARC)[0]
    assert low_ground_warning(3000.0 - bowl, 463.0, 15.0 * ARC) == []
    assert low_ground_warning(bowl, 90.0, 3.0 * ARC) == []
    assert "too coarse" in low_ground_warning(3000.0 - bowl, 900.0, 30.0 * ARC)[0]
