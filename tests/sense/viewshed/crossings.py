"""The obvious way to see: each cell's own sight line, every crossing, in plain Python."""

import math

import numpy as np


def visible_height_by_crossings(heights, mast, bend):
    """Give the minimum visible height of a square ``(n, n)``; ``bend`` is the fall at 1 cell."""
    size = len(heights) // 2
    antenna = heights[size, size] + mast
    out = np.full(heights.shape, np.nan)

    def above(row, col):
        away = (row - size) ** 2 + (col - size) ** 2
        return float(heights[row, col]) - antenna - bend * away

    for row in range(2 * size + 1):
        for col in range(2 * size + 1):
            down, right = row - size, col - size
            if down * down + right * right > size * size:
                continue
            worst = -math.inf
            for n in {abs(down), abs(right)}:
                for a in range(1, n):
                    y, x = size + down * a / n, size + right * a / n
                    if y != int(y) and x != int(x):
                        continue
                    corners = {
                        (math.floor(y), math.floor(x)): 1.0,
                        (math.ceil(y), math.ceil(x)): 1.0,
                    }
                    if len(corners) == 2:
                        part = (y - math.floor(y)) + (x - math.floor(x))
                        corners[(math.floor(y), math.floor(x))] = 1.0 - part
                        corners[(math.ceil(y), math.ceil(x))] = part
                    height = sum(above(*c) * share for c, share in corners.items())
                    if math.isnan(height) or math.isnan(worst):
                        worst = math.nan
                    else:
                        worst = max(worst, height * n / a)
            out[row, col] = np.nan if math.isnan(worst) else max(0.0, worst - above(row, col))
            if math.isnan(heights[row, col]):
                out[row, col] = np.nan
    out[size, size] = 0.0
    return out
