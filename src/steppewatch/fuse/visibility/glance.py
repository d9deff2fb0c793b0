"""One sensor's look at the tracks that it concerns: what it could see of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.visibility.foresee import foresee
from steppewatch.fuse.visibility.glance_kernels import (
    keep_glance,
    look_nominally,
    stand_now,
    weigh,
)
from steppewatch.fuse.visibility.sight import (
    LEAST,
    MOST,
    NominalSight,
    nominal_of,
    unobstructed,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.visibility.sight import Sight
    from steppewatch.records import Sensor

IN_REACH = 0.5
LOW = 200.0  # [m] above ground; who is lower follows the ground
STANDING = 1.5  # [m]
LOOSE = 20.0  # [m]; how far followers of the ground may stray from it, besides


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Say what one look can see of k tracks.

    Attributes:
        share: ``(k,)`` part of each track's possible places that lies in sight, by the map.
        seen: ``(k,)`` probability of being in sight, after the misses so far.
        chance: ``(k,)`` probability that the look finds the track.
        expected: ``(k,)`` the same, but misses are no excuse for a track that lies mostly in sight
            and did not come from the dark: by this it is told which ones are hidden.
        covered: ``(k,)`` bool, it stands in the sensor's reach, whatever stands between.
    """

    share: NDArray[np.float64]
    seen: NDArray[np.float64]
    chance: NDArray[np.float64]
    expected: NDArray[np.float64]
    covered: NDArray[np.bool_]


def look_over(
    tracks: Columns,
    rows: NDArray[np.integer],
    column: int,
    sensor: Sensor,
    now_ns: int,
    sight: Sight,
    motion: NDArray[np.float64],
) -> Glance:
    """Ask what a sensor can see of some tracks at a moment.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which tracks.
        column: The sensor's number.
        sensor: Who looks.
        now_ns: When.
        sight: What it can see where.
        motion: From ``TrackerSettings.motion``.
    """
    nominal, usual = nominal_of(sensor), min(max(sensor.detection_probability, 0.02), 0.98)
    reach, by_map, share, seen, chance, expected = np.empty((6, len(rows)))
    if type(sight) is NominalSight:  # what builds on it may see otherwise
        look_nominally(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, now_ns, motion,
            nominal.origin, nominal.rotation, nominal.limits, nominal.notch, reach, by_map,
        )  # fmt: skip
        reach *= nominal.clear
        by_map *= reach
        np.clip(by_map, LEAST, MOST, out=by_map)
    else:
        place, velocity, spread = foresee(tracks, rows, now_ns, motion)
        above = tracks["above"][rows]
        above[above[:, 0] == 0.0] = np.nan
        by_map = sight.chance(sensor, place, velocity, spread, above)
        reach = unobstructed(sensor, place, velocity, spread, notched=False)
    weigh(
        by_map, rows, column, now_ns, usual, tracks["shade"], tracks["look_ns"],
        tracks["dark_ns"], tracks["seen_ns"], share, seen, chance, expected,
    )  # fmt: skip
    covered = reach > IN_REACH * usual
    return Glance(share=share, seen=seen, chance=chance, expected=expected, covered=covered)


def plain(chance: NDArray[np.float64]) -> Glance:
    """Give the look of something whose misses are independent, and which can look anywhere.

    Args:
        chance: ``(k,)`` probability that it finds each track.
    """
    open_ = np.ones(len(chance))
    return Glance(
        share=open_, seen=open_, chance=chance, expected=chance, covered=np.ones(len(chance), bool)
    )


def remember(tracks: Columns, rows: NDArray[np.integer], column: int, glance: Glance) -> None:
    """Write down, in place, what a sensor's look could see of the tracks ``rows`` ``(k,)``."""
    keep_glance(rows, column, glance.expected, glance.covered, tracks["chance"], tracks["covered"])


def note_height(tracks: Columns, rows: NDArray[np.integer], sight: Sight) -> None:
    """Write down, in place, how high above ground low tracks were when they were last seen.

    A target that was near the ground as it went out of sight is taken to follow the ground from
    then on: a vehicle must, a low drone would.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` tracks just missed for the first time.
        sight: What knows the ground.
    """
    if len(rows) == 0:
        return
    place, sigma = np.empty((len(rows), 3)), np.empty(len(rows))
    stand_now(tracks["mean"], tracks["cov"], tracks["prob"], rows, place, sigma)
    high = sight.above(place)
    if np.isnan(high).all():
        tracks["above"][rows] = np.nan
        return
    # What was missed is more likely to be lower than it seemed than higher.
    low = (high < LOW) & (sigma < LOW)
    tracks["above"][rows, 0] = np.where(low, np.maximum(high - sigma, STANDING), np.nan)
    tracks["above"][rows, 1] = np.hypot(sigma, LOOSE)
