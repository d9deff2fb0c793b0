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
    j: int, mean: Floats, cov: Floats, prob: Floats, dt: float, motion: Floats,
    place: Floats, velocity: Floats, P: Floats,
) -> None:  # fmt: skip
    """Predict the track in row ``j`` by ``dt`` ≥ 0 as one Gaussian.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``.
        motion: ``(m + 1, 8)`` as in ``kernels.step_models``.
        place, velocity: ``(3,)`` out; P: ``(6, 6)`` out, the blocks of position and velocity; the
            blocks between both are left alone.
    """
    models = prob.shape[1]
    for a in range(3):
        p = v = 0.0
        for m in range(models):
            p += prob[j, m] * mean[j, m, a]
            v += prob[j, m] * mean[j, m, a + 3]
        place[a], velocity[a] = p, v
    u = outward(place)
    v2 = min(velocity[0] ** 2 + velocity[1] ** 2 + velocity[2] ** 2, FASTEST2)
    q = rise = 0.0
    for m in range(models):
        q += prob[j, m] * (motion[m, 0] + motion[m, 1] * v2)
        rise += prob[j, m] * (motion[m, 6] + motion[m, 7] * v2)
    t3 = dt * dt * dt / 3.0
    for a in range(3):
        for b in range(a, 3):
            shape = (rise - q) * u[a] * u[b]
            if a == b:
                shape += q
            pp, vv = t3 * shape, dt * shape
            for m in range(models):
                w = prob[j, m]
                va, vb = mean[j, m, a + 3] - velocity[a], mean[j, m, b + 3] - velocity[b]
                da, db = mean[j, m, a] - place[a] + dt * va, mean[j, m, b] - place[b] + dt * vb
                turn = cov[j, m, a + 3, b + 3]
                still = cov[j, m, a, b] + dt * (cov[j, m, a, b + 3] + cov[j, m, a + 3, b])
                pp += w * (da * db + still + dt * dt * turn)
                vv += w * (va * vb + turn)
            P[a, b] = P[b, a] = pp
            P[a + 3, b + 3] = P[b + 3, a + 3] = vv
    for a in range(3):
        place[a] += dt * velocity[a]


@kernel
def foresee_place(
    j: int, mean: Floats, cov: Floats, prob: Floats, dt: float, motion: Floats, place: Floats
) -> float:
    """Predict the place of the track in row ``j``; return the trace of its covariance [m²].

    Shapes and units: As in :func:`foresee_row`, of which it gives a part, at a third of the cost.
    """
    models = prob.shape[1]
    x0 = x1 = x2 = v0 = v1 = v2 = 0.0
    for m in range(models):
        w = prob[j, m]
        x0 += w * mean[j, m, 0]
        x1 += w * mean[j, m, 1]
        x2 += w * mean[j, m, 2]
        v0 += w * mean[j, m, 3]
        v1 += w * mean[j, m, 4]
        v2 += w * mean[j, m, 5]
    speed2 = min(v0 * v0 + v1 * v1 + v2 * v2, FASTEST2)
    trace = 0.0
    for m in range(models):
        d0 = mean[j, m, 0] - x0 + dt * (mean[j, m, 3] - v0)
        d1 = mean[j, m, 1] - x1 + dt * (mean[j, m, 4] - v1)
        d2 = mean[j, m, 2] - x2 + dt * (mean[j, m, 5] - v2)
        still = cov[j, m, 0, 0] + cov[j, m, 1, 1] + cov[j, m, 2, 2]
        both = cov[j, m, 0, 3] + cov[j, m, 1, 4] + cov[j, m, 2, 5]
        turn = cov[j, m, 3, 3] + cov[j, m, 4, 4] + cov[j, m, 5, 5]
        q = 2.0 * motion[m, 0] + motion[m, 6] + (2.0 * motion[m, 1] + motion[m, 7]) * speed2
        free = q * dt * dt * dt / 3.0
        square = d0 * d0 + d1 * d1 + d2 * d2
        trace += prob[j, m] * (square + still + 2.0 * dt * both + dt * dt * turn + free)
    place[0], place[1], place[2] = x0 + dt * v0, x1 + dt * v1, x2 + dt * v2
    return trace


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
            j, mean, cov, prob, dt, motion, place[k], velocity[k], spread[k]
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
