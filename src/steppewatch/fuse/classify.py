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
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

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
MOTION = ("pace", "slow")  # the columns in which motion is noted
SAID = math.log(3.0)  # a camera's least log-likelihood that says anything
UNKNOWN = int(TargetClass.UNKNOWN)
# By TargetClass 1…7: walker, rider, vehicle, aircraft, helicopter, small drone, bird.
TOP_SPEED = np.array((1.4, 3.0, 11.0, 85.0, 45.0, 13.0, 13.0))
SPEED_SPREAD = np.array((0.25, 0.6, 0.6, 0.6, 0.35, 0.5, 0.35))
LOG_TOP_SPEED, LOG_SPREAD, SHARPNESS = np.log(TOP_SPEED), np.log(SPEED_SPREAD), 1.0 / SPEED_SPREAD
SEEN_BY_GROUND_RADAR = np.log((0.33, 0.22, 0.33, 0.02, 0.02, 0.04, 0.04))
SEEN_BY_AIR_RADAR = np.log((0.02, 0.03, 0.15, 0.40, 0.15, 0.15, 0.10))
NAMED = np.log((1e-4, 1e-4, 1e-3, 0.85, 0.15, 1e-2, 1e-4))
HIGHEST = np.array((AIRBORNE, AIRBORNE, AIRBORNE, 15_000.0, 5_000.0, 1_500.0, 3_000.0))
LOWEST = float(HIGHEST.min())
# By how it is seen: by a radar in the air's manner, by a ground radar, with a name.
PRIOR = np.stack((SEEN_BY_AIR_RADAR, SEEN_BY_GROUND_RADAR, NAMED + IDENTITY))
USUAL = np.exp(PRIOR) / np.exp(PRIOR).sum(axis=1, keepdims=True)


def note_motion(
    tracks: Columns,
    rows: NDArray[np.intp],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    skip: NDArray[np.bool_] | None = None,
) -> None:
    """Raise the highest well-known speed of the tracks ``rows``, lower the slowest.

    Args:
        tracks: Columns of the state; ``pace`` and ``slow`` change.
        rows: ``(k,)`` which of them.
        mean: ``(k, 6)`` of these rows, as of their latest plot.
        cov: ``(k, 6, 6)`` of these rows.
        skip: ``(k,)`` bool, rows that stay as they are.

    The pace is the larger of two lower bounds: the speed less two σ where σ is under a quarter of
    it, and the way from the first plot, less six σ of position, by the time it took (slow walkers
    show in no other way).
    """
    note_paces(
        rows, np.zeros(len(rows), bool) if skip is None else skip, mean, cov, tracks["hits"],
        tracks["start"], tracks["born_ns"], tracks["time_ns"], tracks["pace"], tracks["slow"],
    )  # fmt: skip


@kernel
def note_paces(
    rows: Any, skip: Any, mean: Any, cov: Any, hits: Any, start: Any, born_ns: Any, time_ns: Any,
    pace: Any, slow: Any,
) -> None:  # fmt: skip
    """Do the work of :func:`note_motion`; rows that hold no two of the same track, ``(k,)``.

    Shapes:
        rows, skip, mean, cov: ``(k, ...)``; the others: columns of all tracks, ``(n, ...)``.
    """
    for k in range(len(rows)):
        if skip[k]:
            continue
        j = rows[k]
        if hits[j] >= HITS_NEEDED:
            speed, sigma = length_along(mean[k, 3], mean[k, 4], mean[k, 5], cov[k, 3:, 3:])
            if sigma < 0.25 * speed:
                pace[j] = max(pace[j], speed - 2.0 * sigma)
            slow[j] = min(slow[j], speed + 2.0 * sigma)
        taken = (time_ns[j] - born_ns[j]) * 1e-9
        if taken >= 10.0:
            way, spread = length_along(
                mean[k, 0] - start[j, 0], mean[k, 1] - start[j, 1], mean[k, 2] - start[j, 2],
                cov[k, :3, :3],
            )  # fmt: skip
            pace[j] = max(pace[j], (way - 6.0 * spread) / taken)


@kernel
def length_along(x: float, y: float, z: float, cov: Any) -> tuple[float, float]:
    """Give the length of a vector and its σ in its own direction; cov is ``(3, 3)``."""
    length = np.sqrt(x * x + y * y + z * z)
    over = 1.0 / max(length, 1e-9)
    a, b, c = x * over, y * over, z * over
    variance = (
        a * a * cov[0, 0] + b * b * cov[1, 1] + c * c * cov[2, 2]
        + a * b * (cov[0, 1] + cov[1, 0])
        + a * c * (cov[0, 2] + cov[2, 0])
        + b * c * (cov[1, 2] + cov[2, 1])
    )  # fmt: skip
    return length, np.sqrt(max(variance, 0.0))


@kernel
def classify_tracks(
    rows: Any, score: Any, pace: Any, slow: Any, high: Any, ground: Any, mode_s: Any,
    callsign: Any, hint: Any, target: Any, out: Any,
) -> None:  # fmt: skip
    """Weigh the classes of the tracks ``rows``, and name the likeliest where it is likely enough.

    Shapes:
        rows: ``(k,)``; hint: ``(n, 8)``; callsign: ``(n,)`` seen as int64; other columns ``(n,)``.
        target: ``(k,)`` becomes the class; ``UNKNOWN``, too, of a track of which neither motion
            nor identity nor a camera said anything.
        out: ``(k, 8)`` becomes the probability of each :class:`TargetClass`; of item 0 that
            nothing real is there.
    """
    value = np.empty(CLASSES)
    for k in range(len(rows)):
        j = rows[k]
        named = mode_s[j] != 0 or callsign[j] != 0
        kind = 2 if named else int(ground[j])
        moves = pace[j] >= LEAST_PACE
        most_said = np.float32(0.0)
        for c in range(CLASSES):
            most_said = max(most_said, abs(hint[j, c]))
        best = 1
        if not moves and most_said == 0.0 and high[j] <= LOWEST:
            for c in range(1, CLASSES):  # nothing is known of it but how it is seen
                value[c] = USUAL[kind, c - 1]
                if value[c] > value[best]:
                    best = c
            total = 1.0
        else:
            log_pace = np.log(pace[j]) if moves else 0.0
            for c in range(1, CLASSES):
                value[c] = PRIOR[kind, c - 1] + hint[j, c]
                if moves:
                    off = (log_pace - LOG_TOP_SPEED[c - 1]) * SHARPNESS[c - 1]
                    # Faster than a class ever is counts in full; slower is only less usual (it
                    # may hover, wait).
                    most = np.inf if off > 0.0 else LEAST_USUAL
                    value[c] -= min(0.5 * off * off, most) + LOG_SPREAD[c - 1]
                if high[j] > HIGHEST[c - 1]:
                    value[c] += NEVER
            if slow[j] < STALL and high[j] > AIRBORNE:
                value[AEROPLANE] += NEVER
            for c in range(2, CLASSES):
                if value[c] > value[best]:
                    best = c
            most, total = value[best], 0.0
            for c in range(1, CLASSES):
                value[c] = np.exp(value[c] - most)
                total += value[c]
        told = named or moves or most_said > SAID
        target[k] = best if told and value[best] >= SURE * total else UNKNOWN
        existence = 1.0 / (1.0 + np.exp(-score[j]))
        share = existence / total
        out[k, 0] = 1.0 - existence
        for c in range(1, CLASSES):
            out[k, c] = value[c] * share
