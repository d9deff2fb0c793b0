"""How tracks move: interacting models of straight flight, turns and halts in ECEF.

All models share one linear form, so that one routine predicts them: horizontally the velocity
turns at a rate, or fades to rest; vertically it fades to level flight. What it may do besides is
white acceleration whose density grows with the square of the speed, because a turn at a given
rate accelerates in proportion to speed: a walker gets little, a jet much (Blom & Bar-Shalom 1988;
Bar-Shalom, Li & Kirubarajan 2001, §11.6.6 and §11.7 on turns; Singer 1970 on fading velocity).

``motion`` ``(MODELS + 1, 8)`` has one row for each model: acceleration density at rest [m²/s³] and
its part that grows with speed² [1/s]; turn rate [rad/s], signed, and the acceleration that limits
it [m/s²]; rates at which horizontal and vertical velocity fade [1/s]; vertical acceleration density
at rest and its part that grows with speed². The last row holds the rate [1/s] at which a target
draws a new model, then the probability of each to be drawn.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Floats = NDArray[np.float64]

A2 = 6_378_137.0**2
B2 = 6_356_752.314245179**2
MODELS = 3
FASTEST2 = 400.0**2


@kernel
def step_models(
    mean: Floats, cov: Floats, prob: Floats, dt: float, motion: Floats, mx: Floats, mP: Floats,
    out: Floats,
) -> None:  # fmt: skip
    """Mix the models and predict each by ``dt``: writes mx (m,6), mP (m,6,6), out (m,) weights.

    The chain of models is one that draws anew at a fixed rate, whatever it was in: its transition
    over any time is exact in closed form, and each model mixes with the merged state only.

    Shapes and units:
        mean: ``(m, 6)`` ECEF; cov: ``(m, 6, 6)``; prob: ``(m,)``.
        dt: Seconds; ≤ 0 copies (a plot older than the track is met by ``lag`` in :func:`fold`).
        motion: ``(m + 1, 8)``, see the head of this module.
    """
    models = len(prob)
    if dt <= 0.0:
        for m in range(models):
            out[m] = prob[m]
            for a in range(6):
                mx[m, a] = mean[m, a]
                for b in range(6):
                    mP[m, a, b] = cov[m, a, b]
        return
    stays = np.exp(-motion[models, 0] * dt)
    last = models - 1
    merge_models(mean, cov, prob, mx[last], mP[last])
    for m in range(models):
        drawn = (1.0 - stays) * motion[models, 1 + m]
        out[m] = stays * prob[m] + drawn
        own = stays * prob[m] / out[m]
        spread = own * (1.0 - own)
        for a in range(6):
            da = mean[m, a] - mx[last, a]
            for b in range(a, 6):
                mixed = own * cov[m, a, b] + (1.0 - own) * mP[last, a, b]
                mixed += spread * da * (mean[m, b] - mx[last, b])
                mP[m, a, b] = mixed
                mP[m, b, a] = mixed
        for a in range(6):
            mx[m, a] = own * mean[m, a] + (1.0 - own) * mx[last, a]
    for m in range(models):
        drift(mx[m], mP[m], dt, motion[m])


@kernel
def merge_models(mean: Floats, cov: Floats, prob: Floats, x: Floats, P: Floats) -> None:
    """Merge the models into one Gaussian x (6,), P (6, 6) with the same first two moments."""
    models = len(prob)
    for a in range(6):
        x[a] = 0.0
        for m in range(models):
            x[a] += prob[m] * mean[m, a]
    for a in range(6):
        for b in range(a, 6):
            s = 0.0
            for m in range(models):
                off = (mean[m, a] - x[a]) * (mean[m, b] - x[b])
                s += prob[m] * (cov[m, a, b] + off)
            P[a, b] = s
            P[b, a] = s


@kernel
def roaming(motion: Floats, v2: float, models: int) -> float:
    """Give the largest acceleration density [m²/s³] of any model at a squared speed [m²/s²]."""
    most = 0.0
    for m in range(models):
        most = max(most, motion[m, 0] + motion[m, 1] * min(v2, FASTEST2))
    return most


@kernel
def outward(x: Floats) -> tuple[float, float, float]:
    """Give the ellipsoid's outward normal at a track: "up" without a trip to latitude."""
    ux, uy, uz = x[0] / A2, x[1] / A2, x[2] / B2
    norm = 1.0 / np.sqrt(ux * ux + uy * uy + uz * uz)
    return ux * norm, uy * norm, uz * norm


