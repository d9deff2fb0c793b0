"""Where tracks will be when a sensor looks next, and how far they may be off: one cheap pass.

The filter's own prediction mixes its models exactly; to say whether a hill stands between sensor
and target, both models predicted by themselves and merged once are good enough, at a tenth of the
cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.kernels import FASTEST2, outward
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

    Floats = NDArray[np.float64]

NS = 1e-9


@kernel
def foresee_row(
    mean: Floats, cov: Floats, prob: Floats, dt: float, motion: Floats, exact: bool,
    place: Floats, velocity: Floats, P: Floats,
) -> None:  # fmt: skip
    """Predict one track by ``dt`` ≥ 0 as one Gaussian.

    Shapes and units:
        mean: ``(m, 6)`` ECEF; cov: ``(m, 6, 6)``; prob: ``(m,)``; motion: ``(m + 1, 8)`` as in
            ``kernels.step_models``.
        exact: Only the diagonal of ``P`` is wanted otherwise.
        place, velocity: ``(3,)`` out; P: ``(6, 6)`` out, the blocks of position and velocity; the
            blocks between both are left alone.
    """
    models = len(prob)
    for a in range(3):
        p = v = 0.0
        for m in range(models):
            p += prob[m] * mean[m, a]
            v += prob[m] * mean[m, a + 3]
        place[a], velocity[a] = p, v
    u = outward(place)
    v2 = min(velocity[0] ** 2 + velocity[1] ** 2 + velocity[2] ** 2, FASTEST2)
    q = rise = 0.0
    for m in range(models):
        q += prob[m] * (motion[m, 0] + motion[m, 1] * v2)
        rise += prob[m] * (motion[m, 6] + motion[m, 7] * v2)
    t3 = dt * dt * dt / 3.0
    for a in range(3):
        for b in range(a, 3 if exact else a + 1):
            shape = (rise - q) * u[a] * u[b]
            if a == b:
                shape += q
            pp, vv = t3 * shape, dt * shape
            for m in range(models):
                w = prob[m]
                va, vb = mean[m, a + 3] - velocity[a], mean[m, b + 3] - velocity[b]
                da, db = mean[m, a] - place[a] + dt * va, mean[m, b] - place[b] + dt * vb
                turn = cov[m, a + 3, b + 3]
                still = cov[m, a, b] + dt * (cov[m, a, b + 3] + cov[m, a + 3, b])
                pp += w * (da * db + still + dt * dt * turn)
                vv += w * (va * vb + turn)
            P[a, b] = P[b, a] = pp
            P[a + 3, b + 3] = P[b + 3, a + 3] = vv
    for a in range(3):
        place[a] += dt * velocity[a]


@kernel
def foresee_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Any, rows: Any, now_ns: int, motion: Floats,
    place: Floats, velocity: Floats, spread: Floats,
) -> None:  # fmt: skip
    """Predict the tracks ``rows`` ``(k,)`` to one moment as one Gaussian each.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; time_ns: ``(n,)``.
        now_ns: Not predicted where older than the track.
        motion, place, velocity, spread: As in :func:`foresee_row`, ``(k, …)``.
    """
    for k in range(len(rows)):
        j = rows[k]
        dt = max((now_ns - time_ns[j]) * NS, 0.0)
        foresee_row(
            mean[j], cov[j], prob[j], dt, motion, True, place[k], velocity[k], spread[k]
        )  # fmt: skip


def foresee(
    tracks: Columns, rows: NDArray[np.integer], now_ns: int, motion: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Predict some tracks to one moment.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which.
        now_ns: The moment [ns UTC].
        motion: From ``TrackerSettings.motion``.

    Returns:
        Position ``(k, 3)`` [m] and velocity ``(k, 3)`` [m/s] in ECEF, and the covariance
        ``(k, 6, 6)`` of both without its mixed blocks.
    """
    k = len(rows)
    place, velocity, spread = np.empty((k, 3)), np.empty((k, 3)), np.zeros((k, 6, 6))
    foresee_tracks(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, now_ns, motion,
        place, velocity, spread,
    )  # fmt: skip
    return place, velocity, spread
