"""Hold a run's tracks against the truth, moment by moment, in the run's own frame."""

import numpy as np

from steppewatch.engine.track_recording import NS, Truth, truth_at
from steppewatch.engine.track_run import Run
from steppewatch.fuse.score import Report, Series, score_run, series
from steppewatch.world.geodesy import Array, enu_from_ecef

SKIP = 10
"""First scans that count for identity and latency, but not for the means."""
CUT_OFF, KEEP = 1_000.0, 500.0
MANY = 60_000
"""Target-moments from which the trajectory metric is left out unless it is asked for."""


def score(
    run: Run,
    truth: Truth,
    *,
    cut_off: float = CUT_OFF,
    keep: float = KEEP,
    skip: int = SKIP,
    trajectories: bool | None = None,
    nis: tuple[Array, int] | None = None,
) -> Report:
    """Score a run.

    Args:
        run: What the tracker said.
        truth: What was there.
        cut_off: c of GOSPA and its like [m].
        keep: A target keeps its track while that is closer than this [m].
        skip: First scans left out of the means; fewer where a run is short.
        trajectories: Measure T-GOSPA, too; None does where that takes seconds.
        nis: Innovations squared of the run, and the components of each, if known.

    Raises:
        FuseError: Truth and tracks do not fit together.
    """
    moments = moments_of(run)
    there, said = truth_series(run, truth, moments), track_series(run, moments, flat=truth.flat)
    some = len(there.name) <= MANY if trajectories is None else trajectories
    return score_run(
        (run.time_ns[moments] - run.time_ns[0]) / NS,
        there,
        said,
        c=cut_off,
        keep=keep,
        skip=min(skip, len(moments) // 2),
        trajectories=some,
        nis=nis,
    )


def moments_of(run: Run) -> list[int]:
    """Number the scans that are later than all before them: a score is made once for a moment."""
    if not len(run.time_ns):
        return []
    best = np.maximum.accumulate(run.time_ns)
    last = np.append(best[1:] > best[:-1], True)
    return np.flatnonzero(last & (run.time_ns == best)).tolist()


def truth_series(run: Run, truth: Truth, moments: list[int]) -> Series:
    """Put the truth into the run's frame at some of its scans."""
    frame, lift = run.ground.frame, np.array([0.0, 0.0, run.ground.lift])
    axes = slice(0, 2 if truth.flat else 3)
    there = truth_at(truth, run.time_ns[moments])
    target = np.concatenate([t["target"] for t in there]) if there else np.zeros(0, np.int64)
    position = np.concatenate([t["position"] for t in there]) if there else np.zeros((0, 3))
    velocity = np.concatenate([t["velocity"] for t in there]) if there else np.zeros((0, 3))
    return series(
        np.concatenate(([0], np.cumsum([len(t["target"]) for t in there]))),
        target,
        (enu_from_ecef(position, frame) + lift)[:, axes],
        velocity=(velocity @ frame.rotation.T)[:, axes],
        target=truth.kind[target] if len(truth.kind) else None,
    )


def track_series(run: Run, moments: list[int], *, flat: bool = False) -> Series:
    """Take the confirmed tracks at some scans; flat ones without their heights."""
    rows = np.concatenate([np.zeros(0, np.int64), *(np.r_[run.scan(k)] for k in moments)])
    axes = [0, 1] if flat else [0, 1, 2]
    both = [*axes, *(axis + 3 for axis in axes)]
    rows = rows.astype(np.int64)
    lengths = [run.offset[k + 1] - run.offset[k] for k in moments]
    return series(
        np.concatenate(([0], np.cumsum(lengths))),
        run.track[rows],
        run.position[rows][:, axes],
        velocity=run.velocity[rows][:, axes],
        covariance=run.cov[rows][:, both][:, :, both],
        target=run.target[rows],
        seen=(run.seen_ns[rows] - (run.time_ns[0] if len(run.time_ns) else 0)) / NS,
    )
