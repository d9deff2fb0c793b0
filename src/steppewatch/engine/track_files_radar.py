"""One radar's scans as arrays (``.npz``): the layout of the tracking benchmarks.

    det      (M, 4) or (M, 3)  elevation [rad], azimuth [rad, counter-clockwise from East],
                               range [m], range rate [m/s]; from the radar; NaN not measured
    det_off  (K + 1)           first row of each scan
    det_time (M), optional     seconds after scan 0; else all plots of a scan have its time
    time     (K), optional     seconds of each scan; else k · meta.T
    meta     JSON, optional    sigma (el, az, r, rr), T, R, pd, clutter_per_scan, z_radar
    truth    (K, N, 6)         x, vx, y, vy, z, vz; NaN when not alive; read as truth alone
    cls      (N), optional     0 ground, 1 drone, 2 light aircraft, 3 fast; with the truth

Coordinates are a flat east, north, up about the radar at (0, 0, z_radar). The radar is stood at
47° N 106° E; its tangent frame is that flat space, exactly.
"""

import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_recording import NS, START_NS, Ground, Recording, Scan, Truth
from steppewatch.errors import EngineError
from steppewatch.records import DetectionBatch, Origin, Sensor, SensorKind, detection_batch
from steppewatch.world.geodesy import ecef_from_enu

