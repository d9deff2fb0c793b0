"""T-GOSPA: its authors' own examples, the full programme, every sequence, and a metric's axioms."""

import numpy as np
import pytest
from drawn_run import drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_metrics import t_gospa_by_full_programme, t_gospa_by_sequences

from steppewatch.errors import FuseError
from steppewatch.fuse.score import from_moments, gospa, meetings, t_gospa
from steppewatch.fuse.score.assign import near

NONE = ([], np.zeros((0, 2)))


def measure(truth, tracks, c, gamma, p=1.0, window=None):
    a, b = from_moments(truth), from_moments(tracks)
    pairs = [near(a.position[a.rows(k)], b.position[b.rows(k)], c) for k in range(len(a))]
    return t_gospa(meetings(a, b, pairs, c), c, gamma, p=p, window=window)


def lines(moments, *tracks):
    """Make moments of tracks on a line: name → (first moment, its places one after the other)."""
    out = []
    for k in range(moments):
        there = [(n, w[k - s]) for n, (s, w) in enumerate(tracks) if s <= k < s + len(w)]
        there = [(n, at) for n, at in there if np.isfinite(at)]
        out.append(([n for n, _ in there], np.array([[at, 0.0] for _, at in there]).reshape(-1, 2)))
    return out


# The examples that go with the authors' own code (examplesForTrajectoryMetric), c = 5, p = 1,
# γ = 1: moments, truth, tracks, then localisation, missed, false and switch costs by hand.
EXAMPLES = {
    "one error all along": (5, [(0, [1.0] * 5)], [(0, [2.0] * 5)], (5.0, 0.0, 0.0, 0.0)),
    "lost at the end": (5, [(0, [1.0] * 5)], [(0, [2.0] * 4)], (4.0, 2.5, 0.0, 0.0)),
    "one switch": (
        5, [(0, [1.0] * 5)], [(0, [1.1] * 3), (3, [1.1] * 2)], (0.5, 0.0, 0.0, 1.0),
    ),
    "two switches": (
        5,
        [(0, [1.0] * 5), (0, [2.2] * 3), (3, [2.2] * 2)],
        [(0, [1.1] * 3), (3, [1.1] * 2), (0, [2.1] * 5)],
        (1.0, 0.0, 0.0, 2.0),
    ),
    "two tracks swap": (
        4,
        [(0, [1.0] * 4), (0, [2.2] * 4)],
        [(0, [2.0, 2.0, 1.2, 1.2]), (0, [1.2, 1.2, 2.0, 2.0])],
        (1.6, 0.0, 0.0, 2.0),
    ),
    "one switch is better than errors of one": (
        4,
        [(0, [1.0] * 4), (0, [2.2] * 4)],
        [(0, [2.0] * 4), (0, [1.2] * 2), (2, [1.2] * 2)],
        (1.6, 0.0, 0.0, 1.0),
    ),
    "a hole in the truth": (
        5,
        [(0, [0.5] * 5), (0, [2.0, 2.0, np.nan, 2.0, 2.0])],
        [(0, [1.5] * 5), (0, [0.0] * 5)],
        (4.5, 0.0, 2.5, 0.0),
    ),
    "nothing told": (5, [(0, [0.5] * 5), (0, [2.0] * 5)], [], (0.0, 25.0, 0.0, 0.0)),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_authors_examples(example):
    moments, truth, tracks, causes = EXAMPLES[example]
    got = measure(lines(moments, *truth), lines(moments, *tracks), 5.0, 1.0)
    assert (got.localisation, got.missed, got.false, got.switch) == pytest.approx(causes, abs=1e-9)
    assert got.distance == pytest.approx(sum(causes))


small = st.tuples(
    st.integers(1, 10**6), st.sampled_from([1.0, 2.0]), st.sampled_from([4.0, 20.0, 60.0])
)


@settings(max_examples=60, deadline=None)
@given(small)
def test_it_is_the_full_linear_programme_with_every_pair_in_it(given_):
    seed, p, gamma = given_
    _, truth, tracks = drawn(seed, moments=9, targets=3)
    got = measure(truth, tracks, 40.0, gamma, p)
    assert got.distance == pytest.approx(
        t_gospa_by_full_programme(truth, tracks, 40.0, gamma, p), rel=1e-7, abs=1e-7
    )


@settings(max_examples=40, deadline=None)
@given(small)
def test_it_is_never_above_the_best_sequence_of_assignments_and_mostly_equal(given_):
    """The paper's §IV: the programme bounds the multi-dimensional metric from below."""
    seed, p, gamma = given_
    _, truth, tracks = drawn(seed, moments=5, targets=2)
    if len({n for names, _ in tracks for n in names}) > 4:
        tracks = [(m[0][:2], m[1][:2]) for m in tracks]
    if len({n for names, _ in tracks for n in names}) > 4:
        return
    exact = t_gospa_by_sequences(truth, tracks, 40.0, gamma, p)
    got = measure(truth, tracks, 40.0, gamma, p).distance
    assert got <= exact + 1e-7
    assert got >= 0.9 * exact


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10**6), st.sampled_from([1.0, 2.0]))
def test_it_is_a_metric(seed, p):
    x, y = drawn(seed, moments=6, targets=3)[1:]
    z = drawn(seed + 1, moments=6, targets=3)[1]

    def d(a, b):
        return measure(a, b, 40.0, 15.0, p).distance

    assert d(x, x) == pytest.approx(0.0, abs=1e-6)
    assert d(x, y) == pytest.approx(d(y, x), rel=1e-7, abs=1e-7)
    assert d(x, z) <= d(x, y) + d(y, z) + 1e-6
    said = [names for side in (y, z) for names, _ in side]
    assert d(y, z) > 0.0 or not any(said)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 10**6))
