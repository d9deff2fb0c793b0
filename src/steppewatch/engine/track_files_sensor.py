"""Sensors as a table of detections describes them: a line of comment, a TOML table, or nothing.

In a CSV file: ``# sensor id=north lat_deg=47.85 lon_deg=106.77 height_m=1330 sigma_range_m=30``;
with ``--sensors`` a TOML file with the same keys in ``[[sensor]]``; in an ``.npz`` file an array
``sensors`` with a JSON list of objects.
"""

import json
import math
import tomllib
from collections.abc import Iterable
from typing import Any

import numpy as np

from steppewatch.engine.track_cut import USUAL_PERIOD
from steppewatch.engine.track_files_table import DEGREE
from steppewatch.errors import EngineError
from steppewatch.plan.installed import load_sensors
from steppewatch.records import Origin, Sensor, SensorKind
from steppewatch.written import Key, Spot, check, parse

PLACE = (math.radians(47.0), math.radians(106.0), 1500.0)
KINDS = {
    "radar-3d": SensorKind.RADAR_3D,
    "radar-2d": SensorKind.RADAR_2D,
    "ground-radar": SensorKind.GROUND_RADAR,
    "secondary-radar": SensorKind.SECONDARY_RADAR,
    "camera": SensorKind.CAMERA,
    "other": SensorKind.UNKNOWN,
}
KEYS: dict[str, Key] = {
    "id": Key("text"),
    "kind": Key("text", None, choices=tuple(KINDS)),
    "lat_deg": Key("number", None, -90.0, 90.0),
    "lon_deg": Key("number", None, -180.0, 180.0),
    "height_m": Key("number", None, -500.0, 20_000.0),
    "min_range_km": Key("number", 0.0, 0.0, 1_000.0),
    "max_range_km": Key("number", None, 0.001, 2_000.0),
    "scan_period_s": Key("number", None, 0.01, 600.0),
    "sector_deg": Key("list", None),
    "sigma_range_m": Key("number", None, 1e-3, 10_000.0),
    "sigma_azimuth_deg": Key("number", None, 1e-4, 28.0),
    "sigma_elevation_deg": Key("number", None, 1e-4, 28.0),
    "sigma_range_rate_mps": Key("number", None, 1e-3, 100.0),
    "detection_probability": Key("number", 0.9, 0.01, 0.999),
    "false_alarms": Key("number", None, 0.0, 1e6),
}
SIGMA_RANGE, SIGMA_AZIMUTH, SIGMA_ELEVATION, SIGMA_RATE = 50.0, 0.15, 0.25, 1.5  # m, deg, deg, m/s
FALSE_SHARE = 0.1


def told_sensors(text: str, name: str) -> tuple[dict[str, Any], ...] | tuple[Sensor, ...]:
    """Read a file of sensors: those with an ``address`` are installed radars, as for ``replay``.

    Raises:
        SteppewatchError: Something in it is unknown, missing or impossible.
    """
    try:
        raw = tomllib.loads(text).get("sensor", [])
    except tomllib.TOMLDecodeError:
        raw = []
    if isinstance(raw, list) and any("address" in item for item in raw if isinstance(item, dict)):
        return load_sensors(text, name)
    items = parse(text, name, EngineError, "docs/fuse.md").get("sensor", [])
    if not isinstance(items, list) or not items:
        raise EngineError(
            f"{name} has no [[sensor]]: expected one for each sensor; see docs/fuse.md"
        )
    return tuple(
        check(Spot(file=name, text=text, table="sensor", index=i, error=EngineError), item, KEYS)
        for i, item in enumerate(items)
    )


def commented_sensors(comments: Iterable[str], name: str) -> tuple[dict[str, Any], ...]:
    """Read the sensors in the comments of a table.

    Raises:
        EngineError: One of them is not as it should be.
    """
    found: list[dict[str, Any]] = []
    for line in comments:
        if line.startswith(("[", "{")):
            found += _from_json(line, name)
        elif line.startswith("sensor "):
            pairs = [word.partition("=") for word in line.split()[1:]]
            found.append({key: _value(value) for key, _, value in pairs})
    spot = Spot(file=name, text="", table="sensor", error=EngineError)
    return tuple(check(spot, item, KEYS) for item in found)


def _from_json(text: str, name: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise EngineError(f"{name}: sensors is no JSON ({error})") from error
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, dict)]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def describe(
    sensor: str,
    told: dict[str, Any] | None,
    place: tuple[float, float, float] | None,
    seen: dict[str, Any],
    notes: list[str],
) -> Sensor:
    """Make a sensor's description of what was told, and of what its plots show.

    Args:
        sensor: Its id.
        told: Values of :data:`KEYS`, or None.
        place: Latitude [rad], longitude [rad], height [m] when nobody told its own.
        seen: ``period`` [s], ``reach`` [m], ``elevation``, ``range_rate`` (bool: measured) and
            ``per_scan`` of its plots, and ``kind``.
        notes: What had to be assumed is added here.
    """
    usual: dict[str, Any] = {name: key.default for name, key in KEYS.items()}
    value = usual | (told or {})
    assumed = [key for key in ("sigma_range_m", "sigma_azimuth_deg") if value[key] is None]
    lat, lon, height = place or PLACE
    stands = value["lat_deg"] is not None and value["lon_deg"] is not None
    if stands:
        lat, lon = math.radians(value["lat_deg"]), math.radians(value["lon_deg"])
        height = value["height_m"] or 0.0
    if seen["kind"] != SensorKind.UNKNOWN:
        if not stands and place is None:
            notes.append(f"{sensor}: nobody says where it stands: assumed at 47° N 106° E, 1,500 m")
        if assumed:
            notes.append(f"{sensor}: {', '.join(assumed)} not told: assumed")
    start, width = _sector(value["sector_deg"], sensor)
    upright, rated = seen["elevation"], seen["range_rate"]
    return Sensor(
        id=sensor,
        name=sensor,
        site="",
        kind=KINDS[value["kind"]] if value["kind"] else seen["kind"],
        lat=lat,
        lon=lon,
        height=height,
        min_range=1e3 * value["min_range_km"],
        max_range=1e3 * value["max_range_km"] if value["max_range_km"] else 1.05 * seen["reach"],
        scan_period=_or(value["scan_period_s"], _or(seen["period"], USUAL_PERIOD)),
        sector_start=start,
        sector_width=width,
        sigma_range=_or(value["sigma_range_m"], SIGMA_RANGE),
        sigma_azimuth=DEGREE * _or(value["sigma_azimuth_deg"], SIGMA_AZIMUTH),
        sigma_elevation=DEGREE * _or(value["sigma_elevation_deg"], SIGMA_ELEVATION)
        if upright
        else math.nan,
        sigma_range_rate=_or(value["sigma_range_rate_mps"], SIGMA_RATE) if rated else math.nan,
        detection_probability=value["detection_probability"],
        false_alarms=_or(value["false_alarms"], max(0.5, FALSE_SHARE * seen["per_scan"])),
        position_assumed=not stands and place is None,
        origin=Origin(sensor=sensor, feed="file"),
    )


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None or not np.isfinite(value) else float(value)


def _sector(value: Any, sensor: str) -> tuple[float, float]:
    if value is None:
        return 0.0, 2.0 * math.pi
    if len(value) != 2 or not all(isinstance(x, int | float) for x in value):
        raise EngineError(
            f"{sensor}: sector_deg is {value!r}, expected [first azimuth, last azimuth], clockwise"
        )
    return math.radians(value[0] % 360.0), math.radians((value[1] - value[0]) % 360.0 or 360.0)