@kernel
def fading(q: float, rate: float, dt: float) -> tuple[float, float, float, float, float]:
    """Predict one axis whose velocity fades: what is left of it, how far it went, the noise.

    Returns:
        Factor of velocity, seconds by which it moved the position, and the noise added to
        position, position × velocity and velocity.
    """
    if rate * dt < 1e-4:
        return 1.0, dt, q * dt * dt * dt / 3.0, q * dt * dt / 2.0, q * dt
    left = np.exp(-rate * dt)
    way = (1.0 - left) / rate
    energy = (1.0 - left * left) / (2.0 * rate)
    q3 = q / (rate * rate) * (dt - 2.0 * way + energy)
    return left, way, q3, q * way * way / 2.0, q * energy


@kernel
def drift(x: Floats, P: Floats, dt: float, model: Floats) -> None:
    """Predict one state in place by one row of ``motion``; dt > 0."""
    u = outward(x)
    v2 = min(x[3] * x[3] + x[4] * x[4] + x[5] * x[5], FASTEST2)
    left, way, q3, q2, q1 = fading(model[0] + model[1] * v2, model[4], dt)
    left_up, way_up, u3, u2, u1 = fading(model[6] + model[7] * v2, model[5], dt)
    turn_left, turn_way = 0.0, 0.0
    if model[2] != 0.0:
        rate = min(abs(model[2]), model[3] / np.sqrt(v2 + 1.0)) * np.sign(model[2])
        turn_left, left = np.sin(rate * dt), np.cos(rate * dt)
        way, turn_way = turn_left / rate, (1.0 - left) / rate
    A = carry(u, way, way_up, turn_way)
    B = carry(u, left, left_up, turn_left)
    for a in range(3):
        x[a] += A[3 * a] * x[3] + A[3 * a + 1] * x[4] + A[3 * a + 2] * x[5]
    v0, v1, v2 = x[3], x[4], x[5]
    for a in range(3):
        x[a + 3] = B[3 * a] * v0 + B[3 * a + 1] * v1 + B[3 * a + 2] * v2
    # The lower left block keeps the old mixed block while the others are written.
    for a in range(3):
        m0 = P[3, a] + A[3 * a] * P[3, 3] + A[3 * a + 1] * P[4, 3] + A[3 * a + 2] * P[5, 3]
        m1 = P[4, a] + A[3 * a] * P[3, 4] + A[3 * a + 1] * P[4, 4] + A[3 * a + 2] * P[5, 4]
        m2 = P[5, a] + A[3 * a] * P[3, 5] + A[3 * a + 1] * P[4, 5] + A[3 * a + 2] * P[5, 5]
        for b in range(a, 3):
            shape = (u3 - q3) * u[a] * u[b] + (q3 if a == b else 0.0)
            moved = A[3 * b] * m0 + A[3 * b + 1] * m1 + A[3 * b + 2] * m2
            moved += A[3 * a] * P[3, b] + A[3 * a + 1] * P[4, b] + A[3 * a + 2] * P[5, b]
            P[a, b] += moved + shape
        for b in range(3):
            shape = (u2 - q2) * u[a] * u[b] + (q2 if a == b else 0.0)
            P[a, b + 3] = B[3 * b] * m0 + B[3 * b + 1] * m1 + B[3 * b + 2] * m2 + shape
    for a in range(3):
        for b in range(3):
            P[a + 3, b] = (
                B[3 * a] * P[3, b + 3] + B[3 * a + 1] * P[4, b + 3] + B[3 * a + 2] * P[5, b + 3]
            )
    for a in range(3):
        for b in range(a, 3):
            shape = (u1 - q1) * u[a] * u[b] + (q1 if a == b else 0.0)
            P[a + 3, b + 3] = shape + (
                P[a + 3, 0] * B[3 * b] + P[a + 3, 1] * B[3 * b + 1] + P[a + 3, 2] * B[3 * b + 2]
            )
    for a in range(6):
        for b in range(a):
            P[a, b] = P[b, a]


@kernel
def carry(
    u: tuple[float, float, float], level: float, up: float, turn: float
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Give the matrix, row by row, that scales level and upward parts and turns the level one.

    Turning is to the left, seen from above.
    """
    d = up - level
    return (
        level + d * u[0] * u[0], d * u[0] * u[1] - turn * u[2], d * u[0] * u[2] + turn * u[1],
        d * u[1] * u[0] + turn * u[2], level + d * u[1] * u[1], d * u[1] * u[2] - turn * u[0],
        d * u[2] * u[0] - turn * u[1], d * u[2] * u[1] + turn * u[0], level + d * u[2] * u[2],
    )  # fmt: skip
