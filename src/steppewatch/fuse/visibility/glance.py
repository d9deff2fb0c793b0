"""One sensor's look over all tracks: what it could see of each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.visibility.foresee import foresee
from steppewatch.fuse.visibility.sight import unobstructed
from steppewatch.fuse.visibility.vanish import in_sight, share_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.visibility.sight import Sight
    from steppewatch.records import Sensor

MOSTLY = 0.9
IN_REACH = 0.5
LOW = 200.0  # [m] above ground; who is lower follows the ground
STANDING = 1.5  # [m]
LOOSE = 20.0  # [m]; how far followers of the ground may stray from it, besides


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Say what one look can see of n tracks.

    Attributes:
        share: ``(n,)`` part of each track's possible places that lies in sight, by the map.
        seen: ``(n,)`` probability of being in sight, after the misses so far.
        chance: ``(n,)`` probability that the look finds the track.
        expected: ``(n,)`` the same, but misses are no excuse for a track that lies mostly in sight
            and did not come from the dark: by this it is told which ones are hidden.
        covered: ``(n,)`` bool, it stands in the sensor's reach, whatever stands between.
    """

    share: NDArray[np.float64]
    seen: NDArray[np.float64]
    chance: NDArray[np.float64]
    expected: NDArray[np.float64]
    covered: NDArray[np.bool_]


def look_over(
    tracks: Columns,
    column: int,
    sensor: Sensor,
    now_ns: int,
    sight: Sight,
    motion: NDArray[np.float64],
) -> Glance:
    """Ask what a sensor can see of each track at a moment.

    Args:
        tracks: Columns of the state.
        column: The sensor's number.
        sensor: Who looks.
        now_ns: When.
        sight: What it can see where.
        motion: From ``TrackerSettings.motion``.
    """
    place, velocity, spread = foresee(tracks, now_ns, motion)
    above = np.where(tracks["above"][:, :1] == 0.0, np.nan, tracks["above"])
    by_map = sight.chance(sensor, place, velocity, spread, above)
    share = share_of(by_map, sensor)
    seen = in_sight(tracks, column, now_ns, share)
    chance = by_map * seen / np.maximum(share, 1e-6)
    from_dark = tracks["dark_ns"] > tracks["seen_ns"]
    expected = np.where((share < MOSTLY) | from_dark, chance, by_map)
    reach = unobstructed(replace(sensor, blind_speed=np.nan), place, velocity, spread)
    covered = reach > IN_REACH * min(max(sensor.detection_probability, 0.02), 0.98)
    return Glance(share=share, seen=seen, chance=chance, expected=expected, covered=covered)


def note_height(tracks: Columns, rows: NDArray[np.intp], sight: Sight) -> None:
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
    prob = tracks["prob"][rows]
    place = np.einsum("nm,nma->na", prob, tracks["mean"][rows][:, :, :3])
    high = sight.above(place)
    up = place / np.linalg.norm(place, axis=1)[:, None]
    cov = np.einsum("nm,nmab->nab", prob, tracks["cov"][rows][:, :, :3, :3])
    sigma = np.sqrt(np.maximum(np.einsum("na,nab,nb->n", up, cov, up), 0.0))
    low = (high < LOW) & (sigma < LOW)
    # What was missed is more likely to be lower than it seemed than higher.
    tracks["above"][rows, 0] = np.where(low, np.maximum(high - sigma, STANDING), np.nan)
    tracks["above"][rows, 1] = np.hypot(sigma, LOOSE)
