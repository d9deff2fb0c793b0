"""What to buy this year so that next year's choice is still good, against every choice."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from siting_sets import allowed, best_of_all, siting, tiny, worth

from steppewatch.errors import PlanError
from steppewatch.plan.siting.solve import solve
from steppewatch.plan.siting.stages import stages


def answer(problem):
    ticks = itertools.count()
    return solve(problem, seconds=20.0, clock=lambda: next(ticks) * 1e-4)


def test_buying_ahead_gives_up_something_now_for_more_later():
    # Now: the middle one (4 of 6). Later, money for two: the two sides are all.
    problem = siting([[0, 1, 2], [3, 4, 5], [1, 2, 3, 4]], [1] * 6, [1, 1, 1], 1)
    both = stages(problem, answer(problem), 1.0, answer)
    assert both.at_once.tolist() == [2]
    assert both.ahead.tolist() in ([0], [1])
    assert (both.at_once_now, both.at_once_later) == (4.0, 5.0)
    assert (both.ahead_now, both.ahead_later) == (3.0, 6.0)
    assert (both.bound_now, both.bound_later) == (4.0, 6.0)


@pytest.mark.parametrize("seed", range(40))
def test_both_ways_are_allowed_and_below_their_bounds(seed):
    problem = tiny(seed, what=frozenset({"pairs", "fixed", "barred", "limits"}))
    if best_of_all(problem)[0] is None:
        pytest.skip("no choice is possible")
    before = (problem.fixed.copy(), problem.barred.copy())
    more = 0.5 * problem.budget
    both = stages(problem, answer(problem), more, answer)
    assert np.array_equal(problem.fixed, before[0])
    assert np.array_equal(problem.barred, before[1])
    for first, value in ((both.at_once, both.at_once_now), (both.ahead, both.ahead_now)):
        assert allowed(problem, first)
        assert value == pytest.approx(worth(problem, first))
    now, later = (
        best_of_all(problem)[0],
        best_of_all(replace(problem, budget=1.5 * problem.budget))[0],
    )
    close = 1e-6 * problem.weights.sum()
    assert both.ahead_now <= both.at_once_now + close
    assert both.at_once_now == pytest.approx(now, abs=close)
    assert both.at_once_later <= both.ahead_later + close
    assert both.ahead_later == pytest.approx(later, abs=close)
    assert both.bound_now >= now - close
    assert both.bound_later >= later - close


@pytest.mark.parametrize("more", [0.0, -1.0, float("nan")])
def test_next_years_budget_is_money(more):
    problem = siting([[0]], [1], [1], 1)
    with pytest.raises(PlanError, match="next year's budget is"):
        stages(problem, answer(problem), more, answer)
