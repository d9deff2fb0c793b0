"""What limits a measure: the cause that would help most if it were taken away.

Each cause is tried by itself: without ground in the way, without the Doppler notch, with the link
that is missing. What none of them explains is too faint, or too thin for a track.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from steppewatch.plan.assure.eye import EyeChance
    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.assure.sensor import RadarChance
    from steppewatch.world.geodesy import Array

GOOD = 0.9  # from here on nothing limits
COUNTS = 0.02  # a cause that would add less is none


class Limit(IntEnum):
    """Name what limits a measure at a post."""

    NONE = 0
    BEYOND = 1
    UNKNOWN = 2
    MASKED = 3
    NOTCH = 4
    LINK = 5
    FAINT = 6
    THIN = 7
    NO_DRONE = 8
    GROUNDED = 9
    CAMERA = 10
    AVAILABLE = 11
    FAR = 12
    NO_PATROL = 13


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Causes:
    """Hold, for crossings up to the line and up to ``track_time`` before it, what each cause takes.

    Attributes:
        gain: ``(2, 3, m)`` most that one sensor's −ln P(missed) would grow without ground in the
            way, without its notch, with its link; first up to the line, then up to the time.
        who: ``(2, 3, m)`` that sensor; −1 for none.
        now: ``(2, m)`` −ln P(missed) of all linked radars.
        reach: ``(2, m)`` some sensor has points of the way in range.
        unknown: ``(2, m)`` share of the points in range that lie over or behind unknown ground
            for every sensor, at least.
        faint: ``(2, m)`` the sensor that sees most; −1 for none.
    """

    gain: Array
    who: NDArray[np.int64]
    now: Array
    reach: NDArray[np.bool_]
    unknown: Array
    faint: NDArray[np.int64]


def causes_of(
    paths: Paths,
    speed: float,
    track_time: float,
    found: Mapping[int, RadarChance],
    joined: Sequence[bool],
) -> Causes:
    """Work out what each cause takes from the radars.

    Args:
        paths: The ways.
        speed: Along them [m/s].
        track_time: The second moment, so long before the line [s].
        found: Radars by their number among the sensors.
        joined: Whether each sensor is linked.
    """
    count = len(paths)
    gain, who = np.zeros((2, 3, count)), np.full((2, 3, count), -1, np.int64)
    now, most = np.zeros((2, count)), np.full((2, count), -1.0)
    reach, faint = np.zeros((2, count), bool), np.full((2, count), -1, np.int64)
    unknown = np.ones((2, count))
    ends = (0.0, -speed * track_time)
    for i, one in found.items():
        rows, looks = one.looks.rows, paths.step / (speed * one.looks.period)
        for e, end in enumerate(ends):
            until = int(np.searchsorted(paths.offset, end + 1e-6))
            if until == 0:
                continue
            within = one.looks.chance[:, :until] >= 0.0
            some = within.any(axis=1)
            own, clear, moving = (
                -looks * np.log1p(-np.maximum(a[:, :until].astype(float), 0.0)).sum(axis=1)
                for a in (one.looks.chance, one.clear, one.moving)
            )
            reach[e, rows] |= some
            share = (one.unknown[:, :until]).sum(axis=1) / np.maximum(within.sum(axis=1), 1)
            unknown[e, rows] = np.where(some, np.minimum(unknown[e, rows], share), unknown[e, rows])
            if joined[i]:
                now[e, rows] += own
                _more(gain, who, (e, 0), rows, clear - own, i)
                _more(gain, who, (e, 1), rows, moving - own, i)
                better = some & (clear > most[e, rows])
                most[e, rows] = np.where(better, clear, most[e, rows])
                faint[e, rows] = np.where(better, i, faint[e, rows])
            else:
                _more(gain, who, (e, 2), rows, own, i)
    return Causes(gain=gain, who=who, now=now, reach=reach, unknown=unknown, faint=faint)


def _more(
    gain: Array,
    who: NDArray[np.int64],
    at: tuple[int, int],
    rows: NDArray[np.int64],
    value: Array,
    sensor: int,
) -> None:
    better = value > gain[at][rows]
    gain[at][rows[better]] = value[better]
    who[at][rows[better]] = sensor


def reach_limits(
    value: Array,
    causes: Causes,
    moment: int,
    eyes: Mapping[int, EyeChance],
    joined: Sequence[bool],
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Name what limits detection (moment 0) or tracking (1) at each post.

    Args:
        value: ``(m,)`` the measure.
        causes: From :func:`causes_of`.
        moment: Which end of the crossing counts.
        eyes: Cameras by their number among the sensors; they count for detection alone.
        joined: Whether each sensor is linked.

    Returns:
        ``(m,)`` ``Limit``; ``(m,)`` sensor or −1.
    """
    missed = np.exp(-causes.now[moment])
    gains = missed * -np.expm1(-causes.gain[moment])
    who = causes.who[moment].copy()
    reach = causes.reach[moment].copy()
    if moment == 0:
        for i, eye in eyes.items():
            reach[eye.rows] = True
            row, would = (0, eye.clear) if joined[i] else (2, eye.found[:, -1])
            more = np.minimum(would, 1.0 - value[eye.rows])
            better = more > gains[row, eye.rows]
            gains[row, eye.rows[better]] = more[better]
            who[row, eye.rows[better]] = i
    best = gains.argmax(axis=0)
    each = np.arange(len(value))
    code = np.array([Limit.MASKED, Limit.NOTCH, Limit.LINK], np.uint8)[best]
    culprit = who[best, each]
    weak = gains[best, each] < COUNTS
    seen = 1.0 - missed >= GOOD
    code = np.where(weak, np.where(seen & (moment == 1), Limit.THIN, Limit.FAINT), code)
    culprit = np.where(weak, causes.faint[moment], culprit)
    dim = causes.unknown[moment] > 0.5
    for where, limit in ((dim, Limit.UNKNOWN), (~reach, Limit.BEYOND), (value >= GOOD, Limit.NONE)):
        code = np.where(where, limit, code)
        culprit = np.where(where, -1, culprit)
    return code.astype(np.uint8), culprit
