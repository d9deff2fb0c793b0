"""Late reports give the tracks that they would have given in time, with the ids that were told."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from stragglers import EAST, NS, PLAIN, START_NS, WEST, part, play, same_tracks, turns

from steppewatch import fuse
from steppewatch.fuse import late
from steppewatch.fuse.late.memory import STATES
from steppewatch.records import DoubtKind, TrackStatus, decode, encode

OFF = dataclasses.replace(PLAIN, late_window=0.0)
IN_ORDER = turns()
EXPECTED = {name: play(IN_ORDER, settings=s) for name, s in (("on", PLAIN), ("off", OFF))}
END = 90
EXPECTED["end"] = play(IN_ORDER, until=END)


def delayed(delays):
    """Let some batches come later by so many seconds."""
    return [
        (second + delay, batch) for (second, batch), delay in zip(IN_ORDER, delays, strict=True)
    ]


def test_reports_in_order_give_what_they_give_without_any_of_this():
    on, off = EXPECTED["on"], EXPECTED["off"]
    same_tracks(on.state, off.state)
    np.testing.assert_array_equal(on.state.id, off.state.id)
    assert on.state.late.reruns == 0
    assert len(on.tracks) == len(off.tracks)
    for one, two in zip(on.tracks, off.tracks, strict=True):
        assert encode(one) == encode(two)


@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(st.integers(0, 24), min_size=len(IN_ORDER), max_size=len(IN_ORDER)), st.data())
def test_any_order_within_the_window_ends_in_the_same_tracks(delays, data):
    share = data.draw(st.sampled_from((0.1, 0.2, 0.5, 0.9)))
    lot = np.random.default_rng(len(IN_ORDER)).random(len(IN_ORDER))
    # A turn is late if it is later than a turn; less is met where the track was then.
    delays = [d + 6 if u < share and d else 0 for d, u in zip(delays, lot, strict=True)]
    # The first turn of each sensor says what its usual delay is.
    delays = [0 if second <= 5 else d for d, (second, _) in zip(delays, IN_ORDER, strict=True)]
    out = play(delayed(delays), until=END)
    same_tracks(out.state, EXPECTED["end"].state)
    assert out.state.late.beyond == 0


def test_single_plots_that_come_late_go_back_into_their_own_scans():
    rng = np.random.default_rng(8)
    arrivals = []
    for second, batch in IN_ORDER:
        inner = np.arange(len(batch))
        late_rows = inner[1:-1][rng.random(max(len(batch) - 2, 0)) < 0.2]
        arrivals.append((second, part(batch, np.setdiff1d(inner, late_rows))))
        arrivals += [(second + rng.uniform(1.5, 30.0), part(batch, [row])) for row in late_rows]
    arrivals.sort(key=lambda item: item[0])
    out = play(arrivals, until=END)
    assert out.state.late.placed > 10
    same_tracks(out.state, play(IN_ORDER, until=END).state)


def test_without_re_runs_the_tracks_differ():
    delays = [18 if k % 5 == 4 else 0 for k in range(len(IN_ORDER))]
    lost = play(delayed(delays), until=END, settings=OFF)
    placed = play(delayed(delays), until=END)
    assert placed.state.late.reruns > 0
    assert lost.state.hits.sum() < placed.state.hits.sum()


def test_every_track_told_keeps_its_id_and_is_told_when_it_is_no_more():
    delays = [(7 * k) % 30 if k % 3 == 2 else 0 for k in range(len(IN_ORDER))]
    places = {}

    def watch(state):
        sure = np.flatnonzero(state.confirmed)
        for row in sure.tolist():
            places.setdefault(int(state.id[row]), []).append(
                (int(state.time_ns[row]), state.mean[row, 0, :3], state.mean[row, 0, 3:])
            )
        return state

    out = play(delayed(delays), until=END, each=watch)
    assert out.state.late.reruns > 3
    # No id ever jumps to another target.
    for seen in places.values():
        for (t0, p0, v0), (t1, p1, _) in itertools.pairwise(seen):
            assert np.linalg.norm(p1 - p0 - v0 * (t1 - t0) * 1e-9) < 3e3
    truth = play(IN_ORDER, until=END).state.confirmed.sum()
    assert len(places) == truth == len(set(out.state.id[out.state.confirmed].tolist()))
    alive = set(out.state.id.tolist())
    for track, status in out.told.items():
        assert (status == TrackStatus.ENDED) == (track not in alive)


def test_a_restart_in_the_middle_of_it_changes_nothing():
    delays = [(11 * k) % 30 if k % 4 == 3 else 0 for k in range(len(IN_ORDER))]
    straight = play(delayed(delays), until=END)
    assert straight.state.late.reruns > 2
    broken = play(delayed(delays), until=END, each=lambda state: decode(encode(state)))
    assert broken.state.late.reruns == straight.state.late.reruns
    # Which states are kept between may differ; what they lead to may not.
    same_tracks(broken.state, straight.state)
    np.testing.assert_array_equal(broken.state.id, straight.state.id)
    assert broken.told == straight.told


def test_the_same_input_gives_the_same_bytes():
    delays = [(13 * k) % 25 if k % 2 else 0 for k in range(len(IN_ORDER))]
    assert encode(play(delayed(delays)).state) == encode(play(delayed(delays)).state)


def test_usual_delays_are_no_lateness():
    shifted = [(s + (3 if b.sensor == "east" else 0), b) for s, b in IN_ORDER]
    out = play(sorted(shifted, key=lambda item: item[0]))
    assert out.state.late.reruns == 0
    assert out.state.late.beyond == 0
    assert late.as_json(out.state.late)["usual_delay_s"]["east"] == pytest.approx(3.0, abs=0.2)


def test_what_is_older_than_the_window_is_used_as_it_comes_and_said_once():
    delays = [45 if k in (5, 6, 8) else 0 for k in range(len(IN_ORDER))]
    out = play(delayed(delays), until=120)
    assert out.state.late.placed == 0
    assert out.state.late.beyond == sum(len(IN_ORDER[k][1]) for k in (5, 6, 8))
    said = [fact for fact in out.doubts if fact.kind == DoubtKind.LATE]
    assert sorted(fact.sensor for fact in said) == sorted(
        {IN_ORDER[k][1].sensor for k in (5, 6, 8)}
    )
    assert "used as they come" in said[0].text
    assert "used as they came" in late.lines(out.state.late)[1]


def test_more_than_can_be_afforded_is_used_as_it_comes_and_said():
    poor = dataclasses.replace(PLAIN, late_work=0.0)
    start = fuse.stage(poor).initial
    broke = dataclasses.replace(start, late=dataclasses.replace(start.late, credit=5.0))
    stage = fuse.stage(poor)
    state, _ = stage.step(broke, [WEST, EAST], START_NS)
    said = []
    delays = [12 if k % 3 == 2 else 0 for k in range(len(IN_ORDER))]
    for second in range(1, END):
        due = [b for when, b in delayed(delays) if second - 1 < when <= second]
        state, facts = stage.step(state, due, START_NS + second * NS)
        said += [fact for fact in facts if getattr(fact, "kind", None) == DoubtKind.LATE]
    assert state.late.reruns == 0
    assert state.late.beyond > 20
    assert len(said) == len({fact.sensor for fact in said}) > 0


def test_late_messages_wait_for_a_re_run_that_can_be_afforded():
    frugal = dataclasses.replace(PLAIN, late_work=0.03)  # 3 plots a second
    start = fuse.stage(frugal).initial
    broke = dataclasses.replace(start, late=dataclasses.replace(start.late, credit=0.0))
    stage = fuse.stage(frugal)
    state, _ = stage.step(broke, [WEST, EAST], START_NS)
    waited = 0
    delays = [9 if k % 4 == 3 else 0 for k in range(len(IN_ORDER))]
    for second in range(1, END):
        due = [b for when, b in delayed(delays) if second - 1 < when <= second]
        state, _ = stage.step(state, due, START_NS + second * NS)
        waited += len(state.late.waiting) > 0
    assert waited > 0
    assert state.late.placed > 0
    assert state.late.again <= 3 * END


def test_what_is_kept_is_bounded():
    most = 0

    def watch(state):
        nonlocal most
        most = max(most, len(state.late.states))
        newest = state.late.heard[-1].now_ns if state.late.heard else 0
        if state.late.heard:
            span = (newest - state.late.heard[0].now_ns) / NS
            assert span <= 2.0 * PLAIN.late_window + 10.0
        return state

    out = play(turns(seconds=150), each=watch)
    assert most <= STATES + 4
    assert out.state.late.plots == sum(step.plots for step in out.state.late.heard)
    assert all(state.late.base is None for state in out.state.late.states.values())


def test_broken_and_foreign_late_messages_do_no_harm():
    batch = IN_ORDER[6][1]
    odd = [
        dataclasses.replace(batch, slant_range=batch.slant_range[:-1]),
        dataclasses.replace(batch, sensor="nobody"),
        dataclasses.replace(batch, time_ns=np.zeros(len(batch), np.int64)),
        dataclasses.replace(batch, time_ns=batch.time_ns.astype(float)),
        dataclasses.replace(batch, azimuth=np.full(len(batch), np.nan)),
        part(batch, np.zeros(0, np.int64)),
    ]
    out = play(sorted([*IN_ORDER, *((55, one) for one in odd)], key=lambda item: item[0]))
    expected = play(IN_ORDER).state
    assert out.state.confirmed.sum() == expected.confirmed.sum() > 3
