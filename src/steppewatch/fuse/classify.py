"""What is it? Class probabilities from how a track moves, where, and how it is seen.

Naive Bayes over few statistics of the whole track, so that correlated estimates of one speed are
not counted again and again: the highest speed that was ever well known, the lowest, the greatest
height above ground, an aircraft identity, and the sum of what cameras said. A vehicle that slows
does not become a walker. The classes' speeds are log-normal; medians and spreads are *assumed*
from ``sense.targets`` and common knowledge, none is fitted. The answer ``P(class)`` counts
clutter, too: column 0 (``TargetClass.UNKNOWN``) is the probability that nothing real is there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel
from steppewatch.records import TargetClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

    Ground = Callable[[NDArray[np.float64]], NDArray[np.float64]]

CLASSES = len(TargetClass)
AEROPLANE = int(TargetClass.AIRCRAFT)
HITS_NEEDED = 8
SURE = 0.6
NEVER = -20.0
LEAST_USUAL = 4.5  # the log-odds that being slow can take at most
AIRBORNE = 30.0  # above this height over ground nothing walks or drives [m]
STALL = 18.0  # no aeroplane flies slower [m/s]
IDENTITY = 8.0  # log-odds that an address or callsign gives to aircraft and helicopters
LEAST_PACE = 0.4
MOTION = ("pace", "slow", "high")  # the columns in which motion is noted
# By TargetClass 1…7: walker, rider, vehicle, aircraft, helicopter, small drone, bird.
TOP_SPEED = np.array((1.4, 3.0, 11.0, 85.0, 45.0, 13.0, 13.0))
SPEED_SPREAD = np.array((0.25, 0.6, 0.6, 0.6, 0.35, 0.5, 0.35))
LOG_SPREAD = np.log(SPEED_SPREAD)
SEEN_BY_GROUND_RADAR = np.log((0.33, 0.22, 0.33, 0.02, 0.02, 0.04, 0.04))
SEEN_BY_AIR_RADAR = np.log((0.02, 0.03, 0.15, 0.40, 0.15, 0.15, 0.10))
NAMED = np.log((1e-4, 1e-4, 1e-3, 0.85, 0.15, 1e-2, 1e-4))
HIGHEST = np.array((AIRBORNE, AIRBORNE, AIRBORNE, 15_000.0, 5_000.0, 1_500.0, 3_000.0))


def note_motion(
    tracks: Columns,
    rows: NDArray[np.intp],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    above_ground: NDArray[np.float64] | None = None,
) -> None:
    """Raise the highest well-known speed and height of the tracks ``rows``, lower the slowest.

    Args:
        tracks: Columns of the state; ``pace``, ``slow`` and ``high`` change.
        rows: ``(k,)`` which of them.
        mean: ``(k, 6)`` of these rows, as of their latest plot.
        cov: ``(k, 6, 6)`` of these rows.
        above_ground: ``(k,)`` height above ground less three σ [m]; None where no ground is known.

    The pace is the larger of two lower bounds: the speed less two σ where σ is under a quarter of
    it, and the way from the first plot, less six σ of position, by the time it took (slow walkers
    show in no other way).
    """
    velocity = mean[:, 3:]
    speed = np.sqrt(np.einsum("ka,ka->k", velocity, velocity))
    along = velocity / np.maximum(speed, 1e-9)[:, None]
    variance = np.einsum("ka,kab,kb->k", along, cov[:, 3:, 3:], along)
    sigma = np.sqrt(np.maximum(variance, 0.0))
    enough = tracks["hits"][rows] >= HITS_NEEDED
    sure = np.where((sigma < 0.25 * speed) & enough, speed - 2.0 * sigma, 0.0)
    way = mean[:, :3] - tracks["start"][rows]
    length = np.sqrt(np.einsum("ka,ka->k", way, way))
    along = way / np.maximum(length, 1e-9)[:, None]
    spread = np.sqrt(np.maximum(np.einsum("ka,kab,kb->k", along, cov[:, :3, :3], along), 0.0))
    taken = (tracks["time_ns"][rows] - tracks["born_ns"][rows]) * 1e-9
    net = np.where(taken >= 10.0, (length - 6.0 * spread) / np.maximum(taken, 10.0), 0.0)
    tracks["pace"][rows] = np.maximum(tracks["pace"][rows], np.maximum(sure, net))
    slowest = np.where(enough, speed + 2.0 * sigma, np.inf)
    tracks["slow"][rows] = np.minimum(tracks["slow"][rows], slowest)
    if above_ground is not None:
        tracks["high"][rows] = np.fmax(tracks["high"][rows], above_ground)


def class_probabilities(tracks: Columns, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give ``(k, 8)`` the probability of each :class:`TargetClass` if the track is real.

    Column 0 is 0; the others sum to 1. Multiply by existence for unconditional ones.
    """
    named = (tracks["mode_s"][rows] != 0) | (tracks["callsign"][rows] != b"")
    out = np.zeros((len(rows), CLASSES))
    weigh_classes(
        rows, tracks["pace"], tracks["slow"], tracks["high"], tracks["ground"], named,
        tracks["hint"], out,
    )  # fmt: skip
    return out


@kernel
def weigh_classes(
    rows: Any, pace: Any, slow: Any, high: Any, ground: Any, named: Any, hint: Any, out: Any
) -> None:
    """Write the probability of each class of the tracks ``rows`` into ``out`` ``(k, 8)``, zeros.

    Shapes:
        rows, named: ``(k,)``; pace, slow, high, ground: ``(n,)``; hint: ``(n, 8)``.
    """
    for k in range(len(rows)):
        j = rows[k]
        most = -np.inf
        for c in range(CLASSES - 1):
            if named[k]:
                value = NAMED[c] + IDENTITY
            elif ground[j]:
                value = SEEN_BY_GROUND_RADAR[c]
            else:
                value = SEEN_BY_AIR_RADAR[c]
            if pace[j] >= LEAST_PACE:
                off = np.log(pace[j] / TOP_SPEED[c]) / SPEED_SPREAD[c]
                # Faster than a class ever is counts in full; slower is only less usual (it may
                # hover, wait).
                rare = 0.5 * off * off
                value -= (rare if off > 0.0 else min(rare, LEAST_USUAL)) + LOG_SPREAD[c]
            if high[j] > HIGHEST[c]:
                value += NEVER
            if c + 1 == AEROPLANE and slow[j] < STALL and high[j] > AIRBORNE:
                value += NEVER
            value += hint[j, c + 1]
            out[k, c + 1] = value
            most = max(most, value)
        total = 0.0
        for c in range(1, CLASSES):
            out[k, c] = np.exp(out[k, c] - most)
            total += out[k, c]
        for c in range(1, CLASSES):
            out[k, c] /= total


def classify(
    tracks: Columns, rows: NDArray[np.intp], prob: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Name the class of the tracks ``rows`` ``(k,)``: the likeliest if it is likely enough.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which of them.
        prob: ``(k, 8)`` from :func:`class_probabilities`.

    A track of which neither motion nor identity nor a camera said anything stays unknown.
    """
    best = prob.argmax(axis=1)
    told = (
        (tracks["pace"][rows] >= LEAST_PACE)
        | (tracks["mode_s"][rows] != 0)
        | (tracks["callsign"][rows] != b"")
        | (np.abs(tracks["hint"][rows]).max(axis=1, initial=0.0) > math.log(3.0))
    )
    sure = prob[np.arange(len(best)), best] >= SURE
    return np.where(told & sure, best, TargetClass.UNKNOWN).astype(np.uint8)
