"""What the register holds: persons, items, sites, consents, proposals, clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from steppewatch.custody.agreement import Arrangement, Lot

GONE = frozenset({"lost", "stolen", "destroyed", "disposed"})
DAY_NS = 86_400_000_000_000
NEVER = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Know an enrolled person.

    Attributes:
        id, name, org, nation: Who, of which organisation, of which nation that organisation is.
        national: The person's own nation; whoever signs for a nation does so by the organisation.
        roles: ``"authority"``, ``"officer"``, ``"inspector"``, ``"duty"``, ``"technical"``…
        level: Clearance, 0 … 3.
        kid: Name of the person's key (32 byte).
        position: Where the enrolment took effect.
    """

    id: str
    name: str
    org: str
    nation: str
    national: str
    roles: frozenset[str]
    level: int
    kid: bytes
    position: int


@dataclass(slots=True, kw_only=True)
class Item:
    """Know one serial-numbered item, for ever.

    Attributes:
        uid: ``maker/part/serial``.
        agreement, arrangement: Under which it came.
        terms: Agreements that bind it; grows when it is fitted into what others bind.
        origin: Nation that gave it.
        holder: Organisation that has custody.
        state: ``"registered"``, ``"held"``, ``"offered"``, ``"lost"``…
        suspended: Why it must not be used; ``""`` when it may.
        site: Where it is kept.
        seen_ns: Last sighting [ns UTC].
        due_ns: When it must be sighted next; :data:`NEVER` before handover.
        inside: Uid of what it is fitted into.
        parts: Uids of what is fitted into it.
        sensor: Its name in the sensor network; ``""`` for none.
        return_by_ns: End of a loan; 0 for none.
        lender: Who gets it back.
        history: ``(position, kind, text)`` of all that happened to it.
    """

    uid: str
    title: str
    agreement: str
    arrangement: Arrangement
    lot: Lot
    terms: frozenset[str]
    origin: str
    holder: str
    state: str = "registered"
    suspended: str = ""
    site: str = ""
    seen_ns: int = 0
    due_ns: int = NEVER
    inside: str = ""
    parts: tuple[str, ...] = ()
    sensor: str = ""
    return_by_ns: int = 0
    lender: str = ""
    history: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Site:
    """Know a storage site and until when the origin certified it [ns UTC]."""

    id: str
    title: str
    org: str
    nation: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    certified_until_ns: int = 0


@dataclass(slots=True, kw_only=True)
class Consent:
    """Know a consent that took effect.

    Attributes:
        position: Of the approval that completed it.
        kinds: What it opens: ``"transfer"``, ``"purpose"``, ``"dispose"``, ``"fit"``.
        signers: Who proposed and approved.
        by_origin: One of them is of the agreement's origin.
        used, reserved: Spent by acceptances, held by open offers.
        allocated: By site: the share that may be spent there, online or not.
        spent: By site: what was spent of it; ``""`` for no site's share.
        assured: The recipient signed its own end-use assurance.
        revoked: Position at which it was taken back; −1 while it holds.
        witnessed: Position from which it counts; −1 while no witness confirmed it.
    """

    id: str
    agreement: str
    items: frozenset[str]
    purpose: str
    recipient: str
    quantity: int
    from_ns: int
    until_ns: int
    kinds: frozenset[str]
    case: str
    leaf: bytes
    position: int
    signers: frozenset[str]
    organisations: frozenset[str]
    by_origin: bool
    used: int = 0
    reserved: int = 0
    allocated: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    assured: bool = False
    revoked: int = -1
    witnessed: int = -1

    def left(self, site: str) -> int:
        """Count what may still be spent at a site: its own share, or what nobody was allotted."""
        if site in self.allocated:
            return self.allocated[site] - self.spent.get(site, 0)
        return self.quantity - sum(self.allocated.values()) - self.spent.get("", 0)

    def spend(self, site: str, quantity: int) -> None:
        """Count a quantity (negative gives it back) against the site's share."""
        share = site if site in self.allocated else ""
        self.spent[share] = self.spent.get(share, 0) + quantity


@dataclass(slots=True, kw_only=True)
class Proposal:
    """Know what somebody proposed and who approved so far.

    ``state``: open, done, rejected, void (its proposer's key holds no more).
    """

    leaf: bytes
    position: int
    at_ns: int
    kind: str
    body: Mapping[str, Any]
    by: str
    approved: list[str] = field(default_factory=list)
    state: str = "open"
    needs: str = ""


@dataclass(slots=True, kw_only=True)
class Offer:
    """Know one offer of items, and when it was accepted.

    ``share`` names the site whose part of the consent it holds; ``done`` and ``done_ns`` are the
    position and time of the acceptance, −1 and 0 before.
    """

    leaf: bytes
    position: int
    at_ns: int
    items: tuple[str, ...]
    giver: str
    by: str
    to: str
    site: str
    purpose: str
    consent: str
    return_by_ns: int
    share: str
    state: str = "open"
    done: int = -1
    done_ns: int = 0


@dataclass(slots=True, kw_only=True)
class Inspection:
    """Know a request to inspect, until when it must be answered, and how it was."""

    leaf: bytes
    position: int
    by: str
    items: tuple[str, ...]
    text: str
    due_ns: int
    answered: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Tell organisations or nations what they must know; made by the ledger itself."""

    position: int
    at_ns: int
    to: tuple[str, ...]
    kind: str
    text: str


@dataclass(slots=True, kw_only=True)
class Emergency:
    """Know a declared danger to life, bounded in time, and how it was reviewed."""

    leaf: bytes
    position: int
    by: str
    reason: str
    areas: tuple[str, ...]
    to: tuple[str, ...]
    from_ns: int
    until_ns: int
    review: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Say what is due, of whom, until when [ns UTC], and whether that is past."""

    what: str
    about: str
    of: str
    due_ns: int
    late: bool
