"""Inner loop of the detection probability: one pass over the tracks, edges as wide as the doubt."""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Floats = NDArray[np.float64]

Shades = NDArray[np.float32]

ROOT_3 = math.sqrt(3.0)
THIRDS = (1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0)
ROOT_HALF = math.sqrt(0.5)
TWO_PI = 2.0 * math.pi
WHOLE_TURN = TWO_PI - 1e-9
BLUNTEST = 1e-6  # keeps a division by σ finite


@kernel
def below(x: float) -> float:
    """Give the normal distribution's share below ``x`` standard deviations."""
    return 0.5 * (1.0 + math.erf(x * ROOT_HALF))


@kernel
def nominal_parts(
    place: Floats, velocity: Floats, P: Floats, doubtful: bool, origin: Floats, rotation: Floats,
    limits: Floats, notch: float,
) -> tuple[float, float]:  # fmt: skip
    """Give how far the coverage and how far the notch leave one track in sight, each in [0, 1].

    Shapes and units:
        place, velocity: ``(3,)`` ECEF [m, m/s].
        P: ``(6, 6)`` covariance of both, not read unless ``doubtful``.
        origin … limits: As in :func:`nominal_chance`; notch: its σ [m/s].
    """
    near, far, sigma_r = limits[0], limits[1], limits[2]
    start, width, sigma_a = limits[3], limits[4], limits[5]
    d0, d1, d2 = place[0] - origin[0], place[1] - origin[1], place[2] - origin[2]
    e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    r = max(math.sqrt(d0 * d0 + d1 * d1 + d2 * d2), 1.0)
    u0, u1, u2 = d0 / r, d1 / r, d2 / r
    rate = u0 * velocity[0] + u1 * velocity[1] + u2 * velocity[2]
    g2 = max(e * e + n * n, 1.0)
    var_r, var_a, var_v = sigma_r * sigma_r, sigma_a * sigma_a, notch * notch
    if doubtful:
        # Gradient of azimuth in ECEF; that of range, and of range rate by velocity, is u.
        a0 = (n * rotation[0, 0] - e * rotation[1, 0]) / g2
        a1 = (n * rotation[0, 1] - e * rotation[1, 1]) / g2
        a2 = (n * rotation[0, 2] - e * rotation[1, 2]) / g2
        var_r += (
            u0 * u0 * P[0, 0] + u1 * u1 * P[1, 1] + u2 * u2 * P[2, 2]
            + 2.0 * (u0 * u1 * P[0, 1] + u0 * u2 * P[0, 2] + u1 * u2 * P[1, 2])
        )  # fmt: skip
        var_a += (
            a0 * a0 * P[0, 0] + a1 * a1 * P[1, 1] + a2 * a2 * P[2, 2]
            + 2.0 * (a0 * a1 * P[0, 1] + a0 * a2 * P[0, 2] + a1 * a2 * P[1, 2])
        )  # fmt: skip
        if notch > 0.0:
            across = velocity[0] ** 2 + velocity[1] ** 2 + velocity[2] ** 2 - rate * rate
            var_v += (
                u0 * u0 * P[3, 3] + u1 * u1 * P[4, 4] + u2 * u2 * P[5, 5]
                + 2.0 * (u0 * u1 * P[3, 4] + u0 * u2 * P[3, 5] + u1 * u2 * P[4, 5])
                + max(across, 0.0) * (a0 * a0 * P[0, 0] + a1 * a1 * P[1, 1] + a2 * a2 * P[2, 2])
            )  # fmt: skip
    s = math.sqrt(max(var_r, BLUNTEST))
    p = below((far - r) / s)
    if near > 0.0:
        p *= below((r - near) / s)
    if width < WHOLE_TURN:
        # Signed angle from the sector's middle; its two edges lie half a width off.
        off = math.atan2(e, n) - start - 0.5 * width
        off = abs(off - TWO_PI * np.round(off / TWO_PI))
        p *= below((0.5 * width - off) / math.sqrt(max(var_a, BLUNTEST * BLUNTEST)))
    if not notch > 0.0:
        return p, 1.0
    # Mean over the doubt of range rate of a notch that is a Gaussian dent (closed form).
    return p, 1.0 - notch / math.sqrt(var_v) * math.exp(-0.5 * rate * rate / var_v)


@kernel
def stands_in(j: int, mean: Floats, origin: Floats, rotation: Floats, limits: Floats) -> bool:
    """Say whether the track in row ``j`` stands in a sensor's coverage.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF, of which the first model's is taken.
        origin, rotation, limits: As in :func:`nominal_chance`.
    """
    d0, d1, d2 = mean[j, 0, 0] - origin[0], mean[j, 0, 1] - origin[1], mean[j, 0, 2] - origin[2]
    r2 = d0 * d0 + d1 * d1 + d2 * d2
    if r2 > limits[1] * limits[1] or r2 < limits[0] * limits[0]:
        return False
    if limits[4] >= WHOLE_TURN:
        return True
    e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    off = math.atan2(e, n) - limits[3] - 0.5 * limits[4]
    return bool(abs(off - TWO_PI * np.round(off / TWO_PI)) <= 0.5 * limits[4])


