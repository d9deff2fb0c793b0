"""What happens to items: registered, handed over with two signatures, seen, moved, lost."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from steppewatch.custody.acts import Act
from steppewatch.custody.agreement import Arrangement, Lot
from steppewatch.custody.register.judging import Effect, Judge
from steppewatch.custody.register.records import DAY_NS, GONE, NEVER, Item, Offer, Person, Site

if TYPE_CHECKING:
    from steppewatch.custody.register.register import Register

WHATS = ("lost", "stolen", "damaged", "destroyed")
HOWS = ("code", "hand", "photo")


def uid_of(maker: str, part: str, serial: str) -> str:
    """Name an item: unique for ever, also after it is gone."""
    return f"{maker}/{part}/{serial}"


def inside(register: "Register", org: str, body: str) -> bool:
    """Tell whether an organisation is a body or part of it."""
    seen: set[str] = set()
    while org and org not in seen:
        if org == body:
            return True
        seen.add(org)
        known = register.organisations.get(org)
        org = known.part_of if known else ""
    return False


def _held(register: "Register", uids: Iterable[str], person: Person) -> str | None:
    """Refuse what a person's organisation does not hold now."""
    for uid in uids:
        item = register.items.get(uid)
        if item is None:
            return f"{uid} is no item of this ledger: register it first"
        if item.state in GONE:
            return f"{uid} is {item.state}"
        if not inside(register, person.org, item.holder):
            return f"{uid} is held by {item.holder}, not by {person.org}"
    return None


def _judge_register(register: "Register", act: Act, person: Person) -> str | None:
    body = act.body
    if any("/" in body[key] for key in ("maker", "part", "serial")):
        return "maker, part and serial hold no '/'"
    uid = uid_of(body["maker"], body["part"], body["serial"])
    if unicodedata.normalize("NFKC", uid) != uid or not uid.isprintable():
        return f"{uid!a} holds signs that only look like others: write it in plain letters"
    same = (one for one in register.items.values() if one.uid.casefold() == uid.casefold())
    known = next(same, None)
    if known is not None:
        state = f"{known.uid} was registered before and is {known.state}"
        return f"{state}: a serial is used once, for ever"
    agreement = register.agreements.get(body["agreement"])
    if agreement is None or agreement.id in register.ended:
        return f"there is no agreement {body['agreement']!r} in force"
    if person.nation != agreement.origin:
        return f"{person.id} is of {person.nation}; only {agreement.origin} registers items"
    arrangement, lot = _lot(register, act)
    if arrangement is None:
        return f"{agreement.id} has no arrangement {body['arrangement']!r}"
    if lot is None:
        return f"{arrangement.id} has no lot {body['maker']}/{body['part']}"
    made = sum(one.lot == lot and one.arrangement == arrangement for one in register.items.values())
    if made >= lot.quantity:
        return f"{arrangement.id} allows {lot.quantity} of {lot.maker}/{lot.part}; all are there"
    parent = body.get("parent", "")
    return f"{parent} is no item" if parent and parent not in register.items else None


def _lot(register: "Register", act: Act) -> tuple[Arrangement | None, Lot | None]:
    body, agreement = act.body, register.agreements[act.body["agreement"]]
    rows = agreement.arrangements
    arrangement = next((row for row in rows if row.id == body["arrangement"]), None)
    lots = arrangement.lots if arrangement else ()
    wanted = (body["maker"], body["part"])
    return arrangement, next((row for row in lots if (row.maker, row.part) == wanted), None)


def _take_register(register: "Register", position: int, _: bytes, act: Act, person: Person) -> None:
    body = act.body
    arrangement, lot = _lot(register, act)
    assert arrangement is not None and lot is not None  # noqa: S101, PT018 (judged)
    item = Item(
        uid=uid_of(body["maker"], body["part"], body["serial"]),
        title=body["title"],
        agreement=body["agreement"],
        arrangement=arrangement,
        lot=lot,
        terms=frozenset({body["agreement"]}),
        origin=person.nation,
        holder=arrangement.giver,
        sensor=body.get("sensor", ""),
    )
    register.items[item.uid] = item
    register.told(position, item.uid, "register", f"registered by {person.id}")
    if body.get("parent"):
        _join(register, position, item.uid, body["parent"])


def _judge_site(register: "Register", act: Act, person: Person) -> str | None:
    body = act.body
    if body["id"] in register.sites and register.sites[body["id"]].org != person.org:
        return f"{body['id']} is a site of {register.sites[body['id']].org}"
    if body["id"] in register.sites and register.sites[body["id"]].nation != body["nation"]:
        return f"{body['id']} lies in {register.sites[body['id']].nation}; it stays there"
    if not inside(register, person.org, body["org"]):
        return f"{person.id} is of {person.org}, not of {body['org']}"
    return None


