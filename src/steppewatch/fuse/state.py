"""The tracker's memory: arrays of tracks by area, and nothing that cannot be written down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.associate.forest import Forest, no_forest
from steppewatch.fuse.clutter import ClutterState, empty_clutter
from steppewatch.fuse.evidence import RING
from steppewatch.fuse.guard import GuardState, empty_guard
from steppewatch.fuse.kernels import MODELS
from steppewatch.fuse.late.memory import LateMemory, nothing_late
from steppewatch.fuse.registration.state import RegistrationState
from steppewatch.fuse.registration.state import empty as empty_registration
from steppewatch.records import Sensor, TargetClass, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@record("tracker_area")
@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Hold the n tracks of one area, each as of its own latest plot, in the order of their ids.

    Attributes:
        key: Which cube of the grid (:mod:`steppewatch.fuse.areas`), 0 for "all in one".
        box: ``(2, 3)`` ECEF, least and greatest of all their positions [m].
        fastest: Greatest speed [m/s]; doubt, rate_doubt: greatest uncertainty of place and speed.
        restless: Acceleration density by which the uncertainty of the place may grow [m²/s³].
        oldest_ns: Earliest moment of a ``mean``.
        due_ns: No track ends by silence before this.
        seen_by: ``(s,)`` bool, sensors that have seen any of them.
        id: ``(n,)`` int64.
        time_ns: ``(n,)`` int64, moment of ``mean``.
        mean: ``(n, 3, 6)`` ECEF [m, m/s] of each motion model (``TrackerSettings.motion``).
        cov: ``(n, 3, 6, 6)``; prob: ``(n, 3)`` probability of each model.
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
        chance: ``(n, s)`` float64, probability of detection by each sensor at its latest look: when
            a plot of it fell into the track's gate, or when its look passed without one.
        covered: ``(n, s)`` bool, it stood in reach of each sensor then, hills and notch aside.
        shade: ``(n, s)`` float64, ln of the factor that misses left on the odds of being in sight
            of each sensor (``visibility.vanish``); 0 after a hit.
        dark_ns: ``(n,)`` int64, when no sensor could be expected to see it, last.
        above: ``(n, 2)`` float64, height above ground [m] of a missed track that follows it, and
            its σ; NaN for one that is where ``mean`` says, 0 before the first miss.
        method: ``(n,)`` uint8, how the latest plot was chosen (``associate.Method``).
        why_ns, why_sensor, why_plot, why_weight, why_z: ``(n, RING)`` and ``(n, RING, 5)``, the
            latest plots: time, sensor number, row in its batch, probability, measurement
            (:mod:`steppewatch.fuse.evidence`).
    """

    key: int
    box: NDArray[np.float64]
    fastest: float
    doubt: float
    rate_doubt: float
    restless: float
    oldest_ns: int
    due_ns: int
    seen_by: NDArray[np.bool_]
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
    covered: NDArray[np.bool_]
    shade: NDArray[np.float64]
    dark_ns: NDArray[np.int64]
    above: NDArray[np.float64]
    method: NDArray[np.uint8]
    why_ns: NDArray[np.int64]
    why_sensor: NDArray[np.int32]
    why_plot: NDArray[np.int32]
    why_weight: NDArray[np.float32]
    why_z: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.id)


@record("tracker_state", version=2)
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
        forest: Pasts that are still open (accurate mode).
        guard: What is usual of each sensor.
        late: What was heard lately, so that late reports can be put in their place.
        clutter: Where each sensor's false alarms come from.
        areas: The tracks, by area; ``state.mean`` and the like give a column of all of them.
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
    forest: Forest
    guard: GuardState
    late: LateMemory
    clutter: ClutterState
    registration: RegistrationState
    areas: tuple[Area, ...]

    def __len__(self) -> int:
        """Count the tracks."""
        return sum(len(area) for area in self.areas)

    def __getattr__(self, name: str) -> NDArray[Any]:
        """Give one column of all tracks, in the order of their ids (a copy unless one area)."""
        if name not in COLUMNS:
            raise AttributeError(f"TrackerState has no {name!r}")
        return columns_of(self.areas, len(self.sensors), (name,))[name]


Columns = dict[str, "NDArray[Any]"]

