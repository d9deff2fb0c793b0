"""The table keeps why each track is believed, row by row, for as long as the track lives."""

import dataclasses

import numpy as np
import pytest

from steppewatch.command.tracks import TrackTable
from steppewatch.records import Origin, TrackBatch, TrackStatus
from steppewatch.world.geodesy import ecef_from_geodetic

T0 = 1_700_000_000_000_000_000


def batch(ids, *, sensors=("r1", "r2"), at=0, status=TrackStatus.CONFIRMED, feed="fuse", **more):
    """Make tracks; each one's latest plot came from sensor 0 at ``at`` seconds."""
    n = len(ids)
    now = T0 + at * 10**9
    prob = np.zeros((n, 8), np.float32)
    prob[:, 0], prob[:, 3], prob[:, 4] = 0.05, 0.15, 0.8
    place = ecef_from_geodetic(np.full(n, 0.8), np.full(n, 1.8), 2_000.0)
    fields = {
        "time_ns": np.full(n, now), "id": np.array(ids), "mean": np.hstack((place, 0 * place)),
        "cov": np.tile(np.eye(6), (n, 1, 1)), "status": np.full(n, int(status), "u1"),
        "existence": np.full(n, 0.95, "f4"), "target": np.full(n, 4, "u1"),
        "born_ns": np.full(n, T0), "seen_ns": np.full(n, now), "hits": np.full(n, 3, "u4"),
        "mode_s": np.zeros(n, "u4"), "mode_3a": np.full(n, -1, "i4"),
        "callsign": np.full(n, b"", "S8"), "class_prob": prob, "sensors": sensors,
        "seen_by": np.tile(np.arange(len(sensors)) == 0, (n, 1)), "hidden": np.zeros(n, bool),
        "why_ns": np.full(n, now), "why_sensor": np.zeros(n, "i4"),
        "why_plot": np.full(n, 7 + at, "i4"), "why_weight": np.full(n, 0.9, "f4"),
        "why_method": np.full(n, 2, "u1"), "origin": Origin(feed=feed),
    }  # fmt: skip
    return TrackBatch(**{**fields, **more})


UNSAID = {
    field.name: field.default_factory()
    for field in dataclasses.fields(TrackBatch)
    if field.default_factory is not dataclasses.MISSING and field.name != "sensors"
} | {"sensors": ()}


def test_a_batch_is_kept_as_it_was_told():
    table = TrackTable()
    table.apply(batch([5, 6], hidden=np.array([False, True])), 1)
    assert table.column("hidden").tolist() == [0, 1]
    reason = table.reason(0)
    assert reason.said
    assert reason.class_prob[4] == pytest.approx(0.8)
    assert reason.sensors == ("r1",)
    assert (reason.time_ns.tolist(), reason.sensor, reason.plot.tolist()) == ([T0], ("r1",), [7])
    assert (reason.weight.tolist(), reason.method.tolist()) == ([pytest.approx(0.9)], [2])


def test_the_last_six_plots_are_remembered_and_none_twice():
    table = TrackTable()
    for at in range(8):
        table.apply(batch([5], at=at), at)
        table.apply(batch([5], at=at), at)  # told again while it coasts
    reason = table.reason(0)
    assert reason.time_ns.tolist() == [T0 + at * 10**9 for at in (7, 6, 5, 4, 3, 2)]
    assert reason.plot.tolist() == [14, 13, 12, 11, 10, 9]


def test_plots_of_two_sensors_at_one_moment_are_two():
    table = TrackTable()
    table.apply(batch([5]), 1)
    table.apply(batch([5], why_sensor=np.array([1], "i4")), 2)
    assert table.reason(0).sensor == ("r2", "r1")


def test_sensors_keep_their_names_when_another_batch_lists_them_otherwise():
    table = TrackTable()
    table.apply(batch([5]), 1)
    table.apply(batch([6], sensors=("r3", "r1"), at=1), 2)
    assert (table.reason(0).sensors, table.reason(1).sensors) == (("r1",), ("r3",))
    assert table.reason(1).sensor == ("r3",)


def test_a_tracker_that_says_nothing_is_known_as_such():
    table = TrackTable()
    table.apply(batch([5], feed="other", **UNSAID), 1)
    reason = table.reason(0)
    assert not reason.said
    assert np.isnan(reason.class_prob).all()
    assert (reason.sensors, reason.sensor, len(reason.time_ns)) == ((), (), 0)
    assert table.column("hidden").tolist() == [0]


def test_a_row_that_is_used_again_begins_without_a_past():
    table = TrackTable()
    table.apply(batch([5]), 1)
    table.apply(batch([5], status=TrackStatus.ENDED), 2)
    table.apply(batch([6], **UNSAID), 3)
    assert table.row_of(1) is None
    assert table.row_of(2) == 0
    assert not table.reason(0).said
    assert len(table.reason(0).time_ns) == 0


def test_a_track_without_a_plot_or_with_an_unknown_sensor_says_so():
    table = TrackTable()
    table.apply(batch([5], why_ns=np.zeros(1, np.int64)), 1)
    assert len(table.reason(0).time_ns) == 0
    table.apply(batch([6], why_sensor=np.array([9], "i4")), 2)
    assert table.reason(1).sensor == ("",)


def test_many_tracks_keep_their_own_reasons():
    table = TrackTable()
    ids = np.arange(700)
    prob = np.zeros((700, 8), np.float32)
    prob[:, 1] = ids / 700
    table.apply(batch(ids, class_prob=prob, why_plot=ids.astype("i4")), 1)
    for row in (0, 255, 256, 699):
        reason = table.reason(row)
        assert reason.class_prob[1] == pytest.approx(table.column("id")[row] / 700)
        assert reason.plot.tolist() == [table.column("id")[row]]


@pytest.mark.parametrize("key", [0, -1, 99, 2**40])
def test_a_key_that_is_no_track_has_no_row(key):
    table = TrackTable()
    table.apply(batch([5]), 1)
    assert table.row_of(key) is None
