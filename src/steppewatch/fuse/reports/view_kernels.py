"""Inner loops of a camera's view: which tracks stand in it."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels import NS, TWO_PI
from steppewatch.fuse.visibility.kernels import below
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


@kernel
def find_near(
    mean: Floats, time_ns: Ints, now_ns: int, middle: Floats, radius: float, out: Ints
) -> int:
    """List the tracks within ``radius`` [m] of a place at a moment; return how many.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF, of which the first model's is taken; time_ns: ``(n,)``.
        now_ns: The moment; middle: ``(3,)`` ECEF.
        out: ``(n,)`` rows, ascending.
    """
    count = 0
    for j in range(len(time_ns)):
        dt = (now_ns - time_ns[j]) * NS
        d0 = mean[j, 0, 0] + dt * mean[j, 0, 3] - middle[0]
        d1 = mean[j, 0, 1] + dt * mean[j, 0, 4] - middle[1]
        d2 = mean[j, 0, 2] + dt * mean[j, 0, 5] - middle[2]
        if d0 * d0 + d1 * d1 + d2 * d2 <= radius * radius:
            out[count] = j
            count += 1
    return count


@kernel
def view_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, now_ns: int,
    platform: Floats, rotation: Floats, view: Floats, out: Floats,
) -> None:  # fmt: skip
    """Give the probability that each of some tracks stands in a field of view.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; time_ns: ``(n,)``.
        rows: ``(k,)`` which tracks; now_ns: when.
        platform: ``(3,)`` ECEF; rotation: ``(3, 3)`` ECEF → its ENU.
        view: ``(5,)`` azimuth and half the width, elevation and half the tallness [rad], reach [m].
        out: ``(k,)``.
    """
    models = prob.shape[1]
    enu = np.empty(3)
    for k in range(len(rows)):
        j = rows[k]
        dt = (now_ns - time_ns[j]) * NS
        enu[:] = 0.0
        for a in range(3):
            away = -platform[a]
            for m in range(models):
                away += prob[j, m] * (mean[j, m, a] + dt * mean[j, m, a + 3])
            for b in range(3):
                enu[b] += rotation[b, a] * away
        spread = 0.0
        for a in range(3):
            still = turn = 0.0
            for m in range(models):
                still = max(still, cov[j, m, a, a])
                turn = max(turn, cov[j, m, a + 3, a + 3])
            spread += still + dt * dt * turn
        doubt = math.sqrt(spread / 3.0)
        flat = max(math.sqrt(enu[0] * enu[0] + enu[1] * enu[1]), 1.0)
        turned = math.atan2(enu[0], enu[1]) - view[0]
        turned = abs(turned - TWO_PI * np.round(turned / TWO_PI))
        tilted = abs(math.atan2(enu[2], flat) - view[2])
        angle = max(doubt / flat, 1e-6)
        seen = below((view[1] - turned) / angle) * below((view[3] - tilted) / angle)
        out[k] = seen * below((view[4] - flat) / max(doubt, 1.0))
