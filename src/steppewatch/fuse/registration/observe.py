"""What the geometry shows: directions in the space of biases, and each bias by itself.

In units of the prior σ the covariance of a direction that no evidence has touched is 1. Its
eigenvectors are the singular vectors of the normalised information matrix, with singular values
1/λ − 1; a direction with λ near 1 is a freedom of gauge (all clocks late together, say), and
nothing is corrected along it. The part of a bias that lies in such directions is not observable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.registration.state import TARGET, B

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.registration.state import RegistrationState

SHOWN = 0.9
SEEN = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Hold what can be known of each bias.

    Attributes:
        singular: ``(d,)`` singular values of the information matrix in units of the prior, in
            descending order, over the d biases that are estimated.
        shown: ``(s, 5)`` normalised observability, 1 − σ²/prior²; NaN where not estimated.
        value: ``(s, 5)`` what may be corrected: the estimate without its unseen directions.
        sigma: ``(s, 5)`` standard deviation of the whole bias; NaN where not estimated.
        variance: ``(s, 5)`` of the seen directions alone, what the noise grows by.
        observable: ``(s, 5)`` bool.
        converged: ``(s, 5)`` bool, known within :data:`~.state.TARGET`.
    """

    singular: NDArray[np.float64]
    shown: NDArray[np.float64]
    value: NDArray[np.float64]
    sigma: NDArray[np.float64]
    variance: NDArray[np.float64]
    observable: NDArray[np.bool_]
    converged: NDArray[np.bool_]


def observe(state: RegistrationState) -> Observed:
    """Work out what the evidence so far shows."""
    shape = (len(state), B)
    told = np.flatnonzero(state.prior.ravel() > 0.0)
    prior = state.prior.ravel()[told]
    value, variance = np.zeros(len(state) * B), np.zeros(len(state) * B)
    sigma = np.full(len(state) * B, np.nan)
    shown = np.full(len(state) * B, np.nan)
    singular = np.zeros(0)
    if len(told):
        cov = state.cov[np.ix_(told, told)]
        lam, vectors = np.linalg.eigh(cov)
        seen = vectors[:, lam < SEEN]
        value[told] = prior * (seen @ (seen.T @ state.mean[told]))
        variance[told] = prior**2 * np.einsum("ij,j,ij->i", seen, lam[lam < SEEN], seen)
        sigma[told] = prior * np.sqrt(np.diag(cov))
        shown[told] = 1.0 - np.diag(cov)
        singular = np.maximum(1.0 / np.maximum(lam, 1e-12) - 1.0, 0.0)
    observable = np.nan_to_num(shown) >= SHOWN
    converged = observable & (np.nan_to_num(sigma).reshape(shape) <= TARGET).ravel()
    return Observed(
        singular=singular,
        shown=shown.reshape(shape),
        value=value.reshape(shape),
        sigma=sigma.reshape(shape),
        variance=variance.reshape(shape),
        observable=observable.reshape(shape),
        converged=converged.reshape(shape),
    )
