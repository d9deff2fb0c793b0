"""What a sensor measures of a state, and how a plot is folded into it.

The components of a plot are folded in one after another by an extended Kalman filter linearised
once, at the prediction, so the order does not matter and the product of the scalar likelihoods is
the joint one (Bar-Shalom, Li & Kirubarajan 2001, §7.2 and §10.3). Where the measurement bends too
much within the state's doubt for one linearisation, :func:`fold_curved` does it.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.motion import A2, B2, outward
from steppewatch.jit import kernel

Floats = NDArray[np.float64]

TWO_PI = 2.0 * np.pi
NS = 1e-9
LOG_TWO_PI = float(np.log(2.0 * np.pi))
MEASURED = 5
BEND = 0.25


@kernel
def observe(
    x: Floats, lag: float, origin: Floats, rotation: Floats, want_height: bool, h: Floats,
    H: Floats,
) -> None:  # fmt: skip
    """Say what the sensor would measure of a state: h (5,) and its Jacobian H (5, 6).

    ``lag`` ≤ 0 [s] looks at where the target was that long ago: a late plot is compared with the
    retrodicted position (process noise over the lag is neglected).
    """
    d0 = x[0] + lag * x[3] - origin[0]
    d1 = x[1] + lag * x[4] - origin[1]
    d2 = x[2] + lag * x[5] - origin[2]
    e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
    g2 = max(e * e + n * n, 1.0)
    g = np.sqrt(g2)
    r2 = g2 + up * up
    r = np.sqrt(r2)
    h[0] = r
    h[1] = np.arctan2(e, n)
    h[2] = np.arctan2(up, g)
    rate = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / r
    h[3] = rate
    los = (d0 / r, d1 / r, d2 / r)
    for a in range(3):
        H[0, a] = los[a]
        H[1, a] = (n * rotation[0, a] - e * rotation[1, a]) / g2
        H[2, a] = (g * rotation[2, a] - up * (e * rotation[0, a] + n * rotation[1, a]) / g) / r2
        H[3, a] = (x[a + 3] - rate * los[a]) / r
        for k in range(3):
            H[k, a + 3] = lag * H[k, a]
        H[3, a + 3] = los[a] + lag * H[3, a]
    if want_height:
        height_row(x, lag, h, H)


@kernel
def height_row(x: Floats, lag: float, h: Floats, H: Floats) -> None:
    """Fill the row of reported height: ellipsoidal height by Bowring, gradient = the normal."""
    px, py, pz = x[0] + lag * x[3], x[1] + lag * x[4], x[2] + lag * x[5]
    a, b = np.sqrt(A2), np.sqrt(B2)
    across = max(np.hypot(px, py), 1.0)
    beta = np.arctan2(a * pz, b * across)
    lat = np.arctan2(
        pz + (A2 - B2) / b * np.sin(beta) ** 3, across - (A2 - B2) / a * np.cos(beta) ** 3
    )
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    h[4] = across * cos_lat + pz * sin_lat - a * np.sqrt(1.0 - (1.0 - B2 / A2) * sin_lat**2)
    H[4, 0] = cos_lat * px / across
    H[4, 1] = cos_lat * py / across
    H[4, 2] = sin_lat
    for c in range(3):
        H[4, c + 3] = lag * H[4, c]


@kernel
def fold(
    x: Floats, P: Floats, z: Floats, noise: Floats, lag: float, origin: Floats, rotation: Floats,
    limit: float, h: Floats, H: Floats, gain: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Fold one plot into one state in place; give squared distance and log-likelihood.

    Shapes and units:
        x: ``(6,)``; P: ``(6, 6)``.
        z: ``(5,)`` range, azimuth, elevation, range rate, height; NaN: not measured.
        noise: ``(5,)`` variances of the same.
        lag: ≤ 0, seconds that the plot is older than the state.
        limit: Stop early once the squared distance passes this (then P is half-updated).
        h, H, gain: Scratch ``(5,)``, ``(5, 6)`` (zeros), ``(12,)``.
    """
    observe(x, lag, origin, rotation, z[4] == z[4], h, H)
    for a in range(6):
        gain[6 + a] = 0.0
    if curved(P, h[0], z, noise):
        return fold_curved(x, P, z, noise, lag, origin, rotation, limit, h, H, gain)
    parts = 3 if lag == 0.0 else 6
    distance, product, count = 0.0, 1.0, 0
    for k in range(MEASURED):
        if z[k] != z[k]:  # NaN: not measured
            continue
        d2, s = take(k, z[k] - h[k], noise[k], P, H, gain, 6 if k == 3 else parts)
        distance += d2
        product *= s
        count += 1
        if distance > limit:
            break
    if distance <= limit:
        for a in range(6):
            x[a] += gain[6 + a]
    return distance, -0.5 * (distance + np.log(product) + count * LOG_TWO_PI)