LAYOUT = "radar scans (npz)"
UNREADABLE = (
    OSError, ValueError, EOFError, KeyError, TypeError, SyntaxError, MemoryError, OverflowError,
    RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What a cut, damaged or hostile archive makes numpy and zipfile raise."""
CLASSES = ("ground", "drone", "light aircraft", "fast")
TRUTH_KEYS = ("truth", "det_truth", "cls")
ORIGIN = Origin(sensor="radar", feed="file")
PLACE = (math.radians(47.0), math.radians(106.0), 1500.0)
PERIOD, DETECTION = 5.0, 0.9
SIGMA = {"elevation": 2.6e-3, "azimuth": 1.7e-3, "range": 30.0, "range_rate": 1.0}
TURN, MOST_WILD, LARGEST_SIGMA = 2.0 * math.pi + 1e-6, 0.2, 0.2
CLUTTER_SHARE = 0.2
"""Part of the plots taken for false alarms where the file does not say how many there are."""


def read_npz(path: Path, wanted: str, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read the arrays of a file.

    Args:
        path: The file.
        wanted: What should be in it, for the message.
        leave_out: Arrays that are not even opened.

    Raises:
        EngineError: It cannot be read, or holds Python objects, which may carry code.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name] for name in data.files if name not in leave_out}
    except UNREADABLE as error:
        raise EngineError(f"cannot read {path} ({error}): expected {wanted}") from error


def read_scans(data: dict[str, Any], name: str, *, doppler: bool = True) -> Recording:
    """Turn one radar's scans into a recording; of the truth nothing is read.

    Args:
        data: The file's arrays.
        name: The file's, for messages.
        doppler: Use the range rates.

    Raises:
        EngineError: Something is missing or of another shape.
    """
    notes: list[str] = []
    meta = meta_of(data, name, notes)
    det, bounds = _det(data, name), _offsets(data, name)
    if bounds[-1] > len(det):
        raise EngineError(
            f"{name}: det_off ends at row {bounds[-1]} but det has {len(det)} rows: the file was "
            "cut, write it again"
        )
    if bounds[-1] < len(det):
        notes.append(f"{len(det) - bounds[-1]} rows of det lie behind the last scan: left out")
    times, order = scan_times(data, name, len(bounds) - 1, meta, notes)
    own = _own_times(data, name, len(det))
    bad = usable(det, name, meta, notes)
    sensor = _sensor(det[~bad], bounds, meta, notes, doppler=doppler)
    scans = []
    for k in order:
        rows = np.arange(bounds[k], bounds[k + 1])
        rows = rows[~bad[rows]]
        when = np.full(len(rows), times[k])
        if own is not None:
            told = np.isfinite(own[rows])
            own_ns = np.round(np.where(told, own[rows], 0.0) * NS).astype(np.int64)
            when = np.where(told, times[order[0]] + own_ns, times[k])
            rows, when = rows[np.argsort(when, kind="stable")], np.sort(when, kind="stable")
        now_ns = int(max([times[k], *when[-1:]]))
        scans.append(Scan(now_ns=now_ns, messages=(_batch(det[rows], when, doppler=doppler),)))
    lat, lon, height = PLACE
    ground = Ground(lat=lat, lon=lon, height=height, lift=_number(meta, "z_radar", 0.0))
    return Recording(
        name=name,
        layout=LAYOUT,
        ground=ground,
        sensors=(sensor,),
        scans=tuple(scans),
        order=tuple(order),
        notes=tuple(notes),
    )


def read_scan_truth(data: dict[str, Any], name: str) -> Truth:
    """Read the truth of such a file.

    Raises:
        EngineError: It has none, or one of another shape.
    """
    truth = np.asarray(data["truth"], np.float64)
    if truth.ndim != 3 or truth.shape[2] != 6:
        raise EngineError(
            f"{name}: truth has shape {truth.shape}, expected (scans, targets, 6) of "
            "x, vx, y, vy, z, vz"
        )
    meta = meta_of(data, name, [])
    times, _ = scan_times(data, name, len(truth), meta, [])
    lat, lon, height = PLACE
    ground = Ground(lat=lat, lon=lon, height=height)
    k, n = np.nonzero(np.isfinite(truth[:, :, [0, 2, 4]]).all(axis=2))
    place = truth[k, n][:, [0, 2, 4]]
    place[:, 2] -= _number(meta, "z_radar", 0.0)
    kind = np.asarray(data.get("cls", np.zeros(0)))
    if kind.shape != (truth.shape[1],) or not np.isin(kind, np.arange(len(CLASSES))).all():
        kind = np.zeros(0)
    kind = kind.astype(np.uint8)
    return Truth(
        time_ns=times[k],
        target=n.astype(np.int64),
        position=ecef_from_enu(place, ground.frame),
        velocity=truth[k, n][:, [1, 3, 5]] @ ground.frame.rotation,
        names=tuple(str(i) for i in range(truth.shape[1])),
        kind=kind,
        kinds=CLASSES if len(kind) else (),
        gap=1.5 * (float(np.median(np.diff(times))) / NS if len(times) > 1 else PERIOD),
    )


def meta_of(data: dict[str, Any], name: str, notes: list[str]) -> dict[str, Any]:
    """Read the JSON in ``meta``; what is absent will be assumed, and is said in ``notes``.

    Raises:
        EngineError: It is there and cannot be read.
    """
    if "meta" not in data:
        notes.append("no meta: errors, period, coverage and clutter are assumed")
        return {}
    raw = data["meta"]
    try:
        text = bytes(raw).decode() if raw.dtype.kind in "Su" else str(raw)
        found = json.loads(text)
    except (ValueError, UnicodeDecodeError) as error:
        raise EngineError(f"{name}: meta is no JSON ({error}): write it with json.dumps") from error
    if not isinstance(found, dict):
        raise EngineError(f"{name}: meta is {type(found).__name__}, expected an object with keys")
    return found


def scan_times(
    data: dict[str, Any], name: str, scans: int, meta: dict[str, Any], notes: list[str]
) -> tuple[NDArray[np.int64], list[int]]:
    """Give the moment of each scan [ns UTC], and the scans in the order of their moments."""
    seconds = np.arange(scans) * _number(meta, "T", PERIOD)
    if "time" in data:
        seconds = np.asarray(data["time"], np.float64)
        if seconds.shape != (scans,) or not np.isfinite(seconds).all():
            raise EngineError(
                f"{name}: time has shape {seconds.shape} or unknown values, expected one finite "
                f"number of seconds for each of the {scans} scans"
            )
    order = np.argsort(seconds, kind="stable")
    if (np.diff(seconds) < 0.0).any():
        notes.append("scans were not in the order of time: they are taken in it")
    begin = 0 if abs(float(seconds[order[0]])) > 1e9 else START_NS
    return begin + np.round(seconds * NS).astype(np.int64), order.tolist()


def _own_times(data: dict[str, Any], name: str, rows: int) -> NDArray[np.float64] | None:
    if "det_time" not in data:
        return None
    own = np.asarray(data["det_time"], np.float64)
    if own.shape != (rows,):
        raise EngineError(f"{name}: det_time has shape {own.shape}, expected ({rows},) as det has")
    return own


def _det(data: dict[str, Any], name: str) -> NDArray[np.float64]:
    if "det" not in data:
        raise EngineError(
            f"{name} has {', '.join(sorted(data)) or 'no arrays'}: expected det (M, 4) with "
            "elevation, azimuth, range, range rate, and det_off (K + 1); see docs/fuse.md"
        )
    try:
        det = np.array(data["det"], np.float64)
    except (TypeError, ValueError) as error:
        raise EngineError(f"{name}: det holds no numbers ({error})") from error
    if det.ndim != 2 or det.shape[1] not in {3, 4}:
        raise EngineError(
            f"{name}: det has shape {det.shape}, expected (M, 4) of elevation, azimuth, range, "
            "range rate, or (M, 3) without the last"
        )
    if det.shape[1] == 3:
        det = np.column_stack((det, np.full(len(det), np.nan)))
    det[~np.isfinite(det)] = np.nan
    return det


def usable(
    det: NDArray[np.float64], name: str, meta: dict[str, Any], notes: list[str]
) -> NDArray[np.bool_]:
    """Say which rows cannot be used ``(M,)``; what is left out is said in ``notes``.

    Raises:
        EngineError: So many are beyond all bounds that units or columns must be others.
    """
    with np.errstate(invalid="ignore"):
        wild = (np.abs(det[:, 0]) > 0.5 * np.pi + 1e-6) | (np.abs(det[:, 1]) > TURN)
    told = np.isfinite(det[:, 1])
    if wild.sum() > MOST_WILD * max(int(told.sum()), 1):
        highest = [f"{np.nanmax(np.abs(det[:, i]), initial=0.0):.6g}" for i in range(3)]
        raise EngineError(
            f"{name}: det reaches {highest[0]} in column 0, {highest[1]} in column 1, {highest[2]} "
            "in column 2; expected elevation within ±π/2, azimuth within a turn (radians, "
            "counter-clockwise from East) and range in metres, in this order: use np.radians, or "
            "put the columns in order"
        )
    lost = ~np.isfinite(det[:, 1:3]).all(axis=1) | (det[:, 2] <= 0.0)
    if lost.any():
        notes.append(f"{int(lost.sum())} rows without range or azimuth: left out")
    wild &= ~lost
    if wild.any():
        notes.append(f"{int(wild.sum())} rows with angles beyond a turn: left out")
    reach, seen = _number(meta, "R", 0.0), det[~lost & ~wild, 2]
    if reach > 0.0 and len(seen) and not 1e-2 <= float(np.median(seen)) / reach <= 1.5:
        notes.append(
            f"ranges lie about {np.median(seen):.6g} m where meta.R says {reach:.6g} m: are both "
            "in metres?"
        )
    return np.asarray(lost | wild)


def _offsets(data: dict[str, Any], name: str) -> NDArray[np.int64]:
    raw = np.asarray(data.get("det_off", np.zeros(0)))
    if raw.ndim != 1 or len(raw) < 2 or raw.dtype.kind not in "iuf":
        raise EngineError(
            f"{name}: det_off has shape {raw.shape}, expected (K + 1): the first row of each of K "
            "scans and the end"
        )
    if raw.dtype.kind == "f" and not (np.isfinite(raw).all() and (raw == np.round(raw)).all()):
        raise EngineError(f"{name}: det_off has fractions or NaN, expected whole row numbers")
    bounds = raw.astype(np.int64)
    if bounds[0] < 0 or (np.diff(bounds) < 0).any():
        at = int(np.argmax(np.diff(bounds) < 0))
        raise EngineError(
            f"{name}: det_off falls at scan {at}, expected numbers that never fall, from 0"
        )
    return bounds


def _sensor(
    det: NDArray[np.float64],
    bounds: NDArray[np.int64],
    meta: dict[str, Any],
    notes: list[str],
    *,
    doppler: bool,
) -> Sensor:
    """Describe the radar: by ``meta``, else by what its plots show."""
    raw = meta.get("sigma")
    given = list(raw) if isinstance(raw, list | tuple) else []
    sigma = dict(SIGMA)
    for key, value in zip(SIGMA, given, strict=False):
        if isinstance(value, int | float) and math.isfinite(value) and value > 0.0:
            sigma[key] = float(value)
    if meta and len(given) < 3:
        notes.append(f"meta.sigma is {raw!r}: the radar's errors are assumed ({sigma})")
    if max(sigma["elevation"], sigma["azimuth"]) > LARGEST_SIGMA:
        notes.append(
            f"meta.sigma {raw!r} begins with {sigma['elevation']:g} and {sigma['azimuth']:g} rad: "
            "expected elevation [rad], azimuth [rad], range [m], range rate [m/s]"
        )
    upright = bool(np.isfinite(det[:, 0]).any()) or not len(det)
    rated = doppler and bool(np.isfinite(det[:, 3]).any())
    each = float(np.median(np.diff(bounds)))
    reach = float(det[:, 2].max()) if len(det) else 100e3
    lat, lon, height = PLACE
    return Sensor(
        id="radar",
        name="radar",
        site="",
        kind=SensorKind.RADAR_3D if upright else SensorKind.RADAR_2D,
        lat=lat,
        lon=lon,
        height=height,
        min_range=0.0,
        max_range=1.02 * _number(meta, "R", reach),
        scan_period=_number(meta, "T", PERIOD),
        sector_start=0.0,
        sector_width=2.0 * math.pi,
        sigma_range=sigma["range"],
        sigma_azimuth=sigma["azimuth"],
        sigma_elevation=sigma["elevation"] if upright else math.nan,
        sigma_range_rate=sigma["range_rate"] if rated else math.nan,
        detection_probability=min(_number(meta, "pd", DETECTION), 0.999),
        false_alarms=_number(meta, "clutter_per_scan", max(1.0, CLUTTER_SHARE * each)),
        origin=ORIGIN,
    )


def _batch(det: NDArray[np.float64], when: NDArray[np.int64], *, doppler: bool) -> DetectionBatch:
    return detection_batch(
        "radar",
        ORIGIN,
        when,
        det[:, 2],
        np.mod(0.5 * np.pi - det[:, 1], 2.0 * np.pi),
        elevation=det[:, 0],
        range_rate=det[:, 3] if doppler else None,
    )


def _number(meta: dict[str, Any], key: str, otherwise: float) -> float:
    """Give a usable number of ``meta`` (finite, not below 0), or another."""
    value = meta.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return otherwise
    return float(value) if value > 0.0 or key in {"z_radar", "clutter_per_scan"} else otherwise
