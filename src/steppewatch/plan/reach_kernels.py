"""Compiled inner loop of what a package sees: pairs of heights and distances to chances."""

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel


@kernel
def chances_of_option(
    points: NDArray[np.int32],
    height: NDArray[np.float32],
    distance: NDArray[np.float32],
    ground: NDArray[np.float64],
    antenna: float,
    above: float,
    reach: float,
    table: NDArray[np.float32],
    scale: NDArray[np.float64],
    least: float,
    first: int,
    rows: NDArray[np.int32],
    chance: NDArray[np.float32],
) -> int:
    """Append the points that one option sees of one class.

    Args:
        points: ``(n,)`` numbers of the points in reach of the mast.
        height: ``(n,)`` least visible height above ground [m].
        distance: ``(n,)`` [m].
        ground: Ground at all points [m].
        antenna: Height of the antenna [m].
        above: Height of the class above ground [m].
        reach: Farthest [m].
        table: ``(2, r, h)`` chance over distance and height above the antenna; second plane
            where the ground itself is in sight.
        scale: Step of distance [m], first height and step of height [m].
        least: Smallest chance that counts.
        first: Number of the class's first demand.
        rows: Out, from the first place: demands.
        chance: Out.

    Returns:
        How many were appended.
    """
    count = 0
    most_r, most_h = table.shape[1] - 2, table.shape[2] - 2
    for i in range(points.shape[0]):
        if height[i] > above or distance[i] > reach:
            continue
        r = distance[i] / scale[0]
        h = (ground[points[i]] + above - antenna - scale[1]) / scale[2]
        h = min(max(h, 0.0), most_h + 1.0)
        j, m = min(int(r), most_r), min(int(h), most_h)
        a, b = min(r - j, 1.0), h - m
        plane = 1 if height[i] <= 0.0 else 0
        near = table[plane, j, m] * (1.0 - b) + table[plane, j, m + 1] * b
        far = table[plane, j + 1, m] * (1.0 - b) + table[plane, j + 1, m + 1] * b
        p = near + a * (far - near)
        if p >= least:
            rows[count] = first + points[i]
            chance[count] = p
            count += 1
    return count
