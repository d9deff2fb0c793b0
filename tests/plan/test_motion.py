"""Truth is one smooth function of time: positions, velocities and pauses agree."""

import dataclasses

import numpy as np
import pytest

from steppewatch.errors import PlanError
from steppewatch.plan import rehearse
from steppewatch.plan.rehearse.motion import locate
from steppewatch.records import TargetClass
from steppewatch.world import geodesy

MS = 1_000_000


@pytest.fixture(scope="module")
def population(scenario, land):
    return rehearse.populate(scenario, land)


def everywhere(population, scenario, seconds):
    rows = np.arange(len(population))
    time_ns = np.full(len(rows), scenario.start_ns + round(seconds * 1e9), np.int64)
    return locate(population, rows, time_ns)


@pytest.mark.parametrize("seconds", [0.3, 17.0, 333.3, 1_234.5, 20_000.0])
def test_velocities_are_the_slopes_of_positions(population, scenario, seconds):
    _, _, velocity = everywhere(population, scenario, seconds)
    _, before, _ = everywhere(population, scenario, seconds - 0.05)
    _, after, _ = everywhere(population, scenario, seconds + 0.05)
    slope = (after - before) / 0.1
    speed = np.linalg.norm(velocity, axis=1)
    # Within a tenth of a second a mover may pause or turn back: the mean of both is then between.
    steady = np.linalg.norm(slope - velocity, axis=1) < 0.02 * np.maximum(speed, 1.0) + 0.02
    assert steady.mean() > 0.9
    assert (np.linalg.norm(slope, axis=1) <= 1.05 * population.speed * 1.4).all()


def test_nobody_jumps_not_even_at_the_end_of_a_lap_or_a_pause(population, scenario):
    last = None
    for seconds in np.arange(0.0, 9_000.0, 5.0):
        alive, position, _ = everywhere(population, scenario, seconds)
        assert alive.all()
        if last is not None:
            step = np.linalg.norm(position - last, axis=1)
            assert (step <= 5.0 * population.speed * 1.4 + 1.0).all(), seconds
        last = position


def test_movers_on_the_ground_follow_it(population, scenario, land):
    walkers = population.target == TargetClass.WALKER
    for seconds in np.arange(0.0, 4_000.0, 97.0):
        _, position, _ = everywhere(population, scenario, seconds)
        lat, lon, height = geodesy.geodetic_from_ecef(position[walkers])
        assert np.abs(height - land.heights(lat, lon) - 1.0).max() < 1.5


def test_fliers_stay_clear_of_the_ground(population, scenario, land):
    flying = np.isin(population.target, [TargetClass.AIRCRAFT, TargetClass.HELICOPTER])
    for seconds in np.arange(0.0, 6_000.0, 61.0):
        _, position, _ = everywhere(population, scenario, seconds)
        lat, lon, height = geodesy.geodetic_from_ecef(position[flying])
        assert (height - land.heights(lat, lon)).min() > 20.0


def test_a_pause_lasts_as_long_as_written_and_happens_at_its_waypoint(population, scenario):
    times = np.arange(0.0, 4_000.0, 1.0)
    rows = np.zeros(len(times), np.int64)
    time_ns = scenario.start_ns + (times * 1e9).astype(np.int64)
    _, position, velocity = locate(population, rows, time_ns)
    still = np.linalg.norm(velocity, axis=1) < 1e-9
    first = int(np.argmax(still))
    length = int(np.argmin(still[first:]))
    assert length == pytest.approx(90.0, abs=1.1)
    w = scenario.routes[0].waypoints[1]
    lat, lon, _ = geodesy.geodetic_from_ecef(position[first])
    corner = geodesy.ecef_from_geodetic(w.lat, w.lon) - geodesy.ecef_from_geodetic(lat, lon)
    assert np.linalg.norm(corner) < 40.0


def test_the_mean_speed_over_a_lap_is_the_speed_asked_for(scenario, land):
    route = dataclasses.replace(scenario.routes[0], repeat="once", pauses=(), count=1, start=0.0)
    alone = dataclasses.replace(scenario, routes=(route,), traffic=())
    p = rehearse.populate(alone, land)
    lap = float(p.lap[0])
    path = float(p.legs[0] * p.step[0])
    assert path / lap == pytest.approx(float(p.speed[0]))
    assert float(p.speed[0]) == pytest.approx(route.speed, rel=0.1)
    alive = [
        len(rehearse.truth(p, alone.start_ns + round(s * 1e9))) for s in (-1, 1, lap - 1, lap + 1)
    ]
    assert alive == [0, 1, 1, 0]


def test_departures_follow_each_other_with_ids_of_their_own(scenario, land):
    route = dataclasses.replace(
        scenario.routes[0], repeat="once", start=0.0, departures=3, every=600.0, count=2
    )
    p = rehearse.populate(dataclasses.replace(scenario, routes=(route,), traffic=()), land)
    assert len(p) == 6
    assert [
        len(rehearse.truth(p, scenario.start_ns + s * 1000 * MS)) for s in (60, 660, 1_260)
    ] == [2, 4, 6]
    assert rehearse.truth(p, scenario.start_ns + 1_260_000 * MS).id.tolist() == [1, 2, 3, 4, 5, 6]


def test_traffic_has_the_number_asked_for_and_stays_in_its_area(population, scenario):
    area = scenario.traffic[0]
    crowd = rehearse.truth(population, scenario.start_ns + 500_000 * MS)
    assert len(crowd) == 3 + 1 + 12
    margin = np.radians(0.05)
    assert (crowd.lat[4:] > area.south - margin).all()
    assert (crowd.lon[4:] < area.east + margin).all()


def test_the_same_seed_draws_the_same_world_and_another_seed_another(scenario, land):
    one, two = (rehearse.populate(scenario, land) for _ in range(2))
    other = rehearse.populate(dataclasses.replace(scenario, seed=6), land)
    assert one.nodes.tobytes() == two.nodes.tobytes()
    assert one.nodes.tobytes() != other.nodes.tobytes()


def test_unknown_terrain_under_a_route_is_named(scenario):
    class Hole:
        def heights(self, lat, lon):
            return np.where(np.asarray(lat) > np.radians(49.04), np.nan, 0.0 * np.asarray(lon))

    with pytest.raises(PlanError, match=r"route 'walkers': terrain is unknown at 49\.04"):
        rehearse.populate(scenario, Hole())
