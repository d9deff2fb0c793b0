"""The inner loop of a look: for every target, the beam of the schedule that sees it best.

Arrays and scalars only; ``tests/sense/radar/test_look.py`` holds the plain oracle. The columns of
a beam's row are named by the constants below.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Array = NDArray[np.float64]

# Columns of the beam table.
CONSTANT, AXIS, WIDTH = 0, 1, 2  # [dB] of 1 m² at 1 m; [rad]; [rad]
LOW_AXIS, LOW_WIDTH, HIGH_AXIS, HIGH_WIDTH = 3, 4, 5, 6  # of the flood; NaN: as on receive
EDGE, TOP = 7, 8  # [rad] of the cosecant; NaN without
BLIND, REACH = 9, 10  # [m] one pulse long; unambiguous
REQUIRED, IMPROVEMENT = 11, 12  # [dB] for Pd 0.5; of clutter
COLUMNS = 13

LOBE = 40.0 * math.log10(2.0)  # −LOBE (Δ/θ₃)² dB: 3.01 dB down at half the width
NOTHING = -1


@kernel
def beam_gain(row: Array, elevation: float, floor: float) -> Any:
    """Give the two-way pattern of one beam in elevation [dB]."""
    x = (elevation - row[AXIS]) / row[WIDTH]
    receive = -LOBE * x * x
    if row[EDGE] < elevation <= row[TOP]:
        receive = -0.25 * LOBE + 20.0 * math.log10(math.sin(row[EDGE]) / math.sin(elevation))
    receive = max(receive, floor)
    if math.isnan(row[LOW_AXIS]):
        return 2.0 * receive
    transmit = 0.0
    if elevation < row[LOW_AXIS]:
        x = (elevation - row[LOW_AXIS]) / row[LOW_WIDTH]
        transmit = -LOBE * x * x
    elif elevation > row[HIGH_AXIS]:
        x = (elevation - row[HIGH_AXIS]) / row[HIGH_WIDTH]
        transmit = -LOBE * x * x
    return receive + max(transmit, floor)


@kernel
def bilinear(table: Array, x: float, y: float) -> Any:
    """Interpolate a table at fractional indices, held at its edges."""
    rows, columns = table.shape
    x = min(max(x, 0.0), rows - 1.0)
    y = min(max(y, 0.0), columns - 1.0)
    i = min(int(x), rows - 2)
    j = min(int(y), columns - 2)
    u = x - i
    v = y - j
    return (table[i, j] * (1.0 - v) + table[i, j + 1] * v) * (1.0 - u) + (
        table[i + 1, j] * (1.0 - v) + table[i + 1, j + 1] * v
    ) * u


@kernel
def best_beams(
    slant: Array,
    elevation: Array,
    gain_db: Array,
    land: NDArray[np.int64],
    beams: Array,
    order: NDArray[np.int64],
    floor: float,
    gas: Array,
    gas_grid: Array,
    clutter: Array,
    limits: Array,
    snr: Array,
    cnr: Array,
    sinr: Array,
    chosen: NDArray[np.int64],
) -> None:
    """Choose the beam with the greatest margin for each target.

    Args:
        slant: ``(n,)`` slant range [m].
        elevation: ``(n,)`` elevation [rad].
        gain_db: ``(n,)`` section, diffraction, multipath together [dB m²].
        land: ``(n,)`` row of ``clutter``; negative where no clutter is in sight.
        beams: ``(b, COLUMNS)`` beam table.
        order: ``(b,)`` beams by falling margin on their axes.
        floor: Side lobes [dB].
        gas: ``(r, e)`` two-way loss over log range and elevation [dB].
        gas_grid: Log of the first range, its step; first elevation, its step.
        clutter: ``(l, b, r)`` clutter to noise before the filter [dB], on the ranges of ``gas``.
        limits: Smallest and greatest slant range [m], smallest and greatest elevation [rad].
        snr: Out, ``(n,)`` signal to noise of one summed power [dB].
        cnr: Out, ``(n,)`` clutter to noise after the filter [dB]; −inf without clutter.
        sinr: Out, ``(n,)`` signal to noise and clutter [dB].
        chosen: Out, ``(n,)`` beam, or −1 where none reaches; NaN inputs also give −1.
    """
    for i in range(len(slant)):
        snr[i] = np.nan
        cnr[i] = np.nan
        sinr[i] = np.nan
        chosen[i] = NOTHING
        r = slant[i]
        e = elevation[i]
        inside = limits[0] <= r <= limits[1] and limits[2] <= e <= limits[3]
        if not inside or math.isnan(gain_db[i]):
            continue
        log_range = math.log10(r)
        x = (log_range - gas_grid[0]) / gas_grid[1]
        base = gain_db[i] - 40.0 * log_range
        base -= bilinear(gas, x, (e - gas_grid[2]) / gas_grid[3])
        best = -np.inf
        for m in range(len(order)):
            b = order[m]
            row = beams[b]
            # In falling order of what their axes offer: soon no further beam can be better.
            if base + row[CONSTANT] - row[REQUIRED] <= best:
                break
            if r > row[REACH] or (row[BLIND] > 0.0 and r <= 0.05 * row[BLIND]):
                continue
            signal = base + row[CONSTANT] + beam_gain(row, e, floor)
            if r < row[BLIND]:
                signal += 20.0 * math.log10(r / row[BLIND])
            if signal - row[REQUIRED] <= best:
                continue
            left = -np.inf
            total = signal
            if land[i] >= 0:
                k = min(max(int(x), 0), clutter.shape[2] - 2)
                u = min(max(x - k, 0.0), 1.0)
                left = clutter[land[i], b, k] * (1.0 - u) + clutter[land[i], b, k + 1] * u
                left -= row[IMPROVEMENT]
                if left > -100.0:
                    total = signal - 10.0 * math.log10(1.0 + 10.0 ** (0.1 * left))
            if total - row[REQUIRED] > best:
                best = total - row[REQUIRED]
                snr[i] = signal
                cnr[i] = left
                sinr[i] = total
                chosen[i] = b


@kernel
def interpolate_rows(
    x: Array, row: NDArray[np.int64], tables: Array, first: float, step: float, out: Array
) -> None:
    """Interpolate ``tables[row[i]]`` at ``x[i]``; 0 where ``row`` is negative, NaN where ``x`` is.

    Args:
        x: ``(n,)`` abscissa.
        row: ``(n,)`` which table.
        tables: ``(t, m)`` values at ``first + step · j``; held at the edges.
        first: First abscissa.
        step: Their distance.
        out: ``(n,)``.
    """
    last = tables.shape[1] - 1
    for i in range(len(x)):
        if row[i] < 0:
            out[i] = 0.0
            continue
        if math.isnan(x[i]):  # no index comes of it
            out[i] = np.nan
            continue
        at = min(max((x[i] - first) / step, 0.0), float(last))
        j = min(int(at), last - 1)
        u = at - j
        out[i] = tables[row[i], j] * (1.0 - u) + tables[row[i], j + 1] * u


@kernel
def plot_errors(
    sinr: Array,
    beam: NDArray[np.int64],
    summed: Array,
    least: Array,
    scales: Array,
    floors: Array,
    out: Array,
) -> None:
    """Give the standard deviations of plots: ``max(floor, scale / √(2 SNR))``.

    Args:
        sinr: ``(n,)`` signal to noise of one power [dB]; NaN counts as the least.
        beam: ``(n,)`` beam; negative gives NaN.
        summed: ``(b,)`` powers summed by each beam.
        least: ``(b,)`` smallest signal to noise of a detected sum.
        scales: ``(b, q)`` error of each quantity at 2 SNR = 1; NaN for what is not measured.
        floors: ``(q,)`` least error of each quantity; NaN for what is not measured.
        out: ``(q, n)``.
    """
    for i in range(len(sinr)):
        b = beam[i]
        if b < 0:
            out[:, i] = np.nan
            continue
        power = summed[b] * 10.0 ** (0.1 * sinr[i])
        if not power > least[b]:
            power = least[b]
        root = 1.0 / math.sqrt(2.0 * power)
        for q in range(len(floors)):
            error = scales[b, q] * root
            out[q, i] = floors[q] if error < floors[q] else error + 0.0 * floors[q]
