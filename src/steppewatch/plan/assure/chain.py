"""Detected, confirmed, held: the three curves of a crossing over the distance to the line."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.plan.assure.kernels import follow_posts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.plan.assure.rules import TrackRules
    from steppewatch.world.geodesy import Array

    Rows = NDArray[np.int64]

PHASES = 4  # starts of the scans over which fast crossings are averaged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """Hold one radar's chances along the ways that it reaches.

    Attributes:
        rows: ``(r,)`` ways, ascending.
        chance: ``(r, n)`` P(detect) of one look, −1 out of its reach.
        period: Time between two looks [s].
        phase: When the first one comes, as a share of the period.
    """

    rows: Rows
    chance: NDArray[np.float32]
    period: float
    phase: float = 0.5


def phase_of(name: str) -> float:
    """Give a sensor a start of its own, as a rehearsal does: radars do not turn in step."""
    return zlib.crc32(name.encode()) / 2**32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Hold what has become of a crossing at each point of its way ``(m, n)``.

    Attributes:
        seen: P(a plot so far).
        first: P(a confirmed track so far).
        held: P(under a confirmed track there).
    """

    seen: Array
    first: Array
    held: Array


def follow(
    count: int, points: int, sensors: Sequence[Looks], step: float, speed: float, rules: TrackRules
) -> Curves:
    """Follow crossings through the looks of all radars.

    Looks are independent given the way; scans of different radars do not turn in step. Where a
    crossing covers more than a step between two looks, the mean over several starts is taken.

    Args:
        count: Number of ways m.
        points: Points of each, n.
        sensors: The radars.
        step: Between two points [m].
        speed: Along the way [m/s].
        rules: When a track stands.
    """
    seen, first, held = np.zeros((3, count, points))
    if not sensors:
        return Curves(seen=seen, first=first, held=held)
    which = np.concatenate([np.full(len(s.rows), i, np.int64) for i, s in enumerate(sensors)])
    post = np.concatenate([s.rows for s in sensors])
    order = np.argsort(post, kind="stable")
    chance = np.concatenate([s.chance for s in sensors])[order]
    touched, lengths = np.unique(post, return_counts=True)
    start = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    period = np.array([s.period for s in sensors])
    fast = speed * float(period.max(initial=0.0)) > step
    part = np.empty((3, len(touched), points))
    total = np.zeros_like(part)
    starts = [i / PHASES for i in range(PHASES)] if fast else [0.0]
    most = int(lengths.max(initial=1))
    states = rules.states()
    scratch = (
        np.zeros(3),
        np.zeros((2, states.shape[1], most)),
        np.zeros((rules.coast, most)),
        np.zeros(most),
    )
    for begin in starts:
        phase = np.array([(begin + s.phase) % 1.0 for s in sensors])
        follow_posts(
            start, which[order], chance, period, phase, step, speed, rules.row(), states,
            *scratch, *part,
        )  # fmt: skip
        total += part
    seen[touched], first[touched], held[touched] = total / len(starts)
    return Curves(seen=seen, first=first, held=held)
