"""Play a scene to a tracker and score it: what all benches of the tracker share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import cdist

from benchmarks.scenarios.scene import CLASSES, Scene
from steppewatch import fuse
from steppewatch.fuse.score import Report, score_run
from steppewatch.records import TrackStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from steppewatch.records import Stage

NEAR = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Hold what a tracker said at one moment.

    Attributes:
        id: ``(n,)`` confirmed tracks.
        mean: ``(n, 6)`` ECEF [m, m/s].
        cov: ``(n, 6, 6)``; empty where the tracker gave none.
    """

    id: NDArray[np.int64]
    mean: NDArray[np.float64]
    cov: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Hold a run: what was said at each scored moment, and what each step cost.

    Attributes:
        moments: One for each of ``Scene.times_ns``.
        cpu: Thread CPU seconds between scored moments, all steps of that time together.
        held: Tracks held at each moment, tentative ones too.
    """

    moments: list[Moment]
    cpu: list[float]
    held: list[int] = field(default_factory=list)


def settings_of(mode: str = "default", **changes: Any) -> fuse.TrackerSettings:
    """Give the tracker's settings in a mode."""
    return replace(fuse.TrackerSettings(), mode=mode, **changes)


def play(
    scene: Scene,
    settings: fuse.TrackerSettings | None = None,
    *,
    stage: Stage[Any] | None = None,
    clock: Callable[[], float] = time.thread_time,
) -> Played:
    """Track a scene from its first step to its last."""
    chosen = settings or fuse.TrackerSettings()
    tracker = stage or fuse.stage(chosen)
    state = tracker.step(tracker.initial, list(scene.sensors), scene.steps[0][0])[0]
    wanted = set(scene.times_ns.tolist())
    out = Played(moments=[], cpu=[])
    spent = 0.0
    for k, (now, messages) in enumerate(scene.steps):
        before = clock()
        state, _ = tracker.step(state, messages, now)
        spent += clock() - before
        last = k + 1 == len(scene.steps) or scene.steps[k + 1][0] != now
        if last and now in wanted:
            out.moments.append(picture(state, now, chosen))
            out.cpu.append(spent)
            out.held.append(len(state))
            spent = 0.0
    return out


def picture(state: Any, now: int, settings: fuse.TrackerSettings) -> Moment:
    """Give the confirmed tracks at a moment."""
    tracks = fuse.tracks_at(state, now, settings)
    sure = tracks.status != TrackStatus.TENTATIVE
    return Moment(id=tracks.id[sure], mean=tracks.mean[sure], cov=tracks.cov[sure])


def score(scene: Scene, moments: Sequence[Moment], *, skip: int | None = None) -> Report:
    """Score a run as the shared data's README says: c = 1,000 m, keep distance 500 m."""
    truth, tracks = [], []
    for k, moment in enumerate(moments):
        alive = np.flatnonzero(np.isfinite(scene.truth[k, :, 0]))
        truth.append((alive, scene.truth[k, alive, :3]))
        tracks.append((moment.id, moment.mean[:, :3]))
    times = [scene.period * k for k in range(len(moments))]
    return score_run(times, truth, tracks, skip=scene.skip if skip is None else skip)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """Hold normalised errors of one class: the mean per dimension should be 1.

    Attributes:
        name: Of the class.
        count: Pairs of target and track.
        anees: Mean of NEES / 6.
        position: Mean of the position's NEES / 3.
        wide: Part of the pairs beyond the 99 % point of χ² with 6 degrees of freedom.
    """

    name: str
    count: int
    anees: float
    position: float
    wide: float


def consistency(
    scene: Scene, moments: Sequence[Moment], *, skip: int | None = None
) -> list[Consistency]:
    """Give the normalised estimation error squared of each class, and of all.

    A target is compared with the track nearest to it, if each is the other's nearest and they
    are within 500 m: what GOSPA pairs across a lost track is no error of the filter.
    """
    found: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]] = []
    for k in range(scene.skip if skip is None else skip, len(moments)):
        moment = moments[k]
        alive = np.flatnonzero(np.isfinite(scene.truth[k, :, 0]))
        if not len(alive) or not len(moment.id) or not len(moment.cov):
            continue
        between = cdist(scene.truth[k, alive, :3], moment.mean[:, :3])
        track = between.argmin(axis=1)
        row = np.arange(len(alive))
        good = (between.argmin(axis=0)[track] == row) & (between[row, track] < NEAR)
        target, track = alive[good], track[good]
        off = moment.mean[track] - scene.truth[k, target]
        cov = moment.cov[track]
        found.append((nees(off, cov), nees(off[:, :3], cov[:, :3, :3]), scene.kind[target]))
    if not found:
        return []
    whole, place, kind = (np.concatenate([f[i] for f in found]) for i in range(3))
    rows = [(CLASSES[c], kind == c) for c in range(len(CLASSES)) if (kind == c).any()]
    rows.append(("all", np.ones(len(kind), bool)))
    return [
        Consistency(
            name=name,
            count=int(some.sum()),
            anees=float(whole[some].mean() / 6.0),
            position=float(place[some].mean() / 3.0),
            wide=float((whole[some] > 16.812).mean()),
        )
        for name, some in rows
    ]


def nees(off: NDArray[np.float64], cov: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give off' · cov⁻¹ · off of each row."""
    solved = np.linalg.solve(cov, off[:, :, None])[:, :, 0]
    return np.asarray(np.sum(off * solved, axis=1))
