"""Position reports and bearings: what is measured by other things than a radar that stands still.

A radar's plots are :class:`~steppewatch.records.detections.DetectionBatch`. Here is the rest: a
place that somebody else worked out (ADS-B, multilateration, a camera with a rangefinder, an own
vehicle's GNSS), and directions seen from a platform that may move.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import RecordError
from steppewatch.records.binary import record
from steppewatch.records.origin import Origin
from steppewatch.records.tracks import TargetClass

Shape = tuple[int, ...]


@record("position_reports")
@dataclass(frozen=True, slots=True, kw_only=True)
class PositionReports:
    """Hold n reports of where something is, from one source, ordered by time.

    Attributes:
        sensor: ``Sensor.id`` of the source.
        time_ns: ``(n,)`` int64, the moment the position describes [ns UTC].
        position: ``(n, 3)`` float64, ECEF [m].
        cov: ``(n, 3, 3)`` float64, its covariance [m²]; a height that was not measured has a large
            variance upwards.
        velocity: ``(n, 3)`` float64, ECEF [m/s]; NaN when not given.
        velocity_cov: ``(n, 3, 3)`` float64 [m²/s²]; NaN when not given.
        height: ``(n,)`` float64, pressure height [m] where the position has no height of its own;
            NaN when not given.
        mode_s: ``(n,)`` uint32, 24-bit aircraft address; 0 when not given.
        mode_3a: ``(n,)`` int32, the code's value (0…4095); −1 when not given.
        callsign: ``(n,)`` ``S8``, empty when not given.
        class_prob: ``(n, classes)`` float32, by ``TargetClass``; ``(n, 0)`` when not given.
    """

    sensor: str
    time_ns: NDArray[np.int64]
    position: NDArray[np.float64]
    cov: NDArray[np.float64]
    velocity: NDArray[np.float64]
    velocity_cov: NDArray[np.float64]
    height: NDArray[np.float64]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    class_prob: NDArray[np.float32]
    origin: Origin

    def __len__(self) -> int:
        """Count the reports."""
        return len(self.time_ns)


@record("look")
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Say where a camera looked, so that only what stood there can be called missed.

    Attributes:
        time_ns: When [ns UTC].
        platform: ``(3,)`` float64, ECEF of the lens [m].
        azimuth: Middle of the view, clockwise from true north [rad].
        width: Its width [rad]; 2π for all round.
        elevation: Middle of the view above the horizontal [rad].
        tallness: Its height [rad].
        reach: How far the camera would see what it looks for [m].
    """

    time_ns: int
    platform: NDArray[np.float64]
    azimuth: float
    width: float
    elevation: float
    tallness: float
    reach: float


@record("bearings")
@dataclass(frozen=True, slots=True, kw_only=True)
class BearingBatch:
    """Hold n directions seen by one sensor on one platform: one frame, or one moment's worth.

    Attributes:
        sensor: ``Sensor.id``.
        time_ns: ``(n,)`` int64 [ns UTC].
        platform: ``(n, 3)`` float64, ECEF of the lens at that time [m].
        platform_sigma: ``(n,)`` float64, its standard deviation per axis [m].
        azimuth: ``(n,)`` float64, clockwise from true north at the platform [rad].
        elevation: ``(n,)`` float64, up from the platform's horizontal [rad]; NaN: not measured.
        sigma_azimuth: ``(n,)`` float64, with the platform's attitude error inside [rad].
        sigma_elevation: ``(n,)`` float64 [rad]; NaN where elevation is not measured.
        snr_db: ``(n,)`` float32; NaN when not given.
        class_prob: ``(n, classes)`` float32, by ``TargetClass``; ``(n, 0)`` when not given.
        look: Where it looked; None when nobody said: then nothing is ever missed by it.
    """

    sensor: str
    time_ns: NDArray[np.int64]
    platform: NDArray[np.float64]
    platform_sigma: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    elevation: NDArray[np.float64]
    sigma_azimuth: NDArray[np.float64]
    sigma_elevation: NDArray[np.float64]
    snr_db: NDArray[np.float32]
    class_prob: NDArray[np.float32]
    look: Look | None
    origin: Origin

    def __len__(self) -> int:
        """Count the bearings."""
        return len(self.time_ns)


