"""The horizon seen from one cell, carried outwards line by line (R2), and exactly (R3).

All heights inside are metres above the antenna, less the fall of the effective earth. The window
is cut into eight octants. In an octant, *line* s is the s-th row (or column) away from the antenna
and *cell* c the c-th cell along it, 0 ≤ c ≤ s. Rays of slope m = j/J (cells per line, 0 ≤ m ≤ 1)
keep the steepest rise per line that they have met, at crossings with lines and with columns, where
heights are interpolated linearly. A cell takes the horizon between the two rays beside it, as it
stood before the cell's own line. (Franklin & Ray 1994, "Higher isn't necessarily better", R2 and
R3; here every cell is interpolated, instead of taking the nearest ray.)

Terrain that nobody knows is an endlessly high wall: what lies behind it comes out as NaN.
"""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel, separate_kernel

Floats = NDArray[np.float32]

# Lines worked on at once. Columns are read by whole cache lines; both stay in a 1 MiB cache.
LINES_AT_ONCE, COLUMNS_AT_ONCE = 16, 64
WALL = np.float32(1e15)  # [m]
LOWEST = np.float32(-5e4)  # [m per line], steeper down than anything on earth
ABSURD = np.float32(1e7)  # [m]
ZERO, NAN = np.float32(0.0), np.float32(np.nan)
# A ray through a corner has met it on the line before; rounding must not make it cross the column
# again, between the wrong cells.
BARELY_ONE = np.float32(0.999)
NEXT = np.uint64(1)


@separate_kernel
def load_line(source: Floats, fall: Floats, base: float, n: int, out: Floats) -> None:
    """Read cells outwards to the right, above the antenna; unknown becomes a wall."""
    for c in range(n):
        height = source[c] - (base + fall[c])
        out[c] = height if height == height else WALL  # noqa: PLR0124 (NaN)


@separate_kernel
def load_line_left(
    source: Floats, last: int, fall: Floats, base: float, n: int, out: Floats
) -> None:
    """Read cells outwards to the left, in the order of memory, which is read faster."""
    first = last - n + 1
    for i in range(n):
        c = n - 1 - i
        height = source[first + i] - (base + fall[c])
        out[c] = height if height == height else WALL  # noqa: PLR0124


@separate_kernel
def load_columns(
    heights: Floats, row: int, step: int, col: int, fall: Floats, base: Floats, n: int, out: Floats
) -> None:
    """Read columns ``col``, ``col + 1``, … as lines, each from ``row`` on in steps of ±1."""
    for c in range(n):
        source = heights[row + step * c]
        for b in range(base.size):
            height = source[col + b] - (base[b] + fall[c])
            out[b, c] = height if height == height else WALL  # noqa: PLR0124


@separate_kernel
def load_columns_left(
    heights: Floats, row: int, step: int, col: int, fall: Floats, base: Floats, n: int, out: Floats
) -> None:
    """Read columns ``col``, ``col − 1``, … as lines."""
    for c in range(n):
        source = heights[row + step * c]
        for b in range(base.size):
            height = source[col - b] - (base[b] + fall[c])
            out[b, c] = height if height == height else WALL  # noqa: PLR0124


@separate_kernel
def store_line(found: Floats, first: int, n: int, out: Floats) -> None:
    """Write cells ``first`` ≤ c < ``n`` outwards to the right."""
    for c in range(first, n):
        out[c] = found[c]


@separate_kernel
def store_line_left(found: Floats, first: int, n: int, last: int, out: Floats) -> None:
    """Write cells outwards to the left, in the order of memory."""
    for i in range(n - first):
        out[last - n + 1 + i] = found[n - 1 - i]


@separate_kernel
def store_columns(
    found: Floats, row: int, step: int, first: int, last: int, col: int, out: Floats
) -> None:
    """Write lines back as columns ``col``, ``col + 1``, …, cells ``first`` ≤ c < ``last``."""
    for c in range(first, last):
        target = out[row + step * c]
        for b in range(found.shape[0]):
            target[col + b] = found[b, c]


@separate_kernel
def store_columns_left(
    found: Floats, row: int, step: int, first: int, last: int, col: int, out: Floats
) -> None:
    """Write lines back as columns ``col``, ``col − 1`` and so on to the left."""
    for c in range(first, last):
        target = out[row + step * c]
        for b in range(found.shape[0]):
            target[col - b] = found[b, c]


