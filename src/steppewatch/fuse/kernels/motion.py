"""How tracks move: interacting constant-velocity models in ECEF.

Blom & Bar-Shalom 1988; Bar-Shalom, Li & Kirubarajan 2001, §11.6.6.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Floats = NDArray[np.float64]

A2 = 6_378_137.0**2
B2 = 6_356_752.314245179**2


@kernel
def step_models(
    mean: Floats, cov: Floats, prob: Floats, dt: float, motion: Floats, mx: Floats, mP: Floats,
    out: Floats,
) -> None:  # fmt: skip
    """Mix both models and predict them by ``dt``: writes mx (2,6), mP (2,6,6), out (2,) weights.

    Shapes and units:
        mean: ``(2, 6)`` ECEF; cov: ``(2, 6, 6)``; prob: ``(2,)``.
        dt: Seconds; ≤ 0 copies (a plot older than the track is met by ``lag`` in :func:`fold`).
        motion: ``(5,)`` acceleration density [m²/s³] of the quiet and of the agile model, the
            vertical part of it, mean sojourn [s] in each model.
    """
    if dt <= 0.0:
        mx[:] = mean
        mP[:] = cov
        out[:] = prob
        return
    # Exact two-state Markov chain in continuous time, so that any scan period gives one answer.
    leave0, leave1 = 1.0 / motion[3], 1.0 / motion[4]
    total = leave0 + leave1
    fade = 1.0 - np.exp(-total * dt)
    p01, p10 = leave0 / total * fade, leave1 / total * fade
    out[0] = prob[0] * (1.0 - p01) + prob[1] * p10
    out[1] = prob[0] * p01 + prob[1] * (1.0 - p10)
    for m in range(2):
        w0 = prob[0] * (1.0 - p01) / out[0] if m == 0 else prob[0] * p01 / out[1]
        w1, spread = 1.0 - w0, w0 * (1.0 - w0)
        for a in range(6):
            mx[m, a] = w0 * mean[0, a] + w1 * mean[1, a]
        for a in range(6):
            da = mean[0, a] - mean[1, a]
            for b in range(6):
                mP[m, a, b] = (
                    w0 * cov[0, a, b] + w1 * cov[1, a, b] + spread * da * (mean[0, b] - mean[1, b])
                )
        drift(mx[m], mP[m], dt, motion[m], motion[2])


@kernel
def outward(x: Floats) -> tuple[float, float, float]:
    """Give the ellipsoid's outward normal at a track: "up" without a trip to latitude."""
    ux, uy, uz = x[0] / A2, x[1] / A2, x[2] / B2
    norm = 1.0 / np.sqrt(ux * ux + uy * uy + uz * uz)
    return ux * norm, uy * norm, uz * norm


@kernel
def drift(x: Floats, P: Floats, dt: float, q: float, upright: float) -> None:
    """Predict one constant-velocity state in place; white acceleration, less of it upwards."""
    u = outward(x)
    q3, q2, q1 = q * dt * dt * dt / 3.0, q * dt * dt / 2.0, q * dt
    for a in range(3):
        x[a] += dt * x[a + 3]
    for a in range(3):
        for b in range(3):
            shape = (upright - 1.0) * u[a] * u[b]
            if a == b:
                shape += 1.0
            pv, vp, vv = P[a, b + 3], P[a + 3, b], P[a + 3, b + 3]
            P[a, b] += dt * (pv + vp) + dt * dt * vv + q3 * shape
            P[a, b + 3] = pv + dt * vv + q2 * shape
            P[a + 3, b] = vp + dt * vv + q2 * shape
            P[a + 3, b + 3] = vv + q1 * shape
