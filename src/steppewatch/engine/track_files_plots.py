"""Turn columns into what the tracker hears: plots of radars, positions, or bearings of cameras.

A row with range and azimuth is a radar's plot; one with latitude and longitude, or x and y, a
position that somebody worked out; one with an azimuth alone a bearing.
"""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_cut import cut, in_order, period_of, without_identity
from steppewatch.engine.track_files_sensor import PLACE, describe
from steppewatch.engine.track_files_table import MEASURES, Table
from steppewatch.engine.track_recording import NS, Ground, Heard, Recording
from steppewatch.errors import EngineError
from steppewatch.records import (
    DetectionBatch,
    Origin,
    Sensor,
    SensorKind,
    bearing_batch,
    detection_batch,
    position_reports,
)
from steppewatch.world.geodesy import (
    Array,
    ecef_from_enu,
    ecef_from_geodetic,
    enu_rotation,
    geodetic_from_ecef,
    local_frame,
    spherical_from_enu,
)

Rows = NDArray[np.intp]
SIGMA_POSITION, SIGMA_UP, SIGMA_NO_HEIGHT = 50.0, 75.0, 3_000.0
SIGMA_BEARING = math.radians(0.2)
LAYOUT = "columns"


def recording_of(
    table: Table,
    told: tuple[dict[str, Any], ...],
    place: tuple[float, float, float] | None,
    window: float | None,
    *,
    doppler: bool,
    hide_identity: bool,
) -> Recording:
    """Make a recording of a table.

    Args:
        table: The columns.
        told: Descriptions of sensors.
        place: Latitude [rad], longitude [rad], height [m] of sensors nobody described.
        window: Length of a step [s]; None for the sensors' own scan.
        doppler: Use range rates.
        hide_identity: Leave addresses, codes and callsigns out.

    Raises:
        EngineError: The columns say nothing that a tracker could use.
    """
    kind = kind_of(table)
    notes: list[str] = []
    time_ns = table.times()
    names = table.text("sensor", "sensor")
    told_by = {item["id"]: item for item in told}
    heard: list[Heard] = []
    sensors: list[Sensor] = []
    lost = int((time_ns <= 0).sum())
    if lost:
        notes.append(f"{lost} rows without a time: left out")
    which = np.array(names, dtype=object)
    for name in dict.fromkeys(names):
        rows = np.flatnonzero((which == name) & (time_ns > 0))
        one = told_by.get(name) or (told[0] if len(told) == 1 and len(set(names)) == 1 else None)
        sensor, batch = BUILD[kind](table, rows, time_ns[rows], name, one, place, notes)
        if not doppler:
            batch = _no_doppler(batch)
        sensors.append(sensor)
        heard.append(without_identity(batch) if hide_identity else batch)
    return Recording(
        name=table.name,
        layout=f"{LAYOUT} ({kind})",
        ground=ground_of(sensors, place),
        sensors=tuple(sensors),
        scans=cut(heard, tuple(sensors), window),
        notes=tuple(notes),
    )


def kind_of(table: Table) -> str:
    """Tell what the rows of a table are: ``plots``, ``positions`` or ``bearings``.

    Raises:
        EngineError: They are none of these.
    """
    if table.has("range", "azimuth"):
        return "plots"
    if table.has("lat", "lon") or table.has("x", "y"):
        return "positions"
    if table.has("azimuth"):
        return "bearings"
    raise EngineError(
        f"{table.name} has columns {', '.join(table.columns) or 'none'}: expected "
        f"{'; or '.join(MEASURES)} (names and units in docs/fuse.md; --columns OURS=THEIRS "
        "says which column is which)"
    )


def ground_of(sensors: list[Sensor], place: tuple[float, float, float] | None) -> Ground:
    """Stand the east, north, up of a run at its first sensor, with z from the datum's zero."""
    lat, lon, height = place or PLACE
    if sensors:
        lat, lon, height = sensors[0].lat, sensors[0].lon, sensors[0].height
    return Ground(lat=lat, lon=lon, height=height, lift=height)


