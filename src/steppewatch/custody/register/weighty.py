"""What weighty acts mean once enough persons signed: organisations, agreements, consents, ends."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from steppewatch.custody.agreement import Organisation, read_agreement
from steppewatch.custody.agreement.schema import BODIES
from steppewatch.custody.ledger import PublicKey
from steppewatch.custody.register.records import Consent, Proposal
from steppewatch.errors import CustodyError

if TYPE_CHECKING:
    from steppewatch.custody.register.register import Register

OPENS = frozenset({"transfer", "purpose", "dispose", "fit"})


def _judge_organisation(register: "Register", body: Mapping[str, Any]) -> str | None:
    known = register.organisations.get(body["id"])
    if known is not None and known.nation != body["nation"]:
        return f"{body['id']!r} is an organisation of {known.nation}; it stays one"
    # Both decide about possession: a contractor must not become government by an entry.
    part_of = body.get("part_of", "")
    if known is not None and (known.kind, known.part_of) != (body["kind"], part_of):
        return f"{body['id']!r} is a {known.kind} (of {known.part_of or 'none'}); it stays so"
    if body["kind"] not in BODIES:
        return f"its kind is {body['kind']!r}; expected one of {', '.join(BODIES)}"
    whole = register.organisations.get(part_of)
    if part_of and whole is None:
        return f"{body['id']!r} is part of {part_of!r}, which nobody knows"
    if whole is not None and (whole.nation, whole.kind) != (body["nation"], body["kind"]):
        return f"a {body['kind']} of {body['nation']} is not part of {part_of!r}, another body"
    return None


def _judge_enrol(register: "Register", body: Mapping[str, Any]) -> str | None:
    if body["org"] not in register.organisations:
        return f"{body['org']!r} is no organisation of this ledger"
    nation = register.organisations[body["org"]].nation
    for name in (body["id"], body.get("replaces", "")):
        known = register.persons.get(name)
        if known is not None and known.nation != nation:
            return f"{name!r} is a person of {known.nation}; only there is a successor named"
    try:
        key = PublicKey(body["key"]["alg"], body["key"]["public"])
    except (KeyError, TypeError, AttributeError, ValueError, CustodyError) as error:
        return f"the key is not {{alg, public}}: {error}"
    if key.kid in register.keys or any(
        found.public == key.public for found, _ in register.keys.values()
    ):
        return "that key is or was somebody's: every person has an own key"
    return None


def _judge_agreement(register: "Register", body: Mapping[str, Any]) -> str | None:
    try:
        agreement = read_agreement(body["text"], "agreement")
    except CustodyError as error:
        return str(error)
    known = register.agreements.get(agreement.id)
    if known is not None and (known.origin, known.recipient) != (
        agreement.origin,
        agreement.recipient,
    ):
        return f"{agreement.id} is between {known.origin} and {known.recipient}; it stays so"
    for row in agreement.organisations:
        found = register.organisations.get(row.id)
        if found is not None and found.nation != row.nation:
            return f"{row.id!r} is an organisation of {found.nation}, not of {row.nation}"
    if agreement.id in register.ended:
        return f"{agreement.id} has ended; a new agreement has a new id"
    return None


def _judge_known(register: "Register", body: Mapping[str, Any]) -> str | None:
    agreement = body["agreement"]
    if agreement not in register.agreements:
        return f"there is no agreement {agreement!r}"
    if agreement in register.ended:
        return f"{agreement} ended at position {register.ended[agreement]}"
    return None


def _judge_consent(register: "Register", body: Mapping[str, Any]) -> str | None:
    wrong = _judge_known(register, body)
    if wrong:
        return wrong
    if body["id"] in register.consents:
        return f"consent {body['id']!r} exists: a consent is never changed, make a new one"
    if body["recipient"] not in register.organisations:
        return f"{body['recipient']!r} is no organisation of this ledger"
    for uid in body["items"]:
        item = register.items.get(uid)
        if item is None or body["agreement"] not in item.terms:
            return f"{uid} is no item under {body['agreement']}"
    if not 1 <= body["quantity"] <= len(body["items"]):
        return f"quantity is {body['quantity']}; expected 1 to {len(body['items'])}, the serials"
    if body["from_ns"] >= body["until_ns"]:
        return "until_ns is not after from_ns"
    if not set(body.get("kinds", ["transfer"])) <= OPENS:
        return f"kinds are {body['kinds']}; expected some of {', '.join(sorted(OPENS))}"
    return register.cases.license_refusal(body) if body.get("case") else None


def _judge_items(register: "Register", body: Mapping[str, Any]) -> str | None:
    unknown = [uid for uid in body["items"] if uid not in register.items]
    return f"{unknown[0]} is no item of this ledger" if unknown else None


def _judge_dispose(register: "Register", body: Mapping[str, Any]) -> str | None:
    wrong = _judge_items(register, body)
    if wrong:
        return wrong
    for uid in body["items"]:
        if register.items[uid].state not in {"held", "damaged"}:
            return f"{uid} is {register.items[uid].state}; only what is held is disposed of"
    return None


def _judge_reinstate(register: "Register", body: Mapping[str, Any]) -> str | None:
    wrong = _judge_items(register, body)
    if wrong:
        return wrong
    for uid in body["items"]:
        if not register.items[uid].suspended:
            return f"{uid} is not suspended"
        if register.items[uid].agreement != body["agreement"]:
            return f"{uid} came under {register.items[uid].agreement}"
    return None


def _judge_narrow(register: "Register", body: Mapping[str, Any]) -> str | None:
    wrong = _judge_known(register, body)
    if wrong:
        return wrong
    rows = register.agreements[body["agreement"]].arrangements
    found = next((row for row in rows if row.id == body["arrangement"]), None)
    if found is None:
        return f"{body['agreement']} has no arrangement {body['arrangement']!r}"
    more = set(body["purposes"]) - set(found.purposes)
    return f"{', '.join(sorted(more))} would widen the arrangement" if more else None


def _organisation(register: "Register", position: int, proposal: Proposal) -> None:
    body = proposal.body
    register.organisations[body["id"]] = Organisation(**body)
    register.tell(
        position,
        tuple(sorted({one.origin for one in register.agreements.values()})),
        "organisation",
        f"{body['id']} ({body['kind']} of {body['nation']}) is known from now on",
    )


def _agreement(register: "Register", _: int, proposal: Proposal) -> None:
    agreement = read_agreement(proposal.body["text"], "agreement")
    register.agreements[agreement.id] = agreement
    for row in agreement.organisations:
        register.organisations.setdefault(row.id, row)
    register.cases.know(agreement)


def _terminate(register: "Register", position: int, proposal: Proposal) -> None:
    agreement = register.agreements[proposal.body["agreement"]]
    register.ended[agreement.id] = position
    stay = ", ".join(one.id for one in agreement.clauses if one.survives)
    register.tell(
        position,
        (agreement.origin, agreement.recipient),
        "ended",
        f"{agreement.id} has ended: nothing new is transferred; clauses {stay} stay in force",
    )


def _consent(register: "Register", position: int, proposal: Proposal) -> None:
    body = proposal.body
    signers = [register.persons[name] for name in (proposal.by, *proposal.approved)]
    origin = register.agreements[body["agreement"]].origin
    consent = Consent(
        id=body["id"],
        agreement=body["agreement"],
        items=frozenset(body["items"]),
        purpose=body["purpose"],
        recipient=body["recipient"],
        quantity=body["quantity"],
        from_ns=body["from_ns"],
        until_ns=body["until_ns"],
        kinds=frozenset(body.get("kinds", ["transfer"])),
        case=body.get("case", ""),
        leaf=proposal.leaf,
        position=position,
        signers=frozenset(one.id for one in signers),
        organisations=frozenset(one.org for one in signers),
        by_origin=origin in {one.nation for one in signers},
    )
    register.consents[consent.id] = consent
    if consent.case:
        register.cases.license(position, register.now_ns, body)
    # One act tells all who watch: giver, who passes on, who receives (GAO's finding).
    holders = {register.items[uid].holder for uid in consent.items}
    register.tell(
        position,
        (origin, *sorted(holders), consent.recipient),
        "consent",
        f"consent {consent.id}: {consent.quantity} of {len(consent.items)} serials to "
        f"{consent.recipient} for {consent.purpose}",
    )


def _dispose(register: "Register", position: int, proposal: Proposal) -> None:
    for uid in proposal.body["items"]:
        register.items[uid].state = "disposed"
        register.told(position, uid, "dispose", proposal.body["way"])
    register.tell(
        position,
        (register.items[proposal.body["items"][0]].origin,),
        "dispose",
        f"{', '.join(proposal.body['items'])} disposed of: {proposal.body['way']}",
    )


def _reinstate(register: "Register", position: int, proposal: Proposal) -> None:
    for uid in proposal.body["items"]:
        register.items[uid].suspended = ""
        register.told(position, uid, "reinstate", proposal.body["why"])


def _narrow(register: "Register", position: int, proposal: Proposal) -> None:
    body = proposal.body
    register.narrowed[f"{body['agreement']}/{body['arrangement']}"] = frozenset(body["purposes"])
    register.tell(
        position,
        (register.agreements[body["agreement"]].recipient,),
        "narrow",
        f"{body['arrangement']} serves {', '.join(body['purposes']) or 'no purpose'} from now on",
    )


JUDGES: Mapping[str, Callable[["Register", Mapping[str, Any]], str | None]] = {
    "organisation": _judge_organisation,
    "enrol": _judge_enrol,
    "agreement": _judge_agreement,
    "terminate": _judge_known,
    "consent": _judge_consent,
    "dispose": _judge_dispose,
    "reinstate": _judge_reinstate,
    "narrow": _judge_narrow,
}
EFFECTS: Mapping[str, Callable[["Register", int, Proposal], None]] = {
    "organisation": _organisation,
    "agreement": _agreement,
    "terminate": _terminate,
    "consent": _consent,
    "dispose": _dispose,
    "reinstate": _reinstate,
    "narrow": _narrow,
}
