"""Hold a run's tracks against the truth."""

import dataclasses
from typing import Any

import numpy as np

from steppewatch.engine.track_recording import Truth, truth_at
from steppewatch.engine.track_run import Run
from steppewatch.fuse.score import score_run
from steppewatch.world.geodesy import enu_from_ecef

SKIP = 10


def scores(run: Run, truth: Truth) -> dict[str, Any]:
    """Give the figures of docs/fuse.md, ready for JSON."""
    frame, lift = run.ground.frame, np.array([0.0, 0.0, run.ground.lift])
    real = truth_at(truth, run.time_ns)
    axes = slice(0, 2 if truth.flat else 3)
    there = [(r["target"], (enu_from_ecef(r["position"], frame) + lift)[:, axes]) for r in real]
    ours = [(run.track[run.scan(k)], run.position[run.scan(k)][:, axes]) for k in range(len(real))]
    skip = min(SKIP, max(len(real) - 1, 0))
    report = score_run((run.time_ns / 1e9).tolist(), there, ours, skip=skip)
    return dataclasses.asdict(report)
