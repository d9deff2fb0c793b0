"""Many tracks at once: what a sensor measures of them, and plots folded in, in lanes.

The same as :mod:`~steppewatch.fuse.kernels.sense` does for one track (see there for sources), for
groups of :mod:`~steppewatch.fuse.kernels.lanes`. A lane that does not take part in a step, as
nothing was measured or another rule is its own, has gain 0: what is added to it is exactly nothing.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.lanes import Lanes
from steppewatch.fuse.kernels.motion import MODELS
from steppewatch.fuse.kernels.sense import BEND, MEASURED, height_row
from steppewatch.jit import kernel, separate_kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


class Site(NamedTuple):
    """Say where a sensor stands: ``origin`` ``(3,)`` ECEF, ``rotation`` ``(3, 3)`` to its ENU."""

    origin: Floats
    rotation: Floats


class Aim(NamedTuple):
    """Hold one sensor's view of a group, and room to work on it.

    Attributes:
        h: ``(m, 5, L)`` what is expected of each model; H: ``(m, 5, 6, L)`` its Jacobian.
        S: ``(m, 5, 5, L)`` covariance of it, lower half, without the plot's own noise.
        gain, dx: ``(6, L)`` a component's covariance with the state, the state's change so far.
        across: ``(5, L)``; east: ``(5, L)``; one_h, one_jacobian, one_x: one lane's: scratch.
    """

    h: Floats
    H: Floats
    S: Floats
    gain: Floats
    dx: Floats
    across: Floats
    east: Floats
    one_h: Floats
    one_jacobian: Floats
    one_x: Floats


@kernel
def make_aim(lanes: int) -> Aim:
    """Make room for a view."""
    return Aim(
        np.zeros((MODELS, MEASURED, lanes)), np.zeros((MODELS, MEASURED, 6, lanes)),
        np.zeros((MODELS, MEASURED, MEASURED, lanes)), np.zeros((6, lanes)), np.zeros((6, lanes)),
        np.zeros((5, lanes)), np.zeros((5, lanes)),
        np.zeros(MEASURED), np.zeros((MEASURED, 6)), np.zeros(6),
    )  # fmt: skip


@separate_kernel
def angle_lanes(y: Floats, x: Floats, out: Floats) -> None:
    """Give the angle of (x, y) in −π…π [rad], to the last digits.

    To the east of north and south alike it is an angle below a right one, or what lacks to two.
    Halved three times, tan θ/2 = y / (r + x) and then t / (1 + √(1 + t²)), that is below 0.2, where
    the series of the arc tangent is as good as the numbers after eleven terms.
    """
    for i in range(len(out)):
        ahead = abs(x[i])
        t = y[i] / (np.sqrt(x[i] * x[i] + y[i] * y[i]) + ahead + 1e-300)
        t = t / (1.0 + np.sqrt(1.0 + t * t))
        t = t / (1.0 + np.sqrt(1.0 + t * t))
        q = t * t
        s = 1.0 / 21.0 - q / 23.0
        s = 1.0 / 19.0 - q * s
        s = 1.0 / 17.0 - q * s
        s = 1.0 / 15.0 - q * s
        s = 1.0 / 13.0 - q * s
        s = 1.0 / 11.0 - q * s
        s = 1.0 / 9.0 - q * s
        s = 1.0 / 7.0 - q * s
        s = 1.0 / 5.0 - q * s
        s = 1.0 / 3.0 - q * s
        angle = 8.0 * (t - t * q * s)
        over = np.pi if y[i] >= 0.0 else -np.pi
        out[i] = angle if x[i] >= 0.0 else over - angle


@separate_kernel
def aim_lanes(
    x: Floats, lag: Floats, origin: Floats, rotation: Floats, h: Floats, H: Floats, T: Floats
) -> None:
    """Fill h and H of range, azimuth, elevation and range rate.

    Shapes:
        x: ``(6, L)``; lag: ``(L,)`` ≤ 0 as in ``sense.observe``; T: ``(≥ 4, L)`` out: east, north,
            up, and distance over ground [m].
    """
    for i in range(len(lag)):
        d0 = x[0, i] + lag[i] * x[3, i] - origin[0]
        d1 = x[1, i] + lag[i] * x[4, i] - origin[1]
        d2 = x[2, i] + lag[i] * x[5, i] - origin[2]
        e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
        n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
        up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
        g2 = max(e * e + n * n, 1.0)
        g = np.sqrt(g2)
        r2 = g2 + up * up
        r = np.sqrt(r2)
        by_r = 1.0 / r
        s0, s1, s2 = d0 * by_r, d1 * by_r, d2 * by_r
        rate = s0 * x[3, i] + s1 * x[4, i] + s2 * x[5, i]
        T[0, i], T[1, i], T[2, i], T[3, i] = e, n, up, g
        h[0, i], h[3, i] = r, rate
        H[0, 0, i], H[0, 1, i], H[0, 2, i] = s0, s1, s2
        H[3, 0, i] = (x[3, i] - rate * s0) * by_r
        H[3, 1, i] = (x[4, i] - rate * s1) * by_r
        H[3, 2, i] = (x[5, i] - rate * s2) * by_r
    for a in range(3):
        east, north, rise = rotation[0, a], rotation[1, a], rotation[2, a]
        for i in range(len(lag)):
            e, n, up, g, r = T[0, i], T[1, i], T[2, i], T[3, i], h[0, i]
            by_g2, g_r2 = 1.0 / (g * g), g / (r * r)
            H[1, a, i] = (n * east - e * north) * by_g2
            H[2, a, i] = g_r2 * (rise - up * by_g2 * (e * east + n * north))
    angle_lanes(T[0], T[1], h[1])
    angle_lanes(T[2], T[3], h[2])
    for a in range(3):
        for i in range(len(lag)):
            H[0, a + 3, i] = lag[i] * H[0, a, i]
            H[1, a + 3, i] = lag[i] * H[1, a, i]
            H[2, a + 3, i] = lag[i] * H[2, a, i]
            H[3, a + 3, i] = H[0, a, i] + lag[i] * H[3, a, i]


@kernel
def height_lanes(
    x: Floats, lag: Floats, one_x: Floats, one_h: Floats, one_jacobian: Floats, h: Floats, H: Floats
) -> None:
    """Fill the reported height's row of h and H, by ``sense.height_row`` lane after lane."""
    for i in range(len(lag)):
        for a in range(6):
            one_x[a] = x[a, i]
        height_row(one_x, lag[i], one_h, one_jacobian)
        h[4, i] = one_h[4]
        for a in range(6):
            H[4, a, i] = one_jacobian[4, a]


