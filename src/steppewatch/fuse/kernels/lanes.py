"""Many tracks at once: the motion of :mod:`~steppewatch.fuse.kernels.motion`, in lanes.

A processor adds eight numbers as fast as one, if they lie side by side. Here the last axis of each
array is the *lane*, one track in each, and each inner loop runs over lanes, so that the compiler
turns it into vector instructions. A lane never looks at its neighbours: what comes out for a track
does not depend on which tracks share its group. Covariances are symmetric, and only their upper
halves (a ≤ b) are kept.

Lengths are taken from the arrays: a constant would be unrolled, which undoes the vectors.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.motion import A2, B2, FASTEST2, MODELS, fading
from steppewatch.jit import kernel, separate_kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]

LANES = 32
"""Tracks in a group; its state still fits into a core's nearest memory."""
NARROW = 1.0  # [rad]; turns up to here by series


class Lanes(NamedTuple):
    """Hold the tracks of one group, and room to work on them.

    Attributes:
        x: ``(m, 6, L)`` ECEF; P: ``(m, 6, 6, L)``; w: ``(m, L)`` probability of each model.
        x0, P0: ``(6, L)`` and ``(6, 6, L)``, the models merged.
        own: ``(m, L)`` part of each model's mixture that is its own past.
        up: ``(3, L)`` outward normal; A, B: ``(9, L)`` what velocity adds to place and to itself.
        coefs: ``(12, L)``; T: ``(9, L)``: scratch.
    """

    x: Floats
    P: Floats
    w: Floats
    x0: Floats
    P0: Floats
    own: Floats
    up: Floats
    A: Floats
    B: Floats
    coefs: Floats
    T: Floats


@kernel
def make_lanes(lanes: int) -> Lanes:
    """Make room for a group of tracks."""
    return Lanes(
        np.empty((MODELS, 6, lanes)), np.empty((MODELS, 6, 6, lanes)), np.empty((MODELS, lanes)),
        np.empty((6, lanes)), np.empty((6, 6, lanes)), np.empty((MODELS, lanes)),
        np.empty((3, lanes)), np.empty((9, lanes)), np.empty((9, lanes)),
        np.empty((12, lanes)), np.empty((9, lanes)),
    )  # fmt: skip


@separate_kernel
def load_lanes(
    mean: Floats, cov: Floats, prob: Floats, rows: Ints, x: Floats, P: Floats, w: Floats
) -> None:
    """Take tracks ``rows`` ``(L,)`` out of the columns, one into each lane."""
    for lane in range(len(rows)):
        j = rows[lane]
        for m in range(MODELS):
            w[m, lane] = prob[j, m]
            for a in range(6):
                x[m, a, lane] = mean[j, m, a]
                for b in range(a, 6):
                    P[m, a, b, lane] = cov[j, m, a, b]


@separate_kernel
def store_lanes(
    mean: Floats, cov: Floats, prob: Floats, rows: Ints, used: int, x: Floats, P: Floats, w: Floats
) -> None:
    """Put the first ``used`` lanes back into the columns."""
    for lane in range(used):
        j = rows[lane]
        for m in range(MODELS):
            prob[j, m] = w[m, lane]
            for a in range(6):
                mean[j, m, a] = x[m, a, lane]
                for b in range(a, 6):
                    cov[j, m, a, b] = P[m, a, b, lane]
                    cov[j, m, b, a] = P[m, a, b, lane]


@separate_kernel
def merge_lanes(x: Floats, P: Floats, w: Floats, x0: Floats, P0: Floats) -> None:
    """Merge the models into one Gaussian x0 (6, L), P0 (6, 6, L) with the same two moments."""
    lanes = w.shape[1]
    for a in range(6):
        for i in range(lanes):
            s = 0.0
            for m in range(MODELS):
                s += w[m, i] * x[m, a, i]
            x0[a, i] = s
    for a in range(6):
        for b in range(a, 6):
            for i in range(lanes):
                s = 0.0
                for m in range(MODELS):
                    off = (x[m, a, i] - x0[a, i]) * (x[m, b, i] - x0[b, i])
                    s += w[m, i] * (P[m, a, b, i] + off)
                P0[a, b, i] = s


