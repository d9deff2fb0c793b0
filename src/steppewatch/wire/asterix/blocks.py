"""Cut raw recordings (data blocks one after another) into packets with a time."""

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import Packet
from steppewatch.wire.asterix.clock import DAY_NS, TICK_NS
from steppewatch.wire.asterix.columns import ABSENT, find_blocks, program, read_columns

# Where each category carries its time of day.
TIMES = {10: "140", 21: "073", 34: "030", 48: "140", 62: "070", 65: "030"}
HALF_DAY = 43_200 * 128


def blocks(data: bytes) -> list[tuple[int, int, int]]:
    """List the data blocks of a recording: offset, length, category.

    Garbage between blocks is skipped: the next block is one whose follower, too, begins like one.

    >>> blocks(bytes.fromhex("ff410006c01481"))
    [(1, 6, 65)]
    """
    return cut(data, resync=True)[0]


def cut(data: bytes, *, resync: bool) -> tuple[list[tuple[int, int, int]], int]:
    """List the data blocks of a recording or datagram, and count the octets that are none.

    Args:
        data: The bytes.
        resync: Look for the next block behind garbage; in a datagram garbage ends the reading.
    """
    octets = np.frombuffer(data, np.uint8)
    found, _, skipped = find_blocks(octets, np.array([0, len(data)], np.int64), resync=resync)
    return [(int(at), int(length), int(number)) for at, length, number, _ in found], skipped


def packets_from_raw(data: bytes, source: str, date_ns: int) -> list[Packet]:
    """Give each data block of a recording the time of its first record that tells one.

    Blocks that tell no time get that of the block before. Time runs on over midnight.

    Args:
        data: The whole recording.
        source: What to call it.
        date_ns: Midnight UTC of the day on which it begins [ns].
    """
    octets = np.frombuffer(data, np.uint8)
    found, _, _ = find_blocks(octets, np.array([0, len(data)], np.int64), resync=True)
    ticks = np.full(len(found), ABSENT, np.int64)
    for number, item in TIMES.items():
        mine = np.flatnonzero(found[:, 2] == number)
        read = read_columns(octets, found[mine], program(number, (item,)))
        told = read.code(item) != ABSENT
        # Written backwards, so that the first record of each block has the last word.
        ticks[mine[read.block[told]][::-1]] = read.code(item)[told][::-1]
    times = _moments(ticks, date_ns // DAY_NS * DAY_NS)
    return [
        Packet(time_ns=time_ns, source=source, data=data[at : at + length])
        for (at, length, _, _), time_ns in zip(found.tolist(), times.tolist(), strict=True)
    ]


def _moments(ticks: NDArray[np.int64], day_ns: int) -> NDArray[np.int64]:
    """Turn times of day, some missing, into moments that run on over midnight [ns UTC]."""
    told = np.flatnonzero(ticks != ABSENT)
    if not len(told):
        return np.full(len(ticks), day_ns, np.int64)
    latest = np.clip(np.searchsorted(told, np.arange(len(ticks)), "right") - 1, 0, None)
    filled = ticks[told][latest]
    # A jump back of more than half a day is midnight; a jump forward that far undoes one.
    jumps = np.diff(filled, prepend=filled[0])
    days = np.cumsum((jumps < -HALF_DAY).astype(np.int64) - (jumps > HALF_DAY))
    return day_ns + filled * TICK_NS + days * DAY_NS
