"""Measure what surveillance services are bought by: update, gaps, accuracy, false reports.

The measures are in the manner of EUROCAE ED-142 (wide area multilateration), ED-117A and ED-87E
(airport surface), as the open evaluation tools count them. They are not a certification: the
standards also say where, how long and with which reference to measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.score.identity import Holding
    from steppewatch.fuse.score.series import Series

    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]

SLOW = 2.0  # [m/s], slower targets have no course worth judging


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Hold the figures of a run.

    Attributes:
        update: Part of the expected updates that came: target-moments under a track, counted from
            the target's first track on (PD, probability of update).
        long_gaps: Gaps longer than ``gap`` per expected update.
        gap: Longer than this is a long gap [s].
        longest_gap: The longest time between two updates of one target [s].
        rms: Root mean square horizontal error of held targets [m].
        error_95: Horizontal error that 95 % of them stay under [m].
        height_rms: Root mean square error of the height [m]; NaN in two dimensions.
        speed_rms: Root mean square error of the velocity vector, horizontal [m/s]; NaN if unknown.
        motion: Part of them with course within 15° and speed within 5 m/s; targets slower than
            2 m/s by their speed alone.
        false: Part of the told track-moments that are near no target.
    """

    update: float
    long_gaps: float
    gap: float
    longest_gap: float
    rms: float
    error_95: float
    height_rms: float
    speed_rms: float
    motion: float
    false: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """Name what one standard asks for; NaN for what it does not.

    Attributes:
        name: Which standard and part.
        update: Least part of updates.
        gap: Seconds from which a gap is long.
        long_gaps: Most long gaps per update.
        rms: Largest root mean square error [m].
        error_95: Largest error of 95 % [m].
        false: Most false reports, as part of all.
    """

    name: str
    update: float
    gap: float = float("nan")
    long_gaps: float = float("nan")
    rms: float = float("nan")
    error_95: float = float("nan")
    false: float = float("nan")


STANDARDS = (
    Standard(
        name="ED-142 en route", update=0.97, gap=16.4, long_gaps=0.01, rms=350.0, false=0.001
    ),
    Standard(
        name="ED-142 terminal", update=0.97, gap=16.5, long_gaps=0.001, rms=150.0, false=0.001
    ),
    Standard(name="ED-117A manoeuvring area", update=0.95, gap=5.0, long_gaps=1e-3,
             error_95=12.0, false=1e-4),
    Standard(name="ED-87E manoeuvring area", update=0.99, gap=5.0, long_gaps=1e-6,
             error_95=12.0, false=1e-4),
)  # fmt: skip


def service(
    times: Floats,
    truth: Series,
    tracks: Series,
    holding: Holding,
    near_any: NDArray[np.bool_],
    *,
    skip: int = 0,
    gap: float | None = None,
) -> Service:
    """Measure a run.

    Args:
        times: ``(k,)`` moments [s].
        truth: The targets; the first two axes are horizontal.
        tracks: The tracks.
        holding: Who held whom.
        near_any: ``(n,)`` for each track row whether any target was near it.
        skip: First moments that do not count.
        gap: Longer than this is a long gap [s]; None takes 3.28 periods, as ED-142 does (16.4 s
            for 5 s).
    """
    period = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    limit = 3.28 * period if gap is None else gap
    scored = holding.moment >= skip
    a, b = holding.truth[scored], holding.track[scored]
    got, expected, gaps = _updates(times, truth, a, skip)
    error = tracks.position[b] - truth.position[a]
    flat = np.hypot(error[:, 0], error[:, 1])
    drift = (tracks.velocity[b] - truth.velocity[a])[:, :2]
    told = tracks.moment() >= skip
    return Service(
        update=got / expected if expected else float("nan"),
        long_gaps=int((gaps > limit).sum()) / expected if expected else float("nan"),
        gap=limit,
        longest_gap=float(gaps.max()) if len(gaps) else float("nan"),
        rms=_rms(flat),
        error_95=float(np.quantile(flat, 0.95)) if len(flat) else float("nan"),
        height_rms=_rms(error[:, 2]) if error.shape[1] > 2 else float("nan"),
        speed_rms=_rms(np.hypot(drift[:, 0], drift[:, 1])),
        motion=_motion(truth.velocity[a], tracks.velocity[b]),
        false=float((~near_any[told]).mean()) if told.any() else 0.0,
    )


def meets(result: Service, standard: Standard) -> dict[str, bool]:
    """Say which of a standard's figures a run meets, by the name of the figure.

    A figure that the standard does not ask for is left out; one that is unknown is not met. Long
    gaps count only if they were measured with the gap of the standard, or a shorter one.
    """
    least = {"update": (result.update, standard.update)}
    most = {
        "long_gaps": (
            result.long_gaps if result.gap <= standard.gap else float("nan"),
            standard.long_gaps,
        ),
        "rms": (result.rms, standard.rms),
        "error_95": (result.error_95, standard.error_95),
        "false": (result.false, standard.false),
    }
    met = {name: bool(is_ >= asked) for name, (is_, asked) in least.items()}
    met.update({n: bool(is_ <= ask) for n, (is_, ask) in most.items() if np.isfinite(ask)})
    return met


def _updates(times: Floats, truth: Series, held: Indices, skip: int) -> tuple[int, int, Floats]:
    """Count updates and expected ones, and list all gaps between successive updates [s].

    A target's last gap ends with its last moment.
    """
    when = truth.moment()
    target = np.unique(truth.name, return_inverse=True)[1]
    last = np.zeros(int(target.max(initial=-1)) + 1, np.int64)
    np.maximum.at(last, target, when)
    order = np.lexsort((when[held], target[held]))
    of, at = target[held][order], times[when[held][order]]
    begins = np.ones(len(of), np.bool_)
    begins[1:] = of[1:] != of[:-1]
    first = np.full(len(last), np.iinfo(np.int64).max)
    first[of[begins]] = when[held][order][begins]
    expected = int(((when >= skip) & (when >= first[target])).sum())
    ends = np.append(np.flatnonzero(begins)[1:], len(of)) - 1 if len(of) else np.zeros(0, np.int64)
    between = np.diff(at)[~begins[1:]] if len(of) else np.zeros(0)
    final = times[last[of[ends]]] - at[ends]
    return len(held), expected, np.concatenate((between, final))


def _rms(values: Floats) -> float:
    """Take the root mean square of the known values; NaN for none."""
    known = values[np.isfinite(values)]
    return float(np.sqrt((known**2).mean())) if len(known) else float("nan")


def _motion(true: Floats, told: Floats) -> float:
    """Give the part with course within 15° and speed within 5 m/s."""
    known = np.isfinite(true).all(axis=1) & np.isfinite(told).all(axis=1)
    if not known.any():
        return float("nan")
    a, b = true[known, :2], told[known, :2]
    speed = np.hypot(a[:, 0], a[:, 1])
    turn = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1))
    straight = (np.abs(turn) <= np.radians(15.0)) | (speed < SLOW)
    steady = np.abs(np.hypot(b[:, 0], b[:, 1]) - speed) <= 5.0
    return float((straight & steady).mean())
