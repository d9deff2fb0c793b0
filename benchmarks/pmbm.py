"""A Poisson multi-Bernoulli mixture filter, plain and slow: how accurate association can be.

Point targets, linear Gaussian measurements (García-Fernández, Williams, Granström & Svensson,
*Poisson multi-Bernoulli mixture filter: direct derivation and implementation*, IEEE TAES 54(4),
2018; section numbers are those of that paper). It keeps a weighted set of global hypotheses, each
choosing one hypothesis of every potential target; with nothing pruned it is the exact posterior,
which the tests use. A reference for benches, not a tracker: no gating by cells, no clusters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from steppewatch.fuse.associate.murty import k_best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NEVER = -1e12


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Hold one weighted Gaussian of the undetected targets' intensity."""

    weight: float
    mean: Floats
    cov: Floats


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """Hold one hypothesis of a potential target: it exists with probability r, and is there."""

    r: float
    mean: Floats
    cov: Floats


class Undetected(Protocol):
    """Be the Poisson intensity of targets that were never detected."""

    def predicted(self, motion: Motion) -> Undetected:
        """Give it a scan later, births included."""

    def first_seen(self, z: Floats, noise: Floats, how: Sensing) -> tuple[float, Bernoulli]:
        """Give the intensity of first detections at z, and the target that would be there."""

    def missed(self, how: Sensing) -> Undetected:
        """Give it after a look in which none of them was detected."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Move targets: x' = F·x + N(0, Q), alive with probability ``survival``."""

    F: Floats
    Q: Floats
    survival: float

    def apply(self, mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
        """Predict one Gaussian."""
        return self.F @ mean, self.F @ cov @ self.F.T + self.Q


@dataclass(frozen=True, slots=True)
class Sensing:
    """Detect targets: z = H·x + N(0, R), with probability ``chance``."""

    H: Floats
    chance: float


@dataclass(frozen=True, slots=True)
class Mixture:
    """Be an intensity that is a sum of Gaussians, with the same births every scan (§III.B)."""

    parts: tuple[Gaussian, ...]
    births: tuple[Gaussian, ...] = ()
    least: float = 1e-5

    def predicted(self, motion: Motion) -> Mixture:
        """Predict all parts and add the births."""
        old = (
            Gaussian(p.weight * motion.survival, *motion.apply(p.mean, p.cov)) for p in self.parts
        )
        return replace(self, parts=(*old, *self.births))

    def first_seen(self, z: Floats, noise: Floats, how: Sensing) -> tuple[float, Bernoulli]:
        """Update each part by z and merge them."""
        seen = [
            (p.weight * how.chance * math.exp(likelihood), mean, cov)
            for p in self.parts
            for likelihood, mean, cov in [correct(p.mean, p.cov, z, noise, how.H)]
        ]
        total = sum(s[0] for s in seen)
        return total, merged(seen) if total > 0.0 else Bernoulli(0.0, seen[0][1], seen[0][2])

    def missed(self, how: Sensing) -> Mixture:
        """Thin all parts out, and forget the faintest."""
        parts = (replace(p, weight=p.weight * (1.0 - how.chance)) for p in self.parts)
        return replace(self, parts=tuple(p for p in parts if p.weight > self.least))


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Be a uniform intensity of places with one distribution of velocities.

    Attributes:
        density: Undetected targets per unit of measured space, in the long run.
        velocity: ``(d, d)`` covariance of their velocities.
    """

    density: float
    velocity: Floats

    def predicted(self, motion: Motion) -> Everywhere:
        """Stay: births make up for first detections."""
        del motion
        return self

    def first_seen(self, z: Floats, noise: Floats, how: Sensing) -> tuple[float, Bernoulli]:
        """Put a target where z is."""
        d = len(z)
        cov = np.zeros((2 * d, 2 * d))
        cov[:d, :d], cov[d:, d:] = noise, self.velocity
        return self.density * how.chance, Bernoulli(1.0, np.concatenate((z, np.zeros(d))), cov)

    def missed(self, how: Sensing) -> Everywhere:
        """Stay."""
        del how
        return self


@dataclass(frozen=True, slots=True)
class Posterior:
    """Hold the filter's state.

    Attributes:
        undetected: Intensity of targets never seen.
        targets: Hypotheses of each of n potential targets.
        choice: ``(g, n)`` hypothesis of each in every global hypothesis; −1: it is none there.
        log_weight: ``(g,)`` ln of the global hypotheses' weights, normalised.
        ids: ``(n,)`` name of each potential target.
        next_id: Name of the next one.
    """

    undetected: Undetected
    targets: tuple[tuple[Bernoulli, ...], ...] = ()
    choice: NDArray[np.int64] = field(default_factory=lambda: np.zeros((1, 0), np.int64))
    log_weight: Floats = field(default_factory=lambda: np.zeros(1))
    ids: tuple[int, ...] = ()
    next_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Say what is pruned (§V.D); the defaults are the paper's.

    Attributes:
        most: Global hypotheses kept.
        least: Weight below which one is dropped.
        faint: Existence below which a hypothesis of a target is taken for none.
        gate: Squared distance beyond which a detection is no one's.
        reported: Existence from which a target is reported.
    """

    most: int = 200
    least: float = 1e-4
    faint: float = 1e-5
    gate: float = 20.0
    reported: float = 0.4


def predict(post: Posterior, motion: Motion) -> Posterior:
    """Let a scan pass (§III.B)."""
    targets = tuple(
        tuple(Bernoulli(b.r * motion.survival, *motion.apply(b.mean, b.cov)) for b in hypotheses)
        for hypotheses in post.targets
    )
    return replace(post, undetected=post.undetected.predicted(motion), targets=targets)


def update(
    post: Posterior,
    z: Floats,
    noise: Floats,
    clutter: Floats,
    how: Sensing,
    limits: Limits | None = None,
) -> Posterior:
    """Take one scan in (§III.C, §V).

    Args:
        post: Predicted.
        z: ``(p, d)`` detections.
        noise: ``(p, d, d)`` their covariances.
        clutter: ``(p,)`` false-alarm density at each.
        how: The sensor.
        limits: What is pruned.
    """
    bound = limits or Limits()
    p, n = len(z), len(post.targets)
    grown, gain, base = branched(post.targets, z, noise, how, bound)
    first = [post.undetected.first_seen(z[i], noise[i], how) for i in range(p)]
    rho = np.array([first[i][0] + clutter[i] for i in range(p)])
    for i in range(p):
        grown.append([Bernoulli(first[i][0] / rho[i], first[i][1].mean, first[i][1].cov)])
    rows, weights = [], []
    for old, weight in zip(post.choice, post.log_weight, strict=True):
        cost = np.full((p, n + p), np.inf)
        total = weight
        for j in range(n):
            if old[j] >= 0:
                total += base[j][old[j]]
                cost[:, j] = -gain[j][old[j]]
        cost[:, :n][cost[:, :n] > -NEVER / 2] = np.inf
        cost[np.arange(p), n + np.arange(p)] = -np.log(rho)
        wanted = max(math.ceil(bound.most * math.exp(weight)), 1)
        for chosen, price in zip(*k_best(cost, wanted), strict=True):
            row = np.full(n + p, -1)
            row[:n] = np.where(old >= 0, old * (p + 1), -1)
            for i, column in enumerate(chosen):
                row[column] = old[column] * (p + 1) + 1 + i if column < n else 0
            rows.append(row)
            weights.append(total - price)
    ids = (*post.ids, *range(post.next_id, post.next_id + p))
    after = Posterior(
        undetected=post.undetected.missed(how),
        targets=tuple(tuple(hypotheses) for hypotheses in grown),
        choice=np.array(rows),
        log_weight=np.array(weights),
        ids=ids,
        next_id=post.next_id + p,
    )
    return pruned(after, bound)


def branched(
    targets: Sequence[Sequence[Bernoulli]], z: Floats, noise: Floats, how: Sensing, bound: Limits
) -> tuple[list[list[Bernoulli]], list[list[Floats]], list[list[float]]]:
    """Give every hypothesis' children (missed, then by each detection), gains and miss weights."""
    grown, gains, base = [], [], []
    for hypotheses in targets:
        children: list[Bernoulli] = []
        gain, miss = [], []
        for b in hypotheses:
            unseen = 1.0 - b.r * how.chance
            miss.append(math.log(unseen))
            children.append(replace(b, r=b.r * (1.0 - how.chance) / unseen))
            row = np.full(len(z), NEVER)
            for i in range(len(z)):
                distance = far(b.mean, b.cov, z[i], noise[i], how.H)
                log, mean, cov = (
                    correct(b.mean, b.cov, z[i], noise[i], how.H)
                    if distance <= bound.gate and b.r > 0.0
                    else (NEVER, b.mean, b.cov)
                )
                children.append(Bernoulli(1.0, mean, cov))
                if log > NEVER:
                    row[i] = log + math.log(b.r * how.chance) - miss[-1]
            gain.append(row)
        grown.append(children)
        gains.append(gain)
        base.append(miss)
    return grown, gains, base


def pruned(post: Posterior, bound: Limits) -> Posterior:
    """Drop what is improbable, join equal global hypotheses, and number what is left anew."""
    log = post.log_weight - np.logaddexp.reduce(post.log_weight)
    keep = np.argsort(-log, kind="stable")[: bound.most]
    keep = keep[(log[keep] > math.log(bound.least)) | (keep == keep[0])]
    choice, log = post.choice[keep].copy(), log[keep]
    for j, hypotheses in enumerate(post.targets):
        faint = np.array([b.r < bound.faint for b in hypotheses])
        inside = choice[:, j] >= 0
        choice[inside, j] = np.where(faint[choice[inside, j]], -1, choice[inside, j])
    rows, back = np.unique(choice, axis=0, return_inverse=True)
    joined = np.full(len(rows), -np.inf)
    np.logaddexp.at(joined, back.ravel(), log)
    targets, columns, ids = [], [], []
    for j, hypotheses in enumerate(post.targets):
        used = np.unique(rows[:, j][rows[:, j] >= 0])
        if len(used):
            targets.append(tuple(hypotheses[h] for h in used))
            columns.append(np.where(rows[:, j] >= 0, np.searchsorted(used, rows[:, j]), -1))
            ids.append(post.ids[j])
    table = np.stack(columns, 1) if columns else np.zeros((len(rows), 0), np.int64)
    return replace(
        post,
        targets=tuple(targets),
        choice=table,
        log_weight=joined - np.logaddexp.reduce(joined),
        ids=tuple(ids),
    )


def estimates(post: Posterior, limits: Limits | None = None) -> dict[int, Bernoulli]:
    """Give the targets that the likeliest global hypothesis holds for real (§VI, estimator 1)."""
    bound = limits or Limits()
    best = post.choice[int(np.argmax(post.log_weight))]
    found = ((i, post.targets[j][best[j]]) for j, i in enumerate(post.ids) if best[j] >= 0)
    return {i: b for i, b in found if b.r > bound.reported}


def expected_targets(post: Posterior) -> float:
    """Give the expected number of targets that were detected at least once."""
    total = 0.0
    for row, log in zip(post.choice, post.log_weight, strict=True):
        exist = (post.targets[j][h].r for j, h in enumerate(row) if h >= 0)
        total += math.exp(log) * sum(exist)
    return total


def far(mean: Floats, cov: Floats, z: Floats, noise: Floats, H: Floats) -> float:
    """Give the squared Mahalanobis distance."""
    off = z - H @ mean
    return float(off @ np.linalg.solve(H @ cov @ H.T + noise, off))


def correct(
    mean: Floats, cov: Floats, z: Floats, noise: Floats, H: Floats
) -> tuple[float, Floats, Floats]:
    """Update one Gaussian by z; give the log-likelihood, mean and covariance."""
    S = H @ cov @ H.T + noise
    gain = np.linalg.solve(S, H @ cov).T
    off = z - H @ mean
    log = -0.5 * (off @ np.linalg.solve(S, off) + np.linalg.slogdet(2.0 * np.pi * S)[1])
    return float(log), mean + gain @ off, cov - gain @ S @ gain.T


def merged(parts: Sequence[tuple[float, Floats, Floats]]) -> Bernoulli:
    """Give the Gaussian that has the moments of a mixture."""
    total = sum(w for w, _, _ in parts)
    mean = sum((w * m for w, m, _ in parts), np.zeros(len(parts[0][1]))) / total
    cov = sum(
        (w * (P + np.outer(m - mean, m - mean)) for w, m, P in parts), np.zeros((len(mean),) * 2)
    )
    return Bernoulli(1.0, mean, cov / total)
