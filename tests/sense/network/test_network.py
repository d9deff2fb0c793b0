"""Many sensors on one map, against a slow and obvious count."""

import numpy as np
import pyproj
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.network import (
    Cover,
    combine,
    cover,
    frame_about,
    in_sight,
    sight_cover,
)
from steppewatch.sense.viewshed import plane_window, site_window, visible_height
from steppewatch.world.equidistant import equidistant_grid

GEOD = pyproj.Geod(ellps="WGS84")
LAT, LON = np.radians(48.0), np.radians(106.0)


def make(name, north_km, east_km, chance, *, size=50, cell=200.0):
    """Stand a sensor some km from the reference place; chance is a number or an array."""
    course = np.degrees(np.arctan2(east_km, north_km))
    lon, lat, _ = GEOD.fwd(106.0, 48.0, course, np.hypot(north_km, east_km) * 1e3)
    grid = equidistant_grid(np.radians(lat), np.radians(lon), cell, size)
    raster = np.broadcast_to(np.float32(chance), (2 * size + 1, 2 * size + 1)).copy()
    return Cover(name=name, grid=grid, chance=raster, max_range=size * cell)


def naive(covers, lat, lon, required):
    """Count cell by cell, sensor by sensor, with PROJ's geodesics."""
    count, best, combined = (np.zeros(lat.shape) for _ in range(3))
    for k in np.ndindex(lat.shape):
        chances, unknown = [], 0
        for one in covers:
            azimuth, _, distance = GEOD.inv(
                one.grid.lon, one.grid.lat, lon[k], lat[k], radians=True
            )
            if distance > one.max_range:
                continue
            row = round(one.grid.size - distance * np.cos(azimuth) / one.grid.cell)
            col = round(one.grid.size + distance * np.sin(azimuth) / one.grid.cell)
            value = float(one.chance[row, col])
            if np.isnan(value):
                unknown += 1
            else:
                chances.append(value)
        if unknown and not chances:
            count[k] = best[k] = combined[k] = np.nan
            continue
        count[k] = sum(p >= required for p in chances)
        best[k] = max(chances, default=0.0)
        combined[k] = 1.0 - np.prod([1.0 - p for p in chances])
    return count, best, combined


def test_the_network_is_what_a_plain_count_says():
    rng = np.random.default_rng(11)
    covers = []
    for i, (north, east) in enumerate([(0, 0), (6, 3), (-4, 9), (15, -12)]):
        chance = rng.random((101, 101)).astype(np.float32)
        chance[rng.random((101, 101)) < 0.3] = np.nan
        covers.append(make(f"s{i}", north, east, chance))
    lat = LAT + rng.uniform(-0.004, 0.004, (40, 30))
    lon = LON + rng.uniform(-0.006, 0.006, (40, 30))
    found = combine(iter(covers), lat, lon, required=0.7)
    count, best, combined = naive(covers, lat, lon, 0.7)
    # A point on the very edge of a cell may fall to either side: compare all but a handful.
    same = np.isclose(found.combined, combined, atol=1e-6, equal_nan=True)
    same &= np.isclose(found.best, best, atol=1e-6, equal_nan=True)
    same &= np.isclose(found.count, count, equal_nan=True)
    assert same.mean() > 0.995
    assert [name for name, _, _ in found.sites] == ["s0", "s1", "s2", "s3"]
    assert np.isnan(combined).any()
    assert (combined == 0.0).any()


def test_independent_sensors_miss_together_only_when_all_miss():
    covers = [make("a", 0, 0, 0.5), make("b", 1, 1, 0.5), make("c", -1, 0, 0.9)]
    found = combine(covers, LAT, LON, required=0.5)
    assert found.combined == pytest.approx(0.975)
    assert found.best == pytest.approx(0.9)
    assert found.count == 3


def test_what_no_sensor_knows_is_unknown_and_what_one_knows_is_known():
    blind, seeing, far = make("blind", 0, 0, np.nan), make("b", 1, 0, 0.2), make("far", 80, 0, 1.0)
    assert np.isnan(combine([blind], LAT, LON).combined)
    assert np.isnan(combine([blind, far], LAT, LON).count)
    assert combine([blind, seeing], LAT, LON).combined == pytest.approx(0.2)
    assert combine([far], LAT, LON).combined == 0.0  # out of range of all is known: not seen
    assert combine([], LAT, LON).count == 0.0
    assert np.isnan(combine([seeing], np.nan, LON).best)


