"""What terrain hides from a track, against the sense room's own line of sight and its plots."""

import dataclasses
import math

import numpy as np
import pytest
from hills import LAT, LON, Hills, Unknown, Wall, on_ground, post

from steppewatch.fuse.visibility import NominalSight, TerrainSight
from steppewatch.fuse.visibility.sight import LEAST
from steppewatch.records import SensorKind
from steppewatch.sense import Horizon, Targets, detect, target_model
from steppewatch.world.geodesy import (
    ecef_from_enu,
    enu_from_ecef,
    enu_rotation,
    local_frame,
)

UP = enu_rotation(LAT, LON)


def moving(n, speed=10.0, course=0.5 * math.pi):
    """Give n velocities ECEF of one speed and course."""
    local = np.tile((speed * math.sin(course), speed * math.cos(course), 0.0), (n, 1))
    return local @ UP


def doubt(n, horizontal, upward=1.0, speed=0.5):
    """Give n covariances with a σ along the ground and one upwards."""
    cov = np.zeros((6, 6))
    cov[:3, :3] = UP.T @ np.diag([horizontal**2, horizontal**2, upward**2]) @ UP
    cov[3:, 3:] = np.eye(3) * speed**2
    return np.tile(cov, (n, 1, 1))


def test_behind_a_wall_a_walker_is_hidden_and_before_it_seen():
    wall = Wall()
    sensor = post(wall).sensor
    place = on_ground(wall, [3_000.0, 5_000.0, 9_000.0], 0.0)
    found = TerrainSight(wall).chance(sensor, place, moving(3))
    assert found[0] == pytest.approx(sensor.detection_probability, abs=0.02)
    assert found[1:].tolist() == [LEAST, LEAST]


def test_an_aircraft_over_the_wall_is_seen_and_one_below_its_crest_is_not():
    wall = Wall()
    sensor = post(wall, "gap-filler").sensor
    place = on_ground(wall, [12_000.0, 12_000.0], 0.0, above=np.array([60.0, 400.0]))
    found = TerrainSight(wall).chance(sensor, place, moving(2, 80.0))
    assert found[0] == LEAST
    assert found[1] == pytest.approx(sensor.detection_probability, abs=1e-3)


def test_unknown_ground_hides_nothing():
    sensor = post(Unknown()).sensor
    place = on_ground(Unknown(), [3_000.0, 9_000.0], 0.0)
    args = (sensor, place, moving(2), doubt(2, 30.0))
    assert TerrainSight(Unknown()).chance(*args) == pytest.approx(NominalSight().chance(*args))


def test_a_sensor_whose_place_is_only_assumed_is_not_set_on_terrain():
    wall = Wall()
    sensor = dataclasses.replace(post(wall).sensor, position_assumed=True)
    found = TerrainSight(wall).chance(sensor, on_ground(wall, [9_000.0], 0.0), moving(1))
    assert found[0] == pytest.approx(sensor.detection_probability, abs=1e-3)


def test_exact_places_are_judged_as_the_horizon_judges_them():
    hills, rng = Hills(), np.random.default_rng(3)
    sensor = post(hills).sensor
    reach, turn = rng.uniform(500.0, 15e3, 2_000), rng.uniform(0.0, 2.0 * math.pi, 2_000)
    place = on_ground(hills, reach * np.sin(turn), reach * np.cos(turn))
    sight = TerrainSight(hills, k=4.0 / 3.0, roughness=0.05)
    seen, _, _ = sight.visibility(sensor, place)
    horizon = Horizon(hills, sensor.lat, sensor.lon, sensor.height, 16e3, rays=2_880)
    truth = horizon.visible(enu_from_ecef(place, horizon.frame))
    assert np.mean((seen > 0.5) == truth) > 0.99
    assert 0.1 < truth.mean() < 0.9