@separate_kernel
def cells_of_line(
    line: Floats, horizon: Floats, n: int, density: np.float32, s: np.float32, out: Floats
) -> None:
    """Give the height above ground from which each of ``n`` cells of line ``s`` is seen.

    Args:
        line: ``(≥ n,)`` heights above the antenna [m].
        horizon: ``(rays,)`` steepest rise before this line [m per line].
        n: Cells to do.
        density: Rays per cell on this line.
        s: Number of the line.
        out: ``(≥ n,)`` metres above ground, 0 where the ground is seen, NaN unknown.
    """
    for c in range(n):
        place = np.float32(c) * density
        ray = np.int32(place)
        part = place - np.float32(ray)
        k = np.uint64(ray)
        rise = horizon[k] + part * (horizon[k + NEXT] - horizon[k])
        height = rise * s - line[c]
        height = height if abs(height) < ABSURD else NAN
        out[c] = max(height, ZERO)


@separate_kernel
def rays_over_line(
    line: Floats,
    slope: Floats,
    inverse: Floats,
    n: int,
    s: np.float32,
    per_line: np.float32,
    horizon: Floats,
    beyond: Floats,
) -> None:
    """Carry ``n`` rays over line ``s`` and over the columns crossed since the line before.

    Args:
        line: Heights of line ``s`` above the antenna [m].
        slope: ``(rays,)`` cells per line of each ray, m.
        inverse: ``(rays,)`` 1/m.
        n: Rays to carry.
        s: Number of the line.
        per_line: 1/s.
        horizon: ``(rays,)`` steepest rise so far [m per line]; raised in place.
        beyond: ``(rays,)`` height of the cell to the right of each ray on the line before;
            replaced by this line's.
    """
    for j in range(n):
        place = slope[j] * s
        cell = np.int32(place)
        column = np.float32(cell)
        part = place - column
        k = np.uint64(cell)
        left, right = line[k], line[k + NEXT]
        on_line = (left + part * (right - left)) * per_line
        # The column was crossed `back` lines ago, between `beyond` and `left`.
        back = part * inverse[j]
        on_column = (left + back * (beyond[j] - left)) * (slope[j] / column)
        on_column = on_column if (back < BARELY_ONE) & (cell > 0) else LOWEST
        best = horizon[j]
        best = max(best, on_line)
        horizon[j] = max(best, on_column)
        beyond[j] = right


