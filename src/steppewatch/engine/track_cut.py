"""Cut what sensors saw into the steps in which a tracker hears it: scans, or windows of time."""

import dataclasses
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_recording import NS, Heard, Scan
from steppewatch.records import DetectionBatch, PositionReports, Sensor

PERIODS = (0.05, 600.0)
USUAL_PERIOD = 5.0
B = TypeVar("B", DetectionBatch, PositionReports)
SILENT = 3.5
"""Windows without a plot, between two with some, that are taken for looks that saw nothing."""


def cut(
    batches: list[Heard], sensors: tuple[Sensor, ...], window: float | None
) -> tuple[Scan, ...]:
    """Cut batches, one for each sensor, into steps.

    Where plots of one scan share a time stamp, each stamp is a step. Otherwise steps are windows
    of one scan period (the shortest of all sensors') or of ``window`` seconds.

    Args:
        batches: All detections of each sensor, in any order of time.
        sensors: The sensors, for their periods.
        window: Length of a step [s]; None for the sensors' own scan.
    """
    batches = [in_order(batch) for batch in batches if len(batch)]
    if not batches:
        return ()
    times = np.concatenate([batch.time_ns for batch in batches])
    period = min((s.scan_period for s in sensors), default=USUAL_PERIOD)
    length = round((period if window is None else window) * NS)
    stamps = np.unique(times)
    stamped = len(stamps) < 2 or float(np.diff(stamps).min()) >= 0.5 * length
    edges = stamps if stamped else np.arange(stamps[0], stamps[-1] + 1, length)
    ends = np.append(edges[1:], stamps[-1] + 1)
    scans: list[Scan] = []
    bounds = [np.searchsorted(batch.time_ns, np.append(edges, ends[-1])) for batch in batches]
    for k in range(len(edges)):
        parts = [
            part(batch, slice(int(b[k]), int(b[k + 1])))
            for batch, b in zip(batches, bounds, strict=True)
            if b[k + 1] > b[k] or _looked(batch, int(edges[k]), int(b[k]), length)
        ]
        newest = max((int(p.time_ns[-1]) for p in parts if len(p)), default=int(ends[k]) - 1)
        scans.append(Scan(now_ns=newest, messages=tuple(parts)))
    return tuple(scans)


def _looked(batch: Heard, start_ns: int, row: int, length: int) -> bool:
    """Tell whether a window without plots was a look that saw nothing: short, and in between."""
    if row in {0, len(batch)} or length <= 0:
        return False
    return bool(batch.time_ns[row] - batch.time_ns[row - 1] <= SILENT * length and start_ns > 0)


def in_order(batch: Heard) -> Heard:
    """Put a batch into the order of time."""
    if (np.diff(batch.time_ns) >= 0).all():
        return batch
    return part(batch, np.argsort(batch.time_ns, kind="stable"))


def part(batch: Heard, rows: slice | NDArray[np.intp]) -> Heard:
    """Give some rows of a batch."""
    columns: dict[str, Any] = {name: getattr(batch, name)[rows] for name in columns_of(batch)}
    return dataclasses.replace(batch, **columns)


def joined(batches: list[B]) -> B:
    """Put batches of one sensor together."""
    names = columns_of(batches[0])
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(b, name) for b in batches]) for name in names
    }
    return dataclasses.replace(batches[0], **columns)


def without_identity(batch: Heard) -> Heard:
    """Take addresses, codes and callsigns away."""
    n = len(batch)
    blank = {
        "mode_s": np.zeros(n, np.uint32),
        "mode_3a": np.full(n, -1, np.int32),
        "callsign": np.zeros(n, "S8"),
    }
    columns: dict[str, Any] = {k: v for k, v in blank.items() if k in columns_of(batch)}
    return dataclasses.replace(batch, **columns)


def columns_of(batch: Heard) -> tuple[str, ...]:
    """Name the columns of a batch: its arrays with one row for each detection."""
    fields = (field.name for field in dataclasses.fields(batch))
    return tuple(name for name in fields if isinstance(getattr(batch, name), np.ndarray))


def period_of(time_ns: NDArray[np.int64], azimuth: NDArray[np.float64]) -> float:
    """Find the scan period [s] from the plots; NaN where they do not show one.

    Args:
        time_ns: ``(n,)`` ascending [ns].
        azimuth: ``(n,)`` [rad].

    >>> turns = np.linspace(0.0, 10.0, 500)
    >>> round(period_of((turns * 4e9).astype(np.int64), 2 * np.pi * (turns % 1.0)), 2)
    4.0
    """
    stamps = np.unique(time_ns)
    if len(stamps) < 2:
        return float("nan")
    if len(stamps) <= 0.5 * len(time_ns):
        found = float(np.median(np.diff(stamps))) / NS
        return found if PERIODS[0] <= found <= PERIODS[1] else float("nan")
    known = np.flatnonzero(np.isfinite(azimuth))
    last = np.flatnonzero(np.diff(azimuth[known]) < -np.pi)
    if len(last) < 2:
        return float("nan")
    # When the antenna passed north, between the plots on both sides of it.
    left, passed = 2.0 * np.pi - azimuth[known[last]], azimuth[known[last + 1]]
    begin, end = time_ns[known[last]], time_ns[known[last + 1]]
    north = (begin - time_ns[0]) / NS + left / np.maximum(left + passed, 1e-9) * (end - begin) / NS
    turns = np.diff(north)
    turns = turns[(turns > PERIODS[0]) & (turns < PERIODS[1])]
    # Plots out of order let the antenna pass north twice: short turns are no turns.
    turns = turns[turns > 0.5 * np.percentile(turns, 80)] if len(turns) else turns
    return float(np.median(turns)) if len(turns) else float("nan")
