"""Greedy, exchanges and mending never break a condition; what a planner asks about a choice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_sets import allowed, best_of_all, links, siting, tiny, worth

from steppewatch.errors import PlanError
from steppewatch.plan.siting.bound import held_at_first
from steppewatch.plan.siting.dual import first_price, proof_of
from steppewatch.plan.siting.improve import improve
from steppewatch.plan.siting.solve import first_choice, solve
from steppewatch.plan.siting.study import board_of, curve, parts_of

MANY = settings(max_examples=100, deadline=None)


@MANY
@given(seed=st.integers(0, 100_000), chance=st.booleans())
def test_the_first_choice_and_every_exchange_keep_all_conditions(seed, chance):
    problem = tiny(seed, chance=chance)
    try:
        board = first_choice(problem)
    except PlanError:
        assert best_of_all(problem)[0] is None
        return
    assert allowed(problem, board.chosen())
    value = board.value
    improve(board)
    assert allowed(problem, board.chosen())
    assert board.value >= value - 1e-9
    assert board.value == pytest.approx(worth(problem, board.chosen()), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_greedy_keeps_its_promise(seed):
    """1 - 1/e for a number of sites, half of it for money (the better of two rules)."""
    problem = tiny(seed, what=frozenset(), chance=bool(seed % 2))
    best, _ = best_of_all(problem)
    promise = 1.0 - 1.0 / np.e
    if problem.costs.min() < problem.costs.max():
        promise /= 2.0
    assert first_choice(problem).value >= promise * best - 1e-9


def test_exchanges_find_what_greedy_misses():
    # Greedy takes the middle one (4 of 6) and one side; the two sides are all.
    problem = siting([[0, 1, 2], [3, 4, 5], [1, 2, 3, 4]], [1] * 6, [1, 1, 1], 2)
    assert first_choice(problem).chosen().tolist() == [0, 1]


def test_relays_are_bought_where_they_pay():
    problem = siting(
        [[], [], [0]], [9], [1, 1, 2], 4, links=links(3, [(0, 1), (1, 2)], [0])
    )  # fmt: skip
    assert first_choice(problem).chosen().tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(30))
def test_every_part_of_a_choice_is_worth_what_it_loses(seed):
    problem = tiny(seed, chance=bool(seed % 3 == 2))
    best, chosen = best_of_all(problem)
    if best is None:
        pytest.skip("no choice is possible")
    board = board_of(problem, np.asarray(chosen, np.int32))
    parts = parts_of(board)
    assert board.chosen().tolist() == list(chosen)
    assert [part.option for part in parts] == list(chosen)
    for part in parts:
        rest = np.setdiff1d(chosen, [part.option])
        assert part.adds == pytest.approx(best - worth(problem, rest), rel=1e-6, abs=1e-6)
        assert part.alone == pytest.approx(worth(problem, [part.option]), rel=1e-6, abs=1e-6)
        assert part.left <= best - part.adds + 1e-6
        for other in part.instead:
            swapped = np.append(rest, other.option)
            assert problem.site[other.option] != problem.site[part.option]
            assert allowed(problem, swapped)
            lost = best - worth(problem, swapped)
            assert other.loses == pytest.approx(lost, rel=1e-6, abs=1e-6)
        assert [o.loses for o in part.instead] == sorted(o.loses for o in part.instead)


def test_a_lost_relay_takes_with_it_what_hangs_on_it():
    problem = siting([[0], [], [1]], [1, 5], [1, 1, 1], 3, links=links(3, [(0, 1), (1, 2)], [0]))
    parts = parts_of(board_of(problem, np.array([0, 1, 2], np.int32)))
    assert [part.left for part in parts] == [0.0, 1.0, 1.0]
    assert [part.adds for part in parts] == [1.0, 0.0, 5.0]


@pytest.mark.parametrize("seed", range(12))
def test_every_point_of_the_curve_lies_on_both_sides_of_its_optimum(seed):
    problem = tiny(seed, what=frozenset({"pairs"}), chance=bool(seed % 2))
    board = first_choice(problem)
    proof = proof_of(problem, first_price(problem, board.count), held_at_first(problem))
    budgets = [0.5 * problem.budget, problem.budget, 2.0 * problem.budget]
    points = curve(problem, proof.price, budgets)
    assert [point.budget for point in points] == budgets
    for point in points:
        fields = {name: getattr(problem, name) for name in problem.__slots__}
        best, _ = best_of_all(type(problem)(**fields | {"budget": point.budget}))
        assert point.value <= best + 1e-6 <= point.bound + 2e-6
    values = [point.value for point in points]
    assert values == sorted(values)


def test_time_that_runs_out_at_any_moment_still_gives_a_choice_and_a_bound():
    rng = np.random.default_rng(5)
    columns = [np.flatnonzero(rng.random(150) < 0.1) for _ in range(30)]
    problem = siting(columns, np.ones(150), np.ones(30), 6.0)
    for jump in range(1, 40):
        ticks = iter(range(1_000_000))

        def clock(ticks=ticks, jump=jump):
            tick = next(ticks)
            return 0.0 if tick < jump else 65.0 + 0.01 * tick

        found = solve(problem, seconds=100.0, clock=clock)
        assert found.bound >= found.value > 0.0
