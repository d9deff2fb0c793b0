"""From a sensor on ground that a pencil can check to its cover."""

import dataclasses

import numpy as np
import pytest

from steppewatch.sense.coverage.covers import camera_cover, cell_for, radar_cover
from steppewatch.sense.coverage.network import combine
from steppewatch.sense.coverage.radar_map import Layer
from steppewatch.sense.eoir import Task, camera_design, camera_look
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import target_model
from steppewatch.world.atmosphere import standard_atmosphere
from steppewatch.world.terrain import Terrain, TerrainInfo

LAT, LON = np.radians(48.0), np.radians(106.0)
METRE = 1.0 / 6.37e6


class Steppe(Terrain):
    """Even ground at 1,000 m with 3″ posts, unknown north of a latitude."""

    def __init__(self, edge=0.86):  # 49.3° N
        self.edge = edge

    def heights(self, lat, lon):
        lat, _ = np.broadcast_arrays(lat, lon)
        return np.where(lat > self.edge, np.nan, 1_000.0)

    def describe(self):
        return TerrainInfo(
            label="steppe",
            synthetic=True,
            datum="",
            resolution=np.radians(3.0 / 3600.0),
            south=0.0,
            west=0.0,
            north=1.0,
            east=3.0,
            source="",
        )


def test_cells_are_as_fine_as_the_terrain_until_there_are_too_many():
    assert cell_for(Steppe(), 20_000.0) == pytest.approx(92.7, abs=0.1)
    assert cell_for(Steppe(), 400_000.0) == pytest.approx(667.0)
    assert cell_for(Steppe(), 3_000.0) == pytest.approx(30.0)


def test_a_cameras_cover_is_its_look_at_that_distance():
    camera = camera_design("mast-thermal")
    one = camera_cover(
        Steppe(), LAT, LON, camera, name="c", target="4x4", task=Task.IDENTIFY, max_range=12e3
    )
    found = combine([one], LAT - 8_000.0 * METRE, LON).combined
    slant = np.hypot(8_000.0, 20.0)
    expected = camera_look(camera, slant, "4x4").identify
    assert float(found) == pytest.approx(float(expected), abs=0.02)
    assert combine([one], LAT - 13_000.0 * METRE, LON).combined == 0.0


def emplaced(**changes):
    design = dataclasses.replace(radar_design("ground-surveillance"), **changes)
    return stand(design, LAT, LON, 1_000.0, standard_atmosphere(1_000.0))


def test_a_radars_cover_is_its_look_at_that_place():
    radar, walker = emplaced(), target_model("walker")
    layer = Layer(target=walker, height=1.8)
    one = radar_cover(Steppe(), radar, layer, name="r", k=4 / 3, max_range=12e3)
    places = [2_000.0, 6_000.0]
    found = combine([one], LAT - np.array(places) * METRE, LON).combined
    for far, chance in zip(places, found, strict=True):
        rise = 1.8 - radar.mast - far**2 / (2 * 4 / 3 * 6.371e6)
        expected = look(
            radar,
            np.hypot(far, rise),
            np.arctan2(rise, far),
            rcs=walker.section(radar.design.frequency),
            speed=walker.speed,
            clutter_visible=True,
        ).pd
        assert float(chance) == pytest.approx(float(expected), abs=0.02)


def test_a_radar_sees_within_its_sector_and_nothing_unknown():
    truck = Layer(target=target_model("truck"), height=3.0)
    edge = LAT + 5_000.0 * METRE
    ask = {"name": "r", "k": 4 / 3, "max_range": 20e3}
    quarter = emplaced(sector_start=np.pi / 2.0, sector_width=np.pi / 2.0)
    one = radar_cover(Steppe(edge), quarter, truck, **ask)
    east = 3_000.0 * METRE / np.cos(LAT)
    places = {
        "southeast": (LAT - 3_000.0 * METRE, LON + east),
        "southwest": (LAT - 3_000.0 * METRE, LON - east),
        "at the radar": (LAT, LON),
    }
    seen = {name: float(combine([one], *place).count) for name, place in places.items()}
    assert seen == {"southeast": 1.0, "southwest": 0.0, "at the radar": 0.0}
    other = radar_cover(Steppe(edge), emplaced(), truck, **ask)
    assert np.isnan(combine([other], LAT + 8_000.0 * METRE, LON).count)


def test_a_radars_cover_counts_heights_from_the_ground_of_its_own_window():
    layer = Layer(target=target_model("truck"), height=3.0)
    exact, off = (
        radar_cover(
            Steppe(),
            stand(radar_design("gap-filler"), LAT, LON, ground, standard_atmosphere(1_000.0)),
            layer,
            name="r",
            k=4 / 3,
            max_range=12e3,
        )
        for ground in (1_000.0, 1_060.0)
    )
    np.testing.assert_array_equal(exact.chance, off.chance)
