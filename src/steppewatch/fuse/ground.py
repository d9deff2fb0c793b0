"""Tracks of ground radars follow the terrain, where anyone knows it.

A ground radar measures no height. The terrain under a track tells it, and on a slope it tells of
the way across the slope, too. The terrain is taken as a plane over the track's own doubt; what
bends away from that plane counts as doubt of the height (terrain-aided constraint by
pseudo-measurement: Simon 2010, §2.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.kernels.grounding import hold_ground
from steppewatch.jit import kernel
from steppewatch.world.geodesy import enu_rotation, geodetic_from_ecef

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.visibility import Sight

SHORTEST, LONGEST = 15.0, 300.0  # over which the slope is taken [m]


def keep_on_ground(
    tracks: Columns, rows: NDArray[np.integer], sight: Sight, settings: TrackerSettings
) -> None:
    """Draw the tracks ``rows`` ``(k,)`` to the ground below them, in place.

    Args:
        tracks: Columns of the state.
        rows: Tracks that a ground radar just saw.
        sight: Knows the terrain; where it does not, nothing is done.
        settings: The tracker's settings.
    """
    if len(rows) == 0:
        return
    mean, reach = np.empty((len(rows), 3)), np.empty((len(rows), 1))
    stand(tracks["mean"], tracks["cov"], tracks["prob"], rows, mean, reach)
    middle = sight.above(mean)
    known = np.isfinite(middle)
    if not known.any():
        return
    if not known.all():
        rows, mean, reach, middle = rows[known], mean[known], reach[known], middle[known]
    lat, lon, _ = geodetic_from_ecef(mean)
    axes = enu_rotation(lat, lon)
    slope, bent = axes[:, 2].copy(), np.zeros(len(rows))
    for axis in (axes[:, 0], axes[:, 1]):
        ahead, behind = sight.above(mean + reach * axis), sight.above(mean - reach * axis)
        whole = np.isfinite(ahead) & np.isfinite(behind)
        rise = np.where(whole, (ahead - behind) / (2.0 * reach[:, 0]), 0.0)
        slope += rise[:, None] * axis
        bent += np.where(whole, 0.5 * (ahead + behind) - middle, 0.0) ** 2
    hold_ground(
        tracks["mean"], tracks["cov"], rows, mean, middle, slope, settings.ground_body,
        settings.sigma_terrain**2 + 0.5 * bent,
    )  # fmt: skip


@kernel
def stand(
    mean: NDArray[np.float64], cov: NDArray[np.float64], prob: NDArray[np.float64],
    rows: NDArray[Any], place: NDArray[np.float64], reach: NDArray[np.float64],
) -> None:  # fmt: skip
    """Write where tracks stand and over what distance the slope below them is taken.

    Shapes and units:
        mean: ``(n, m, 6)``; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; rows: ``(k,)`` of them.
        place: ``(k, 3)`` ECEF [m] and reach: ``(k, 1)`` [m], written.
    """
    for k in range(len(rows)):
        j, most = rows[k], 0.0
        for a in range(3):
            place[k, a] = 0.0
        for m in range(prob.shape[1]):
            variance = 0.0
            for a in range(3):
                place[k, a] += prob[j, m] * mean[j, m, a]
                variance += cov[j, m, a, a]
            most = max(most, variance)
        reach[k, 0] = min(max(np.sqrt(most / 3.0), SHORTEST), LONGEST)