def test_too_near_is_out_of_range():
    one = make("a", 0, 0, 1.0)
    near = Cover(
        name="a", grid=one.grid, chance=one.chance, max_range=one.max_range, min_range=500.0
    )
    assert combine([near], LAT, LON).count == 0.0
    assert combine([near], LAT + 2e-4, LON).count == 1.0


def test_a_long_range_radar_is_asked_by_exact_geodesics():
    chance = np.zeros((401, 401), np.float32)
    chance[:, :200] = 1.0  # the west
    radar = make("r", 0, 0, chance, size=200, cell=1_500.0)
    lon, lat, _ = GEOD.fwd([106.0] * 2, [48.0] * 2, [269.0, 91.0], [250e3] * 2)
    assert combine([radar], np.radians(lat), np.radians(lon)).count.tolist() == [1.0, 0.0]


def test_the_frame_holds_every_circle_with_cells_of_the_size_asked():
    places = [(LAT, LON, 20_000.0), (LAT + 0.01, LON - 0.02, 50_000.0)]
    frame = frame_about(places, 500.0)
    for place in places:
        lat, lon = np.degrees(place[:2])
        around = np.arange(0.0, 360.0, 10.0)
        lons, lats, _ = GEOD.fwd(np.full(36, lon), np.full(36, lat), around, np.full(36, place[2]))
        assert np.all((np.radians(lats) >= frame.south) & (np.radians(lats) <= frame.north))
        assert np.all((np.radians(lons) >= frame.west) & (np.radians(lons) <= frame.east))
    middle = len(frame.lat) // 2
    lat, below = np.degrees(frame.lat[middle : middle + 2])
    west, east = np.degrees(frame.lon[:2])
    assert GEOD.inv(west, lat, west, below)[2] == pytest.approx(500.0, rel=0.01)
    assert GEOD.inv(west, lat, east, lat)[2] == pytest.approx(500.0, rel=0.02)
    assert frame.area()[0, 0] == pytest.approx(np.cos(frame.lat[0]))


class Even:
    """Ground of one height everywhere."""

    def heights(self, lat, lon):
        return np.full(np.broadcast(lat, lon).shape, 1_000.0)

    def describe(self):
        return None


def test_line_of_sight_counts_at_the_height_that_is_asked():
    window = site_window(Even(), LAT, LON, 30_000.0, 300.0)
    shed = visible_height(window, 10.0, 4.0 / 3.0)
    east = LON + 25_000.0 / 6.388e6 / np.cos(LAT)  # beyond the 13 km horizon of a 10 m mast
    low, high = (sight_cover(shed, h, "a") for h in (2.0, 50.0))
    assert combine([low], LAT, east).count == 0.0
    assert combine([high], LAT, east).count == 1.0
    seen = in_sight(np.array([0.0, 5.0, np.nan], np.float32), 2.0)
    assert seen[:2].tolist() == [1.0, 0.0]
    assert np.isnan(seen[2])


def test_what_cannot_be_is_refused():
    with pytest.raises(SenseError, match="above 0 up to 1"):
        combine([], LAT, LON, required=0.0)
    with pytest.raises(SenseError, match="0 sites"):
        frame_about([], 100.0)
    with pytest.raises(SenseError, match="more than 20,000,000 cells"):
        frame_about([(LAT, LON, 400_000.0)], 20.0)
    flat = visible_height(plane_window(np.zeros((5, 5), np.float32), 10.0), 5.0, 1.3)
    with pytest.raises(SenseError, match="lies on a plane"):
        sight_cover(flat, 2.0, "p")
    window = site_window(Even(), LAT, LON, 3_000.0, 300.0)
    with pytest.raises(SenseError, match="raster of"):
        cover(visible_height(window, 5.0, 1.3), np.zeros((3, 3), np.float32), "w")


def test_known_ground_is_known_up_to_the_edge_of_the_range():
    size, cell = 50, 200.0
    side = np.arange(-size, size + 1) ** 2
    chance = np.where(side[:, None] + side <= size**2, np.float32(1.0), np.float32(np.nan))
    azimuth = np.radians(np.arange(0.0, 360.0, 0.5))
    away = np.full(azimuth.shape, size * cell - 1.0)
    lon, lat, _ = GEOD.fwd(np.full(720, 106.0), np.full(720, 48.0), np.degrees(azimuth), away)
    found = combine([make("r", 0, 0, chance)], np.radians(lat), np.radians(lon))
    assert not np.isnan(found.combined).any()