@kernel
def observe_lanes(
    m: int, s: Lanes, lag: Floats, site: Site, want_height: bool, aim: Aim
) -> None:  # fmt: skip
    """Say what the sensor would measure of model m: its ``aim.h`` and ``aim.H``."""
    x, h, H = s.x[m], aim.h[m], aim.H[m]
    aim_lanes(x, lag, site.origin, site.rotation, h, H, aim.east)
    if want_height:
        height_lanes(x, lag, aim.one_x, aim.one_h, aim.one_jacobian, h, H)


@separate_kernel
def gain_lanes(row: Floats, P: Floats, parts: int, gain: Floats) -> None:
    """Give ``row · P`` ``(6, L)`` of a Jacobian's row ``(6, L)`` with ``parts`` columns."""
    lanes = gain.shape[1]
    for b in range(6):
        for i in range(lanes):
            s = 0.0
            for a in range(3):
                s += row[a, i] * P[min(a, b), max(a, b), i]
            gain[b, i] = s
    if parts > 3:
        for b in range(6):
            for i in range(lanes):
                s = gain[b, i]
                for a in range(3, 6):
                    s += row[a, i] * P[min(a, b), max(a, b), i]
                gain[b, i] = s


@separate_kernel
def dot_lanes(gain: Floats, row: Floats, parts: int, out: Floats) -> None:
    """Give ``gain · row`` ``(L,)`` over the first ``parts`` columns."""
    for i in range(len(out)):
        out[i] = gain[0, i] * row[0, i] + gain[1, i] * row[1, i] + gain[2, i] * row[2, i]
    if parts > 3:
        for i in range(len(out)):
            out[i] += gain[3, i] * row[3, i] + gain[4, i] * row[4, i] + gain[5, i] * row[5, i]


