"""A real radar's recording in the shared npz format, with identities kept for the score alone.

All plots of one turn carry one time stamp, as in the drawn files, because the peer's spatial index
takes no others. Elevation is worked out from the height that the aircraft reported; the few plots
without one get it from the same aircraft's neighbours in time (that helps both trackers alike, and
only upwards: what is scored is horizontal).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scenarios.files import ORDER
from benchmarks.scenarios.radar import HIGH, LOW
from steppewatch.engine import track_files_asterix as feeds
from steppewatch.wire import asterix
from steppewatch.world.geodesy import MEAN_RADIUS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.scenarios.files import Arrays

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PLACE = (math.radians(41.3007), math.radians(2.1021), 27.0)
SIGMA = (math.radians(0.15), math.radians(0.04), 30.0, 1.0)
REACH = 113e3  # where the recording ends
LONGEST_GAP = 4
CODED = 1 << 24


def read(path: Path) -> Arrays:
    """Read a CAT 048 recording of one rotating radar whole.

    ``det_height (M)`` is what the aircraft reported, NaN where nothing was. Truth is the plots
    themselves by Mode S address (by Mode 3/A code where a transponder has none), between two plots
    at most four turns apart by a straight line.
    """
    settings = asterix.Settings(sensors=(), fallback=PLACE, fallback_told=True)
    feed = feeds.hear(path, settings, None)
    plots, sensor = feed.plots[0], feed.sensors[0]
    order = np.argsort(plots.time_ns, kind="stable")
    azimuth, reach = plots.azimuth[order], plots.slant_range[order]
    turn = np.concatenate(([0], np.cumsum(np.diff(azimuth) < -math.pi)))
    name = plots.mode_s[order].astype(np.int64)
    code = plots.mode_3a[order].astype(np.int64)
    name = np.where((name == 0) & (code >= 0), CODED + code, name)
    reported = plots.height[order]
    reported = np.where(reported - PLACE[2] > reach, np.nan, reported)  # a garbled reply
    height = filled(name, turn, reported)
    elevation = elevation_of(reach, height)
    scans = int(turn[-1]) + 1
    plane = np.stack(
        (
            reach * np.cos(elevation) * np.sin(azimuth),
            reach * np.cos(elevation) * np.cos(azimuth),
            reach * np.sin(elevation) + PLACE[2],
        ),
        axis=1,
    )
    names = np.unique(name[name > 0])
    truth = np.stack([between(turn[name == one], plane[name == one], scans) for one in names], 1)
    whose = np.where(name > 0, np.searchsorted(names, name), -1)
    bearing = np.mod(0.5 * math.pi - azimuth + math.pi, 2.0 * math.pi) - math.pi
    alarms = 1.0
    volume = (REACH - 500.0) * 2.0 * math.pi * (HIGH - LOW)
    meta = {
        "n": len(names), "scans": scans, "T": sensor.scan_period, "name": path.stem, "pd": 0.95,
        "clutter_per_scan": alarms, "R": REACH / 1.02, "z_radar": PLACE[2],
        "clutter_density": alarms / volume, "sigma": list(SIGMA),
    }  # fmt: skip
    return {
        "truth": truth[:, :, ORDER],
        "cls": np.full(len(names), 2),
        "det": np.stack((elevation, bearing, reach, np.zeros(len(reach))), axis=1),
        "det_height": reported,
        "det_truth": whose,
        "det_off": np.searchsorted(turn, np.arange(scans + 1)),
        "meta": np.array(json.dumps(meta)),
    }


def filled(name: Ints, turn: Ints, height: Floats) -> Floats:
    """Fill unknown heights from the same aircraft's other plots; 0 where none has any."""
    out = height.copy()
    for one in np.unique(name):
        mine = np.flatnonzero(name == one)
        known = mine[np.isfinite(height[mine])]
        out[mine] = np.interp(turn[mine], turn[known], height[known]) if len(known) else 0.0
    return out


def elevation_of(reach: Floats, height: Floats) -> Floats:
    """Give the elevation [rad] of a slant range and a height above a sphere of the earth's size."""
    base, up = MEAN_RADIUS + PLACE[2], MEAN_RADIUS + height
    sine = (up**2 - base**2 - reach**2) / (2.0 * reach * base)
    return np.asarray(np.arcsin(np.clip(sine, -1.0, 1.0)))


def between(turn: Ints, plane: Floats, scans: int) -> Floats:
    """Give ``(scans, 6)`` position of one aircraft at each turn; NaN before, after and in gaps."""
    out = np.full((scans, 6), np.nan)
    turn, first = np.unique(turn, return_index=True)
    place = plane[first]
    k = np.arange(scans)
    after = np.clip(np.searchsorted(turn, k), 0, len(turn) - 1)
    before = np.clip(np.searchsorted(turn, k, side="right") - 1, 0, len(turn) - 1)
    there = (k >= turn[0]) & (k <= turn[-1]) & (turn[after] - turn[before] <= LONGEST_GAP)
    for axis in range(3):
        out[there, axis] = np.interp(k[there], turn, place[:, axis])
    out[there, 3:] = 0.0
    return out
