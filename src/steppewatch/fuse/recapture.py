"""A second, wider gate for tracks that would be missed: hard manoeuvres and angles gone wrong.

The gate of a track is as wide as its models and the sensor's noise say. Some plots of its target
lie beyond it: an aircraft on its take-off run gains 3 m/s each second, and a reply that comes by
way of the ground, or half of it, is seen some tenths of a degree aside. So a confirmed track
whose look found nothing is offered the plots that nobody took, in a gate for such things (a gate
for manoeuvres around the one for straight flight: Farina & Studer 1985, *Radar Data Processing*,
vol. 1, §6). It takes one if that explains the plot far better than a false alarm or a new target
does, and believes it only as far as either of both reasons allows.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate.gnn import assign, log_weight
from steppewatch.fuse.filter import update
from steppewatch.fuse.gate import gate
from steppewatch.fuse.measure import COLUMNS
from steppewatch.jit import kernel
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

    Rows = NDArray[np.int64]
    Floats = NDArray[np.float64]

PULL = 3.0  # [m/s²] σ of the horizontal acceleration of what manoeuvres hard
LONGEST = 10.0  # [s] for which it may pull so
ASTRAY, WIDEST = 10.0, math.radians(0.4)  # σ of an azimuth gone wrong: of good ones, but at most
SELDOM = 0.05  # of looks find a target only so
SURELY = 3.0  # log-odds against a false alarm that a plot needs
THROUGH = 0.99  # of a scan period since its last look, after which the beam has passed a track
FORGOTTEN = 3.5  # scan periods without a plot, after which it is too late
NS = 1e-9
FOLDED = ("mean", "cov", "prob", "time_ns")
NEEDED = ("id", *FOLDED, "hit_ns", "mode_s", "mode_3a")


def missed_now(tracks: Columns, column: int, newest_ns: int, period: float, hit: Rows) -> Rows:
    """Give the confirmed tracks that the sensor's beam has passed without a plot.

    Args:
        tracks: Columns of the state.
        column: The sensor's number.
        newest_ns: The newest plot of the batch.
        period: Of its scan [s].
        hit: ``(k,)`` tracks that got a plot.
    """
    found = np.empty(len(tracks["id"]), np.int64)
    count = find_missed(
        tracks["confirmed"], tracks["hit_ns"], tracks["look_ns"], tracks["seen_ns"],
        tracks["dark_ns"], column, newest_ns - int(THROUGH * 1e9 * period),
        newest_ns - int(FORGOTTEN * 1e9 * period), hit, found,
    )  # fmt: skip
    return found[:count]


@kernel
def find_missed(
    confirmed: Any, hit_ns: Any, look_ns: Any, seen_ns: Any, dark_ns: Any, column: int,
    before_ns: int, since_ns: int, hit: Any, out: Any,
) -> int:  # fmt: skip
    """List what :func:`missed_now` gives; return how many.

    Shapes: confirmed, seen_ns, dark_ns: ``(n,)``; hit_ns, look_ns: ``(n, s)``; hit: ``(k,)``
    ascending; before_ns: looks before that are over; since_ns: seen after that; out: ``(n,)``.
    """
    count = h = 0
    for j in range(len(confirmed)):
        if h < len(hit) and hit[h] == j:
            h += 1
            continue
        if not confirmed[j] or hit_ns[j, column] == 0 or dark_ns[j] > seen_ns[j]:
            continue
        # Only who saw it last: what another sensor follows has no need.
        last = hit_ns[j, column]
        if look_ns[j, column] <= before_ns and last == seen_ns[j] and last > since_ns:
            out[count] = j
            count += 1
    return count


def recapture(
    tracks: Columns,
    rows: Rows,
    plots: Plots,
    free: NDArray[np.intp],
    sensor: Sensor,
    column: int,
    limits: Floats,
    settings: TrackerSettings,
) -> tuple[Rows, Rows, Floats]:
    """Give missed tracks plots that nobody took, as far as they fit; update them in place.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` from :func:`missed_now`.
        plots: The batch.
        free: Plots that no track took.
        sensor: Whose plots.
        column: Its number.
        limits: From ``gate.gate_limits``.
        settings: The tracker's settings.

    Returns:
        Tracks, ascending; the plot of each; the log-odds of their existence.
    """
    kept, wanted = np.zeros(len(rows), np.bool_), np.zeros(len(free), np.bool_)
    find_near(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, plots.z,
        plots.noise, plots.time_ns, free, plots.frame.origin, plots.frame.rotation,
        math.sqrt(limits[3]), kept, wanted,
    )  # fmt: skip
    rows, free = rows[kept], free[wanted]
    if len(rows) == 0:
        return rows, free, np.zeros(0)
    motion = settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)
    doubted = {name: tracks[name][rows] for name in NEEDED}
    offered = dataclasses.replace(plots, **{name: getattr(plots, name)[free] for name in COLUMNS})
    offered.noise[:, 1] += np.minimum(ASTRAY**2 * offered.noise[:, 1], WIDEST**2)
    loosen(doubted["cov"], doubted["time_ns"], int(plots.time_ns.max()), plots.frame.rotation[2])
    pairs = gate(doubted, column, offered, motion, sensor.scan_period, limits, settings)
    chance = np.clip(tracks["chance"][rows, column], 0.02, 0.98)
    score = tracks["score"][rows]
    weight = log_weight(pairs, score, offered.clutter, chance) + math.log(SELDOM)
    sure = np.flatnonzero(weight > SURELY)
    chosen = sure[assign(pairs.track[sure], pairs.plot[sure], -weight[sure], 0.0)]
    track, plot = pairs.track[chosen], pairs.plot[chosen]
    if len(chosen) == 0:
        return track, plot, np.zeros(0)
    update(doubted, track, offered, plot, np.ones(len(track)), sensor, settings)
    for name in FOLDED:
        tracks[name][rows[track]] = doubted[name][track]
    gain = pairs.loglik[chosen] - offered.clutter[plot] + np.log(chance[track]) + math.log(SELDOM)
    return rows[track], free[plot], score[track] + gain


@kernel
def find_near(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Any, rows: Any, z: Floats, noise: Floats,
    plot_ns: Any, free: Any, origin: Floats, rotation: Floats, reach: float, kept: Any,
    wanted: Any,
) -> None:  # fmt: skip
    """Mark the tracks that have a free plot near, and the plots that are near one; a coarse look.

    Shapes and units:
        mean … time_ns: Columns of the state; rows: ``(k,)`` of them.
        z, noise, plot_ns: ``(p, …)`` as in ``measure.Plots``; free: ``(f,)`` of them.
        origin, rotation: The sensor's ENU.
        reach: Standard deviations that the gate reaches.
        kept: ``(k,)`` and wanted: ``(f,)``, False before.
    """
    order = np.argsort(z[free, 0])
    count = len(order)
    ray, slack = np.empty((count, 4)), np.empty((count, 2))  # range, where; how far off in angle
    first = last = plot_ns[free[0]]
    for s in range(count):
        i = free[order[s]]
        first, last = min(first, plot_ns[i]), max(last, plot_ns[i])
        ray[s, 0], ray[s, 1], ray[s, 2] = z[i, 0], np.sin(z[i, 1]), np.cos(z[i, 1])
        told = z[i, 2] == z[i, 2]
        ray[s, 3] = np.sin(z[i, 2]) * z[i, 0] if told else 0.0
        slack[s, 0] = reach * np.sqrt(noise[i, 1] + min(ASTRAY**2 * noise[i, 1], WIDEST**2))
        slack[s, 1] = reach * np.sqrt(noise[i, 2]) if told else np.inf
    x, e = np.empty(6), np.empty((2, 3))
    deep = reach * np.sqrt(noise[0, 0])
    for k in range(len(rows)):
        j = rows[k]
        x[:] = 0.0
        for m in range(prob.shape[1]):
            for a in range(6):
                x[a] += prob[j, m] * mean[j, m, a]
        dt = (last - time_ns[j]) * NS
        doubt = 0.0  # of the place, over ground
        for m in range(prob.shape[1]):
            all_over = upright = 0.0
            for a in range(3):
                for b in range(3):
                    P = cov[j, m, a, b] + dt * (cov[j, m, a, 3 + b] + cov[j, m, 3 + a, b])
                    P += dt * dt * cov[j, m, 3 + a, 3 + b]
                    upright += P * rotation[2, a] * rotation[2, b]
                    if a == b:
                        all_over += P
            doubt = max(doubt, all_over - upright)
        away = pace = 0.0
        for a in range(3):
            e[0, a] = e[1, a] = 0.0
            for b in range(3):
                e[0, a] += rotation[a, b] * (x[b] - origin[b])
                e[1, a] += rotation[a, b] * x[3 + b]
            pace += e[1, a] ** 2
            away += (e[0, a] + dt * e[1, a]) ** 2
        pull = PULL * min(dt, LONGEST) * dt
        room = reach * np.sqrt(doubt + pull * pull) + pull
        wide = room + deep + np.sqrt(pace) * (last - first) * NS
        away = np.sqrt(away)
        s = np.searchsorted(ray[:, 0], away - wide)
        while s < count and ray[s, 0] <= away + wide:
            dt = (plot_ns[free[order[s]]] - time_ns[j]) * NS
            east, north = e[0, 0] + dt * e[1, 0], e[0, 1] + dt * e[1, 1]
            aside = east * ray[s, 2] - north * ray[s, 1]
            if (
                abs(aside) < room + slack[s, 0] * ray[s, 0]
                and east * ray[s, 1] + north * ray[s, 2] > -room
                and abs(e[0, 2] + dt * e[1, 2] - ray[s, 3]) < room + slack[s, 1] * ray[s, 0]
            ):
                kept[k] = wanted[order[s]] = True
            s += 1


@kernel
def loosen(cov: Floats, time_ns: Any, at_ns: int, up: Floats) -> None:
    """Doubt the velocity of tracks as much as a hard manoeuvre until a moment may change it.

    Shapes and units:
        cov: ``(k, m, 6, 6)`` [m, m/s], changed; time_ns: ``(k,)``; at_ns: The moment [ns UTC].
        up: ``(3,)`` which way the vertical is, where nothing pulls.
    """
    for k in range(len(cov)):
        pace = PULL * min(max((at_ns - time_ns[k]) * NS, 0.0), LONGEST)
        for m in range(cov.shape[1]):
            for a in range(3):
                cov[k, m, 3 + a, 3 + a] += pace * pace
                for b in range(3):
                    cov[k, m, 3 + a, 3 + b] -= pace * pace * up[a] * up[b]
