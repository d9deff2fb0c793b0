"""Detections of one sensor, in that sensor's own coordinates, as one batch of arrays."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import RecordError
from steppewatch.records.binary import record
from steppewatch.records.origin import Origin


class PlotKind(IntEnum):
    """Say how a plot was made (the classes of ASTERIX I048/020 TYP, coarsened)."""

    UNKNOWN = 0
    PRIMARY = 1
    SECONDARY = 2
    COMBINED = 3


@record("detections")
@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionBatch:
    """Hold n detections of one sensor, ordered by time.

    Attributes:
        sensor: ``Sensor.id``.
        time_ns: ``(n,)`` int64, UTC nanoseconds of each measurement.
        slant_range: ``(n,)`` float64 [m].
        azimuth: ``(n,)`` float64, clockwise from true north at the sensor [rad].
        elevation: ``(n,)`` float64, up from the sensor's horizontal [rad]; NaN when not measured.
        range_rate: ``(n,)`` float64, opening positive [m/s]; NaN when not measured.
        height: ``(n,)`` float64, reported by the target itself (Mode C) [m]; NaN when not.
        snr_db: ``(n,)`` float32, or received amplitude [dB]; NaN when not given.
        kind: ``(n,)`` uint8, :class:`PlotKind`.
        mode_s: ``(n,)`` uint32, 24-bit aircraft address; 0 when not given.
        mode_3a: ``(n,)`` int32, the code's value (0…4095); −1 when not given.
        callsign: ``(n,)`` ``S8``, empty when not given.
    """

    sensor: str
    time_ns: NDArray[np.int64]
    slant_range: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    elevation: NDArray[np.float64]
    range_rate: NDArray[np.float64]
    height: NDArray[np.float64]
    snr_db: NDArray[np.float32]
    kind: NDArray[np.uint8]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    origin: Origin

    def __len__(self) -> int:
        """Count the detections."""
        return len(self.time_ns)


def detection_batch(
    sensor: str,
    origin: Origin,
    time_ns: NDArray[np.int64],
    slant_range: NDArray[np.float64],
    azimuth: NDArray[np.float64],
    **optional: NDArray[np.generic] | None,
) -> DetectionBatch:
    """Build a batch from what a sensor really measured; all else becomes "not given".

    Raises:
        RecordError: A column has another length than ``time_ns``, or an unknown name.
    """
    n = len(time_ns)
    columns: dict[str, NDArray[np.generic]] = {
        "time_ns": np.asarray(time_ns, np.int64),
        "slant_range": np.asarray(slant_range, np.float64),
        "azimuth": np.asarray(azimuth, np.float64),
    }
    blank: dict[str, tuple[object, str]] = {
        "elevation": (np.nan, "f8"),
        "range_rate": (np.nan, "f8"),
        "height": (np.nan, "f8"),
        "snr_db": (np.nan, "f4"),
        "kind": (int(PlotKind.UNKNOWN), "u1"),
        "mode_s": (0, "u4"),
        "mode_3a": (-1, "i4"),
        "callsign": (b"", "S8"),
    }
    unknown = set(optional) - set(blank)
    if unknown:
        raise RecordError(f"detections have no column {sorted(unknown)}; known: {sorted(blank)}")
    for name, (value, dtype) in blank.items():
        given = optional.get(name)
        columns[name] = np.full(n, value, dtype) if given is None else np.asarray(given, dtype)
    for name, column in columns.items():
        if column.shape != (n,):
            raise RecordError(f"column {name} has shape {column.shape}, expected ({n},)")
    return DetectionBatch(sensor=sensor, origin=origin, **columns)  # type: ignore[arg-type]
