"""Track a recording from its first scan to its last, and clock the tracker alone.

What counts as the tracker's time is the CPU time of its thread inside the step: reading, scoring
and writing are not in it, and neither is compiling, because the kernels are used before on
targets that are made up here.
"""

import dataclasses
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch import fuse
from steppewatch.engine.track_recording import NS, START_NS, Ground, Recording
from steppewatch.fuse.visibility import Sight
from steppewatch.records import (
    DetectionBatch,
    Origin,
    Sensor,
    SensorKind,
    Stage,
    TrackStatus,
    detection_batch,
)
from steppewatch.world.geodesy import Array, enu_from_ecef

WARM_TARGETS, WARM_SCANS = 24, 9
ORIGIN = Origin(feed="warming up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Hold the confirmed tracks after each of k scans, and what they cost.

    Attributes:
        ground: The east, north, up of positions and covariances.
        time_ns: ``(k,)`` moment of each scan.
        offset: ``(k + 1,)`` first row of each scan.
        track: ``(n,)`` int64 id.
        position: ``(n, 3)`` ENU, lifted [m].
        velocity: ``(n, 3)`` ENU [m/s].
        cov: ``(n, 6, 6)`` of position and velocity, ENU.
        existence: ``(n,)`` probability that it is a real thing.
        target: ``(n,)`` uint8 ``TargetClass``.
        seen_ns: ``(n,)`` its newest plot [ns UTC].
        cpu: ``(k,)`` thread CPU seconds of each step.
        plots: ``(k,)`` detections heard in each step.
        held: ``(k,)`` tracks held after it, tentative ones too.
        state: The tracker's memory at the end.
        settings: With which it ran.
    """

    ground: Ground
    time_ns: NDArray[np.int64]
    offset: NDArray[np.int64]
    track: NDArray[np.int64]
    position: Array
    velocity: Array
    cov: Array
    existence: Array
    target: NDArray[np.uint8]
    seen_ns: NDArray[np.int64]
    cpu: Array
    plots: NDArray[np.int64]
    held: NDArray[np.int64]
    state: fuse.TrackerState
    settings: fuse.TrackerSettings

    def scan(self, k: int) -> slice:
        """Give the rows of one scan."""
        return slice(int(self.offset[k]), int(self.offset[k + 1]))


def track(
    recording: Recording,
    settings: fuse.TrackerSettings,
    *,
    sight: Sight | None = None,
    warm: bool = True,
) -> Run:
    """Track a recording.

    Args:
        recording: What is heard.
        settings: The tracker's.
        sight: What each sensor can see where; nominal coverage, without terrain, where None.
        warm: Use all kernels once before the clock runs.
    """
    stage = fuse.stage(settings, sight)
    if warm:
        warm_up(stage, recording)
    frame, lift = recording.ground.frame, np.array([0.0, 0.0, recording.ground.lift])
    state = stage.initial
    if recording.sensors and recording.scans:
        state, _ = stage.step(state, list(recording.sensors), recording.scans[0].now_ns)
    cpu, held, plots, parts = [], [], [], []
    for scan in recording.scans:
        begin = time.thread_time()
        state, _ = stage.step(state, scan.messages, scan.now_ns)
        cpu.append(time.thread_time() - begin)
        held.append(len(state))
        plots.append(scan.plots)
        parts.append(confirmed(state, scan.now_ns, settings))
    lengths = [len(part[0]) for part in parts]
    ids, means, covs, existence, target, seen_ns = (
        np.concatenate([part[i] for part in parts]) if parts else empty
        for i, empty in enumerate(EMPTY)
    )
    turn = np.zeros((6, 6))
    turn[:3, :3] = turn[3:, 3:] = frame.rotation
    return Run(
        ground=recording.ground,
        time_ns=np.array([scan.now_ns for scan in recording.scans], np.int64),
        offset=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        track=ids,
        position=enu_from_ecef(means[:, :3], frame) + lift,
        velocity=means[:, 3:] @ frame.rotation.T,
        cov=turn @ covs @ turn.T,
        existence=existence,
        target=target,
        seen_ns=seen_ns,
        cpu=np.array(cpu),
        plots=np.array(plots, np.int64),
        held=np.array(held, np.int64),
        state=state,
        settings=settings,
    )


EMPTY: tuple[NDArray[Any], ...] = (
    np.zeros(0, np.int64),
    np.zeros((0, 6)),
    np.zeros((0, 6, 6)),
    np.zeros(0),
    np.zeros(0, np.uint8),
    np.zeros(0, np.int64),
)


def confirmed(
    state: fuse.TrackerState, now_ns: int, settings: fuse.TrackerSettings
) -> tuple[NDArray[Any], ...]:
    """Give id, mean, covariance (ECEF), existence, class, newest plot of the confirmed tracks."""
    if not len(state):
        return EMPTY
    picture = fuse.tracks_at(state, now_ns, settings)
    sure = picture.status != TrackStatus.TENTATIVE
    return (
        picture.id[sure],
        picture.mean[sure],
        picture.cov[sure],
        picture.existence[sure].astype(np.float64),
        picture.target[sure],
        picture.seen_ns[sure],
    )


def warm_up(stage: Stage[fuse.TrackerState], recording: Recording) -> None:
    """Use the kernels on made-up traffic, seen by sensors that measure what the real ones do."""
    kinds: dict[tuple[SensorKind, bool, bool], Sensor] = {}
    heard = [m for scan in recording.scans for m in scan.messages if isinstance(m, Sensor)]
    for sensor in (*recording.sensors, *heard):
        measures = (math.isfinite(sensor.sigma_elevation), math.isfinite(sensor.sigma_range_rate))
        kinds.setdefault((sensor.kind, *measures), sensor)
    sensors = [
        dataclasses.replace(sensor, id=f"warm-{i}", address="", scan_period=5.0, false_alarms=5.0)
        for i, sensor in enumerate(kinds.values())
    ]
    if not sensors:
        return
    state, _ = stage.step(stage.initial, sensors, START_NS)
    for k in range(WARM_SCANS):
        now_ns = START_NS + 5 * NS * k
        batches = [_made_up(sensor, now_ns, k) for sensor in sensors]
        state, _ = stage.step(state, batches, now_ns)
        confirmed(state, now_ns, fuse.TrackerSettings())


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