@separate_kernel
def mix_lanes(x: Floats, P: Floats, x0: Floats, P0: Floats, own: Floats) -> None:
    """Mix each model with the merged state, of which it takes 1 − ``own``."""
    lanes = own.shape[1]
    for m in range(MODELS):
        for a in range(6):
            for b in range(a, 6):
                for i in range(lanes):
                    keep = own[m, i]
                    off = (x[m, a, i] - x0[a, i]) * (x[m, b, i] - x0[b, i])
                    mixed = keep * P[m, a, b, i] + (1.0 - keep) * P0[a, b, i]
                    P[m, a, b, i] = mixed + keep * (1.0 - keep) * off
        for a in range(6):
            for i in range(lanes):
                x[m, a, i] = own[m, i] * x[m, a, i] + (1.0 - own[m, i]) * x0[a, i]


@separate_kernel
def carry_lanes(up: Floats, level: Floats, rise: Floats, turn: Floats, out: Floats) -> None:
    """Give the matrix ``(9, L)`` that scales level and upward parts and turns the level one."""
    for i in range(len(level)):
        u0, u1, u2 = up[0, i], up[1, i], up[2, i]
        flat, t = level[i], turn[i]
        d = rise[i] - flat
        out[0, i], out[1, i], out[2, i] = (
            flat + d * u0 * u0,
            d * u0 * u1 - t * u2,
            d * u0 * u2 + t * u1,
        )
        out[3, i], out[4, i], out[5, i] = (
            d * u1 * u0 + t * u2,
            flat + d * u1 * u1,
            d * u1 * u2 - t * u0,
        )
        out[6, i], out[7, i], out[8, i] = (
            d * u2 * u0 - t * u1,
            d * u2 * u1 + t * u0,
            flat + d * u2 * u2,
        )


@separate_kernel
def move_lanes(
    x: Floats, P: Floats, A: Floats, B: Floats, up: Floats, noise: Floats, T: Floats
) -> None:
    """Predict one model in place.

    Shapes:
        x: ``(6, L)``; P: ``(6, 6, L)``; A, B, T: ``(9, L)``; up: ``(3, L)``.
        noise: ``(6, L)`` of place, place × velocity and velocity in all directions, then how much
            more there is upwards.
    """
    lanes = x.shape[1]
    for a in range(3):
        for i in range(lanes):
            x[a, i] += A[3 * a, i] * x[3, i] + A[3 * a + 1, i] * x[4, i] + A[3 * a + 2, i] * x[5, i]
    for i in range(lanes):
        v0, v1, v2 = x[3, i], x[4, i], x[5, i]
        x[3, i] = B[0, i] * v0 + B[1, i] * v1 + B[2, i] * v2
        x[4, i] = B[3, i] * v0 + B[4, i] * v1 + B[5, i] * v2
        x[5, i] = B[6, i] * v0 + B[7, i] * v1 + B[8, i] * v2
    for a in range(3):
        for i in range(lanes):
            a0, a1, a2 = A[3 * a, i], A[3 * a + 1, i], A[3 * a + 2, i]
            T[3 * a, i] = P[a, 3, i] + a0 * P[3, 3, i] + a1 * P[3, 4, i] + a2 * P[3, 5, i]
            T[3 * a + 1, i] = P[a, 4, i] + a0 * P[3, 4, i] + a1 * P[4, 4, i] + a2 * P[4, 5, i]
            T[3 * a + 2, i] = P[a, 5, i] + a0 * P[3, 5, i] + a1 * P[4, 5, i] + a2 * P[5, 5, i]
    for a in range(3):
        for b in range(a, 3):
            every = 1.0 if a == b else 0.0
            for i in range(lanes):
                s = P[a, b, i] + noise[3, i] * up[a, i] * up[b, i] + every * noise[0, i]
                for c in range(3):
                    s += T[3 * a + c, i] * A[3 * b + c, i]
                    s += A[3 * a + c, i] * P[b, c + 3, i]
                P[a, b, i] = s
    for a in range(3):
        for b in range(3):
            every = 1.0 if a == b else 0.0
            for i in range(lanes):
                s = noise[4, i] * up[a, i] * up[b, i] + every * noise[1, i]
                for c in range(3):
                    s += T[3 * a + c, i] * B[3 * b + c, i]
                P[a, b + 3, i] = s
    for a in range(3):
        for i in range(lanes):
            b0, b1, b2 = B[3 * a, i], B[3 * a + 1, i], B[3 * a + 2, i]
            T[3 * a, i] = b0 * P[3, 3, i] + b1 * P[3, 4, i] + b2 * P[3, 5, i]
            T[3 * a + 1, i] = b0 * P[3, 4, i] + b1 * P[4, 4, i] + b2 * P[4, 5, i]
            T[3 * a + 2, i] = b0 * P[3, 5, i] + b1 * P[4, 5, i] + b2 * P[5, 5, i]
    for a in range(3):
        for b in range(a, 3):
            every = 1.0 if a == b else 0.0
            for i in range(lanes):
                s = noise[5, i] * up[a, i] * up[b, i] + every * noise[2, i]
                for c in range(3):
                    s += T[3 * a + c, i] * B[3 * b + c, i]
                P[a + 3, b + 3, i] = s


