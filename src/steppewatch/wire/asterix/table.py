"""The notation in which a category's items are written down, and its reading into forms.

An entry is ``<item> "<title>" <form>``; a line that is indented continues the one above. The
n-th entry is the item of field reference number n; ``-`` marks a number that is not used.

    NAME:8              element of 8 bits, an unsigned number
    NAME:24:hex         … written in hexadecimal; also ``oct``, ``icao`` (6-bit), ``ascii``
    NAME:14:i*1/2^2[FL] … signed (``u``: unsigned), in units of ¼ flight level
    -:4                 four spare bits
    NAME(a b c)         group: one after another
    fx(a b | c |)       extended: ``|`` is the bit that says whether more octets follow
    repfx(a)            repeated while the last bit of each repetition is set
    rep(a)              repeated as often as the octet before says
    sub(a - c)          compound: a presence field (extended), then the subfields present
    sub1(a b)           … whose presence field is a single octet
    len(a)              explicit: an octet that counts all octets including itself, then a

``IAS:15:u*1/2^14[NM/s]~IM*1/1000[Mach]``: in the second unit when the element IM before it is 1.

Source: EUROCONTROL-SPEC-0149 (ASTERIX part 1), §5.2–5.4.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from steppewatch.errors import WireError

TOKEN = re.compile(r'"[^"]*"|[()|]|[^\s()|]+')
CODING = re.compile(r"([ui])\*([^\[~]+)\[([^\]]*)\](?:~(\w+)\*([^\[]+)\[([^\]]*)\])?")
SHAPES = {"fx": "extended", "repfx": "chained", "rep": "counted", "sub": "compound"}
SHAPES |= {"sub1": "single", "len": "explicit", "": "group"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Describe how some bits are laid out.

    Attributes:
        shape: ``element``, ``spare``, ``fx``, or one of the values of ``SHAPES``.
        name: Its name in the specification; ``""`` when it has none.
        bits: Width of an element, spare or fx.
        coding: ``u``, ``i``, ``hex``, ``oct``, ``icao`` or ``ascii``.
        lsb: Value of the least significant bit in ``unit``; 0 for plain numbers.
        unit: Physical unit as in the specification.
        switch: Element whose value 1 puts ``other_lsb`` in force; ``""`` for none.
        other_lsb: See ``switch``.
        parts: What stands inside; ``None`` for an unused presence bit.
    """

    shape: str
    name: str = ""
    bits: int = 0
    coding: str = "u"
    lsb: float = 0.0
    unit: str = ""
    switch: str = ""
    other_lsb: float = 0.0
    parts: tuple["Form | None", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Give a form its place in a category: ``name`` is what the specification calls it."""

    name: str
    title: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Hold one category: ``items[n]`` belongs to field reference number n + 1."""

    number: int
    edition: str
    items: tuple[Item | None, ...]
    index: dict[str, int] = field(default_factory=dict)


def category(number: int, edition: str, table: str) -> Category:
    """Read a table into a category.

    >>> category(65, "1.6", '010 "Source" (SAC:8 SIC:8)').items[0].name
    'I065/010'
    """
    entries = re.sub(r"\n\s+", " ", table.strip()).split("\n")
    items = tuple(_item(number, entry) for entry in entries)
    index = {item.name: n for n, item in enumerate(items) if item}
    return Category(number=number, edition=edition, items=items, index=index)


def width(form: Form) -> int:
    """Give the number of bits of a form of fixed width.

    Raises:
        WireError: The width depends on the data.
    """
    if form.shape in {"element", "spare", "fx"}:
        return form.bits
    if form.shape in {"group", "extended"}:
        return sum(width(part) for part in form.parts if part)
    raise WireError(f"a {form.shape} form has no fixed width; expected elements and groups")


def _item(number: int, entry: str) -> Item | None:
    if entry == "-":
        return None
    tokens = TOKEN.findall(entry)
    form, end = _form(tokens, 2)
    if form is None or end != len(tokens):
        raise WireError(
            f"table of category {number}: {tokens[end:]} follow the form of {tokens[0]}"
        )
    return Item(name=f"I{number:03}/{tokens[0]}", title=tokens[1].strip('"'), form=form)


def _form(tokens: list[str], at: int) -> tuple[Form | None, int]:
    word = tokens[at]
    if word == "(":
        name, shape = "", ""
    elif at + 1 < len(tokens) and tokens[at + 1] == "(":
        name, _, shape = word.rpartition("=")
        if shape not in SHAPES:
            name, shape = shape, ""
        at += 1
    elif word == "-":
        return None, at + 1
    elif word == "|":
        return Form(shape="fx", bits=1), at + 1
    elif word == "len":
        return Form(shape="explicit"), at + 1
    else:
        return _element(word), at + 1
    parts, at = [], at + 1
    while tokens[at] != ")":
        part, at = _form(tokens, at)
        parts.append(part)
    return Form(shape=SHAPES[shape], name=name, parts=tuple(parts)), at + 1


def _element(token: str) -> Form:
    name, bits, *rest = token.split(":")
    if name == "-":
        return Form(shape="spare", bits=int(bits))
    coding = rest[0] if rest else "u"
    match = CODING.fullmatch(coding)
    if match is None:
        return Form(shape="element", name=name, bits=int(bits), coding=coding)
    sign, lsb, unit, switch, other_lsb, _ = match.groups()
    return Form(
        shape="element",
        name=name,
        bits=int(bits),
        coding=sign,
        lsb=_number(lsb),
        unit=unit,
        switch=switch or "",
        other_lsb=_number(other_lsb) if other_lsb else 0.0,
    )


def _number(text: str) -> float:
    over, _, under = text.partition("/")
    base, _, power = (under or "1").partition("^")
    return float(Fraction(over) / Fraction(base) ** int(power or 1))
