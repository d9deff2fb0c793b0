"""Records as the objects of the API and the stream: degrees, lower-case words (docs/stream.md)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from steppewatch import __version__
from steppewatch.command.tracks import JOINT, Rows, TrackTable, feed_number
from steppewatch.fuse.associate.decision import Method
from steppewatch.records import (
    Alert,
    Sensor,
    SensorStatus,
    Site,
    TargetClass,
    TrackStatus,
    tracker_code,
)
from steppewatch.world.terrain import TerrainInfo

Object = dict[str, Any]
Box = tuple[float, float, float, float]

# Columns of a frame that are the table's own; the others are made from it in `track_columns`.
_AS_THEY_ARE = (
    "key", "feed", "height", "ground", "speed", "climb", "sigma", "status", "target", "existence",
    "hits", "mode_s", "mode_3a", "callsign", "hidden", "trackers",
)  # fmt: skip
_FULL_TURN_DEG = 360.0
_METHODS = {method.value: method.name.lower() for method in Method}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInfo:
    """Say what this node shows.

    Attributes:
        title: The scenario's, recording's or sector's name.
        mode: ``"rehearsal"``, ``"replay"`` or ``"live"``.
        version: Of the program.
        home: Latitude, longitude [deg] and map zoom of the first view; None to fit the sensors.
        foreign: Name of the tracker whose tracks are shown beside ours, ``""`` for none.
        trackers: Names of the trackers whose tracks are joined, the own one first; none where
            nothing is joined.
    """

    title: str
    mode: str
    version: str = __version__
    home: tuple[float, float, float] | None = None
    foreign: str = ""
    trackers: tuple[str, ...] = ()


def info_object(
    info: PictureInfo,
    terrain: TerrainInfo,
    home_deg: Box | None,
    *,
    now_ns: int,
    rate: float,
    recording: bool,
) -> Object:
    """Describe the node."""
    return {
        "title": info.title,
        "mode": info.mode,
        "version": info.version,
        "now_ns": now_ns,
        "rate": rate,
        "home": None if home_deg is None else list(home_deg),
        "terrain": {
            "label": terrain.label,
            "origin": terrain.source,
            "synthetic": terrain.synthetic,
            "datum": terrain.datum,
            "notes": list(terrain.notes),
        },
        "recording": recording,
        "foreign": info.foreign,
        "trackers": [{"name": name, "code": tracker_code(name)} for name in info.trackers],
    }


def site_object(site: Site) -> Object:
    """Describe a site."""
    return {
        "id": site.id,
        "name": site.name,
        "lat": math.degrees(site.lat),
        "lon": math.degrees(site.lon),
        "height": site.height,
    }


def sensor_object(sensor: Sensor) -> Object:
    """Describe a sensor."""
    return {
        "id": sensor.id,
        "name": sensor.name,
        "site": sensor.site,
        "kind": sensor.kind.name.lower(),
        "lat": math.degrees(sensor.lat),
        "lon": math.degrees(sensor.lon),
        "height": sensor.height,
        "min_range": sensor.min_range,
        "max_range": sensor.max_range,
        "scan_period": sensor.scan_period,
        "sector_start_deg": math.degrees(sensor.sector_start),
        "sector_width_deg": math.degrees(sensor.sector_width),
        "address": sensor.address,
        "position_assumed": sensor.position_assumed,
    }


def status_object(status: SensorStatus) -> Object:
    """Describe how a sensor is doing."""
    return {
        "sensor": status.sensor,
        "time_ns": status.time_ns,
        "health": status.health.name.lower(),
        "reason": status.reason,
        "last_data_ns": status.last_data_ns,
        "rotation_period": status.rotation_period,
        "messages": status.messages,
        "detections": status.detections,
        "errors": status.errors,
    }


def alert_object(alert: Alert) -> Object:
    """Describe an alert."""
    return {
        "id": alert.id,
        "time_ns": alert.time_ns,
        "rule": alert.rule,
        "severity": alert.severity.name.lower(),
        "text": alert.text,
        "track": alert.track,
        "feed": feed_number(alert.track_feed) if alert.track_feed else -1,
        "sensor": alert.sensor,
        "lat": math.degrees(alert.lat),
        "lon": math.degrees(alert.lon),
        "border": alert.border,
        "border_km": alert.border_km,
        "closed_ns": alert.closed_ns,
        "acknowledged_ns": alert.acknowledged_ns,
        "acknowledged_by": alert.acknowledged_by,
    }


def why_object(table: TrackTable, row: int, sensors: Mapping[str, Sensor], now_ns: int) -> Object:
    """Say why a track is believed: its classes, who holds it, its latest plots."""
    reason = table.reason(row)
    chance = reason.class_prob.tolist()
    kinds = sorted((k for k in TargetClass if k), key=lambda kind: -chance[kind])
    known = not math.isnan(chance[0])

    def named(name: str) -> Object:
        return {"id": name, "name": sensors[name].name if name in sensors else name}

    def cell(name: str) -> Any:
        return table.column(name)[row].item()

    return {
        "key": cell("key"),
        "id": cell("id"),
        "feed": cell("feed"),
        "now_ns": now_ns,
        "status": TrackStatus(cell("status")).name.lower(),
        "existence": cell("existence"),
        "hidden": bool(cell("hidden")),
        # A joint track's batch has room for reasons; whether anybody gave some is another matter.
        "said": reason.said if cell("feed") != JOINT else known or bool(reason.sensors),
        "nothing": chance[0],
        "classes": [
            {"class": kind.name.lower(), "probability": chance[kind]} for kind in kinds if known
        ],
        "trackers": [name for i, name in enumerate(table.trackers) if cell("trackers") >> i & 1],
        "sensors": [named(name) for name in reason.sensors],
        "plots": [
            {
                "time_ns": int(reason.time_ns[i]),
                "age": (now_ns - int(reason.time_ns[i])) / 1e9,
                "sensor": name,
                "sensor_name": named(name)["name"],
                "plot": int(reason.plot[i]),
                "weight": float(reason.weight[i]),
                "method": _METHODS.get(int(reason.method[i]), "unknown"),
            }
            for i, name in enumerate(reason.sensor)
        ],
    }


def track_columns(table: TrackTable, rows: Rows, now_ns: int) -> dict[str, np.ndarray[Any, Any]]:
    """Cut the columns of some tracks for a frame: degrees, and ages instead of times."""

    def since(name: str) -> np.ndarray[Any, Any]:
        return ((now_ns - table.column(name)[rows].astype(np.int64)) / 1e9).astype(np.float32)

    columns: dict[str, np.ndarray[Any, Any]] = {n: table.column(n)[rows] for n in _AS_THEY_ARE}
    columns["id"] = table.column("id")[rows].astype(np.float64)
    columns["lat"] = np.degrees(table.column("lat")[rows].astype(np.float64))
    columns["lon"] = np.degrees(table.column("lon")[rows].astype(np.float64))
    course = np.degrees(table.column("course")[rows].astype(np.float64)) % _FULL_TURN_DEG
    columns["course"] = course.astype(np.float32)
    columns["age"], columns["seen"] = since("born_ns"), since("seen_ns")
    columns["past"] = since("time_ns")
    return columns


def track_features(columns: Mapping[str, np.ndarray[Any, Any]]) -> list[Object]:
    """Turn columns into GeoJSON features (RFC 7946: longitude first, degrees, height in metres)."""
    lists = {name: column.tolist() for name, column in columns.items()}
    lists["callsign"] = [c.decode("ascii", "replace").strip() for c in lists["callsign"]]
    lists["id"] = [int(i) for i in lists["id"]]
    names = [name for name in lists if name not in {"lat", "lon"}]
    features = []
    for i, (lon, lat, height) in enumerate(
        zip(lists["lon"], lists["lat"], lists["height"], strict=True)
    ):
        place = [round(lon, 7), round(lat, 7)]
        if not math.isnan(height):
            place.append(round(height, 1))
        features.append(
            {
                "type": "Feature",
                "id": lists["key"][i],
                "geometry": {"type": "Point", "coordinates": place},
                "properties": {name: lists[name][i] for name in names},
            }
        )
    return features
