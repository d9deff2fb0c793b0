"""OSPA⁽²⁾ compares tracks: the definition by all permutations, and what a switch costs."""

import numpy as np
import pytest
from drawn_run import drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_metrics import ospa2_by_permutations

from steppewatch.errors import FuseError
from steppewatch.fuse.score import from_moments, meetings, ospa, ospa2
from steppewatch.fuse.score.assign import near


def met(truth, tracks, c):
    a, b = from_moments(truth), from_moments(tracks)
    pairs = [near(a.position[a.rows(k)], b.position[b.rows(k)], c) for k in range(len(a))]
    return meetings(a, b, pairs, c)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10**6), st.sampled_from([1.0, 2.0]), st.sampled_from([1.0, 2.0]))
def test_each_window_is_the_definition_by_all_permutations(seed, p, q):
    _, truth, tracks = drawn(seed, moments=8, targets=3)
    window, c = 3, 30.0
    values = ospa2(met(truth, tracks, c), c, window=window, p=p, q=q)
    for k, value in enumerate(values):
        cut = slice(max(0, k + 1 - window), k + 1)
        if max(len({n for m in s[cut] for n in m[0]}) for s in (truth, tracks)) <= 6:
            assert value == pytest.approx(
                ospa2_by_permutations(truth[cut], tracks[cut], c, p, q), abs=1e-9
            )


def test_a_switch_costs_while_the_window_holds_both_halves_and_then_is_forgotten():
    here = np.array([[0.0, 0.0]])
    truth = [([1], here)] * 8
    tracks = [([7], here)] * 4 + [([8], here)] * 4
    values = ospa2(met(truth, tracks, 10.0), 10.0, window=4)
    # With j of 4 moments on the second track the better one misses min(j, 4 − j) of 4; the other
    # one is a false track: (10·m/4 + 10) / 2.
    assert values == pytest.approx([0, 0, 0, 0, 6.25, 7.5, 6.25, 0])


def test_a_short_false_track_costs_as_much_as_a_long_one():
    here, far = np.array([[0.0, 0.0]]), np.array([[0.0, 0.0], [900.0, 0.0]])
    truth = [([1], here)] * 4
    short = [([7], here)] * 3 + [([7, 8], far)]
    long = [([7, 8], far)] * 4
    for tracks in (short, long):
        assert ospa2(met(truth, tracks, 10.0), 10.0, window=4)[-1] == pytest.approx(5.0)


def test_a_window_of_one_moment_is_ospa_of_the_points():
    _, truth, tracks = drawn(5)
    values = ospa2(met(truth, tracks, 25.0), 25.0, window=1)
    assert values == pytest.approx(
        [ospa(x[1], y[1], 25.0, 1.0) for x, y in zip(truth, tracks, strict=True)]
    )


def test_nothing_is_no_distance_and_a_window_of_none_is_refused():
    none = [([], np.zeros((0, 2)))] * 3
    assert ospa2(met(none, none, 5.0), 5.0).tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(FuseError, match="at least one"):
        ospa2(met(none, none, 5.0), 5.0, window=0)
