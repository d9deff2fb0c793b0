"""Tracks: what a tracker believes is there, as one batch of arrays in ECEF."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from steppewatch.records.binary import record
from steppewatch.records.origin import Origin


class TrackStatus(IntEnum):
    """Say how much a track is worth, in the order of its life."""

    TENTATIVE = 0
    CONFIRMED = 1
    COASTING = 2
    ENDED = 3


class TargetClass(IntEnum):
    """Name the kinds of things that cross a border."""

    UNKNOWN = 0
    WALKER = 1
    RIDER = 2
    VEHICLE = 3
    AIRCRAFT = 4
    HELICOPTER = 5
    SMALL_DRONE = 6
    BIRD = 7


def _unsaid() -> NDArray[np.float32]:
    return np.zeros((0, 0), np.float32)


@record("tracks")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrackBatch:
    """Hold the n tracks that changed, each as of its own ``time_ns``.

    A batch names only tracks that began, moved, coasted or ended since the batch before it; a
    track is known by ``(origin.feed, origin.sensor, id)`` and is gone after status ``ENDED``.

    Attributes:
        time_ns: ``(n,)`` int64, the moment that ``mean`` describes [ns UTC].
        id: ``(n,)`` int64, never used twice by one tracker.
        mean: ``(n, 6)`` float64, ECEF x, y, z [m], vx, vy, vz [m/s].
        cov: ``(n, 6, 6)`` float64, its covariance in the same frame.
        status: ``(n,)`` uint8, :class:`TrackStatus`.
        existence: ``(n,)`` float32, probability that the track is a real thing.
        target: ``(n,)`` uint8, :class:`TargetClass`.
        born_ns: ``(n,)`` int64, its first detection.
        seen_ns: ``(n,)`` int64, its latest detection.
        hits: ``(n,)`` uint32, detections used so far.
        mode_s: ``(n,)`` uint32, 24-bit aircraft address; 0 when not known.
        mode_3a: ``(n,)`` int32, −1 when not known.
        callsign: ``(n,)`` ``S8``, empty when not known.
        class_prob: ``(n, 8)`` float32, probability of each :class:`TargetClass`; column 0 that
            nothing real is there.
        sensors: Names of s sensors, ``Sensor.id``.
        seen_by: ``(n, s)`` bool, which of them hold the track now.
        hidden: ``(n,)`` bool, none of them could be expected to see it (terrain, Doppler notch).
        why_ns: ``(n,)`` int64, its latest detection's time.
        why_sensor: ``(n,)`` int32, who made that, an index into ``sensors``.
        why_plot: ``(n,)`` int32, its row in that sensor's batch.
        why_weight: ``(n,)`` float32, probability that it was this track's.
        why_method: ``(n,)`` uint8, how it was chosen (``fuse.associate.Method``).
        trackers: Names of t trackers whose tracks were joined, the own one first.
        held_by: ``(n, t)`` bool, which of them contribute now.
        heir: ``(n,)`` int64, the track that an ended one was found to be; −1 for none.

    From ``class_prob`` on, all is empty where a tracker does not say it.
    """

    time_ns: NDArray[np.int64]
    id: NDArray[np.int64]
    mean: NDArray[np.float64]
    cov: NDArray[np.float64]
    status: NDArray[np.uint8]
    existence: NDArray[np.float32]
    target: NDArray[np.uint8]
    born_ns: NDArray[np.int64]
    seen_ns: NDArray[np.int64]
    hits: NDArray[np.uint32]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    class_prob: NDArray[np.float32] = field(default_factory=_unsaid)
    sensors: tuple[str, ...] = ()
    seen_by: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))
    hidden: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    why_ns: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    why_sensor: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    why_plot: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    why_weight: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    why_method: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    trackers: tuple[str, ...] = ()
    held_by: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))
    heir: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    origin: Origin

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.id)