def _plots(
    table: Table,
    rows: Rows,
    time_ns: NDArray[np.int64],
    name: str,
    told: dict[str, Any] | None,
    place: tuple[float, float, float] | None,
    notes: list[str],
) -> tuple[Sensor, Heard]:
    order = rows[np.argsort(time_ns, kind="stable")]
    time_ns = np.sort(time_ns, kind="stable")
    reach, azimuth = table.number("range")[order], table.number("azimuth")[order]
    elevation, rate = table.number("elevation")[order], table.number("range_rate")[order]
    batch = detection_batch(
        name,
        Origin(sensor=name, feed="file"),
        time_ns,
        reach,
        np.mod(azimuth, 2.0 * np.pi),
        elevation=elevation,
        range_rate=rate,
        height=table.number("height")[order],
        snr_db=table.number("snr_db")[order],
        **_identity(table, order),
    )
    period = period_of(time_ns, batch.azimuth)
    used = _or(told["scan_period_s"] if told else None, period)
    duration = float(time_ns[-1] - time_ns[0]) / NS if len(time_ns) else 0.0
    looks = duration / used + 1.0 if np.isfinite(used) else 1.0
    seen = {
        "kind": SensorKind.RADAR_3D if np.isfinite(elevation).any() else SensorKind.RADAR_2D,
        "period": period,
        "reach": float(np.nanmax(reach)) if np.isfinite(reach).any() else 1e3,
        "elevation": bool(np.isfinite(elevation).any()),
        "range_rate": bool(np.isfinite(rate).any()),
        "per_scan": len(order) / looks,
    }
    return describe(name, told, place, seen, notes), batch


def _positions(
    table: Table,
    rows: Rows,
    time_ns: NDArray[np.int64],
    name: str,
    told: dict[str, Any] | None,
    place: tuple[float, float, float] | None,
    notes: list[str],
) -> tuple[Sensor, Heard]:
    position, velocity, flat = places_of(table, place)
    rows = rows[np.isfinite(position[rows]).all(axis=1)]
    if len(rows) < len(time_ns):
        notes.append(f"{name}: {len(time_ns) - len(rows)} rows without a position: left out")
    time_ns = table.times()[rows]
    position, velocity = position[rows], velocity[rows]
    if not table.has("sigma"):
        notes.append(f"{name}: no column sigma_m: position errors taken as {SIGMA_POSITION:g} m")
    across = np.nan_to_num(table.number("sigma")[rows], nan=SIGMA_POSITION)
    usual = SIGMA_NO_HEIGHT if flat else SIGMA_UP
    up = np.nan_to_num(table.number("sigma_up")[rows], nan=usual)
    lat, lon, _ = geodetic_from_ecef(position)
    turn = enu_rotation(lat, lon)
    variance = np.stack((across**2, across**2, up**2), axis=-1)
    cov = turn.swapaxes(-1, -2) @ (variance[:, :, None] * turn)
    batch = position_reports(
        name, Origin(sensor=name, feed="file"), time_ns, position, cov, velocity=velocity,
        **_identity(table, rows),
    )  # fmt: skip
    spot = place or PLACE
    if place is None and table.has("lat", "lon") and len(position):
        spot = _spot(np.median(position, axis=0))
    spread = np.linalg.norm(position - ecef_from_geodetic(*spot), axis=1)
    stamps = np.unique(time_ns)
    period = float(np.median(np.diff(stamps))) / NS if len(stamps) > 1 else math.nan
    seen = {
        "kind": SensorKind.UNKNOWN,
        "period": max(period, 1.0) if np.isfinite(period) else math.nan,
        "reach": float(spread.max()) if len(spread) else 1e3,
        "elevation": not flat,
        "range_rate": False,
        "per_scan": len(rows) / max(len(stamps), 1),
    }
    return describe(name, told, spot, seen, notes), in_order(batch)


