"""Run Stone Soup and the tracker here on the same plots, scan by scan in one process.

    python -m benchmarks.stonesoup_peer JOB.json

Runs under an interpreter that has ``stonesoup`` beside what the tracker needs; see
``stonesoup_runs``, which starts it. The job names a scene of one radar; the answer is one line of
JSON for each scan: thread CPU seconds of both, and Stone Soup's confirmed tracks in a file.

Stone Soup is set up as its documentation shows, and tuned in its own favour: constant velocity,
EKF with a closed-form Jacobian, global nearest neighbour over a kd-tree of the plots (500 m about
confirmed tracks, 1,300 m about tentative ones), gate 4 σ, 3 hits to confirm (4 where dense), 2
misses end a tentative track and 5 a confirmed one, q = 100 m²/s³ (50 where dense), a hundredth
of that upwards.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.scenarios.files import load, scene_of
from benchmarks.scenarios.single import Options, make

if TYPE_CHECKING:
    from benchmarks.scenarios.scene import Scene

BEGIN = dt.datetime(2023, 11, 14, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Choose Stone Soup's settings.

    Attributes:
        q: Acceleration density of its motion model [m²/s³].
        upright: Vertical acceleration density as a part of ``q``.
        gate: In standard deviations.
        near: How far from a confirmed track its plots are looked for [m].
        far: The same for a tentative one.
        hits: Plots that confirm.
        tentative: Misses that end a tentative track.
        confirmed: Misses that end a confirmed one.
        speed: Standard deviation of a new track's velocity, per axis [m/s].
        climb: Of its vertical part [m/s].
    """

    q: float = 100.0
    upright: float = 0.01
    gate: float = 4.0
    near: float = 500.0
    far: float = 1_300.0
    hits: int = 3
    tentative: int = 2
    confirmed: int = 5
    speed: float = 80.0
    climb: float = 8.0


def tracker(meta: dict[str, Any], how: Tuning, *, doppler: bool) -> tuple[Any, Any]:
    """Put Stone Soup's parts together; give its tracker and its measurement model."""
    from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D  # noqa: PLC0415
    from stonesoup.deleter.time import UpdateTimeStepsDeleter  # noqa: PLC0415
    from stonesoup.hypothesiser.distance import DistanceHypothesiser  # noqa: PLC0415
    from stonesoup.initiator.simple import (  # noqa: PLC0415
        MultiMeasurementInitiator,
        SimpleMeasurementInitiator,
    )
    from stonesoup.measures import Mahalanobis  # noqa: PLC0415
    from stonesoup.models.transition.linear import (  # noqa: PLC0415
        CombinedLinearGaussianTransitionModel,
        ConstantVelocity,
    )
    from stonesoup.predictor.kalman import KalmanPredictor  # noqa: PLC0415
    from stonesoup.tracker.simple import MultiTargetTracker  # noqa: PLC0415
    from stonesoup.types.state import GaussianState  # noqa: PLC0415
    from stonesoup.updater.kalman import ExtendedKalmanUpdater  # noqa: PLC0415

    model = measurement_model(meta, doppler=doppler)
    motion = CombinedLinearGaussianTransitionModel(
        [ConstantVelocity(how.q * part) for part in (1.0, 1.0, how.upright)]
    )
    predictor = KalmanPredictor(motion)
    updater = ExtendedKalmanUpdater(measurement_model=None)
    hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=how.gate)
    near, far = (
        DetectionKDTreeGNN2D(hypothesiser, predictor, updater, max_distance=reach)
        for reach in (how.near, how.far)
    )
    variances = np.tile((0.0, how.speed**2), 3)
    variances[5] = how.climb**2
    prior = GaussianState(np.zeros((6, 1)), np.diag(variances), timestamp=BEGIN)
    initiator = MultiMeasurementInitiator(
        prior_state=prior,
        deleter=UpdateTimeStepsDeleter(how.tentative),
        data_associator=far,
        updater=updater,
        min_points=how.hits,
        initiator=SimpleMeasurementInitiator(prior),
    )
    made = MultiTargetTracker(
        initiator=initiator,
        deleter=UpdateTimeStepsDeleter(how.confirmed),
        detector=None,
        data_associator=near,
        updater=updater,
    )
    return made, model


