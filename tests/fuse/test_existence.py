"""Looks that passed, the dark, confirmations and ends, against whole-array algebra."""

import copy
import dataclasses

import numpy as np
import plain_existence as plain
import pytest
from radars import radar

from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.existence import (
    LOOKED,
    MISSED,
    count_misses,
    due_ns,
    ended,
    hidden,
    looked_at,
    note_dark,
    passed,
    rhythm_of,
    settle,
)
from steppewatch.fuse.state import blank
from steppewatch.fuse.visibility.glance import Glance
from steppewatch.fuse.visibility.sight import EVERYWHERE, nominal_of
from steppewatch.records import SensorKind

NOW_NS = 1_700_000_000_000_000_000
SETTINGS = TrackerSettings()
CLOCK_NS = NOW_NS + 400_000_000


def sensors():
    camera = dataclasses.replace(radar(period=0.5, name="camera"), kind=SensorKind.CAMERA)
    return [radar(period=10.0, name="slow"), radar(period=1.0, name="quick"), camera]


def tracks_of(n=3_000, seed=1):
    """Make tracks in every state that the rules tell apart, many of them near their limits."""
    rng, tracks = np.random.default_rng(seed), blank(n, 3)

    def ago(seconds, shape=n):
        return NOW_NS - (1e9 * rng.uniform(0.0, seconds, shape)).astype(np.int64)

    hit = rng.random((n, 3)) < 0.6
    hit[~hit.any(axis=1), 0] = True
    tracks["hit_ns"][:] = np.where(hit, ago(40.0, (n, 3)), 0)
    tracks["look_ns"][:] = np.where(hit, ago(20.0, (n, 3)), 0)
    tracks["missed"][:] = rng.integers(0, 10, (n, 3))
    tracks["chance"][:] = rng.choice([0.01, 0.1, 0.9], (n, 3))
    tracks["covered"][:] = rng.random((n, 3)) < 0.7
    tracks["confirmed"][:] = rng.random(n) < 0.6
    tracks["score"][:] = rng.uniform(-3.0, 9.0, n)
    tracks["hits"][:], tracks["looks"][:] = rng.integers(1, 9, n), rng.integers(1, 9, n)
    tracks["seen_ns"][:] = tracks["hit_ns"].max(axis=1) - rng.choice([0, 160_000_000_000], n)
    dark = rng.random(n) < 0.3
    tracks["dark_ns"][:] = np.where(dark, ago(70.0), 0)
    tracks["mean"][:, :, :3] = rng.normal(0.0, 4e6, (n, 1, 3))
    return tracks


def glance_of(n, seed=2):
    rng = np.random.default_rng(seed)
    share = rng.choice([0.05, 0.5, 1.0], n)
    seen = share * rng.uniform(0.2, 1.0, n)
    chance = 0.9 * seen
    return Glance(
        share=share, seen=seen, chance=chance, covered=np.ones(n, bool),
        expected=np.where(rng.random(n) < 0.5, chance, 0.9 * share),
    )  # fmt: skip


@pytest.mark.parametrize(("column", "turn"), [(0, 10.0), (0, 0.3), (1, 1.0), (2, 0.5)])
def test_looks_that_passed_are_those_of_sensors_that_know_the_track_and_wait_too_long(column, turn):
    tracks, sensor, touched = tracks_of(), sensors()[column], np.zeros(3_000, np.uint8)
    rows = passed(tracks, column, NOW_NS, turn, sensor, EVERYWHERE, touched)
    assert np.array_equal(rows, plain.passed(tracks, column, NOW_NS, turn, sensor))
    assert np.array_equal(np.flatnonzero(touched == MISSED), rows)
    assert 0 < len(rows) < 3_000


def test_of_tracks_a_sensor_never_saw_it_is_noted_whether_they_stand_in_its_reach():
    tracks, sensor = tracks_of(6), sensors()[0]
    reach = nominal_of(sensor)
    tracks["hit_ns"][:, 0], tracks["covered"][:] = 0, False
    tracks["confirmed"][:] = True
    away = (
        np.array([0.5, 0.99, 1.01, 2.0, 0.5, 0.5])[:, None] * sensor.max_range * reach.rotation[0]
    )
    tracks["mean"][:, 0, :3] = reach.origin + away
    tracks["confirmed"][4] = False
    touched = np.array([0, 0, 0, 0, 0, LOOKED], np.uint8)
    passed(tracks, 0, NOW_NS, 10.0, sensor, reach, touched)
    assert tracks["covered"][:, 0].tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize("column", [0, 1, 2])
