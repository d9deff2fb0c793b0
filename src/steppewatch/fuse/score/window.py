"""Compare tracks, not points, over a sliding window: OSPA⁽²⁾.

Beard, Vo & Vo 2020, "A solution for large-scale multi-object tracking", IEEE Trans. Signal
Process. 68, §II-C: the distance of two tracks is the mean of their distances over the moments at
which either exists, cut off at c; OSPA is then taken between the two sets of tracks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import FuseError
from steppewatch.fuse.score.assign import match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.score.meetings import Meetings


def ospa2(
    met: Meetings, c: float = 1_000.0, *, window: int = 10, p: float = 1.0, q: float = 1.0
) -> NDArray[np.float64]:
    """Measure how far the tracks of the last ``window`` moments are from the true ones.

    A switch costs for as long as the window holds both halves; a short false track costs as much
    as a long one.

    Args:
        met: Meetings within ``c``, or farther.
        c: Cut-off [m].
        window: Moments in a window; the first ones are shorter.
        p: Order over tracks.
        q: Order over time.

    Returns:
        ``(k,)`` OSPA⁽²⁾ of the window that ends with each moment [m]; 0 where nothing was there.

    Raises:
        FuseError: The window is empty.
    """
    if window < 1:
        raise FuseError(f"window is {window} moments; an OSPA(2) window has at least one")
    near = np.isfinite(met.distance) & (met.distance < c)
    gain = np.where(near, c**q - np.where(near, met.distance, 0.0) ** q, 0.0)
    both = met.alive[:, met.first] & met.told[:, met.second]
    values = np.zeros(len(met.alive))
    for k in range(len(values)):
        start = max(0, k + 1 - window)
        lives = met.alive[start : k + 1].sum(axis=0)
        tells = met.told[start : k + 1].sum(axis=0)
        most = max(int((lives > 0).sum()), int((tells > 0).sum()))
        if not most:
            continue
        either = lives[met.first] + tells[met.second] - both[start : k + 1].sum(axis=0)
        pair = np.flatnonzero(near[start : k + 1].any(axis=0))
        mean = np.maximum(c**q - gain[start : k + 1, pair].sum(axis=0) / either[pair], 0.0)
        base = mean ** (p / q)
        chosen = match(met.first[pair], met.second[pair], c**p - base)
        total = base[chosen].sum() + c**p * (most - len(chosen))
        values[k] = (total / most) ** (1.0 / p)
    return values
