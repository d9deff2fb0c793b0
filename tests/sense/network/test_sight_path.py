"""One way over known ground: what the map says of a cell is what the profile says of it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.explained import explained
from steppewatch.sense.coverage.path import sight_path
from steppewatch.sense.propagation.diffraction import knife_edge_db
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.targets import target_model
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.geodesic import direct
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain, TerrainInfo

LAT, LON, ARC = math.radians(48.0), math.radians(106.0), math.radians(1.0 / 3600.0)
AIR = site_atmosphere(LAT, LON, 0.0, k=4.0 / 3.0)
PLANE = target_model("light-aircraft")


class Plain(Terrain):
    """Ground at sea level; a wall across the way 10 km to the east; a hole from 14 to 15 km."""

    def __init__(self, wall=0.0, hole=False, spacing=3.0):
        self.wall, self.hole, self.spacing = wall, hole, spacing

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        east = (lon - LON) * math.cos(LAT) * 6.389e6
        out = np.where(np.abs(east - 10_000.0) < 60.0, self.wall, 0.0)
        return np.where(self.hole & (east > 14_000.0) & (east < 15_000.0), np.nan, out)

    def describe(self):
        return TerrainInfo(
            label="a plain", synthetic=False, datum="EGM2008", resolution=self.spacing * ARC,
            source="test", south=-1.5, west=-3.1, north=1.5, east=3.1,
        )  # fmt: skip


def radar(mast=20.0, **changed):
    design = replace(radar_design("gap-filler"), **changed)
    return stand(design, LAT, LON, 0.0, AIR, mast=mast)


def east(metres):
    lat, lon = direct(LAT, LON, 0.5 * math.pi, metres)
    return float(lat), float(lon)


def test_on_a_plain_the_horizon_is_that_of_the_smooth_earth():
    """Height hidden beyond the horizon: (d − √(2kah))² / 2ka (four-thirds earth)."""
    path = sight_path(Plain(), radar(), *east(60_000.0), 300.0)
    horizon = math.sqrt(2.0 * path.effective_radius * 20.0)
    expected = (60_000.0 - horizon) ** 2 / (2.0 * path.effective_radius)
    assert path.effective_radius == pytest.approx(MEAN_RADIUS * 4 / 3, rel=0.01)
    assert path.min_height == pytest.approx(expected, abs=0.5)
    assert path.in_sight
    assert not path.ground_visible


def test_a_wall_hides_what_is_low_and_takes_what_a_knife_edge_takes():
    path = sight_path(Plain(wall=200.0), radar(), *east(20_000.0), 100.0)
    assert path.masked
    assert path.ridge.distance == pytest.approx(10_000.0, abs=100.0)
    line = 20.0 + 0.5 * 80.0 - 10e3**2 / (2.0 * path.effective_radius)
    assert path.ridge.above == pytest.approx(200.0 - line, abs=1.0)
    nu = path.ridge.above * math.sqrt(2.0 * 20e3 / (path.radar.design.wavelength * 10e3 * 10e3))
    assert path.ridge.nu == pytest.approx(nu, rel=1e-3)
    assert path.ridge.loss_db == pytest.approx(float(knife_edge_db(nu)), abs=0.01)
    assert float(path.diffraction.loss_db) >= path.ridge.loss_db - 0.5


def test_the_budget_over_a_ridge_loses_diffraction_twice_and_maps_say_none():
    found = explained(Plain(wall=200.0), radar(), PLANE, *east(20_000.0), 100.0)
    lines = {line.name: line.value for line in found.lines}
    loss = float(found.path.diffraction.loss_db)
    assert lines["terrain: diffraction"] == pytest.approx(-2.0 * loss)
    assert lines["in sight"] == 0.0
    assert found.pd_on_maps == 0.0
    assert "masked by the ridge at 10.0 km" in found.sentences[1]
    adding = sum(line.value for line in found.lines if line.adds)
    assert adding == pytest.approx(lines["signal to noise, one power"], abs=1e-9)


def test_in_sight_without_lobes_the_budget_and_the_map_agree():
    found = explained(Plain(wall=5.0), radar(mast=60.0), PLANE, *east(20_000.0), 900.0)
    assert found.path.in_sight
    if found.lobing is not None and found.lobing.counted:
        assert "with the lobe" in found.verdict
    else:
        (chance,) = (x.value for x in found.lines if x.name == "probability of detection")
        assert chance == pytest.approx(found.pd_on_maps, abs=1e-12)


def test_smooth_ground_makes_a_lobe_and_says_over_which_stretch():
    found = explained(Plain(), radar(), PLANE, *east(20_000.0), 300.0)
    assert found.lobing.counted
    assert 0.0 < found.lobing.first < found.lobing.last < 20_000.0
    assert abs(found.lobing.gain_db) < 12.1 or found.lobing.gain_db < 0.0  # F is 2 at most
    lines = {line.name: line.value for line in found.lines}
    assert lines["ground: multipath lobing"] == pytest.approx(found.lobing.gain_db)


def test_coarse_elevation_cannot_call_ground_smooth():
    found = explained(Plain(spacing=15.0), radar(), PLANE, *east(20_000.0), 300.0)
    assert not found.lobing.counted
    assert "elevation every 463 m does not show" in found.lobing.reason
    assert found.lobing.gain_db == 0.0


def test_over_unknown_ground_nothing_is_claimed():
    found = explained(Plain(hole=True), radar(), PLANE, *east(20_000.0), 300.0)
    assert not found.path.in_sight
    assert not found.path.masked
    assert math.isnan(found.pd_on_maps)
    assert found.lines == ()
    assert "unknown at 14.0" in found.sentences[0]


def test_what_no_look_can_be_is_refused_with_the_limit():
    with pytest.raises(SenseError, match="expected 0\\.03 to 450 km"):
        sight_path(Plain(), radar(), LAT, LON, 10.0)
    with pytest.raises(SenseError, match="expected 0 to 30000 m"):
        sight_path(Plain(), radar(), *east(20_000.0), -5.0)
    with pytest.raises(SenseError, match="is unknown"):
        sight_path(Plain(hole=True), radar(), *east(14_500.0), 10.0)
    west = radar(sector_start=math.pi, sector_width=1.0)
    with pytest.raises(SenseError, match="the sector of"):
        explained(Plain(), west, PLANE, *east(20_000.0), 300.0)
    with pytest.raises(SenseError, match="outside its coverage"):
        explained(Plain(), radar(), PLANE, *east(300_000.0), 9_000.0)
