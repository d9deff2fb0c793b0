"""Relief tiles: right light, no seams, and no invented heights."""

import io
import math

import httpx
import numpy as np
import pytest
from PIL import Image

from steppewatch.web import relief
from steppewatch.world.terrain import Terrain, TerrainInfo


class Waves(Terrain):
    """Hills that are the same wherever they are asked for; unknown north of ``edge`` [rad]."""

    def __init__(self, edge=2.0):
        self.edge = edge

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(lat, lon)
        hills = 1500.0 + 700.0 * np.sin(lat * 900.0) * np.cos(lon * 700.0)
        return np.where(lat > self.edge, np.nan, hills)

    def grid(self, lat, lon):
        return self.heights(lat[:, None], lon[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="waves", synthetic=True, datum="none", resolution=1e-4, south=-1.0, west=-1.0,
            north=1.0, east=1.0, source="made for tests",
        )  # fmt: skip


def pixels(terrain, z, x, y):
    return np.asarray(Image.open(io.BytesIO(relief.render(terrain, z, x, y)))).astype(int)


def test_flat_ground_is_lit_evenly():
    lit = relief.shade(np.full((10, 12), 900.0, np.float32), 30.0, 3.0)
    assert lit.shape == (8, 10)
    assert np.allclose(lit, 1.0, atol=1e-6)


@pytest.mark.parametrize("down", [0.0, 45.0, 90.0, 180.0, 225.0, 315.0])
def test_a_slope_is_lit_by_lamberts_law(down):
    """A plane of 20° that falls towards ``down``: cosine of the angle to each light (Horn 1981)."""
    tilt, rise = math.radians(20.0), math.tan(math.radians(20.0))
    row, col = np.indices((6, 6)) * 25.0
    towards = math.radians(down)
    heights = -rise * (math.sin(towards) * col - math.cos(towards) * row)
    normal = np.array(
        (math.sin(tilt) * math.sin(towards), math.sin(tilt) * math.cos(towards), math.cos(tilt))
    )
    expected = flat = 0.0
    for azimuth, altitude, share in relief.LIGHTS:
        a, h = math.radians(azimuth), math.radians(altitude)
        light = np.array((math.cos(h) * math.sin(a), math.cos(h) * math.cos(a), math.sin(h)))
        expected += share * max(0.0, float(normal @ light))
        flat += share * light[2]
    lit = relief.shade(heights.astype(np.float32), 25.0)
    assert np.allclose(lit, expected / flat, atol=1e-4)


def test_slopes_to_the_north_west_are_the_bright_ones():
    row, col = np.indices((6, 6)) * 25.0
    ramp = (0.3 * (row + col)).astype(np.float32)
    assert relief.shade(ramp, 25.0).min() > 1.0 > relief.shade(-ramp, 25.0).max()


def test_neighbouring_tiles_are_cut_from_one_picture():
    """The margin of a tile is the edge of its neighbour, so light and contours go on across."""
    z, x, y = 9, 400, 175
    lat, lon = relief.tile_axes(z, x, y)
    below, _ = relief.tile_axes(z, x, y + 1)
    _, right = relief.tile_axes(z, x + 1, y)
    assert np.allclose(lat[-2:], below[:2], atol=1e-13)
    assert np.allclose(lon[-2:], right[:2], atol=1e-13)


@pytest.mark.parametrize("z", [9, 12])
def test_no_seam_is_darker_or_lighter_than_the_ground_around_it(z):
    x, y = 400 << (z - 9), 175 << (z - 9)
    both = np.hstack([pixels(Waves(), z, x, y), pixels(Waves(), z, x + 1, y)])
    steps = np.abs(np.diff(both, axis=1)).mean(axis=(0, 2))
    assert steps[255] < 1.5 * np.median(steps[240:272]) + 0.5


def test_what_nobody_knows_is_hatched_and_never_drawn_as_a_height():
    z, x, y = 9, 400, 175
    lat, _ = relief.tile_axes(z, x, y)
    drawn = pixels(Waves(edge=float(lat[100])), z, x, y)
    rows = lat[1:-1] > lat[100]
    hatching = {tuple(colour) for colour in relief.HATCH}
    assert {tuple(p) for p in drawn[rows].reshape(-1, 3).tolist()} == hatching
    assert not hatching & {tuple(p) for p in drawn[~rows].reshape(-1, 3).tolist()}


def test_the_hatch_goes_on_across_tiles():
    nothing = Waves(edge=-2.0)
    left, right = pixels(nothing, 9, 400, 175), pixels(nothing, 9, 401, 175)
    both = np.hstack([left, right])
    assert np.array_equal(both[:-1, 1:], both[1:, :-1])


def test_the_room_stays_dark():
    """Tracks need the light: relief stays between about 8 % and 60 % of full brightness."""
    for height in (0.0, 900.0, 1500.0, 2500.0, 4000.0):
        colour = relief.draw(np.full((6, 6), height, np.float32), 100.0, 9)
        assert 0.08 * 255 < colour.mean() < 0.6 * 255


def test_contours_run_where_the_heights_are_round():
    heights = np.tile(np.arange(0.0, 400.0, 4.0), (5, 1)).astype(np.float32)
    lines = relief.contours(heights, 100.0)
    columns = np.flatnonzero(lines[1] > 0.5) + 1
    assert set(columns) >= {25, 50, 75}
    assert all(min(abs(c - k) for k in (0, 25, 50, 75)) <= 1 for c in columns)


def test_a_tile_is_served_once_and_confirmed_after(server):
    first = httpx.get(server.address + "/terrain/5/25/11.png")
    assert (first.status_code, first.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(first.content)).size == (256, 256)
    again = httpx.get(
        server.address + "/terrain/5/25/11.png", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("place", ["3/8/0", "3/0/8", "17/0/0", "-1/0/0", "a/b/c", "3/1"])
def test_a_tile_that_is_not_on_the_map_is_not_found(server, place):
    assert httpx.get(f"{server.address}/terrain/{place}.png").status_code == 404
