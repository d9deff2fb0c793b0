"""The rules of cases, as public data: types, checks, roles, clocks and queues.

The engine of the cases (:mod:`.board`, :mod:`.queues`) knows no type, no check and no role by
name: it reads these tables. The page shows them to who asks why a case is in a queue.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PARTY, ORIGIN, SIDE = "party", "origin", "side"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseType:
    """Name one type of case.

    Attributes:
        title: What is asked for.
        checks: Checks that must be done, by name, with the question that each answers.
        about: Things that advice is given about.
        items: A case of this type names items.
    """

    title: str
    checks: Mapping[str, str]
    about: tuple[str, ...]
    items: bool = True


_PARTIES = "Is any party listed, barred or under sanctions?"
_END_USE = "Is the end use the one asked for, and does the recipient assure it?"

TYPES: Mapping[str, CaseType] = {
    "transfer": CaseType(
        title="hand items to somebody else",
        checks={
            "parties": _PARTIES,
            "end-use": _END_USE,
            "destination": "Would the origin itself export there?",
            "diversion": "How likely is it that the items go on to somebody else?",
        },
        about=("recipient", "items", "purpose"),
    ),
    "release": CaseType(
        title="show data to a partner",
        checks={
            "parties": _PARTIES,
            "end-use": _END_USE,
            "sources": "Does what is shown tell how well our sensors see?",
        },
        about=("recipient", "data", "purpose"),
        items=False,
    ),
    "purpose": CaseType(
        title="use items for another purpose",
        checks={
            "end-use": _END_USE,
            "clause": "Does the agreement's text allow a consent here at all?",
        },
        about=("items", "purpose"),
    ),
    "disposal": CaseType(
        title="dispose of items",
        checks={
            "condition": "Are the items what the request says, by serial?",
            "way": "Is nothing left after it that the agreement protects?",
        },
        about=("items", "way"),
    ),
}

RESULTS = ("clear", "match", "open")
VERDICTS = ("approve", "proviso", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Say who may do one kind of act on a case.

    Attributes:
        roles: One of these is needed.
        who: ``"party"``: of either nation of the agreement; ``"origin"``: of the nation that
            gives; ``"side"``: of the same nation as who gave the advice.
        title: What is done, in words.
    """

    roles: frozenset[str]
    who: str
    title: str


_OFFICERS = frozenset({"officer", "custodian", "inspector", "monitor", "adviser", "authority"})

DUTIES: Mapping[str, Duty] = {
    "case.open": Duty(roles=_OFFICERS, who=PARTY, title="ask"),
    "case.check": Duty(roles=_OFFICERS, who=PARTY, title="check"),
    "case.flag": Duty(roles=_OFFICERS, who=PARTY, title="set or lift a flag"),
    "case.advice": Duty(roles=_OFFICERS, who=PARTY, title="advise"),
    "case.countersign": Duty(roles=_OFFICERS, who=SIDE, title="countersign"),
    "case.decide": Duty(roles=frozenset({"authority"}), who=ORIGIN, title="decide"),
    "case.reopen": Duty(roles=_OFFICERS, who=PARTY, title="re-open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Name one stage of a case.

    Attributes:
        title: Where it stands, in words.
        duty: Kind of act that carries it on; ``""`` when nothing is owed.
        days: Working days until it is late; 0 for no clock.
    """

    title: str
    duty: str = ""
    days: int = 0


STAGES: Mapping[str, Stage] = {
    "checks": Stage(title="is being checked", duty="case.check", days=10),
    "advice": Stage(title="waits for advice", duty="case.advice", days=15),
    "countersign": Stage(title="waits for a second person", duty="case.countersign", days=5),
    "decision": Stage(title="waits for a decision", duty="case.decide", days=10),
    "approved": Stage(title="approved, no licence yet", days=10),
    "licensed": Stage(title="licensed"),
    "used-up": Stage(title="licensed, all of it used"),
    "refused": Stage(title="refused"),
}
OPEN = ("checks", "advice", "countersign", "decision")
