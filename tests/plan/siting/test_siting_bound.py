"""Any multipliers ≥ 0 prove a bound, good ones and bad ones, for two programs that work it out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from siting_sets import best_of_all, chances, links, siting, some_prices, tiny

from steppewatch.plan.siting.arrays import proof_arrays
from steppewatch.plan.siting.bound import (
    Held,
    Multipliers,
    Wall,
    best_at,
    bound_of,
    fixed_part,
    held_at_first,
    profits,
)
from steppewatch.plan.siting.dual import descend, first_price, proof_of
from steppewatch.plan.siting.recheck import recheck
from steppewatch.plan.siting.solve import first_choice
from steppewatch.plan.siting.tree import Tree, single
from steppewatch.plan.siting.walls import walls_of

MANY = settings(max_examples=150, deadline=None)


def checked(problem, price, walls=()):
    """Give the checker's bound for one leaf."""
    return recheck(problem, np.zeros(0, np.int64), proof_arrays(single(price, walls))).bound


def some_walls(problem, rng):
    """Draw rings of sites without a gateway, as a search would find them."""
    if problem.links is None:
        return ()
    found = []
    for _ in range(3):
        chosen = np.flatnonzero(rng.random(problem.options) < 0.4).astype(np.int32)
        found += walls_of(problem, chosen)
    return tuple(found)


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_any_multipliers_prove_a_bound_and_both_programs_agree(seed, draw):
    problem = tiny(seed, most=8)
    best, _ = best_of_all(problem)
    assume(best is not None)
    rng = np.random.default_rng(draw)
    walls = some_walls(problem, rng)
    price = some_prices(problem, rng, walls=len(walls))
    bound = bound_of(problem, price, walls=walls)
    assert bound >= best - 1e-9 * max(1.0, abs(best))
    own = checked(problem, price, walls)
    assert own >= best - 2e-6 * max(1.0, abs(best))
    if not (problem.fixed | problem.barred).all():  # else the checker knows the only choice
        close = pytest.approx(bound, rel=1e-6, abs=1e-6)
        assert own == close or own == np.floor(bound + 1e-6)


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_any_multipliers_prove_a_bound_of_the_expected_score(seed, draw):
    problem = tiny(seed, most=8, chance=True)
    best, _ = best_of_all(problem)
    assume(best is not None)
    rng = np.random.default_rng(draw)
    anchor = np.flatnonzero(rng.random(problem.options) < 0.3).astype(np.int32)
    price = some_prices(problem, rng, anchor=anchor)
    bound = bound_of(problem, price)
    assert bound >= best - 1e-6 * max(1.0, abs(best))
    assert checked(problem, price) >= best - 1e-6 * max(1.0, abs(best))
    assume(not (problem.fixed | problem.barred).all())
    assert checked(problem, price) == pytest.approx(bound, rel=1e-6, abs=1e-6)


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_the_bound_of_a_part_holds_for_the_choices_in_it(seed, draw):
    problem = tiny(seed, most=8)
    rng = np.random.default_rng(draw)
    option = int(rng.integers(problem.options))
    assume(not problem.fixed[option] and not problem.barred[option])
    one, zero = problem.fixed.copy(), problem.barred.copy()
    taken = bool(rng.random() < 0.5)
    (one if taken else zero)[option] = True
    # Taken: as if the problem fixed the option and its site barred the others.
    part = replace(problem, fixed=one, barred=zero.copy())
    part.barred[(part.site == part.site[option]) & ~one] |= taken
    best, _ = best_of_all(part)
    assume(best is not None)
    walls = some_walls(problem, rng)
    price = some_prices(problem, rng, walls=len(walls))
    assert bound_of(problem, price, Held(one=one, zero=zero), walls) >= best - 1e-9 * max(1.0, best)


