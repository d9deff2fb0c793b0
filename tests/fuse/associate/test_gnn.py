import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from steppewatch.fuse.associate import assign
from steppewatch.fuse.associate.gnn import shortest_paths, starts

UNMATCHED = 5.0


@st.composite
def graphs(draw):
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=9, unique=True
        )
    )
    costs = draw(st.lists(st.floats(-20.0, 20.0), min_size=len(pairs), max_size=len(pairs)))
    track, plot = (np.array(side) for side in zip(*pairs, strict=True))
    return track, plot, np.array(costs)


def naive_total(track, plot, cost):
    best = np.inf
    for size in range(len(track) + 1):
        for some in itertools.combinations(range(len(track)), size):
            rows = list(some)
            if len(set(track[rows])) == size == len(set(plot[rows])):
                left = len(set(track.tolist())) - size
                best = min(best, cost[rows].sum() + UNMATCHED * left)
    return best


@settings(deadline=None)  # the first call compiles
@given(graphs())
def test_the_assignment_is_the_cheapest_of_all(graph):
    track, plot, cost = graph
    chosen = assign(track, plot, cost, UNMATCHED)
    assert len(set(track[chosen])) == len(chosen) == len(set(plot[chosen]))
    left = len(set(track.tolist())) - len(chosen)
    total = cost[chosen].sum() + UNMATCHED * left
    assert abs(total - naive_total(track, plot, cost)) < 1e-6


def test_nothing_in_the_gate_assigns_nothing():
    none = np.zeros(0, np.int64)
    assert len(assign(none, none, np.zeros(0), UNMATCHED)) == 0


@pytest.mark.parametrize("crowding", [1.0, 3.0, 8.0])
def test_a_large_sparse_problem_costs_what_scipy_says(crowding):
    rng = np.random.default_rng(7)
    n = 300
    k = int(crowding * n)
    pairs = np.unique(rng.integers(0, n, (k, 2)), axis=0)
    track, plot, cost = pairs[:, 0], pairs[:, 1], rng.normal(0.0, 6.0, len(pairs))
    chosen = assign(track, plot, cost, UNMATCHED)
    assert len(np.unique(plot[chosen])) == len(chosen) == len(np.unique(track[chosen]))
    dense = np.full((n, 2 * n), 1e6)
    dense[track, plot] = cost
    dense[np.arange(n), n + np.arange(n)] = UNMATCHED
    row, column = linear_sum_assignment(dense)
    total = cost[chosen].sum() + UNMATCHED * (n - len(chosen))
    assert total == pytest.approx(dense[row, column].sum(), abs=1e-9)


def test_when_the_budget_runs_out_the_rest_is_matched_greedily_and_counted():
    n = 40
    track, plot = (side.ravel() for side in np.divmod(np.arange(n * n), n))
    cost = np.abs(track - plot + 0.0)
    chosen = np.full(n, -1)
    room = np.full(n, -1), np.full(n, np.inf), np.zeros(n), np.empty((4, n), np.int64)
    greedy = shortest_paths(starts(track, n), plot, -cost, 5.0, 200, chosen, *room)
    assert 0 < greedy < n
    assert len(np.unique(plot[chosen])) == n
