"""Fusion by covariance intersection and its kin: best by SciPy, consistent for any correlation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from steppewatch.errors import FuseError
from steppewatch.fuse.remote import independent, intersect, inverse, remove, split


def spd(generator, n, d=6, scale=None):
    root = generator.normal(size=(n, d, d))
    scale = np.ones(d) if scale is None else scale
    return scale[:, None] * (root @ np.swapaxes(root, 1, 2) + 0.05 * np.eye(d)) * scale


def pairs(seed, n=20, d=6):
    generator = np.random.default_rng(seed)
    scale = np.array([300.0, 200.0, 500.0, 10.0, 20.0, 5.0])[:d]
    return (
        generator.normal(size=(n, d)), spd(generator, n, d, scale),
        generator.normal(size=(n, d)), spd(generator, n, d, scale),
    )  # fmt: skip


def mixed(weight, cov_a, cov_b):
    return np.linalg.inv(weight * np.linalg.inv(cov_a) + (1 - weight) * np.linalg.inv(cov_b))


@pytest.mark.parametrize("criterion", ["det", "trace"])
def test_the_weight_is_the_one_that_scipy_finds_best(criterion):
    mean_a, cov_a, mean_b, cov_b = pairs(1)
    done = intersect(mean_a, cov_a, mean_b, cov_b, criterion)
    for k in range(len(mean_a)):

        def size(w, k=k):
            cov = mixed(w, cov_a[k], cov_b[k])
            return np.linalg.slogdet(cov)[1] if criterion == "det" else np.trace(cov[:3, :3])

        best = minimize_scalar(size, bounds=(0, 1), method="bounded", options={"xatol": 1e-10})
        assert size(done.weight[k]) <= best.fun + 1e-7 * abs(best.fun)
        cov = mixed(done.weight[k], cov_a[k], cov_b[k])
        np.testing.assert_allclose(done.cov[k], cov, rtol=1e-6, atol=1e-6 * np.abs(cov).max())
        told = done.weight[k] * np.linalg.solve(cov_a[k], mean_a[k])
        told = told + (1 - done.weight[k]) * np.linalg.solve(cov_b[k], mean_b[k])
        np.testing.assert_allclose(done.mean[k], cov @ told, rtol=1e-5, atol=1e-6)


def test_an_estimate_that_is_better_in_every_way_is_taken_alone():
    cov = np.eye(6)[None]
    done = intersect(np.ones((1, 6)), cov, np.zeros((1, 6)), 4.0 * cov)
    assert done.weight[0] == 1.0
    np.testing.assert_allclose(done.mean, 1.0)
    np.testing.assert_allclose(done.cov, cov)


def test_the_same_estimate_heard_twice_gains_nothing():
    mean, cov = np.ones((1, 6)), 3.0 * np.eye(6)[None]
    done = intersect(mean, cov, mean, cov)
    np.testing.assert_allclose(done.cov, cov)
    np.testing.assert_allclose(independent(mean, cov, mean, cov).cov, cov / 2)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), tie=st.floats(-1.0, 1.0))
def test_the_stated_covariance_covers_the_true_one_for_any_correlation(seed, tie):
    """Julier & Uhlmann 1997: P - E[(x - x̂)(x - x̂)ᵀ] has no negative eigenvalue."""
    generator = np.random.default_rng(seed)
    cov_a, cov_b = spd(generator, 1, 4), spd(generator, 1, 4)
    turn = np.linalg.qr(generator.normal(size=(4, 4)))[0]
    cross = np.linalg.cholesky(cov_a[0]) @ (tie * turn) @ np.linalg.cholesky(cov_b[0]).T
    zero = np.zeros((1, 4))
    done = intersect(zero, cov_a, zero, cov_b)
    gain_a = done.weight[0] * done.cov[0] @ np.linalg.inv(cov_a[0])
    gain_b = np.eye(4) - gain_a
    mixed_term = gain_a @ cross @ gain_b.T
    true = gain_a @ cov_a[0] @ gain_a.T + gain_b @ cov_b[0] @ gain_b.T + mixed_term + mixed_term.T
    assert np.linalg.eigvalsh(done.cov[0] - true).min() > -1e-8 * np.trace(done.cov[0])


def shared(seed, n=50):
    """Make estimates that are independent ones, each joined with one common one."""
    generator = np.random.default_rng(seed)
    own_a, own_b, common = (spd(generator, n, 4) for _ in range(3))
    draw = [np.einsum("nij,nj->ni", np.linalg.cholesky(c), generator.normal(size=(n, 4)))
            for c in (own_a, own_b, common)]  # fmt: skip
    one, two = (independent(m, c, draw[2], common) for m, c in zip(draw[:2], (own_a, own_b),
                                                                   strict=True))  # fmt: skip
    every = independent(one.mean, one.cov, draw[1], own_b)
    return one, two, draw[2], common, every


def test_a_known_common_estimate_counts_once():
    one, two, mean, cov, every = shared(3)
    done = remove(one.mean, one.cov, two.mean, two.cov, mean, cov)
    np.testing.assert_allclose(done.mean, every.mean, atol=1e-6)
    np.testing.assert_allclose(done.cov, every.cov, atol=1e-6)


def test_inverse_intersection_lies_between_the_truth_and_plain_intersection():
    one, two, _, _, every = shared(4)
    tight = inverse(one.mean, one.cov, two.mean, two.cov)
    loose = intersect(one.mean, one.cov, two.mean, two.cov)
    sizes = [np.linalg.slogdet(c.cov)[1] for c in (every, tight, loose)]
    assert (sizes[0] <= sizes[1] + 1e-9).all()
    assert (sizes[1] <= sizes[2] + 1e-9).all()
    assert (sizes[1] < sizes[2] - 0.05).mean() > 0.5


def test_inverse_intersection_is_consistent_where_something_common_is_inside():
    nees = []
    for seed in range(40):
        one, two, _, _, _ = shared(100 + seed)
        done = inverse(one.mean, one.cov, two.mean, two.cov)
        nees.append(
            np.einsum(
                "ni,ni->n", done.mean, np.linalg.solve(done.cov, done.mean[..., None])[..., 0]
            )
        )
    assert np.mean(nees) / 4 < 1.02


def test_split_intersection_ends_in_both_limits():
    mean_a, cov_a, mean_b, cov_b = pairs(5, d=3)
    none = np.zeros_like(cov_a)
    loose, tight = (
        intersect(mean_a, cov_a, mean_b, cov_b),
        independent(mean_a, cov_a, mean_b, cov_b),
    )
    np.testing.assert_allclose(
        np.linalg.slogdet(split(mean_a, cov_a, none, mean_b, cov_b, none).cov)[1],
        np.linalg.slogdet(loose.cov)[1], atol=1e-3,
    )  # fmt: skip
    done = split(mean_a, cov_a, cov_a, mean_b, cov_b, cov_b)
    np.testing.assert_allclose(done.cov, tight.cov, rtol=1e-6, atol=1e-6)


def test_what_is_no_covariance_is_refused():
    mean, cov = np.zeros((1, 3)), np.eye(3)[None]
    with pytest.raises(FuseError, match="positive definite"):
        intersect(mean, -cov, mean, cov)
    with pytest.raises(FuseError, match="NaN"):
        intersect(mean, np.nan * cov, mean, cov)
    with pytest.raises(FuseError, match="knows more"):
        remove(mean, cov, mean, cov, mean, 0.1 * cov)
