"""Hidden or gone? What a row of misses says where a track is only partly in sight.

A sensor may see a target in some of the places where it may be, and not in others: half of its
doubt lies behind a hill, or its range rate may lie in the notch. Misses in a row are then no
independent evidence. The first one moves the track, in our mind, to where it cannot be seen, and
further ones say little. So each track has, per sensor, a probability of being *in sight*: a miss
lowers it by Bayes' rule, time and a new look at the map bring it back, a hit proves it. This is
the visibility state of VIMMJIPDA (Brekke, Hem & Tokle 2021, IEEE Trans. Aerosp. Electron. Syst.
57(6)), with the map's share in the place of fixed transition probabilities.

In the open the share is 1, and every miss counts in full: what should be seen and is not dies
quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

    Array = NDArray[np.float64]

BACK_AFTER = 45.0  # [s]; misses are forgotten by and by, as targets and models move
OPEN = 0.8  # from this share of the nominal probability on, a place counts as open
LEAST = 1e-9
DARKEST = -12.0
NS = 1e-9


def share_of(chance: Array, sensor: Sensor) -> Array:
    """Give the part ``(n,)`` of each track's possible places where a sensor sees it as usual.

    Args:
        chance: ``(n,)`` probability of detection at the next look, averaged over the doubt.
        sensor: Who looks.
    """
    usual = OPEN * min(max(sensor.detection_probability, 0.02), 0.98)
    return np.asarray(np.minimum(chance / usual, 1.0))


def in_sight(tracks: Columns, column: int, now_ns: int, share: Array) -> Array:
    """Give the probability ``(n,)`` that each track is in sight at a sensor's next look.

    Args:
        tracks: Columns of the state.
        column: The sensor's number.
        now_ns: When the look is.
        share: ``(n,)`` from :func:`share_of`, what the map says.
    """
    before = tracks["shade"][:, column]
    if not before.any():
        return share
    since = np.maximum(now_ns - tracks["look_ns"][:, column], 0) * NS
    seen = share * np.exp(before * np.exp(-since / BACK_AFTER))
    return np.asarray(seen / np.maximum(seen + (1.0 - share), LEAST))


def after_miss(seen: Array, chance: Array, share: Array) -> Array:
    """Give ln of the factor ``(k,)`` that a miss leaves on the odds of being in sight.

    Args:
        seen: ``(k,)`` from :func:`in_sight`.
        chance: ``(k,)`` probability that the look finds the target: ``seen`` times that of a
            target in sight.
        share: ``(k,)`` what the map said at that look.
    """
    odds = np.maximum(seen - chance, LEAST) / np.maximum(1.0 - seen, LEAST)
    by_map = np.maximum(share, LEAST) / np.maximum(1.0 - share, LEAST)
    # In the open both are infinite, and a miss says nothing about where the target is.
    return np.asarray(np.where(share < 1.0, np.clip(np.log(odds / by_map), DARKEST, 0.0), 0.0))
