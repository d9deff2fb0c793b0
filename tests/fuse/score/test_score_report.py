"""A report is one run's scores, told in words and as JSON; what does not fit is refused."""

import json

import numpy as np
import pytest
from drawn_run import drawn, drawn_series

from steppewatch.errors import FuseError
from steppewatch.fuse.score import (
    as_json,
    from_grid,
    from_moments,
    gospa,
    ospa,
    score_run,
    series,
    table,
)

HERE = np.array([[0.0, 0.0]])


def test_means_are_those_of_the_scored_moments():
    times, truth, tracks = drawn(4)
    report = score_run(times, truth, tracks, c=25.0, keep=25.0, skip=10)
    each = [gospa(x[1], y[1], 25.0) for x, y in zip(truth, tracks, strict=True)]
    assert report.timeline.gospa == pytest.approx([g.distance for g in each])
    assert report.gospa == pytest.approx(np.mean([g.distance for g in each[10:]]))
    assert report.missed_cost == pytest.approx(np.mean([g.missed for g in each[10:]]))
    assert report.ospa == pytest.approx(
        np.mean([ospa(x[1], y[1], 25.0) for x, y in zip(truth[10:], tracks[10:], strict=True)])
    )
    matched = sum(len(g.pairs) for g in each[10:])
    there = sum(len(x[0]) for x in truth[10:])
    told = sum(len(y[0]) for y in tracks[10:])
    assert report.completeness == pytest.approx(matched / there)
    assert report.missed == pytest.approx((there - matched) / 30)
    assert report.false == pytest.approx((told - matched) / 30)
    assert report.rms == pytest.approx(np.sqrt(sum(g.localisation for g in each[10:]) / matched))
    assert (report.moments, report.timeline.targets.sum()) == (30, sum(len(x[0]) for x in truth))


def test_a_pair_between_the_two_distances_counts_for_points_and_not_for_identity():
    truth, tracks = [([1], HERE)] * 2, [([7], HERE + np.array([700.0, 0.0]))] * 2
    report = score_run([0.0, 5.0], truth, tracks, c=1_000.0, keep=500.0)
    assert report.completeness == 1.0
    assert report.identity.never == 1
    assert report.siap.completeness == 0.0
    wide = score_run([0.0, 5.0], truth, tracks, c=600.0, keep=800.0)
    assert (wide.completeness, wide.identity.never) == (0.0, 0)


def test_names_do_not_matter_nor_does_the_order_of_rows():
    times, truth, tracks = drawn(9)
    one = score_run(times, truth, tracks, c=25.0, keep=25.0, trajectories=True)
    turned = [([10_000 - n for n in reversed(m[0])], m[1][::-1]) for m in tracks]
    other = score_run(times, truth, turned, c=25.0, keep=25.0, trajectories=True)
    assert one.gospa == pytest.approx(other.gospa)
    assert one.t_gospa.distance == pytest.approx(other.t_gospa.distance)
    assert one.switches == other.switches
    assert table(one) == table(other)


def test_the_same_run_gives_the_same_report_to_the_last_bit():
    run = drawn_series(9)
    first = json.dumps(as_json(score_run(*run, c=25.0, trajectories=True)))
    assert json.dumps(as_json(score_run(*run, c=25.0, trajectories=True))) == first


def test_json_has_numbers_lists_and_null_alone_and_the_timeline_can_stay_out():
    report = score_run(*drawn(2), c=25.0, keep=25.0, trajectories=True)
    told = json.loads(json.dumps(as_json(report), allow_nan=False))
    assert told["gospa"] == report.gospa
    assert told["siap"]["velocity"] is None
    assert len(told["timeline"]["gospa"]) == report.moments
    assert len(told["t_gospa"]["over_time"]) == report.moments
    short = as_json(report, timeline=False)
    assert "timeline" not in short
    assert short["t_gospa"]["over_time"] == []


