"""Near pairs and their matching are those that a search through all of them finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plain_metrics import distances, partial_matchings
from scipy.optimize import linear_sum_assignment

from steppewatch.fuse.score import assign

points = st.integers(0, 8).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.integers(-4, 4).map(float))
)
tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-2, 9).map(float))
)


@given(points, points, st.sampled_from([0.5, 1.0, 2.0, 5.0, 100.0]))
def test_near_finds_all_pairs_closer_than_the_reach_and_none_at_it(x, y, reach):
    found = assign.near(x, y, reach)
    d = distances(x, y)
    i, j = np.nonzero(d < reach)
    assert (found.first.tolist(), found.second.tolist()) == (i.tolist(), j.tolist())
    assert found.distance == pytest.approx(d[i, j])


@given(tables)
def test_match_has_the_greatest_sum_of_all_matchings(value):
    i, j = np.nonzero(np.ones(value.shape))
    chosen = assign.match(i, j, value.ravel())
    assert len(set(i[chosen].tolist())) == len(set(j[chosen].tolist())) == len(chosen)
    assert (value.ravel()[chosen] > 0.0).all()
    best = max(sum(value[a, b] for a, b in pairs) for pairs in partial_matchings(*value.shape))
    assert value.ravel()[chosen].sum() == best


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_a_component_too_large_for_a_full_matrix_is_solved_as_well_as_one_that_is_not(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(2, 30, 2)
    value = np.where(rng.random((n, m)) < 0.3, rng.random((n, m)), 0.0)
    i, j = np.nonzero(value)
    whole = value[linear_sum_assignment(value, maximize=True)].sum()
    before = assign.DENSE
    try:
        assign.DENSE = 0
        chosen = assign.match(i, j, value[i, j])
    finally:
        assign.DENSE = before
    assert len(set(i[chosen].tolist())) == len(set(j[chosen].tolist())) == len(chosen)
    assert value[i[chosen], j[chosen]].sum() == pytest.approx(whole)


def test_components_are_those_that_pairs_connect():
    part = assign.components(np.array([0, 0, 3, 5]), np.array([1, 2, 2, 9]))
    assert part[0] == part[1] == part[2] != part[3]