@kernel
def take(
    k: int, miss: float, variance: float, P: Floats, H: Floats, gain: Floats, parts: int
) -> tuple[float, float]:
    """Fold one component in: P changes, the state's change adds up in ``gain[6:]``.

    Args:
        k: Which component.
        miss: Measured less expected at the linearisation.
        variance: Of the measurement.
        P: ``(6, 6)``.
        H: ``(5, 6)``; only the first ``parts`` columns of row k differ from zero.
        gain: ``(12,)`` scratch, and the change of the state so far.
        parts: 3 where the component does not depend on velocity, else 6.

    Returns:
        Squared distance, and the variance of the miss.
    """
    if k == 1:
        miss -= TWO_PI * np.round(miss / TWO_PI)
    s = variance
    for a in range(6):
        g = 0.0
        for b in range(parts):
            g += H[k, b] * P[b, a]
        gain[a] = g
    for a in range(parts):
        s += H[k, a] * gain[a]
        miss -= H[k, a] * gain[6 + a]
    inverse = 1.0 / s
    for a in range(6):
        g = gain[a] * inverse
        gain[6 + a] += g * miss
        for b in range(6):
            P[a, b] -= g * gain[b]
    return miss * miss * inverse, s


@kernel
def curved(P: Floats, reach: float, z: Floats, noise: Floats) -> bool:
    """Say whether the measurement bends within the state's doubt by a part of its own noise."""
    place = P[0, 0] + P[1, 1] + P[2, 2]
    if z[0] == z[0] and place * place > (2.0 * BEND * reach) ** 2 * noise[0]:
        return True
    speed = P[3, 3] + P[4, 4] + P[5, 5]
    return bool(z[3] == z[3] and place * speed > (BEND * reach) ** 2 * noise[3])


@kernel
def fold_curved(
    x: Floats, P: Floats, z: Floats, noise: Floats, lag: float, origin: Floats, rotation: Floats,
    limit: float, h: Floats, H: Floats, gain: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Fold as :func:`fold` does, but angles first, and range and its rate to second order.

    A doubtful azimuth makes of a precise range a banana. The angles take most of the doubt across
    the line of sight away; what is left bends the range by Σσ²/2r and the rate by Σ cov(p, v)/r,
    with a scatter of the same size (second-order extended filter: Bar-Shalom et al. 2001, §10.3).
    Doubt of an elevation that this plot does not tell is no scatter and left out.
    """
    distance, product, count = 0.0, 1.0, 0
    told = z[2] == z[2] or z[4] == z[4]
    for k in (1, 2, 4, 0, 3):
        if z[k] != z[k]:
            continue
        offset = scatter = 0.0
        if k in (0, 3):
            for a in range(6):
                x[a] += gain[6 + a]
                gain[6 + a] = 0.0
            observe(x, lag, origin, rotation, False, h, H)
            offset, scatter = bend(k, P, h, H, told)
        d2, s = take(k, z[k] - h[k] - offset, noise[k] + scatter, P, H, gain, 6)
        distance += d2
        product *= s
        count += 1
        if distance > limit:
            break
    if distance <= limit:
        for a in range(6):
            x[a] += gain[6 + a]
    return distance, -0.5 * (distance + np.log(product) + count * LOG_TWO_PI)


@kernel
def bend(k: int, P: Floats, h: Floats, H: Floats, told: bool) -> tuple[float, float]:
    """Give the second-order mean and variance of range (k = 0) or its rate (k = 3)."""
    r = h[0]
    offset = scatter = 0.0
    for axis in range(1, 3 if told else 2):
        wide = r * np.cos(h[2]) if axis == 1 else r
        pp = pv = vv = 0.0
        for a in range(6):
            for b in range(6):
                pp += H[axis, a] * P[a, b] * H[axis, b]
            for b in range(3):
                pv += H[axis, a] * P[a, b + 3] * H[axis, b]
        pp *= wide * wide
        if k == 0:
            offset += 0.5 * pp / r
            scatter += 0.5 * pp * pp / (r * r)
            continue
        for a in range(3):
            for b in range(3):
                vv += H[axis, a] * P[a + 3, b + 3] * H[axis, b]
        pv *= wide * wide
        vv *= wide * wide
        offset += pv / r
        scatter += (pp * vv + pv * pv) / (r * r)
    return offset, scatter


@kernel
def hold_height(x: Floats, P: Floats, sigma: float, gain: Floats) -> None:
    """Hold the vertical uncertainty to ``sigma`` by a pseudo-measurement of the present height."""
    u = outward(x)
    s = 0.0
    for a in range(6):
        gain[a] = P[a, 0] * u[0] + P[a, 1] * u[1] + P[a, 2] * u[2]
    for a in range(3):
        s += u[a] * gain[a]
    if s <= sigma * sigma:
        return
    # The noise that makes the posterior exactly sigma² is 1 / (1/sigma² - 1/s).
    s += 1.0 / (1.0 / (sigma * sigma) - 1.0 / s)
    for a in range(6):
        for b in range(6):
            P[a, b] -= gain[a] * gain[b] / s
