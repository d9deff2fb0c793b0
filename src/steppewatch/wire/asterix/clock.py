"""From a time of day, as ASTERIX carries it, to a moment in UTC."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DAY_NS = 86_400 * 1_000_000_000
TICK_NS = 1_000_000_000 // 128
# Clocks that differ more than this from the time of reception are corrected, and reported.
TOLERANCE_NS = 30 * 1_000_000_000


def utc_from_tod(ticks: NDArray[np.int64], near_ns: NDArray[np.int64] | int) -> NDArray[Any]:
    """Put times of day on the day that brings them closest to a moment.

    Args:
        ticks: ``(n,)`` time of day in 1/128 s.
        near_ns: ``(n,)`` or one moment, usually of reception [ns UTC].

    Returns:
        ``(n,)`` int64 [ns UTC]; a time of day just before midnight that is received just after
        belongs to the day before.

    >>> utc_from_tod(np.array([86_399 * 128]), 5_000_000_000).tolist()
    [-1000000000]
    """
    near = np.asarray(near_ns, np.int64)
    moment = ticks * TICK_NS + near // DAY_NS * DAY_NS
    # `//` on negative differences floors, which is what the rollover needs.
    return moment - (moment - near + DAY_NS // 2) // DAY_NS * DAY_NS


def sender_times(
    ticks: NDArray[np.int64], received_ns: NDArray[np.int64], held_ns: int
) -> tuple[NDArray[np.int64], int]:
    """Turn a sender's times of day into moments, corrected while its clock is wrong.

    Args:
        ticks: ``(n,)`` time of day in 1/128 s.
        received_ns: ``(n,)`` time of reception [ns UTC].
        held_ns: What had to be added up to now; it is kept while it fits, so that the intervals
            between the sender's times stay exact.

    Returns:
        ``(n,)`` moments [ns UTC], and what was added; 0 while the clock is right.
    """
    moments = utc_from_tod(ticks, received_ns)
    off = int(np.median(received_ns - moments))
    if abs(off) <= TOLERANCE_NS:
        return moments, 0
    added = held_ns if abs(off - held_ns) <= TOLERANCE_NS else off
    return moments + added, added
