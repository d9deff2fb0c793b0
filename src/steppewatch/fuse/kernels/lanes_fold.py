"""Many tracks at once: plots folded in, in lanes, as ``sense.fold`` does for one."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.lanes import Lanes
from steppewatch.fuse.kernels.lanes_sense import (
    Aim,
    Site,
    bend_lanes,
    gain_lanes,
    observe_lanes,
    sharpness,
)
from steppewatch.fuse.kernels.motion import A2, B2
from steppewatch.fuse.kernels.sense import BEND, MEASURED, TWO_PI
from steppewatch.jit import kernel, separate_kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


class Taken(NamedTuple):
    """Hold the plots of one group, one for each lane, and what folding them in gives.

    Attributes:
        z, noise: ``(5, L)`` as in ``sense.fold``, 0 where not measured.
        have: ``(5, L)`` 1 where measured, else 0.
        told, blind: ``(L,)`` 1 or 0: the plot tells an elevation or a height, or neither.
        lag: ``(L,)`` ≤ 0, seconds that the plot is older than the state.
        distance, spread: ``(L,)`` out: squared distance, and the product of the variances of what
            was measured less what was expected.
        on, bent, miss, variance: ``(L,)`` scratch.
    """

    z: Floats
    noise: Floats
    have: Floats
    told: Floats
    blind: Floats
    lag: Floats
    distance: Floats
    spread: Floats
    on: Floats
    bent: Floats
    miss: Floats
    variance: Floats


@kernel
def make_taken(lanes: int) -> Taken:
    """Make room for the plots of a group."""
    return Taken(
        np.empty((MEASURED, lanes)), np.empty((MEASURED, lanes)), np.empty((MEASURED, lanes)),
        np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes),
        np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes),
    )  # fmt: skip


@kernel
def load_plots(z: Floats, noise: Floats, plots: Ints, taken: Taken) -> None:
    """Take ``plots`` ``(L,)`` out of the batch, one for each lane; ``lag`` is the caller's."""
    for i in range(len(plots)):
        p = plots[i]
        for k in range(MEASURED):
            there = z[p, k] == z[p, k]
            taken.have[k, i] = 1.0 if there else 0.0
            taken.z[k, i] = z[p, k] if there else 0.0
            taken.noise[k, i] = noise[p, k] if there else 1.0
        taken.told[i] = max(taken.have[2, i], taken.have[4, i])
        taken.blind[i] = 1.0 - taken.told[i]


@separate_kernel
def take_lanes(
    row: Floats, P: Floats, parts: int, around: bool, miss: Floats, variance: Floats, on: Floats,
    gain: Floats, dx: Floats, distance: Floats, spread: Floats,
) -> None:  # fmt: skip
    """Fold one component in: P and dx change where ``on`` is 1.

    Shapes and units:
        row: ``(6, L)`` of the Jacobian, of which the first ``parts`` columns differ from zero.
        P: ``(6, 6, L)``.
        around: Whether it is an angle that begins anew after a turn.
        miss: ``(L,)`` measured less expected at the linearisation; variance: of the measurement.
            Both are used up.
        on: ``(L,)`` 1 or 0.
        gain: ``(6, L)`` scratch; dx: ``(6, L)`` the state's change so far.
        distance, spread: ``(L,)`` squared distance and product of variances so far.
    """
    lanes = len(on)
    gain_lanes(row, P, parts, gain)
    for i in range(lanes):
        s, gone = variance[i], miss[i]
        if around:
            gone -= TWO_PI * np.round(gone / TWO_PI)
        for a in range(3):
            s += row[a, i] * gain[a, i]
            gone -= row[a, i] * dx[a, i]
        variance[i], miss[i] = s, gone
    if parts > 3:
        for i in range(lanes):
            s, gone = variance[i], miss[i]
            for a in range(3, 6):
                s += row[a, i] * gain[a, i]
                gone -= row[a, i] * dx[a, i]
            variance[i], miss[i] = s, gone
    for i in range(lanes):
        inverse = on[i] / variance[i]
        distance[i] += miss[i] * miss[i] * inverse
        spread[i] *= variance[i] if on[i] > 0.0 else 1.0
        variance[i] = inverse
        miss[i] *= inverse
    for a in range(6):
        for i in range(lanes):
            dx[a, i] += gain[a, i] * miss[i]
        for b in range(a, 6):
            for i in range(lanes):
                P[a, b, i] -= gain[a, i] * variance[i] * gain[b, i]


