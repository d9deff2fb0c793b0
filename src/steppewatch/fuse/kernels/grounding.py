"""What walks and drives stands on the ground: the terrain's height as a constraint."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Floats = NDArray[np.float64]


@kernel
def hold_ground(
    mean: Floats, cov: Floats, rows: Any, about: Floats, above: Floats, slope: Floats,
    body: float, variance: Floats,
) -> None:  # fmt: skip
    """Draw tracks to the ground below them, in place, never surer of it than ``variance``.

    The height above ground is a plane about the track; it is a pseudo-measurement of ``body``
    whose noise leaves exactly ``variance`` behind, for the terrain's error does not average out.

    Shapes and units:
        mean: ``(n, m, 6)``; cov: ``(n, m, 6, 6)``; rows of them change.
        rows: ``(k,)``; about: ``(k, 3)`` ECEF [m]; above: ``(k,)`` height above ground there [m].
        slope: ``(k, 3)`` gradient of that height; body: the height that it should have [m].
        variance: ``(k,)`` of the terrain's height [m²].
    """
    gain = np.empty(6)
    for k in range(len(rows)):
        j, least = rows[k], variance[k]
        for m in range(mean.shape[1]):
            miss, s = body - above[k], 0.0
            for a in range(6):
                gain[a] = 0.0
                for b in range(3):
                    gain[a] += cov[j, m, a, b] * slope[k, b]
            for a in range(3):
                s += slope[k, a] * gain[a]
                miss -= slope[k, a] * (mean[j, m, a] - about[k, a])
            if s <= least:
                continue
            part = (1.0 - least / s) / s
            for a in range(6):
                mean[j, m, a] += gain[a] * part * miss
                for b in range(6):
                    cov[j, m, a, b] -= gain[a] * gain[b] * part
