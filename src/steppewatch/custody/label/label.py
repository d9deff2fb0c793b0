"""The label that every track, image, alert and export carries: who may see it, and how.

A thing made of others takes the strictest of its parents (*meet*): rule 12 of ``docs/release.md``
(technology that came of technology is controlled too). The meet is commutative, associative and
idempotent, so that the order in which parents were found never matters.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache, reduce
from typing import Any

import cbor2

from steppewatch.errors import CustodyError
from steppewatch.records.binary import record

SECRET = 3
LONGEST_S = (1 << 31) - 1
UNVOUCHED = "unknown source"  # The caveat that a parent without a label leaves behind.
_NUMBERS = ("level", "precision_m", "delay_s", "keep_s")
_LISTS = ("originators", "terms", "projects", "caveats", "releasable", "purposes")


@record("custody-label")
@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Say who may see a thing, for what and how exactly. Texts stand sorted, each once.

    Attributes:
        originators: Organisations whose items or persons made it.
        terms: Agreements that bind it; each must allow a release. Nothing leaves without any.
        releasable: Organisations to which it may go, if an agreement's rule allows it too.
        purposes: For which it may be used.
        areas: Areas of the agreements in which it may be shown; None for anywhere.
        level: Classification, 0 open … 3 secret.
        precision_m: It is never shown finer than this [m].
        delay_s: It is never shown younger than this [s].
        keep_s: It is never shown, and nobody keeps it, when older than this [s].
        projects: Confirmed projects that it belongs to.
        caveats: Warnings that a rule must name to release it in spite of them.
        suspended: Nothing of it leaves until a person reinstates its source. True for a label
            without originators or terms.
    """

    originators: tuple[str, ...]
    terms: tuple[str, ...]
    releasable: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    areas: tuple[str, ...] | None = None
    level: int = 0
    precision_m: int = 0
    delay_s: int = 0
    keep_s: int = LONGEST_S
    projects: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    suspended: bool = False

    def __post_init__(self) -> None:
        """Sort the texts and refuse what no label can say."""
        for name in (*_LISTS, "areas"):
            told = getattr(self, name)
            if told is None and name == "areas":
                continue
            if isinstance(told, str) or not all(isinstance(text, str) and text for text in told):
                raise CustodyError(f"a label's {name} is {told!r}; expected texts")
            object.__setattr__(self, name, tuple(sorted(set(told))))
        for name in _NUMBERS:
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise CustodyError(f"a label's {name} is {number!r}; expected a whole number")
        if self.level > SECRET or self.keep_s > LONGEST_S:
            raise CustodyError(
                f"a label's level {self.level} or keep_s {self.keep_s} is above "
                f"{SECRET} or {LONGEST_S}"
            )
        if not isinstance(self.suspended, bool):
            raise CustodyError(f"a label's suspended is {self.suspended!r}; expected true or false")
        if not (self.originators and self.terms):
            # Or a parent that nobody vouches for would be forgotten beside one with a name.
            object.__setattr__(self, "suspended", True)

    @property
    def closed(self) -> bool:
        """Tell whether nobody at all may have it, whatever the rules say."""
        return self.suspended or not self.releasable


# What nobody vouches for: no sensor known, no parent told.
NOBODY = Label(
    originators=(), terms=(), areas=(), level=SECRET, precision_m=LONGEST_S, delay_s=LONGEST_S,
    keep_s=0, caveats=(UNVOUCHED,), suspended=True,
)  # fmt: skip


def own(nation: str, org: str, releasable: Iterable[str], purposes: Iterable[str]) -> Label:
    """Label what a nation's own sensors saw: its own rules bind it, ``"<nation>-own"``.

    >>> own("MN", "mn-bgd", ["jp-mod"], ["border"]).terms
    ('mn-own',)
    """
    return Label(
        originators=(org,),
        terms=(f"{nation.lower()}-own",),
        releasable=tuple(releasable),
        purposes=tuple(purposes),
    )


def strictest(labels: Iterable[Label]) -> Label:
    """Give the label of what was made of some things: as strict as each of them.

    Without any parent it is ``NOBODY``: what comes from nowhere goes nowhere.

    >>> a = own("MN", "mn-bgd", ["jp-mod", "xx"], ["border"])
    >>> b = Label(originators=("jp-mod",), terms=("jp-mn",), releasable=("jp-mod",), level=1)
    >>> one = strictest([a, b])
    >>> one.terms, one.releasable, one.level
    (('jp-mn', 'mn-own'), ('jp-mod',), 1)
    """
    given = list(labels)
    return reduce(_meet, given) if given else NOBODY


def no_looser(one: Label, other: Label) -> bool:
    """Tell whether ``one`` is at least as strict as ``other`` in every point."""
    return _meet(one, other) == one


def digest(label: Label) -> bytes:
    """Name a label by the SHA-256 of its CBOR form (32 byte)."""
    return _digest(label)


def to_object(label: Label) -> dict[str, Any]:
    """Give the label's JSON form."""
    return {
        field.name: list(value) if isinstance(value, tuple) else value
        for field in fields(label)
        for value in (getattr(label, field.name),)
    }


def from_object(content: object) -> Label:
    """Read the JSON form; every field must be there, and no other.

    Raises:
        CustodyError: It is no label.
    """
    names = {field.name for field in fields(Label)}
    if not isinstance(content, Mapping) or set(content) != names:
        raise CustodyError(f"a label is not a map of {', '.join(sorted(names))}")
    for name in (*_LISTS, "areas"):
        if not isinstance(content[name], list | tuple) and not (
            name == "areas" and content[name] is None
        ):
            raise CustodyError(f"a label's {name} is {content[name]!r}; expected a list of texts")
    lists: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in content.items()}
    return Label(**lists)


def packed(label: Label) -> bytes:
    """Give the label as deterministic CBOR (RFC 8949, §4.2.1)."""
    return bytes(cbor2.dumps(to_object(label), canonical=True))


def label_of(data: bytes) -> Label:
    """Read what :func:`packed` gave.

    Raises:
        CustodyError: The bytes are no label in its one form.
    """
    try:
        label = from_object(cbor2.loads(data))
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError) as error:
        raise CustodyError(f"a label is not CBOR ({error}); it was damaged or cut") from error
    if packed(label) != data:
        raise CustodyError("a label is not in its deterministic CBOR form")
    return label


def as_json(label: Label) -> str:
    """Give the label as one line of JSON, keys sorted."""
    return json.dumps(to_object(label), sort_keys=True, ensure_ascii=False)


def _meet(one: Label, other: Label) -> Label:
    def both(name: str) -> tuple[str, ...]:
        return tuple(set(getattr(one, name)) & set(getattr(other, name)))

    areas = one.areas if other.areas is None else other.areas
    if one.areas is not None and other.areas is not None:
        areas = both("areas")
    return Label(
        originators=one.originators + other.originators,
        terms=one.terms + other.terms,
        releasable=both("releasable"),
        purposes=both("purposes"),
        areas=areas,
        level=max(one.level, other.level),
        precision_m=max(one.precision_m, other.precision_m),
        delay_s=max(one.delay_s, other.delay_s),
        keep_s=min(one.keep_s, other.keep_s),
        projects=one.projects + other.projects,
        caveats=one.caveats + other.caveats,
        suspended=one.suspended or other.suspended,
    )


@cache
def _digest(label: Label) -> bytes:
    return hashlib.sha256(packed(label)).digest()
