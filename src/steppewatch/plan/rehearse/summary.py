"""Say what was seen when: plots and tracks of a rehearsal held against its truth.

The accumulator hears what went over the bus and is asked to score now and then; it reads no
clock. Plots are given to the truth they fit within four standard deviations, tracks by the best
assignment within the cut-off. Distances are horizontal: a 2-D radar cannot know the height.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.score import gospa
from steppewatch.plan.rehearse.motion import Population, TruthBatch, locate, truth
from steppewatch.plan.rehearse.scenario import Scenario
from steppewatch.records import DetectionBatch, Sensor, TargetClass, TrackBatch, TrackStatus
from steppewatch.world import geodesy
from steppewatch.world.border import Border

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

CUT_OFF = 1_000.0  # [m], c of GOSPA with p = 2, α = 2 (Rahmathullah et al. 2017)
PLOT_GATE = 4.0  # standard deviations
FLOOR = 30.0  # [m]; truth itself moves while the beam passes a group


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Hold one moment's score: time, GOSPA [m], movers alive, movers held, tracks of nobody."""

    time_ns: int
    gospa: float
    alive: int
    held: int
    false: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Hold what has been seen so far; arrays are ``(n,)``, one row for each mover.

    Attributes:
        scenario: What is played.
        population: Its movers.
        border: For closest approach and crossings; None leaves them out.
        sensors: Descriptions heard, by id.
        tracks: Latest row of each live track: time, mean, status.
        plots: Plots that fit the mover.
        detected_ns: First plot; 0 for never.
        tracked_ns: First moment under a confirmed track; 0 for never.
        alive: Scores at which the mover was there.
        held: Scores at which a confirmed track held it.
        holder: Track that held it last; −1 for none.
        switches: How often another track took it over.
        closest: Least distance to the border, negative outside [m]; NaN without a border.
        side: Side of the border at the last score, +1 inside; 0 before the first.
        crossed_ns: First crossing; 0 for none.
        unmatched: Plots that fit nobody: false alarms, in a rehearsal.
        scores: One for each call of :func:`observe`.
    """

    scenario: Scenario
    population: Population
    border: Border | None
    sensors: dict[str, Sensor]
    tracks: dict[int, tuple[int, Array, int]]
    plots: Counts
    detected_ns: Counts
    tracked_ns: Counts
    alive: Counts
    held: Counts
    holder: Counts
    switches: Counts
    closest: Array
    side: Counts
    crossed_ns: Counts
    unmatched: int
    scores: tuple[Score, ...]


def start(scenario: Scenario, population: Population, border: Border | None = None) -> Summary:
    """Begin a summary of one run."""
    n = len(population)
    counts = {
        name: np.zeros(n, np.int64)
        for name in (
            "plots", "detected_ns", "tracked_ns", "alive", "held", "switches", "side", "crossed_ns"
        )
    }  # fmt: skip
    return Summary(
        scenario=scenario,
        population=population,
        border=border,
        sensors={},
        tracks={},
        holder=np.full(n, -1, np.int64),
        closest=np.full(n, np.nan),
        unmatched=0,
        scores=(),
        **counts,
    )


def observe(summary: Summary, messages: Sequence[object], now_ns: int) -> Summary:
    """Take in what went over the bus since the last call, and score the moment ``now_ns``.

    Args:
        summary: So far.
        messages: Sensors, detections and tracks in order; others are passed by.
        now_ns: The moment to score; once a second to once in ten seconds is sensible.

    Returns:
        The summary after it; the one given is not changed.
    """
    s = dataclasses.replace(
        summary,
        sensors=dict(summary.sensors),
        tracks=dict(summary.tracks),
        **{
            f.name: getattr(summary, f.name).copy()
            for f in dataclasses.fields(summary)
            if isinstance(getattr(summary, f.name), np.ndarray)
        },
    )
    unmatched = summary.unmatched
    for message in messages:
        if isinstance(message, Sensor):
            s.sensors[message.id] = message
        elif isinstance(message, DetectionBatch) and message.sensor in s.sensors:
            unmatched += _match_plots(s, message)
        elif isinstance(message, TrackBatch):
            _keep_tracks(s.tracks, message)
    score = _score(s, truth(s.population, now_ns), now_ns)
    return dataclasses.replace(s, unmatched=unmatched, scores=(*s.scores, score))


def _match_plots(s: Summary, batch: DetectionBatch) -> int:
    """Give each plot to the mover it fits best; count those that fit nobody."""
    if not len(batch):
        return 0
    sensor = s.sensors[batch.sensor]
    rows = np.arange(len(s.population))
    middle = int(batch.time_ns[len(batch) // 2])
    alive, position, velocity = locate(s.population, rows, np.full(len(rows), middle, np.int64))
    rows = rows[alive]
    if not len(rows):
        return len(batch)
    frame = geodesy.local_frame(sensor.lat, sensor.lon, sensor.height)
    after = (batch.time_ns - middle)[:, None, None] * 1e-9
    there = position[alive][None] + after * velocity[alive][None]
    slant, azimuth, _ = geodesy.spherical_from_enu(geodesy.enu_from_ecef(there, frame))
    turn = np.mod(batch.azimuth[:, None] - azimuth + np.pi, 2.0 * np.pi) - np.pi
    across = slant * turn / np.hypot(FLOOR, slant * sensor.sigma_azimuth * 1.5)
    along = (batch.slant_range[:, None] - slant) / np.hypot(FLOOR, sensor.sigma_range)
    distance = np.hypot(across, along)
    best = distance.argmin(axis=1)
    fits = distance[np.arange(len(batch)), best] < PLOT_GATE
    who = rows[best[fits]]
    np.add.at(s.plots, who, 1)
    new = s.detected_ns[who] == 0
    # Backwards, so that the earliest of several plots stands.
    s.detected_ns[who[new][::-1]] = batch.time_ns[fits][new][::-1]
    return int((~fits).sum())


def _keep_tracks(tracks: dict[int, tuple[int, Array, int]], batch: TrackBatch) -> None:
    for i, key in enumerate(batch.id.tolist()):
        if batch.status[i] == TrackStatus.ENDED:
            tracks.pop(key, None)
        else:
            tracks[key] = int(batch.time_ns[i]), batch.mean[i], int(batch.status[i])


def _score(s: Summary, there: TruthBatch, now_ns: int) -> Score:
    rows = there.id - 1
    s.alive[rows] += 1
    if s.border is not None and len(rows):
        _watch_border(s, rows, there, now_ns)
    shown = {k: t for k, t in s.tracks.items() if t[2] != TrackStatus.TENTATIVE}
    keys = np.array(list(shown), np.int64)
    mean = np.array([t[1] for t in shown.values()], float).reshape(-1, 6)
    after = np.array([(now_ns - t[0]) * 1e-9 for t in shown.values()], float)
    tracks = mean[:, :3] + mean[:, 3:] * after[:, None]
    result = gospa(_on_ellipsoid(there.position), _on_ellipsoid(tracks), CUT_OFF)
    held, by = rows[result.pairs[:, 0]], keys[result.pairs[:, 1]]
    s.held[held] += 1
    s.switches[held] += (s.holder[held] >= 0) & (s.holder[held] != by)
    s.holder[held] = by
    s.tracked_ns[held] = np.where(s.tracked_ns[held] == 0, now_ns, s.tracked_ns[held])
    return Score(
        time_ns=now_ns,
        gospa=result.distance,
        alive=len(rows),
        held=len(held),
        false=len(keys) - len(held),
    )


def _watch_border(s: Summary, rows: Counts, there: TruthBatch, now_ns: int) -> None:
    assert s.border is not None  # noqa: S101 - for the type checker; the caller asked
    distance = s.border.locate(there.lat, there.lon).distance
    s.closest[rows] = np.fmin(s.closest[rows], distance)
    side = np.where(distance >= 0.0, 1, -1)
    new = (s.side[rows] != 0) & (side != s.side[rows]) & (s.crossed_ns[rows] == 0)
    s.crossed_ns[rows[new]] = now_ns
    s.side[rows] = side


def _on_ellipsoid(position: Array) -> Array:
    """Take the height out of ECEF positions ``(n, 3)`` [m]."""
    lat, lon, _ = geodesy.geodetic_from_ecef(position)
    return geodesy.ecef_from_geodetic(lat, lon, 0.0)


def report(summary: Summary) -> dict[str, object]:
    """Give the whole summary as plain values, ready for JSON; times in seconds from the start."""
    s, p = summary, summary.population
    zero = s.scenario.start_ns

    def after(time_ns: Counts, i: int) -> float | None:
        return round((int(time_ns[i]) - zero) * 1e-9, 1) if time_ns[i] else None

    movers = [
        {
            "id": i + 1,
            "name": p.name[i],
            "target": TargetClass(int(p.target[i])).name.lower(),
            "plots": int(s.plots[i]),
            "first_detected_s": after(s.detected_ns, i),
            "first_tracked_s": after(s.tracked_ns, i),
            "held_share": round(float(s.held[i] / s.alive[i]), 3),
            "track_switches": int(s.switches[i]),
            "closest_to_border_m": _finite(float(s.closest[i])),
            "crossed_border_s": after(s.crossed_ns, i),
        }
        for i in np.flatnonzero(s.alive).tolist()
    ]
    alive = sum(score.alive for score in s.scores)
    return {
        "title": s.scenario.title,
        "seed": s.scenario.seed,
        "scores": len(s.scores),
        "gospa_mean_m": _mean([score.gospa for score in s.scores]),
        "gospa_cut_off_m": CUT_OFF,
        "completeness": round(sum(x.held for x in s.scores) / alive, 3) if alive else None,
        "false_tracks_mean": _mean([float(score.false) for score in s.scores]),
        "unmatched_plots": s.unmatched,
        "movers": movers,
        "over_time": [
            {
                "s": round((x.time_ns - zero) * 1e-9, 1),
                "gospa_m": round(x.gospa, 1),
                "alive": x.alive,
                "held": x.held,
                "false": x.false,
            }
            for x in s.scores
        ],
    }


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


def _finite(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None