def test_the_table_names_every_group_and_writes_unknown_as_a_dash():
    report = score_run(*drawn(2), c=25.0, keep=25.0, trajectories=True)
    text = table(report)
    for group in ("GOSPA", "Identity", "Air picture (SIAP)", "Service (EUROCAE-style)", "T-GOSPA",
                  "ED-142 en route"):  # fmt: skip
        assert group in text
    line = next(x for x in text.splitlines() if "velocity accuracy" in x)
    assert "–" in line
    assert "nan" not in text


def test_a_trajectory_metric_in_windows_says_so():
    run = drawn(2)
    cut = score_run(*run, c=25.0, trajectories=True, trajectory_window=10)
    assert (cut.t_gospa.window, as_json(cut)["t_gospa"]["window"]) == (10, 10)
    assert "windows of 10 moments" in table(cut)
    whole = score_run(*run, c=25.0, trajectories=True, trajectory_window=40)
    assert whole.t_gospa.window is None
    assert "windows of" not in table(whole)


def test_nothing_at_all_is_scored_without_an_error():
    for k in (0, 1, 3):
        none = [([], np.zeros((0, 3)))] * k
        report = score_run(np.arange(k), none, none, trajectories=True)
        assert report.switches == 0
        assert table(report)
        json.dumps(as_json(report), allow_nan=False)


def test_tracks_alone_are_all_false_and_truth_alone_is_all_missed():
    none, one = [([], np.zeros((0, 2)))] * 3, [([1], HERE)] * 3
    alone = score_run([0.0, 1.0, 2.0], none, one)
    assert (alone.false, alone.identity.false_tracks) == (1.0, 1)
    lost = score_run([0.0, 1.0, 2.0], one, none)
    assert (lost.missed, lost.completeness, lost.identity.never) == (1.0, 0.0, 1)


def test_more_moments_skipped_than_there_are_leave_nothing_scored():
    report = score_run([0.0, 1.0], [([1], HERE)] * 2, [([7], HERE)] * 2, skip=9, trajectories=True)
    assert report.moments == 0


@pytest.mark.parametrize(
    ("times", "moments", "why"),
    [
        ([0.0, 1.0], [([1], HERE)], "give each moment once"),
        ([1.0, 0.0], [([1], HERE)] * 2, "do not ascend"),
        ([0.0, 0.0], [([1], HERE)] * 2, "do not ascend"),
        ([0.0], [([1, 1], np.zeros((2, 2)))], "stands twice"),
        ([0.0], [([1], [[np.nan, 0.0]])], "not finite"),
        ([0.0], [([1], np.zeros((1, 4)))], "give \\(n, 2\\) or \\(n, 3\\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(times, moments, why):
    with pytest.raises(FuseError, match=why):
        score_run(times, moments, [([7], HERE)] * len(moments))


def test_truth_and_tracks_of_different_dimensions_are_refused():
    with pytest.raises(FuseError, match="2 coordinates and tracks 3"):
        score_run([0.0], [([1], HERE)], [([7], np.zeros((1, 3)))])


@pytest.mark.parametrize("given", [{"c": 0.0}, {"keep": -1.0}, {"keep": float("nan")}])
def test_distances_without_sense_are_refused(given):
    with pytest.raises(FuseError, match="positive"):
        score_run([0.0], [([1], HERE)], [([7], HERE)], **given)


def test_a_grid_is_the_same_run_as_its_moments():
    place = np.array([[[0.0, 0.0], [np.nan, 0.0]], [[1.0, 0.0], [5.0, 5.0]]])
    grid = from_grid(place, velocity=2.0 * place, target=[3, 4])
    rows = from_moments([([0], [[0.0, 0.0]]), ([0, 1], [[1.0, 0.0], [5.0, 5.0]])])
    for name in ("offset", "name", "position"):
        assert getattr(grid, name).tolist() == getattr(rows, name).tolist()
    assert grid.target.tolist() == [3, 3, 4]
    assert grid.velocity[2].tolist() == [10.0, 10.0]


@pytest.mark.parametrize(
    ("offset", "why"), [([1, 1], "begin with 0"), ([0, 2, 1], "falls"), ([0, 2], "begin with 0")]
)
def test_offsets_that_do_not_count_the_rows_are_refused(offset, why):
    with pytest.raises(FuseError, match=why):
        series(offset, [1], HERE)
