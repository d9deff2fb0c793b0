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

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.visibility.vanish import after_miss
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.visibility.glance import Glance
    from steppewatch.records import Sensor

SECTOR_SLACK = 1.25
SCAN_SLACK = 0.75
HELD = 1.5
NS = 1e-9


def count_misses(
    tracks: Columns,
    column: int,
    newest_ns: int,
    turn: float,
    sensors: Sequence[Sensor],
    chance: NDArray[np.float64],
    settings: TrackerSettings,
    glance: Glance | None = None,
) -> NDArray[np.bool_]:
    """Count, in place, the looks of one sensor that passed without a plot.

    A sensor that delivers whole scans is through with a look when the scan is in; one that
    delivers sectors when its beam is surely past, a quarter of a period late.

    Args:
        tracks: Columns of the state.
        column: The sensor's number.
        newest_ns: Its newest plot.
        turn: Seconds between its last two batches.
        sensors: All sensors.
        chance: ``(n,)`` probability that this sensor detects each track.
        settings: The tracker's settings.
        glance: What else is known of the look; None where misses are independent.

    Returns:
        ``(n,)`` which tracks were missed just now.
    """
    sensor = sensors[column]
    slack = SCAN_SLACK if turn >= SCAN_SLACK * sensor.scan_period else SECTOR_SLACK
    period_ns = int(sensor.scan_period * 1e9)
    look_ns = tracks["look_ns"][:, column]
    known = tracks["hit_ns"][:, column] > 0
    passed = known & (newest_ns - look_ns > slack * period_ns)
    if not passed.any():
        return passed
    fresh_ns = np.array([HELD * 1e9 * s.scan_period for s in sensors])
    held = (tracks["hit_ns"] > 0) & (newest_ns - tracks["hit_ns"] < fresh_ns)
    held[:, column] = False
    # Without range a hit is weak proof: a camera keeps no track that a radar should see.
    held[:, [s.kind == SensorKind.CAMERA for s in sensors]] = False
    if glance is not None:
        tracks["shade"][passed, column] = after_miss(
            glance.seen[passed], chance[passed], glance.share[passed]
        )
    alone = passed & ~held.any(axis=1)
    tracks["score"][alone] += np.log1p(-chance[alone])
    tracks["looks"][alone] += 1
    fair = (chance if glance is None else glance.expected) >= settings.fair_chance
    tracks["missed"][passed & fair, column] += 1
    # A look per period, and after a silence of the sensor one look and no more.
    look_ns[passed] = np.maximum(look_ns[passed] + period_ns, newest_ns - period_ns)
    return passed


def note_dark(tracks: Columns, clock_ns: int, settings: TrackerSettings) -> NDArray[np.bool_]:
    """Write down, in place, which confirmed tracks in reach nobody sees now; give them ``(n,)``."""
    dark = tracks["confirmed"] & hidden(tracks, settings) & tracks["covered"].any(axis=1)
    tracks["dark_ns"][dark] = clock_ns
    return dark


def confirm(tracks: Columns, settings: TrackerSettings) -> None:
    """Confirm, in place, the tentative tracks that have both M of N looks and the score."""
    tracks["confirmed"] |= (
        (tracks["hits"] >= settings.confirm_hits)
        & (tracks["looks"] <= settings.confirm_looks)
        & (tracks["score"] >= settings.confirm_score)
    ) | (
        # Slow starters: more looks than N, but evidence far beyond what M of N would ask.
        (tracks["hits"] >= settings.confirm_hits + 1)
        & (tracks["score"] >= settings.confirm_score + 1.0)
    )


def hidden(tracks: Columns, settings: TrackerSettings) -> NDArray[np.bool_]:
    """Say which tracks ``(n,)`` no sensor that has seen them could be expected to see now."""
    seen_by = tracks["hit_ns"] > 0
    out: NDArray[np.bool_] = np.all(~seen_by | (tracks["chance"] < settings.fair_chance), axis=1)
    return out


def due_ns(
    tracks: Columns, sensors: Sequence[Sensor], settings: TrackerSettings
) -> NDArray[np.int64]:
    """Say when each track ends if nobody gives it another plot ``(n,)``."""
    periods = np.array([s.scan_period for s in sensors])
    slowest = np.max(np.where(tracks["hit_ns"] > 0, periods, 0.0), axis=1)
    patience = (1e9 * settings.coast_scans * slowest).astype(np.int64)
    custody = int(1e9 * settings.custody)
    seen_ns = tracks["seen_ns"]
    # Who left the reach of all sensors comes back by none of them: only a shadow keeps it.
    kept = tracks["confirmed"] & hidden(tracks, settings) & tracks["covered"].any(axis=1)
    in_the_dark = seen_ns + np.maximum(custody, patience)
    in_the_open = np.maximum(seen_ns, tracks["dark_ns"]) + patience
    due = np.where(kept, in_the_dark, in_the_open)
    return np.asarray(np.minimum(due, seen_ns + custody + patience))


def ended(
    tracks: Columns, clock_ns: int, sensors: Sequence[Sensor], settings: TrackerSettings
) -> NDArray[np.bool_]:
    """Say which tracks have ended ``(n,)``."""
    if len(tracks["id"]) == 0 or not sensors:
        return np.zeros(len(tracks["id"]), bool)
    seen_by = tracks["hit_ns"] > 0
    confirmed = tracks["confirmed"]
    # What was in the dark may come out a little later than foreseen; only silence ends it.
    from_dark = confirmed & (tracks["dark_ns"] > tracks["seen_ns"])
    limit = np.where(confirmed, settings.drop_misses, settings.drop_tentative)
    lost = np.all(~seen_by | (tracks["missed"] >= limit[:, None]), axis=1)
    silent = clock_ns > due_ns(tracks, sensors, settings)
    weak = tracks["score"] < np.where(confirmed, settings.drop_confirmed, settings.drop_score)
    out: NDArray[np.bool_] = silent | (~from_dark & (lost | weak))
    return out
