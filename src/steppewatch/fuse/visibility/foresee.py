"""Where tracks will be when a sensor looks next, and how far they may be off: one cheap pass.

The filter's own prediction mixes its models exactly; to say whether a hill stands between sensor
and target, both models predicted by themselves and merged once are good enough, at a tenth of the
cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.kernels import outward
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
        mean: ``(n, 2, 6)`` ECEF; cov: ``(n, 2, 6, 6)``; prob: ``(n, 2)``; time_ns: ``(n,)``.
        now_ns: Not predicted where older than the track.
        motion: ``(5,)`` as in ``kernels.step_models``.
        place, velocity: ``(n, 3)`` out; spread: ``(n, 6, 6)`` out, position and velocity blocks;
            the blocks between both are left alone.
    """
    x = np.empty(6)
    for j in range(len(time_ns)):
        dt = max((now_ns - time_ns[j]) * NS, 0.0)
        w0, w1 = prob[j, 0], prob[j, 1]
        for a in range(3):
            x[a] = w0 * mean[j, 0, a] + w1 * mean[j, 1, a]
            x[a + 3] = w0 * mean[j, 0, a + 3] + w1 * mean[j, 1, a + 3]
        u = outward(x)
        q = w0 * motion[0] + w1 * motion[1]
        q3, q1, mixed = q * dt * dt * dt / 3.0, q * dt, w0 * w1
        for a in range(3):
            place[j, a] = x[a] + dt * x[a + 3]
            velocity[j, a] = x[a + 3]
            va = mean[j, 0, a + 3] - mean[j, 1, a + 3]
            da = mean[j, 0, a] - mean[j, 1, a] + dt * va
            for b in range(a, 3):
                vb = mean[j, 0, b + 3] - mean[j, 1, b + 3]
                db = mean[j, 0, b] - mean[j, 1, b] + dt * vb
                shape = (motion[2] - 1.0) * u[a] * u[b]
                if a == b:
                    shape += 1.0
                pp, vv = q3 * shape + mixed * da * db, q1 * shape + mixed * va * vb
                for m in range(2):
                    w, P = prob[j, m], cov[j, m]
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
