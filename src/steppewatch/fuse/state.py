"""The tracker's memory: one batch of arrays, and nothing that cannot be written down."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.evidence import RING
from steppewatch.fuse.guard import GuardState, empty_guard
from steppewatch.fuse.registration.state import RegistrationState
from steppewatch.fuse.registration.state import empty as empty_registration
from steppewatch.records import Sensor, TargetClass, record

if TYPE_CHECKING:
    from numpy.typing import NDArray


@record("tracker_state")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerState:
    """Hold n tracks seen by s sensors, each as of its own latest plot.

    Attributes:
        sensors: ``(s,)`` in the order in which they were heard of.
        newest_ns: ``(s,)`` int64, newest plot of each sensor, 0 for none.
        turn: ``(s,)`` float64, seconds between its last two batches (whole scans or sectors?).
        heard_ns: ``now_ns`` when detections last came; clock_ns: the newest plot's time then.
        next_id: The next track's id.
        unknown: Detections skipped because no sensor of that name is known.
        unusable: Detections skipped because range, azimuth or time are missing.
        degraded: Decisions about a track made by a cheaper method than asked for, for lack of time.
        guard: What is usual of each sensor.
        id: ``(n,)`` int64.
        time_ns: ``(n,)`` int64, moment of ``mean``.
        mean: ``(n, 2, 6)`` ECEF [m, m/s] of the quiet and the agile model.
        cov: ``(n, 2, 6, 6)``; prob: ``(n, 2)`` probability of each model.
        score: ``(n,)`` log-odds of existence.
        confirmed: ``(n,)`` bool.
        born_ns, seen_ns: ``(n,)`` int64; hits, looks: ``(n,)`` int64 plots and chances so far.
        ground: ``(n,)`` bool, last seen by a ground radar.
        level: ``(n,)`` bool, its height was measured at least once.
        pace: ``(n,)`` highest well-known speed [m/s]; slow: the lowest; high: the greatest height
            above ground [m], −inf where none is known.
        hint: ``(n, 8)`` float32, log-likelihood of each class, summed over what cameras said.
        start: ``(n, 3)`` ECEF of the first plot [m].
        mode_s, mode_3a, callsign: ``(n,)`` identity, as in ``TrackBatch``.
        hit_ns: ``(n, s)`` int64, last plot from each sensor, 0 for none.
        look_ns: ``(n, s)`` int64, last hit or counted miss by each sensor.
        missed: ``(n, s)`` int64, looks missed in a row.
        chance: ``(n, s)`` float64, probability of detection by each sensor at its latest batch.
        method: ``(n,)`` uint8, how the latest plot was chosen (``associate.Method``).
        why_ns, why_sensor, why_plot, why_weight, why_z: ``(n, RING)`` and ``(n, RING, 5)``, the
            latest plots: time, sensor number, row in its batch, probability, measurement
            (:mod:`steppewatch.fuse.evidence`).
    """

    sensors: tuple[Sensor, ...]
    newest_ns: NDArray[np.int64]
    turn: NDArray[np.float64]
    heard_ns: int
    clock_ns: int
    next_id: int
    unknown: int
    unusable: int
    degraded: int
    guard: GuardState
    registration: RegistrationState
    id: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    mean: NDArray[np.float64]
    cov: NDArray[np.float64]
    prob: NDArray[np.float64]
    score: NDArray[np.float64]
    confirmed: NDArray[np.bool_]
    born_ns: NDArray[np.int64]
    seen_ns: NDArray[np.int64]
    hits: NDArray[np.int64]
    looks: NDArray[np.int64]
    ground: NDArray[np.bool_]
    level: NDArray[np.bool_]
    pace: NDArray[np.float64]
    slow: NDArray[np.float64]
    high: NDArray[np.float64]
    hint: NDArray[np.float32]
    start: NDArray[np.float64]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    hit_ns: NDArray[np.int64]
    look_ns: NDArray[np.int64]
    missed: NDArray[np.int64]
    chance: NDArray[np.float64]
    method: NDArray[np.uint8]
    why_ns: NDArray[np.int64]
    why_sensor: NDArray[np.int32]
    why_plot: NDArray[np.int32]
    why_weight: NDArray[np.float32]
    why_z: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.id)


Columns = dict[str, "NDArray[Any]"]

# Column → (dtype, shape behind n); "s" stands for the number of sensors.
COLUMNS: dict[str, tuple[str, tuple[int | str, ...]]] = {
    "id": ("i8", ()),
    "time_ns": ("i8", ()),
    "mean": ("f8", (2, 6)),
    "cov": ("f8", (2, 6, 6)),
    "prob": ("f8", (2,)),
    "score": ("f8", ()),
    "confirmed": ("?", ()),
    "born_ns": ("i8", ()),
    "seen_ns": ("i8", ()),
    "hits": ("i8", ()),
    "looks": ("i8", ()),
    "ground": ("?", ()),
    "level": ("?", ()),
    "pace": ("f8", ()),
    "slow": ("f8", ()),
    "high": ("f8", ()),
    "hint": ("f4", (len(TargetClass),)),
    "start": ("f8", (3,)),
    "mode_s": ("u4", ()),
    "mode_3a": ("i4", ()),
    "callsign": ("S8", ()),
    "hit_ns": ("i8", ("s",)),
    "look_ns": ("i8", ("s",)),
    "missed": ("i8", ("s",)),
    "chance": ("f8", ("s",)),
    "method": ("u1", ()),
    "why_ns": ("i8", (RING,)),
    "why_sensor": ("i4", (RING,)),
    "why_plot": ("i4", (RING,)),
    "why_weight": ("f4", (RING,)),
    "why_z": ("f8", (RING, 5)),
}
BY_SENSOR = tuple(name for name, (_, shape) in COLUMNS.items() if shape == ("s",))


def blank(n: int, sensors: int) -> Columns:
    """Make the columns of n tracks, all zero."""
    return {
        name: np.zeros((n, *(sensors if d == "s" else int(d) for d in shape)), dtype)
        for name, (dtype, shape) in COLUMNS.items()
    }


def empty_state() -> TrackerState:
    """Make the state of a tracker that has heard nothing yet."""
    return TrackerState(
        sensors=(),
        newest_ns=np.zeros(0, np.int64),
        turn=np.zeros(0),
        heard_ns=0,
        clock_ns=0,
        next_id=1,
        unknown=0,
        unusable=0,
        degraded=0,
        guard=empty_guard(),
        registration=empty_registration(),
        **blank(0, 0),
    )


def thaw(state: TrackerState) -> Columns:
    """Copy the track columns, so that a step may write into them and the old state stays true.

    Decoded states are read-only and unaligned views of a message; copies are neither, so the
    kernels meet one kind of array only.
    """
    return {name: np.array(getattr(state, name)) for name in COLUMNS}


def freeze(state: TrackerState, columns: Columns, **changes: Any) -> TrackerState:
    """Give the state after a step."""
    fields: dict[str, Any] = {**columns, **changes}
    return dataclasses.replace(state, **fields)


def merge(columns: Columns, keep: NDArray[np.bool_] | None, born: Columns | None) -> Columns:
    """Leave out what ended and append what began."""
    out = columns if keep is None else {name: column[keep] for name, column in columns.items()}
    if born is None:
        return out
    return {name: np.concatenate((column, born[name])) for name, column in out.items()}
