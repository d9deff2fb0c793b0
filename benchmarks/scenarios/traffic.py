"""Draw traffic: legs of straight flight and coordinated turns, in steps of half a second.

Classes: 40 % ground vehicles, 30 % drones, 20 % light aircraft, 10 % fast ones. Fifteen per cent
are born late, another fifteen per cent end early. Straight legs last 60 s on average, turns 15 s
at 0.3 to 1 of the class's highest rate; each leg climbs or sinks at its own rate. Whoever flies
out of 0.95 of the area's radius turns back at the highest rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP = 0.5
SHARES = (0.4, 0.3, 0.2, 0.1)
SLOWEST = np.array((5.0, 10.0, 40.0, 120.0))
FASTEST = np.array((25.0, 40.0, 90.0, 250.0))
LOWEST = np.array((0.0, 50.0, 300.0, 1_500.0))
HIGHEST = np.array((0.0, 1_000.0, 3_000.0, 10_000.0))
TURN = np.radians((5.0, 4.0, 3.0, 2.5))
CLIMB = np.array((0.0, 2.0, 5.0, 10.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Say how targets are to be drawn.

    Attributes:
        n: How many.
        radius: Of the area [m]; starts lie between 0.15 and 0.9 of it.
        seconds: How long.
        grouped: Part of them in rigid formations of ``group``, 150 to 400 m about the leader.
        group: Targets in a formation.
        straight: Mean length of a straight leg [s].
        turn: Mean length of a turn [s].
        surge: Largest change of speed in a leg, as a part of the class's range [0…1].
        halt: Chance that a ground vehicle's leg is a halt.
        shares: Of the classes.
        heights: Lowest and highest above the plane for all that fly [m]; None: by class.
        mortal: Whether some are born late and some end early.
    """

    n: int
    radius: float
    seconds: float
    grouped: float = 0.0
    group: int = 5
    straight: float = 60.0
    turn: float = 15.0
    surge: float = 0.0
    halt: float = 0.0
    shares: tuple[float, float, float, float] = SHARES
    heights: tuple[float, float] | None = None
    mortal: bool = True


