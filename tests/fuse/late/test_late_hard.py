"""Late reports at their worst: several turns at once, beside a jumping clock, and far too many."""

import dataclasses

import numpy as np
import pytest
from stragglers import EAST, NS, PLAIN, START_NS, WEST, part, play, same_tracks, turns

from steppewatch import fuse
from steppewatch.errors import FuseError
from steppewatch.fuse.late import hear
from steppewatch.fuse.late.past import state_at
from steppewatch.fuse.visibility import NominalSight
from steppewatch.records import DoubtKind, decode, encode

IN_ORDER = turns(seconds=60)
END = 90
EXPECTED = play(IN_ORDER, until=END).state


def moved(changes):
    """Let some batches, by number, come at another second; what comes last is listed last."""
    items = [(changes.get(k, second), batch) for k, (second, batch) in enumerate(IN_ORDER)]
    return sorted(items, key=lambda item: item[0])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_three_late_turns_in_one_step_end_in_the_tracks_of_the_run_in_order(order):
    arrivals = [item for k, item in enumerate(IN_ORDER) if k not in (8, 9, 10)]
    late = [(44, IN_ORDER[8 + k][1]) for k in order]
    out = play(sorted([*arrivals, *late], key=lambda item: item[0]), until=END).state
    same_tracks(out, EXPECTED)
    assert out.late.reruns == 1


def test_late_turns_that_nothing_has_overtaken_yet_are_found_when_something_belongs_behind_them():
    # Both radars fall silent; a turn of 20 s comes at 33 s before one of 16 s, and so on.
    out = play(moved({4: 33, 5: 34, 6: 32, 7: 36, 8: 35, 9: 38, 10: 37}), until=END).state
    same_tracks(out, EXPECTED)


def test_a_turn_as_old_as_the_newest_one_of_another_radar_goes_before_it_as_in_order():
    west, east = (
        next(k for k, (s, b) in enumerate(IN_ORDER) if s == 60 and b.sensor == name)
        for name in ("west", "east")
    )
    assert west < east
    same_tracks(play(moved({west: 87}), until=END).state, EXPECTED)


def test_a_whole_backlog_in_order_is_no_reason_to_hear_anything_again():
    out = play([(s + 20 if s > 12 else s, batch) for s, batch in IN_ORDER], until=END).state
    assert out.late.reruns == out.late.again == out.late.placed == 0
    same_tracks(out, EXPECTED)


@pytest.mark.parametrize("jump", [7, -20, 45, -120])
def test_a_clock_that_jumps_does_not_keep_another_radars_late_turn_from_its_place(jump):
    def jumped(second, batch):
        if batch.sensor == "east" and 28 <= second < 44:
            return dataclasses.replace(batch, time_ns=batch.time_ns + jump * NS)
        return batch

    arrivals = [(second, jumped(second, batch)) for second, batch in IN_ORDER]
    steady = play(arrivals, until=END).state
    k = next(k for k, (s, b) in enumerate(arrivals) if b.sensor == "west" and s == 30)
    second, batch = arrivals[k]
    late = sorted([*arrivals[:k], *arrivals[k + 1 :], (second + 12, batch)], key=lambda i: i[0])
    out = play(late, until=END).state
    assert out.late.placed >= len(batch)
    sure, known = out.mean[out.confirmed, 0, :3], steady.mean[steady.confirmed, 0, :3]
    assert len(sure) == len(known)
    apart = np.linalg.norm(sure[:, None] - known[None], axis=2).min(axis=1)
    assert apart.max() < 100.0


def test_a_flood_of_late_plots_is_heard_within_the_budget_and_the_rest_is_said():
    thrifty = dataclasses.replace(PLAIN, late_work=1.0)
    rng = np.random.default_rng(4)
    false = turns(sensors=(WEST,), seconds=60, n=0, seed=9, clutter=2_000)
    flood = [
        (second + rng.uniform(8.0, 30.0), part(batch, np.sort(rows)))
        for second, batch in false
        for rows in np.array_split(rng.permutation(len(batch)), 40)
    ]
    arrivals = sorted([*IN_ORDER, *flood], key=lambda item: item[0])
    most, waiting = 0, 0

    def watch(state):
        nonlocal most, waiting
        heard = state.late.again
        most, watch.before = max(most, heard - watch.before), heard
        waiting = max(waiting, sum(len(one) for one in state.late.waiting))
        return state

    watch.before = 0
    out = play(arrivals, settings=thrifty, until=END, each=watch)
    told = sum(len(batch) for _, batch in arrivals)
    assert 0 < out.state.late.again <= told + 100.0 * END + 5_000.0
    assert most <= hear.MOST_AGAIN
    assert waiting <= hear.MOST_AGAIN
    assert out.state.late.beyond > 0
    said = [fact for fact in out.doubts if fact.kind == DoubtKind.LATE]
    assert [fact.sensor for fact in said].count("west") >= 1
    assert len(said) < 20


def test_late_messages_that_wait_are_placed_also_when_the_feed_falls_silent():
    thrifty = dataclasses.replace(PLAIN, late_work=0.2)
    stage = fuse.stage(thrifty)
    start = stage.initial
    state = dataclasses.replace(start, late=dataclasses.replace(start.late, credit=0.0))
    state, _ = stage.step(state, [WEST, EAST], START_NS)
    arrivals, waited = moved({15: 60}), 0
    for second in range(1, 75):
        due = [b for when, b in arrivals if second - 1 < when <= second]
        if second == 60:
            late = dataclasses.replace(state.late, credit=0.0)
            state = dataclasses.replace(state, late=late)
        state, _ = stage.step(state, due, START_NS + second * NS)
        waited += len(state.late.waiting) > 0
    assert 0 < waited < 15
    assert not state.late.waiting
    assert state.late.placed == len(IN_ORDER[15][1])


def test_a_past_moment_looks_as_it_would_have_looked_in_order():
    late = moved({6: 38, 8: 40, 9: 33, 10: 52})
    out = play(late, until=60).state
    for second in (26, 33, 41, 60):
        then = state_at(out, START_NS + second * NS, PLAIN, NominalSight())
        same_tracks(then, play([i for i in IN_ORDER if i[0] <= second], until=second).state)
        # The ids are those that are told now.
        now = {k: i for i, k in zip(out.id.tolist(), keys(out), strict=True)}
        for track, key in zip(then.id.tolist(), keys(then), strict=True):
            assert now.get(key, track) == track


def test_a_past_moment_is_the_same_after_a_restart():
    out = play(moved({6: 38, 8: 40}), until=60).state
    when = START_NS + 41 * NS
    first = state_at(out, when, PLAIN, NominalSight())
    second = state_at(decode(encode(out)), when, PLAIN, NominalSight())
    same_tracks(first, second)
    np.testing.assert_array_equal(first.id, second.id)


def test_a_moment_older_than_all_that_is_kept_is_refused():
    with pytest.raises(FuseError, match="older than all that is kept"):
        state_at(EXPECTED, START_NS - NS, PLAIN, NominalSight())


def keys(state):
    """Give what tells tracks apart: the first plot."""
    return [(t, p.tobytes()) for t, p in zip(state.born_ns.tolist(), state.start, strict=True)]
