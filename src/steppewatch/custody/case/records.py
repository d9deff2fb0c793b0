"""What a case is: who asked for what, what was found, advised, countersigned and decided.

Nothing here is ever taken away: a changed opinion is a new record, and the old one stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol


class Person(Protocol):
    """Know this much of who signed an act; the register's persons fit."""

    @property
    def id(self) -> str:
        """Name the person, uniquely in the ledger."""

    @property
    def org(self) -> str:
        """Name the person's organisation."""

    @property
    def nation(self) -> str:
        """Name that organisation's nation."""

    @property
    def roles(self) -> Iterable[str]:
        """List what the person may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Tell one step of a case's history.

    Attributes:
        position: Place of the statement in the ledger.
        leaf: Its leaf hash (32 byte).
        at_ns: When its signer says that it was [ns UTC].
        by: Id of who signed it.
        kind: Kind of act.
        text: What it said, in words.
    """

    position: int
    leaf: bytes
    at_ns: int
    by: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Hold one result of one check."""

    check: str
    result: str
    by: str
    nation: str
    text: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Hold one flag as it stands now.

    Attributes:
        flag: Its name.
        blocks: No approval while it is set.
        raised_by: Who set it.
        nation: Nation of who set it: the only one whose persons may lift it.
        lifted_by: Who lifted it; ``""`` while it is set.
        text: Why it was set, or lifted.
    """

    flag: str
    blocks: bool
    raised_by: str
    nation: str
    lifted_by: str
    text: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersign:
    """Hold one second opinion on an advice."""

    by: str
    org: str
    agree: bool
    text: str
    position: int


@dataclass(slots=True, kw_only=True)
class Advice:
    """Hold what one organisation advises about one thing.

    Attributes:
        leaf: Leaf hash of the advice's statement; a countersign names it.
        valid: False once the same organisation advised anew, or the case was re-opened.
        countersigns: Second opinions on it, in order.
    """

    leaf: bytes
    about: str
    by: str
    org: str
    nation: str
    verdict: str
    conditions: tuple[str, ...]
    text: str
    position: int
    valid: bool = True
    countersigns: list[Countersign] = field(default_factory=list)

    @property
    def countersigned(self) -> bool:
        """Tell whether somebody else agreed and nobody disagreed."""
        return bool(self.countersigns) and all(one.agree for one in self.countersigns)

    @property
    def contested(self) -> bool:
        """Tell whether somebody disagreed."""
        return any(not one.agree for one in self.countersigns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Hold one decision on a case."""

    verdict: str
    conditions: tuple[str, ...]
    text: str
    reasons: tuple[str, ...]
    by: str
    position: int


@dataclass(slots=True, kw_only=True)
class Licence:
    """Hold one consent that was given on a case, and what is used of it."""

    consent: str
    quantity: int
    used: int
    position: int


@dataclass(slots=True, kw_only=True)
class Case:
    """Hold one case as the ledger tells it so far.

    Attributes:
        origin: Nation of the agreement that gives, and that decides.
        parties: Both nations of the agreement, each of which must advise.
        round: 1, and one more with each re-opening.
        stage: Where it stands (``docs/cases.md``); follows from the rest.
        since_ns: When it came to this stage [ns UTC]; its clock starts here.
    """

    id: str
    type: str
    title: str
    agreement: str
    items: tuple[str, ...]
    recipient: str
    purpose: str
    quantity: int
    from_ns: int
    until_ns: int
    text: str
    opened_by: str
    opened_org: str
    opened_nation: str
    opened_ns: int
    origin: str
    parties: tuple[str, ...]
    stage: str = "checks"
    since_ns: int = 0
    round: int = 1
    checks: dict[str, list[Check]] = field(default_factory=dict)
    flags: dict[str, Flag] = field(default_factory=dict)
    advice: list[Advice] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    licences: list[Licence] = field(default_factory=list)
    reopened: bool = False
    history: list[Event] = field(default_factory=list)

    @property
    def decision(self) -> Decision | None:
        """Give the decision that stands; None while the case is open."""
        return self.decisions[-1] if self.decisions and not self.reopened else None

    def live(self) -> list[Advice]:
        """List the advice that counts now."""
        return [one for one in self.advice if one.valid]
