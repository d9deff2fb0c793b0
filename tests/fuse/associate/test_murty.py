import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import linear_sum_assignment

from steppewatch.fuse.associate.murty import k_best

INF = np.inf
MURTY = [
    [7, 51, 52, 87, 38, 60, 74, 66, 0, 20],
    [50, 12, 0, 64, 8, 53, 0, 46, 76, 42],
    [27, 77, 0, 18, 22, 48, 44, 13, 0, 57],
    [62, 0, 3, 8, 5, 6, 14, 0, 26, 39],
    [0, 97, 0, 5, 13, 0, 41, 31, 62, 48],
    [79, 68, 0, 0, 15, 12, 17, 47, 35, 43],
    [76, 99, 48, 27, 34, 0, 0, 0, 28, 0],
    [0, 20, 9, 27, 46, 15, 84, 19, 3, 24],
    [56, 10, 45, 39, 0, 93, 67, 79, 19, 38],
    [27, 0, 39, 53, 46, 24, 69, 46, 23, 1],
]
"""The table of Murty 1968, as later papers and libraries hand it on."""


def all_costs(cost):
    """Give the cost of every complete assignment, ascending, by trying all."""
    n, m = cost.shape
    totals = (
        sum(cost[row, column] for row, column in enumerate(columns))
        for columns in itertools.permutations(range(m), n)
    )
    return sorted(total for total in totals if np.isfinite(total))


def ranked_by_subsets(cost, k):
    """Give the k least totals of a square table, row by row over the sets of used columns."""
    least = {0: [0.0]}
    for row in cost:
        grown = {}
        for used, totals in least.items():
            for column, price in enumerate(row):
                if not used >> column & 1:
                    grown.setdefault(used | 1 << column, []).extend(t + price for t in totals)
        least = {used: sorted(totals)[:k] for used, totals in grown.items()}
    (totals,) = least.values()
    return totals


@st.composite
def tables(draw):
    n = draw(st.integers(1, 4))
    m = draw(st.integers(n, 5))
    value = st.one_of(st.integers(-9, 9).map(float), st.just(INF))
    return draw(arrays.arrays(np.float64, (n, m), elements=value))


@settings(deadline=None)
@given(tables(), st.integers(1, 130))
def test_the_ranking_is_that_of_trying_all(cost, k):
    columns, worth = k_best(cost, k)
    assert worth.tolist() == all_costs(cost)[:k]
    assert len({tuple(row) for row in columns.tolist()}) == len(columns)
    rows = np.arange(len(cost))
    for chosen, total in zip(columns, worth, strict=True):
        assert len(set(chosen.tolist())) == len(cost)
        assert cost[rows, chosen].sum() == total


def test_murtys_own_table_is_ranked_as_by_dynamic_programming():
    cost = np.array(MURTY, float)
    _, worth = k_best(cost, 100)
    assert worth.tolist() == ranked_by_subsets(cost, 100)
    assert worth[0] == 0.0


def test_real_costs_come_in_order_and_each_once():
    rng = np.random.default_rng(2)
    cost = rng.normal(0.0, 10.0, (6, 7))
    columns, worth = k_best(cost, 400)
    assert np.all(np.diff(worth) >= 0.0)
    assert len(np.unique(columns, axis=0)) == 400
    assert worth == pytest.approx(all_costs(cost)[:400])


def test_the_first_of_a_large_table_is_scipys():
    cost = np.random.default_rng(3).exponential(1.0, (60, 80))
    _, worth = k_best(cost, 2)
    row, column = linear_sum_assignment(cost)
    assert worth[0] == pytest.approx(cost[row, column].sum())
    assert worth[1] > worth[0]


@pytest.mark.parametrize(
    "cost", [[[INF, INF], [1.0, 2.0]], [[1.0, INF], [1.0, INF]], [[INF]]], ids=str
)
def test_where_nothing_is_possible_nothing_comes(cost):
    columns, worth = k_best(np.array(cost), 3)
    assert columns.shape == (0, len(cost))
    assert len(worth) == 0
