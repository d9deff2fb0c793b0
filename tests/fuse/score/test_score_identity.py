"""Who holds whom, switches, breaks and delays: as py-motmetrics counts them, and by hand."""

import math

import numpy as np
import pytest
from drawn_run import drawn, drawn_series

from steppewatch.fuse.score import follow, from_moments, score_run, series

HERE = np.array([[0.0, 0.0]])
NONE = ([], np.zeros((0, 2)))

# py-motmetrics 1.4.0 on ``drawn(seed)`` with pairs closer than 25 m, run once for these numbers:
# switches, fragmentations, misses, false positives, targets there, MOTP [m].
PEER = {
    1: (22, 9, 19, 13, 195, 9.20763495042373),
    2: (10, 7, 14, 14, 200, 8.886332767111655),
    3: (19, 12, 20, 15, 204, 9.331438876952776),
}


@pytest.mark.parametrize("seed", PEER)
def test_switches_breaks_misses_and_false_tracks_are_those_of_py_motmetrics(seed):
    switches, breaks, misses, false, there, motp = PEER[seed]
    report = score_run(*drawn(seed), c=25.0, keep=25.0)
    assert (report.identity.switches, report.identity.fragmentations) == (switches, breaks)
    _, truth, tracks = drawn_series(seed)
    held = follow(truth, tracks, 25.0)
    assert len(truth.name) == there
    assert len(truth.name) - len(held.truth) == misses
    assert len(tracks.name) - len(held.track) == false
    assert held.distance.mean() == pytest.approx(motp)


def run(truth, tracks, **given):
    return score_run([10.0 * k for k in range(len(truth))], truth, tracks, **given).identity


def test_a_target_lost_and_found_by_the_same_track_is_a_break_and_no_switch():
    truth = [([1], HERE)] * 5
    got = run(truth, [([7], HERE), NONE, NONE, ([7], HERE), ([7], HERE)])
    assert (got.switches, got.fragmentations) == (0, 1)


def test_a_target_lost_and_found_by_another_track_is_both():
    truth = [([1], HERE)] * 4
    got = run(truth, [([7], HERE), NONE, ([8], HERE), ([8], HERE)])
    assert (got.switches, got.fragmentations) == (1, 1)


def test_a_target_that_is_away_itself_is_not_lost():
    truth = [([1], HERE), NONE, ([1], HERE)]
    got = run(truth, [([7], HERE), NONE, ([7], HERE)])
    assert (got.switches, got.fragmentations) == (0, 0)


def test_rates_are_per_hundred_target_minutes():
    truth = [([1, 2], np.array([[0.0, 0.0], [9e3, 0.0]]))] * 61
    there = truth[0][1]
    tracks = [([7, 9], there)] * 30 + [([8, 9], there)] * 31
    got = run(truth, tracks)  # 2 targets · 61 moments · 10 s = 20.33 target-minutes
    assert got.switches_rate == pytest.approx(100.0 / (2 * 61 * 10.0 / 60.0))


