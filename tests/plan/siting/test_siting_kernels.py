"""Every loop of siting against a few slow lines of numpy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from siting_sets import chances, chances_listed, links, siting, tiny, worth

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import NO_CHANCE, Board, transposed
from steppewatch.plan.siting.core import core_of, core_prices
from steppewatch.plan.siting.dual import first_options
from steppewatch.plan.siting.greedy import cheapest, joined

MANY = settings(max_examples=80, deadline=None)
SEEDS = st.integers(0, 10_000)


@MANY
@given(seed=SEEDS, chance=st.booleans())
def test_the_transpose_lists_the_options_of_each_demand(seed, chance):
    problem = tiny(seed, chance=chance)
    start, options, place = transposed(problem)
    listed = chances_listed(problem)
    owner = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    for j in range(problem.demands):
        part = slice(start[j], start[j + 1])
        assert options[part].tolist() == np.flatnonzero(listed[:, j]).tolist()
        if chance:
            assert (problem.indices[place[part]] == j).all()
            assert owner[place[part]].tolist() == options[part].tolist()


@MANY
@given(seed=SEEDS, chance=st.booleans(), short=st.booleans())
def test_prices_add_up_what_demands_are_worth(seed, chance, short):
    problem = tiny(seed, chance=chance)
    value = np.random.default_rng(seed).random(problem.demands)
    value = value.astype(np.float32) if short else value
    out = np.empty(problem.options)
    p = NO_CHANCE if problem.chance is None else problem.chance
    kernels.prices(problem.indptr, problem.indices, p, value, out)
    assert out == pytest.approx(chances(problem) @ value.astype(float), rel=1e-6, abs=1e-9)


@MANY
@given(seed=SEEDS, chance=st.booleans(), moves=st.lists(st.integers(0, 11), max_size=25))
def test_the_board_knows_its_value_and_every_gain_after_any_moves(seed, chance, moves):
    problem = tiny(seed, what=frozenset(), chance=chance)
    board = Board(problem)
    for i in moves:
        if i < problem.options:
            (board.take if board.taken[i] else board.put)(i)
    chosen = board.chosen()
    value = worth(problem, chosen)
    assert board.value == pytest.approx(value, rel=1e-6, abs=1e-6)
    assert board.spent == pytest.approx(problem.costs[chosen].sum())
    assert board.used[problem.site[chosen]].all()
    assert board.used.sum() == len(chosen)
    assert board.count.tolist() == chances_listed(problem)[chosen].sum(axis=0).tolist()
    miss = np.prod(1.0 - chances(problem)[chosen], axis=0)
    assert board.seen() == pytest.approx(1.0 - miss, abs=1e-6)
    for i in range(problem.options):
        if board.taken[i]:
            wanted = value - worth(problem, np.setdiff1d(chosen, [i]))
            assert board.loss(i) == pytest.approx(wanted, rel=1e-6, abs=1e-6)
        else:
            wanted = worth(problem, [*chosen, i]) - value
            assert board.gain[i] == pytest.approx(wanted, rel=1e-5, abs=1e-5)


@MANY
@given(seed=SEEDS, chance=st.booleans(), i=st.integers(0, 11))
def test_taking_back_gives_the_same_gains_as_before(seed, chance, i):
    problem = tiny(seed, what=frozenset({"pairs"}), chance=chance)
    i %= problem.options
    board = Board(problem)
    for k in range(0, problem.options, 4):
        board.put(k)
    if board.taken[i]:
        board.take(i)
    gain, value, spent = board.gain.copy(), board.value, board.spent
    board.put(i)
    board.take(i)
    assert board.gain == pytest.approx(gain, rel=1e-6, abs=1e-6)
    assert (board.value, board.spent) == (pytest.approx(value, abs=1e-6), pytest.approx(spent))


@MANY
@given(seed=SEEDS, by_ratio=st.booleans())
def test_the_best_option_is_the_best_that_can_be_paid(seed, by_ratio):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    gain, costs = rng.random(n), rng.integers(0, 4, n).astype(float)
    extra = np.where(rng.random(n) < 0.2, np.inf, rng.integers(0, 2, n))
    open_to, left, least = rng.random(n) < 0.7, 3.0, 0.1
    i = kernels.best_option(gain, costs, extra, left, by_ratio, open_to, least)
    fits = open_to & (costs + extra <= left) & (gain > least)
    if not fits.any():
        assert i == -1
        return
    score = gain / np.maximum(costs + extra, 1e-12) if by_ratio else gain
    assert fits[i]
    assert score[i] == score[fits].max()


@MANY
@given(seed=SEEDS)
def test_reach_is_the_cheapest_way_over_relays(seed):
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(1, 15))
    pairs = [(a, b) for a in range(sites) for b in range(a) if rng.random() < 0.25]
    relay = np.where(rng.random(sites) < 0.2, np.inf, rng.integers(1, 9, sites).astype(float))
    sources = rng.choice(sites, int(rng.integers(1, sites + 1)), replace=False).astype(np.int32)
    member = bool(rng.random() < 0.5)
    near = links(sites, pairs, [])
    cost, via = np.full(sites, np.inf), np.full(sites, kernels.ALONE, np.int32)
    kernels.spread_reach(sources, member, near.indptr, near.indices, relay, cost, via)
    # A step from s to t costs the relay at s; nothing at a source that is used.
    onward = relay.copy()
    if member:
        onward[sources] = 0.0
    full = np.full((sites + 1, sites + 1), np.inf)
    for a, b in pairs:
        full[a, b], full[b, a] = onward[a], onward[b]
    full[sites, sources] = 0.0
    graph = sparse.csgraph.csgraph_from_dense(full, null_value=np.inf)
    wanted = dijkstra(graph, indices=sites)[:sites]
    assert cost.tolist() == wanted.tolist()
    for s in np.flatnonzero(np.isfinite(cost)):
        way, at = 0.0, int(s)
        while via[at] >= 0:
            at = int(via[at])
            way += onward[at]
        assert at in sources
        assert way == cost[s]


@MANY
@given(seed=SEEDS)
def test_joined_sites_are_those_of_a_part_with_a_gateway(seed):
    problem = tiny(seed, what=frozenset({"links"}))
    used = np.random.default_rng(seed).random(problem.sites) < 0.6
    found = joined(problem, used)
    if problem.links is None:
        assert found.tolist() == used.tolist()
        return
    near = problem.links
    full = sparse.csr_matrix(
        (np.ones(len(near.indices)), near.indices, near.indptr), shape=(problem.sites,) * 2
    )
    part = np.full(problem.sites, -1)
    part[used] = sparse.csgraph.connected_components(full[used][:, used], directed=False)[1]
    with_gateway = set(part[used & near.gateway].tolist())
    wanted = [bool(used[s] and part[s] in with_gateway) for s in range(problem.sites)]
    assert found.tolist() == wanted


@MANY
@given(seed=SEEDS)
def test_the_price_of_money_is_the_lowest_at_which_the_budget_is_kept(seed):
    rng = np.random.default_rng(seed)
    site = np.sort(rng.integers(0, 8, int(rng.integers(1, 20))))
    profit, costs = rng.normal(1.0, 1.0, site.size), rng.integers(1, 5, site.size).astype(float)
    budget = float(rng.integers(1, 12))
    first = first_options(site)
    pick = np.empty(len(first) - 1, np.int32)
    high = max(0.0, float((profit / costs).max())) + 1e-9
    money = kernels.price_of_money(profit, costs, first, budget, pick, 0.0, high)

    def dual(price):
        earned = profit - price * costs
        return price * budget + sum(
            max(0.0, earned[a:b].max()) for a, b in itertools.pairwise(first)
        )

    assert costs[pick[pick >= 0]].sum() <= budget
    assert dual(money) <= min(dual(p) for p in np.linspace(0.0, high, 400)) + 1e-9
    for s, i in enumerate(pick):
        earned = (profit - money * costs)[first[s] : first[s + 1]]
        assert (i < 0 and earned.max() <= 1e-12) or earned.max() == earned[i - first[s]]


@MANY
@given(seed=SEEDS)
def test_a_core_keeps_every_price_and_every_weight_that_its_options_cover(seed):
    problem = tiny(seed)
    rng = np.random.default_rng(seed)
    options = np.flatnonzero(rng.random(problem.options) < 0.6).astype(np.int32)
    core = core_of(problem, options)
    listed = chances_listed(problem)[options]
    assert ((core.group >= 0) == listed.any(axis=0)).all()
    assert core.weights.sum() == pytest.approx(problem.weights[core.group >= 0].sum())
    for g in range(len(core.weights)):
        same = listed[:, core.group == g]
        assert (same == same[:, :1]).all()  # the same options cover them
    columns = {tuple(column) for column in listed.T.tolist() if any(column)}
    assert len(columns) == len(core.weights)
    out = np.empty(len(options))
    core_prices(core, core.weights, out)
    assert out == pytest.approx(listed @ problem.weights, rel=1e-6, abs=1e-9)
    value = rng.random(len(core.weights))
    spread = core.spread(value, problem.weights, np.full(problem.demands, 7.0))
    assert (spread[core.group < 0] == 7.0).all()
    heavy = core.weights > 0.0
    assert core.gather(np.where(core.group >= 0, spread, 0.0))[heavy] == pytest.approx(value[heavy])


def test_counts_add_up_shares():
    problem = siting([[0, 1], [1]], [1, 1], [1, 1], 2)
    out = np.zeros(2)
    kernels.cover_counts(
        problem.indptr, problem.indices, np.array([0, 1], np.int32), np.array([0.5, 2.0]), out
    )
    assert out.tolist() == [0.5, 2.5]


def test_the_cheapest_option_of_a_site_is_its_relay_unless_barred():
    problem = siting(
        [[0], [0], [0]], [1], [3, 2, 1], 9, site=np.array([0, 0, 0], np.int32),
        barred=np.array([False, False, True]),
    )  # fmt: skip
    price, option = cheapest(problem)
    assert (price.tolist(), option.tolist()) == ([2.0], [1])
