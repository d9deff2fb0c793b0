"""The checker finds what was changed in a choice or in a proof."""

import itertools

import numpy as np
import pytest
from siting_sets import best_of_all, links, siting, tiny

from steppewatch.errors import PlanError
from steppewatch.plan.siting import recheck as module
from steppewatch.plan.siting.arrays import proof_arrays
from steppewatch.plan.siting.bound import Multipliers, Spare, Wall
from steppewatch.plan.siting.instance import Need
from steppewatch.plan.siting.recheck import recheck
from steppewatch.plan.siting.solve import solve
from steppewatch.plan.siting.tree import Tree, single


@pytest.fixture
def triangle():
    """Give three demands, each option covers two of them, and money for one option."""
    return siting([[0, 1], [1, 2], [0, 2]], [1.5, 1.5, 1.5], [1, 1, 1], 1)


@pytest.fixture
def tree():
    """Give a proof by hand with leaves "option 0 is taken" and "it is not"."""
    taken = Multipliers(cover=np.array([0.0, 0.0, 0.0]), money=1.5, limits=np.zeros(1))
    left = Multipliers(cover=np.full(3, 1.5), money=3.0, limits=np.zeros(1))
    return Tree(
        split=np.array([0, -1, -1], np.int32),
        zero=np.array([1, -1, -1], np.int32),
        one=np.array([2, -1, -1], np.int32),
        prices=(left, taken),
    )


def solved(problem):
    ticks = itertools.count()
    found = solve(problem, seconds=20.0, clock=lambda: next(ticks) * 1e-4)
    return found, proof_arrays(found.tree)


def test_a_tree_of_two_leaves_is_the_worse_of_both(triangle, tree):
    verdict = recheck(triangle, np.array([0]), proof_arrays(tree))
    # Not taken: 0 + 3 · 1 + (3 - 3) twice. Taken: 4.5 + 1.5 - 1.5.
    assert verdict.bound == pytest.approx(4.5)
    assert (verdict.value, verdict.spent, verdict.leaves) == (pytest.approx(3.0), 1.0, 2)
    assert verdict.faults == ()


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ([0, 1], "costs 2, the budget is 1"),
        ([0, 0], "taken twice"),
    ],
)
def test_a_choice_that_breaks_a_condition_is_named(triangle, tree, chosen, fault):
    verdict = recheck(triangle, np.array(chosen), proof_arrays(tree))
    assert any(fault in one for one in verdict.faults)


def test_each_condition_that_is_broken_is_named():
    problem = siting(
        [[0], [1], [0, 1], [2]], [1, 1, 1], [1, 1, 1, 1], 9,
        site=np.array([0, 0, 1, 2], np.int32), kind=np.array([0, 0, 0, 1], np.int32),
        limits=np.array([1.0, np.inf]), fixed=np.array([False, False, False, True]),
        barred=np.array([False, False, True, False]), links=links(3, [(0, 1)], [2]),
        needs=(Need(name="ford", rows=np.array([0, 1], np.int32), sensors=2, share=0.9),),
    )  # fmt: skip
    proof = proof_arrays(
        single(
            Multipliers(
                cover=np.ones(3), limits=np.zeros(2), pays=(0.0,), twice=(np.zeros(2),), money=1.0
            )
        )
    )
    told = " / ".join(recheck(problem, np.array([0, 1, 2]), proof).faults)
    for words in (
        "fixed option 3 is not taken",
        "barred option 2 is taken",
        "package 0 is bought 3 times, at most 1 are allowed",
        "a site has two options",
        "2 sites reach no gateway, site 0 among them",
    ):
        assert words in told
    assert "need 'ford': 0.0000% is covered by 2, asked 90.0000%" in " / ".join(
        recheck(problem, np.array([3]), proof).faults
    )
    assert recheck(problem, np.array([3]), proof).faults[0].startswith("need")


