"""Read wanted fields of many records at once into columns, for machines.

A want is a path in the specification's names, ``"040/RHO"``, ``"130/SAM"``, ``"120/CAL/CAL"``.
The table is compiled once into the integer arrays that :mod:`~steppewatch.wire.asterix.kernels`
walk. Columns hold the raw integers; ``scale`` gives the value of one bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import WireError
from steppewatch.wire.asterix import kernels
from steppewatch.wire.asterix.records import CATEGORIES
from steppewatch.wire.asterix.table import Form, width

ABSENT = kernels.ABSENT
WIDEST = 48
# Categories that the specification has given out; others are not ASTERIX.
KNOWN = np.zeros(256, np.bool_)
KNOWN[[*range(1, 35), 48, *range(61, 66), 129, 150, 204, 205, *range(238, 256)]] = True

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Hold one category and some wants as the arrays that the kernels read.

    Attributes:
        items: ``(f, 6)``, see :func:`kernels.read_records`.
        subs: ``(s, 2)`` form and size of subfields.
        wants: ``(w, 8)`` item, subfield, first octet, octets, shift, mask, sign bit, column.
        rows: Row of each path.
        scales: Value of one bit of each path.
    """

    items: Ints
    subs: Ints
    wants: Ints
    rows: dict[str, int]
    scales: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Hold n records of one category.

    Attributes:
        data: ``(size,)`` the bytes they stand in.
        raw: ``(n, c)`` int64, ``ABSENT`` where an item is not there.
        block: ``(n,)`` the block each record stands in.
        offset: ``(n,)`` where each record begins in the data.
        length: ``(n,)`` its octets.
        bad: ``(b,)`` blocks whose rest could not be read.
    """

    program: Program
    data: NDArray[np.uint8]
    raw: Ints
    block: Ints
    offset: Ints
    length: Ints
    bad: NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.raw)

    def code(self, path: str) -> Ints:
        """Give the raw integers of one field, ``ABSENT`` where it is missing."""
        column: Ints = self.raw[:, self.program.rows[path]]
        return column

    def value(self, path: str) -> NDArray[np.float64]:
        """Give one field in the unit of the specification, NaN where it is missing."""
        raw = self.code(path)
        return np.where(raw == ABSENT, np.nan, raw * (self.program.scales[path] or 1.0))


def find_blocks(
    data: NDArray[np.uint8], packets: Ints, *, resync: bool = False
) -> tuple[Ints, int, int]:
    """List the data blocks in packets that lie one after another.

    Args:
        data: ``(size,)`` bytes.
        packets: ``(p + 1,)`` where each packet begins, and where the last one ends.
        resync: Go on after garbage (recordings), instead of giving the packet up (datagrams).

    Returns:
        ``(b, 4)`` offset, length, category, packet; places with garbage; bytes skipped.
    """
    out = np.empty((len(data) // (kernels.HEADER + 1) + 1, 4), np.int64)
    count, places, skipped = kernels.find_blocks(data, packets, KNOWN, resync, out)
    return out[:count], int(places), int(skipped)


def read_columns(data: NDArray[np.uint8], blocks: Ints, program: Program) -> Columns:
    """Read the wanted fields of all records in blocks of one category."""
    # Memory is taken up page by page as rows are written, so the bound may be generous.
    bound = int(blocks[:, 1].sum()) // 2 + 1
    raw = np.empty((bound, len(program.rows)), np.int64)
    places = np.empty((bound, 3), np.int64)
    bad = np.zeros(len(blocks), np.bool_)
    n = kernels.read_records(
        data, blocks, program.items, program.subs, program.wants, raw, places, bad
    )
    return Columns(
        program=program,
        data=data,
        raw=raw[:n],
        block=places[:n, 0],
        offset=places[:n, 1],
        length=places[:n, 2],
        bad=bad,
    )


@cache
def program(number: int, wants: Sequence[str]) -> Program:
    """Compile the table of one category for a tuple of wanted paths.

    Raises:
        WireError: A path names no field of the category.
    """
    category = CATEGORIES[number]
    items = np.zeros((len(category.items), 6), np.int64)
    subs: list[tuple[int, int]] = []
    found: list[tuple[int, ...]] = []
    scales: dict[str, float] = {}
    for frn, item in enumerate(category.items):
        if item is None:
            continue
        first_sub, first_want = len(subs), len(found)
        key = item.name.partition("/")[2]
        if item.form.shape == "compound":
            subs += [_layout(part) for part in item.form.parts]
            form, size = kernels.COMPOUND, 0
        else:
            form, size = _layout(item.form)
        for row, path in enumerate(wants):
            names = path.split("/")
            if names[0] == key:
                sub, bit, element = _find(item.form, names[1:], path)
                found.append((frn, sub, *_cut(bit, element), row))
                scales[path] = element.lsb
        items[frn] = form, size, first_sub, len(subs), first_want, len(found)
    missing = set(wants) - set(scales)
    if missing:
        raise WireError(f"category {number} has no fields {sorted(missing)}")
    return Program(
        items=items,
        subs=np.array(subs, np.int64).reshape(-1, 2),
        wants=np.array(found, np.int64).reshape(-1, 8),
        rows={path: row for row, path in enumerate(wants)},
        scales=scales,
    )


def _layout(form: Form | None) -> tuple[int, int]:
    """Give form and size of an item or subfield as the kernels know them."""
    if form is None:
        return 0, 0
    if form.shape == "explicit":
        return kernels.EXPLICIT, 0
    if form.shape == "extended":
        return kernels.EXTENDED, 1
    inner = form.parts[0] if form.parts else None
    if form.shape == "chained" and inner:
        return kernels.EXTENDED, (width(inner) + 1) // 8
    if form.shape == "counted" and inner:
        return kernels.COUNTED, width(inner) // 8
    return kernels.FIXED, width(form) // 8


def _cut(bit: int, element: Form) -> tuple[int, ...]:
    """Say how to take an element out: first octet, octets, shift, mask, sign bit."""
    if element.bits > WIDEST:
        raise WireError(f"field {element.name} has {element.bits} bits; a column holds {WIDEST}")
    first, last = bit // 8, -(-(bit + element.bits) // 8)
    sign = 1 << (element.bits - 1) if element.coding == "i" else 0
    return first, last - first, last * 8 - bit - element.bits, (1 << element.bits) - 1, sign


def _find(form: Form, names: list[str], path: str) -> tuple[int, int, Form]:
    """Find a field: its subfield (−1 for none), its first bit there, its form."""
    if form.shape == "compound":
        for sub, part in enumerate(form.parts):
            if part and names and part.name == names[0]:
                return sub, *_bit(part, names[1:], path)
    return -1, *_bit(form, names, path)


def _bit(form: Form, names: list[str], path: str) -> tuple[int, Form]:
    if not names and form.shape == "element":
        return 0, form
    if form.shape in {"counted", "chained"} and form.parts[0]:
        bit, element = _bit(form.parts[0], names, path)
        return bit + (8 if form.shape == "counted" else 0), element
    bit = 0
    for part in form.parts:
        if part is None:
            continue
        if names and part.name == names[0]:
            inner, element = _bit(part, names[1:], path)
            return bit + inner, element
        bit += width(part)
    raise WireError(f"no field {path!r} in the table")
