"""Take evidence in: a Kalman filter over all sensors' biases, in information form, robust.

Pairs wait until ten seconds of them are together, then one weighted least-squares step takes them
all in: prediction by a slow random walk, information added pair by pair, weights by Huber (1964)
found by iteration (M-estimation), and in the end what lies far outside is refused. A single wrong
association therefore moves the biases no more than a plot at the edge of its noise would.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.registration.evidence import Evidence, kept, none
from steppewatch.fuse.registration.observe import Observed, observe
from steppewatch.fuse.registration.state import EPOCHS, TARGET, WALK, B

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.registration.state import RegistrationState

    Array = NDArray[np.float64]

SETTLE_NS = 10_000_000_000
HUBER = 3.4  # of the length of a normalised 3-vector: 99 % of good pairs lie below
FOREIGN = 7.0
ROUNDS = 5
MEMORY = 0.1
RESTLESS = 6.0  # a bias that moves more than its covariance allows: let it
STRANGE = 0.6  # share of refused pairs beyond which the estimate, not the pairs, is wrong
FEWEST = 12
TOLD_APART = 2.0  # σ below which a bias may as well be none: correct for nothing


def learn(state: RegistrationState, evidence: Evidence, now_ns: int) -> RegistrationState:
    """Let evidence wait, and every ten seconds take in what has gathered.

    Args:
        state: What is known.
        evidence: From :func:`~.evidence.gather`.
        now_ns: Time of the newest plot, on the plots' own clock.
    """
    if len(evidence):
        state = kept(state, evidence)
        taken = state.taken_ns.copy()
        np.maximum.at(taken, evidence.middle, evidence.time_ns)
        np.maximum.at(taken, evidence.outer, evidence.time_ns)
        state = dataclasses.replace(state, taken_ns=taken)
    if state.settled_ns == 0:
        return dataclasses.replace(state, settled_ns=now_ns)
    if len(state.middle) == 0 or now_ns - state.settled_ns < SETTLE_NS:
        return state
    return settle(state, now_ns)


def settle(state: RegistrationState, now_ns: int) -> RegistrationState:
    """Take in all evidence that waits, and put new corrections into force from ``now_ns``."""
    size = len(state.mean)
    scale = state.prior.ravel()
    seconds = (now_ns - state.settled_ns) * 1e-9
    drift = np.divide(np.tile(WALK, len(state)), scale, out=np.zeros(size), where=scale > 0.0)
    restless = np.where(state.pull.ravel() > RESTLESS, state.pull.ravel() ** 3, 1.0)
    predicted = state.cov + np.diag(np.minimum(drift**2 * seconds * restless, 0.1))
    pairs = Pairs(state, scale)
    mean, cov, weight = pairs.fitted(state.mean, predicted)
    used, refused, length = pairs.counted(mean, weight)
    state = _watched(state, mean, predicted, cov, used, length)
    again = _estranged(used, refused)
    if again.any():
        # A jump, or foreign plots? A jump fits together once the old biases are forgotten.
        fresh = pairs.fitted(*_forgotten(state.mean, predicted, again))
        accepted, foreign, _ = pairs.counted(fresh[0], fresh[2])
        again &= 2 * foreign < refused
        if again.any():
            mean, cov, used, refused = fresh[0], fresh[1], accepted, foreign
    state = dataclasses.replace(
        state,
        mean=mean,
        cov=cov,
        settled_ns=now_ns,
        used=state.used + used,
        refused=state.refused + refused,
        reopened=state.reopened + again,
        **{f: getattr(none(), f) for f in ("middle", "outer", "gap", "spread", "partial")},
    )
    seen = observe(state)
    return dataclasses.replace(
        state,
        epoch_ns=np.append(now_ns, state.epoch_ns[: EPOCHS - 1]),
        applied=np.concatenate((worth_it(seen)[None], state.applied[: EPOCHS - 1])),
        doubt=np.concatenate((doubtful(seen.variance)[None], state.doubt[: EPOCHS - 1])),
    )


class Pairs:
    """Hold the waiting pairs in units of the prior; it lives no longer than one settling."""

    def __init__(self, state: RegistrationState, scale: Array) -> None:
        self.sensors = len(state)
        self.ends = np.stack((state.middle, state.outer), axis=1)
        step = np.arange(B)
        self.place = np.concatenate(
            (state.middle[:, None] * B + step, state.outer[:, None] * B + step), axis=1
        )
        self.partial = state.partial * scale[self.place][:, None, :]
        root = np.linalg.inv(np.linalg.cholesky(state.spread))
        # Whitened: unit noise, three rows per pair.
        self.partial = root @ self.partial
        self.gap = np.einsum("kab,kb->ka", root, state.gap)
        self.info = np.swapaxes(self.partial, 1, 2) @ self.partial
        self.vector = np.einsum("kab,ka->kb", self.partial, self.gap)

    def fitted(self, mean: Array, predicted: Array) -> tuple[Array, Array, Array]:
        """Give the new mean, covariance and the pairs' weights ``(k,)``."""
        size = len(mean)
        before: Array = np.asarray(np.linalg.inv(predicted), np.float64)
        flat = (self.place[:, :, None] * size + self.place[:, None, :]).ravel()
        start = before @ mean
        weight = np.ones(len(self.gap))
        new, cov = mean, predicted
        for k in range(ROUNDS):
            info = np.bincount(flat, (weight[:, None, None] * self.info).ravel(), size * size)
            vector = np.bincount(self.place.ravel(), (weight[:, None] * self.vector).ravel(), size)
            inverse = np.linalg.inv(before + info.reshape(size, size))
            cov = np.asarray(0.5 * (inverse + inverse.T), np.float64)
            new = cov @ (start + vector)
            if k == ROUNDS - 1:
                break
            length = self.length(new)
            weight = np.minimum(1.0, HUBER / np.maximum(length, 1e-9))
            if k == ROUNDS - 2:
                weight[length > FOREIGN] = 0.0
        return new, cov, weight

    def length(self, mean: Array) -> Array:
        """Give the length of each pair's normalised residual ``(k,)``."""
        miss = self.gap - np.einsum("kab,kb->ka", self.partial, mean[self.place])
        return np.asarray(np.linalg.norm(miss, axis=1))

    def counted(
        self, mean: Array, weight: Array
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
        """Count used and refused pairs by sensor, and sum their squared residuals per freedom."""
        bad = weight == 0.0
        squared = np.minimum(self.length(mean), FOREIGN) ** 2 / 3.0
        ends = self.ends
        used = np.bincount(ends[~bad].ravel(), minlength=self.sensors)
        refused = np.bincount(ends[bad].ravel(), minlength=self.sensors)
        total = np.bincount(ends.ravel(), np.repeat(squared, 2), self.sensors)
        return used, refused, total / np.maximum(used + refused, 1)


def _watched(
    state: RegistrationState,
    mean: Array,
    predicted: Array,
    cov: Array,
    used: NDArray[np.int64],
    length: Array,
) -> RegistrationState:
    """Keep the running means by which a drifting sensor shows."""
    heard = used > 0
    fit = np.where(heard, (1.0 - MEMORY) * state.fit + MEMORY * length, state.fit)
    allowed = np.maximum(np.diag(predicted) - np.diag(cov), 1e-12)
    moved = ((mean - state.mean) ** 2 / allowed).reshape(-1, B)
    told = heard[:, None] & (state.prior > 0.0)
    pull = np.where(
        told, (1.0 - MEMORY) * state.pull + MEMORY * np.minimum(moved, 50.0), state.pull
    )
    return dataclasses.replace(state, fit=fit, pull=pull)


def _estranged(used: NDArray[np.int64], refused: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say for which sensors nearly nothing fits: of several, the worst ones only."""
    total = used + refused
    share = np.where(total >= FEWEST, refused / np.maximum(total, 1), 0.0)
    out: NDArray[np.bool_] = (share > STRANGE) & (share >= share.max() - 1e-9)
    return out


def _forgotten(mean: Array, cov: Array, which: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Forget the biases of some sensors: back to the prior, uncorrelated."""
    gone = np.repeat(which, B)
    mean, cov = np.where(gone, 0.0, mean), cov.copy()
    cov[gone] = 0.0
    cov[:, gone] = 0.0
    cov[gone, gone] = 1.0
    return mean, cov


def worth_it(seen: Observed) -> Array:
    """Give the corrections to apply: none where a bias is not told apart from none.

    A positive-part shrinkage, value · max(0, 1 − (2σ/value)²), so that sensors without biases are
    left exactly as they are and large biases are taken out whole (James & Stein 1961 in form).
    """
    squared = seen.value**2
    share = np.zeros_like(squared)
    np.divide(TOLD_APART**2 * seen.variance, squared, out=share, where=squared > 0.0)
    out: Array = seen.value * np.maximum(1.0 - share, 0.0)
    return out


def doubtful(variance: Array) -> Array:
    """Give the variance to add to the noise: none once it is as small as it need be."""
    out: Array = np.where(variance > (0.5 * TARGET) ** 2, variance, 0.0)
    return out