@kernel
def nominal_chance(
    position: Floats, velocity: Floats, cov: Floats, origin: Floats, rotation: Floats,
    limits: Floats, clear: Floats, notches: Floats, chance: Floats,
) -> None:  # fmt: skip
    """Give the probability that one look sees each track, where nothing stands in between.

    Shapes and units:
        position, velocity: ``(k, 3)`` ECEF [m, m/s].
        cov: ``(k, 6, 6)`` of both, or ``(0, 6, 6)`` where they are taken as exact.
        origin: ``(3,)``; rotation: ``(3, 3)`` the sensor's ENU.
        limits: ``(6,)`` least and greatest range [m], σ of range [m], start and width of the
            sector [rad], σ of azimuth [rad].
        clear: ``(k,)`` or ``(1,)`` probability in the coverage and clear of the notch.
        notches: ``(k,)`` or ``(1,)`` σ of the notch [m/s] (0: none).
        chance: ``(k,)`` out.
    """
    doubtful, sure = len(cov) > 0, np.empty((0, 0))
    for j in range(len(position)):
        reach, kept = nominal_parts(
            position[j], velocity[j], cov[j] if doubtful else sure, doubtful, origin, rotation,
            limits, notches[j] if len(notches) > 1 else notches[0],
        )  # fmt: skip
        chance[j] = (clear[j] if len(clear) > 1 else clear[0]) * reach * kept


@kernel
def in_sight(
    position: Floats, cov: Floats, origin: Floats, rotation: Floats, before: Shades, own: Shades,
    step: float, bend: float, roughness: float, above: Floats, chance: Floats, open_ground: Floats,
    elevation: Floats, wanted: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Give the probability that terrain leaves each target in sight, averaged over its doubt.

    The height's doubt is integrated in closed form; range and cross-range are averaged over the
    three points of Gauss-Hermite quadrature each where they reach into other cells of the table.

    Shapes and units:
        position: ``(k, 3)`` ECEF [m]; cov: ``(k, 6, 6)``, or ``(0, 6, 6)`` for exact places.
        origin, rotation: The sensor's ENU.
        before, own: ``(rays, m)`` from ``shadow.Shadow``; step [m], bend [1/m].
        roughness: σ of the ground's own height [m].
        above: ``(k, 2)`` height above ground of targets that follow it, and its σ [m]; NaN: they
            are where ``position`` says.
        chance: ``(k,)`` out; NaN where terrain is not known.
        open_ground: ``(k,)`` out, the same for the ground under the target.
        elevation: ``(k,)`` out, where the antenna sees the target, refraction within [rad].
        wanted: ``(wedges,)`` out, set where the table was read.
    """
    rays, last = before.shape[0], before.shape[1] - 1
    per_wedge = rays // len(wanted)
    spacing = TWO_PI / rays
    for j in range(len(position)):
        d0 = position[j, 0] - origin[0]
        d1 = position[j, 1] - origin[1]
        d2 = position[j, 2] - origin[2]
        e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
        n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
        up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
        ground = max(math.sqrt(e * e + n * n), 1.0)
        azimuth = math.atan2(e, n)
        var_up, along, across = 0.0, 0.0, 0.0
        if len(cov) > 0:
            c, s = n / ground, e / ground
            for a in range(3):
                la = s * rotation[0, a] + c * rotation[1, a]
                xa = c * rotation[0, a] - s * rotation[1, a]
                ua = rotation[2, a]
                for b in range(3):
                    p = cov[j, a, b]
                    along += la * p * (s * rotation[0, b] + c * rotation[1, b])
                    across += xa * p * (c * rotation[0, b] - s * rotation[1, b])
                    var_up += ua * p * rotation[2, b]
            along, across = math.sqrt(max(along, 0.0)), math.sqrt(max(across, 0.0)) / ground
        body = above[j, 0]
        follow = body == body  # noqa: PLR0124  (NaN: not following)
        upright = above[j, 1] * above[j, 1] if follow else max(var_up, 0.0)
        sigma = math.sqrt(roughness * roughness + upright)
        wide = 1 if across > 0.25 * spacing else 0
        deep = 1 if along > 0.25 * step else 0
        seen, bare = 0.0, 0.0
        for a in range(-wide, wide + 1):
            turn = (azimuth + a * ROOT_3 * across) / TWO_PI
            turn = (turn - math.floor(turn)) * rays
            left = min(int(turn), rays - 1)
            right = left + 1 if left + 1 < rays else 0
            w = turn - left
            wanted[left // per_wedge] = True
            wanted[right // per_wedge] = True
            for b in range(-deep, deep + 1):
                g = max(ground + b * ROOT_3 * along, step)
                place = g / step
                i = min(int(place), last - 1)
                t = min(place - i, 1.0)
                block = (1.0 - w) * before[left, i] + w * before[right, i]
                floor = (1.0 - w) * ((1.0 - t) * own[left, i] + t * own[left, i + 1]) + w * (
                    (1.0 - t) * own[right, i] + t * own[right, i + 1]
                )
                slope = floor + body / g if follow else up / ground + bend * ground
                if a == 0 and b == 0:
                    elevation[j] = math.atan(slope)
                weight = (THIRDS[a + 1] if wide else 1.0) * (THIRDS[b + 1] if deep else 1.0)
                # What stands lower than the ground stands on it.
                seen += weight * below((max(slope, floor) - block) * g / sigma)
                bare += weight * below((floor - block) * g / roughness + 1.0)
        chance[j] = seen
        open_ground[j] = bare
