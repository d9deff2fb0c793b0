"""Hidden or gone? A two-state visibility for shadows that no map knows.

Terrain tells where a target cannot be seen; what it does not know (a gully, trees, a car park, an
elevation file full of holes) shows only as misses in a row. So each track has, per sensor, a
probability of being visible at all: it may go into hiding and come out again, a Markov chain in
continuous time. A miss makes hiding likelier, and then further misses say less; a hit proves that
it is visible. (Brekke, Hem & Tokle 2021, "Multitarget tracking with multiple models and
visibility: derivation and verification on maritime radar data", IEEE Trans. Aerosp. Electron.
Syst. 57(6): the visibility state of VIMMJIPDA; here per sensor.)

A track whose plots stop has hidden or has ended. How often which, each sensor learns from its own
tracks: those that came back after misses against those that did not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

BACK_AFTER = 45.0  # [s]; mean time in hiding
PRIOR = {True: (3.0, 3.0), False: (0.5, 10.0)}
"""What is believed before anything is learnt, as (hid, ended), for ground radars and all others."""
FEWEST = 2  # misses before a return counts as one from hiding
MEMORY = 3_600.0  # [s]
NS = 1e-9


def visible(
    tracks: Columns, column: int, now_ns: int, odds: float, ceiling: float, period: float
) -> NDArray[np.float64]:
    """Give the probability ``(n,)`` that each track is visible to a sensor at its next look.

    The chance of going into hiding between two looks is set so that a believed track (log-odds at
    the ceiling) that is missed for long has at last the odds of existence ``odds``: then, if it
    exists at all, it hides.

    Args:
        tracks: Columns of the state.
        column: The sensor's number.
        now_ns: When the look is.
        odds: From :func:`odds_of`.
        ceiling: The highest log-odds of existence.
        period: The sensor's scan period [s].
    """
    hide = min(odds * np.exp(-ceiling), 0.2) / max(period, 1e-3)
    back = 1.0 / BACK_AFTER
    look_ns = tracks["look_ns"][:, column]
    before = np.where(look_ns > tracks["hit_ns"][:, column], tracks["visible"][:, column], 1.0)
    # A look per period: what has passed since the last one, but no more than a few periods.
    passed = np.clip((now_ns - look_ns) * NS, 0.0, 4.0 * period)
    rest = back / (hide + back)
    out: NDArray[np.float64] = rest + (before - rest) * np.exp(-(hide + back) * passed)
    return out


def after_miss(seen: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the probability of being visible after a look that found nothing (Bayes).

    Args:
        seen: ``(k,)`` probability of being visible before the look.
        chance: ``(k,)`` probability that the look finds the target: ``seen`` times that of a
            visible one.
    """
    return (seen - chance) / (1.0 - chance)


def odds_of(counts: NDArray[np.float64], sensor: Sensor) -> float:
    """Give the odds that a track which vanished from a sensor hides and has not ended.

    Args:
        counts: ``(2,)`` learnt: how many came back, how many did not.
        sensor: Whose.
    """
    hid, ended = PRIOR[sensor.kind == SensorKind.GROUND_RADAR]
    return float((counts[0] + hid) / (counts[1] + ended))


def came_back(
    tracks: Columns, rows: NDArray[np.int64], column: int, seen: NDArray[np.float64]
) -> float:
    """Count the tracks just hit that had been hiding; ask before their misses are forgotten.

    Args:
        tracks: Columns of the state, before the hits are written down.
        rows: ``(k,)`` tracks that were hit.
        column: The sensor's number.
        seen: ``(n,)`` from :func:`visible`.

    Returns:
        The expected number of them.
    """
    missing = (tracks["missed"][rows, column] >= FEWEST) & tracks["confirmed"][rows]
    some = rows[missing]
    if len(some) == 0:
        return 0.0
    before = tracks["visible"][some, column]
    surely = np.maximum(seen[some], 1e-9)
    return float(np.sum(np.clip(1.0 - before / surely, 0.0, 1.0)))