@pytest.mark.parametrize("kind", [SensorKind.GROUND_RADAR, SensorKind.RADAR_3D])
def test_a_doubtful_place_has_the_share_of_its_places_that_are_in_sight(kind):
    hills, rng = Hills(), np.random.default_rng(4)
    sensor = dataclasses.replace(post(hills).sensor, kind=kind)
    above = 1.5 if kind == SensorKind.GROUND_RADAR else 25.0
    reach, turn = rng.uniform(2e3, 12e3, 40), rng.uniform(0.0, 2.0 * math.pi, 40)
    east, north = reach * np.sin(turn), reach * np.cos(turn)
    place = on_ground(hills, east, north, above)
    upward = 1.0 if kind == SensorKind.GROUND_RADAR else 30.0
    sight = TerrainSight(hills, k=4.0 / 3.0, roughness=0.3)
    found, _, _ = sight.visibility(sensor, place, doubt(40, 60.0, upward))
    horizon = Horizon(hills, sensor.lat, sensor.lon, sensor.height, 16e3, rays=2_880)
    share = []
    for i in range(40):
        de, dn, du = rng.normal(0.0, 1.0, (3, 400)) * np.array([[60.0], [60.0], [upward]])
        if kind == SensorKind.GROUND_RADAR:
            drawn = on_ground(hills, east[i] + de, north[i] + dn)
        else:
            frame = local_frame(LAT, LON, 0.0)
            drawn = ecef_from_enu(
                enu_from_ecef(place[i], frame) + np.stack((de, dn, du), -1), frame
            )
        share.append(horizon.visible(enu_from_ecef(drawn, horizon.frame)).mean())
    miss = found - np.array(share)
    assert np.abs(miss).mean() < 0.06
    assert abs(miss.mean()) < 0.03


def test_what_is_predicted_is_what_the_simulated_radar_then_sees():
    """Reliability: in each tenth of predicted probability, the plots come as often as said."""
    hills, rng, n = Hills(), np.random.default_rng(5), 12_000
    one = post(hills, false_alarms=0.0)
    k = 4.0 / 3.0
    reach, turn = rng.uniform(300.0, 24e3, n), rng.uniform(0.0, 2.0 * math.pi, n)
    east, north = reach * np.sin(turn), reach * np.cos(turn)
    walkers = rng.random(n) < 0.5
    speed, course = np.where(walkers, 1.3, 11.0), rng.uniform(0.0, 2.0 * math.pi, n)
    place = on_ground(hills, east, north)
    velocity = np.stack((speed * np.sin(course), speed * np.cos(course), np.zeros(n)), -1) @ UP
    sections = [target_model(m).section(one.radar.design.frequency) for m in ("walker", "4x4")]
    targets = Targets(
        time_ns=np.arange(n, dtype=np.int64), position=place, velocity=velocity,
        rcs=np.where(walkers, *sections), height=np.full(n, np.nan),
        mode_s=np.zeros(n, np.uint32), mode_3a=np.full(n, -1, np.int32),
        callsign=np.zeros(n, "S8"),
    )  # fmt: skip
    horizon = Horizon(
        hills, one.sensor.lat, one.sensor.lon, one.sensor.height, 31e3, rays=2_880, k=k
    )
    batch = detect(one, targets, horizon, np.random.default_rng(6), 0)
    seen = np.zeros(n, bool)
    seen[np.searchsorted(targets.time_ns, batch.time_ns)] = True
    # The tracker knows places to 20 m and velocities to 0.3 m/s.
    sigma = np.array([20.0, 20.0, 1.0])
    guess = place + rng.normal(0.0, 1.0, (n, 3)) * sigma @ UP
    cov = doubt(n, 20.0, 1.0, 0.3)
    rate = velocity + rng.normal(0.0, 0.3, (n, 3))
    sight = TerrainSight(hills, {one.sensor.id: one.radar}, k=k)
    told = sight.chance(one.sensor, guess, rate, cov)
    tenth = np.minimum((told * 10).astype(int), 9)
    wrong = [abs(seen[tenth == t].mean() - told[tenth == t].mean()) for t in np.unique(tenth)]
    weight = [np.mean(tenth == t) for t in np.unique(tenth)]
    assert float(np.dot(wrong, weight)) < 0.04  # expected calibration error
    brier = np.mean((seen - told) ** 2)
    nominal = NominalSight().chance(one.sensor, guess, rate, cov)
    assert brier < 0.5 * np.mean((seen - nominal) ** 2)


def test_the_same_question_has_the_same_answer_bit_for_bit():
    hills, rng = Hills(), np.random.default_rng(7)
    sensor = post(hills).sensor
    place = on_ground(hills, rng.uniform(-9e3, 9e3, 50), rng.uniform(-9e3, 9e3, 50))
    args = (sensor, place, moving(50), doubt(50, 40.0))
    whole = TerrainSight(hills).chance(*args)
    sight = TerrainSight(hills)
    parts = [
        sight.chance(sensor, place[i : i + 1], moving(1), doubt(1, 40.0)) for i in range(49, -1, -1)
    ]
    assert np.array_equal(whole, np.concatenate(parts[::-1]))
