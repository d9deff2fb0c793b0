"""Who may do what on a case, and where a case stands: the same judgement for acts and queues."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from steppewatch.custody.case.records import Advice, Case, Check, Person
from steppewatch.custody.case.rules import DUTIES, OPEN, ORIGIN, STAGES, TYPES


def may(
    case: Case | None,
    kind: str,
    person: Person,
    body: Mapping[str, Any],
    refs: Sequence[bytes],
) -> str | None:
    """Say why a person may not do an act on a case; None when they may.

    Args:
        case: The case; None for ``case.open``.
        kind: Kind of the act.
        person: Who would sign it.
        body: The act's body; for ``case.open`` its ``parties``.
        refs: Leaf hashes that the act answers.
    """
    duty = DUTIES[kind]
    if not duty.roles & set(person.roles):
        return (
            f"{person.id} has the roles {', '.join(sorted(person.roles)) or 'none'}; to "
            f"{duty.title} needs one of {', '.join(sorted(duty.roles))}"
        )
    parties = body["parties"] if case is None else case.parties
    if person.nation not in parties:
        return (
            f"{person.id} is of {person.nation}; the agreement is between {' and '.join(parties)}"
        )
    if case is None:
        return None
    if duty.who == ORIGIN and person.nation != case.origin:
        return f"only {case.origin}, which gives, decides; {person.id} is of {person.nation}"
    return next(_OWN[kind](case, person, body, refs), None)


def stage_of(case: Case) -> str:
    """Work out where a case stands from what it holds."""
    decision = case.decision
    if decision is None:
        return _open_stage(case)
    if decision.verdict == "refuse":
        return "refused"
    if not case.licences:
        return "approved"
    used = sum(one.used for one in case.licences)
    return "used-up" if used >= case.quantity else "licensed"


def _open_stage(case: Case) -> str:
    if open_checks(case):
        return "checks"
    if unheard(case) or any(one.contested for one in case.live()):
        return "advice"
    if any(not one.countersigned for one in case.live()):
        return "countersign"
    return "decision"


def open_checks(case: Case) -> list[str]:
    """Name the checks that are not done, or found something that nobody explained."""
    return [name for name in TYPES[case.type].checks if not settled(case.checks.get(name, []))]


def settled(results: Sequence[Check]) -> bool:
    """Tell whether a check is clear, or what it found was explained by another person."""
    return bool(results) and results[-1].result == "clear"


def blocking(case: Case) -> list[str]:
    """Name the flags that are set and block an approval."""
    return [one.flag for one in case.flags.values() if one.blocks and not one.lifted_by]


def unheard(case: Case) -> list[str]:
    """Name the parties that have given no advice that counts."""
    heard = {one.nation for one in case.live()}
    return [nation for nation in case.parties if nation not in heard]


def obstacles(case: Case) -> list[str]:
    """Say everything that stands between a case and its approval."""
    found = [f"check {name} is not clear" for name in open_checks(case)]
    found += [f"flag {name} blocks" for name in blocking(case)]
    found += [f"{nation} has not advised" for nation in unheard(case)]
    for one in case.live():
        what = f"{one.org}'s advice about {one.about}"
        if one.contested:
            found.append(f"{what} was not agreed to; it must advise anew")
        elif not one.countersigned:
            found.append(f"{what} has no second signature")
        elif one.verdict == "refuse":
            found.append(f"{what} is to refuse")
    return found


def conditions(case: Case) -> list[str]:
    """List the conditions that the advice asks for; an approval must repeat each."""
    return list(dict.fromkeys(text for one in case.live() for text in one.conditions))


_Refusals: TypeAlias = Iterator[
    str
]  # Why an act is refused, the first reason first; empty: it is not.
_Body: TypeAlias = Mapping[str, Any]
_Refs: TypeAlias = Sequence[bytes]


def _closed(case: Case) -> _Refusals:
    if case.stage not in OPEN:
        yield f"case {case.id} is closed: it {STAGES[case.stage].title}; re-open it to go on"


def _check(case: Case, person: Person, body: _Body, _: _Refs) -> _Refusals:
    known = TYPES[case.type].checks
    if body["check"] not in known:
        names = ", ".join(known)
        yield f"a case of type {case.type} has the checks {names}, not {body['check']!r}"
    before = case.checks.get(body["check"], [])
    if before and before[-1].result == "match" and body["result"] != "match":
        if before[-1].by == person.id:
            yield f"{person.id} found the match; another person must explain it"
        if not body["text"].strip():
            yield "a match is cleared with an explanation; the text is empty"
    yield from _closed(case)


def _flag(case: Case, person: Person, body: _Body, _: _Refs) -> _Refusals:
    flag = case.flags.get(body["flag"])
    standing = flag is not None and not flag.lifted_by
    if body["set"]:
        if standing:
            yield f"flag {body['flag']!r} is set already"
        return
    if flag is None or not standing:
        yield f"flag {body['flag']!r} is not set"
        return
    if flag.blocks and flag.raised_by == person.id:
        yield f"{person.id} set the flag that blocks; another person must lift it"
    if flag.blocks and flag.nation != person.nation:
        yield f"{flag.nation} set the flag that blocks; {flag.nation} lifts it"
    if not body["text"].strip():
        yield "a flag is lifted with a reason; the text is empty"


def _advise(case: Case, person: Person, body: _Body, _: _Refs) -> _Refusals:
    about = TYPES[case.type].about
    if body["about"] not in about:
        yield f"advice here is about {', '.join(about)}, not {body['about']!r}"
    if person.id == case.opened_by:
        yield f"{person.id} opened the case, and cannot advise on it"
    yield from _closed(case)


def _countersign(case: Case, person: Person, _: _Body, refs: _Refs) -> _Refusals:
    found: Advice | None = next((one for one in case.advice if list(refs) == [one.leaf]), None)
    if found is None:
        yield f"the countersign names no advice of case {case.id}"
        return
    if not found.valid:
        yield "that advice counts no longer: a newer one stands, or the case was re-opened"
    if found.by == person.id:
        yield f"{person.id} wrote this advice; another person must countersign it"
    if case.opened_by == person.id:
        yield f"{person.id} opened the case, and cannot countersign on it"
    if found.nation != person.nation:
        yield f"the advice is {found.nation}'s; a person of {found.nation} countersigns it"
    if any(one.by == person.id for one in found.countersigns):
        yield f"{person.id} has countersigned this advice already"
    yield from _closed(case)


def _decide(case: Case, person: Person, body: _Body, _: _Refs) -> _Refusals:
    if case.opened_by == person.id:
        yield f"{person.id} opened the case, and cannot decide it"
    if any(one.by == person.id for one in case.advice):
        yield f"{person.id} advised on the case, and cannot decide it"
    yield from _closed(case)
    if body["verdict"] == "refuse":
        if not body["reasons"]:
            yield "a refusal gives its reasons"
        return
    missing = obstacles(case)
    if missing:
        yield f"case {case.id} cannot be approved: {'; '.join(missing)}"
    dropped = [text for text in conditions(case) if text not in body["conditions"]]
    if dropped:
        yield f"the approval leaves out conditions of the advice: {'; '.join(dropped)}"


def _reopen(case: Case, _: Person, body: _Body, __: _Refs) -> _Refusals:
    if case.stage in OPEN:
        yield f"case {case.id} is open already"
    if not body["why"].strip():
        yield "a case is re-opened with a reason"


_OWN = {
    "case.check": _check,
    "case.flag": _flag,
    "case.advice": _advise,
    "case.countersign": _countersign,
    "case.decide": _decide,
    "case.reopen": _reopen,
}
