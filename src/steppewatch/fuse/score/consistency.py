"""Say whether a tracker's covariances tell the truth: NEES and NIS against chi-square bounds.

Bar-Shalom, Li & Kirubarajan 2001, §5.4: the squared error, measured in the stated covariance, has
mean equal to its number of components. Far above: the tracker is surer than it may be. Far below:
it knows more than it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from steppewatch.errors import FuseError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.score.identity import Holding
    from steppewatch.fuse.score.series import Series

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """Hold normalised squared errors, summed up.

    Attributes:
        target: Class of the targets; −1 for all together.
        count: Errors taken.
        components: Numbers in each error: 2d, or d where velocities are not known.
        mean: Mean squared error divided by ``components`` (ANEES, ANIS); best 1.
        median: Median squared error divided by the median of its chi-square; 1 as well, but blind
            to outliers, so a mean far above it tells of a few wrong tracks, not of the filter.
        lower: 95 % bounds of ``mean`` if the tracker is consistent and the errors independent.
        upper: Errors of one track at successive moments are not, so true bounds are wider.
        inside: Part of the single errors within their own two-sided 95 % bounds; best 0.95.
        moments_inside: Part of the moments whose mean over the tracks lies within its 95 % bounds,
            where there were at least two; tracks are independent of each other, so best is 0.95.
    """

    target: int
    count: int
    components: int
    mean: float
    median: float
    lower: float
    upper: float
    inside: float
    moments_inside: float


def nees(truth: Series, tracks: Series, holding: Holding) -> tuple[Floats, int]:
    """Measure each held pair's normalised estimation error squared.

    Args:
        truth: The targets.
        tracks: The tracks, with covariances.
        holding: Who held whom.

    Returns:
        ``(h,)`` errors, NaN where a covariance is unknown or not positive definite, and how many
        components they have: positions and velocities if all are known somewhere, else positions.
    """
    a, b = holding.truth, holding.track
    d = truth.position.shape[1]
    error = np.concatenate(
        (tracks.position[b] - truth.position[a], tracks.velocity[b] - truth.velocity[a]), axis=1
    )
    cov = tracks.covariance[b] if len(b) else np.zeros((0, 2 * d, 2 * d))
    full = np.isfinite(error).all(axis=1) & np.isfinite(cov).all(axis=(1, 2))
    parts = 2 * d if full.any() else d
    return quadratic(error[:, :parts], cov[:, :parts, :parts]), parts


def quadratic(error: Floats, cov: Floats) -> Floats:
    """Measure errors ``(n, m)`` in their covariances ``(n, m, m)``; NaN where that has no sense.

    >>> quadratic(np.array([[2.0, 0.0]]), np.array([[[4.0, 0.0], [0.0, 1.0]]]))
    array([1.])
    """
    value = np.full(len(error), np.nan)
    good = np.isfinite(error).all(axis=1) & np.isfinite(cov).all(axis=(1, 2))
    rows = np.flatnonzero(good)
    if len(rows):
        scale = np.sqrt(np.maximum(np.diagonal(cov[rows], axis1=1, axis2=2), 0.0))
        positive = (scale > 0.0).all(axis=1)
        rows, scale = rows[positive], scale[positive]
        unit = cov[rows] / (scale[:, :, None] * scale[:, None, :])
        regular = np.linalg.eigvalsh(unit)[:, 0] > 1e-12
        rows, scale, unit = rows[regular], scale[regular], unit[regular]
        z = error[rows] / scale
        value[rows] = (z * np.linalg.solve(unit, z[:, :, None])[:, :, 0]).sum(axis=1)
    return value


def consistency(
    values: Floats, components: int, moment: NDArray[np.int64] | None = None, target: int = -1
) -> Consistency | None:
    """Sum up normalised squared errors, whether of states (NEES) or of innovations (NIS).

    Args:
        values: ``(n,)`` squared errors; NaN is left out.
        components: Numbers in each error.
        moment: ``(n,)`` of which moment each is, or None.
        target: Class that they are of, to be told again.

    Returns:
        The sum, or None if there is nothing to sum.

    Raises:
        FuseError: ``components`` is not positive, or a value is negative.
    """
    known = np.isfinite(values)
    e = values[known]
    if components < 1:
        raise FuseError(f"components is {components}; errors have at least one")
    if (e < 0.0).any():
        raise FuseError("a squared error is negative; give NEES or NIS values, not their logarithm")
    if not len(e):
        return None
    lower, upper = bounds(len(e), components)
    one = chi2.ppf((0.025, 0.975), components)
    together = float("nan")
    if moment is not None:
        count = np.bincount(moment[known])
        total = np.bincount(moment[known], weights=e)
        many = count > 1
        if many.any():
            low, high = bounds(count[many], components)
            mean = total[many] / (count[many] * components)
            together = float(((mean >= low) & (mean <= high)).mean())
    return Consistency(
        target=target,
        count=len(e),
        components=components,
        mean=float(e.mean() / components),
        median=float(np.median(e) / chi2.ppf(0.5, components)),
        lower=float(lower),
        upper=float(upper),
        inside=float(((e >= one[0]) & (e <= one[1])).mean()),
        moments_inside=together,
    )


def bounds(count: int | NDArray[np.int64], components: int) -> tuple[Floats, Floats]:
    """Give the two-sided 95 % bounds of a mean of independent squared errors, per component.

    >>> [round(float(x), 3) for x in bounds(50, 2)]
    [0.742, 1.296]
    """
    freedom = np.asarray(count, np.float64) * components
    return chi2.ppf(0.025, freedom) / freedom, chi2.ppf(0.975, freedom) / freedom
