"""The best of all choices of tiny problems, found and proved."""

import itertools

import numpy as np
import pytest
from siting_sets import ALL, allowed, best_of_all, siting, tiny, worth

from steppewatch.errors import PlanError
from steppewatch.plan.siting.arrays import proof_arrays
from steppewatch.plan.siting.recheck import recheck
from steppewatch.plan.siting.solve import solve

SECONDS = 20.0


def ticks():
    """Count instead of measuring: the answer does not hang on the machine."""
    count = itertools.count()
    return lambda: next(count) * 1e-4


def answer(problem):
    return solve(problem, seconds=SECONDS, clock=ticks())


def check(problem, best):
    """Solve, hold the answer against the best of all, and the proof against the checker."""
    found = answer(problem)
    assert allowed(problem, found.chosen)
    assert found.value == pytest.approx(worth(problem, found.chosen), rel=1e-9)
    assert found.value <= best * (1.0 + 1e-9)
    assert found.bound >= best * (1.0 - 1e-9)
    verdict = recheck(problem, found.chosen, proof_arrays(found.tree))
    assert verdict.faults == ()
    assert verdict.value == pytest.approx(found.value, rel=1e-9)
    assert verdict.bound >= best * (1.0 - 1e-9)
    assert verdict.bound == pytest.approx(found.bound, rel=1e-6)
    assert verdict.spent == pytest.approx(problem.costs[found.chosen].sum())
    return found


@pytest.mark.parametrize("seed", range(200))
def test_certain_covering_is_solved_and_proved_whatever_is_asked_besides(seed):
    names = sorted(ALL)
    asked = {name for k, name in enumerate(names) if seed % 4 and (seed // 4) >> (k % 5) & 1}
    problem = tiny(seed, what=frozenset(asked if seed % 4 != 3 else ALL))
    best, _ = best_of_all(problem)
    if best is None:
        with pytest.raises(PlanError, match="no choice"):
            answer(problem)
        return
    found = check(problem, best)
    assert found.value == pytest.approx(best, rel=1e-9, abs=1e-12)
    # Multipliers are stored in 32 bits: each may be off by 6e-8 of its demand's weight.
    assert found.bound - found.value <= 1e-6 * max(found.value, problem.weights.sum())


def test_the_two_hundred_ask_everything_and_few_are_impossible():
    asked = {"needs": 0, "links": 0, "limits": 0, "fixed": 0, "barred": 0, "impossible": 0}
    for seed in range(200):
        if seed % 4 != 3:
            continue
        problem = tiny(seed)
        asked["needs"] += bool(problem.needs)
        asked["links"] += problem.links is not None
        asked["limits"] += bool(np.isfinite(problem.limits).any())
        asked["fixed"] += bool(problem.fixed.any())
        asked["barred"] += bool(problem.barred.any())
        asked["impossible"] += best_of_all(problem)[0] is None
    assert asked["impossible"] <= 25
    assert min(asked.values()) >= 5


@pytest.mark.parametrize("seed", range(60))
def test_the_best_expected_score_lies_between_the_value_and_the_bound(seed):
    problem = tiny(seed, what=frozenset({"pairs", "fixed", "barred", "limits"}), chance=True)
    best, _ = best_of_all(problem)
    if best is None:
        pytest.skip("no choice is possible")
    found = check(problem, best)
    assert found.value >= (1.0 - 1.0 / np.e) / 2.0 * best


@pytest.mark.parametrize("seed", range(60, 90))
def test_expected_scores_keep_needs_and_links_too(seed):
    problem = tiny(seed, chance=True)
    best, _ = best_of_all(problem)
    if best is None:
        with pytest.raises(PlanError, match="no choice"):
            answer(problem)
        return
    check(problem, best)


@pytest.mark.parametrize("seed", [3, 7, 11, 19])
def test_the_same_problem_has_the_same_answer(seed):
    one, two = (answer(tiny(seed)) if best_of_all(tiny(seed))[0] else None for _ in range(2))
    if one is None:
        pytest.skip("no choice is possible")
    assert one.chosen.tolist() == two.chosen.tolist()
    assert (one.value, one.bound, one.steps) == (two.value, two.bound, two.steps)
    for key, array in proof_arrays(one.tree).items():
        assert np.array_equal(array, proof_arrays(two.tree)[key]), key


def test_no_option_no_money_and_no_weight_are_answers_too():
    nothing = answer(siting([[0, 1]], [1, 1], [5], 4))
    assert (nothing.value, nothing.chosen.tolist()) == (0.0, [])
    assert nothing.bound == pytest.approx(0.0, abs=1e-6)
    weightless = answer(siting([[0], [1]], [0, 0], [1, 1], 1))
    assert weightless.value == weightless.bound == 0.0
    uncovered = answer(siting([[], []], [3.0, 4.0], [1, 1], 1))
    assert uncovered.value == 0.0
    assert uncovered.bound == pytest.approx(0.0, abs=1e-6)


def test_a_gap_asked_for_ends_the_search_early():
    problem = tiny(5, what=frozenset())
    best, _ = best_of_all(problem)
    found = solve(problem, seconds=SECONDS, gap=0.5, clock=ticks())
    assert found.gap <= 0.5
    assert found.value <= best <= found.bound + 1e-9


def test_progress_is_told_and_values_never_fall():
    told = []
    problem = tiny(8, what=frozenset({"pairs", "limits"}))
    solve(problem, seconds=SECONDS, clock=ticks(), tell=lambda *words: told.append(words))
    assert [step for step, _, _ in told][:2] == ["greedy", "bound"]
    values = [value for _, value, _ in told]
    assert values == sorted(values)