def draw(
    how: Traffic, rng: np.random.Generator, every: float = 5.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Fly the traffic; give ``(k, n, 6)`` x, y, z, vx, vy, vz every so many seconds, and classes.

    NaN where a target does not exist.
    """
    leaders, follows, offset = groups(how, rng)
    n = len(leaders)
    kind = rng.choice(4, n, p=how.shares)
    reach = how.radius * np.sqrt(rng.uniform(0.15**2, 0.9**2, n))
    angle = rng.uniform(0.0, 2.0 * np.pi, n)
    low, high = (LOWEST[kind], HIGHEST[kind]) if how.heights is None else level(how.heights, kind)
    place = np.stack((reach * np.cos(angle), reach * np.sin(angle), rng.uniform(low, high)), 1)
    flown = fly(how, rng, kind, place, (low, high), every)
    truth = flown[:, follows]
    truth[:, :, :2] += offset
    if how.mortal:
        end_lives(truth, follows, n, rng)
    return truth, kind[follows]


def level(
    heights: tuple[float, float], kind: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give each target the same band of heights; ground vehicles stay at 0."""
    flies = kind > 0
    return np.where(flies, heights[0], 0.0), np.where(flies, heights[1], 0.0)


def groups(
    how: Traffic, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the leaders, the leader of each target, and its place from it ``(n, 2)`` [m]."""
    bands = round(how.n * how.grouped / how.group)
    follows = np.concatenate(
        (
            np.repeat(np.arange(bands), how.group),
            np.arange(bands, bands + how.n - bands * how.group),
        )
    )
    offset = np.zeros((how.n, 2))
    members = np.arange(bands * how.group)
    members = members[members % how.group != 0]
    away = rng.uniform(150.0, 400.0, len(members))
    angle = rng.uniform(0.0, 2.0 * np.pi, len(members))
    offset[members] = np.stack((away * np.cos(angle), away * np.sin(angle)), 1)
    return np.unique(follows), follows, offset


def fly(
    how: Traffic,
    rng: np.random.Generator,
    kind: NDArray[np.int64],
    place: NDArray[np.float64],
    band: tuple[NDArray[np.float64], NDArray[np.float64]],
    every: float,
) -> NDArray[np.float64]:
    """Fly from ``place``; give position and velocity ``(k, n, 6)``."""
    n = len(kind)
    course = rng.uniform(0.0, 2.0 * np.pi, n)
    speed = rng.uniform(SLOWEST[kind], FASTEST[kind])
    climb, rate, surge = np.zeros(n), np.zeros(n), np.zeros(n)
    left, turning = rng.exponential(how.straight, n), np.zeros(n, bool)
    cruise, place = speed.copy(), place.copy()
    moments = round(how.seconds / every)
    stride = round(every / STEP)
    out = np.empty((moments, n, 6))
    for k in range(moments):
        out[k, :, :3] = place
        out[k, :, 3] = speed * np.cos(course)
        out[k, :, 4] = speed * np.sin(course)
        out[k, :, 5] = climb
        for _ in range(stride):
            new = np.flatnonzero(left <= 0.0)
            if len(new):
                legs(how, rng, new, kind, (turning, left, rate, climb, surge, speed, cruise))
            arc = homeward(how.radius, place, course, kind, rate)
            move(place, course, speed, arc, climb)
            outside = (place[:, 2] < band[0]) | (place[:, 2] > band[1])
            climb[outside] = 0.0
            np.clip(place[:, 2], *band, out=place[:, 2])
            course += arc * STEP
            np.maximum(speed + surge * STEP, 0.0, out=speed)
            left -= STEP
    return out


def legs(
    how: Traffic,
    rng: np.random.Generator,
    new: NDArray[np.int64],
    kind: NDArray[np.int64],
    columns: tuple[NDArray[np.float64], ...],
) -> None:
    """Begin the next leg of some targets: a turn after a straight one, and the reverse."""
    turning, left, rate, climb, surge, speed, cruise = columns
    turning[new] = ~turning[new].astype(bool)
    turns = turning[new].astype(bool)
    which = kind[new]
    m = len(new)
    length = rng.exponential(np.where(turns, how.turn, how.straight))
    sign = rng.choice((-1.0, 1.0), m)
    rate[new] = np.where(turns, sign * rng.uniform(0.3, 1.0, m) * TURN[which], 0.0)
    climb[new] = rng.uniform(-1.0, 1.0, m) * CLIMB[which]
    left[new] = np.maximum(length, STEP)
    if how.surge == 0.0 and how.halt == 0.0:
        return
    span = FASTEST[which] - SLOWEST[which]
    aim = np.clip(
        cruise[new] + how.surge * rng.uniform(-1.0, 1.0, m) * span, SLOWEST[which], FASTEST[which]
    )
    halts = (rng.random(m) < how.halt) & (which == 0)
    cruise[new] = np.where(halts, cruise[new], aim)
    aim = np.where(halts, 0.0, aim)
    hard = np.array((1.5, 3.0, 3.0, 6.0))[which]
    surge[new] = np.clip((aim - speed[new]) / left[new], -hard, hard)


def homeward(
    radius: float,
    place: NDArray[np.float64],
    course: NDArray[np.float64],
    kind: NDArray[np.int64],
    rate: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give the turn rates, where those who leave the area turn back to within 30° of its middle."""
    off = np.arctan2(-place[:, 1], -place[:, 0]) - course
    off = np.mod(off + np.pi, 2.0 * np.pi) - np.pi
    leaving = (np.hypot(place[:, 0], place[:, 1]) > 0.95 * radius) & (np.abs(off) > np.pi / 6.0)
    return np.where(leaving, np.sign(off) * TURN[kind], rate)


def move(
    place: NDArray[np.float64],
    course: NDArray[np.float64],
    speed: NDArray[np.float64],
    rate: NDArray[np.float64],
    climb: NDArray[np.float64],
) -> None:
    """Advance by one step, exactly along the arc at constant speed."""
    half = 0.5 * rate * STEP
    chord = speed * STEP * np.sinc(half / np.pi)
    place[:, 0] += chord * np.cos(course + half)
    place[:, 1] += chord * np.sin(course + half)
    place[:, 2] += climb * STEP


def end_lives(
    truth: NDArray[np.float64], follows: NDArray[np.int64], n: int, rng: np.random.Generator
) -> None:
    """Let 15 % be born in the first half and another 15 % end in the second."""
    moments = len(truth)
    half = moments // 2
    if half < 2:
        return
    lot = rng.random(n)
    born = np.where(lot < 0.15, rng.integers(1, half, n), 0)[follows]
    last = np.where(lot > 0.85, rng.integers(half - 1, moments - 1, n), moments)[follows]
    k = np.arange(moments)[:, None]
    truth[(k < born) | (k > last)] = np.nan
