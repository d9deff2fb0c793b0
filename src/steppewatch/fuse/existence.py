"""Does it exist? Looks that found nothing, looks that cannot find anything, and how tracks end.

A look is a chance that a sensor had. It is counted against a track only by sensors that have
seen it before, one scan period after another; a sensor that fell silent counts nothing. A missed
look takes from the log-odds of existence what a detection there would have been worth: ln(1 − Pd)
with Pd at the track's own place (integrated existence: Musicki, Evans & Stankovic 1994). Where a
sensor cannot see, behind a hill or in its Doppler notch, Pd is small and a miss says nothing: the
track is *hidden* and kept for as long as custody lasts; once it should be seen again, silence
counts from then on. A miss costs existence only if no other sensor holds the track (saw it
within 1.5 of its own periods), so a fast sensor that lost sight does not erode what a slow one
still follows (the problem is that of Larsen & Mathiassen 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.existence_kernels import (
    LOOKED,
    MISSED,
    count_looks,
    find_dark,
    find_hidden,
    list_once,
    pass_looks,
    settle_tracks,
    silences,
)
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.visibility.glance import Glance
    from steppewatch.fuse.visibility.sight import Nominal
    from steppewatch.records import Sensor

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

SECTOR_SLACK = 1.25
SCAN_SLACK = 0.75
HELD = 1.5

__all__ = [
    "HELD",
    "LOOKED",
    "MISSED",
    "count_misses",
    "due_ns",
    "ended",
    "hidden",
    "looked_at",
    "note_dark",
    "passed",
    "rhythm_of",
    "settle",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Hold how often s sensors look.

    Attributes:
        periods: ``(s,)`` of their scans [s].
        fresh_ns: ``(s,)`` for how long after its plot each holds a track; 0 for cameras: without
            range a hit is weak proof, a camera keeps no track that a radar should see.
        slowest: ``(s,)`` their numbers, the slowest first.
        slow: How many are as slow as the slowest.
        soonest, latest: Periods of the quickest and of the slowest [s].
    """

    periods: Floats
    fresh_ns: Floats
    slowest: Rows
    slow: int
    soonest: float
    latest: float


def rhythm_of(sensors: Sequence[Sensor]) -> Rhythm:
    """Give the rhythm of all sensors; kept, as every message asks for it."""
    return _rhythm(tuple((s.scan_period, s.kind == SensorKind.CAMERA) for s in sensors))


@lru_cache(maxsize=64)
def _rhythm(looks: tuple[tuple[float, bool], ...]) -> Rhythm:
    periods = np.array([period for period, _ in looks], np.float64)
    eyes = np.array([camera for _, camera in looks], bool)
    return Rhythm(
        periods=periods,
        fresh_ns=np.where(eyes, 0.0, HELD * 1e9 * periods),
        slowest=np.argsort(-periods, kind="stable"),
        slow=int(np.count_nonzero(periods == periods.max(initial=0.0))),
        soonest=float(periods.min()) if looks else 0.0,
        latest=float(periods.max(initial=0.0)),
    )


@lru_cache(maxsize=8)
def rules_of(settings: TrackerSettings) -> Floats:
    """Give what the settings say of beginnings and ends as the kernels take it ``(10,)``."""
    return np.array(
        (
            settings.fair_chance,
            settings.confirm_hits,
            settings.confirm_looks,
            settings.confirm_score,
            settings.drop_score,
            settings.drop_confirmed,
            settings.drop_tentative,
            settings.drop_misses,
            settings.coast_scans,
            settings.custody,
        )
    )


def looked_at(track: NDArray[np.int64], touched: NDArray[np.uint8]) -> Rows:
    """Give the tracks ``track`` ``(k,)`` of some pairs, each once, and mark them as touched.

    >>> looked_at(np.array([1, 1, 3, 1]), np.zeros(4, np.uint8))
    array([1, 3])
    """
    out = np.empty(len(track), np.int64)
    return out[: list_once(track, touched, out)]


def passed(
    tracks: Columns,
    column: int,
    newest_ns: int,
    turn: float,
    sensor: Sensor,
    reach: Nominal,
    touched: NDArray[np.uint8],
) -> Rows:
    """Give the tracks whose look by one sensor passed without a plot, as rows ``(k,)``.

    A sensor that delivers whole scans is through with a look when the scan is in; one that
    delivers sectors when its beam is surely past, a quarter of a period late.

    Args:
        tracks: Columns of the state; which confirmed tracks stand in the sensor's reach is noted
            for those that it has never seen.
        column: The sensor's number.
        newest_ns: Its newest plot.
        turn: Seconds between its last two batches.
        sensor: Who looks.
        reach: Where it can look at all.
        touched: ``(n,)`` what this message did to each track; changed in place.
    """
    slack = SCAN_SLACK if turn >= SCAN_SLACK * sensor.scan_period else SECTOR_SLACK
    slack_ns = slack * int(sensor.scan_period * 1e9)
    out = np.empty(len(touched), np.int64)
    count = pass_looks(
        tracks["hit_ns"], tracks["look_ns"], tracks["covered"], tracks["confirmed"],
        tracks["mean"], touched, column, newest_ns, slack_ns, reach.origin, reach.rotation,
        reach.limits, out,
    )  # fmt: skip
    return out[:count]


