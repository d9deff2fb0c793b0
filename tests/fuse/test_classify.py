"""What a track is called, from its statistics; no tracker is needed for that."""

import numpy as np
import pytest

from steppewatch.fuse import classify as by
from steppewatch.fuse.classify import classify_tracks, note_motion
from steppewatch.fuse.state import blank
from steppewatch.records import TargetClass

ROW = np.array([0])


def track(**values):
    columns = blank(1, 1)
    columns["slow"][:], columns["high"][:] = np.inf, -np.inf
    for name, value in values.items():
        columns[name][0] = value
    return columns


def classified(columns, rows):
    """Classify tracks that are surely real: names and probabilities."""
    target, prob = np.empty(len(rows), np.uint8), np.empty((len(rows), len(TargetClass)))
    classify_tracks(
        rows, np.full(len(columns["id"]), np.inf), columns["pace"], columns["slow"],
        columns["high"], columns["ground"], columns["mode_s"],
        columns["callsign"].view(np.int64), columns["hint"], target, prob,
    )  # fmt: skip
    return target, prob


def called(**values):
    target, prob = classified(track(**values), ROW)
    return TargetClass(int(target[0])), prob[0]


@pytest.mark.parametrize(
    ("pace", "expected"),
    [(1.3, TargetClass.WALKER), (3.5, TargetClass.RIDER), (12.0, TargetClass.VEHICLE)],
)
def test_a_ground_radar_tells_walkers_riders_and_vehicles_by_their_pace(pace, expected):
    assert called(ground=True, pace=pace)[0] == expected


def test_probabilities_sum_to_one_and_leave_clutter_to_existence():
    _, prob = called(ground=False, pace=30.0)
    assert prob.sum() == pytest.approx(1.0)
    assert prob[TargetClass.UNKNOWN] == 0.0


@pytest.mark.parametrize("ground", [False, True])
def test_an_aircraft_address_makes_an_aircraft(ground):
    assert called(ground=ground, mode_s=0x501234)[0] == TargetClass.AIRCRAFT


def test_an_aircraft_that_hangs_in_the_air_is_a_helicopter():
    name, prob = called(mode_s=0x501234, pace=50.0, slow=3.0, high=200.0)
    assert name == TargetClass.HELICOPTER
    assert prob[TargetClass.AIRCRAFT] < 1e-3


def test_nothing_that_flies_is_called_a_walker_however_slow():
    _, prob = called(ground=True, pace=1.3, high=120.0)
    assert prob[[TargetClass.WALKER, TargetClass.RIDER, TargetClass.VEHICLE]].sum() < 1e-3


def test_what_nothing_was_learnt_of_stays_unknown():
    assert called(ground=True)[0] == TargetClass.UNKNOWN


def test_a_bird_and_a_small_drone_are_not_told_apart_by_speed_alone():
    name, prob = called(pace=13.0)
    assert name == TargetClass.UNKNOWN
    assert min(prob[TargetClass.BIRD], prob[TargetClass.SMALL_DRONE]) > 0.1


def test_a_camera_tells_the_bird_from_the_drone():
    hint = np.zeros(8)
    hint[TargetClass.SMALL_DRONE] = 4.0
    assert called(pace=13.0, hint=hint, high=80.0)[0] == TargetClass.SMALL_DRONE


def test_a_vehicle_that_stops_does_not_become_a_walker():
    columns = track(ground=True, hits=20, time_ns=60 * 10**9)
    fast, slow = np.zeros((1, 6)), np.zeros((1, 6))
    fast[0, 3], slow[0, 3] = 12.0, 1.2
    cov = np.diag([25.0] * 3 + [0.01] * 3)[None]
    note_motion(columns, ROW, fast, cov)
    note_motion(columns, ROW, slow, cov)
    assert classified(columns, ROW)[0] == TargetClass.VEHICLE
    assert columns["slow"][0] == pytest.approx(1.4)


def naive_probabilities(tracks, rows):
    pace, high = tracks["pace"][rows, None], tracks["high"][rows, None]
    named = ((tracks["mode_s"][rows] != 0) | (tracks["callsign"][rows] != b""))[:, None]
    out = np.where(tracks["ground"][rows, None], by.SEEN_BY_GROUND_RADAR, by.SEEN_BY_AIR_RADAR)
    out = np.where(named, by.NAMED + by.IDENTITY, out)
    off = np.log(np.maximum(pace, by.LEAST_PACE) / by.TOP_SPEED) / by.SPEED_SPREAD
    rare = np.where(off > 0.0, 0.5 * off * off, np.minimum(0.5 * off * off, by.LEAST_USUAL))
    out = out - np.where(pace >= by.LEAST_PACE, rare + np.log(by.SPEED_SPREAD), 0.0)
    out = out + np.where(high > by.HIGHEST, by.NEVER, 0.0)
    hovers = (tracks["slow"][rows] < by.STALL) & (tracks["high"][rows] > by.AIRBORNE)
    out[hovers, TargetClass.AIRCRAFT - 1] += by.NEVER
    out = np.exp(out + tracks["hint"][rows, 1:])
    return out / out.sum(axis=1, keepdims=True)