def position_reports(
    sensor: str,
    origin: Origin,
    time_ns: ArrayLike,
    position: ArrayLike,
    cov: ArrayLike,
    **optional: ArrayLike | None,
) -> PositionReports:
    """Build reports from what a source really said; all else becomes "not given".

    Args:
        sensor: ``Sensor.id`` of the source.
        origin: Where the reports come from.
        time_ns: ``(n,)`` [ns UTC].
        position: ``(n, 3)`` ECEF [m].
        cov: ``(n, 3, 3)`` [m²].
        optional: Any other column of :class:`PositionReports`.

    Raises:
        RecordError: A column has another length than ``time_ns``, or an unknown name.

    >>> import numpy as np
    >>> one = position_reports("adsb", Origin(feed="test"), [1], np.zeros((1, 3)), np.eye(3)[None])
    >>> len(one), float(one.height[0])
    (1, nan)
    """
    n = len(np.asarray(time_ns))
    given = {"time_ns": time_ns, "position": position, "cov": cov, **optional}
    blank: dict[str, tuple[object, str, Shape]] = {
        "time_ns": (0, "i8", ()),
        "position": (np.nan, "f8", (3,)),
        "cov": (np.nan, "f8", (3, 3)),
        "velocity": (np.nan, "f8", (3,)),
        "velocity_cov": (np.nan, "f8", (3, 3)),
        "height": (np.nan, "f8", ()),
        "mode_s": (0, "u4", ()),
        "mode_3a": (-1, "i4", ()),
        "callsign": (b"", "S8", ()),
    }
    columns = _columns(n, given, blank)
    return PositionReports(sensor=sensor, origin=origin, **columns)  # type: ignore[arg-type]


def bearing_batch(
    sensor: str,
    origin: Origin,
    time_ns: ArrayLike,
    platform: ArrayLike,
    azimuth: ArrayLike,
    sigma_azimuth: ArrayLike,
    *,
    look: Look | None = None,
    **optional: ArrayLike | None,
) -> BearingBatch:
    """Build a batch of bearings from what a camera really measured; all else is "not given".

    Args:
        sensor: ``Sensor.id``.
        origin: Where the bearings come from.
        time_ns: ``(n,)`` [ns UTC].
        platform: ``(n, 3)`` ECEF of the lens [m].
        azimuth: ``(n,)`` clockwise from true north [rad].
        sigma_azimuth: ``(n,)`` [rad].
        look: Where the camera looked.
        optional: Any other column of :class:`BearingBatch`; ``platform_sigma`` is 0 without it.

    Raises:
        RecordError: A column has another length than ``time_ns``, or an unknown name.
    """
    n = len(np.asarray(time_ns))
    given = {"time_ns": time_ns, "platform": platform, "azimuth": azimuth, **optional}
    given["sigma_azimuth"] = sigma_azimuth
    blank: dict[str, tuple[object, str, Shape]] = {
        "time_ns": (0, "i8", ()),
        "platform": (np.nan, "f8", (3,)),
        "platform_sigma": (0.0, "f8", ()),
        "azimuth": (np.nan, "f8", ()),
        "elevation": (np.nan, "f8", ()),
        "sigma_azimuth": (np.nan, "f8", ()),
        "sigma_elevation": (np.nan, "f8", ()),
        "snr_db": (np.nan, "f4", ()),
    }
    columns = _columns(n, given, blank)
    return BearingBatch(sensor=sensor, look=look, origin=origin, **columns)  # type: ignore[arg-type]


def _columns(
    n: int, given: Mapping[str, ArrayLike | None], blank: dict[str, tuple[object, str, Shape]]
) -> dict[str, NDArray[np.generic]]:
    """Fill a table's columns from what is given, and check their shapes."""
    unknown = sorted(set(given) - set(blank) - {"class_prob"})
    if unknown:
        raise RecordError(f"reports have no column {unknown}; known: {[*blank, 'class_prob']}")
    out: dict[str, NDArray[np.generic]] = {}
    for name, (value, dtype, shape) in blank.items():
        told = given.get(name)
        wanted = (n, *shape)
        column = np.full(wanted, value, dtype) if told is None else np.asarray(told, dtype)
        if column.shape != wanted:
            raise RecordError(f"column {name} has shape {column.shape}, expected {wanted}")
        out[name] = column
    hint = given.get("class_prob")
    chances = np.zeros((n, 0), "f4") if hint is None else np.asarray(hint, "f4")
    classes = len(TargetClass)
    if chances.shape not in {(n, 0), (n, classes)}:
        raise RecordError(
            f"column class_prob has shape {chances.shape}, expected ({n}, {classes}) or ({n}, 0)"
        )
    out["class_prob"] = chances
    return out
