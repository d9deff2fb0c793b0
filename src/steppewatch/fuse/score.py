"""How good a tracker was: GOSPA, OSPA, completeness, switches, false tracks, latency.

Pure functions on arrays; nothing of the tracker is needed, so any tracker can be scored. GOSPA is
that of Rahmathullah, García-Fernández & Svensson 2017 (eq. 1, α = 2); OSPA that of Schuhmacher, Vo
& Vo 2008; identity is kept as in CLEAR MOT (Bernardin & Stiefelhagen 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Points = NDArray[np.float64]
    Names = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gospa:
    """Split one GOSPA value (p = 2, α = 2) into its causes; ``distance² = the three summed``.

    Attributes:
        distance: The metric [m].
        localisation: Squared distances of the matched pairs, summed [m²].
        missed: c²/2 for each target that nothing matched [m²].
        false: c²/2 for each track that nothing matched [m²].
        pairs: ``(k, 2)`` matched rows of truth and tracks.
    """

    distance: float
    localisation: float
    missed: float
    false: float
    pairs: NDArray[np.intp]


def gospa(truth: Points, tracks: Points, c: float = 1_000.0) -> Gospa:
    """Measure how far a set of tracks is from the truth, with p = 2 and α = 2.

    Args:
        truth: ``(t, d)`` positions in any Cartesian frame [m].
        tracks: ``(n, d)`` positions in the same frame [m].
        c: Distance from which a pair counts as one missed and one false [m].

    >>> result = gospa(np.zeros((1, 3)), np.array([[3.0, 4.0, 0.0], [9e3, 0.0, 0.0]]), c=10.0)
    >>> round(result.distance, 6), result.localisation, result.false
    (8.660254, 25.0, 50.0)
    """
    between = cdist(truth, tracks) if len(truth) and len(tracks) else np.zeros((0, 0))
    cost = np.minimum(between, c) ** 2
    row, column = linear_sum_assignment(cost)
    near = between[row, column] < c
    pairs = np.stack((row[near], column[near]), axis=1)
    localisation = float(cost[row[near], column[near]].sum())
    missed = 0.5 * c * c * (len(truth) - len(pairs))
    false = 0.5 * c * c * (len(tracks) - len(pairs))
    return Gospa(
        distance=float(np.sqrt(localisation + missed + false)),
        localisation=localisation,
        missed=missed,
        false=false,
        pairs=pairs,
    )


def ospa(truth: Points, tracks: Points, c: float = 1_000.0, p: float = 2.0) -> float:
    """Measure the same per target: OSPA of order ``p``, cut off at ``c`` [m]; 0 for nothing.

    >>> ospa(np.zeros((1, 2)), np.array([[3.0, 4.0]]), c=10.0)
    5.0
    """
    most = max(len(truth), len(tracks))
    least = min(len(truth), len(tracks))
    if most == 0:
        return 0.0
    total = (most - least) * c**p
    if least:
        cost = np.minimum(cdist(truth, tracks), c) ** p
        row, column = linear_sum_assignment(cost)
        total += float(cost[row, column].sum())
    return float((total / most) ** (1.0 / p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Sum up a run.

    Attributes:
        gospa: Mean over the scored moments [m].
        rms: Root mean square distance of matched pairs [m].
        completeness: Part of target-moments that a track matched.
        false: Unmatched tracks per moment.
        missed: Unmatched targets per moment.
        switches: Times that a target changed its track.
        switches_rate: The same per 100 target-minutes.
        latency: Median time from a target's first moment to its first track [s]; NaN for none.
    """

    gospa: float
    rms: float
    completeness: float
    false: float
    missed: float
    switches: int
    switches_rate: float
    latency: float


def score_run(
    times: Sequence[float],
    truth: Sequence[tuple[Names, Points]],
    tracks: Sequence[tuple[Names, Points]],
    c: float = 1_000.0,
    keep: float = 500.0,
    skip: int = 0,
) -> Report:
    """Score a whole run.

    Args:
        times: The k moments [s], ascending.
        truth: For each moment the names ``(t,)`` and positions ``(t, d)`` of the targets [m].
        tracks: For each moment the ids ``(n,)`` and positions ``(n, d)`` of the tracks [m].
        c: Cut-off of GOSPA [m].
        keep: A target keeps its track while that is closer than this [m].
        skip: First moments that count for identity and latency, but not for the means.
    """
    values, squares, matched, targets, false = [], 0.0, 0, 0, 0
    for k in range(skip, len(times)):
        result = gospa(truth[k][1], tracks[k][1], c)
        values.append(result.distance)
        squares += result.localisation
        matched += len(result.pairs)
        targets += len(truth[k][0])
        false += len(tracks[k][0]) - len(result.pairs)
    identity = follow(times, truth, tracks, keep, skip)
    period = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    minutes = targets * period / 60.0
    moments = max(len(values), 1)
    return Report(
        gospa=float(np.mean(values)) if values else float("nan"),
        rms=float(np.sqrt(squares / max(matched, 1))),
        completeness=matched / max(targets, 1),
        false=false / moments,
        missed=(targets - matched) / moments,
        switches=identity[0],
        switches_rate=100.0 * identity[0] / max(minutes, 1e-9),
        latency=identity[1],
    )


def follow(
    times: Sequence[float],
    truth: Sequence[tuple[Names, Points]],
    tracks: Sequence[tuple[Names, Points]],
    keep: float,
    skip: int = 0,
) -> tuple[int, float]:
    """Count how often targets change tracks, and the median delay to their first one [s].

    A target keeps its track as long as it is within ``keep`` (CLEAR MOT persistence); those
    without one are then matched to the tracks left over, at least total distance.
    """
    holder: dict[int, int] = {}
    first: dict[int, float] = {}
    delay: dict[int, float] = {}
    switches = 0
    for k, time in enumerate(times):
        names, places = truth[k]
        ids, spots = tracks[k]
        for name in names.tolist():
            first.setdefault(name, time)
        row_of = {int(track): i for i, track in enumerate(ids)}
        kept = {
            i: row_of[holder[name]]
            for i, name in enumerate(names.tolist())
            if holder.get(name) in row_of
            and np.linalg.norm(places[i] - spots[row_of[holder[name]]]) < keep
        }
        taken = set(kept.values())
        lone = [i for i in range(len(names)) if i not in kept]
        free = [i for i in range(len(ids)) if i not in taken]
        if lone and free:
            between = cdist(places[lone], spots[free])
            for a, b in zip(*linear_sum_assignment(np.minimum(between, keep)), strict=True):
                if between[a, b] >= keep:
                    continue
                name, track = int(names[lone[a]]), int(ids[free[b]])
                switches += holder.get(name, track) != track and k >= skip
                holder[name] = track
        for name in names.tolist():
            if name in holder:
                delay.setdefault(name, time - first[name])
    return switches, float(np.median(list(delay.values()))) if delay else float("nan")
