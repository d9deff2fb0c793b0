"""Options that are ruled out are in no better choice, whatever multipliers rule them out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from siting_sets import best_of_all, siting, some_prices, tiny

from steppewatch.errors import PlanError
from steppewatch.plan.siting.arrays import proof_arrays
from steppewatch.plan.siting.bound import Held, Multipliers, bound_of, held_at_first
from steppewatch.plan.siting.first import first_choice
from steppewatch.plan.siting.peg import forced_in, pegged
from steppewatch.plan.siting.recheck import recheck
from steppewatch.plan.siting.tree import rounding, single

MANY = settings(max_examples=150, deadline=None)


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_no_better_choice_holds_what_is_ruled_out(seed, draw):
    problem = tiny(seed, most=8)
    rng = np.random.default_rng(draw)
    price = some_prices(problem, rng)
    value = float(rng.random() * problem.weights.sum())
    held = held_at_first(problem)
    out = pegged(problem, price, held, (), value, whole=rounding(problem))
    assert not (out & (problem.fixed | problem.barred)).any()
    for i in np.flatnonzero(out):
        fixed, barred = problem.fixed.copy(), problem.barred.copy()
        fixed[i] = True
        barred[(problem.site == problem.site[i]) & ~fixed] = True
        best, _ = best_of_all(replace(problem, fixed=fixed, barred=barred))
        assert best is None or best <= value + 1e-9


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_the_bound_of_the_choices_with_an_option_is_that_of_the_part(seed, draw):
    problem = tiny(seed, most=8)
    price = some_prices(problem, np.random.default_rng(draw))
    held = held_at_first(problem)
    forced = forced_in(problem, price, held)
    for i in np.flatnonzero(~(problem.fixed | problem.barred)):
        one = problem.fixed.copy()
        one[i] = True
        part = bound_of(problem, price, Held(one=one, zero=problem.barred))
        assert forced[i] == pytest.approx(part, rel=1e-9, abs=1e-9)


@MANY
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 2**32))
def test_a_proof_that_rules_options_out_still_proves_a_bound(seed, draw):
    problem = tiny(seed, most=8)
    best, chosen = best_of_all(problem)
    assume(best is not None)
    rng = np.random.default_rng(draw)
    if rng.random() < 0.5:  # from a worse choice less can be ruled out, never too much
        chosen = first_choice(problem).chosen()
    leaf, peg = some_prices(problem, rng), some_prices(problem, rng)
    proof = proof_arrays(replace(single(leaf), peg=peg))
    assert proof["pegged"]
    verdict = recheck(problem, np.asarray(chosen, int), proof)
    assert verdict.bound >= best - 2e-6 * max(1.0, abs(best))
    assert verdict.faults == ()


@pytest.fixture
def ruled():
    """Give a proof in which option 1 is ruled out: with it no choice has more than 5."""
    problem = siting([[0], [1]], [5, 3], [1, 1], 1)
    price = Multipliers(cover=np.array([5.0, 3.0]), money=3.0, limits=np.zeros(1))
    return problem, proof_arrays(replace(single(price), peg=price))


def test_a_proof_may_rest_on_the_choice_in_hand(ruled):
    problem, proof = ruled
    verdict = recheck(problem, np.array([0]), proof)
    assert (verdict.value, verdict.bound, verdict.faults) == (5.0, 5.0, ())


def test_a_proof_may_not_rest_on_a_choice_that_breaks_a_condition(ruled):
    problem, proof = ruled
    with pytest.raises(PlanError, match="rests on a choice that is none: it costs 2"):
        recheck(problem, np.array([0, 1]), proof)


def test_the_multipliers_that_rule_out_may_not_be_left_out(ruled):
    problem, proof = ruled
    with pytest.raises(PlanError, match=r"cover is \(1, 2\): expected \(2, 2\)"):
        recheck(problem, np.array([0]), proof | {"cover": proof["cover"][:1]})


def test_a_worse_choice_in_hand_gives_a_higher_bound_never_a_false_one(ruled):
    problem, proof = ruled
    assert recheck(problem, np.array([1]), proof).bound >= 5.0