def _bearings(
    table: Table,
    rows: Rows,
    time_ns: NDArray[np.int64],
    name: str,
    told: dict[str, Any] | None,
    place: tuple[float, float, float] | None,
    notes: list[str],
) -> tuple[Sensor, Heard]:
    stamps = np.unique(time_ns)
    period = float(np.median(np.diff(stamps))) / NS if len(stamps) > 1 else math.nan
    elevation = table.number("elevation")[rows]
    seen = {
        "kind": SensorKind.CAMERA,
        "period": period,
        "reach": 10e3,
        "elevation": bool(np.isfinite(elevation).any()),
        "range_rate": False,
        "per_scan": len(rows) / max(len(stamps), 1),
    }
    sensor = describe(name, told, place, seen, notes)
    own = table.has("platform_lat", "platform_lon")
    lens = np.column_stack(
        [table.number(f"platform_{axis}")[rows] for axis in ("lat", "lon", "height")]
    )
    still = np.array([sensor.lat, sensor.lon, sensor.height])
    lens = np.where(np.isfinite(lens), lens, still) if own else np.tile(still, (len(rows), 1))
    sigma = table.number("sigma_azimuth")[rows]
    sigma_up = table.number("sigma_elevation")[rows]
    usual = sensor.sigma_azimuth if told else SIGMA_BEARING
    batch = bearing_batch(
        name,
        Origin(sensor=name, feed="file"),
        time_ns,
        ecef_from_geodetic(lens[:, 0], lens[:, 1], lens[:, 2]),
        np.mod(table.number("azimuth")[rows], 2.0 * np.pi),
        np.where(np.isfinite(sigma), sigma, usual),
        elevation=elevation,
        sigma_elevation=np.where(
            np.isfinite(elevation), np.where(np.isfinite(sigma_up), sigma_up, usual), np.nan
        ),
        snr_db=table.number("snr_db")[rows],
    )
    return sensor, in_order(batch)


BUILD: dict[str, Any] = {"plots": _plots, "positions": _positions, "bearings": _bearings}


def places_of(table: Table, place: tuple[float, float, float] | None) -> tuple[Array, Array, bool]:
    """Give positions and velocities ``(n, 3)`` in ECEF, NaN unknown, and whether heights are not.

    Args:
        table: With lat and lon, or x and y.
        place: Origin of x, y, z; the usual one otherwise. z counts from the datum's zero there.
    """
    lat, lon, height = place or PLACE
    vx, vy, vz = (table.number(one) for one in ("vx", "vy", "vz"))
    if table.has("lat", "lon"):
        where = table.number("lat"), table.number("lon")
        up = table.number("height") if table.has("height") else table.number("z")
        flat = not np.isfinite(up).any()
        position = ecef_from_geodetic(
            *where, np.where(np.isfinite(up), up, 0.0 if flat else np.nan)
        )
        turn = enu_rotation(*where)
    else:
        up = table.number("z") if table.has("z") else table.number("height")
        flat = not np.isfinite(up).any()
        up = np.where(np.isfinite(up), up, height) if flat else up
        local = np.column_stack((table.number("x"), table.number("y"), up - height))
        frame = local_frame(lat, lon, height)
        position, turn = ecef_from_enu(local, frame), frame.rotation
    vz = np.where(np.isfinite(vz), vz, 0.0)
    velocity = np.einsum("...ji,...j->...i", turn, np.column_stack((vx, vy, vz)))
    return position, velocity, flat


def _spot(position: Array) -> tuple[float, float, float]:
    lat, lon, height = geodetic_from_ecef(position)
    return float(lat), float(lon), float(height)


def _identity(table: Table, rows: Rows) -> dict[str, Any]:
    """Read addresses (hexadecimal), codes (octal) and callsigns; what cannot be one is none."""
    address = [_code(text, 16, 0, 0xFFFFFF) for text in table.text("mode_s")]
    code = [_code(text, 8, -1, 0o7777) for text in table.text("mode_3a")]
    callsign = [text.encode("ascii", "ignore")[:8] for text in table.text("callsign")]
    return {
        "mode_s": np.array(address, np.uint32)[rows],
        "mode_3a": np.array(code, np.int32)[rows],
        "callsign": np.array(callsign, "S8")[rows],
    }


def _code(text: str, radix: int, none: int, most: int) -> int:
    try:
        value = int(text.removesuffix(".0"), radix)
    except ValueError:
        return none
    return value if 0 <= value <= most else none


def _no_doppler(batch: Heard) -> Heard:
    if not isinstance(batch, DetectionBatch):
        return batch
    return dataclasses.replace(batch, range_rate=np.full(len(batch), np.nan))


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def seen_from(position: Array, sensor: Sensor) -> tuple[Array, Array, Array]:
    """Give range [m], azimuth and elevation [rad] of ECEF positions as a sensor would see them."""
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    return spherical_from_enu((position - frame.origin) @ frame.rotation.T)