@separate_kernel
def outward_lanes(x: Floats, up: Floats, speed2: Floats) -> None:
    """Give the ellipsoid's outward normal ``(3, L)`` and the squared speed ``(L,)``, bounded."""
    for i in range(len(speed2)):
        u0, u1, u2 = x[0, i] / A2, x[1, i] / A2, x[2, i] / B2
        norm = 1.0 / np.sqrt(u0 * u0 + u1 * u1 + u2 * u2)
        up[0, i], up[1, i], up[2, i] = u0 * norm, u1 * norm, u2 * norm
        v2 = x[3, i] * x[3, i] + x[4, i] * x[4, i] + x[5, i] * x[5, i]
        speed2[i] = min(v2, FASTEST2)


@kernel
def course(dt: Floats, speed2: Floats, model: Floats, angle: Floats, coefs: Floats) -> None:
    """Say how a model moves each lane in its time: fills ``coefs`` ``(12, L)``.

    Rows: level, upward and turned part of velocity that is left; seconds by which each moves the
    place; then the noise as :func:`move_lanes` takes it.

    Shapes and units:
        dt: ``(L,)`` ≥ 0; often equal for neighbours: what they share is worked out once.
        speed2: ``(L,)``; model: ``(8,)`` a row of ``motion``.
        angle: ``(L,)`` scratch.
        coefs: Out; speed2 and angle are none of its rows.
    """
    last = -1.0
    level, rise = fading(1.0, model[4], 0.0), fading(1.0, model[5], 0.0)
    for i in range(len(dt)):
        if dt[i] != last:
            last = dt[i]
            level, rise = fading(1.0, model[4], last), fading(1.0, model[5], last)
        coefs[0, i], coefs[1, i], coefs[2, i] = level[0], rise[0], 0.0
        coefs[3, i], coefs[4, i], coefs[5, i] = level[1], rise[1], 0.0
        q, q_up = model[0] + model[1] * speed2[i], model[6] + model[7] * speed2[i]
        for k in range(3):
            coefs[6 + k, i] = q * level[2 + k]
            coefs[9 + k, i] = q_up * rise[2 + k] - q * level[2 + k]
    if model[2] == 0.0:
        return
    turn_lanes(dt, speed2, abs(model[2]), model[3], np.sign(model[2]), angle, coefs)
    for i in range(len(dt)):
        if angle[i] > NARROW:
            rate = angle[i] / dt[i]
            sine, cosine = np.sin(angle[i]), np.cos(angle[i])
            coefs[0, i], coefs[2, i] = cosine, np.sign(model[2]) * sine
            coefs[3, i], coefs[5, i] = sine / rate, np.sign(model[2]) * (1.0 - cosine) / rate


