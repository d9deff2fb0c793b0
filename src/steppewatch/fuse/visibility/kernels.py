"""Inner loop of the detection probability: one pass over the tracks, edges as wide as the doubt."""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Floats = NDArray[np.float64]

ROOT_HALF = math.sqrt(0.5)
TWO_PI = 2.0 * math.pi
BLUNTEST = 1e-6  # keeps a division by σ finite


@kernel
def below(x: float) -> float:
    """Give the normal distribution's share below ``x`` standard deviations."""
    return 0.5 * (1.0 + math.erf(x * ROOT_HALF))


@kernel
def nominal_chance(
    position: Floats, velocity: Floats, cov: Floats, origin: Floats, rotation: Floats,
    limits: Floats, chance: Floats,
) -> None:  # fmt: skip
    """Give the probability that one look sees each track, where nothing stands in between.

    Shapes and units:
        position, velocity: ``(k, 3)`` ECEF [m, m/s].
        cov: ``(k, 6, 6)`` of both, or ``(0, 6, 6)`` where they are taken as exact.
        origin: ``(3,)``; rotation: ``(3, 3)`` the sensor's ENU.
        limits: ``(8,)`` least and greatest range [m], σ of range [m], start and width of the
            sector [rad], σ of azimuth [rad], nominal probability, σ of the notch [m/s] (0: none).
        chance: ``(k,)`` out.
    """
    near, far, sigma_r = limits[0], limits[1], limits[2]
    start, width, sigma_a = limits[3], limits[4], limits[5]
    nominal, notch = limits[6], limits[7]
    doubtful = len(cov) > 0
    for j in range(len(position)):
        d0 = position[j, 0] - origin[0]
        d1 = position[j, 1] - origin[1]
        d2 = position[j, 2] - origin[2]
        e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
        n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
        r = max(math.sqrt(d0 * d0 + d1 * d1 + d2 * d2), 1.0)
        u0, u1, u2 = d0 / r, d1 / r, d2 / r
        rate = u0 * velocity[j, 0] + u1 * velocity[j, 1] + u2 * velocity[j, 2]
        g2 = max(e * e + n * n, 1.0)
        var_r, var_a, var_v = sigma_r * sigma_r, sigma_a * sigma_a, notch * notch
        if doubtful:
            P = cov[j]
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
                across = (
                    velocity[j, 0] ** 2 + velocity[j, 1] ** 2 + velocity[j, 2] ** 2 - rate * rate
                )
                var_v += (
                    u0 * u0 * P[3, 3] + u1 * u1 * P[4, 4] + u2 * u2 * P[5, 5]
                    + 2.0 * (u0 * u1 * P[3, 4] + u0 * u2 * P[3, 5] + u1 * u2 * P[4, 5])
                    + max(across, 0.0) * (a0 * a0 * P[0, 0] + a1 * a1 * P[1, 1] + a2 * a2 * P[2, 2])
                )  # fmt: skip
        s = math.sqrt(max(var_r, BLUNTEST))
        p = nominal * below((far - r) / s)
        if near > 0.0:
            p *= below((r - near) / s)
        if width < TWO_PI - 1e-9:
            # Signed angle from the sector's middle; its two edges lie half a width off.
            off = math.atan2(e, n) - start - 0.5 * width
            off = abs(off - TWO_PI * np.round(off / TWO_PI))
            p *= below((0.5 * width - off) / math.sqrt(max(var_a, BLUNTEST * BLUNTEST)))
        if notch > 0.0:
            # Mean over the doubt of range rate of a notch that is a Gaussian dent (closed form).
            p *= 1.0 - notch / math.sqrt(var_v) * math.exp(-0.5 * rate * rate / var_v)
        chance[j] = p
