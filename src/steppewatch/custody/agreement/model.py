"""What an agreement says, as records: nothing of its text lives in code.

Every table is one of the file's (``docs/agreements.md``). Times are ``int`` nanoseconds UTC;
``FOREVER`` stands for "no end".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOREVER = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Say from when until when something holds: ``from_ns <= t < until_ns``."""

    from_ns: int = 0
    until_ns: int = FOREVER

    def holds(self, now_ns: int) -> bool:
        """Tell whether a moment lies inside."""
        return self.from_ns <= now_ns < self.until_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Name a body that can hold items or receive data.

    Attributes:
        id: Short name, unique in the ledger.
        title: Full name.
        nation: ISO 3166 code of two letters, or ``"INT"`` for an international body.
        kind: ``"government"``, ``"contractor"`` or ``"international"``.
        part_of: Id of the body it belongs to; ``""`` for none.
    """

    id: str
    title: str
    nation: str
    kind: str = "government"
    part_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Name one kind of item that an arrangement allows, and how many.

    Attributes:
        maker: Maker's code.
        part: Part number.
        title: What it is.
        quantity: Most that may be handed over.
        monitored: ``"enhanced"`` (each serial seen yearly) or ``"routine"`` (a sample).
        level: Classification, 0 open … 3 secret.
    """

    maker: str
    part: str
    title: str
    quantity: int
    monitored: str = "enhanced"
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Name a project that both sides confirmed through the diplomatic channel."""

    id: str
    title: str
    purposes: tuple[str, ...]
    confirmed_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Hold one detailed arrangement: items, purposes, persons, terms.

    Attributes:
        id: Short name.
        project: ``Project.id``.
        giver: Organisation that hands over.
        holder: Organisation that receives.
        purposes: For which the items may be used.
        named: Organisations (contractors too) expressly named as allowed to have possession.
        lots: What may be handed over.
        interval: When items may be handed over and used.
    """

    id: str
    project: str
    giver: str
    holder: str
    purposes: tuple[str, ...]
    named: tuple[str, ...] = ()
    lots: tuple[Lot, ...] = ()
    interval: Interval = field(default_factory=Interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Put one rule of the clause library into force.

    Attributes:
        id: Number in the text, for example ``"3.2"``; unique in the agreement.
        rule: Name in the library (``custody/data/clauses/<rule>.<variant>.cedar``).
        variant: Which form the text has: ``"flat"``, ``"consent"``…
        source: Where it stands in which text.
        survives: Stays in force after the agreement ended.
        interval: When it is in force.
        given: Values for the rule's own parameters.
        text: A policy written out in Cedar, for what no library rule says; ``""`` for none.
    """

    id: str
    rule: str
    variant: str
    source: str
    survives: bool = False
    interval: Interval = field(default_factory=Interval)
    given: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Hold a release area: ``(n, 2)`` corners, latitude and longitude [rad]."""

    id: str
    corners: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRule:
    """Say what may be shown to whom. What no rule allows is withheld.

    Attributes:
        id: Unique in the agreement.
        to: Organisations that may receive.
        purposes: For which they may use it.
        kinds: ``"track"``, ``"image"``, ``"alert"``, ``"export"``.
        targets: Names of ``records.TargetClass`` in small letters; empty for all.
        areas: Ids of areas in which the thing must lie; empty for anywhere.
        level_max: Highest classification released.
        precision_m: Position is rounded to this before it is sent [m]; 0 as it is.
        delay_s: Youngest age released [s].
        keep_s: Greatest age released [s]; the receiver's duty to delete after it.
        caveats: Caveats that this rule may release in spite of.
        source: Where it stands in which text.
        interval: When it is in force.
        emergency: Only during a declared emergency (life at risk).
    """

    id: str
    to: tuple[str, ...]
    purposes: tuple[str, ...]
    kinds: tuple[str, ...] = ("track",)
    targets: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    level_max: int = 0
    precision_m: int = 0
    delay_s: int = 0
    keep_s: int = 86_400
    caveats: tuple[str, ...] = ()
    source: str = ""
    interval: Interval = field(default_factory=Interval)
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Say whose signatures a weighty act needs: distinct persons, never who proposed it.

    Attributes:
        persons: Approvals by so many persons other than the proposer.
        organisations: From so many organisations in all, the proposer's included.
        origin: One of the signers (proposer or approver) is of the origin's nation.
        role: Role that an approver must have.
    """

    persons: int = 2
    organisations: int = 2
    origin: bool = True
    role: str = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Hold the clocks [day] and the longest emergency [hour].

    Attributes:
        first_inventory: From handover to the first sighting of each serial.
        inventory: From one sighting to the next.
        inspection: From the origin's request to the answer.
        report: From a loss or damage to its report.
        records: How long records are kept after the last item is gone (ATT art. 12: 10 years).
        emergency_hours: Longest emergency release.
    """

    first_inventory: int = 90
    inventory: int = 365
    inspection: int = 30
    report: int = 7
    records: int = 3653
    emergency_hours: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Hold a whole agreement, or a nation's own rules for its own data (``origin == recipient``).

    Attributes:
        id: Short name, unique in the ledger.
        title: Full name.
        origin: Nation that gives.
        recipient: Nation that receives.
        source: Where the text can be read.
        interval: Entry into force until its end; survival is per clause.
        text: The file as it was written; its hash is what the parties sign.
    """

    id: str
    title: str
    origin: str
    recipient: str
    source: str
    interval: Interval
    organisations: tuple[Organisation, ...]
    projects: tuple[Project, ...]
    arrangements: tuple[Arrangement, ...]
    clauses: tuple[Clause, ...]
    releases: tuple[ReleaseRule, ...]
    areas: tuple[Area, ...]
    needed: Mapping[str, Needed]
    deadlines: Deadlines
    text: str
