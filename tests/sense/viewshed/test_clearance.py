"""The clearance of many paths is that of each path's own profile."""

import math

import numpy as np
import pytest

from steppewatch.sense.viewshed.clearance import paths
from steppewatch.sense.viewshed.cut import averaged, ground_about, groups
from steppewatch.sense.viewshed.points import Masts
from steppewatch.sense.viewshed.window import principal_curvatures
from steppewatch.world import geodesic
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain, TerrainInfo

K, FREQUENCY = 1.27, 7.5e9
LAT, LON = math.radians(48.0), math.radians(100.0)


class Rolling(Terrain):
    """Broad hills of a height; unknown east of a meridian."""

    def __init__(self, height=120.0, unknown_beyond=math.inf):
        self.height, self.unknown_beyond = height, unknown_beyond

    def heights(self, lat, lon):
        y, x = np.asarray(lat) * MEAN_RADIUS, np.asarray(lon) * MEAN_RADIUS
        up = 1_200.0 + self.height * np.sin(y / 2_500.0) * np.cos(x / 3_500.0)
        return np.where(np.asarray(lon) > self.unknown_beyond, np.nan, up)

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], np.asarray(lon)[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="rolling",
            synthetic=True,
            datum="none",
            resolution=math.radians(5.0 / 3600.0),
            south=-1.5,
            west=-3.0,
            north=1.5,
            east=3.0,
            source="",
        )


def masts(count=14, reach=30_000.0, height=40.0):
    rng = np.random.default_rng(8)
    return Masts(
        lat=LAT + rng.uniform(-0.003, 0.003, count),
        lon=LON + rng.uniform(-0.004, 0.004, count),
        height=np.full(count, height),
        reach=np.full(count, reach),
    )


def by_profile(terrain, some, i, j):
    distance, azimuth, _ = geodesic.inverse(some.lat[i], some.lon[i], some.lat[j], some.lon[j])
    east, north = principal_curvatures(some.lat[i])
    bend = 0.5 * (
        east * np.sin(azimuth) ** 2 + north * np.cos(azimuth) ** 2 - (1.0 - 1.0 / K) / MEAN_RADIUS
    )
    s = np.linspace(0.0, 1.0, 1_500)[15:-15] * distance
    ground = terrain.heights(*geodesic.direct(some.lat[i], some.lon[i], azimuth, s))
    one, two = (terrain.heights(some.lat[n], some.lon[n]) + some.height[n] for n in (i, j))
    line = one + (two - one) * s / distance - bend * s * (distance - s)
    zone = np.sqrt(299_792_458.0 / FREQUENCY * s * (distance - s) / distance)
    return float(((line - ground) / zone).min()), float(distance)


def test_clearance_is_that_of_each_paths_own_profile():
    terrain, some = Rolling(), masts()
    found = paths(terrain, some, K, FREQUENCY)
    assert found.first.size > 30
    clear = []
    for i, j, clearance, far in zip(
        found.first, found.second, found.clearance, found.distance, strict=True
    ):
        exact, distance = by_profile(terrain, some, i, j)
        assert far == pytest.approx(distance, abs=1.0)
        assert min(clearance, 5.0) == pytest.approx(min(exact, 5.0), rel=0.06, abs=0.3)
        clear.append(exact >= 0.6)
    assert any(clear)
    assert not all(clear)


def test_every_pair_in_reach_of_both_is_listed_once():
    some = masts()
    some = Masts(
        lat=some.lat,
        lon=some.lon,
        height=some.height,
        reach=np.where(np.arange(14) < 7, 30_000.0, 12_000.0),
    )
    found = paths(Rolling(), some, K, FREQUENCY)
    far = geodesic.inverse(some.lat[:, None], some.lon[:, None], some.lat, some.lon)[0]
    due = {
        (i, j)
        for i in range(14)
        for j in range(14)
        if i != j and far[i, j] <= min(some.reach[i], some.reach[j])
    }
    got = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert len(set(got)) == len(got)
    assert set(got) | {(j, i) for i, j in got} == due


def test_a_path_over_unknown_ground_is_never_clear():
    terrain, some = Rolling(height=1.0, unknown_beyond=LON), masts(height=200.0)
    found = paths(terrain, some, K, FREQUENCY)
    east = (some.lon[found.first] > LON) | (some.lon[found.second] > LON)
    assert np.isneginf(found.clearance[east]).all()
    assert (found.clearance[~east] > 0.0).all()
    assert east.any()
    assert not east.all()


def test_one_mast_has_no_paths():
    found = paths(Rolling(), masts(count=1), K, FREQUENCY)
    assert found.first.size == 0


def test_masts_of_one_group_share_a_tile_and_a_fineness():
    rng = np.random.default_rng(9)
    some = Masts(
        lat=np.radians(rng.uniform(44.0, 50.0, 300)),
        lon=np.radians(rng.uniform(90.0, 100.0, 300)),
        height=np.full(300, 10.0),
        reach=rng.choice([20e3, 100e3], 300),
    )
    fine = math.radians(3.0 / 3600.0)
    found = groups(some, fine, most=20)
    assert sorted(np.concatenate(found).tolist()) == list(range(300))
    for group in found:
        assert group.size <= 20
        assert np.ptp(np.degrees(some.lat[group])) <= 2.0
        assert np.ptp(np.degrees(some.lon[group])) <= 2.0
        assert len(set(some.reach[group])) == 1
    assert {int(averaged(r, fine)) for r in (20e3, 60e3, 100e3, 300e3)} == {1, 2, 5}


def test_the_ground_of_a_long_reach_is_averaged_and_keeps_its_tiles():
    box = np.array([[LAT - 0.01, LON - 0.01, LAT + 0.01, LON + 0.01]])
    near, far = (ground_about(Rolling(), box, reach) for reach in (50e3, 300e3))
    assert near.spacing == pytest.approx(math.radians(5.0 / 3600.0))
    assert far.spacing == pytest.approx(3.0 * near.spacing)
    assert near.heights.shape[0] % 64 == near.heights.shape[1] % 64 == 0
    assert float(near.sample(LAT, LON)) == pytest.approx(
        float(Rolling().heights(LAT, LON)), abs=1.0
    )
    wider = ground_about(Rolling(), box + np.array([[-0.01, -0.01, 0.01, 0.01]]), 50e3)
    down = float(wider.cell_of(LAT, LON)[0] - near.cell_of(LAT, LON)[0])
    assert down > 0.0
    assert abs(down / 64.0 - round(down / 64.0)) < 1e-6
