"""A covering problem as plain arrays: both ways round, in any order, and every refusal."""

import re

import numpy as np
import pytest
from siting_sets import tiny

from steppewatch.errors import PlanError
from steppewatch.plan.siting.arrays import arrays_of, siting_of

GOOD = {
    "indptr": [0, 2, 3],
    "indices": [0, 2, 1],
    "weights": [1.0, 2.0, 3.0],
    "costs": [5.0, 6.0],
    "budget": 10.0,
}


def read(**changes):
    return siting_of({k: v for k, v in (GOOD | changes).items() if v is not None}, "x.npz")


def test_the_smallest_problem_has_defaults_for_all_else():
    problem = read()
    assert problem.indptr.tolist() == [0, 2, 3]
    assert problem.indices.dtype == np.int32
    assert (problem.options, problem.demands, problem.sites) == (2, 3, 2)
    assert problem.chance is None
    assert problem.links is None
    assert problem.needs == ()
    assert problem.limits.tolist() == [np.inf]
    assert not problem.fixed.any()
    assert not problem.barred.any()


def test_lists_by_demand_are_turned():
    # Demand 0 is covered by option 0, demand 1 by option 1, demand 2 by option 0.
    problem = read(indptr=[0, 1, 2, 3], indices=[0, 1, 0], chance=[0.1, 0.2, 0.3])
    assert problem.indptr.tolist() == [0, 2, 3]
    assert problem.indices.tolist() == [0, 2, 1]
    assert problem.chance == pytest.approx([0.1, 0.3, 0.2])


def test_a_square_problem_is_read_by_option():
    problem = read(weights=[1.0, 2.0], indices=[0, 1, 1])
    assert problem.indices.tolist() == [0, 1, 1]


def test_lists_out_of_order_and_with_doubles_are_put_in_order():
    problem = read(indptr=[0, 4, 5], indices=[2, 0, 2, 0, 1], chance=[0.5, 0.25, 0.5, 0.25, 1.0])
    assert problem.indptr.tolist() == [0, 2, 3]
    assert problem.indices.tolist() == [0, 2, 1]
    assert problem.chance == pytest.approx([0.25, 0.5, 1.0])


def test_an_endless_budget_is_a_large_one():
    assert read(budget=np.inf).budget == 1e300


def test_what_shares_a_site_with_a_fixed_option_is_barred():
    problem = read(site=[0, 0], fixed=[True, False], barred=[True, False])
    assert problem.fixed.tolist() == [True, False]
    assert problem.barred.tolist() == [False, True]


@pytest.mark.parametrize("seed", range(30))
def test_a_problem_survives_the_way_there_and_back(seed):
    problem = tiny(seed, chance=bool(seed % 2))
    again = siting_of(arrays_of(problem), "x.npz")
    for key, value in arrays_of(problem).items():
        assert np.array_equal(np.asarray(value), np.asarray(arrays_of(again)[key])), key


NEED = {
    "need_start": [0, 2],
    "need_rows": [0, 1],
    "need_sensors": [2],
    "need_share": [0.5],
    "need_names": ["a"],
}
LINK = {"link_indptr": [0, 1, 2], "link_indices": [1, 0], "gateway": [True, False]}

REFUSED = [
    ({"indptr": None, "budget": None}, "no array indptr, budget: a covering problem needs"),
    ({"weights": [1.0, -2.0, 3.0]}, "weights[1] is -2.0: expected a finite number ≥ 0"),
    ({"weights": [1.0, np.nan, 3.0]}, "weights[1] is nan: expected a finite"),
    ({"costs": [np.inf, 1.0]}, "costs[0] is inf: expected a finite"),
    ({"budget": -1.0}, "budget[0] is -1.0: expected a finite"),
    ({"budget": np.nan}, "budget[0] is nan"),
    ({"budget": [1.0, 2.0]}, "2 budgets and 2 costs: expected one budget"),
    ({"costs": [], "indptr": [0], "indices": []}, "1 budgets and 0 costs"),
    ({"costs": ["a", "b"]}, "expected numbers"),
    ({"indices": [0.5, 2, 1]}, "indices is no list of whole numbers"),
    ({"indices": ["a", "b", "c"]}, "indices is no list of whole numbers"),
    ({"indices": [[0, 2, 1]]}, "indices is no list of whole numbers"),
    ({"indices": [0, np.inf, 1]}, "indices is no list of whole numbers"),
    ({"indices": [0, 2**40, 1]}, "indices runs from 0 to 1099511627776: expected 0 to 2147483647"),
    ({"indices": [-1, 2, 1]}, "indices runs from -1 to 2"),
    ({"indices": [0, 3, 1]}, "indices has 3: expected less than 3"),
    ({"indptr": [0, 3]}, "indptr has 2 entries: expected 3 (one more than the 2 costs), or 4"),
    ({"indptr": [0, 2, 4]}, "indptr runs from 0 to 4: expected 0 to 3"),
    ({"indptr": [1, 2, 3]}, "indptr runs from 1 to 3"),
    ({"indptr": [0, 4, 3]}, "never falling"),
    ({"chance": [0.5, 1.5, 0.5]}, "chance must hold 3 probabilities from 0 to 1"),
    ({"chance": [0.5, np.nan, 0.5]}, "chance must hold 3 probabilities"),
    ({"chance": [0.5]}, "chance must hold 3 probabilities"),
    ({"site": [0]}, "site has 1 entries, expected 2"),
    ({"kind": [0, 0, 0]}, "kind has 3 entries, expected 2"),
    ({"fixed": [True]}, "fixed has 1 entries, expected 2"),
    ({"barred": [True]}, "barred has 1 entries, expected 2"),
    ({"kind": [0, 3]}, None),
    ({"kind": [0, 1], "limits": [1.0]}, "limits must hold a number ≥ 0 (inf for none) for each of"),
    ({"limits": [-1.0]}, "limits must hold"),
    ({"limits": [np.nan]}, "limits must hold"),
    (NEED, None),
    (NEED | {"need_share": None}, "no array need_share"),
    (NEED | {"need_rows": [0, 3]}, "need_start and need_rows: indices has 3: expected less than 3"),
    (NEED | {"need_rows": [1, 1]}, "need_rows none twice"),
    (NEED | {"need_start": [0, 5]}, "need_start and need_rows: indptr runs from 0 to 5"),
    (NEED | {"need_sensors": [2, 2]}, "must have 1 entries, one for each need"),
    (NEED | {"need_sensors": [0]}, "a need asks less than 1 sensor, or a share above 1"),
    (NEED | {"need_share": [1.5]}, "a share above 1"),
    (LINK, None),
    (LINK | {"gateway": None}, "no array gateway"),
    (LINK | {"gateway": [True]}, "link_indptr and gateway have 3 and 1 entries: expected 3 and 2"),
    (LINK | {"link_indices": [1, 2]}, "link_indices: indices has 2: expected less than 2"),
    (LINK | {"link_indptr": [0, 1, 1], "link_indices": [1]}, "from site 0 to 1 and not back"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_what_does_not_fit_is_refused_by_name(changes, words):
    if words is None:
        assert read(**changes).options == 2
        return
    with pytest.raises(PlanError, match=re.escape(words)) as caught:
        read(**changes)
    assert str(caught.value).startswith("x.npz")
