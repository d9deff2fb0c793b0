"""Columns with a header, from ``.csv`` or ``.npz``: what they are called and what they mean.

A name carries its unit (``range_m``, ``azimuth_deg``); names that other programs use (Stone Soup,
OpenSky, AIS) are known too. Angles without a unit are refused: a bearing may be in degrees or
radians, from north or from east, and a guess would turn the picture.
"""

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_recording import NS, START_NS
from steppewatch.errors import EngineError
from steppewatch.written import expected_name

Floats = NDArray[np.float64]
DEGREE, FOOT, KNOT, NM = math.pi / 180.0, 0.3048, 1852.0 / 3600.0, 1852.0

# What is meant → names in files (lower case, "_" for all else) and their factor into SI.
NAMES: dict[str, dict[str, float]] = {
    "range": {"range_m": 1.0, "slant_range_m": 1.0, "range_km": 1e3, "range_nm": NM, "range": 1.0},
    "azimuth": {
        "azimuth_deg": DEGREE, "bearing_deg": DEGREE, "az_deg": DEGREE, "azimuth_rad": 1.0,
        "bearing_rad": 1.0,
    },
    "elevation": {"elevation_deg": DEGREE, "el_deg": DEGREE, "elevation_rad": 1.0},
    "range_rate": {"range_rate_mps": 1.0, "range_rate": 1.0, "doppler_mps": 1.0},
    "height": {
        "height_m": 1.0, "altitude_m": 1.0, "alt_m": 1.0, "geoaltitude": 1.0, "baroaltitude": 1.0,
        "altitude": 1.0, "height": 1.0, "altitude_ft": FOOT, "mode_c_ft": FOOT,
        "flight_level": 100.0 * FOOT,
    },
    "lat": {
        "lat_deg": DEGREE, "lat": DEGREE, "latitude": DEGREE, "latitude_deg": DEGREE,
        "latitude_degrees": DEGREE,
    },
    "lon": {
        "lon_deg": DEGREE, "lon": DEGREE, "longitude": DEGREE, "longitude_deg": DEGREE,
        "longitude_degrees": DEGREE,
    },
    "x": {"x_m": 1.0, "x": 1.0, "east_m": 1.0, "east": 1.0, "x_pos": 1.0, "pos_x": 1.0},
    "y": {"y_m": 1.0, "y": 1.0, "north_m": 1.0, "north": 1.0, "y_pos": 1.0, "pos_y": 1.0},
    "z": {"z_m": 1.0, "z": 1.0, "up_m": 1.0, "up": 1.0, "z_pos": 1.0, "pos_z": 1.0},
    "vx": {"vx_mps": 1.0, "vx": 1.0, "x_vel": 1.0, "vel_x": 1.0, "x_speed": 1.0, "vx_m_s": 1.0},
    "vy": {"vy_mps": 1.0, "vy": 1.0, "y_vel": 1.0, "vel_y": 1.0, "y_speed": 1.0, "vy_m_s": 1.0},
    "vz": {"vz_mps": 1.0, "vz": 1.0, "z_vel": 1.0, "vel_z": 1.0, "vertrate": 1.0},
    "snr_db": {"snr_db": 1.0, "amplitude_db": 1.0},
    "sigma": {"sigma_m": 1.0, "sigma_horizontal_m": 1.0},
    "sigma_up": {"sigma_vertical_m": 1.0},
    "sigma_azimuth": {"sigma_azimuth_deg": DEGREE, "sigma_azimuth_rad": 1.0},
    "sigma_elevation": {"sigma_elevation_deg": DEGREE, "sigma_elevation_rad": 1.0},
    "platform_lat": {"platform_lat_deg": DEGREE},
    "platform_lon": {"platform_lon_deg": DEGREE},
    "platform_height": {"platform_height_m": 1.0},
}  # fmt: skip
TEXTS: dict[str, tuple[str, ...]] = {
    "sensor": ("sensor", "sensor_id", "radar"),
    "id": ("id", "target_id", "track_id", "identifier", "path_id", "target", "mmsi", "icao24"),
    "mode_s": ("mode_s", "icao24", "icao_address"),
    "mode_3a": ("mode_3a", "squawk"),
    "callsign": ("callsign",),
}
TIMES = ("time", "time_ns", "time_s", "timestamp", "datetime", "t", "time_utc")
NO_UNIT = {"azimuth": "azimuth_deg", "bearing": "azimuth_deg", "elevation": "elevation_deg",
           "az": "azimuth_deg", "el": "elevation_deg"}  # fmt: skip
