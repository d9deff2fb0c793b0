"""What is seen, reported, inspected, suspected, promised, allotted, and declared in danger."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from steppewatch.custody.acts import Act
from steppewatch.custody.register.items import HOWS, WHATS, inside
from steppewatch.custody.register.judging import Effect, Judge
from steppewatch.custody.register.records import (
    DAY_NS,
    GONE,
    NEVER,
    Emergency,
    Inspection,
    Person,
)

if TYPE_CHECKING:
    from steppewatch.custody.register.register import Register

HOUR_NS = 3_600_000_000_000


def _judge_sighted(register: "Register", act: Act, person: Person) -> str | None:
    for row in act.body["sightings"]:
        item = register.items.get(row["item"])
        if item is None:
            return f"{row['item']} is no item of this ledger"
        if row["site"] not in register.sites:
            return f"there is no site {row['site']!r}"
        if row["how"] not in HOWS or (row["how"] == "photo") != ("photo" in row):
            return f"how is {row['how']!r}; expected code, hand, or photo with its hash"
        if row["captured_ns"] > act.at_ns:
            return f"{row['item']} is seen after the statement was signed"
        if not (inside(register, person.org, item.holder) or _inspects(person, item.origin)):
            return f"{person.id} is neither of {item.holder} nor an inspector of {item.origin}"
    return None


def _inspects(person: Person, origin: str) -> bool:
    return person.nation == origin and "inspector" in person.roles


def _take_sighted(register: "Register", position: int, _: bytes, act: Act, person: Person) -> None:
    for row in act.body["sightings"]:
        _seen(register, position, row, person)


def _seen(register: "Register", position: int, row: Mapping[str, Any], person: Person) -> None:
    item = register.items[row["item"]]
    where, when = row["site"], row["captured_ns"]
    register.told(position, item.uid, "sighted", f"at {where}, by {person.id} ({row['how']})")
    chain = " → ".join(text for _, kind, text in item.history if kind in {"accept", "move"})
    if item.state in GONE:
        # A serial that is gone lives nowhere: this is another thing with its number.
        register.tell(
            position, (item.origin, item.holder), "clone",
            f"{item.uid} is {item.state} ({chain}) but was seen at {where} by {person.id}",
        )  # fmt: skip
        return
    if when <= item.seen_ns:
        return
    item.seen_ns = when
    if item.due_ns < NEVER:
        item.due_ns = when + register.agreement_of(item).deadlines.inventory * DAY_NS
    if item.site and where != item.site:
        item.suspended = f"seen at {where}, recorded at {item.site}"
        register.tell(
            position, (item.origin, item.holder), "misplaced",
            f"{item.uid} was seen at {where}; the ledger has it at {item.site} ({chain})",
        )  # fmt: skip


def _judge_report(register: "Register", act: Act, person: Person) -> str | None:
    item = register.items.get(act.body["item"])
    if item is None:
        return f"{act.body['item']} is no item of this ledger"
    if act.body["what"] not in WHATS:
        return f"what is {act.body['what']!r}; expected one of {', '.join(WHATS)}"
    if item.state in GONE:
        return f"{item.uid} is {item.state} already"
    if not inside(register, person.org, item.holder):
        return f"{item.uid} is held by {item.holder}, not by {person.org}"
    return None


def _take_report(register: "Register", position: int, _: bytes, act: Act, __: Person) -> None:
    body, item = act.body, register.items[act.body["item"]]
    for offer in register.offers.values():
        if offer.state == "open" and item.uid in offer.items:
            offer.state = "void"
            if offer.consent:
                register.consents[offer.consent].spend(offer.share, -len(offer.items))
                register.consents[offer.consent].reserved -= len(offer.items)
            for uid in offer.items:
                register.items[uid].state = "held" if register.items[uid].due_ns < NEVER \
                    else "registered"  # fmt: skip
    item.state = body["what"]
    days = (register.now_ns - body["captured_ns"]) // DAY_NS
    late = days > register.agreement_of(item).deadlines.report
    text = f"{item.uid} {body['what']}: {body['text']}" + (f" ({days} days late)" if late else "")
    register.told(position, item.uid, "report", text)
    register.tell(position, (item.origin, item.holder), body["what"], text)


def _judge_suspect(register: "Register", act: Act, _: Person) -> str | None:
    unknown = [uid for uid in act.body["items"] if uid not in register.items]
    return f"{unknown[0]} is no item of this ledger" if unknown else None


def _take_suspect(register: "Register", position: int, _: bytes, act: Act, person: Person) -> None:
    for uid in act.body["items"]:
        item = register.items[uid]
        item.suspended = act.body["text"] or "misuse is suspected"
        register.told(position, uid, "suspect", f"by {person.id}: {item.suspended}")
        register.tell(position, (item.origin, item.holder), "suspect", f"{uid}: {item.suspended}")


def _judge_inspect(register: "Register", act: Act, person: Person) -> str | None:
    for uid in act.body["items"]:
        item = register.items.get(uid)
        if item is None:
            return f"{uid} is no item of this ledger"
        if not _inspects(person, item.origin):
            return f"{person.id} is no inspector of {item.origin}, who gave {uid}"
    return None


def _take_inspect(register: "Register", position: int, leaf: bytes, act: Act, by: Person) -> None:
    items = tuple(act.body["items"])
    first = register.items[items[0]]
    days = register.agreement_of(first).deadlines.inspection
    register.inspections[leaf] = Inspection(
        leaf=leaf, position=position, by=by.id, items=items, text=act.body["text"],
        due_ns=register.now_ns + days * DAY_NS,
    )  # fmt: skip
    holders = sorted({register.items[uid].holder for uid in items})
    register.tell(
        position, tuple(holders), "inspect",
        f"{first.origin} asks to see {', '.join(items)}: {act.body['text']}; answer in {days} days",
    )  # fmt: skip


def _judge_answer(register: "Register", act: Act, person: Person) -> str | None:
    asked = register.inspections.get(act.refs[0])
    if asked is None or asked.answered:
        return "that is no inspection that waits for an answer"
    holder = register.items[asked.items[0]].holder
    if not inside(register, person.org, holder):
        return f"{person.id} is of {person.org}; {holder} must answer"
    return None


def _take_answer(register: "Register", position: int, _: bytes, act: Act, person: Person) -> None:
    asked = register.inspections[act.refs[0]]
    asked.answered, asked.refused = act.body["text"] or "yes", act.body["refused"]
    late = register.now_ns > asked.due_ns
    if asked.refused or late:
        word = "refused" if asked.refused else "answered late"
        register.tell(
            position, (register.items[asked.items[0]].origin,), "inspection",
            f"inspection of {', '.join(asked.items)} {word} by {person.org}: {asked.answered}",
        )  # fmt: skip


def _judge_assure(register: "Register", act: Act, person: Person) -> str | None:
    consent = register.consents.get(act.body["consent"])
    if consent is None:
        return f"there is no consent {act.body['consent']!r}"
    if not inside(register, person.org, consent.recipient):
        return f"{person.id} is of {person.org}; {consent.recipient} signs for its own end use"
    return None


def _take_assure(register: "Register", _: int, __: bytes, act: Act, ___: Person) -> None:
    register.consents[act.body["consent"]].assured = True


def _judge_allocate(register: "Register", act: Act, person: Person) -> str | None:
    consent = register.consents.get(act.body["consent"])
    if consent is None:
        return f"there is no consent {act.body['consent']!r}"
    if act.body["site"] not in register.sites:
        return f"there is no site {act.body['site']!r}"
    holders = {register.items[uid].holder for uid in consent.items}
    if not any(inside(register, person.org, holder) for holder in holders):
        return f"{person.id} is not of {', '.join(sorted(holders))}, who may spend it"
    if act.body["site"] in consent.allocated:
        return f"{act.body['site']} has its share already; a share is never changed"
    free = consent.left("")
    if act.body["quantity"] > free:
        return f"consent {consent.id} has {free} left to allot; {act.body['quantity']} are asked"
    return None


def _take_allocate(register: "Register", _: int, __: bytes, act: Act, ___: Person) -> None:
    body = act.body
    register.consents[body["consent"]].allocated[body["site"]] = body["quantity"]


def _judge_emergency(register: "Register", act: Act, person: Person) -> str | None:
    if not person.roles & {"duty", "authority"} or person.nation != register.nation:
        return f"{person.id} is no duty officer of {register.nation}"
    unknown = [name for name in act.body["to"] if name not in register.organisations]
    if unknown:
        return f"{unknown[0]!r} is no organisation of this ledger"
    if not act.body["reason"].strip():
        return "an emergency names its reason: whose life is at risk"
    hours = [one.deadlines.emergency_hours for one in register.agreements.values()]
    longest = min(hours, default=0)
    if not act.at_ns < act.body["until_ns"] <= act.at_ns + longest * HOUR_NS:
        return f"it lasts longer than {longest} hours, or ends before it begins"
    return None


def _take_emergency(register: "Register", position: int, leaf: bytes, act: Act, by: Person) -> None:
    body = act.body
    register.emergencies[leaf] = Emergency(
        leaf=leaf, position=position, by=by.id, reason=body["reason"], areas=tuple(body["areas"]),
        to=tuple(body["to"]), from_ns=act.at_ns, until_ns=body["until_ns"],
    )  # fmt: skip
    register.tell(
        position, tuple(sorted({one.origin for one in register.agreements.values()})),
        "emergency",
        f"{by.id} opens emergency release to {', '.join(body['to'])}: {body['reason']}",
    )  # fmt: skip


def _judge_review(register: "Register", act: Act, person: Person) -> str | None:
    found = register.emergencies.get(act.refs[0])
    if found is None or found.review:
        return "that is no emergency that waits for its review"
    if person.id == found.by or "authority" not in person.roles:
        return "an authority other than who declared it reviews an emergency"
    return None


def _take_review(register: "Register", _: int, __: bytes, act: Act, person: Person) -> None:
    word = "justified" if act.body["justified"] else "not justified"
    register.emergencies[act.refs[0]].review = f"{word} ({person.id}): {act.body['text']}"


ACTS: Mapping[str, tuple[Judge, Effect]] = {
    "sighted": (_judge_sighted, _take_sighted),
    "report": (_judge_report, _take_report),
    "suspect": (_judge_suspect, _take_suspect),
    "inspect": (_judge_inspect, _take_inspect),
    "answer": (_judge_answer, _take_answer),
    "assure": (_judge_assure, _take_assure),
    "allocate": (_judge_allocate, _take_allocate),
    "emergency": (_judge_emergency, _take_emergency),
    "review": (_judge_review, _take_review),
}