def count_misses(
    tracks: Columns,
    rows: Rows,
    column: int,
    newest_ns: int,
    rhythm: Rhythm,
    glance: Glance,
    settings: TrackerSettings,
) -> None:
    """Count, in place, one sensor's look that passed without a plot.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` from :func:`passed`.
        column: The sensor's number.
        newest_ns: Its newest plot.
        rhythm: Of all sensors.
        glance: What the look could see of each of ``rows``.
        settings: The tracker's settings.
    """
    count_looks(
        rows, glance.seen, glance.share, glance.chance, glance.expected, column, newest_ns,
        int(rhythm.periods[column] * 1e9), rhythm.fresh_ns,
        settings.fair_chance, tracks["hit_ns"], tracks["look_ns"], tracks["missed"],
        tracks["shade"], tracks["score"], tracks["looks"],
    )  # fmt: skip


def settle(
    tracks: Columns,
    clock_ns: int,
    rhythm: Rhythm,
    settings: TrackerSettings,
    touched: NDArray[np.uint8],
) -> tuple[Rows, Rows, Rows]:
    """Confirm and note what is in the dark, in place, and say what has ended.

    A tentative track is confirmed when it has both M of N looks and the score; a confirmed one in
    reach that nobody sees is in the dark.

    Args:
        tracks: Columns of the state.
        clock_ns: The newest plot of all sensors.
        rhythm: Of all sensors.
        settings: The tracker's settings.
        touched: ``(n,)`` what this message did to each track, :data:`LOOKED`, :data:`MISSED` or 0.

    Returns:
        Rows: missed now and in the dark, confirmed now, ended.
    """
    return _settled(tracks, clock_ns, rhythm, settings, touched, True)


def _settled(
    tracks: Columns,
    clock_ns: int,
    rhythm: Rhythm,
    settings: TrackerSettings,
    touched: NDArray[np.uint8],
    news: bool,
) -> tuple[Rows, Rows, Rows]:
    def column(name: str) -> NDArray[Any]:
        return tracks[name] if news else _sound(tracks[name])

    rules = rules_of(settings)
    dark, fresh, over = np.empty((3, len(touched)), np.int64)
    counts = settle_tracks(
        column("hit_ns"), column("missed"), column("chance"), column("covered"),
        column("confirmed"), column("score"), column("hits"), column("looks"), column("seen_ns"),
        column("dark_ns"), touched, rhythm.periods, rhythm.slowest, rhythm.slow, rules, clock_ns,
        int(1e9 * rules[8] * rhythm.soonest), int(1e9 * rules[8] * rhythm.latest), news, dark,
        fresh, over,
    )  # fmt: skip
    return dark[: counts[0]], fresh[: counts[1]], over[: counts[2]]


def _sound(column: NDArray[Any]) -> NDArray[Any]:
    """Give a column as the kernels know it: a decoded state's are read-only, unaligned views."""
    return column if column.flags.writeable and column.flags.aligned else np.array(column)


def hidden(tracks: Columns, settings: TrackerSettings, rows: Rows | None = None) -> Flags:
    """Say which tracks no sensor that has seen them could be expected to see now.

    Args:
        tracks: Columns of the state.
        settings: The tracker's settings.
        rows: ``(k,)`` of which; all where None.
    """
    some = np.arange(len(tracks["id"])) if rows is None else rows
    out = np.empty(len(some), bool)
    find_hidden(_sound(tracks["hit_ns"]), _sound(tracks["chance"]), some, settings.fair_chance, out)
    return out


def note_dark(tracks: Columns, clock_ns: int, settings: TrackerSettings) -> None:
    """Write down, in place, which confirmed tracks in reach nobody sees now."""
    find_dark(
        tracks["hit_ns"], tracks["chance"], tracks["covered"], tracks["confirmed"],
        settings.fair_chance, clock_ns, tracks["dark_ns"],
    )  # fmt: skip


def due_ns(tracks: Columns, sensors: Sequence[Sensor], settings: TrackerSettings) -> Rows:
    """Say when each track ends if nobody gives it another plot ``(n,)``."""
    rhythm, out = rhythm_of(sensors), np.empty(len(tracks["id"]), np.int64)
    silences(
        _sound(tracks["hit_ns"]), _sound(tracks["chance"]), _sound(tracks["covered"]),
        _sound(tracks["confirmed"]), _sound(tracks["seen_ns"]), _sound(tracks["dark_ns"]),
        rhythm.periods, rhythm.slowest, rules_of(settings), out,
    )  # fmt: skip
    return out


def ended(
    tracks: Columns, clock_ns: int, sensors: Sequence[Sensor], settings: TrackerSettings
) -> Flags:
    """Say which tracks have ended ``(n,)``."""
    out = np.zeros(len(tracks["id"]), bool)
    if len(out) and sensors:
        every = np.ones(len(out), np.uint8)
        out[_settled(tracks, clock_ns, rhythm_of(sensors), settings, every, False)[2]] = True
    return out
