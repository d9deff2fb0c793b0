"""Whose turn it is: queues and clocks, worked out from the cases and the public rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from steppewatch.custody.case.board import CaseBoard
from steppewatch.custody.case.duty import may, open_checks, unheard
from steppewatch.custody.case.records import Case, Person
from steppewatch.custody.case.rules import STAGES, TYPES

DAY_NS = 86_400 * 1_000_000_000
_SATURDAY, _EPOCH_WEEKDAY = 5, 3  # 1 January 1970 was a Thursday; Monday is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Hold one place in a queue.

    Attributes:
        case: Id of the case.
        duty: Kind of act that is owed.
        why: Why the case is in this queue.
        due_ns: When it is late [ns UTC]; None for no clock.
    """

    case: str
    duty: str
    why: str
    due_ns: int | None


def due_ns(case: Case) -> int | None:
    """Say when a case is late at its stage [ns UTC]; None when no clock runs."""
    days = STAGES[case.stage].days
    return after_working_days(case.since_ns, days) if days else None


def after_working_days(start_ns: int, days: int) -> int:
    """Add working days (Monday to Friday, UTC) to a moment [ns UTC].

    >>> friday = 1 * DAY_NS  # 2 January 1970
    >>> after_working_days(friday, 1) // DAY_NS  # Monday the 5th
    4
    """
    day, within = divmod(start_ns, DAY_NS)
    while days > 0:
        day += 1
        if (day + _EPOCH_WEEKDAY) % 7 < _SATURDAY:
            days -= 1
    return day * DAY_NS + within


def queue_of(board: CaseBoard, person: Person) -> list[Entry]:
    """List the cases that wait for a person, the one that is late first at the head."""
    entries = [entry for case in board for entry in duties(case, person)]
    return sorted(entries, key=lambda one: (one.due_ns is None, one.due_ns or 0, one.case))


def duties(case: Case, person: Person) -> Iterable[Entry]:
    """Go through what a person could do now to carry a case on; at most one entry for a case."""
    for duty, body, refs, why in _steps(case):
        other = body.get("nation", person.nation) != person.nation
        if not other and may(case, duty, person, body, refs) is None:
            yield Entry(case=case.id, duty=duty, why=why, due_ns=due_ns(case))
            return


_Step = tuple[str, dict[str, object], tuple[bytes, ...], str]  # kind, body, refs, why


def _steps(case: Case) -> Iterable[_Step]:
    """Go through the acts that would carry a case on, as far as who does them matters."""
    stage = case.stage
    if stage == "checks":
        for name in open_checks(case):
            body: dict[str, object] = {"check": name, "result": "clear", "text": "…"}
            found = case.checks.get(name, [])
            match = bool(found) and found[-1].result == "match"
            what = "found something; another person explains it" if match else "is not done"
            yield ("case.check", body, (), f"check {name} {what}")
    elif stage == "advice":
        about = TYPES[case.type].about[0]
        for one in case.live():
            if one.contested:
                why = f"{one.org}'s advice about {one.about} was not agreed to"
                yield "case.advice", {"about": one.about, "nation": one.nation}, (), why
        for nation in unheard(case):
            body = {"about": about, "nation": nation}
            yield "case.advice", body, (), f"{nation} has not advised"
    elif stage == "countersign":
        for one in case.live():
            if not one.countersigned:
                why = f"{one.org}'s advice about {one.about} needs a second person"
                yield "case.countersign", {}, (one.leaf,), why
    elif stage == "decision":
        yield "case.decide", {"verdict": "refuse", "reasons": ["…"]}, (), "all advice is in"
