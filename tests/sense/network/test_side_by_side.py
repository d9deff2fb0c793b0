import math
from dataclasses import replace

import numpy as np
import pytest

from steppewatch.sense.coverage.radar_map import Layer, radar_map
from steppewatch.sense.coverage.side_by_side import differences, free_range, shares
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed import plane_window, visible_height
from steppewatch.world.atmosphere import site_atmosphere

LAT, LON = math.radians(48.0), math.radians(106.0)
AIR = site_atmosphere(LAT, LON, 0.0)
GAP = radar_design("gap-filler")


def test_a_design_does_not_differ_from_itself():
    assert differences(GAP, GAP) == ()


def test_only_what_differs_is_listed_and_in_the_units_of_the_trade():
    other = replace(GAP, peak_power=2.0 * GAP.peak_power, mast=30.0, sigma_range_rate=math.nan)
    told = {found.name: (found.one, found.other) for found in differences(GAP, other)}
    assert told.keys() == {"peak_power", "mast", "sigma_range_rate"}
    assert told["mast"][1] == "30 m"
    assert told["sigma_range_rate"][1] == "not measured"


def test_in_a_vacuum_sixteen_times_the_power_sees_twice_as_far():
    """The radar equation: range goes with the fourth root of power (Skolnik, §2.1)."""
    weak = replace(GAP, peak_power=GAP.peak_power / 16.0)
    drone = target_model("small-drone")
    near, far = (free_range(stand(d, LAT, LON, 0.0), drone) for d in (weak, GAP))
    assert far / near == pytest.approx(2.0, rel=2e-3)


def test_a_walker_is_seen_less_far_than_one_whose_ground_gives_no_clutter():
    walker = target_model("walker")
    radar = stand(GAP, LAT, LON, 0.0, AIR)
    flying = replace(walker, high=20.0)
    assert free_range(radar, walker) < free_range(radar, flying)


def test_shares_add_up_and_unknown_ground_belongs_to_nobody():
    ground = np.zeros((201, 201), np.float32)
    ground[:20] = np.nan
    window = plane_window(ground, 300.0)
    layer = Layer(target=target_model("light-aircraft"), height=300.0)
    maps = []
    for mast in (10.0, 40.0):
        seen = visible_height(window, mast, AIR.k)
        maps.append(radar_map(stand(GAP, LAT, LON, 0.0, AIR, mast=mast), seen, [layer]))
    (found,) = shares(*maps)
    assert found.one == pytest.approx(maps[0].area(0))
    assert found.other == pytest.approx(maps[1].area(0))
    known = float(np.isfinite(maps[0].pd[0]).sum()) * 300.0**2
    assert found.both + found.one_alone + found.other_alone <= known
    (same,) = shares(maps[0], maps[0])
    assert (same.one_alone, same.other_alone) == (0.0, 0.0)