@separate_kernel
def sweep_octant(
    heights: Floats,
    antenna: float,
    bend_x: float,
    bend_y: float,
    octant: int,
    rays: int,
    reach: NDArray[np.int64],
    out: Floats,
) -> None:
    """Find from how high each cell of one octant is seen.

    Args:
        heights: ``(2R + 1, 2R + 1)`` ground [m]; NaN unknown.
        antenna: Height of the antenna [m].
        bend_x: Fall of the effective earth [m] at 1 cell along a row; grows with the square.
        bend_y: The same along a column.
        octant: Bit 0: cells count to the right (or down); bit 1: lines go down (or right);
            bit 2: lines are columns.
        rays: In the octant; R or more, and 2R are twice as many as cells on the last line.
        reach: ``(R + 1,)`` last cell in range on each line.
        out: As ``heights``: metres above ground; other octants' cells are left alone.
    """
    size = reach.size - 1
    upright = octant & 4 == 0
    sign = 1 if octant & 2 else -1
    step = 1 if octant & 1 else -1
    # Axis and diagonal belong to two octants each; one of them writes.
    first = 0 if step == 1 else 1
    block = min(LINES_AT_ONCE if upright else COLUMNS_AT_ONCE, size)
    lines = np.zeros((block, size + 4), np.float32)
    found = np.zeros((block, size + 4), np.float32)
    fall = np.empty(size + 4, np.float32)
    bend_cell, bend_line = (bend_x, bend_y) if upright else (bend_y, bend_x)
    for c in range(fall.size):
        fall[c] = bend_cell * c * c
    base = np.empty(block, np.float32)
    horizon = np.full(rays + 2, LOWEST, np.float32)
    beyond = np.zeros(rays + 2, np.float32)
    slope = np.empty(rays + 2, np.float32)
    inverse = np.zeros(rays + 2, np.float32)
    for j in range(rays + 2):
        slope[j] = j / rays
        if j > 0:
            inverse[j] = rays / j
    for start in range(1, size + 1, block):
        count = min(block, size + 1 - start)
        wide = 0
        for b in range(count):
            s = start + b
            wide = max(wide, min(reach[s], s) + 3)
            base[b] = bend_line * s * s + antenna
        wide = min(wide, size + 1)
        if upright:
            for b in range(count):
                source = heights[size + sign * (start + b)]
                if step == 1:
                    load_line(source[size:], fall, base[b], wide, lines[b])
                else:
                    load_line_left(source, size, fall, base[b], wide, lines[b])
        elif sign == 1:
            load_columns(heights, size, step, size + start, fall, base[:count], wide, lines)
        else:
            load_columns_left(heights, size, step, size - start, fall, base[:count], wide, lines)
        for b in range(count):
            s = start + b
            n = min(reach[s], s) + 1
            cells_of_line(lines[b], horizon, n, np.float32(rays / s), np.float32(s), found[b])
            m = min(rays, math.ceil(n * rays / s)) + 1
            rays_over_line(
                lines[b], slope, inverse, m, np.float32(s), np.float32(1.0 / s), horizon, beyond
            )
            horizon[rays + 1] = horizon[rays]
        if upright:
            for b in range(count):
                s = start + b
                target = out[size + sign * s]
                n = min(reach[s], s) + 1
                if step == 1:
                    store_line(found[b], first, n, target[size:])
                else:
                    store_line_left(found[b], first, n, size, target)
        else:
            whole = size
            for b in range(count):
                whole = min(whole, min(reach[start + b], start + b - 1) + 1)
            if sign == 1:
                store_columns(found[:count], size, step, first, whole, size + start, out)
            else:
                store_columns_left(found[:count], size, step, first, whole, size - start, out)
            for b in range(count):
                s = start + b
                for c in range(max(first, whole), min(reach[s], s - 1) + 1):
                    out[size + step * c, size + sign * s] = found[b, c]


@kernel
def blank_beyond(reach: NDArray[np.int64], out: Floats) -> None:
    """Make all cells of ``out (2R + 1, 2R + 1)`` unknown that are beyond ``reach (R + 1,)``."""
    size = reach.size - 1
    for row in range(2 * size + 1):
        wide = reach[abs(row - size)]
        out[row, : size - wide] = NAN
        out[row, size + wide + 1 :] = NAN


@kernel
def exact_rows(
    heights: NDArray[np.float64], first: int, last: int, reach: NDArray[np.int64], out: Floats
) -> None:
    """Find from how high each cell is seen, from every crossing of its own sight line (R3).

    Args:
        heights: ``(2R + 1, 2R + 1)`` above the antenna less the earth's fall [m]; NaN unknown.
        first: First row to do.
        last: Row to stop before.
        reach: ``(R + 1,)`` last cell in range on each line.
        out: ``(2R + 1, 2R + 1)`` metres above ground; NaN behind unknown ground.
    """
    size = reach.size - 1
    for row in range(first, last):
        for col in range(2 * size + 1):
            down, right = row - size, col - size
            far_down, far_right = abs(down), abs(right)
            if far_right > reach[far_down]:
                continue
            sign_down = 1 if down > 0 else -1
            sign_right = 1 if right > 0 else -1
            best = float(LOWEST) * 1e3
            for a in range(1, far_down):
                across = a * far_right / far_down
                c = int(across)
                height = heights[size + sign_down * a, size + sign_right * c]
                if across > c:
                    more = heights[size + sign_down * a, size + sign_right * (c + 1)]
                    height += (across - c) * (more - height)
                rise = height * far_down / a
                if best == best and not rise <= best:  # noqa: PLR0124 (NaN enters, and stays)
                    best = rise
            for a in range(1, far_right):
                across = a * far_down / far_right
                c = int(across)
                height = heights[size + sign_down * c, size + sign_right * a]
                if across > c:
                    more = heights[size + sign_down * (c + 1), size + sign_right * a]
                    height += (across - c) * (more - height)
                rise = height * far_right / a
                if best == best and not rise <= best:  # noqa: PLR0124
                    best = rise
            height = best - heights[row, col]
            out[row, col] = max(height, 0.0)
