"""Odd input: what a broken, jammed or lying sensor sends harms nothing and is said once."""

import dataclasses

import numpy as np
import pytest
from radars import ORIGIN, START_NS, frame_of, radar, see

from steppewatch import fuse
from steppewatch.records import (
    DetectionBatch,
    DoubtKind,
    SensorDoubt,
    decode,
    detection_batch,
    encode,
)
from steppewatch.world.geodesy import ecef_from_enu

S = 10**9
STAGE = fuse.stage()


def scan(sensor, k, rng, *, at_s=None, targets=5, extra=0):
    """Make scan k: targets flying east side by side, and extra plots anywhere."""
    t = 5.0 * k
    place = np.stack(
        (
            20e3 + 60.0 * t + np.zeros(targets),
            30e3 + 4e3 * np.arange(targets),
            np.full(targets, 3e3),
        ),
        axis=1,
    )
    when = START_NS + round((t if at_s is None else at_s) * S)
    batch = see(sensor, ecef_from_enu(place, frame_of(sensor)), np.full(targets, when), rng)
    if not extra:
        return batch
    false = detection_batch(
        sensor.id, ORIGIN, np.full(extra, when), rng.uniform(5e3, 2e5, extra),
        rng.uniform(0, 6.28, extra), elevation=rng.uniform(0, 0.4, extra),
    )  # fmt: skip
    columns = {
        f.name: np.concatenate((getattr(batch, f.name), getattr(false, f.name)))
        for f in dataclasses.fields(batch)
        if f.name not in ("sensor", "origin")
    }
    return DetectionBatch(sensor=sensor.id, origin=ORIGIN, **columns)


def play(sensor, batches, nows):
    state, doubts = STAGE.step(STAGE.initial, [sensor], START_NS)[0], []
    for batch, now in zip(batches, nows, strict=True):
        state, said = STAGE.step(state, [batch], now)
        doubts += [m for m in said if isinstance(m, SensorDoubt)]
    return state, doubts


def nows(n):
    return [START_NS + 5 * k * S for k in range(n)]


def test_honest_scans_raise_no_doubt():
    sensor, rng = radar(), np.random.default_rng(1)
    state, doubts = play(sensor, [scan(sensor, k, rng, extra=20) for k in range(30)], nows(30))
    assert doubts == []
    assert state.confirmed.sum() == 5


@pytest.mark.parametrize("jump", [3600.0, 86_400.0 * 365, -900.0])
def test_a_clock_that_jumps_for_good_is_carried_on_and_said_once(jump):
    sensor, rng = radar(), np.random.default_rng(2)
    batches = [scan(sensor, k, rng, at_s=5.0 * k + (jump if k >= 10 else 0.0)) for k in range(20)]
    state, doubts = play(sensor, batches, nows(20))
    assert [d.kind for d in doubts] == [DoubtKind.CLOCK]
    assert doubts[0].was == pytest.approx(jump, abs=1.0)
    assert state.confirmed.sum() == 5
    assert sorted(state.id[state.confirmed].tolist()) == [1, 2, 3, 4, 5]


def test_one_scan_from_the_future_ends_no_track():
    sensor, rng = radar(), np.random.default_rng(3)
    batches = [scan(sensor, k, rng, at_s=5.0 * k + (1e7 if k == 10 else 0)) for k in range(14)]
    state, doubts = play(sensor, batches, nows(14))
    assert sorted(state.id[state.confirmed].tolist()) == [1, 2, 3, 4, 5]
    assert [d.kind for d in doubts] == [DoubtKind.CLOCK]


def test_a_clock_that_was_wrong_at_first_and_is_mended_is_believed():
    sensor, rng = radar(), np.random.default_rng(4)
    batches = [scan(sensor, k, rng, at_s=5.0 * k - (7200.0 if k < 8 else 0)) for k in range(24)]
    state, _ = play(sensor, batches, nows(24))
    assert state.guard.shift_ns.tolist() == [0]
    assert state.newest_ns[0] == START_NS + 115 * S


def test_a_link_that_delivers_late_after_a_break_is_no_jump():
    sensor, rng = radar(), np.random.default_rng(5)
    when = [*nows(10), *[START_NS + 110 * S] * 12, *[START_NS + 5 * k * S for k in range(22, 30)]]
    state, doubts = play(sensor, [scan(sensor, k, rng) for k in range(30)], when)
    assert doubts == []
    assert sorted(state.id[state.confirmed].tolist()) == [1, 2, 3, 4, 5]


def test_plots_that_come_twice_are_used_once():
    sensor, rng = radar(), np.random.default_rng(6)
    once = [scan(sensor, k, rng, extra=10) for k in range(12)]
    plain, _ = play(sensor, once, nows(12))
    twice = [b for batch in once for b in (batch, batch)]
    state, doubts = play(sensor, twice, [now for now in nows(12) for _ in range(2)])
    assert {d.kind for d in doubts} == {DoubtKind.DUPLICATES}
    assert np.array_equal(state.id, plain.id)
    assert np.array_equal(state.mean, plain.mean)


def test_ten_times_the_usual_plots_bring_no_flood_of_tracks_and_lose_none():
    sensor, rng = radar(false_alarms=100.0), np.random.default_rng(7)
    batches = [scan(sensor, k, rng, extra=2000 if 10 <= k < 14 else 100) for k in range(24)]
    state, doubts = play(sensor, batches[:14], nows(14))
    assert [d.kind for d in doubts] == [DoubtKind.BURST]
    assert len(state) < 2_000
    known = set(range(1, state.next_id)) & set(state.id[state.confirmed].tolist())
    assert len(known) >= 5
    after, _ = play(sensor, batches, nows(24))
    assert len(after) < 500


def test_a_malformed_batch_is_left_out_and_named():
    sensor = radar()
    batch = scan(sensor, 0, np.random.default_rng(8))
    broken = dataclasses.replace(batch, azimuth=batch.azimuth[:2])
    state, doubts = play(sensor, [broken], nows(1))
    assert len(state) == 0
    assert "azimuth" in doubts[0].text
    assert "(5,)" in doubts[0].text


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300, -1.0, 0.0])
def test_no_number_stops_the_tracker(bad):
    sensor, rng = radar(), np.random.default_rng(9)
    batches = []
    for k in range(6):
        batch = scan(sensor, k, rng, extra=4)
        for name in ("slant_range", "azimuth", "elevation", "range_rate", "height"):
            column = getattr(batch, name).copy()
            column[5:] = bad
            batch = dataclasses.replace(batch, **{name: column})
        batches.append(batch)
    state, _ = play(sensor, batches, nows(6))
    assert np.isfinite(state.mean).all()
    assert np.isfinite(state.cov).all()
    assert state.confirmed[:5].all()


def test_the_memory_of_what_is_usual_survives_being_written_down():
    sensor, rng = radar(), np.random.default_rng(10)
    state, _ = play(sensor, [scan(sensor, k, rng) for k in range(6)], nows(6))
    again = decode(encode(state))
    for name in ("offset_ns", "usual", "windows"):
        assert np.array_equal(getattr(again.guard, name), getattr(state.guard, name))
    last = scan(sensor, 6, rng)
    left, right = (STAGE.step(s, [last], START_NS + 30 * S)[0] for s in (state, again))
    assert np.array_equal(left.mean, right.mean)
    assert left.guard.count.tolist() == right.guard.count.tolist()