@separate_kernel
def turn_lanes(
    dt: Floats, speed2: Floats, fastest: float, pull: float, hand: float, angle: Floats,
    coefs: Floats,
) -> None:  # fmt: skip
    """Fill the rows of ``coefs`` that a turn changes, as far as it turns by less than a radian.

    Shapes and units:
        dt, speed2: ``(L,)``.
        fastest: Turn rate [rad/s]; pull: the acceleration that limits it [m/s²]; hand: 1 left.
        angle: ``(L,)`` out, how far it turns [rad].
        coefs: ``(12, L)`` as in :func:`course`.
    """
    for i in range(len(dt)):
        rate = min(fastest, pull / np.sqrt(speed2[i] + 1.0))
        turned = rate * dt[i]
        q = turned * turned
        # sin θ / θ and (1 − cos θ) / θ² by their series, exact to the last digits up to a radian.
        s = 1.0 - q / 272.0 * (1.0 - q / 342.0)
        s = 1.0 - q / 20.0 * (1.0 - q / 42.0 * (1.0 - q / 72.0 * (1.0 - q / 110.0 * (
            1.0 - q / 156.0 * (1.0 - q / 210.0 * s)))))  # fmt: skip
        s = 1.0 - q / 6.0 * s
        c = 1.0 - q / 240.0 * (1.0 - q / 306.0)
        c = 1.0 - q / 30.0 * (1.0 - q / 56.0 * (1.0 - q / 90.0 * (1.0 - q / 132.0 * (
            1.0 - q / 182.0 * c))))  # fmt: skip
        c = 0.5 * (1.0 - q / 12.0 * c)
        angle[i] = turned
        coefs[0, i], coefs[2, i] = 1.0 - q * c, hand * turned * s
        coefs[3, i], coefs[5, i] = dt[i] * s, hand * dt[i] * turned * c


@kernel
def predict_lanes(s: Lanes, dt: Floats, motion: Floats) -> None:
    """Mix the models and predict each, as ``motion.step_models`` does for one track.

    Args:
        s: The group; x, P and w change.
        dt: ``(L,)`` seconds, ≥ 0 (0 changes nothing).
        motion: ``(m + 1, 8)``.
    """
    merge_lanes(s.x, s.P, s.w, s.x0, s.P0)
    last, stays = -1.0, 1.0
    for i in range(len(dt)):
        if dt[i] != last:
            last, stays = dt[i], np.exp(-motion[MODELS, 0] * dt[i])
        for m in range(MODELS):
            total = stays * s.w[m, i] + (1.0 - stays) * motion[MODELS, 1 + m]
            # A model that was ruled out altogether, and no time to draw it anew: all its own.
            s.own[m, i] = stays * s.w[m, i] / total if total > 0.0 else 1.0
            s.w[m, i] = total
    mix_lanes(s.x, s.P, s.x0, s.P0, s.own)
    for m in range(MODELS):
        outward_lanes(s.x[m], s.up, s.T[0])
        course(dt, s.T[0], motion[m], s.T[1], s.coefs)
        carry_lanes(s.up, s.coefs[3], s.coefs[4], s.coefs[5], s.A)
        carry_lanes(s.up, s.coefs[0], s.coefs[1], s.coefs[2], s.B)
        move_lanes(s.x[m], s.P[m], s.A, s.B, s.up, s.coefs[6:], s.T)
