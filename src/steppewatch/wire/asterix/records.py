"""Decode records fully, to plain values under the specification's own names, for people to read.

``{"I048/010": {"SAC": 20, "SIC": 129}, "I048/040": {"RHO": 10.5, "THETA": 44.9}, …}``: numbers
in the physical units of the specification, octal and hexadecimal codes and texts as strings,
repetitions as lists, a Reserved Expansion or Special Purpose Field without a known layout in
hexadecimal.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from steppewatch.errors import WireError
from steppewatch.wire.asterix.cat010 import CAT010
from steppewatch.wire.asterix.cat021 import CAT021
from steppewatch.wire.asterix.cat034 import CAT034
from steppewatch.wire.asterix.cat048 import CAT048
from steppewatch.wire.asterix.cat062 import CAT062
from steppewatch.wire.asterix.cat065 import CAT065
from steppewatch.wire.asterix.table import Category, Form, width

CATEGORIES = {c.number: c for c in (CAT010, CAT021, CAT034, CAT048, CAT062, CAT065)}
ICAO = "?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????"
HEADER = 3

Reader = Callable[[bytes, int], tuple[Any, int]]
Pick = Callable[[int, dict[str, Any]], Any]


def records(block: bytes) -> Iterator[dict[str, Any]]:
    """Decode the records of one data block (category, length and all), one after another.

    Records before a broken one are given before the error is raised.

    Raises:
        WireError: The block or a record breaks the format, or the category is not decoded.
    """
    if len(block) < HEADER or int.from_bytes(block[1:3], "big") != len(block):
        raise WireError(f"a block of {len(block)} bytes does not match the length in its header")
    category = CATEGORIES.get(block[0])
    if category is None:
        raise WireError(f"category {block[0]} is not decoded; decoded: {sorted(CATEGORIES)}")
    at = HEADER
    while at < len(block):
        try:
            found, at = _record(category, block, at)
        except IndexError as error:
            raise WireError(f"category {block[0]}: the block ends inside a record") from error
        yield found


def _record(category: Category, data: bytes, at: int) -> tuple[dict[str, Any], int]:
    present, at = _presence(data, at)
    if not present:
        raise WireError(f"category {category.number}: a record without any item")
    found = {}
    readers = _readers(category.number)
    for number in present:
        item = category.items[number] if number < len(category.items) else None
        if item is None:
            raise WireError(
                f"category {category.number}: field reference number {number + 1} is not used in "
                f"edition {category.edition}; is the feed of another edition?"
            )
        found[item.name], at = readers[number](data, at)
    return found, at


@cache
def _readers(number: int) -> tuple[Reader, ...]:
    return tuple(reader(item.form) if item else _unused for item in CATEGORIES[number].items)


def _unused(data: bytes, at: int) -> tuple[Any, int]:
    raise WireError(f"octet {at} of {len(data)}: presence bit of an unused item")


def _presence(data: bytes, at: int, *, single: bool = False) -> tuple[list[int], int]:
    """Read a presence field: the numbers of what is present, and where it ends."""
    if single:
        return [k for k in range(8) if data[at] & (0x80 >> k)], at + 1
    present, number = [], 0
    while True:
        octet = data[at]
        at += 1
        present += [number + k for k in range(7) if octet & (0x80 >> k)]
        number += 7
        if not octet & 1:
            return present, at


def reader(form: Form) -> Reader:
    """Make the function that reads one form: ``(data, at) -> (value, end)``."""
    if form.shape == "extended":
        return _extended(form)
    if form.shape == "chained":
        return _chained(form)
    if form.shape == "counted":
        return _counted(form)
    if form.shape in {"compound", "single"}:
        return _compound(form)
    if form.shape == "explicit":
        return _explicit(form)
    return _fixed(form)


def _fixed(form: Form) -> Reader:
    size = (width(form) + 7) // 8
    if width(form) % 8:
        raise WireError(f"form {form.name!r} has {width(form)} bits, expected whole octets")
    pick = _pick(form, 0)

    def read(data: bytes, at: int) -> tuple[Any, int]:
        end = at + size
        if end > len(data):
            raise IndexError
        return pick(int.from_bytes(data[at:end], "big"), {}), end

    return read


def _pick(form: Form, shift: int) -> Pick:
    """Make the function that takes a form out of an integer, ``shift`` bits from its right end."""
    if form.shape != "group":
        return _coded(form, shift)
    parts: list[tuple[str, Pick]] = []
    for part in reversed(form.parts):
        if part and part.shape in {"element", "group"}:
            parts.append((part.name, _pick(part, shift)))
        shift += width(part) if part else 0
    parts.reverse()

    def pick(word: int, _: dict[str, Any]) -> dict[str, Any]:
        group: dict[str, Any] = {}
        for name, take in parts:
            group[name] = take(word, group)
        return group

    return pick


def _coded(form: Form, shift: int) -> Pick:
    mask, top, lsb = (1 << form.bits) - 1, 1 << form.bits - 1, form.lsb
    if form.switch:
        return lambda word, group: (
            (word >> shift & mask) * (form.other_lsb if group[form.switch] else lsb)
        )
    if form.coding in {"oct", "hex"}:
        digits = -(-form.bits // (3 if form.coding == "oct" else 4))
        style = f"0{digits}{'o' if form.coding == 'oct' else 'X'}"
        return lambda word, _: format(word >> shift & mask, style)
    if form.coding in {"icao", "ascii"}:
        text = _icao if form.coding == "icao" else _ascii
        return lambda word, _: text(word >> shift & mask, form.bits)
    if form.coding == "i":
        return lambda word, _: ((word >> shift & mask ^ top) - top) * (lsb or 1)
    if lsb:
        return lambda word, _: (word >> shift & mask) * lsb
    return lambda word, _: word >> shift & mask


def _icao(word: int, bits: int) -> str:
    return "".join(ICAO[word >> k & 63] for k in range(bits - 6, -1, -6))


def _ascii(word: int, bits: int) -> str:
    return word.to_bytes(bits // 8, "big").decode("latin-1")


def _extended(form: Form) -> Reader:
    """Read extent after extent while the last bit is set; what no edition names stays in hex."""
    extents: list[list[Form]] = [[]]
    for part in form.parts:
        if part and part.shape == "fx":
            extents.append([])
        elif part:
            extents[-1].append(part)
    extents.pop()
    picks = [_pick(Form(shape="group", parts=tuple(parts)), 1) for parts in extents]
    sizes = [(sum(width(part) for part in parts) + 1) // 8 for parts in extents]

    def read(data: bytes, at: int) -> tuple[Any, int]:
        found: dict[str, Any] = {}
        for pick, size in zip(picks, sizes, strict=True):
            end = at + size
            if end > len(data):
                raise IndexError
            word = int.from_bytes(data[at:end], "big")
            at = end
            found |= pick(word, {})
            if not word & 1:
                return found, at
        start = at
        while data[at] & 1:
            at += 1
        found["+"] = data[start : at + 1].hex().upper()
        return found, at + 1

    return read


def _chained(form: Form) -> Reader:
    part = form.parts[0]
    bits = width(part) + 1 if part else 8
    pick = _pick(part, 1) if part else _unused

    def read(data: bytes, at: int) -> tuple[Any, int]:
        found = []
        while True:
            end = at + bits // 8
            word = int.from_bytes(data[at:end], "big")
            at = end
            more = data[at - 1] & 1
            found.append(pick(word, {}))  # type: ignore[arg-type]
            if not more:
                return found, at

    return read


def _counted(form: Form) -> Reader:
    read_one = reader(form.parts[0]) if form.parts[0] else _unused

    def read(data: bytes, at: int) -> tuple[Any, int]:
        found, count = [], data[at]
        at += 1
        for _ in range(count):
            value, at = read_one(data, at)
            found.append(value)
        return found, at

    return read


def _compound(form: Form) -> Reader:
    parts = [(part.name, reader(part)) if part else None for part in form.parts]
    single = form.shape == "single"

    def read(data: bytes, at: int) -> tuple[Any, int]:
        present, at = _presence(data, at, single=single)
        found: dict[str, Any] = {}
        for number in present:
            part = parts[number] if number < len(parts) else None
            if part is None:
                raise WireError(f"subfield {number + 1} of a compound item is not used")
            found[part[0]], at = part[1](data, at)
        return found, at

    return read


def _explicit(form: Form) -> Reader:
    """Read a field that knows its length: a layout that does not fit it leaves it in hex."""
    read_inside = reader(form.parts[0]) if form.parts and form.parts[0] else None

    def read(data: bytes, at: int) -> tuple[Any, int]:
        end = at + data[at]
        if end == at or end > len(data):
            raise WireError(f"an explicit field of {data[at]} octets does not fit its block")
        inside = data[at + 1 : end]
        if read_inside:
            try:
                value, stop = read_inside(inside, 0)
            except (WireError, IndexError):
                return inside.hex().upper(), end
            if stop == len(inside):
                return value, end
        return inside.hex().upper(), end

    return read