def _take_site(register: "Register", _: int, __: bytes, act: Act, ___: Person) -> None:
    body = act.body
    # A site that is described anew must be certified anew.
    register.sites[body["id"]] = Site(**body)


def _judge_certify(register: "Register", act: Act, person: Person) -> str | None:
    if act.body["site"] not in register.sites:
        return f"there is no site {act.body['site']!r}"
    origins = {one.origin for one in register.agreements.values()}
    if person.nation not in origins or "inspector" not in person.roles:
        return f"{person.id} is no inspector of an origin: only these certify stores"
    if person.nation == register.sites[act.body["site"]].nation:
        return "nobody certifies the stores of the own nation"
    return None


def _take_certify(register: "Register", _: int, __: bytes, act: Act, ___: Person) -> None:
    register.sites[act.body["site"]].certified_until_ns = act.body["until_ns"]


def _judge_offer(register: "Register", act: Act, person: Person) -> str | None:
    body = act.body
    wrong = _held(register, body["items"], person)
    if wrong:
        return wrong
    if body["to"] not in register.organisations or body["site"] not in register.sites:
        return f"{body['to']!r} or site {body['site']!r} is unknown here"
    for uid in body["items"]:
        item = register.items[uid]
        if item.state == "offered":
            return f"{uid} is offered to somebody already"
        if item.inside:
            return f"{uid} is part of {item.inside}: hand over the whole, or remove it first"
    if body.get("consent"):
        consent = register.consents.get(body["consent"])
        if consent is None:
            return f"there is no consent {body['consent']!r}"
        if "transfer" not in consent.kinds:
            return f"consent {consent.id} opens {', '.join(sorted(consent.kinds))}, no transfer"
        share = register.items[body["items"][0]].site
        if consent.left(share) < len(body["items"]):
            return (
                f"consent {consent.id} leaves {consent.left(share)} at {share or 'no site'}; "
                f"{len(body['items'])} are asked for"
            )
    return None


def _take_offer(register: "Register", position: int, leaf: bytes, act: Act, person: Person) -> None:
    body = act.body
    offer = Offer(
        leaf=leaf, position=position, at_ns=act.at_ns, items=tuple(body["items"]),
        giver=person.org, by=person.id, to=body["to"], site=body["site"],
        purpose=body["purpose"], consent=body.get("consent", ""),
        return_by_ns=body.get("return_by_ns", 0), share=register.items[body["items"][0]].site,
    )  # fmt: skip
    if offer.consent and offer.share not in register.consents[offer.consent].allocated:
        offer.share = ""  # it holds of what nobody was allotted, also if its site is later
    register.offers[leaf] = offer
    for uid in offer.items:
        register.items[uid].state = "offered"
        register.told(position, uid, "offer", f"{offer.giver} offers it to {offer.to}")
    if offer.consent:
        consent = register.consents[offer.consent]
        consent.spend(offer.share, len(offer.items))
        consent.reserved += len(offer.items)


def _open(register: "Register", act: Act, person: Person) -> Offer | str:
    offer = register.offers.get(act.refs[0])
    if offer is None or offer.state != "open":
        return "that offer is not there, or is closed"
    if not inside(register, person.org, offer.to) and act.kind == "accept":
        return f"{person.id} is of {person.org}; {offer.to} must sign for what it is offered"
    if act.kind == "decline" and person.org not in {offer.to, offer.giver}:
        return f"{person.id} is of neither {offer.giver} nor {offer.to}"
    return offer


def _judge_accept(register: "Register", act: Act, person: Person) -> str | None:
    offer = _open(register, act, person)
    if isinstance(offer, str):
        return offer
    if tuple(act.body["items"]) != offer.items:
        return "the lists of items differ: both sides sign for the same serials"
    giver = register.persons.get(offer.by)
    if giver is None or giver.position > offer.position or giver.kid in register.revoked:
        return f"the key with which {offer.by} offered holds no more: let somebody offer anew"
    return f"{person.id} cannot accept the own offer" if person.id == offer.by else None


def _take_accept(register: "Register", position: int, _: bytes, act: Act, person: Person) -> None:
    offer = register.offers[act.refs[0]]
    offer.state, offer.done, offer.done_ns = "accepted", position, register.now_ns
    if offer.consent:
        consent = register.consents[offer.consent]
        consent.reserved -= len(offer.items)
        consent.used += len(offer.items)
        register.cases.spend(consent.id, len(offer.items), register.now_ns)
    for uid in offer.items:
        item = register.items[uid]
        days = register.agreement_of(item).deadlines.first_inventory
        item.lender = offer.giver if offer.return_by_ns else ""
        item.return_by_ns = offer.return_by_ns
        for part in (uid, *parts_of(register, uid)):
            row = register.items[part]
            if row.state in GONE:  # a part that was lost does not come back with the whole
                continue
            row.holder, row.site, row.state = offer.to, offer.site, "held"
            row.due_ns = register.now_ns + days * DAY_NS
            if register.organisations[offer.to].nation == row.origin:
                # Given back: the duties of whoever receives have ended.
                row.state, row.due_ns = "registered", NEVER
            register.told(position, part, "accept", f"{offer.to} holds it; {person.id} signed")
    first = register.items[offer.items[0]]
    register.tell(
        position,
        (first.origin, offer.giver, offer.to),
        "handover",
        f"{len(offer.items)} items from {offer.giver} to {offer.to}",
    )


