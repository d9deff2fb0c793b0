"""A first, careful guess at what a track is, from how it moves and how it is seen.

Only what the evidence carries is said: an aircraft address, a callsign or more than 70 m/s mean an
aircraft; what a ground radar follows is a walker, a rider or a vehicle by the highest speed that
was ever well known of it, so a vehicle that slows does not become a walker. What is faster than any
road there allows may be flying, and stays unknown. Everything else stays unknown, too:
helicopters, small drones and birds need more than a point's motion (a later issue).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import TargetClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

AIRCRAFT_PACE = 70.0
ROAD_LIMIT = 36.0  # nothing drives faster off the few asphalt roads there
VEHICLE_PACE = 7.0
RIDER_PACE = 2.6
WALKER_PACE = 0.4
HITS_NEEDED = 8


def note_pace(
    tracks: Columns,
    rows: NDArray[np.intp],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
) -> None:
    """Raise, in place, the highest well-known speed of the tracks ``rows``.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which of them.
        mean: ``(k, 6)`` of these rows, as of their latest plot.
        cov: ``(k, 6, 6)`` of these rows.

    Counted is the larger of two lower bounds: the speed less two σ where σ is under a quarter of
    it, and the way from the first plot, less six σ of position, by the time it took (slow walkers
    show in no other way).
    """
    velocity = mean[:, 3:]
    speed = np.sqrt(np.einsum("ka,ka->k", velocity, velocity))
    along = velocity / np.maximum(speed, 1e-9)[:, None]
    variance = np.einsum("ka,kab,kb->k", along, cov[:, 3:, 3:], along)
    sigma = np.sqrt(np.maximum(variance, 0.0))
    known = (sigma < 0.25 * speed) & (tracks["hits"][rows] >= HITS_NEEDED)
    sure = np.where(known, speed - 2.0 * sigma, 0.0)
    way = mean[:, :3] - tracks["start"][rows]
    length = np.sqrt(np.einsum("ka,ka->k", way, way))
    along = way / np.maximum(length, 1e-9)[:, None]
    spread = np.sqrt(np.maximum(np.einsum("ka,kab,kb->k", along, cov[:, :3, :3], along), 0.0))
    taken = (tracks["time_ns"][rows] - tracks["born_ns"][rows]) * 1e-9
    net = np.where(taken >= 10.0, (length - 6.0 * spread) / np.maximum(taken, 10.0), 0.0)
    tracks["pace"][rows] = np.maximum(tracks["pace"][rows], np.maximum(sure, net))


def classify(tracks: Columns, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Guess the class of the tracks ``rows``: ``(k,)`` :class:`TargetClass`."""
    pace, ground = tracks["pace"][rows], tracks["ground"][rows]
    named = (tracks["mode_s"][rows] != 0) | (tracks["callsign"][rows] != b"")
    aircraft = named | (pace >= AIRCRAFT_PACE)
    return np.select(
        [
            aircraft,
            ground & (pace >= ROAD_LIMIT),
            ground & (pace >= VEHICLE_PACE),
            ground & (pace >= RIDER_PACE),
            ground & (pace >= WALKER_PACE),
        ],
        [
            TargetClass.AIRCRAFT,
            TargetClass.UNKNOWN,
            TargetClass.VEHICLE,
            TargetClass.RIDER,
            TargetClass.WALKER,
        ],
        TargetClass.UNKNOWN,
    ).astype(np.uint8)
