import itertools
import math

import numpy as np
import pytest
from benchmarks.pmbm import (
    Everywhere,
    Gaussian,
    Limits,
    Mixture,
    Motion,
    Posterior,
    Sensing,
    estimates,
    expected_targets,
    predict,
    update,
)
from scipy.stats import multivariate_normal

ALL = Limits(most=10**12, least=1e-300, faint=0.0, gate=np.inf)
BORN, SPREAD, NOISE, CHANCE, CLUTTER = 1.5, 16.0, 1.0, 0.7, 0.02
ONE = np.eye(1)


def histories(scans):
    """Yield every way to give each detection to clutter (0) or to a target (1, 2, …)."""
    rows = [(k, i) for k, scan in enumerate(scans) for i in range(len(scan))]

    def extend(done, targets):
        if len(done) == len(rows):
            yield done
            return
        scan = rows[len(done)][0]
        busy = {t for (k, _), t in zip(rows, done, strict=False) if k == scan}
        for t in range(targets + 2):
            if t == 0 or t not in busy:
                yield from extend([*done, t], max(targets, t))

    for labels in extend([], 0):
        yield [(row, t) for row, t in zip(rows, labels, strict=True)]


def targets_by_trying_all(scans):
    """Give the expected number of detected targets at rest: all histories, by their densities."""
    total = mean = 0.0
    for history in histories(scans):
        worth = math.prod(CLUTTER for _, t in history if t == 0)
        names = sorted({t for _, t in history if t})
        for name in names:
            z = [scans[k][i] for (k, i), t in history if t == name]
            cov = SPREAD * np.ones((len(z), len(z))) + NOISE * np.eye(len(z))
            worth *= BORN * multivariate_normal(np.zeros(len(z)), cov).pdf(z)
            worth *= CHANCE ** len(z) * (1.0 - CHANCE) ** (len(scans) - len(z))
        total += worth
        mean += worth * len(names)
    return mean / total


@pytest.mark.parametrize("seed", range(6))
def test_with_nothing_pruned_it_is_the_exact_posterior(seed):
    rng = np.random.default_rng(seed)
    scans = [rng.normal(0.0, 4.0, n).tolist() for n in rng.permutation([2, 1, 2])]
    still = Motion(np.eye(1), np.zeros((1, 1)), 1.0)
    post = Posterior(Mixture((Gaussian(BORN, np.zeros(1), SPREAD * ONE),), least=0.0))
    for scan in scans:
        p = len(scan)
        post = update(
            predict(post, still), np.array(scan)[:, None], np.tile(NOISE * ONE, (p, 1, 1)),
            np.full(p, CLUTTER), Sensing(ONE, CHANCE), ALL,
        )  # fmt: skip
    assert expected_targets(post) == pytest.approx(targets_by_trying_all(scans), rel=1e-9)


def test_two_targets_that_meet_and_part_are_both_kept_and_a_dead_one_goes():
    """As in the paper: four come together, one dies there (fewer scans, less clutter)."""
    rng = np.random.default_rng(5)
    moments = 41
    truth = np.zeros((moments, 4, 4))
    velocity = rng.normal(0.0, 1.0, (4, 2))
    for k in range(moments):
        truth[k, :, :2] = 150.0 + velocity * (k - 20)
        truth[k, :, 2:] = velocity
    F = np.kron([[1.0, 1.0], [0.0, 1.0]], np.eye(2))
    Q = 0.01 * np.kron([[1 / 3, 1 / 2], [1 / 2, 1.0]], np.eye(2))
    motion, how = Motion(F, Q, 0.99), Sensing(np.eye(2, 4), 0.98)
    post = Posterior(Everywhere(4.0 / 300.0**2 / 20.0, np.eye(2) * 4.0))
    counts, off = [], []
    for k in range(moments):
        alive = [j for j in range(4) if j != 3 or k <= 20]
        seen = [j for j in alive if rng.random() < how.chance]
        z = np.concatenate(
            (truth[k, seen, :2] + rng.normal(size=(len(seen), 2)), rng.uniform(0.0, 300.0, (5, 2)))
        )
        post = update(
            predict(post, motion), z, np.tile(np.eye(2), (len(z), 1, 1)),
            np.full(len(z), 5.0 / 300.0**2), how, Limits(most=30),
        )  # fmt: skip
        found = estimates(post)
        counts.append(len(found))
        if found and k > 5:
            places = np.array([b.mean[:2] for b in found.values()])
            off += [np.min(np.hypot(*(places - truth[k, j, :2]).T)) for j in alive]
    assert np.median(counts[8:20]) == 4
    assert np.median(counts[26:]) == 3
    assert np.median(off) < 1.0  # a plot is off by 1.2 at the median


def test_every_history_is_counted_once():
    assert len(list(histories([[0.0], [0.0]]))) == 5
    labels = [tuple(t for _, t in h) for h in histories([[0.0, 1.0], [2.0]])]
    assert len(set(labels)) == len(labels)
    assert all(not (a and a == b) for a, b, *_ in labels)
    assert list(itertools.islice(labels, 1)) == [(0, 0, 0)]
