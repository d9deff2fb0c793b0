"""The same optimum as the whole programme in one piece, by another program (scipy's HiGHS)."""

import time

import numpy as np
import pytest
from scipy import optimize, sparse
from siting_sets import siting

from steppewatch.plan.siting.arrays import proof_arrays
from steppewatch.plan.siting.recheck import recheck
from steppewatch.plan.siting.solve import solve


def draw(seed, n=60, m=400):
    """Draw options as discs over demands in the plane."""
    rng = np.random.default_rng(seed)
    demand, option = rng.random((m, 2)), rng.random((n, 2))
    reach = rng.uniform(0.06, 0.16, n)
    away = np.linalg.norm(option[:, None] - demand[None], axis=2)
    columns = [np.flatnonzero(away[i] < reach[i]) for i in range(n)]
    weights = rng.integers(1, 30, m) if seed % 2 else rng.random(m)
    if seed % 3 == 0:
        return siting(columns, weights, np.ones(n), 10)
    costs = rng.integers(1, 9, n).astype(float)
    if seed % 3 == 1:
        return siting(columns, weights, costs, 30)
    return siting(
        columns, weights, costs, 40,
        site=np.repeat(np.arange(n // 2), 2).astype(np.int32),
        kind=np.tile([0, 1], n // 2).astype(np.int32), limits=np.array([4.0, np.inf]),
    )  # fmt: skip


def whole_programme(problem):
    """Write max Σ w y, y ≤ Σ x, Σ c x ≤ B, one per site, limits; give its optimum."""
    n, m = problem.options, problem.demands
    cover = sparse.csc_matrix(
        (np.ones(len(problem.indices)), problem.indices, problem.indptr), shape=(m, n)
    )
    site = sparse.csr_matrix((np.ones(n), (problem.site, np.arange(n))))
    kind = sparse.csr_matrix((np.ones(n), (problem.kind, np.arange(n))))
    none = [sparse.csr_matrix((a.shape[0], m)) for a in (site, kind)]
    matrix = sparse.vstack(
        [
            sparse.hstack([-cover, sparse.identity(m)]),
            sparse.hstack([sparse.csr_matrix(problem.costs), sparse.csr_matrix((1, m))]),
            sparse.hstack([site, none[0]]),
            sparse.hstack([kind, none[1]]),
        ]
    )
    most = np.concatenate((np.zeros(m), [problem.budget], np.ones(site.shape[0]), problem.limits))
    found = optimize.milp(
        np.concatenate((np.zeros(n), -problem.weights)),
        constraints=optimize.LinearConstraint(matrix, -np.inf, most),
        integrality=np.concatenate((np.ones(n), np.zeros(m))),
        bounds=optimize.Bounds(0.0, 1.0),
        options={"mip_rel_gap": 0.0},
    )
    assert found.success
    return -found.fun


@pytest.mark.parametrize("seed", range(20))
def test_the_optimum_is_that_of_the_whole_programme(seed):
    problem = draw(seed)
    best = whole_programme(problem)
    found = solve(problem, seconds=60.0, clock=time.process_time)
    assert found.value == pytest.approx(best, rel=1e-6)
    verdict = recheck(problem, found.chosen, proof_arrays(found.tree))
    assert verdict.faults == ()
    assert best * (1.0 - 1e-6) <= verdict.bound <= best * (1.0 + 1e-4)