MEASURES = ("range, azimuth", "lat, lon", "x, y", "azimuth with platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Hold n rows of named columns, each an array or a list of texts.

    Attributes:
        name: Of the file.
        columns: Name in small letters → values.
        rows: n.
        comments: Lines that began with ``#``, without it.
    """

    name: str
    columns: Mapping[str, Any]
    rows: int
    comments: tuple[str, ...] = ()

    def has(self, *meant: str) -> bool:
        """Tell whether all of these are there, under any name."""
        return all(self._find(one) is not None for one in meant)

    def number(self, meant: str, otherwise: float = math.nan) -> Floats:
        """Give one column in SI ``(n,)``; NaN where empty, ``otherwise`` when it is not there.

        Raises:
            EngineError: A value is no number.
        """
        found = self._find(meant)
        if found is None:
            return np.full(self.rows, otherwise)
        values = numbers(self.columns[found], f"{self.name}: column {found}")
        return values * NAMES[meant][found]

    def text(self, meant: str, otherwise: str = "") -> list[str]:
        """Give one column of texts ``(n,)``."""
        found = next((name for name in TEXTS[meant] if name in self.columns), None)
        if found is None:
            return [otherwise] * self.rows
        return ["" if is_blank(v) else str(v).strip() for v in self.columns[found]]

    def times(self) -> NDArray[np.int64]:
        """Give the times ``(n,)`` [ns UTC], 0 where there is none.

        Raises:
            EngineError: There is no such column, or a value is no time.
        """
        found = next((name for name in TIMES if name in self.columns), None)
        if found is None:
            raise EngineError(
                f"{self.name} has columns {', '.join(self.columns) or 'none'}: expected a time "
                "(ISO 8601 or seconds); --columns time=NAME says which one it is"
            )
        return times_of(self.columns[found], found, self.name)

    def _find(self, meant: str) -> str | None:
        known = NAMES.get(meant) or TEXTS[meant]
        return next((name for name in known if name in self.columns), None)


def table_of(path: Path, data: Mapping[str, Any], renames: Mapping[str, str]) -> Table:
    """Make a table of a file's arrays: those with one value for each time.

    Args:
        path: The file, for its name.
        data: Arrays by name.
        renames: Our name → the file's.
    """
    columns = {tidy(name): value for name, value in data.items()}
    length = next((len(columns[t]) for t in TIMES if t in columns and columns[t].ndim == 1), 0)
    kept = {n: v for n, v in columns.items() if getattr(v, "ndim", 0) == 1 and len(v) == length}
    comments = tuple(str(columns[n]) for n in ("sensors",) if n in columns)
    return Table(
        name=path.name, columns=_renamed(kept, renames, path.name), rows=length, comments=comments
    )


def read_csv(path: Path, renames: Mapping[str, str]) -> Table:
    """Read a CSV file; its first line that is no comment names the columns.

    Args:
        path: The file.
        renames: Our name → the file's.

    Raises:
        EngineError: It cannot be read, or a line has too many or too few values.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"cannot read {path} ({error}): expected CSV in UTF-8") from error
    lines = text.splitlines()
    comments = tuple(line.lstrip()[1:].strip() for line in lines if line.lstrip().startswith("#"))
    body = [
        (i, line) for i, line in enumerate(lines, 1) if line.strip() and line.lstrip()[0] != "#"
    ]
    if not body:
        raise EngineError(f"{path} holds no line but comments: expected a header and rows")
    rows = list(csv.reader(io.StringIO("\n".join(line for _, line in body))))
    head = [tidy(name) for name in rows[0]]
    for (line, _), row in zip(body, rows, strict=False):
        if len(row) != len(head):
            raise EngineError(
                f"{path}:{line} has {len(row)} values, expected {len(head)} as the header has"
            )
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(head)}
    return Table(
        name=path.name,
        columns=_renamed(columns, renames, path.name),
        rows=len(rows) - 1,
        comments=comments,
    )


def _renamed(columns: dict[str, Any], renames: Mapping[str, str], name: str) -> dict[str, Any]:
    for ours, theirs in renames.items():
        found = tidy(theirs)
        if found not in columns:
            raise EngineError(
                f"{name} has no column {theirs!r} for {ours}: expected "
                f"{expected_name(found, tuple(columns))}"
            )
        columns[tidy(ours)] = columns[found]
    for bare, ours in NO_UNIT.items():
        known = set(NAMES[ours.rsplit("_", 1)[0]])
        if bare in columns and not known & set(columns):
            raise EngineError(
                f"{name}: column {bare!r} does not say its unit: name it {ours} (clockwise from "
                f"north) or give --columns {ours}={bare}"
            )
    return columns


def tidy(name: str) -> str:
    """Write a column's name in small letters with "_" between words.

    >>> tidy("Latitude (degrees)")
    'latitude_degrees'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def is_blank(value: object) -> bool:
    """Tell an empty value of a table."""
    return str(value).strip().lower() in {"", "nan", "none", "null"}


def numbers(values: Any, what: str) -> Floats:
    """Read numbers; empty ones are NaN.

    Raises:
        EngineError: A value is no number; the message names its row.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return values.astype(np.float64)
    out = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if is_blank(value):
            continue
        try:
            out[i] = float(value)
        except ValueError as error:
            raise EngineError(f"{what}, row {i + 1}: {value!r} is no number") from error
    return out


def times_of(values: Any, column: str, name: str) -> NDArray[np.int64]:
    """Read times: whole nanoseconds (``time_ns``), seconds since 1970 or since the start, ISO 8601.

    Seconds below 1e9 count from a start without a date. Without a zone a time is UTC.

    Raises:
        EngineError: A value is no time; the message names its row.
    """
    if column == "time_ns":
        return np.array([0 if is_blank(v) else int(float(v)) if isinstance(v, float) else int(v)
                         for v in values], np.int64)  # fmt: skip
    first = next((v for v in values if not is_blank(v)), "0")
    try:
        float(first)
    except ValueError:
        return np.array([_iso(v, i, name) for i, v in enumerate(values)], np.int64)
    seconds = numbers(values, f"{name}: column {column}")
    known = np.isfinite(seconds)
    whole = np.floor(np.where(known, seconds, 0.0))
    rest = np.where(known, seconds - whole, 0.0)
    begin = 0 if np.abs(seconds[known]).max(initial=0.0) > 1e9 else START_NS
    found = begin + whole.astype(np.int64) * NS + np.round(rest * NS).astype(np.int64)
    return np.where(known, found, 0)


def _iso(value: Any, row: int, name: str) -> int:
    if is_blank(value):
        return 0
    try:
        moment = dt.datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise EngineError(
            f"{name}, row {row + 1}: {value!r} is no time: expected ISO 8601 such as "
            "2026-06-01T04:00:00.5Z, or seconds"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    whole = moment.replace(microsecond=0)
    return round(whole.timestamp()) * NS + moment.microsecond * 1000