@separate_kernel
def settle_lanes(x: Floats, dx: Floats) -> None:
    """Add the change to the state, and begin a new one."""
    for a in range(6):
        for i in range(x.shape[1]):
            x[a, i] += dx[a, i]
            dx[a, i] = 0.0


@kernel
def fold_lanes(
    m: int, s: Lanes, behind: bool, want: Any, site: Site, taken: Taken, aim: Aim
) -> None:
    """Fold each lane's plot into model m of it, in place.

    Args:
        m: Which model.
        s: The group.
        behind: Whether any lag differs from 0.
        want: ``(5,)`` bool, components that any plot has.
        site: The sensor's place.
        taken: The plots; ``distance`` and ``spread`` are out.
        aim: Scratch.
    """
    lanes, x, P, h, H, gain, dx = (
        len(taken.lag),
        s.x[m],
        s.P[m],
        aim.h[m],
        aim.H[m],
        aim.gain,
        aim.dx,
    )
    miss, variance, on, lag = taken.miss, taken.variance, taken.on, taken.lag
    observe_lanes(m, s, lag, site, want[4], aim)
    place, speed, offset, scatter = aim.across[0], aim.across[1], aim.across[3], aim.across[4]
    sharpness(P, place, speed)
    straight = bent = False
    for i in range(lanes):
        r2 = (BEND * h[0, i]) ** 2
        curved = taken.have[0, i] > 0.0 and place[i] * place[i] > 4.0 * r2 * taken.noise[0, i]
        curved |= taken.have[3, i] > 0.0 and place[i] * speed[i] > r2 * taken.noise[3, i]
        taken.bent[i] = 1.0 if curved else 0.0
        bent |= curved
        straight |= not curved
        taken.distance[i], taken.spread[i] = 0.0, 1.0
    dx[:] = 0.0
    if straight:
        for k in range(MEASURED):
            if want[k]:
                for i in range(lanes):
                    on[i] = taken.have[k, i] * (1.0 - taken.bent[i])
                    miss[i] = taken.z[k, i] - h[k, i]
                    variance[i] = taken.noise[k, i]
                take_lanes(
                    H[k], P, 6 if k == 3 or behind else 3, k == 1, miss, variance, on, gain, dx,
                    taken.distance, taken.spread,
                )  # fmt: skip
        settle_lanes(x, dx)
    if not bent:
        return
    offset[:] = scatter[:] = 0.0
    for k in (1, 2, 4, 0, 3):
        if not want[k]:
            continue
        if k in (0, 3):
            settle_lanes(x, dx)
            observe_lanes(m, s, lag, site, False, aim)
            bend_lanes(k == 3, P, lag, h, H, taken.told, aim.east, offset, scatter)
        for i in range(lanes):
            on[i] = taken.have[k, i] * taken.bent[i]
            miss[i] = taken.z[k, i] - h[k, i] - offset[i]
            variance[i] = taken.noise[k, i] + scatter[i]
        take_lanes(
            H[k], P, 6 if k == 3 or behind else 3, k == 1, miss, variance, on, gain, dx,
            taken.distance, taken.spread,
        )  # fmt: skip
    settle_lanes(x, dx)


@separate_kernel
def pick_lanes(h: Floats, S: Floats, lane: Ints, want: Any, out_h: Floats, out_S: Floats) -> None:
    """Give each of ``lane`` ``(c,)`` what was foreseen of that lane, as :func:`compare_lanes` asks.

    Shapes:
        h: ``(5, L)``; S: ``(5, 5, L)``; want: ``(5,)``.
        out_h: Out ``(5, c)``; out_S: out ``(5, 5, c)``.
    """
    for k in range(len(want)):
        if not want[k]:
            continue
        for i in range(len(lane)):
            out_h[k, i] = h[k, lane[i]]
        for a in range(k + 1):
            for i in range(len(lane)):
                out_S[k, a, i] = S[k, a, lane[i]]