def measurement_model(meta: dict[str, Any], *, doppler: bool) -> Any:
    """Give the radar's model; the one without range rate gets a closed-form Jacobian."""
    from stonesoup.models.measurement.nonlinear import (  # noqa: PLC0415
        CartesianToElevationBearingRange,
        CartesianToElevationBearingRangeRate,
    )
    from stonesoup.types.array import StateVector  # noqa: PLC0415

    class ClosedForm(CartesianToElevationBearingRange):
        """Differentiate elevation, bearing and range exactly."""

        def jacobian(self, state: Any, **_: Any) -> Any:
            px, py, pz = (float(state.state_vector[i, 0]) for i in self.mapping)
            ox, oy, oz = (float(v) for v in self.translation_offset[:, 0])
            px, py, pz = px - ox, py - oy, pz - oz
            flat_sq = px * px + py * py
            reach_sq = flat_sq + pz * pz
            flat, reach = flat_sq**0.5, reach_sq**0.5
            out = np.zeros((3, self.ndim_state))
            i, j, k = self.mapping
            out[0, i] = -px * pz / (reach_sq * flat)
            out[0, j] = -py * pz / (reach_sq * flat)
            out[0, k] = flat / reach_sq
            out[1, i] = -py / flat_sq
            out[1, j] = px / flat_sq
            out[2, i], out[2, j], out[2, k] = px / reach, py / reach, pz / reach
            return out

    sigma = np.array(meta["sigma"])
    common = {
        "ndim_state": 6,
        "mapping": (0, 2, 4),
        "translation_offset": StateVector([[0.0], [0.0], [float(meta["z_radar"])]]),
    }
    if doppler:
        return CartesianToElevationBearingRangeRate(
            noise_covar=np.diag(sigma**2), velocity_mapping=(1, 3, 5), **common
        )
    return ClosedForm(noise_covar=np.diag(sigma[:3] ** 2), **common)


def plots_of(arrays: dict[str, Any], model: Any, k: int, *, doppler: bool) -> set[Any]:
    """Give the plots of one scan as Stone Soup's objects."""
    from stonesoup.types.angle import Bearing, Elevation  # noqa: PLC0415
    from stonesoup.types.detection import Detection  # noqa: PLC0415

    rows = arrays["det"][arrays["det_off"][k] : arrays["det_off"][k + 1]]
    meta = json.loads(str(arrays["meta"]))
    when = BEGIN + dt.timedelta(seconds=k * meta["T"])
    out = set()
    for el, az, reach, rate in rows.tolist():
        vector = [Elevation(el), Bearing(az), reach, *((rate,) if doppler else ())]
        out.add(Detection(np.array(vector), timestamp=when, measurement_model=model))
    return out


def stream(job: dict[str, Any]) -> None:
    """Do a job, printing one line for each scan."""
    doppler = bool(job["doppler"])
    arrays = (
        make(job["name"], Options(**job["options"])) if job["options"] else load(Path(job["name"]))
    )
    meta = json.loads(str(arrays["meta"]))
    scans = min(int(job["scans"]), len(arrays["det_off"]) - 1)
    theirs, model = tracker(meta, Tuning(**job["tuning"]), doppler=doppler)
    scene = scene_of(arrays, "job", doppler=doppler, scans=scans)
    ours = [begin(name, scene, doppler=doppler) for name in job["modes"]]
    kept = Kept()
    for k in range(scans):
        plots = plots_of(arrays, model, k, doppler=doppler)
        when = BEGIN + dt.timedelta(seconds=k * meta["T"])
        gc.collect()
        before = time.thread_time()
        theirs.update_tracker(when, plots)
        spent = {"stonesoup": time.thread_time() - before}
        now, messages = scene.steps[k]
        for one in ours:
            before = time.thread_time()
            one.state, _ = one.stage.step(one.state, messages, now)
            spent[one.name] = time.thread_time() - before
        kept.add(theirs.tracks)
        print(json.dumps(spent), flush=True)
    kept.save(Path(job["out"]))


@dataclass(slots=True)
class Ours:
    """Hold the tracker here in one mode, and its state."""

    name: str
    stage: Any
    state: Any


def begin(name: str, scene: Scene, *, doppler: bool) -> Ours:
    """Compile what a mode uses on a small scene, then begin on this one."""
    from benchmarks import fuse_play  # noqa: PLC0415
    from steppewatch import fuse  # noqa: PLC0415

    settings = fuse_play.settings_of(name)
    warm = scene_of(make("dense", Options(n=20, scans=8)), "warm", doppler=doppler)
    fuse_play.play(warm, settings)
    stage = fuse.stage(settings)
    told, _ = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])
    return Ours(name, stage, told)


class Kept:
    """Collect Stone Soup's confirmed tracks of each scan."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.ids: list[int] = []
        self.places: list[Any] = []
        self.offset = [0]

    def add(self, tracks: Any) -> None:
        """Take the tracks after one scan."""
        for track in sorted(tracks, key=lambda t: t.id):
            self.ids.append(self.numbers.setdefault(track.id, len(self.numbers)))
            self.places.append(track.state_vector[[0, 2, 4, 1, 3, 5], 0].astype(float))
        self.offset.append(len(self.ids))

    def save(self, path: Path) -> None:
        """Write them: number, ``(n, 6)`` x, y, z, vx, vy, vz on the plane, first row of a scan."""
        np.savez_compressed(
            path,
            id=np.array(self.ids, np.int64),
            plane=np.array(self.places).reshape(-1, 6),
            offset=np.array(self.offset, np.int64),
        )


if __name__ == "__main__":
    stream(json.loads(Path(sys.argv[1]).read_text()))