def test_counting_looks_is_the_same_as_with_whole_arrays(column):
    tracks, others = tracks_of(), sensors()
    rows = plain.passed(tracks, column, NOW_NS, 0.0, others[column])
    glance, expected = glance_of(len(rows)), copy.deepcopy(tracks)
    plain.count_misses(expected, rows, column, NOW_NS, others, glance, SETTINGS)
    count_misses(tracks, rows, column, NOW_NS, rhythm_of(others), glance, SETTINGS)
    for name in tracks:
        if name in ("score", "shade"):
            assert tracks[name] == pytest.approx(expected[name], abs=1e-12)
        else:
            assert np.array_equal(tracks[name], expected[name]), name
    assert not np.array_equal(tracks["score"], tracks_of()["score"])


def test_settling_all_tracks_confirms_darkens_and_ends_as_whole_arrays_do():
    tracks, others = tracks_of(), sensors()
    touched = np.where(np.arange(3_000) % 3 == 0, MISSED, LOOKED).astype(np.uint8)
    expected = copy.deepcopy(tracks)
    expected["confirmed"] = plain.confirmed(expected, SETTINGS)
    in_dark = plain.in_the_dark(expected, SETTINGS)
    expected["dark_ns"][in_dark] = CLOCK_NS
    begun = np.flatnonzero(expected["confirmed"] & ~tracks["confirmed"])
    over = np.flatnonzero(plain.ended(expected, CLOCK_NS, others, SETTINGS))
    found = settle(tracks, CLOCK_NS, rhythm_of(others), SETTINGS, touched)
    for name in tracks:
        assert np.array_equal(tracks[name], expected[name]), name
    assert np.array_equal(found[0], np.flatnonzero(in_dark & (touched == MISSED)))
    assert np.array_equal(found[1], begun)
    assert np.array_equal(found[2], over)
    assert min(len(rows) for rows in found) > 20


def test_a_track_that_no_message_touches_is_judged_as_if_it_were_touched():
    tracks, others = tracks_of(), sensors()
    settle(tracks, NOW_NS, rhythm_of(others), SETTINGS, np.ones(3_000, np.uint8))
    keep = ~ended(tracks, NOW_NS, others, SETTINGS)
    tracks = {name: column[keep] for name, column in tracks.items()}
    for seconds in (1, 5, 30, 100, 300):
        at_ns = NOW_NS + seconds * 1_000_000_000
        lone, all_ = copy.deepcopy(tracks), copy.deepcopy(tracks)
        found = settle(lone, at_ns, rhythm_of(others), SETTINGS, np.zeros(keep.sum(), np.uint8))
        expected = settle(all_, at_ns, rhythm_of(others), SETTINGS, np.ones(keep.sum(), np.uint8))
        assert np.array_equal(found[2], expected[2])
        assert np.array_equal(lone["dark_ns"], all_["dark_ns"])
    assert len(found[2])


def test_ends_hidden_tracks_and_times_of_silence_are_those_of_whole_arrays():
    tracks, others = tracks_of(), sensors()
    assert np.array_equal(hidden(tracks, SETTINGS), plain.hidden(tracks, SETTINGS))
    some = np.array([5, 1, 77])
    assert np.array_equal(hidden(tracks, SETTINGS, some), plain.hidden(tracks, SETTINGS)[some])
    assert np.array_equal(due_ns(tracks, others, SETTINGS), plain.due_ns(tracks, others, SETTINGS))
    over = ended(tracks, CLOCK_NS, others, SETTINGS)
    assert np.array_equal(over, plain.ended(tracks, CLOCK_NS, others, SETTINGS))
    in_dark = plain.in_the_dark(tracks, SETTINGS)
    note_dark(tracks, CLOCK_NS, SETTINGS)
    assert np.array_equal(tracks["dark_ns"] == CLOCK_NS, in_dark)


def test_columns_of_a_decoded_state_are_read_as_they_are():
    tracks = tracks_of()
    expected = ended(tracks, CLOCK_NS, sensors(), SETTINGS)
    for column in tracks.values():
        column.flags.writeable = False
    assert np.array_equal(ended(tracks, CLOCK_NS, sensors(), SETTINGS), expected)


def test_nothing_has_ended_where_there_is_nothing():
    assert len(ended(blank(0, 3), CLOCK_NS, sensors(), SETTINGS)) == 0
    assert (
        len(settle(blank(0, 0), CLOCK_NS, rhythm_of([]), SETTINGS, np.zeros(0, np.uint8))[2]) == 0
    )


def test_tracks_of_pairs_are_looked_at_once_each_in_whatever_order_the_pairs_come():
    touched = np.zeros(6, np.uint8)
    rows = looked_at(np.array([4, 0, 4, 4, 0, 2]), touched)
    assert rows.tolist() == [4, 0, 2]
    assert touched.tolist() == [LOOKED, 0, LOOKED, 0, LOOKED, 0]
