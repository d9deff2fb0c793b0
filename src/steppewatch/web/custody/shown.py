"""What the pages are told: the register's records as JSON, and cases with their queues."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from steppewatch.custody.case import Case, CaseBoard, due_ns, queue_of
from steppewatch.custody.case.duty import blocking, conditions, obstacles
from steppewatch.custody.case.records import Person
from steppewatch.custody.case.rules import DUTIES, OPEN, STAGES, TYPES

# Parts of a register that the overview shows; one that a register lacks is empty.
PARTS = (
    "persons", "organisations", "agreements", "items", "sites", "consents", "proposals",
    "offers", "inspections", "notices", "emergencies", "refusals",
)  # fmt: skip
_LEFT_OUT = {
    "agreements": frozenset({"text", "areas"}),  # the file, and the corners
    "items": frozenset({"history", "lot", "arrangement"}),
}
LATEST = {"notices": 200, "refusals": 200}  # the ledger has the earlier ones
LONG = 2_000  # [character]; a longer text of a proposal is read in its statement


def plain(value: Any, left_out: frozenset[str] = frozenset()) -> Any:
    """Turn a record into what JSON can say: bytes as hex, sets as sorted lists.

    Args:
        value: The record.
        left_out: Names of its own attributes that are not told.
    """
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = {one.name for one in dataclasses.fields(value)} - left_out
        return {name: plain(getattr(value, name)) for name in sorted(names)}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _key(value)


def _key(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)


def state(register: Any, clocks: Iterable[Any] = ()) -> dict[str, Any]:
    """Tell everything of a register that the overview shows.

    Args:
        register: As of the ledger's last statement.
        clocks: What is late or falls due soon, the most urgent first.
    """
    told: dict[str, Any] = {"clocks": [plain(one) for one in clocks]}
    for part in PARTS:
        found = getattr(register, part, ())
        if callable(found):
            continue
        rows = list(found.items() if isinstance(found, Mapping) else enumerate(found))
        rows = rows[-LATEST.get(part, len(rows)) :]
        told[part] = [_row(key, one, part) for key, one in rows]
    for person in told["persons"]:
        person["revoked"] = bytes.fromhex(person["kid"]) in getattr(register, "revoked", ())
    for agreement in told["agreements"]:
        agreement["ended"] = agreement["key"] in getattr(register, "ended", ())
    for proposal in told["proposals"]:
        proposal["body"] = {name: _short(value) for name, value in proposal["body"].items()}
    return told


def _short(value: object) -> object:
    if not isinstance(value, str) or len(value) <= LONG:
        return value
    return f"{len(value)} characters, SHA-256 {hashlib.sha256(value.encode()).hexdigest()}"


def _row(key: object, one: object, part: str) -> dict[str, Any]:
    left_out = _LEFT_OUT.get(part, frozenset())
    row: Any = plain(one, left_out)
    if not isinstance(row, dict):
        row = {"is": row}
    return {"key": _key(key), **row}


def case_line(case: Case) -> dict[str, Any]:
    """Tell a case in one line of a list."""
    return {
        "id": case.id,
        "type": case.type,
        "title": case.title,
        "agreement": case.agreement,
        "recipient": case.recipient,
        "purpose": case.purpose,
        "quantity": case.quantity,
        "used": sum(one.used for one in case.licences),
        "licensed": sum(one.quantity for one in case.licences),
        "stage": case.stage,
        "stage_words": STAGES[case.stage].title,
        "since_ns": case.since_ns,
        "open": case.stage in OPEN,
        "due_ns": due_ns(case),
        "round": case.round,
        "flags": [one.flag for one in case.flags.values() if not one.lifted_by],
        "blocking": blocking(case),
        "opened_by": case.opened_by,
        "parties": list(case.parties),
    }


def case_whole(case: Case) -> dict[str, Any]:
    """Tell everything about a case: also what was voided, and by what."""
    kind = TYPES[case.type]
    told = cast("dict[str, Any]", plain(case))
    advice = [
        {**plain(one), "countersigned": one.countersigned, "contested": one.contested}
        for one in case.advice
    ]
    return {
        **told,
        **case_line(case),
        "flags": plain(list(case.flags.values())),
        "advice": advice,
        "asked": kind.title,
        "check_questions": dict(kind.checks),
        "about": list(kind.about),
        "obstacles": obstacles(case),
        "conditions": conditions(case),
    }


def queues(board: CaseBoard, persons: Iterable[Person]) -> dict[str, list[dict[str, Any]]]:
    """Tell what waits for each person, and why."""
    return {
        one.id: [
            {**plain(entry), "title": DUTIES[entry.duty].title} for entry in queue_of(board, one)
        ]
        for one in persons
    }