def _judge_decline(register: "Register", act: Act, person: Person) -> str | None:
    offer = _open(register, act, person)
    return offer if isinstance(offer, str) else None


def _take_decline(register: "Register", position: int, _: bytes, act: Act, __: Person) -> None:
    offer = register.offers[act.refs[0]]
    offer.state = "declined"
    for uid in offer.items:
        item = register.items[uid]
        item.state = "held" if item.due_ns < NEVER else "registered"
        register.told(position, uid, "decline", act.body["why"])
    if offer.consent:
        consent = register.consents[offer.consent]
        consent.spend(offer.share, -len(offer.items))
        consent.reserved -= len(offer.items)


def _judge_move(register: "Register", act: Act, person: Person) -> str | None:
    items = act.body["items"]
    return _held(register, items, person) or _within(register, items, act.body["site"])


def _within(register: "Register", uids: Iterable[str], site: str) -> str | None:
    """Refuse a place in another nation than the holder's: that is a transfer."""
    place = register.sites.get(site)
    if place is None:
        return f"there is no site {site!r}"
    for uid in uids:
        holder = register.organisations[register.items[uid].holder]
        if place.nation != holder.nation:
            return (
                f"{site} lies in {place.nation}, {uid} is held in {holder.nation}: what crosses "
                "a border is offered and accepted"
            )
    return None


def _take_move(register: "Register", position: int, _: bytes, act: Act, __: Person) -> None:
    for uid in act.body["items"]:
        for part in (uid, *parts_of(register, uid)):
            register.items[part].site = act.body["site"]
        register.told(position, uid, "move", f"to {act.body['site']}")


def _judge_fit(register: "Register", act: Act, person: Person) -> str | None:
    part, into = act.body["part"], act.body["into"]
    wrong = _held(register, [part, into], person)
    if wrong:
        return wrong
    if part == into or into in parts_of(register, part):
        return f"{into} is part of {part}"
    return f"{part} is in {register.items[part].inside} already" if register.items[part].inside \
        else None  # fmt: skip


def _take_fit(register: "Register", position: int, _: bytes, act: Act, __: Person) -> None:
    _join(register, position, act.body["part"], act.body["into"])


def _join(register: "Register", position: int, part: str, into: str) -> None:
    """Fit a part: whatever it is in is bound by the part's terms from now on (see-through)."""
    child = register.items[part]
    child.inside = into
    whole = register.items[into]
    whole.parts = (*whole.parts, part)
    register.told(position, part, "fit", f"into {into}")
    seen: set[str] = set()
    while into and into not in seen:
        seen.add(into)
        register.items[into].terms |= child.terms
        into = register.items[into].inside


def _judge_remove(register: "Register", act: Act, person: Person) -> str | None:
    parts = [act.body["part"]]
    wrong = _held(register, parts, person) or _within(register, parts, act.body["site"])
    if wrong:
        return wrong
    return None if register.items[act.body["part"]].inside else f"{act.body['part']} is in nothing"


def _take_remove(register: "Register", position: int, _: bytes, act: Act, __: Person) -> None:
    part = register.items[act.body["part"]]
    whole = register.items[part.inside]
    whole.parts = tuple(uid for uid in whole.parts if uid != part.uid)
    register.told(position, part.uid, "remove", f"from {whole.uid}, to {act.body['site']}")
    part.inside, part.site = "", act.body["site"]


def parts_of(register: "Register", uid: str) -> list[str]:
    """Give what is fitted into an item, and into that, and so on."""
    found = list(register.items[uid].parts)
    for part in found:
        found += [one for one in register.items[part].parts if one not in found]
    return found


ACTS: Mapping[str, tuple[Judge, Effect]] = {
    "register": (_judge_register, _take_register),
    "site": (_judge_site, _take_site),
    "certify": (_judge_certify, _take_certify),
    "offer": (_judge_offer, _take_offer),
    "accept": (_judge_accept, _take_accept),
    "decline": (_judge_decline, _take_decline),
    "move": (_judge_move, _take_move),
    "fit": (_judge_fit, _take_fit),
    "remove": (_judge_remove, _take_remove),
}
