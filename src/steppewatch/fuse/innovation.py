"""How well a tracker foresees its plots: innovations, and what they say of the settings.

Nothing but the tracker's memory before and after a step is needed, so any run can be watched, with
or without truth. A plot is compared with where its track was predicted *before* it was heard; the
sum over a run is the evidence for the settings (prequential score: Dawid 1984; track score:
Blackman & Popoli 1999, §6.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.evidence import RING
from steppewatch.fuse.filter import report
from steppewatch.fuse.kernels import fold
from steppewatch.fuse.measure import FALLBACK_SIGMA, log_clutter, positive, reported_sigma
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import COLUMNS
from steppewatch.jit import kernel
from steppewatch.world.geodesy import local_frame

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from steppewatch.fuse.state import TrackerState
    from steppewatch.records import Sensor

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RAREST, SUREST = 0.02, 0.98
NS = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Innovations:
    """Hold what k confirmed tracks got in one step, beside what was predicted for them.

    Attributes:
        track: ``(k,)`` int64 id.
        squared: ``(k,)`` normalised innovation squared (NIS).
        components: ``(k,)`` int64 numbers measured in each.
        evidence: ln of how much likelier all of it is by the tracks than by chance: for each plot
            ln(Pd · density at the plot / false-alarm density), for each miss ln(1 − Pd).
        missed: Looks that found nothing of a confirmed track.
    """

    track: Ints
    squared: Floats
    components: Ints
    evidence: float
    missed: int


def innovations(
    before: TrackerState,
    after: TrackerState,
    settings: TrackerSettings,
    radars: Collection[str] | None = None,
) -> Innovations:
    """Compare the first plot that each confirmed track got in a step with its prediction.

    The prediction is the Gaussian with the mean and covariance of all motion models together.

    Args:
        before: The memory before the step.
        after: The memory after it.
        settings: With which it was made.
        radars: Sensors whose plots are compared (``Sensor.id``); all where None. Positions and
            bearings have other measurements and must be left out.
    """
    _, a, b = np.intersect1d(before.id, after.id, return_indices=True)
    sure = before.confirmed[a]
    a, b = a[sure], b[sure]
    fresh = after.hits[b] - before.hits[a]
    evidence, missed = _of_misses(before, after, a, b, radars)
    got = np.flatnonzero((fresh > 0) & (fresh <= RING))
    a, b = a[got], b[got]
    slot = before.hits[a] % RING
    sensor = after.why_sensor[b, slot]
    parts: list[tuple[Ints, Floats, Ints]] = []
    for column in np.unique(sensor).tolist():
        one = after.sensors[column]
        if radars is not None and one.id not in radars:
            continue
        mine = np.flatnonzero(sensor == column)
        rows, seen, at = a[mine], b[mine], slot[mine]
        z, time_ns = after.why_z[seen, at], after.why_ns[seen, at].astype(np.int64)
        squared, loglik = _compared(before, rows, z, time_ns, one, settings)
        chance = np.clip(after.chance[seen, column], RAREST, SUREST)
        evidence += float((np.log(chance) + loglik - log_clutter(z, one, TrackerSettings())).sum())
        parts.append((before.id[rows], squared, np.isfinite(z).sum(axis=1)))
    empty = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
    track, squared, components = (
        np.concatenate([part[i] for part in (empty, *parts)]) for i in range(3)
    )
    return Innovations(
        track=track, squared=squared, components=components, evidence=evidence, missed=missed
    )


def _of_misses(
    before: TrackerState, after: TrackerState, a: Ints, b: Ints, radars: Collection[str] | None
) -> tuple[float, int]:
    """Sum ln(1 − Pd) over the looks of a step that found nothing, and count them."""
    evidence, missed = 0.0, 0
    for column, sensor in enumerate(before.sensors):
        if radars is not None and sensor.id not in radars:
            continue
        hit = after.hit_ns[b, column] > before.hit_ns[a, column]
        looked = after.look_ns[b, column] > before.look_ns[a, column]
        lost = b[looked & ~hit]
        chance = np.clip(after.chance[lost, column], 0.0, SUREST)
        evidence += float(np.log1p(-chance).sum())
        missed += len(lost)
    ended = np.flatnonzero(before.confirmed & ~np.isin(before.id, after.id))
    if len(ended) and before.chance.shape[1]:
        chance = np.clip(before.chance[ended].max(axis=1), 0.0, SUREST)
        evidence += float(np.log1p(-chance).sum())
        missed += len(ended)
    return evidence, missed


def _compared(
    before: TrackerState,
    rows: Ints,
    z: Floats,
    time_ns: Ints,
    sensor: Sensor,
    settings: TrackerSettings,
) -> tuple[Floats, Floats]:
    """Give squared distance and log-likelihood ``(k,)`` of plots at their tracks' predictions."""
    columns = {name: getattr(before, name) for name in COLUMNS}
    mean, cov = report(columns, rows, np.maximum(time_ns, before.time_ns[rows]), settings)
    noise = np.square(
        (
            positive(sensor.sigma_range, FALLBACK_SIGMA["range"]),
            positive(sensor.sigma_azimuth, FALLBACK_SIGMA["azimuth"]),
            positive(sensor.sigma_elevation, FALLBACK_SIGMA["elevation"]),
            positive(sensor.sigma_range_rate, 1.0),
            reported_sigma(sensor, settings),
        )
    )
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    squared, loglik = np.empty(len(rows)), np.empty(len(rows))
    lag = np.minimum((time_ns - before.time_ns[rows]) * NS, 0.0)
    weigh(mean, cov, np.array(z), noise, lag, frame.origin, frame.rotation, squared, loglik)
    return squared, loglik


@kernel
def weigh(
    mean: Floats, cov: Floats, z: Floats, noise: Floats, lag: Floats, origin: Floats,
    rotation: Floats, squared: Floats, loglik: Floats,
) -> None:  # fmt: skip
    """Fold each plot into its prediction, and keep what that says: squared distance, likelihood.

    Shapes and units:
        mean: ``(k, 6)`` ECEF, cov: ``(k, 6, 6)``; both are overwritten.
        z: ``(k, 5)`` as in ``measure.Plots``; noise: ``(5,)`` variances; lag: ``(k,)`` ≤ 0 [s].
        squared, loglik: ``(k,)``, written.
    """
    h, H, gain = np.empty(5), np.zeros((5, 6)), np.empty(12)
    for k in range(len(mean)):
        squared[k], loglik[k] = fold(
            mean[k], cov[k], z[k], noise, lag[k], origin, rotation, np.inf, h, H, gain
        )
