r"""Fuse pairs of estimates of the same state, by what is known of their correlation.

| known of the correlation | function | after |
|---|---|---|
| nothing | :func:`intersect` | Julier & Uhlmann 1997 (covariance intersection) |
| some part of each is independent | :func:`split` | Julier & Uhlmann 2001, §12.5 (split CI) |
| the common part is a shared estimate, which one unknown | :func:`inverse` | Noack et al. 2017 |
| the shared estimate itself | :func:`remove` | Grime & Durrant-Whyte 1994 (channel filter) |
| there is none | :func:`independent` | information filter |

Both covariances are brought to diagonal form at once, :math:`B = T T^\top` and
:math:`A^{-1} = T^{-\top} \Lambda T^{-1}`; then the best weight is a search in one variable over six
numbers, for all pairs at the same time.

Sources: Julier & Uhlmann, "A non-divergent estimation algorithm in the presence of unknown
correlations", ACC 1997; the same, "General decentralized data fusion with covariance
intersection", 2001; Noack, Sijs, Reinhardt & Hanebeck, "Decentralized data fusion with inverse
covariance intersection", Automatica 79 (2017); Grime & Durrant-Whyte, "Data fusion in
decentralized sensor networks", Control Engineering Practice 2 (1994).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from steppewatch.errors import FuseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEPS = 40
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
POSITION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """Hold n fused estimates.

    Attributes:
        mean: ``(n, d)``.
        cov: ``(n, d, d)``.
        weight: ``(n,)`` weight ω of the first estimate, 0…1; NaN where the rule has none.
    """

    mean: Floats
    cov: Floats
    weight: Floats


def intersect(
    mean_a: Floats,
    cov_a: Floats,
    mean_b: Floats,
    cov_b: Floats,
    criterion: Literal["det", "trace"] = "det",
) -> Fused:
    """Fuse estimates whose correlation nobody knows: consistent for any (covariance intersection).

    Args:
        mean_a: ``(n, d)``, d ≥ 3 where ``criterion`` is ``"trace"``.
        cov_a: ``(n, d, d)``, positive definite.
        mean_b: ``(n, d)``.
        cov_b: ``(n, d, d)``.
        criterion: What the weight makes smallest: the determinant (has no unit trouble), or the
            trace of the position's block.

    Raises:
        FuseError: A covariance is not positive definite, or not finite.

    >>> import numpy as np
    >>> wide, tall = np.diag([4.0, 1.0, 1.0])[None], np.diag([1.0, 4.0, 1.0])[None]
    >>> done = intersect(np.zeros((1, 3)), wide, np.ones((1, 3)), tall)
    >>> round(float(done.weight[0]), 6), np.round(np.diag(done.cov[0]), 2).tolist()
    (0.5, [1.6, 1.6, 1.0])
    """
    frame, ratio = diagonal(cov_a, cov_b)
    lead = ratio - 1.0
    cost = np.ones_like(lead)
    power = 1.0
    if criterion == "trace":
        cost, power = np.square(frame[:, :POSITION]).sum(axis=1), 2.0

    def slope(weight: Floats) -> Floats:
        return np.asarray((cost * lead / (1.0 + weight[:, None] * lead) ** power).sum(axis=1))

    weight = _falling_zero(slope, len(frame))
    gain = weight[:, None] * ratio / (1.0 + weight[:, None] * lead)
    return Fused(
        mean=_shift(frame, gain, mean_a, mean_b),
        cov=_spread(frame, 1.0 / (1.0 + weight[:, None] * lead)),
        weight=weight,
    )


def inverse(mean_a: Floats, cov_a: Floats, mean_b: Floats, cov_b: Floats) -> Fused:
    """Fuse estimates that share an unknown common estimate: tighter than :func:`intersect`.

    Consistent where each estimate is an independent one joined with some common one (two trackers
    that exchanged tracks once); not for every correlation.

    Args and errors: as for :func:`intersect`.
    """
    frame, ratio = diagonal(cov_a, cov_b)
    own = 1.0 / ratio

    def common(weight: Floats) -> Floats:
        w = weight[:, None]
        return np.asarray(1.0 / (w * own + 1.0 - w))

    def size(weight: Floats) -> Floats:
        return np.asarray(-np.log(ratio + 1.0 - common(weight)).sum(axis=1))

    weight = _least(size, len(frame))
    shared = common(weight)
    cov = 1.0 / (ratio + 1.0 - shared)
    gain = cov * (ratio - weight[:, None] * shared)
    return Fused(mean=_shift(frame, gain, mean_a, mean_b), cov=_spread(frame, cov), weight=weight)


def split(
    mean_a: Floats,
    cov_a: Floats,
    free_a: Floats,
    mean_b: Floats,
    cov_b: Floats,
    free_b: Floats,
) -> Fused:
    """Fuse estimates of which a part is known to be independent (split covariance intersection).

    Args:
        mean_a: ``(n, d)``.
        cov_a: ``(n, d, d)`` whole covariance.
        free_a: ``(n, d, d)`` its independent part: ``cov_a - free_a`` has no negative eigenvalue.
        mean_b: ``(n, d)``.
        cov_b: ``(n, d, d)``.
        free_b: ``(n, d, d)``.

    Raises:
        FuseError: A covariance is not positive definite, or not finite.
    """
    tied_a, tied_b = cov_a - free_a, cov_b - free_b

    def parts(weight: Floats) -> tuple[Floats, Floats]:
        w = np.clip(weight, 1e-6, 1.0 - 1e-6)[:, None, None]
        return tied_a / w + free_a, tied_b / (1.0 - w) + free_b

    def size(weight: Floats) -> Floats:
        one, two = parts(weight)
        frame, ratio = diagonal(one, two)
        half = np.linalg.slogdet(frame)[1]
        return np.asarray(2.0 * half - np.log1p(ratio).sum(axis=1))

    weight = _least(size, len(mean_a))
    one, two = parts(weight)
    done = independent(mean_a, one, mean_b, two)
    return Fused(mean=done.mean, cov=done.cov, weight=weight)


def remove(
    mean_a: Floats,
    cov_a: Floats,
    mean_b: Floats,
    cov_b: Floats,
    mean_c: Floats,
    cov_c: Floats,
) -> Fused:
    """Fuse estimates that share exactly the estimate ``c``: its information counts once.

    Args:
        mean_a: ``(n, d)``.
        cov_a: ``(n, d, d)``.
        mean_b: ``(n, d)``.
        cov_b: ``(n, d, d)``.
        mean_c: ``(n, d)`` what both have inside.
        cov_c: ``(n, d, d)``; it knows less than either.

    Raises:
        FuseError: What would remain after taking ``c`` out is no covariance.
    """
    info_a, info_b, info_c = (_inverted(c) for c in (cov_a, cov_b, cov_c))
    cov = _inverted(info_a + info_b - info_c)
    told = _times(info_a, mean_a) + _times(info_b, mean_b) - _times(info_c, mean_c)
    return Fused(mean=_times(cov, told), cov=cov, weight=np.full(len(cov), np.nan))


def independent(mean_a: Floats, cov_a: Floats, mean_b: Floats, cov_b: Floats) -> Fused:
    """Fuse estimates that share nothing (information filter); wrong, if they do.

    Args and errors: as for :func:`intersect`.
    """
    frame, ratio = diagonal(cov_a, cov_b)
    gain = ratio / (1.0 + ratio)
    return Fused(
        mean=_shift(frame, gain, mean_a, mean_b),
        cov=_spread(frame, 1.0 / (1.0 + ratio)),
        weight=np.full(len(frame), np.nan),
    )


def diagonal(cov_a: Floats, cov_b: Floats) -> tuple[Floats, Floats]:
    """Bring two covariances to diagonal form at once.

    Returns:
        ``T (n, d, d)`` and ``λ (n, d)`` with ``B = T Tᵀ`` and ``A = T diag(1/λ) Tᵀ``.

    Raises:
        FuseError: A covariance is not positive definite, or not finite.
    """
    if not (np.isfinite(cov_a).all() and np.isfinite(cov_b).all()):
        raise FuseError("a covariance to fuse holds NaN or infinity: leave such tracks out")
    try:
        root_a, root_b = np.linalg.cholesky(cov_a), np.linalg.cholesky(cov_b)
        bridge = np.linalg.solve(root_a, root_b)
        ratio, turn = np.linalg.eigh(np.swapaxes(bridge, 1, 2) @ bridge)
    except np.linalg.LinAlgError as error:
        raise FuseError(
            "a covariance to fuse is not positive definite: leave such tracks out"
        ) from error
    return root_b @ turn, np.maximum(ratio, 1e-12)


def _shift(frame: Floats, gain: Floats, mean_a: Floats, mean_b: Floats) -> Floats:
    """Move b towards a by the gain of each common axis."""
    away = np.linalg.solve(frame, (mean_a - mean_b)[..., None])[..., 0]
    return np.asarray(mean_b + _times(frame, gain * away))


def _spread(frame: Floats, variance: Floats) -> Floats:
    """Give the covariance that has these variances along the common axes."""
    return np.asarray((frame * variance[:, None, :]) @ np.swapaxes(frame, 1, 2))


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _inverted(cov: Floats) -> Floats:
    try:
        root = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError as error:
        raise FuseError(
            "the common estimate knows more than the estimates it is part of: "
            "fuse these by intersect()"
        ) from error
    half = np.linalg.inv(root)
    return np.asarray(np.swapaxes(half, 1, 2) @ half)


def _falling_zero(slope: Callable[[Floats], Floats], n: int) -> Floats:
    """Find where a falling function of the weight crosses zero, or the end of 0…1 beyond it."""
    low, high = np.zeros(n), np.ones(n)
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        rising = slope(middle) > 0.0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    middle = 0.5 * (low + high)
    middle = np.where(slope(np.zeros(n)) <= 0.0, 0.0, middle)
    return np.where(slope(np.ones(n)) >= 0.0, np.where(middle == 0.0, 0.5, 1.0), middle)


def _least(size: Callable[[Floats], Floats], n: int) -> Floats:
    """Find the least of a function with one valley on 0…1 (golden section)."""
    low, high = np.zeros(n), np.ones(n)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = size(left), size(right)
    for _ in range(STEPS):
        lower = at_left < at_right
        low, high = np.where(lower, low, left), np.where(lower, right, high)
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        at_left, at_right = size(left), size(right)
    return 0.5 * (low + high)
