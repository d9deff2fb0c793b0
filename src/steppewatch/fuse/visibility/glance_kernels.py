"""Inner loops of a look: what a sensor can see of the tracks that it concerns."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.visibility.foresee import foresee_place, foresee_row
from steppewatch.fuse.visibility.kernels import WHOLE_TURN, nominal_parts
from steppewatch.fuse.visibility.vanish import in_sight, share_of
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[Any]

NS = 1e-9
SURE = 8.5  # standard deviations from an edge at which its probability is 1 in double precision
MOSTLY = 0.9


@kernel
def look_nominally(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, now_ns: int,
    motion: Floats, origin: Floats, rotation: Floats, limits: Floats, notch: float,
    reach: Floats, kept: Floats,
) -> None:  # fmt: skip
    """Predict tracks to a look, and say what coverage and notch leave of each.

    Shapes and units:
        mean … time_ns: Columns of n tracks, as in ``foresee.foresee_tracks``; rows: ``(k,)``.
        now_ns: When the look is; motion: ``(m + 1, 8)``.
        origin … notch: From ``sight.Nominal``.
        reach, kept: ``(k,)`` out, as from ``kernels.nominal_parts``.
    """
    round_ = not notch > 0.0 and limits[4] >= WHOLE_TURN
    place, velocity, P = np.empty(3), np.empty(3), np.zeros((6, 6))
    for k in range(len(rows)):
        j = rows[k]
        dt = max((now_ns - time_ns[j]) * NS, 0.0)
        if round_:
            # No σ is greater than the root of the trace: most tracks are clear of both edges.
            trace = foresee_place(j, mean, cov, prob, dt, motion, place)
            clear = SURE * math.sqrt(limits[2] * limits[2] + trace + 1.0)
            d0, d1, d2 = place[0] - origin[0], place[1] - origin[1], place[2] - origin[2]
            r = math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
            if limits[1] - r > clear and (limits[0] <= 0.0 or r - limits[0] > clear):
                reach[k] = kept[k] = 1.0
                continue
        foresee_row(j, mean, cov, prob, dt, motion, place, velocity, P)
        reach[k], kept[k] = nominal_parts(
            place, velocity, P, True, origin, rotation, limits, notch
        )  # fmt: skip


@kernel
def weigh(
    by_map: Floats, rows: Ints, column: int, now_ns: int, usual: float, shade: Floats,
    look_ns: Ints, dark_ns: Ints, seen_ns: Ints,
    share: Floats, seen: Floats, chance: Floats, expected: Floats,
) -> None:  # fmt: skip
    """Weigh what the map says of a look with what the misses so far say.

    Shapes and units:
        by_map: ``(k,)`` probability of detection by map and physics; rows: ``(k,)`` whose.
        usual: The sensor's nominal probability.
        shade, look_ns: ``(n, s)``; dark_ns, seen_ns: ``(n,)``, columns of the state.
        share … expected: ``(k,)`` out, as in ``glance.Glance``.
    """
    for k in range(len(rows)):
        j = rows[k]
        share[k] = share_of(by_map[k], usual)
        seen[k] = in_sight(share[k], shade[j, column], (now_ns - look_ns[j, column]) * NS)
        chance[k] = by_map[k] * seen[k] / max(share[k], 1e-6)
        doubted = share[k] < MOSTLY or dark_ns[j] > seen_ns[j]
        expected[k] = chance[k] if doubted else by_map[k]


@kernel
def keep_glance(
    rows: Ints, column: int, expected: Floats, covered: Flags, chance: Floats, reached: Flags
) -> None:
    """Write what a look said of the tracks ``rows`` ``(k,)`` into the columns ``(n, s)``."""
    for k in range(len(rows)):
        chance[rows[k], column] = expected[k]
        reached[rows[k], column] = covered[k]


@kernel
def stand_now(mean: Floats, cov: Floats, prob: Floats, rows: Ints, place: Floats,
              sigma: Floats) -> None:  # fmt: skip
    """Give where tracks ``rows`` ``(k,)`` stand as of their last plot, and their height's doubt.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``.
        place: ``(k, 3)`` out, ECEF [m]; sigma: ``(k,)`` out, σ along the way from the earth's
            centre, by the mean covariance of the models [m].
    """
    for k in range(len(rows)):
        j = rows[k]
        r2 = 0.0
        for a in range(3):
            place[k, a] = 0.0
            for m in range(prob.shape[1]):
                place[k, a] += prob[j, m] * mean[j, m, a]
            r2 += place[k, a] * place[k, a]
        up = 0.0
        for m in range(prob.shape[1]):
            for a in range(3):
                for b in range(3):
                    up += prob[j, m] * place[k, a] * cov[j, m, a, b] * place[k, b]
        sigma[k] = math.sqrt(max(up / r2, 0.0))
