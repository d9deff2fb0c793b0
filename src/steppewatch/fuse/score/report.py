"""Score a whole run: every metric of this package in one frozen report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import FuseError
from steppewatch.fuse.score.air_picture import Siap, associate, siap
from steppewatch.fuse.score.assign import Pairs, near
from steppewatch.fuse.score.consistency import Consistency, consistency, nees
from steppewatch.fuse.score.identity import Holding, follow
from steppewatch.fuse.score.keeping import Identity, identity_of
from steppewatch.fuse.score.meetings import meetings
from steppewatch.fuse.score.moment import check, gospa_of, ospa_from
from steppewatch.fuse.score.series import Series, from_moments, series
from steppewatch.fuse.score.service import Service, service
from steppewatch.fuse.score.trajectory import TGospa, t_gospa
from steppewatch.fuse.score.window import ospa2

Floats = NDArray[np.float64]
Moments = Series | Sequence[tuple[ArrayLike, ArrayLike]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Hold the scores of each moment, ``(k,)`` from the first moment on, skipped ones too.

    Attributes:
        time: The moments [s].
        gospa: GOSPA [m].
        localisation: Its part from matched pairs [m²].
        missed: Its part from targets that nothing matched [m²].
        false: Its part from tracks that matched nothing [m²].
        ospa: OSPA [m].
        ospa2: OSPA⁽²⁾ of the window that ends here [m]; NaN if not asked for, and where skipped.
        targets: Targets there.
        tracks: Tracks told.
        held: Targets that a track held.
        nees: Mean NEES per component of the held pairs; NaN without covariances.
    """

    time: Floats
    gospa: Floats
    localisation: Floats
    missed: Floats
    false: Floats
    ospa: Floats
    ospa2: Floats
    targets: NDArray[np.int64]
    tracks: NDArray[np.int64]
    held: NDArray[np.int64]
    nees: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Sum up a run; means are over the scored moments. NaN is unknown or not asked for.

    Attributes:
        moments: Scored moments.
        targets: Different targets in them.
        tracks: Different tracks in them.
        cut_off: c of GOSPA, OSPA and their like [m].
        keep: How near a track must be to hold a target [m].
        gospa: Mean GOSPA (p = 2, α = 2) [m].
        localisation: Mean part of GOSPA² from matched pairs [m²].
        missed_cost: Mean part from targets that nothing matched [m²].
        false_cost: Mean part from tracks that matched nothing [m²].
        ospa: Mean OSPA (p = 2) [m].
        ospa2: Mean OSPA⁽²⁾ (p = q = 1) [m].
        rms: Root mean square distance of matched pairs [m].
        completeness: Part of target-moments that a track matched.
        false: Unmatched tracks per moment.
        missed: Unmatched targets per moment.
        switches: Times that a target changed its track.
        switches_rate: The same per 100 target-minutes.
        latency: Median time from a target's first moment to its first track [s]; NaN for none.
        identity: Switches, breaks, delays, coasting, false tracks.
        siap: The air picture measures.
        service: Update, gaps and accuracy as services are bought.
        nees: Consistency of the covariances, all classes first, then each; empty without any.
        nis: Consistency of the innovations, if they were given.
        t_gospa: Trajectory metric, if asked for.
        timeline: The scores of each moment.
    """

    moments: int
    targets: int
    tracks: int
    cut_off: float
    keep: float
    gospa: float
    localisation: float
    missed_cost: float
    false_cost: float
    ospa: float
    ospa2: float
    rms: float
    completeness: float
    false: float
    missed: float
    switches: int
    switches_rate: float
    latency: float
    identity: Identity
    siap: Siap
    service: Service
    nees: tuple[Consistency, ...]
    nis: Consistency | None
    t_gospa: TGospa | None
    timeline: Timeline


def score_run(
    times: ArrayLike,
    truth: Moments,
    tracks: Moments,
    c: float = 1_000.0,
    keep: float = 500.0,
    skip: int = 0,
    *,
    ospa2_window: int = 10,
    trajectories: bool = False,
    gamma: float | None = None,
    trajectory_window: int | None = None,
    gap: float | None = None,
    grace: int = 5,
    nis: tuple[ArrayLike, int] | None = None,
) -> Report:
    """Score a whole run of any tracker.

    Args:
        times: The k moments [s], ascending.
        truth: The targets, as a :class:`Series`, or for each moment the names ``(t,)`` and
            positions ``(t, d)`` [m] alone.
        tracks: The tracks, likewise and in the same frame.
        c: Cut-off of GOSPA, OSPA, OSPA⁽²⁾ and T-GOSPA [m].
        keep: A target keeps its track while that is closer than this [m].
        skip: First moments that count for identity and latency, but not for the means.
        ospa2_window: Moments in a window of OSPA⁽²⁾; 0 leaves it out.
        trajectories: Whether to measure T-GOSPA, the one costly metric.
        gamma: Its switching penalty [m]; None takes ``c``.
        trajectory_window: Moments in a window of it; None takes the run as one.
        gap: Seconds from which a gap is long; None takes 3.28 periods.
        grace: Moments after a target's end in which its track is not yet false.
        nis: Normalised innovations squared of the tracker and the components of each, if known.

    Raises:
        FuseError: The moments do not ascend, their number is not that of truth and tracks, or ``c``
            or ``keep`` is not a positive number.

    >>> names, places = [1, 2], np.array([[0.0, 0.0], [5e3, 0.0]])
    >>> report = score_run([0, 5], [(names, places)] * 2, [([7], places[:1] + 3.0)] * 2)
    >>> report.completeness, round(report.rms, 3), report.switches
    (0.5, 4.243, 0)
    """
    moments = np.asarray(times, np.float64)
    targets, said = _alike(_series(truth), _series(tracks))
    _check(moments, targets, said)
    check(c)
    if not 0.0 < keep < np.inf:
        raise FuseError(f"keep is {keep} m; give a positive number")
    skip = min(skip, len(moments))
    pairs = [
        near(targets.position[targets.rows(k)], said.position[said.rows(k)], max(c, keep))
        for k in range(len(moments))
    ]
    holding = follow(targets, said, keep, pairs)
    near_any = np.zeros(len(said.name), np.bool_)
    for k, close in enumerate(pairs):
        near_any[close.second[close.distance < keep] + said.offset[k]] = True
    errors, components = nees(targets, said, holding)
    line = _timeline(moments, targets, said, pairs, c, holding, errors / components)
    if ospa2_window or trajectories:
        met = meetings(targets, said, pairs, c, skip)
        if ospa2_window:
            line.ospa2[skip:] = ospa2(met, c, window=ospa2_window)
    kept = identity_of(moments, targets, said, holding, near_any, skip=skip, grace=grace)
    matched = line.targets - line.missed / (0.5 * c * c)
    there, found = line.targets[skip:].sum(), matched[skip:].sum()
    scored = max(len(moments) - skip, 0)
    return Report(
        moments=scored,
        targets=len(np.unique(targets.name[targets.moment() >= skip])),
        tracks=len(np.unique(said.name[said.moment() >= skip])),
        cut_off=c,
        keep=keep,
        gospa=_mean(line.gospa[skip:]),
        localisation=_mean(line.localisation[skip:]),
        missed_cost=_mean(line.missed[skip:]),
        false_cost=_mean(line.false[skip:]),
        ospa=_mean(line.ospa[skip:]),
        ospa2=_mean(line.ospa2[skip:]),
        rms=float(np.sqrt(line.localisation[skip:].sum() / max(found, 1))),
        completeness=float(found / max(there, 1)),
        false=float((line.tracks[skip:].sum() - found) / max(scored, 1)),
        missed=float((there - found) / max(scored, 1)),
        switches=kept.switches,
        switches_rate=kept.switches_rate,
        latency=kept.latency,
        identity=kept,
        siap=siap(
            moments, targets, said, associate(targets, said, holding, pairs, keep), skip=skip
        ),
        service=service(moments, targets, said, holding, near_any, skip=skip, gap=gap),
        nees=_classes(targets, holding, errors, components, skip),
        nis=None if nis is None else consistency(np.asarray(nis[0], np.float64), nis[1]),
        t_gospa=t_gospa(met, c, c if gamma is None else gamma, window=trajectory_window)
        if trajectories
        else None,
        timeline=line,
    )


def _series(rows: Moments) -> Series:
    """Take a series as it is, or make one of names and positions."""
    return rows if isinstance(rows, Series) else from_moments(rows)


def _alike(truth: Series, tracks: Series) -> tuple[Series, Series]:
    """Give a side without any rows the dimensions of the other."""
    if not len(tracks.name):
        tracks = series(tracks.offset, [], np.zeros((0, truth.position.shape[1])))
    elif not len(truth.name):
        truth = series(truth.offset, [], np.zeros((0, tracks.position.shape[1])))
    return truth, tracks


def _check(times: Floats, truth: Series, tracks: Series) -> None:
    """Refuse what does not fit together."""
    if not len(times) == len(truth) == len(tracks):
        raise FuseError(
            f"{len(times)} moments, {len(truth)} of truth and {len(tracks)} of tracks; "
            "give each moment once in all three"
        )
    if len(times) > 1 and not (np.diff(times) > 0.0).all():
        raise FuseError("the moments do not ascend; sort them, and name each once")
    shapes = truth.position.shape[1], tracks.position.shape[1]
    if shapes[0] != shapes[1]:
        raise FuseError(f"truth has {shapes[0]} coordinates and tracks {shapes[1]}; give the same")


def _timeline(
    times: Floats,
    truth: Series,
    tracks: Series,
    pairs: Sequence[Pairs],
    c: float,
    holding: Holding,
    errors: Floats,
) -> Timeline:
    """Score each moment by itself."""
    there, told = np.diff(truth.offset), np.diff(tracks.offset)
    value = np.zeros((5, len(times)))
    for k, close in enumerate(pairs):
        t, n = int(there[k]), int(told[k])
        g = gospa_of(close, t, n, c)
        value[:, k] = g.distance, g.localisation, g.missed, g.false, ospa_from(g, t, n, c)
    known = np.isfinite(errors)
    count = np.bincount(holding.moment[known], minlength=len(times))
    total = np.bincount(holding.moment[known], weights=errors[known], minlength=len(times))
    return Timeline(
        time=times,
        gospa=value[0],
        localisation=value[1],
        missed=value[2],
        false=value[3],
        ospa=value[4],
        ospa2=np.full(len(times), np.nan),
        targets=there,
        tracks=told,
        held=np.bincount(holding.moment, minlength=len(times)),
        nees=np.where(count > 0, total / np.maximum(count, 1), np.nan),
    )


def _classes(
    truth: Series, holding: Holding, errors: Floats, components: int, skip: int
) -> tuple[Consistency, ...]:
    """Sum up the consistency of all, then of each class that there is."""
    scored = holding.moment >= skip
    values, moment = errors[scored], holding.moment[scored]
    kind = truth.target[holding.truth[scored]]
    sums = [consistency(values, components, moment)]
    for code in np.unique(kind).tolist():
        mine = kind == code
        sums.append(consistency(values[mine], components, moment[mine], int(code)))
    return tuple(s for s in sums if s is not None)


def _mean(values: Floats) -> float:
    """Take the mean of the known values; NaN for none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
