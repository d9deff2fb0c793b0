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
def foresee_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Any, now_ns: int, motion: Floats,
    place: Floats, velocity: Floats, spread: Floats,
) -> None:  # fmt: skip
    """Predict all tracks to one moment as one Gaussian each.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; time_ns: ``(n,)``.
        now_ns: Not predicted where older than the track.
        motion: ``(m + 1, 8)`` as in ``kernels.step_models``.
        place, velocity: ``(n, 3)`` out; spread: ``(n, 6, 6)`` out, position and velocity blocks;
            the blocks between both are left alone.
    """
    models = prob.shape[1]
    x = np.empty(6)
    for j in range(len(time_ns)):
        dt = max((now_ns - time_ns[j]) * NS, 0.0)
        for a in range(6):
            x[a] = 0.0
            for m in range(models):
                x[a] += prob[j, m] * mean[j, m, a]
        u = outward(x)
        v2 = min(x[3] * x[3] + x[4] * x[4] + x[5] * x[5], FASTEST2)
        q = rise = 0.0
        for m in range(models):
            q += prob[j, m] * (motion[m, 0] + motion[m, 1] * v2)
            rise += prob[j, m] * (motion[m, 6] + motion[m, 7] * v2)
        t3 = dt * dt * dt / 3.0
        for a in range(3):
            place[j, a] = x[a] + dt * x[a + 3]
            velocity[j, a] = x[a + 3]
            for b in range(a, 3):
                shape = (rise - q) * u[a] * u[b]
                if a == b:
                    shape += q
                pp, vv = t3 * shape, dt * shape
                for m in range(models):
                    w, P = prob[j, m], cov[j, m]
                    va, vb = mean[j, m, a + 3] - x[a + 3], mean[j, m, b + 3] - x[b + 3]
                    da = mean[j, m, a] - x[a] + dt * va
                    db = mean[j, m, b] - x[b] + dt * vb
                    pp += w * da * db
                    vv += w * va * vb
                    pp += w * (
                        P[a, b] + dt * (P[a, b + 3] + P[a + 3, b]) + dt * dt * P[a + 3, b + 3]
                    )
                    vv += w * P[a + 3, b + 3]
                spread[j, a, b] = spread[j, b, a] = pp
                spread[j, a + 3, b + 3] = spread[j, b + 3, a + 3] = vv


def foresee(
    tracks: Columns, now_ns: int, motion: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Predict all tracks to one moment.

    Args:
        tracks: Columns of the state.
        now_ns: The moment [ns UTC].
        motion: From ``TrackerSettings.motion``.

    Returns:
        Position ``(n, 3)`` [m] and velocity ``(n, 3)`` [m/s] in ECEF, and the covariance
        ``(n, 6, 6)`` of both without its mixed blocks.
    """
    n = len(tracks["id"])
    place, velocity, spread = np.empty((n, 3)), np.empty((n, 3)), np.zeros((n, 6, 6))
    foresee_tracks(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], now_ns, motion,
        place, velocity, spread,
    )  # fmt: skip
    return place, velocity, spread
