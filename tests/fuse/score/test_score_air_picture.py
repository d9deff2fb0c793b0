"""SIAP measures as Stone Soup 1.9.1 sums them, and worked by hand."""

import itertools
import math

import numpy as np
import pytest
from drawn_run import drawn
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.fuse.score import score_run, series
from steppewatch.fuse.score.air_picture import _cover

# Stone Soup 1.9.1 (SIAPMetrics) on ``drawn(seed)``, with the same tracks on the same targets within
# 25 m, run once for these numbers: completeness, ambiguity, spuriousness, position accuracy; then
# the longest track segment, each unbroken segment given to it as a track of its own.
PEER = {
    1: (0.9025641025641026, 1.0056818181818181, 0.06349206349206349, 9.295915607055314,
        0.4021164021164021),
    2: (0.93, 1.0053763440860215, 0.065, 8.964672738073476, 0.4690721649484536),
    3: (0.9019607843137255, 1.0108695652173914, 0.06532663316582915, 9.440545694725088,
        0.3333333333333333),
}  # fmt: skip


@pytest.mark.parametrize("seed", PEER)
def test_the_measures_equal_stone_soups(seed):
    got = score_run(*drawn(seed), c=25.0, keep=25.0).siap
    said = (got.completeness, got.ambiguity, got.spuriousness, got.position, got.longest)
    assert said == pytest.approx(PEER[seed])


def test_the_rate_of_track_number_changes_equals_stone_soups():
    """For seed 3 alone: the others have segments of one moment, which it does not know."""
    got = score_run(*drawn(3), c=25.0, keep=25.0).siap
    assert got.change_rate == pytest.approx(0.03421052627077562, rel=1e-7)


def test_a_case_worked_by_hand():
    """Two targets for 40 s each; tracks 1 and 2 on the first, 3 and later 4 on the second."""
    a, b, far = [0.0, 0.0], [5e3, 0.0], [90e3, 0.0]
    truth = [([1, 2], np.array([a, b]))] * 5
    tracks = [
        ([11, 13], [[3.0, 4.0], b]),
        ([11, 12, 13], [[3.0, 4.0], [0.0, 10.0], b]),  # two tracks on target 1
        ([11, 13, 19], [[3.0, 4.0], b, far]),  # 19 stands on nothing
        ([11], [[3.0, 4.0]]),  # target 2 is lost
        ([11, 14], [[3.0, 4.0], b]),
    ]
    got = score_run([0.0, 10.0, 20.0, 30.0, 40.0], truth, [(n, np.array(p)) for n, p in tracks])
    s = got.siap
    assert s.completeness == pytest.approx(9 / 10)
    assert s.ambiguity == pytest.approx(10 / 9)
    assert s.spuriousness == pytest.approx(1 / 11)
    assert s.position == pytest.approx((5 * 5.0 + 10.0) / 10)
    assert s.change_rate == pytest.approx(1 / (40.0 + 20.0))  # target 2 needs two segments
    assert s.longest == pytest.approx((40.0 + 20.0) / 80.0)
    assert math.isnan(s.velocity)


def test_a_track_too_many_stands_for_the_nearest_target():
    truth = [([1, 2], np.array([[0.0, 0.0], [300.0, 0.0]]))]
    tracks = [([7, 8, 9], np.array([[0.0, 0.0], [300.0, 0.0], [200.0, 0.0]]))]
    got = score_run([0.0], truth, tracks, keep=500.0).siap
    assert (got.ambiguity, got.spuriousness) == (1.5, 0.0)
    assert got.position == pytest.approx(100.0 / 3)


def test_the_velocity_error_is_the_mean_of_vectors():
    here = np.zeros((2, 2))
    truth = series([0, 1, 2], [1, 1], here, velocity=[[10.0, 0.0], [10.0, 0.0]])
    tracks = series([0, 1, 2], [7, 7], here, velocity=[[13.0, 4.0], [10.0, 1.0]])
    assert score_run([0.0, 1.0], truth, tracks).siap.velocity == pytest.approx(3.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=6))
def test_segments_are_covered_by_as_few_of_them_as_can_be(drawn_segments):
    segments = sorted({(a, a + n) for a, n in drawn_segments}, key=lambda s: (s[0], -s[1]))
    times = 2.0 * np.arange(20)
    used, seconds = _cover([s[0] for s in segments], [s[1] for s in segments], times)
    whole = {k for a, b in segments for k in range(a, b + 1)}
    least = next(
        size
        for size in range(len(segments) + 1)
        for some in itertools.combinations(segments, size)
        if {k for a, b in some for k in range(a, b + 1)} == whole
    )
    assert used == least
    assert seconds == 2.0 * len({k for a, b in segments for k in range(a, b)})


def test_no_target_and_no_track_leave_nothing_to_divide_by():
    none = [([], np.zeros((0, 2)))] * 2
    s = score_run([0.0, 1.0], none, none).siap
    assert math.isnan(s.completeness)
    assert math.isnan(s.ambiguity)
    assert s.spuriousness == 0.0
