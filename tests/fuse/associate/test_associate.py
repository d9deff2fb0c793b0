import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.fuse.associate import assign

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