def test_windows_only_forget_switches(seed):
    _, truth, tracks = drawn(seed, moments=12, targets=4)
    whole = measure(truth, tracks, 40.0, 20.0, 2.0)
    cut = measure(truth, tracks, 40.0, 20.0, 2.0, window=4)
    assert cut.distance <= whole.distance + 1e-6
    points = sum(
        gospa(x[1], y[1], 40.0, 2.0).distance ** 2 for x, y in zip(truth, tracks, strict=True)
    )
    single = measure(truth, tracks, 40.0, 20.0, 2.0, window=1)
    assert single.distance**2 == pytest.approx(points)
    assert single.switch == 0.0
    assert measure(truth, tracks, 40.0, 20.0, 2.0, window=12).distance == whole.distance


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 10**6))
def test_causes_sum_up_over_time_and_over_kinds(seed):
    _, truth, tracks = drawn(seed, moments=10, targets=4)
    got = measure(truth, tracks, 40.0, 20.0, 2.0)
    assert got.over_time.sum(axis=0) == pytest.approx(
        [got.localisation, got.missed, got.false, got.switch]
    )
    assert got.over_time.sum() == pytest.approx(got.distance**2)
    assert got.per_moment == pytest.approx((got.distance**2 / 10) ** 0.5)
    assert (got.over_time >= -1e-9).all()


def test_switches_are_free_without_a_penalty_worth_naming_and_never_worth_it_with_a_large_one():
    _, truth, tracks = drawn(11, moments=20, targets=4)
    cheap = measure(truth, tracks, 40.0, 1e-6, 2.0)
    points = sum(
        gospa(x[1], y[1], 40.0, 2.0).distance ** 2 for x, y in zip(truth, tracks, strict=True)
    )
    assert cheap.distance**2 == pytest.approx(points)
    assert measure(truth, tracks, 40.0, 1e4, 2.0).switch == pytest.approx(0.0, abs=1e-3)


def test_empty_runs_and_parameters_without_sense():
    assert measure([NONE] * 3, [NONE] * 3, 5.0, 1.0).distance == 0.0
    for bad in ({"c": 0.0}, {"gamma": 0.0}, {"p": 0.5}, {"window": 0}):
        kept = {"c": 5.0, "gamma": 1.0, **bad}
        with pytest.raises(FuseError, match="positive"):
            measure([NONE], [NONE], **kept)
