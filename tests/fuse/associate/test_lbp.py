import math

import numpy as np
import pytest
from joint_events import exact_marginals, sparse

from steppewatch.fuse.associate.cluster import clusters
from steppewatch.fuse.associate.lbp import distance_to_fixed_point, marginals


def run(weight, **options):
    start, plot, log_weight = sparse(weight)
    p = weight.shape[1]
    answer = marginals(clusters(start, plot, p), start, plot, log_weight, p, **options)
    dense = np.zeros(weight.shape)
    dense[np.repeat(np.arange(len(weight)), np.diff(start)), plot] = answer.pair
    return dense, answer


def test_a_lone_track_gets_the_probabilities_of_pda():
    weight = np.array([[3.0, 1.0, 0.5]])
    pair, answer = run(weight)
    assert pair == pytest.approx(weight / 5.5)
    assert answer.odds == pytest.approx([4.5])
    assert answer.used == pytest.approx(weight[0] / 5.5)


def test_on_trees_the_marginals_are_exact():
    rng = np.random.default_rng(5)
    chain = np.zeros((4, 5))
    for j in range(4):
        chain[j, j : j + 2] = 1.0
    star = np.zeros((4, 5))
    star[:, 0] = 1.0
    star[[0, 1, 2, 3], [1, 2, 3, 4]] = 1.0
    for shape in (chain, star):
        for _ in range(20):
            weight = shape * np.exp(rng.normal(1.0, 3.0, shape.shape))
            pair, answer = run(weight, close=1e-12, rounds=10_000)
            exact = exact_marginals(weight)
            assert pair == pytest.approx(exact, abs=1e-8)
            assert answer.used == pytest.approx(exact.sum(axis=0), abs=1e-8)


def test_in_cluttered_clusters_with_cycles_the_error_is_small():
    """4 tracks, 5 plots, all gated; weights e^N(0, 2²): mean error < 0.02, worst < 0.2."""
    rng = np.random.default_rng(6)
    errors = []
    for _ in range(40):
        weight = np.exp(rng.normal(0.0, 2.0, (4, 5)))
        errors.append(np.abs(run(weight)[0] - exact_marginals(weight)))
    assert np.mean(errors) < 0.02
    assert np.max(errors) < 0.2


def test_the_bound_holds_on_the_way_to_the_fixed_point():
    rng = np.random.default_rng(8)
    for _ in range(30):
        weight = np.exp(rng.normal(-0.5, 1.5, (5, 5)))
        end, _ = run(weight, close=1e-13, rounds=10_000)
        for rounds in (2, 4, 8):
            pair, answer = run(weight, close=0.0, rounds=rounds)
            sums = weight.sum(axis=1).max(), weight.sum(axis=0).max()
            bound = distance_to_fixed_point(float(answer.residual[0]), *sums)
            assert np.abs(pair - end).max() <= bound / 2 + 1e-9


def test_a_hopeless_residual_bounds_nothing():
    assert math.isinf(distance_to_fixed_point(1.0, 1e6, 1e6))


def test_one_huge_weight_does_not_swallow_the_others():
    weight = np.array([[1e60, 1e-3], [1e58, 2.0]])
    pair, _ = run(weight)
    assert pair == pytest.approx(exact_marginals(weight), abs=1e-3)


def test_clusters_that_were_not_asked_for_stay_untouched():
    weight = np.zeros((3, 3))
    weight[0, 0] = weight[1, 1] = weight[2, 1] = 2.0
    start, plot, log_weight = sparse(weight)
    found = clusters(start, plot, 3)
    answer = marginals(found.part(found.tracks > 1), start, plot, log_weight, 3)
    assert answer.pair[0] == answer.odds[0] == answer.used[0] == 0.0
    assert answer.pair[1:] == pytest.approx([0.4, 0.4], abs=1e-3)
