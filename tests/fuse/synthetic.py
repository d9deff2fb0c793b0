"""The seeded benchmark files as detections of a radar somewhere on the ellipsoid."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import DetectionBatch, Origin, Sensor, SensorKind, detection_batch
from steppewatch.world.geodesy import LocalFrame, local_frame

START_NS = 1_700_000_000_000_000_000
ORIGIN = Origin(feed="rehearsal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One benchmark file: radar, scans, and truth in the radar's own ENU."""

    sensor: Sensor
    frame: LocalFrame
    scans: list[DetectionBatch]
    times_ns: list[int]
    truth: NDArray[np.float64]  # (scans, targets, 6): position, velocity, radar at the origin
    meta: dict[str, Any]


def load(path: Path, *, doppler: bool = False) -> Run:
    """Read a file; its flat ENU about the radar becomes the tangent frame at 47° N 106° E."""
    data = np.load(path)
    meta = json.loads(str(data["meta"]))
    sigma = meta["sigma"]
    sensor = Sensor(
        id="radar", name="radar", site="site", kind=SensorKind.RADAR_3D,
        lat=math.radians(47.0), lon=math.radians(106.0), height=1500.0,
        min_range=0.0, max_range=meta["R"] * 1.02, scan_period=meta["T"],
        sector_start=0.0, sector_width=2.0 * math.pi,
        sigma_range=sigma[2], sigma_azimuth=sigma[1], sigma_elevation=sigma[0],
        sigma_range_rate=sigma[3] if doppler else math.nan,
        detection_probability=meta["pd"], false_alarms=meta["clutter_per_scan"], origin=ORIGIN,
    )  # fmt: skip
    offsets, det = data["det_off"], data["det"]
    times = [START_NS + round(k * meta["T"] * 1e9) for k in range(len(offsets) - 1)]
    scans = []
    for k, time_ns in enumerate(times):
        rows = det[offsets[k] : offsets[k + 1]]
        scans.append(
            detection_batch(
                "radar",
                ORIGIN,
                np.full(len(rows), time_ns),
                rows[:, 2],
                np.mod(np.pi / 2 - rows[:, 1], 2 * np.pi),
                elevation=rows[:, 0],
                range_rate=rows[:, 3],
            )
        )
    truth = data["truth"][:, :, [0, 2, 4, 1, 3, 5]].copy()
    truth[:, :, 2] -= meta["z_radar"]
    return Run(
        sensor=sensor,
        frame=local_frame(sensor.lat, sensor.lon, sensor.height),
        scans=scans,
        times_ns=times,
        truth=truth,
        meta=meta,
    )
