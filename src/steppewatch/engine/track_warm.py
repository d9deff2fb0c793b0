"""Use the tracker's kernels before the clock runs: compiling is no part of what a scan costs.

Each kind of sensor of a recording sees made-up traffic, close enough together that all ways of
association are used; then the recording's own first scans are played and thrown away. The
tracker's memory is an argument of each step, so nothing of this stays in it.
"""

import dataclasses
import math

import numpy as np

from steppewatch import fuse
from steppewatch.engine.track_recording import NS, START_NS, Recording
from steppewatch.records import (
    DetectionBatch,
    Origin,
    Sensor,
    SensorKind,
    Stage,
    detection_batch,
)

WARM_TARGETS, WARM_SCANS, HEAD = 24, 9, 4
ORIGIN = Origin(feed="warming up")


def warm_up(stage: Stage[fuse.TrackerState], recording: Recording) -> None:
    """Use the kernels on made-up traffic, and then on the recording's own first scans."""
    kinds: dict[tuple[SensorKind, bool, bool], Sensor] = {}
    heard = [m for scan in recording.scans for m in scan.messages if isinstance(m, Sensor)]
    for sensor in (*recording.sensors, *heard):
        measures = (math.isfinite(sensor.sigma_elevation), math.isfinite(sensor.sigma_range_rate))
        kinds.setdefault((sensor.kind, *measures), sensor)
    sensors = [
        dataclasses.replace(sensor, id=f"warm-{i}", address="", scan_period=5.0, false_alarms=5.0)
        for i, sensor in enumerate(kinds.values())
    ]
    if sensors:
        _play_made_up(stage, sensors)
    state = stage.initial
    if recording.sensors and recording.scans:
        state, _ = stage.step(state, list(recording.sensors), recording.scans[0].now_ns)
    for scan in recording.scans[:HEAD]:
        state, _ = stage.step(state, scan.messages, scan.now_ns)
        fuse.tracks_at(state, scan.now_ns)


def _play_made_up(stage: Stage[fuse.TrackerState], sensors: list[Sensor]) -> None:
    state, _ = stage.step(stage.initial, sensors, START_NS)
    for k in range(WARM_SCANS):
        now_ns = START_NS + 5 * NS * k
        batches = [_made_up(sensor, now_ns, k) for sensor in sensors]
        state, _ = stage.step(state, batches, now_ns)
        fuse.tracks_at(state, now_ns)


def _made_up(sensor: Sensor, now_ns: int, k: int) -> DetectionBatch:
    """Give plots of pairs that fly side by side, some of them missed; the same in every run."""
    number = np.arange(WARM_TARGETS)
    number = number[(number + k) % 7 != 0]
    depth = max(sensor.max_range - sensor.min_range, 1e3)
    # Neighbours stand a σ or two apart, so that their gates overlap and all methods are used.
    reach = sensor.min_range + depth * (0.2 + 0.6 * (number // 2) / WARM_TARGETS)
    reach = reach + 2.0 * sensor.sigma_range * (number % 2) + 10.0 * k
    azimuth = np.mod(0.5 * (number // 2) + 2.0 * sensor.sigma_azimuth * (number % 2), 2.0 * np.pi)
    upright, rated = (
        math.isfinite(sensor.sigma_elevation),
        math.isfinite(sensor.sigma_range_rate),
    )
    return detection_batch(
        sensor.id,
        ORIGIN,
        np.full(len(number), now_ns),
        reach,
        azimuth,
        elevation=np.full(len(number), 0.05) if upright else None,
        range_rate=np.full(len(number), 2.0) if rated else None,
    )