@kernel
def foresee_lanes(
    m: int, s: Lanes, lag: Floats, behind: bool, site: Site, want: Any, aim: Aim
) -> None:
    """Foresee what a sensor would measure of model m, to first order: its ``aim.h``, ``aim.S``.

    Shapes and units:
        m: Which model.
        s: The group.
        lag: ``(L,)`` as in ``sense.observe``; behind: whether any differs from 0.
        site: The sensor's place.
        want: ``(5,)`` bool, components that are wanted.
        aim: Out.
    """
    observe_lanes(m, s, lag, site, want[4], aim)
    H, S = aim.H[m], aim.S[m]
    for k in range(MEASURED):
        if not want[k]:
            continue
        gain_lanes(H[k], s.P[m], 6 if k == 3 or behind else 3, aim.gain)
        for n in range(k + 1):
            if want[n]:
                dot_lanes(aim.gain, H[n], 6 if n == 3 or behind else 3, S[k, n])


@separate_kernel
def bend_lanes(
    rate: bool, P: Floats, lag: Floats, h: Floats, H: Floats, told: Floats, across: Floats,
    offset: Floats, scatter: Floats,
) -> None:  # fmt: skip
    """Give the second-order mean and variance ``(L,)`` of range, or of its rate.

    Shapes and units:
        rate: Whether it is the rate.
        P: ``(6, 6, L)``; h, H: as in :class:`Aim`; lag: ``(L,)``.
        told: ``(L,)`` 1 where the plot tells an elevation or a height, else 0.
        across: ``(≥ 3, L)`` scratch.
        offset, scatter: ``(L,)`` out.
    """
    lanes = len(offset)
    for i in range(lanes):
        offset[i] = scatter[i] = 0.0
    for axis in range(1, 3):
        for i in range(lanes):
            across[0, i] = across[1, i] = across[2, i] = 0.0
        for a in range(3):
            for b in range(3):
                for i in range(lanes):
                    both = H[axis, a, i] * H[axis, b, i]
                    across[0, i] += both * P[min(a, b), max(a, b), i]
                    across[1, i] += both * P[a, b + 3, i]
                    across[2, i] += both * P[min(a, b) + 3, max(a, b) + 3, i]
        for i in range(lanes):
            # The rows of H are 1 / r long, that of azimuth 1 / distance over ground.
            long2 = H[axis, 0, i] * H[axis, 0, i] + H[axis, 1, i] * H[axis, 1, i]
            wide2 = 1.0 / (long2 + H[axis, 2, i] * H[axis, 2, i])
            counts = 1.0 if axis == 1 else told[i]
            vv = wide2 * across[2, i]
            pv = wide2 * across[1, i]
            pp = wide2 * across[0, i] + lag[i] * (2.0 * pv + lag[i] * vv)
            pv += lag[i] * vv
            r = h[0, i]
            if rate:
                offset[i] += counts * (pv / r)
                scatter[i] += counts * ((pp * vv + pv * pv) / (r * r))
            else:
                offset[i] += counts * (0.5 * pp / r)
                scatter[i] += counts * (0.5 * pp * pp / (r * r))


@separate_kernel
def sharpness(P: Floats, place: Floats, speed: Floats) -> None:
    """Give the variances ``(L,)`` of place and of speed, summed over the axes."""
    for i in range(len(place)):
        place[i] = P[0, 0, i] + P[1, 1, i] + P[2, 2, i]
        speed[i] = P[3, 3, i] + P[4, 4, i] + P[5, 5, i]


@kernel
def bend_foreseen(m: int, s: Lanes, lag: Floats, noise: Floats, want: Any, aim: Aim) -> None:
    """Add the second order to what :func:`foresee_lanes` gave, where that matters.

    Args:
        m: Which model.
        s: The group.
        lag: ``(L,)``.
        noise: ``(5,)`` of a usual plot.
        want: ``(5,)`` bool, components that any plot has.
        aim: Its ``h`` and ``S`` of this model change.
    """
    place, speed, told, offset, scatter = aim.east
    h, S, where = aim.h[m], aim.S[m], aim.across[3]
    sharpness(s.P[m], place, speed)
    told[:] = 1.0 if want[2] or want[4] else 0.0
    for k in (3, 0):  # the rate's needs the range as it was
        if not want[k]:
            continue
        anywhere = False
        for i in range(len(lag)):
            doubt = 0.5 * place[i] if k == 0 else np.sqrt(place[i] * speed[i])
            where[i] = 1.0 if doubt * doubt > (BEND * h[0, i]) ** 2 * noise[k] else 0.0
            anywhere |= where[i] > 0.0
        if anywhere:
            bend_lanes(k == 3, s.P[m], lag, h, aim.H[m], told, aim.across, offset, scatter)
            for i in range(len(lag)):
                h[k, i] += where[i] * offset[i]
                S[k, k, i] += where[i] * scatter[i]
