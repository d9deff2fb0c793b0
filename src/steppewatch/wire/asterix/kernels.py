"""Kernels that find data blocks and read wanted fields of many records at once.

Every read is checked against the end of its block, so any bytes are safe. The oracle of
``read_records`` is :func:`steppewatch.wire.asterix.records.records`, which shares no code with it.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

FIXED, EXTENDED, COUNTED, COMPOUND, EXPLICIT = 1, 2, 3, 4, 5
ABSENT = -(2**63)
HEADER = 3

Ints = NDArray[np.int64]


@kernel
def find_blocks(
    data: NDArray[np.uint8], packets: Ints, known: NDArray[np.bool_], resync: bool, out: Ints
) -> tuple[int, int, int]:
    """List the data blocks of many packets that lie one after another in ``data``.

    Args:
        data: ``(size,)`` all bytes.
        packets: ``(p + 1,)`` offset of each packet, and the end of the last.
        known: ``(256,)`` whether a category exists.
        resync: Look for the next block after garbage, instead of dropping the packet's rest.
        out: ``(m, 4)`` offset, length, category, packet of each block.

    Returns:
        Number of blocks, places where bytes were skipped, bytes skipped.
    """
    count, places, skipped = 0, 0, 0
    for packet in range(len(packets) - 1):
        at, end = packets[packet], packets[packet + 1]
        lost = False
        while at < end:
            length = np.int64(0)
            if at + HEADER <= end and known[data[at]]:
                length = (np.int64(data[at + 1]) << 8) | np.int64(data[at + 2])
            good = length > HEADER and at + length <= end
            if good and lost and at + length + HEADER <= end:
                good = known[data[at + length]]
            if good and count < len(out):
                out[count, 0] = at
                out[count, 1] = length
                out[count, 2] = data[at]
                out[count, 3] = packet
                count += 1
                at += length
                lost = False
                continue
            if not lost:
                places += 1
                lost = True
            step = 1 if resync else end - at
            skipped += step
            at += step
    return count, places, skipped


@kernel
def span(data: NDArray[np.uint8], at: int, end: int, form: int, size: int) -> int:
    """Give the length of one item or subfield at ``at``; −1 when it passes ``end``."""
    length = np.int64(-1)
    if form == FIXED:
        length = np.int64(size)
    elif form == EXTENDED:
        length = np.int64(size)
        while at + length <= end and data[at + length - 1] & 1:
            length += size
    elif form == COUNTED:
        if at < end:
            length = 1 + np.int64(data[at]) * size
    elif form == EXPLICIT and at < end and data[at] > 0:
        length = np.int64(data[at])
    if length < 0 or at + length > end:
        return -1
    return int(length)


@kernel
def extract(
    data: NDArray[np.uint8], at: int, end: int, wants: Ints, which: int, row: int, out: Ints
) -> None:
    """Put field ``which`` of the item at ``at`` … ``end`` into ``out``, if it is there."""
    first = at + wants[which, 2]
    last = first + wants[which, 3]
    if last > end:
        return
    value = np.int64(0)
    for k in range(first, last):
        value = (value << 8) | np.int64(data[k])
    mask, sign = wants[which, 5], wants[which, 6]
    value = (value >> wants[which, 4]) & mask
    # Two's complement: `sign` is the value of the sign bit, 0 for unsigned fields.
    out[row, wants[which, 7]] = (value ^ sign) - sign


@kernel
def read_item(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    frn: int,
    items: Ints,
    subs: Ints,
    wants: Ints,
    row: int,
    out: Ints,
) -> int:
    """Read the wanted fields of one item at ``at``; give its length, −1 when it is broken."""
    first, last = items[frn, 4], items[frn, 5]
    if items[frn, 0] != COMPOUND:
        length = span(data, at, end, items[frn, 0], items[frn, 1])
        for w in range(first, last if length >= 0 else first):
            extract(data, at, at + length, wants, w, row, out)
        return length
    head = at
    while head < end and data[head] & 1:
        head += 1
    if head >= end:
        return -1
    body = head + 1
    for k in range((body - at) * 8):
        if k & 7 == 7 or not data[at + (k >> 3)] & (0x80 >> (k & 7)):
            continue
        number = k - (k >> 3)
        sub = items[frn, 2] + number
        if sub >= items[frn, 3] or subs[sub, 0] == 0:
            return -1
        length = span(data, body, end, subs[sub, 0], subs[sub, 1])
        if length < 0:
            return -1
        for w in range(first, last):
            if wants[w, 1] == number:
                extract(data, body, body + length, wants, w, row, out)
        body += length
    return body - at


@kernel
def read_record(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    items: Ints,
    subs: Ints,
    wants: Ints,
    row: int,
    out: Ints,
) -> int:
    """Read one record at ``at`` into ``out[row]``; give where it ends, −1 when it is broken."""
    body = at
    while body < end and data[body] & 1:
        body += 1
    body += 1
    if body > end:
        return -1
    first, frn = body, -1
    for octet in range(at, body):
        bits = np.int64(data[octet])
        for k in range(7, 0, -1):
            frn += 1
            if not (bits >> k) & 1:
                continue
            if frn >= len(items) or items[frn, 0] == 0:
                return -1
            # Most items are of fixed length: they are spared the calls, which cost more than the
            # reading (0.9 against 1.5 million records a second), and hold all their fields.
            length = items[frn, 1]
            if items[frn, 0] != FIXED:
                length = read_item(data, body, end, frn, items, subs, wants, row, out)
            elif body + length <= end:
                for w in range(items[frn, 4], items[frn, 5]):
                    value = np.int64(0)
                    for o in range(body + wants[w, 2], body + wants[w, 2] + wants[w, 3]):
                        value = (value << 8) | np.int64(data[o])
                    value = (value >> wants[w, 4]) & wants[w, 5]
                    out[row, wants[w, 7]] = (value ^ wants[w, 6]) - wants[w, 6]
            if length < 0 or body + length > end:
                return -1
            body += length
    # A record without any item would let a run of zeros pass for records. No item is empty.
    return body if body > first else -1


@kernel
def read_records(
    data: NDArray[np.uint8],
    blocks: Ints,
    items: Ints,
    subs: Ints,
    wants: Ints,
    out: Ints,
    places: Ints,
    bad: NDArray[np.bool_],
) -> int:
    """Read the records of many blocks of one category.

    Args:
        data: ``(size,)`` all bytes.
        blocks: ``(b, 4)`` as from :func:`find_blocks`.
        items: ``(f, 6)`` by field reference number: form, size, first and last row in ``subs``,
            first and last row in ``wants``.
        subs: ``(s, 2)`` form and size of each subfield.
        wants: ``(w, 8)`` item, subfield, first octet, octets, shift, mask, sign bit, column.
        out: ``(n, c)`` the raw integers, ``ABSENT`` where an item is missing.
        places: ``(n, 3)`` block, offset and length of each record.
        bad: ``(b,)`` set where a block's rest could not be read.

    Returns:
        Number of records read.
    """
    row = 0
    for b in range(len(blocks)):
        at, end = blocks[b, 0] + HEADER, blocks[b, 0] + blocks[b, 1]
        while at < end:
            after = -1
            if row < len(places):
                for c in range(out.shape[1]):
                    out[row, c] = ABSENT
                after = read_record(data, at, end, items, subs, wants, row, out)
            if after < 0:
                bad[b] = True
                break
            places[row, 0] = b
            places[row, 1] = at
            places[row, 2] = after - at
            row += 1
            at = after
    return row
