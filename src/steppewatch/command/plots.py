"""Recent detections as points on the map, kept for a few seconds so that they can fade."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import DetectionBatch, Sensor
from steppewatch.world.geodesy import (
    MEAN_RADIUS,
    ecef_from_enu,
    enu_from_spherical,
    geodetic_from_ecef,
    local_frame,
)

Array = NDArray[np.float64]

MEMORY_NS = 15_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """Hold k plots in geodetic coordinates.

    Attributes:
        version: ``(k,)`` int64, the picture's version at which each came.
        time_ns: ``(k,)`` int64 [ns UTC].
        lat: ``(k,)`` [rad].
        lon: ``(k,)`` [rad].
        height: ``(k,)`` float32 [m]; NaN when it was neither measured nor reported.
        kind: ``(k,)`` uint8, ``PlotKind``.
        sensor: ``(k,)`` uint8, number of the sensor in the picture's list.
    """

    version: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    lat: Array
    lon: Array
    height: NDArray[np.float32]
    kind: NDArray[np.uint8]
    sensor: NDArray[np.uint8]


def place(sensor: Sensor, batch: DetectionBatch) -> tuple[Array, Array, NDArray[np.float32]]:
    """Put detections on the map: latitude, longitude [rad], height [m], each ``(n,)``.

    Where no elevation was measured, the target's own reported height gives it; without that the
    plot is drawn as if it were as high as the sensor, and its height is NaN.
    """
    up = np.where(np.isnan(batch.height), sensor.height, batch.height) - sensor.height
    slant = np.maximum(batch.slant_range, 1.0)
    # sin(elevation) of a point ``up`` above the sensor's level, on a sphere of the mean radius.
    sine = up / slant - (slant**2 - up**2) / (2.0 * MEAN_RADIUS * slant)
    guessed = np.arcsin(np.clip(sine, -1.0, 1.0))
    elevation = np.where(np.isnan(batch.elevation), guessed, batch.elevation)
    local = enu_from_spherical(batch.slant_range, batch.azimuth, elevation)
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    lat, lon, height = geodetic_from_ecef(ecef_from_enu(local, frame))
    unknown = np.isnan(batch.elevation) & np.isnan(batch.height)
    return lat, lon, np.where(unknown, np.nan, height).astype(np.float32)


class PlotMemory:
    """Keep the plots of the last :data:`MEMORY_NS`, newest last."""

    def __init__(self) -> None:
        self._chunks: deque[Plots] = deque()

    def add(self, sensor: Sensor, number: int, batch: DetectionBatch, version: int) -> None:
        """Take one batch of the sensor with this number in the picture's list."""
        lat, lon, height = place(sensor, batch)
        n = len(batch)
        self._chunks.append(
            Plots(
                version=np.full(n, version, np.int64),
                time_ns=batch.time_ns,
                lat=lat,
                lon=lon,
                height=height,
                kind=batch.kind,
                sensor=np.full(n, min(number, 255), np.uint8),
            )
        )

    def forget(self, now_ns: int) -> None:
        """Drop batches whose every plot is too old."""
        while self._chunks and self._chunks[0].time_ns.max(initial=0) < now_ns - MEMORY_NS:
            self._chunks.popleft()

    def since(self, version: int) -> Plots:
        """Give the plots that came after a version of the picture; all of them for −1."""
        fresh: list[Plots] = []
        for chunk in reversed(self._chunks):
            if len(chunk.version) and chunk.version[0] <= version:
                break
            fresh.append(chunk)
        fresh.reverse()
        return _join(fresh)


def _join(chunks: list[Plots]) -> Plots:
    def column(name: str, dtype: str) -> NDArray[np.generic]:
        parts = [getattr(chunk, name) for chunk in chunks]
        return np.concatenate(parts) if parts else np.empty(0, dtype)

    columns = {
        "version": "i8", "time_ns": "i8", "lat": "f8", "lon": "f8", "height": "f4", "kind": "u1",
        "sensor": "u1",
    }  # fmt: skip
    return Plots(**{name: column(name, dtype) for name, dtype in columns.items()})  # type: ignore[arg-type]
