"""Ids of joint tracks: every node derives the same from a tracker's name and its track's number."""

import zlib

import numpy as np
from numpy.typing import NDArray

ID_BITS = 32
NODE_MASK = 0xFFFFF  # 20 bits of node and 32 of id stay exact in a browser's numbers


def tracker_code(name: str) -> int:
    """Give the code of a tracker's name, by which the joint ids of its tracks begin."""
    return zlib.crc32(name.encode()) & NODE_MASK


def joint_id(tracker: str, number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give joint ids to track numbers ``(n,)`` of one tracker.

    >>> int(joint_id("north", np.array([7]))[0]) & 0xFFFFFFFF
    7
    """
    code = np.int64(tracker_code(tracker))
    return np.asarray((code << ID_BITS) | (number & ((1 << ID_BITS) - 1)))


def founder(gid: int) -> tuple[int, int]:
    """Tell who first had the track of a joint id: its tracker's code, its number there.

    >>> founder(int(joint_id("north", np.array([7]))[0])) == (tracker_code("north"), 7)
    True
    """
    return gid >> ID_BITS, gid & ((1 << ID_BITS) - 1)