def test_the_bound_is_the_sum_by_hand():
    problem = siting(
        [[0, 1], [1, 2], [2]], [4, 2, 3], [1, 2, 1], 2, kind=np.array([0, 1, 0], np.int32),
        limits=np.array([1.0, np.inf]),
    )  # fmt: skip
    price = Multipliers(cover=np.array([3.0, 1.0, 0.5]), money=0.5, limits=np.array([0.25, 0.0]))
    # What is left of the weights 1 + 1 + 2.5, money 0.5 · 2, the limit 0.25 · 1.
    assert fixed_part(problem, price) == pytest.approx(4.5 + 1.0 + 0.25)
    assert profits(problem, price) == pytest.approx([4.0 - 0.75, 1.5 - 1.0, 0.5 - 0.75])
    assert best_at(problem, profits(problem, price), held_at_first(problem)) == pytest.approx(3.75)
    assert bound_of(problem, price) == pytest.approx(9.5)


def test_perfect_prices_prove_the_best_value_itself():
    problem = siting([[0], [1]], [5, 3], [1, 1], 1)
    price = Multipliers(cover=np.array([5.0, 3.0]), money=3.0, limits=np.zeros(1))
    assert bound_of(problem, price) == pytest.approx(5.0)


def test_a_wall_lowers_the_bound_of_sites_that_hang_on_nothing():
    problem = siting([[0], [1], [2]], [9, 1, 1], [1, 1, 1], 2, links=links(3, [(0, 1)], [2]))
    wall = (Wall(site=0, members=np.array([0, 1], np.int32)),)
    price = Multipliers(cover=problem.weights, limits=np.zeros(1))
    without = bound_of(problem, price)
    walled = bound_of(problem, replace(price, walls=np.array([9.0])), walls=wall)
    assert (without, walled) == (pytest.approx(11.0), pytest.approx(2.0))
    assert best_of_all(problem)[0] == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_the_descent_never_ends_above_its_beginning_and_stays_a_bound(seed):
    problem = tiny(seed, what=frozenset({"pairs", "fixed", "limits"}))
    best, _ = best_of_all(problem)
    if best is None:
        pytest.skip("no choice is possible")
    board = first_choice(problem)
    held = held_at_first(problem)
    begin = proof_of(problem, first_price(problem, board.count), held)
    end, often = descend(problem, begin, held, board.value, steps=100)
    assert best - 1e-9 <= end.bound <= begin.bound
    assert ((often >= 0.0) & (often <= 1.0)).all()
    assert end.bound == pytest.approx(bound_of(problem, end.price), rel=1e-12)


def test_a_demand_without_any_option_costs_the_bound_nothing():
    problem = siting([[0]], [1, 100], [1], 1)
    board = first_choice(problem)
    proof = proof_of(problem, first_price(problem, board.count), held_at_first(problem))
    assert proof.bound <= 1.0 + 1e-9


def test_one_leaf_without_walls_is_a_tree():
    price = Multipliers(cover=np.ones(2), limits=np.zeros(1))
    tree = single(price)
    assert isinstance(tree, Tree)
    assert (tree.split.tolist(), len(tree.prices), tree.walls) == ([-1], 1, ())
    assert single(price, (Wall(site=0, members=np.zeros(1, np.int32)),)).walls == ()


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_profits_are_what_the_definition_says(seed, draw):
    problem = tiny(seed, chance=bool(draw % 2))
    rng = np.random.default_rng(draw)
    price = some_prices(problem, rng)
    listed = np.zeros((problem.options, problem.demands))
    owner = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    listed[owner, problem.indices] = 1.0
    wanted = chances(problem) @ price.cover
    for need, twice in zip(problem.needs, price.twice, strict=True):
        wanted += listed[:, need.rows] @ twice
    for spare in price.spares:  # it pays nothing to the option that is left out
        more = listed[:, problem.needs[spare.need].rows] @ spare.worth
        more[spare.option] = 0.0
        wanted += more
    wanted -= price.money * problem.costs + price.limits[problem.kind]
    assert profits(problem, price) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