def test_the_kernel_equals_the_formulas():
    rng, n = np.random.default_rng(7), 500
    tracks = blank(n, 1)
    tracks["pace"] = np.where(rng.random(n) < 0.2, 0.1, 10 ** rng.uniform(-0.5, 2.5, n))
    tracks["slow"] = np.where(rng.random(n) < 0.2, np.inf, tracks["pace"] * rng.random(n))
    tracks["high"] = np.where(rng.random(n) < 0.3, -np.inf, rng.uniform(0.0, 16_000.0, n))
    tracks["ground"] = rng.random(n) < 0.5
    tracks["mode_s"] = np.where(rng.random(n) < 0.2, 5, 0).astype(np.uint32)
    tracks["callsign"][rng.random(n) < 0.2] = b"MGL1"
    tracks["hint"] = rng.normal(0.0, 1.0, (n, 8)).astype(np.float32)
    rows = rng.permutation(n)[:300]
    tracks["pace"][rows[:60]], tracks["hint"][rows[:60]], tracks["high"][rows[:60]] = 0, 0, -np.inf
    names, found = classified(tracks, rows)
    expected = naive_probabilities(tracks, rows)
    np.testing.assert_allclose(found[:, 1:], expected, rtol=1e-9, atol=0)
    assert not found[:, 0].any()
    best, told = expected.argmax(axis=1) + 1, naive_told(tracks, rows)
    sure = expected.max(axis=1) >= by.SURE
    assert names.tolist() == np.where(sure & told, best, TargetClass.UNKNOWN).tolist()
    assert 0.1 < np.mean(told) < 1.0


def naive_told(tracks, rows):
    return (
        (tracks["pace"][rows] >= by.LEAST_PACE)
        | (tracks["mode_s"][rows] != 0)
        | (tracks["callsign"][rows] != b"")
        | (np.abs(tracks["hint"][rows]).max(axis=1) > np.log(3.0))
    )


def naive_note_motion(tracks, rows, mean, cov):
    velocity = mean[:, 3:]
    speed = np.linalg.norm(velocity, axis=1)
    along = velocity / speed[:, None]
    sigma = np.sqrt(np.einsum("ka,kab,kb->k", along, cov[:, 3:, 3:], along))
    enough = tracks["hits"][rows] >= by.HITS_NEEDED
    sure = np.where((sigma < 0.25 * speed) & enough, speed - 2.0 * sigma, 0.0)
    way = mean[:, :3] - tracks["start"][rows]
    length = np.linalg.norm(way, axis=1)
    along = way / length[:, None]
    spread = np.sqrt(np.einsum("ka,kab,kb->k", along, cov[:, :3, :3], along))
    taken = (tracks["time_ns"][rows] - tracks["born_ns"][rows]) * 1e-9
    net = np.where(taken >= 10.0, (length - 6.0 * spread) / np.maximum(taken, 10.0), 0.0)
    pace = np.maximum(tracks["pace"][rows], np.maximum(sure, net))
    slowest = np.where(enough, speed + 2.0 * sigma, np.inf)
    return pace, np.minimum(tracks["slow"][rows], slowest)


def test_motion_is_noted_as_the_formulas_say():
    rng, n = np.random.default_rng(8), 400
    tracks = blank(n, 1)
    tracks["hits"][:] = rng.integers(1, 20, n)
    tracks["time_ns"][:] = rng.integers(0, 30 * 10**9, n)
    tracks["start"][:] = rng.normal(0.0, 200.0, (n, 3))
    tracks["pace"][:], tracks["slow"][:] = rng.uniform(0, 9, n), rng.uniform(5, 30, n)
    rows = rng.permutation(n)[:300]
    mean = rng.normal(0.0, (300.0,) * 3 + (9.0,) * 3, (300, 6))
    root = rng.normal(0.0, 1.0, (300, 6, 6))
    cov, skip = root @ root.transpose(0, 2, 1), rng.random(300) < 0.3
    pace, slow = naive_note_motion(tracks, rows, mean, cov)
    before = tracks["pace"].copy(), tracks["slow"].copy()
    note_motion(tracks, rows, mean, cov, skip)
    for name, old, new in (("pace", before[0], pace), ("slow", before[1], slow)):
        expected = old.copy()
        expected[rows[~skip]] = new[~skip]
        np.testing.assert_allclose(tracks[name], expected, rtol=1e-12)
        assert 0.1 < np.mean(expected != old) < 0.9
