"""Why a track is where it is: its latest plots, kept in a small ring beside it.

Slot ``(hits − 1) mod RING`` holds the newest plot; :func:`ring_order` puts the slots in order.
Registration reads pairs of plots of different sensors here, a person reads the reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.reports.lines import Lines
    from steppewatch.fuse.reports.marks import Marks
    from steppewatch.fuse.state import Columns

    Ints = NDArray[Any]
    Floats = NDArray[np.float64]

RING = 6


@kernel
def note_plots(
    rows: Ints, plots: Ints, hits: Ints, sensor: int, weight: Floats, plot_ns: Ints, z: Floats,
    why_ns: Ints, why_sensor: Ints, why_plot: Ints, why_weight: Any, why_z: Floats,
) -> None:  # fmt: skip
    """Write one plot for each track of ``rows`` into its ring, in place.

    Shapes and units:
        rows, plots, weight: ``(k,)``; hits: ``(n,)`` already counting these plots.
        plot_ns: ``(p,)``; z: ``(p, 5)`` as in ``measure.Plots``.
        why_*: The ring's columns, as in ``TrackerState``.
    """
    for k in range(len(rows)):
        j, i = rows[k], plots[k]
        slot = (hits[j] - 1) % why_ns.shape[1]
        why_ns[j, slot] = plot_ns[i]
        why_sensor[j, slot] = sensor
        why_plot[j, slot] = i
        why_weight[j, slot] = weight[k]
        for a in range(z.shape[1]):
            why_z[j, slot, a] = z[i, a]


def note(
    tracks: Columns,
    rows: NDArray[np.int64],
    plots: NDArray[np.int64],
    sensor: int,
    weight: NDArray[np.float64],
    plot_ns: NDArray[np.int64],
    z: NDArray[np.float64],
) -> None:
    """Write one plot for each track of ``rows`` into its ring; ``hits`` must count it already.

    Args:
        tracks: Columns of the state; the ring's change.
        rows: ``(k,)`` tracks.
        plots: ``(k,)`` row of each one's plot in its batch.
        sensor: The sensor's number.
        weight: ``(k,)`` probability that the plot was the track's.
        plot_ns: ``(p,)`` times of the batch's plots.
        z: ``(p, 5)`` what was measured.
    """
    note_plots(
        rows, plots, tracks["hits"], sensor, weight, plot_ns, z, tracks["why_ns"],
        tracks["why_sensor"], tracks["why_plot"], tracks["why_weight"], tracks["why_z"],
    )  # fmt: skip


def note_sent(
    tracks: Columns,
    rows: NDArray[np.int64],
    sent: Marks | Lines,
    taken: NDArray[np.intp],
    sensor: int,
    weight: NDArray[np.float64],
) -> None:
    """Note what tracks took of a batch of which only some was usable, by its row as it was sent.

    Args:
        tracks: Columns of the state; the ring's change.
        rows: ``(k,)`` tracks; their ``hits`` count it already.
        sent: The usable part of the batch.
        taken: ``(k,)`` rows of that part.
        sensor: The sensor's number.
        weight: ``(k,)`` probability that each is the track's.
    """
    size = int(sent.row.max()) + 1
    when, z = np.zeros(size, np.int64), np.full((size, sent.z.shape[1]), np.nan)
    when[sent.row], z[sent.row] = sent.time_ns, sent.z
    note(tracks, rows, sent.row[taken], sensor, weight, when, z)


def count_hits(
    tracks: Columns,
    rows: NDArray[np.int64],
    column: int,
    when_ns: NDArray[np.int64],
    method: NDArray[np.uint8],
) -> None:
    """Count one hit for each of ``rows``, in place: how, how often and when it was seen.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` tracks, each once.
        column: The sensor's number.
        when_ns: ``(k,)`` time of what each got.
        method: ``(k,)`` how it was chosen.
    """
    tracks["method"][rows] = method
    tracks["hits"][rows] += 1
    tracks["looks"][rows] += 1
    tracks["missed"][rows, column] = 0
    tracks["seen_ns"][rows] = np.maximum(tracks["seen_ns"][rows], when_ns)
    for name in ("hit_ns", "look_ns"):
        tracks[name][rows, column] = np.maximum(tracks[name][rows, column], when_ns)


def name_tracks(
    tracks: Columns, rows: NDArray[np.int64], told: Plots | Marks, taken: NDArray[np.intp]
) -> None:
    """Give tracks ``rows`` the address, code and callsign that came with what they took."""
    for name, none in (("mode_s", 0), ("mode_3a", -1), ("callsign", b"")):
        new = getattr(told, name)[taken]
        tracks[name][rows] = np.where(new == none, tracks[name][rows], new)


def ring_order(tracks: Columns, row: int) -> NDArray[np.int64]:
    """Give the filled slots of one track's ring, the newest first."""
    hits = int(tracks["hits"][row])
    return (hits - 1 - np.arange(min(hits, RING))) % RING
