"""An impossible plan names the smallest set of conditions that contradict each other."""

from dataclasses import replace

import numpy as np
import pytest
from siting_sets import best_of_all, links, siting, tiny

from steppewatch.errors import PlanError
from steppewatch.plan.siting.conflict import conditions_of, conflict
from steppewatch.plan.siting.instance import Need
from steppewatch.plan.siting.solve import first_choice


def need(rows, sensors=1, share=1.0, name="ford"):
    return Need(name=name, rows=np.array(rows, np.int32), sensors=sensors, share=share)


def without(problem, one):
    """Give the problem without one condition."""
    if one.what == "budget":
        return replace(problem, budget=1e300)
    if one.what == "limit":
        limits = problem.limits.copy()
        limits[one.number] = np.inf
        return replace(problem, limits=limits)
    if one.what == "need":
        needs = tuple(n for k, n in enumerate(problem.needs) if k != one.number)
        return replace(problem, needs=needs)
    if one.what == "links":
        return replace(problem, links=None)
    none = np.zeros(problem.options, bool)
    at = np.isin(problem.site, problem.site[problem.fixed]) & ~problem.fixed
    if one.what == "fixed":  # and what it keeps off its sites
        return replace(problem, fixed=none, barred=problem.barred & ~at)
    return replace(problem, barred=at)


def names(found):
    return [(one.what, one.number) for one in found]


BASE = {
    "columns": [[0], [0, 1], [1]],
    "weights": [1, 1],
    "costs": [2, 3, 2],
    "kind": np.array([0, 1, 0], np.int32),
    "limits": np.array([np.inf, np.inf]),
}


def make(budget, **more):
    fields = BASE | {"budget": budget} | more
    return siting(
        fields.pop("columns"), fields.pop("weights"), fields.pop("costs"), fields.pop("budget"),
        **fields,
    )  # fmt: skip


IMPOSSIBLE = {
    "a need that costs too much": (
        make(2, needs=(need([0, 1]),)), [("budget", -1), ("need", 0)]
    ),
    "a need of two where one package is limited": (
        make(99, needs=(need([0, 1], 2),), limits=np.array([np.inf, 0.0])),
        [("limit", 1), ("need", 0)],
    ),
    "a need that no sites can meet": (make(99, needs=(need([0], 3),)), [("need", 0)]),
    "fixed equipment above the budget": (
        make(1, fixed=np.array([True, False, False])), [("budget", -1), ("fixed", -1)]
    ),
    "fixed equipment above a limit": (
        make(99, fixed=np.array([True, False, True]), limits=np.array([1.0, np.inf])),
        [("limit", 0), ("fixed", -1)],
    ),
    "a need whose site is barred": (
        make(99, needs=(need([0], 2),), barred=np.array([True, False, False])),
        [("need", 0), ("barred", -1)],
    ),
    "a second need that is innocent": (
        make(99, needs=(need([1], name="pass"), need([0], 3)), limits=np.array([5.0, 5.0])),
        [("need", 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_the_set_is_the_one_expected(name):
    problem, wanted = IMPOSSIBLE[name]
    assert best_of_all(problem)[0] is None
    assert names(conflict(problem)) == wanted


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_the_message_names_them_all(name):
    problem, _ = IMPOSSIBLE[name]
    with pytest.raises(PlanError, match="no choice is possible") as caught:
        first_choice(problem, packages=["radar", "camera"])
    for one in conflict(problem, ["radar", "camera"]):
        assert one.told in str(caught.value)
    assert "relax one of them" in str(caught.value)


def test_conditions_speak_the_planners_words():
    problem = make(
        2, needs=(need([0, 1], 2, 0.5),), limits=np.array([4.0, np.inf]),
        barred=np.array([True, False, False]), fixed=np.array([False, True, False]),
        links=links(3, [], [1]),
    )  # fmt: skip
    told = [one.told for one in conditions_of(problem, ["radar"])]
    assert told == [
        "the budget of 2",
        "at most 4 of radar",
        "need 'ford': 50.0% covered by 2 (all sites together could cover 50.0% so often)",
        "1 options are barred",
        "every site must reach a gateway",
        "1 options are fixed and cost 3",
    ]


def test_a_fixed_site_that_reaches_no_gateway_is_named():
    problem = make(99, fixed=np.array([True, False, False]), links=links(3, [(1, 2)], [2]))
    found = conflict(problem)
    assert [one.what for one in found] == ["links", "fixed"]
    assert "fixed site 0 can reach none over any links" in found[1].told


@pytest.mark.parametrize("seed", range(150))
def test_none_of_the_set_can_be_spared(seed):
    what = frozenset({"pairs", "fixed", "barred", "limits", "needs"})
    problem = tiny(3_000 + seed, what=what, most=8)
    # Poor and demanding: many of these are impossible.
    problem = replace(
        problem,
        budget=0.6 * problem.budget,
        needs=tuple(replace(n, share=min(1.0, 1.5 * n.share)) for n in problem.needs),
    )
    found = conflict(problem)
    best, _ = best_of_all(problem)
    assert bool(found) == (best is None)
    kept = {(one.what, one.number) for one in found}
    rest = problem
    for one in conditions_of(problem):
        if (one.what, one.number) not in kept:
            rest = without(rest, one)
    if found:
        assert best_of_all(rest)[0] is None  # they alone contradict each other
    for one in found:
        assert best_of_all(without(rest, one))[0] is not None, one.told


def test_some_of_the_hundred_and_fifty_are_impossible():
    what = frozenset({"pairs", "fixed", "barred", "limits", "needs"})
    hard = 0
    for seed in range(150):
        problem = tiny(3_000 + seed, what=what, most=8)
        needs = tuple(replace(n, share=min(1.0, 1.5 * n.share)) for n in problem.needs)
        hard += bool(conflict(replace(problem, budget=0.6 * problem.budget, needs=needs)))
    assert 10 <= hard <= 100
