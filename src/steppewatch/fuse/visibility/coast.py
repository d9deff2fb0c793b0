"""Carry hidden tracks on through the dark, and take them up again only by a plot that fits.

What nobody can see is predicted look by look with a process noise that suits what it is: within a
minute and a half a target changes its velocity by some 40 %. The manoeuvres that the filter
must allow for between two plots would, over such times, spread a small drone over kilometres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.associate.gnn import log_weight
from steppewatch.fuse.gate import Pairs
from steppewatch.fuse.kernels import step_models
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

    Floats = NDArray[np.float64]

NS = 1e-9
LONG = 90.0  # [s]; time in which a target may change its velocity by CHANGE of itself
CHANGE = 0.4
LEVEL, RELIEF = 20.0, 0.6  # [s], [m²/s³]; up and down with the ground: 150 m in that time (σ)
SLOWEST = 2.0  # [m/s]; what stands may start
SURELY = 3.0  # log-odds against a false alarm that a plot needs to end a track's time in the dark
LATE = 1.5  # scan periods without a plot, after which a gate is no longer small


@kernel
def coast_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Any, rows: Any, at_ns: int, motion: Floats
) -> None:
    """Predict the tracks ``rows`` to a moment, in place.

    Shapes and units:
        mean: ``(n, m, 6)`` ECEF; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; time_ns: ``(n,)``.
        rows: ``(k,)``; at_ns: Moment [ns UTC]; tracks newer than that stay.
        motion: ``(m + 1, 8)`` as in ``kernels.step_models``.
    """
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    for k in range(len(rows)):
        j = rows[k]
        if time_ns[j] >= at_ns:
            continue
        step_models(mean[j], cov[j], prob[j], (at_ns - time_ns[j]) * NS, motion, mx, mP, w)
        mean[j] = mx
        cov[j] = mP
        prob[j] = w
        time_ns[j] = at_ns


def in_the_dark(motion: Floats) -> Floats:
    """Give the motion ``(m + 1, 8)`` of what nobody sees: straight on, by and by less sure.

    Args:
        motion: From ``TrackerSettings.motion``; of it the draws between models remain.
    """
    out = motion.copy()
    out[:-1] = 0.0
    out[:-1, 5], out[:-1, 6] = 1.0 / LEVEL, RELIEF
    out[:-1, 1] = CHANGE * CHANGE / LONG
    out[:-1, 0] = out[0, 1] * SLOWEST * SLOWEST
    return out


def coast(tracks: Columns, rows: NDArray[np.integer], at_ns: int, motion: Floats) -> None:
    """Carry tracks on to a moment, in place.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which.
        at_ns: The moment [ns UTC].
        motion: From ``TrackerSettings.motion``.
    """
    if len(rows):
        coast_tracks(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, at_ns,
            in_the_dark(motion),
        )  # fmt: skip


def believable(
    pairs: Pairs,
    tracks: Columns,
    clutter: NDArray[np.float64],
    chance: NDArray[np.float64],
    plot_ns: NDArray[np.int64],
    period: float,
) -> Pairs:
    """Leave out pairs by which a track that coasts would take clutter for itself.

    A track in the open takes the best plot in its small gate. The gate of one that was in the dark
    is wide, and a plot in it is the track's own only if that is much likelier than a false alarm
    (else see ``regain``).

    Args:
        pairs: What passed the gate.
        tracks: Columns of the state.
        clutter: ``(p,)`` ln of the false-alarm density at each plot.
        chance: ``(n,)`` probability of detection of each track.
        plot_ns: ``(p,)`` time of each plot.
        period: Of the sensor's scan [s].
    """
    if len(pairs.track) == 0:
        return pairs
    # In the open this rule costs more than it saves: dense scenes lost a third of their GOSPA.
    seen_ns = tracks["seen_ns"][pairs.track]
    unseen = tracks["dark_ns"][pairs.track] > seen_ns
    unseen &= (int(plot_ns.max()) - seen_ns) * NS > LATE * period
    some = np.flatnonzero(unseen)
    if len(some) == 0:
        return pairs
    rows = pairs.track[some]
    doubted = Pairs(
        track=np.arange(len(some)),
        plot=pairs.plot[some],
        loglik=pairs.loglik[some],
        distance=pairs.distance[some],
    )
    held = np.clip(chance[rows], 0.02, 0.98)
    keep = ~unseen
    keep[some] = log_weight(doubted, tracks["score"][rows], clutter, held) > SURELY
    return Pairs(
        track=pairs.track[keep],
        plot=pairs.plot[keep],
        loglik=pairs.loglik[keep],
        distance=pairs.distance[keep],
    )
