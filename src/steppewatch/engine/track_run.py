"""Track a recording from its first scan to its last, and clock the tracker alone.

What counts as the tracker's time is the CPU time of its thread inside the step, which ends with the
tracks that changed, told: reading, scoring, predicting all tracks to the scan's moment and writing
are not in it, and neither is compiling (:mod:`steppewatch.engine.track_warm`).
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch import fuse
from steppewatch.engine.track_recording import Ground, Recording
from steppewatch.engine.track_warm import warm_up
from steppewatch.fuse.associate import Method
from steppewatch.fuse.visibility import Sight
from steppewatch.records import SensorDoubt, TrackStatus
from steppewatch.world.geodesy import Array, enu_from_ecef


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
        methods: How often each way of association chose a track's plot (``fuse.associate.Method``).
        doubts: What was odd about sensors.
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
    methods: dict[str, int]
    doubts: tuple[SensorDoubt, ...]
    state: fuse.TrackerState
    settings: fuse.TrackerSettings

    def scan(self, k: int) -> slice:
        """Give the rows of one scan."""
        return slice(int(self.offset[k]), int(self.offset[k + 1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Hold one step of a run, for those who listen to it.

    Attributes:
        now_ns: When it was.
        messages: What the tracker heard.
        before: Its memory before.
        after: Its memory afterwards.
        said: What it said.
    """

    now_ns: int
    messages: tuple[object, ...]
    before: fuse.TrackerState
    after: fuse.TrackerState
    said: Sequence[object]


def track(
    recording: Recording,
    settings: fuse.TrackerSettings,
    *,
    sight: Sight | None = None,
    warm: bool = True,
    listeners: Sequence[Callable[[Moment], None]] = (),
) -> Run:
    """Track a recording.

    Args:
        recording: What is heard.
        settings: The tracker's.
        sight: What each sensor can see where; nominal coverage, without terrain, where None.
        warm: Use all kernels once before the clock runs.
        listeners: Are told each step after it, while the clock stands.
    """
    stage = fuse.stage(settings, sight)
    if warm:
        warm_up(stage, recording)
    frame, lift = recording.ground.frame, np.array([0.0, 0.0, recording.ground.lift])
    state = stage.initial
    if recording.sensors and recording.scans:
        state, _ = stage.step(state, list(recording.sensors), recording.scans[0].now_ns)
    cpu, held, plots, parts = [], [], [], []
    methods: Counter[str] = Counter()
    doubts: list[SensorDoubt] = []
    for scan in recording.scans:
        before = state
        begin = time.thread_time()
        state, said = stage.step(before, scan.messages, scan.now_ns)
        cpu.append(time.thread_time() - begin)
        held.append(len(state))
        plots.append(scan.plots)
        parts.append(confirmed(state, scan.now_ns, settings))
        methods.update(_methods(before, state))
        doubts += [one for one in said if isinstance(one, SensorDoubt)]
        moment = Moment(
            now_ns=scan.now_ns, messages=scan.messages, before=before, after=state, said=said
        )
        for listen in listeners:
            listen(moment)
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
        methods=dict(methods),
        doubts=tuple(doubts),
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


def _methods(before: fuse.TrackerState, after: fuse.TrackerState) -> dict[str, int]:
    """Count by which way each track that got a plot in a step got it."""
    _, a, b = np.intersect1d(before.id, after.id, assume_unique=True, return_indices=True)
    used = after.method[b[after.hits[b] > before.hits[a]]]
    values, count = np.unique(used, return_counts=True)
    pairs = zip(values.tolist(), count.tolist(), strict=True)
    return {Method(value).name.lower(): n for value, n in pairs}