def test_rates_hold_where_two_radars_scan_shortly_one_after_the_other():
    times = np.sort(np.concatenate((np.arange(0.0, 600.0, 10.0), np.arange(0.2, 600.0, 10.0))))
    truth = [([1], HERE)] * len(times)
    tracks = [([7 + k // 40], HERE) for k in range(len(times))]
    got = score_run(times, truth, tracks).identity
    assert got.switches == 2
    assert got.switches_rate == pytest.approx(20.0, rel=0.03)  # two in ten minutes of one target


def test_two_targets_never_share_a_track_and_who_held_it_last_keeps_it():
    near_by = np.array([[0.0, 0.0], [100.0, 0.0]])
    truth = [([1, 2], near_by)] * 3
    tracks = [([7], near_by[:1]), ([8], near_by[1:]), ([7, 8], near_by[::-1])]
    held = follow(from_moments(truth), from_moments(tracks), 500.0)
    assert held.truth.tolist() == [0, 3, 4, 5]
    assert held.track.tolist() == [0, 1, 2, 3]
    one = follow(from_moments(truth), from_moments([*tracks[:2], ([7], near_by[1:])]), 500.0)
    assert one.truth.tolist() == [0, 3, 4]


def test_where_two_targets_had_the_same_track_the_later_one_keeps_it():
    apart = np.array([[0.0, 0.0], [600.0, 0.0]])
    truth = [([1, 2], apart)] * 3
    tracks = [([7], np.array([[at, 0.0]])) for at in (0.0, 600.0, 300.0)]
    held = follow(from_moments(truth), from_moments(tracks), 500.0)
    assert held.truth.tolist() == [0, 3, 5]


def test_what_is_at_the_keep_distance_is_not_held():
    truth = [([1], HERE)] * 2
    tracks = [([7], HERE + np.array([500.0, 0.0])), ([7], HERE + np.array([499.9, 0.0]))]
    assert follow(from_moments(truth), from_moments(tracks), 500.0).moment.tolist() == [1]
    assert run(truth[:1], tracks[:1], c=1_000.0, keep=500.0).never == 1


def test_a_new_pairing_is_the_one_with_the_least_distances():
    truth = [([1, 2], np.array([[0.0, 0.0], [4.0, 0.0]]))]
    tracks = [([7, 8], np.array([[3.0, 0.0], [9.0, 0.0]]))]
    held = follow(from_moments(truth), from_moments(tracks), 6.0)
    assert (held.truth.tolist(), held.track.tolist()) == ([0, 1], [0, 1])


def test_latency_is_from_the_first_moment_of_each_target_and_counts_who_never_got_a_track():
    far = np.array([[0.0, 0.0], [9e3, 0.0], [18e3, 0.0]])
    truth = [([1, 3], far[[0, 2]]), *[([1, 2, 3], far)] * 4]
    tracks = [NONE, ([7], far[:1]), ([7], far[:1]), ([7], far[:1]), ([7, 8], far[:2])]
    got = run(truth, tracks)
    assert got.latency == 20.0  # target 1 waits 10 s, target 2 from its own first moment 30 s
    assert got.latency_90 == pytest.approx(28.0)
    assert got.never == 1
    assert math.isnan(run(truth, [NONE] * 5).latency)


def test_a_track_that_outlives_its_target_lingers_and_is_false_only_after_the_grace():
    truth = [([1], HERE)] * 3 + [NONE] * 5
    tracks = [([7], HERE)] * 7 + [NONE]
    got = run(truth, tracks, grace=2)
    assert got.lingering == 40.0  # last there at 20 s, last told at 60 s
    assert got.false_rate == pytest.approx(1_000.0 * 2 / 3)  # four strays, two within the grace
    assert got.false_tracks == 0
    assert run(truth, tracks, grace=9).false_rate == 0.0


def test_a_track_that_never_held_anything_is_false():
    truth = [([1], HERE)] * 4
    tracks = [([7, 9], np.array([[0.0, 0.0], [5e3, 0.0]]))] * 2 + [([7], HERE)] * 2
    got = run(truth, tracks)
    assert (got.false_tracks, got.false_rate) == (1, 500.0)
    later = run(truth, tracks, skip=2)
    assert (later.false_tracks, later.false_rate) == (0, 0.0)


def test_skipped_moments_count_for_latency_only():
    truth = [([1], HERE)] * 6
    tracks = [([7], HERE), ([8], HERE), NONE, ([8], HERE), ([8], HERE), ([9], HERE)]
    got = run(truth, tracks, skip=3)
    assert (got.switches, got.fragmentations, got.latency) == (1, 0, 0.0)


def test_coasting_is_told_without_a_detection_since_the_moment_before():
    names, places = [7] * 4, np.zeros((4, 2))
    truth = series([0, 1, 2, 3, 4], [1] * 4, places)
    tracks = series([0, 1, 2, 3, 4], names, places, seen=[0.0, 9.0, 9.0, 9.0])
    got = score_run([0.0, 10.0, 20.0, 30.0], truth, tracks).identity
    assert got.coasting == pytest.approx(2 / 3)  # the first moment has none before it
    assert got.coast_age == pytest.approx(20.0)  # 11 s and 21 s old
    silent = series([0, 1, 2, 3, 4], names, places)
    assert math.isnan(score_run([0.0, 10.0, 20.0, 30.0], truth, silent).identity.coasting)