@separate_kernel
def compare_lanes(
    z: Floats, noise: Floats, have: Floats, want: Any, h: Floats, S: Floats, L: Floats,
    miss: Floats, inverse: Floats, distance: Floats, spread: Floats,
) -> None:  # fmt: skip
    """Give the squared distance of each lane's plot from what was foreseen, and |S| with its noise.

    Of both the likelihood is exp(−d²/2) / √((2π)ᵏ |S|), k components being measured. S is factored
    row by row; the row of what was not measured has no weight.

    Shapes:
        z, noise, have: ``(5, L)`` as in :class:`Taken`; want: ``(5,)``.
        h: ``(5, L)``; S: ``(5, 5, L)`` as in ``lanes_sense.Aim``.
        L: ``(6, 5, L)``; miss, inverse: ``(5, L)``: scratch.
        distance, spread: Out ``(L,)``.
    """
    lanes = len(distance)
    for i in range(lanes):
        distance[i], spread[i] = 0.0, 1.0
    for k in range(len(want)):
        if not want[k]:
            continue
        s = L[len(want)]
        for i in range(lanes):
            miss[k, i] = z[k, i] - h[k, i]
            s[k, i] = S[k, k, i] + noise[k, i]
        if k == 1:
            for i in range(lanes):
                miss[k, i] -= TWO_PI * np.round(miss[k, i] / TWO_PI)
        for a in range(k):
            if not want[a]:
                continue
            for i in range(lanes):
                L[k, a, i] = S[k, a, i]
            for n in range(a):
                if want[n]:
                    for i in range(lanes):
                        L[k, a, i] -= L[k, n, i] * L[a, n, i] * s[n, i]
            for i in range(lanes):
                c = L[k, a, i]
                L[k, a, i] = c * inverse[a, i]
                s[k, i] -= c * L[k, a, i]
                miss[k, i] -= L[k, a, i] * miss[a, i]
        for i in range(lanes):
            inverse[k, i] = have[k, i] / s[k, i]
            distance[i] += miss[k, i] * miss[k, i] * inverse[k, i]
            spread[i] *= s[k, i] if have[k, i] > 0.0 else 1.0


@separate_kernel
def hold_lanes(x: Floats, P: Floats, sigma: float, on: Floats, gain: Floats, u: Floats) -> None:
    """Hold the vertical uncertainty of lanes that are ``on`` to ``sigma``, in place.

    Shapes and units:
        x: ``(6, L)``; P: ``(6, 6, L)``; on: ``(L,)`` 1 or 0.
        sigma: As in ``sense.hold_height`` [m].
        gain: ``(6, L)``; u: ``(4, L)``: scratch.
    """
    lanes = len(on)
    for i in range(lanes):
        u0, u1, u2 = x[0, i] / A2, x[1, i] / A2, x[2, i] / B2
        norm = 1.0 / np.sqrt(u0 * u0 + u1 * u1 + u2 * u2)
        u[0, i], u[1, i], u[2, i] = u0 * norm, u1 * norm, u2 * norm
    for a in range(6):
        for i in range(lanes):
            s = 0.0
            for b in range(3):
                s += P[min(a, b), max(a, b), i] * u[b, i]
            gain[a, i] = s
    for i in range(lanes):
        s = u[0, i] * gain[0, i] + u[1, i] * gain[1, i] + u[2, i] * gain[2, i]
        wide = on[i] > 0.0 and s > sigma * sigma
        # The noise that makes the posterior exactly sigma² is 1 / (1/sigma² - 1/s).
        u[3, i] = 1.0 / (s + 1.0 / (1.0 / (sigma * sigma) - 1.0 / s)) if wide else 0.0
    for a in range(6):
        for b in range(a, 6):
            for i in range(lanes):
                P[a, b, i] -= gain[a, i] * u[3, i] * gain[b, i]
