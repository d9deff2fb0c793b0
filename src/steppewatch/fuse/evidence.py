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
def take_hits(
    rows: Ints, taken: Ints, weight: Floats, odds: Floats, how: Ints, column: int, ceiling: float,
    on_ground: bool, plot_ns: Ints, z: Floats, new_s: Ints, new_3a: Ints, new_sign: Ints,
    score: Floats, ground: Any, level: Any, shade: Floats, above: Floats, changed: Any,
    method: Any, hits: Ints, looks: Ints, missed: Ints, seen_ns: Ints, hit_ns: Ints, look_ns: Ints,
    mode_s: Ints, mode_3a: Ints, callsign: Ints, why_ns: Ints, why_sensor: Ints, why_plot: Ints,
    why_weight: Any, why_z: Floats,
) -> None:  # fmt: skip
    """Write down all that tracks ``rows`` got with a radar's plots, in place.

    Shapes and units:
        rows, taken, weight: ``(k,)`` tracks, each once; the plot of each and its probability.
        odds: ``(k,)`` their log-odds of existence, held below ``ceiling``; how: ``(k,)``.
        on_ground: Whether the sensor watches the ground.
        plot_ns, new_s, new_3a, new_sign: ``(p,)``; z: ``(p, 5)``, as in ``measure.Plots``, the
            callsign as one number.
        changed: ``(n,)`` bool; all else columns of the state.
    """
    when = np.empty(len(rows), np.int64)
    for k in range(len(rows)):
        j, i = rows[k], taken[k]
        when[k] = plot_ns[i]
        score[j] = min(odds[k], ceiling)
        ground[j] = on_ground
        if z[i, 2] == z[i, 2] or z[i, 4] == z[i, 4]:
            level[j] = True
        shade[j, column] = 0.0
        above[j, 0] = 0.0
        above[j, 1] = 0.0
        changed[j] = True
    count_each(rows, column, when, how, method, hits, looks, missed, seen_ns, hit_ns, look_ns)
    name_each(rows, taken, new_s, new_3a, new_sign, mode_s, mode_3a, callsign)
    note_plots(
        rows, taken, hits, column, weight, plot_ns, z, why_ns, why_sensor, why_plot, why_weight,
        why_z,
    )  # fmt: skip


@kernel
def count_each(
    rows: Ints, column: int, when_ns: Ints, how: Ints, method: Any, hits: Ints, looks: Ints,
    missed: Ints, seen_ns: Ints, hit_ns: Ints, look_ns: Ints,
) -> None:  # fmt: skip
    """Count one hit for each of ``rows`` ``(k,)``, in place, see :func:`count_hits`."""
    for k in range(len(rows)):
        j = rows[k]
        method[j] = how[k]
        hits[j] += 1
        looks[j] += 1
        missed[j, column] = 0
        seen_ns[j] = max(seen_ns[j], when_ns[k])
        hit_ns[j, column] = max(hit_ns[j, column], when_ns[k])
        look_ns[j, column] = max(look_ns[j, column], when_ns[k])


@kernel
def name_each(
    rows: Ints, taken: Ints, new_s: Ints, new_3a: Ints, new_sign: Ints, mode_s: Ints,
    mode_3a: Ints, callsign: Ints,
) -> None:  # fmt: skip
    """Give tracks the identities of what they took, where it had any, in place.

    Shapes and units:
        rows, taken: ``(k,)``; new_*: ``(p,)``; the others ``(n,)``; callsigns as one number.
    """
    for k in range(len(rows)):
        j, i = rows[k], taken[k]
        if new_s[i] != 0:
            mode_s[j] = new_s[i]
        if new_3a[i] != -1:
            mode_3a[j] = new_3a[i]
        if new_sign[i] != 0:
            callsign[j] = new_sign[i]


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


def take(
    tracks: Columns,
    rows: NDArray[np.int64],
    plots: Plots,
    taken: NDArray[np.int64],
    weight: NDArray[np.float64],
    score: NDArray[np.float64],
    method: NDArray[np.uint8],
    column: int,
    changed: NDArray[np.bool_],
    *,
    ceiling: float,
    ground: bool,
) -> None:
    """Write down what tracks got with a radar's plots: existence, time, identity, evidence.

    Args:
        tracks: Columns of the state, changed in place.
        rows: ``(k,)`` tracks, each once.
        plots: The batch.
        taken: ``(k,)`` the plot of each.
        weight: ``(k,)`` probability that it was the track's.
        score: ``(k,)`` their new log-odds of existence.
        method: ``(k,)`` how each plot was chosen.
        column: The sensor's number.
        changed: ``(n,)`` becomes True for them.
        ceiling: Log-odds never rise above this.
        ground: Whether the sensor watches the ground.
    """
    take_hits(
        rows, taken, weight, score, method, column, float(ceiling), ground, plots.time_ns, plots.z,
        plots.mode_s, plots.mode_3a, as_numbers(plots.callsign), tracks["score"],
        tracks["ground"], tracks["level"], tracks["shade"], tracks["above"], changed,
        tracks["method"], tracks["hits"], tracks["looks"], tracks["missed"], tracks["seen_ns"],
        tracks["hit_ns"], tracks["look_ns"], tracks["mode_s"], tracks["mode_3a"],
        as_numbers(tracks["callsign"]), tracks["why_ns"], tracks["why_sensor"],
        tracks["why_plot"], tracks["why_weight"], tracks["why_z"],
    )  # fmt: skip


def as_numbers(callsign: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """View callsigns ``(n,)`` of eight bytes as one number each; 0 is an empty one."""
    return callsign.view(np.uint64)


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
    count_each(
        rows, column, when_ns, method, tracks["method"], tracks["hits"], tracks["looks"],
        tracks["missed"], tracks["seen_ns"], tracks["hit_ns"], tracks["look_ns"],
    )  # fmt: skip


def name_tracks(
    tracks: Columns, rows: NDArray[np.int64], told: Plots | Marks, taken: NDArray[np.intp]
) -> None:
    """Give tracks ``rows`` the address, code and callsign that came with what they took."""
    name_each(
        rows, taken, told.mode_s, told.mode_3a, as_numbers(told.callsign), tracks["mode_s"],
        tracks["mode_3a"], as_numbers(tracks["callsign"]),
    )  # fmt: skip


def ring_order(tracks: Columns, row: int) -> NDArray[np.int64]:
    """Give the filled slots of one track's ring, the newest first."""
    hits = int(tracks["hits"][row])
    return (hits - 1 - np.arange(min(hits, RING))) % RING
