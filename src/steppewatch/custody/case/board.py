"""Fold the ledger's acts on cases, and refuse each that breaks the rules of ``docs/cases.md``.

A case goes request, checks, advice of each party, second signature, decision, licence. Four
rules hold it together: nobody countersigns or decides what is their own; a party that has not
advised cannot be decided over; a new advice voids the second signatures of the old one; and new
information suspends the licence until a new decision.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from steppewatch.custody.acts.act import Act
from steppewatch.custody.agreement.model import Agreement
from steppewatch.custody.case.duty import may, stage_of
from steppewatch.custody.case.records import (
    Advice,
    Case,
    Check,
    Countersign,
    Decision,
    Event,
    Flag,
    Licence,
    Person,
)
from steppewatch.custody.case.rules import RESULTS, STAGES, TYPES, VERDICTS
from steppewatch.custody.case.words import sentence

LONGEST = 4000  # [character]; no text of a case is longer
MOST = 1000  # No list of a case is longer.


class CaseBoard:
    """Hold all cases; feed it the acts ``case.*`` in the order of the ledger.

    >>> CaseBoard().take(3, bytes(32), Act(kind="case.decide", by="a", at_ns=0,
    ...     body={"case": "C-1"}, nonce=bytes(16)), None)
    "there is no case 'C-1'"
    """

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}
        self._agreements: dict[str, tuple[str, str]] = {}
        self._by_consent: dict[str, Case] = {}

    def know(self, agreement: Agreement) -> None:
        """Learn of an agreement in force: cases can be opened under it."""
        self._agreements[agreement.id] = (agreement.origin, agreement.recipient)

    def __iter__(self) -> Iterator[Case]:
        """Go through the cases, oldest first."""
        return iter(self._cases.values())

    def __len__(self) -> int:
        """Count the cases."""
        return len(self._cases)

    def get(self, case: str) -> Case | None:
        """Find a case by its id."""
        return self._cases.get(case)

    def refusal(self, act: Act, person: Person) -> str | None:
        """Say why an act would be refused, and change nothing."""
        return self._judge(act, person)

    def take(self, position: int, leaf: bytes, act: Act, person: Person | None) -> str | None:
        """Take one act.

        Args:
            position: Place of its statement in the ledger.
            leaf: Leaf hash of its statement (32 byte).
            act: What was signed; a kind that begins with ``case.``.
            person: Who signed it, as enrolled at this position.

        Returns:
            None when it was taken; else why it is refused, and nothing changed.
        """
        refused = self._judge(act, person)
        if refused:
            return refused
        assert person is not None  # noqa: S101 (judged)
        body = act.body
        if act.kind == "case.open":
            self._cases[body["id"]] = self._opened(act, person)
            case = self._cases[body["id"]]
        else:
            case = self._cases[body["case"]]
            _APPLY[act.kind](case, position, leaf, act, person)
        case.history.append(
            Event(
                position=position,
                leaf=leaf,
                at_ns=act.at_ns,
                by=act.by,
                kind=act.kind,
                text=sentence(act.kind, body),
            )
        )
        _moved(case, act.at_ns)
        return None

    def license(self, position: int, at_ns: int, consent: Mapping[str, Any]) -> str | None:
        """Take a consent that names a case as its licence.

        Args:
            position: Where the consent took effect.
            at_ns: When [ns UTC].
            consent: Its body: ``case, id, agreement, items, recipient, purpose, quantity,
                from_ns, until_ns``.

        Returns:
            None, or why the case does not carry this consent.
        """
        refused = self.license_refusal(consent)
        if refused:
            return refused
        case = self._cases[consent["case"]]
        case.licences.append(
            Licence(consent=consent["id"], quantity=consent["quantity"], used=0, position=position)
        )
        self._by_consent[consent["id"]] = case
        _moved(case, at_ns)
        return None

    def license_refusal(self, consent: Mapping[str, Any]) -> str | None:
        """Say why a case does not carry a consent, and change nothing."""
        case = self._cases.get(consent["case"])
        if case is None:
            return f"there is no case {consent['case']!r}"
        return next(_wider(case, consent), None)

    def spend(self, consent: str, quantity: int, at_ns: int) -> None:
        """Count what was used of a licence."""
        case = self._by_consent.get(consent)
        if case is None:
            return
        for licence in case.licences:
            if licence.consent == consent:
                licence.used += quantity
        _moved(case, at_ns)

    def stands(self, consent: str) -> bool:
        """Tell whether a consent may be used as far as its case goes.

        False from the moment a case is re-opened until it is approved anew. A consent of no case
        stands.
        """
        case = self._by_consent.get(consent)
        if case is None:
            return True
        return case.decision is not None and case.decision.verdict == "approve"

    def _judge(self, act: Act, person: Person | None) -> str | None:
        body = act.body
        if act.kind == "case.open":
            return self._judge_opening(body, person)
        name = body.get("case")
        case = self._cases.get(name) if isinstance(name, str) else None
        if case is None:
            return f"there is no case {name!r}"
        if act.kind not in _APPLY:
            return f"{act.kind!r} is no act on a case"
        if person is None:
            return "who signed it is not enrolled"
        return _shape(act.kind, body) or may(case, act.kind, person, body, act.refs)

    def _judge_opening(self, body: Mapping[str, Any], person: Person | None) -> str | None:
        wrong = _shape("case.open", body)
        if wrong:
            return wrong
        if body["id"] in self._cases:
            return f"there is a case {body['id']!r} already; an id is never used again"
        parties = self._agreements.get(body["agreement"])
        if parties is None:
            return f"no agreement {body['agreement']!r} is in force here"
        if person is None:
            return "who signed it is not enrolled"
        return next(_asked_badly(body), None) or may(
            None, "case.open", person, {"parties": parties}, ()
        )

    def _opened(self, act: Act, person: Person) -> Case:
        body, (origin, recipient) = act.body, self._agreements[act.body["agreement"]]
        return Case(
            id=body["id"],
            type=body["type"],
            title=body["title"],
            agreement=body["agreement"],
            items=tuple(body["items"]),
            recipient=body["recipient"],
            purpose=body["purpose"],
            quantity=body["quantity"],
            from_ns=body["from_ns"],
            until_ns=body["until_ns"],
            text=body["text"],
            opened_by=person.id,
            opened_org=person.org,
            opened_nation=person.nation,
            opened_ns=act.at_ns,
            origin=origin,
            parties=tuple(dict.fromkeys((origin, recipient))),
            since_ns=act.at_ns,
        )


def _asked_badly(body: Mapping[str, Any]) -> Iterator[str]:
    """Go through what is wrong with a request."""
    if body["type"] not in TYPES:
        yield f"type is {body['type']!r}; expected one of {', '.join(TYPES)}"
    elif TYPES[body["type"]].items and not body["items"]:
        yield f"a case of type {body['type']} names the items that it is about"
    if body["from_ns"] >= body["until_ns"]:
        yield "until_ns is not after from_ns"
    if body["quantity"] < 1:
        yield f"quantity is {body['quantity']}; expected 1 or more"


def _wider(case: Case, consent: Mapping[str, Any]) -> Iterator[str]:
    """Go through what a consent has that its case does not."""
    decision = case.decision
    if decision is None or decision.verdict != "approve":
        yield f"case {case.id} is not approved: it {STAGES[case.stage].title}"
    for key in ("agreement", "recipient", "purpose"):
        if consent[key] != getattr(case, key):
            yield f"the consent's {key} is {consent[key]!r}, the case's {getattr(case, key)!r}"
    extra = set(consent["items"]) - set(case.items)
    if extra:
        yield f"the case does not name {', '.join(sorted(extra))}"
    given, more = sum(one.quantity for one in case.licences), consent["quantity"]
    if given + more > case.quantity:
        yield (
            f"the case asks for {case.quantity}; {given} are licensed already, "
            f"{more} more are too many"
        )
    if consent["from_ns"] < case.from_ns or consent["until_ns"] > case.until_ns:
        yield "the consent's interval is not within the case's"


def _moved(case: Case, at_ns: int) -> None:
    stage = stage_of(case)
    if stage != case.stage:
        case.stage, case.since_ns = stage, at_ns


_TEXT, _TEXTS, _COUNT, _YES = "a text", "a list of texts", "a whole number", "true or false"
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "case.open": {
        "id": _TEXT, "type": _TEXT, "title": _TEXT, "agreement": _TEXT, "items": _TEXTS,
        "recipient": _TEXT, "purpose": _TEXT, "quantity": _COUNT, "from_ns": _COUNT,
        "until_ns": _COUNT, "text": _TEXT,
    },
    "case.check": {"case": _TEXT, "check": _TEXT, "result": _TEXT, "text": _TEXT},
    "case.flag": {"case": _TEXT, "flag": _TEXT, "set": _YES, "blocks": _YES, "text": _TEXT},
    "case.advice": {
        "case": _TEXT, "about": _TEXT, "verdict": _TEXT, "conditions": _TEXTS, "text": _TEXT,
    },
    "case.countersign": {"case": _TEXT, "agree": _YES, "text": _TEXT},
    "case.decide": {
        "case": _TEXT, "verdict": _TEXT, "conditions": _TEXTS, "text": _TEXT, "reasons": _TEXTS,
    },
    "case.reopen": {"case": _TEXT, "why": _TEXT},
}  # fmt: skip


def _shape(kind: str, body: Mapping[str, Any]) -> str | None:
    wanted = _SHAPES[kind]
    if set(body) != set(wanted):
        return f"{kind} has {', '.join(sorted(body))}; expected {', '.join(sorted(wanted))}"
    for key, what in wanted.items():
        if not _fits(body[key], what):
            return f"{key} of {kind} is {str(body[key])[:60]!r}; expected {what}"
    return _choice(kind, body)


def _fits(value: object, what: str) -> bool:
    if what == _TEXT:
        return isinstance(value, str) and len(value) <= LONGEST
    if what == _TEXTS:
        return (
            isinstance(value, list)
            and len(value) <= MOST
            and all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in value)
        )
    if what == _COUNT:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool)


def _choice(kind: str, body: Mapping[str, Any]) -> str | None:
    if kind == "case.check" and body["result"] not in RESULTS:
        return f"result is {body['result']!r}; expected one of {', '.join(RESULTS)}"
    if kind == "case.advice" and body["verdict"] not in VERDICTS:
        return f"verdict is {body['verdict']!r}; expected one of {', '.join(VERDICTS)}"
    if kind == "case.advice" and (body["verdict"] == "proviso") != bool(body["conditions"]):
        return "an advice with verdict proviso names its conditions, and no other does"
    if kind == "case.decide" and body["verdict"] not in {"approve", "refuse"}:
        return f"verdict is {body['verdict']!r}; expected approve or refuse"
    for key in ("id", "title", "why", "flag", "check", "about"):
        if key in body and not body[key].strip():
            return f"{key} of {kind} is empty"
    return None


def _checked(case: Case, position: int, _: bytes, act: Act, person: Person) -> None:
    body = act.body
    case.checks.setdefault(body["check"], []).append(
        Check(
            check=body["check"], result=body["result"], by=person.id, nation=person.nation,
            text=body["text"], position=position,
        )
    )  # fmt: skip


def _flagged(case: Case, position: int, _: bytes, act: Act, person: Person) -> None:
    body, before = act.body, case.flags.get(act.body["flag"])
    raised = body["set"] or before is None
    case.flags[body["flag"]] = Flag(
        flag=body["flag"],
        blocks=body["blocks"] if before is None or body["set"] else before.blocks,
        raised_by=person.id if raised else before.raised_by,  # type: ignore[union-attr]
        nation=person.nation if raised else before.nation,  # type: ignore[union-attr]
        lifted_by="" if body["set"] else person.id,
        text=body["text"],
        position=position,
    )


def _advised(case: Case, position: int, leaf: bytes, act: Act, person: Person) -> None:
    body = act.body
    for one in case.live():
        if (one.org, one.about) == (person.org, body["about"]):
            one.valid = False
    case.advice.append(
        Advice(
            leaf=leaf, about=body["about"], by=person.id, org=person.org, nation=person.nation,
            verdict=body["verdict"], conditions=tuple(body["conditions"]), text=body["text"],
            position=position,
        )
    )  # fmt: skip


def _countersigned(case: Case, position: int, _: bytes, act: Act, person: Person) -> None:
    for one in case.live():
        if one.leaf == act.refs[0]:
            one.countersigns.append(
                Countersign(
                    by=person.id, org=person.org, agree=act.body["agree"],
                    text=act.body["text"], position=position,
                )
            )  # fmt: skip


def _decided(case: Case, position: int, _: bytes, act: Act, person: Person) -> None:
    body = act.body
    case.decisions.append(
        Decision(
            verdict=body["verdict"], conditions=tuple(body["conditions"]), text=body["text"],
            reasons=tuple(body["reasons"]), by=person.id, position=position,
        )
    )  # fmt: skip
    case.reopened = False


def _reopened(case: Case, _: int, __: bytes, act: Act, ___: Person) -> None:
    case.reopened = bool(case.decisions)
    case.round += 1
    case.checks = {
        name: [*results, _asked_again(results[-1], act)] for name, results in case.checks.items()
    }
    for one in case.advice:
        one.valid = False


def _asked_again(last: Check, act: Act) -> Check:
    return Check(
        check=last.check, result="open", by=act.by, nation=last.nation,
        text=f"asked again: {act.body['why']}", position=last.position,
    )  # fmt: skip


_APPLY = {
    "case.check": _checked,
    "case.flag": _flagged,
    "case.advice": _advised,
    "case.countersign": _countersigned,
    "case.decide": _decided,
    "case.reopen": _reopened,
}