DAMAGE = {
    "a multiplier below 0": ("cover", lambda a: a - 2.0, "cover has a number below 0"),
    "a multiplier that is no number": ("cover", lambda a: a * np.nan, "cover has a number below 0"),
    "endless money": ("money", lambda a: a + np.inf, "money has a number below 0"),
    "negative money": ("money", lambda a: -a, "money has a number below 0"),
    "a leaf left out": ("cover", lambda a: a[:1], r"cover is \(1, 3\): expected \(2, 3\)"),
    "a leaf too many": ("money", lambda a: np.append(a, 0.0), "money is"),
    "multipliers of another problem": ("cover", lambda a: a[:, :2], "cover is"),
    "both ways to one leaf": ("one", lambda _: np.array([1, -1, -1]), "tree is damaged"),
    "a way to nowhere": ("one", lambda _: np.array([7, -1, -1]), "tree is damaged"),
    "a way back to the root": ("one", lambda _: np.array([0, -1, -1]), "tree is damaged"),
    "an unknown option": ("split", lambda _: np.array([9, -1, -1]), "splits on option 9"),
    "a tree cut short": ("one", lambda a: a[:2], "one is"),
    "no tree": ("split", lambda a: a[:0], "expected"),
    "a tree of fractions": ("split", lambda a: a * 0.5, "is .3,.: expected"),
    "walls of nothing": ("wall_members", lambda _: np.array([0, 1]), "walls do not fit together"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found(triangle, tree, name):
    key, change, words = DAMAGE[name]
    proof = proof_arrays(tree)
    with pytest.raises(PlanError, match=words):
        recheck(triangle, np.array([0]), proof | {key: change(proof[key])})


def test_a_split_on_the_same_option_twice_is_refused(triangle, tree):
    proof = proof_arrays(tree) | {
        "split": np.array([0, -1, 0, -1, -1]),
        "zero": np.array([1, -1, 3, -1, -1]),
        "one": np.array([2, -1, 4, -1, -1]),
    }
    for key in ("cover", "money", "limits", "pays", "twice", "walls"):
        proof[key] = np.concatenate((proof[key], proof[key][:1]))
    with pytest.raises(PlanError, match="splits on option 0"):
        recheck(triangle, np.array([0]), proof)


def test_a_leaf_that_is_left_out_cannot_be_hidden_by_a_smaller_tree(triangle):
    good = Multipliers(cover=np.full(3, 1.5), money=3.0, limits=np.zeros(1))
    alone = recheck(triangle, np.array([0]), proof_arrays(single(good)))
    assert alone.bound == pytest.approx(3.0)  # as it happens, these multipliers do it alone
    poor = Multipliers(cover=np.zeros(3), limits=np.zeros(1))
    verdict = recheck(triangle, np.array([0]), proof_arrays(single(poor)))
    assert verdict.bound == pytest.approx(4.5)  # the whole weight, whatever a file says


def test_a_bound_below_the_value_is_a_fault(triangle, monkeypatch):
    monkeypatch.setattr(module, "_value", lambda *_: 99.0)
    price = Multipliers(cover=np.full(3, 1.5), money=3.0, limits=np.zeros(1))
    told = recheck(triangle, np.array([0]), proof_arrays(single(price))).faults
    assert told == ("the bound 3 is below the value 99: one of them is wrong",)


WALLED = {
    "through a gateway": [(2, [2])],
    "around another site": [(0, [1])],
    "without its site": [(0, [])],
}


@pytest.mark.parametrize("name", WALLED)
def test_walls_that_are_none_are_refused(name):
    problem = siting([[0], [1], [2]], [1, 1, 1], [1, 1, 1], 2, links=links(3, [(0, 1)], [2]))
    walls = tuple(Wall(site=s, members=np.array(m, np.int32)) for s, m in WALLED[name])
    price = Multipliers(cover=np.ones(3), limits=np.zeros(1), walls=np.ones(1))
    with pytest.raises(PlanError, match="wall 0 holds a gateway or not its own site"):
        recheck(problem, np.zeros(0, int), proof_arrays(single(price, walls)))


@pytest.mark.parametrize("site", [-1, 3])
def test_a_wall_around_a_site_that_is_none_is_refused(site):
    problem = siting([[0], [1], [2]], [1, 1, 1], [1, 1, 1], 2, links=links(3, [(0, 1)], [0]))
    walls = (Wall(site=site, members=np.array([site], np.int32)),)
    price = Multipliers(cover=np.ones(3), limits=np.zeros(1), walls=np.ones(1))
    with pytest.raises(PlanError, match="a member is no site"):
        recheck(problem, np.zeros(0, int), proof_arrays(single(price, walls)))


def test_walls_where_nobody_asks_for_links_are_refused():
    problem = siting([[0]], [1], [1], 1)
    price = Multipliers(cover=np.ones(1), limits=np.zeros(1), walls=np.ones(1))
    walls = (Wall(site=0, members=np.zeros(1, np.int32)),)
    with pytest.raises(PlanError, match="wall 0"):
        recheck(problem, np.zeros(0, int), proof_arrays(single(price, walls)))


@pytest.fixture
def spared():
    """Give a need of two sensors and a proof with one spare."""
    need = Need(name="ford", rows=np.array([0, 1], np.int32), sensors=2, share=0.5)
    problem = siting([[0, 1], [0], [1]], [1, 1], [1, 1, 1], 3, needs=(need,))
    price = Multipliers(
        cover=np.ones(2), limits=np.zeros(1), pays=(1.0,), twice=(np.zeros(2),),
        spares=(Spare(need=0, option=0, worth=np.array([0.5, 0.25])),),
    )  # fmt: skip
    return problem, proof_arrays(single(price))


def test_a_spare_is_worked_out_by_hand(spared):
    problem, proof = spared
    # Profits 2, 1.5, 1.25; the need 0.5 + 0.75 - 0.5 · 2.
    assert recheck(problem, np.array([0, 1, 2]), proof).bound == pytest.approx(np.floor(5.0))


SPARES = {
    "of another need": {"spare_need": [1]},
    "of an option that is none": {"spare_option": [3]},
    "below 0": {"spare_worth": [-0.5, 0.25]},
    "that is no number": {"spare_worth": [np.nan, 0.25]},
    "too short": {"spare_start": [0, 1]},
    "with no end": {"spare_start": [0]},
    "half told": {"spare_need": []},
}


@pytest.mark.parametrize("name", SPARES)
def test_a_spare_that_does_not_fit_is_refused(spared, name):
    problem, proof = spared
    change = {key: np.array(value) for key, value in SPARES[name].items()}
    with pytest.raises(PlanError, match="spare"):
        recheck(problem, np.array([0, 1, 2]), proof | change)


@pytest.fixture
def chancy():
    problem = tiny(2, what=frozenset(), chance=True)
    found, proof = solved(problem)
    assert proof["marginal"].size
    return problem, found, proof


def test_two_cuts_above_the_weight_are_refused(chancy):
    problem, found, proof = chancy
    more = proof | {"marginal": proof["marginal"] + 1.0}
    with pytest.raises(PlanError, match="more than its weight"):
        recheck(problem, found.chosen, more)


def test_a_cut_below_0_or_from_an_unknown_option_is_refused(chancy):
    problem, found, proof = chancy
    with pytest.raises(PlanError, match="marginal has a number below 0"):
        recheck(problem, found.chosen, proof | {"marginal": proof["marginal"] - 9.0})
    for anchor in ([99], [-1]):
        with pytest.raises(PlanError, match="an anchor that is no option"):
            recheck(problem, found.chosen, proof | {"anchor": np.array(anchor)})


@pytest.mark.parametrize("seed", range(0, 80, 4))
def test_no_small_change_of_the_multipliers_makes_a_false_bound(seed):
    problem = tiny(seed, chance=bool(seed % 8))
    best, chosen = best_of_all(problem)
    if best is None:
        pytest.skip("no choice is possible")
    _, proof = solved(problem)
    rng = np.random.default_rng(seed)
    for key in ("cover", "money", "limits", "pays", "twice", "walls"):
        changed = proof | {key: proof[key] * rng.uniform(0.0, 2.0, np.shape(proof[key]))}
        try:
            verdict = recheck(problem, np.asarray(chosen, int), changed)
        except PlanError:
            continue
        assert verdict.bound >= best * (1.0 - 1e-6)
        assert verdict.faults == ()


def test_a_worse_choice_keeps_its_value_and_the_bound_stands():
    problem = siting([[0, 1], [2], [3]], [3, 3, 1, 1], [1, 1, 1], 1)
    found, proof = solved(problem)
    assert found.chosen.tolist() == [0]
    verdict = recheck(problem, np.array([2]), proof)
    assert verdict.value == 1.0
    assert verdict.bound >= 6.0