# Column → (dtype, shape behind n); "s" stands for the number of sensors.
COLUMNS: dict[str, tuple[str, tuple[int | str, ...]]] = {
    "id": ("i8", ()),
    "time_ns": ("i8", ()),
    "mean": ("f8", (MODELS, 6)),
    "cov": ("f8", (MODELS, 6, 6)),
    "prob": ("f8", (MODELS,)),
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
    "covered": ("?", ("s",)),
    "shade": ("f8", ("s",)),
    "dark_ns": ("i8", ()),
    "above": ("f8", (2,)),
    "method": ("u1", ()),
    "why_ns": ("i8", (RING,)),
    "why_sensor": ("i4", (RING,)),
    "why_plot": ("i4", (RING,)),
    "why_weight": ("f4", (RING,)),
    "why_z": ("f8", (RING, 5)),
}
BY_SENSOR = tuple(name for name, (_, shape) in COLUMNS.items() if shape == ("s",))


STEP = 64
"""Room comes in so many rows, so that every column of one memory begins at a whole word."""
WORD = 8


@lru_cache(maxsize=64)
def layout(sensors: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Lay the columns of one row out, one behind the other.

    Returns:
        First bytes ``(c,)`` and widths ``(c,)`` of the columns in a row, and a row's bytes.
    """
    width = [
        np.dtype(dtype).itemsize * math.prod(sensors if d == "s" else int(d) for d in shape)
        for dtype, shape in COLUMNS.values()
    ]
    ends = np.cumsum(width, dtype=np.int64)
    return ends - width, np.array(width, np.int64), int(ends[-1])


@lru_cache(maxsize=64)
def _fields(sensors: int) -> list[tuple[str, np.dtype[Any], tuple[int, ...], int]]:
    """Give name, type, shape behind n and first byte of each column."""
    first = layout(sensors)[0].tolist()
    return [
        (name, np.dtype(dtype), tuple(sensors if d == "s" else int(d) for d in shape), at)
        for (name, (dtype, shape)), at in zip(COLUMNS.items(), first, strict=True)
    ]


def rooms(n: int) -> int:
    """Round a number of rows up to what memory is cut for."""
    return -(-n // STEP) * STEP


def cut(memory: NDArray[np.int64], room: int, sensors: int) -> Columns:
    """Cut one memory of ``room`` rows (from :func:`rooms`) into the columns, as views."""
    return {
        name: np.ndarray((room, *shape), dtype, memory, room * at)
        for name, dtype, shape, at in _fields(sensors)
    }


def blank(n: int, sensors: int) -> Columns:
    """Make the columns of n tracks, all zero."""
    room = rooms(n)
    columns = cut(np.zeros(room * layout(sensors)[2] // WORD, np.int64), room, sensors)
    return {name: column[:n] for name, column in columns.items()}


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
        forest=no_forest(),
        guard=empty_guard(),
        late=nothing_late(),
        clutter=empty_clutter(),
        registration=empty_registration(),
        areas=(),
    )


def thaw(state: TrackerState) -> Columns:
    """Copy all tracks' columns, in the order of ids, so that the old state stays true.

    Decoded states are read-only and unaligned views of a message; copies are neither, so the
    kernels meet one kind of array only.
    """
    return {name: np.array(c) for name, c in columns_of(state.areas, len(state.sensors)).items()}


def columns_of(
    areas: Sequence[Area], sensors: int, names: Sequence[str] = tuple(COLUMNS)
) -> Columns:
    """Give columns of the tracks of some areas, in the order of ids; views where one area.

    Args:
        areas: The areas, of which some may have been written before a sensor was heard of.
        sensors: How many sensors there are.
        names: Which columns.
    """
    if not areas:
        return blank(0, sensors)
    if len(areas) == 1:
        area = areas[0]
        if area.hit_ns.shape[1] == sensors:
            return {name: getattr(area, name) for name in names}
        return {name: padded(area, name, sensors) for name in names}
    order = np.argsort(np.concatenate([area.id for area in areas]), kind="stable")
    return {
        name: np.concatenate([padded(area, name, sensors) for area in areas])[order]
        for name in names
    }


def padded(area: Area, name: str, sensors: int) -> NDArray[Any]:
    """Give one column of an area, with a place for each sensor where it is by sensor."""
    column: NDArray[Any] = getattr(area, name)
    if name not in BY_SENSOR or column.shape[1] == sensors:
        return column
    more = np.zeros((len(column), sensors - column.shape[1]), column.dtype)
    return np.concatenate((column, more), axis=1)
