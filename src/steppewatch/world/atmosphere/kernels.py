"""Bent rays from tables: millions of conversions a second.

A table holds how far a bent ray falls short of the straight one, in height and in the angle at
the earth's centre, over (slant range, elevation). Elevation nodes stand at equal steps of
``asinh(elevation / bend)``, close together near the horizon where rays bend most.
"""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Array = NDArray[np.float64]


@kernel
def look_up(
    table: Array, per_range: float, first: float, per_step: float, bend: float, s: float, e: float
) -> float:
    """Interpolate ``table (elevations, ranges)`` bilinearly at range s [m], elevation e [rad]."""
    rows, cols = table.shape
    col = min(max(s * per_range, 0.0), cols - 1.0 - 1e-9)
    row = min(max((math.asinh(e / bend) - first) * per_step, 0.0), rows - 1.0 - 1e-9)
    i, j = int(row), int(col)
    a, b = row - i, col - j
    low = table[i, j] + b * (table[i, j + 1] - table[i, j])
    high = table[i + 1, j] + b * (table[i + 1, j + 1] - table[i + 1, j])
    return float(low + a * (high - low))


@kernel
def bent(
    fall: Array,
    short: Array,
    scale: Array,
    centre: float,
    slant: Array,
    elevation: Array,
    height: Array,
    ground: Array,
) -> None:
    """Follow bent rays: slant range [m] and elevation [rad] to height and ground range.

    Args:
        fall: ``(elevations, ranges)`` how much lower than the straight ray [m].
        short: The same for the angle at the earth's centre [rad], straight less bent.
        scale: ``(5,)`` nodes per metre of range, first node, nodes per unit, bend, earth radius.
        centre: Antenna's distance from the earth's centre [m].
        slant: ``(n,)`` along the ray [m].
        elevation: ``(n,)`` apparent, at the antenna [rad].
        height: ``(n,)`` written: above the earth's surface [m]; NaN beyond the table and of NaN.
        ground: ``(n,)`` written: along the earth's surface [m]; NaN beyond the table.
    """
    radius = scale[4]
    farthest = (fall.shape[1] - 1.0) / scale[0]
    for i in range(slant.size):
        s, e = slant[i], elevation[i]
        if not 0.0 <= s <= farthest or math.isnan(e):
            height[i] = ground[i] = math.nan
            continue
        up, along = centre + s * math.sin(e), s * math.cos(e)
        low = look_up(fall, scale[0], scale[1], scale[2], scale[3], s, e)
        less = look_up(short, scale[0], scale[1], scale[2], scale[3], s, e)
        height[i] = math.sqrt(up * up + along * along) - radius - low
        ground[i] = (math.atan2(along, up) - less) * radius


@kernel
def apparent(
    fall: Array,
    short: Array,
    scale: Array,
    centre: float,
    ground: Array,
    height: Array,
    slant: Array,
    elevation: Array,
) -> None:
    """Find the bent ray that meets each target: the inverse of :func:`bent`, to a millimetre.

    The straight ray to a target lifted by the ray's own fall converges in a few rounds, because
    the fall changes slowly with the ray.
    """
    radius = scale[4]
    farthest = (fall.shape[1] - 1.0) / scale[0]
    for i in range(ground.size):
        low = less = s = e = 0.0
        if math.isnan(ground[i] + height[i]):
            slant[i] = elevation[i] = math.nan
            continue
        for _ in range(12):
            angle = ground[i] / radius + less
            top = radius + height[i] + low
            up, along = top * math.cos(angle) - centre, top * math.sin(angle)
            s = math.hypot(up, along)
            e = math.atan2(up, along)
            before = low
            low = look_up(fall, scale[0], scale[1], scale[2], scale[3], s, e)
            less = look_up(short, scale[0], scale[1], scale[2], scale[3], s, e)
            if abs(low - before) < 1e-4:
                break
        known = s <= farthest
        slant[i], elevation[i] = s if known else math.nan, e if known else math.nan
