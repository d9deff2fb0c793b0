"""Put what the register holds into the words of a question to the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from steppewatch.custody.acts import Act
from steppewatch.custody.agreement import Agreement, Arrangement
from steppewatch.custody.label.label import Label
from steppewatch.custody.policy.decide import Rules
from steppewatch.custody.policy.question import (
    AgreementFacts,
    ArrangementFacts,
    ConsentFacts,
    ItemFacts,
    Known,
    OrgFacts,
    PersonFacts,
    Question,
    SiteFacts,
)
from steppewatch.custody.register.items import parts_of
from steppewatch.custody.register.records import GONE, NEVER, Consent, Item, Offer, Person
from steppewatch.custody.register.register import Register
from steppewatch.custody.release.situation import Emergency, Partner, Situation


def question(register: Register, act: Act, now_ns: int) -> list[Question]:
    """Ask the rules what an act asks for, one question an item; nothing for mere facts.

    Args:
        register: As of the statement before.
        act: Not refused by the register.
        now_ns: The moment [ns UTC].
    """
    if act.kind == "offer":
        body = act.body
        offer = Offer(
            leaf=b"", position=register.size, at_ns=act.at_ns, items=tuple(body["items"]),
            giver="", by=act.by, to=body["to"], site=body["site"], purpose=body["purpose"],
            consent=body.get("consent", ""), return_by_ns=body.get("return_by_ns", 0),
            share=register.items[body["items"][0]].site,
        )  # fmt: skip
        return _offered(register, offer, 0, now_ns)
    if act.kind == "accept":
        offer = register.offers[act.refs[0]]
        asked = _offered(register, offer, len(offer.items), now_ns)
        return asked + _stored(register, act.by, offer.items, offer.site, offer.to, now_ns)
    if act.kind == "move":
        return _stored(register, act.by, act.body["items"], act.body["site"], "", now_ns)
    if act.kind == "fit":
        uids = [act.body["part"], act.body["into"]]
        return [_asked(register, "fit", act.by, register.items[uid], now_ns) for uid in uids]
    if act.kind == "propose" and act.body["kind"] == "dispose":
        return [_disposal(register, act.by, uid, now_ns) for uid in act.body["body"]["items"]]
    return []


def used(register: Register, action: str, by: str, uid: str, purpose: str, now_ns: int) -> Question:
    """Ask whether a person may ``use``, ``task`` or ``recover`` an item for a purpose."""
    item = register.items[uid]
    question = _asked(register, action, by, item, now_ns)
    if purpose in purposes_of(register, item):
        return replace(question, purpose=purpose)
    # What the arrangement does not name may rest on a consent; one that does not fit denies.
    consents = {
        consent.agreement: _consent(register, consent, uid, by, 0, consent.left(item.site))
        for consent in register.consents.values()
        if "purpose" in consent.kinds and uid in consent.items and consent.purpose == purpose
    }
    return replace(question, purpose=purpose, consents=consents)


def _offered(register: Register, offer: Offer, held: int, now_ns: int) -> list[Question]:
    """Ask for each item of an offer; ``held`` is what the offer itself holds of its consent."""
    site, asked = register.sites[offer.site], []
    for uid in offer.items:
        item = register.items[uid]
        question = _asked(
            register, "lend" if offer.return_by_ns else "transfer", offer.by, item, now_ns
        )
        consents = {}
        if offer.consent:
            consent = register.consents[offer.consent]
            left = consent.left(offer.share) + held
            consents = {consent.agreement: _consent(register, consent, uid, offer.by, held, left)}
        alike = sum(register.items[one].lot == item.lot for one in offer.items)
        handed = sum(
            one.due_ns < NEVER and (one.lot, one.arrangement) == (item.lot, item.arrangement)
            for one in register.items.values()
        )
        asked.append(
            replace(
                question,
                recipient=offer.to,
                destination=site.nation,
                purpose=offer.purpose,
                quantity=alike,
                lot_left=item.lot.quantity - handed,
                consents=consents,
                return_by_ns=offer.return_by_ns,
            )
        )
    return asked


def _stored(
    register: Register, by: str, uids: Iterable[str], site: str, holder: str, now_ns: int
) -> list[Question]:
    """Ask whether a party's store may hold items; a third state's is the consent's."""
    place = register.sites[site]
    facts = SiteFacts(
        id=place.id, org=place.org, nation=place.nation, certified_until=place.certified_until_ns
    )
    asked = []
    for uid in uids:
        item = register.items[uid]
        # The origin answers for its own stores: nobody certifies them.
        if place.nation == register.agreement_of(item).recipient:
            question = _asked(register, "store", by, item, now_ns)
            if holder:
                taken = replace(_item(register, item, now_ns), holder=holder, inventory_due=NEVER)
                question = replace(question, resource=taken, recipient=holder)
            asked.append(replace(question, site=facts, destination=place.nation))
    return asked


def _disposal(register: Register, by: str, uid: str, now_ns: int) -> Question:
    """Ask as if all needed signatures were there: the register sees to it that they are."""
    item = register.items[uid]
    consent = ConsentFacts(
        covers=True, by_origin=True, recipient=item.holder, purpose="disposal", left=1,
        from_ns=0, until_ns=NEVER, signers=2, organisations=2, witnessed=True, assured=True,
    )  # fmt: skip
    question = _asked(register, "dispose", by, item, now_ns)
    return replace(question, purpose="disposal", consents=dict.fromkeys(item.terms, consent))


def _consent(
    register: Register, consent: Consent, uid: str, by: str, held: int, left: int
) -> ConsentFacts:
    return ConsentFacts(
        # Whatever leaves inside it leaves, too: the consent names each serial.
        covers=consent.items.issuperset((uid, *parts_of(register, uid))),
        by_origin=consent.by_origin,
        signers=len(consent.signers),
        organisations=len(consent.organisations),
        own=by in consent.signers,
        recipient=consent.recipient,
        purpose=consent.purpose,
        left=min(left, consent.quantity - consent.used - consent.reserved + held),
        from_ns=consent.from_ns,
        until_ns=consent.until_ns,
        witnessed=consent.witnessed >= 0,
        revoked=consent.revoked >= 0 or not register.cases.stands(consent.id),
        assured=consent.assured,
    )


def _asked(register: Register, action: str, by: str, item: Item, now_ns: int) -> Question:
    person = register.persons[by]
    holder = register.organisations[item.holder]
    return Question(
        action=action,
        principal=_person(person),
        resource=_item(register, item, now_ns),
        known=known(register, now_ns),
        now_ns=now_ns,
        purpose=item.arrangement.purposes[0] if item.arrangement.purposes else "",
        recipient=item.holder,
        destination=holder.nation,
    )


def _person(person: Person) -> PersonFacts:
    return PersonFacts(
        id=person.id, org=person.org, nation=person.national, roles=person.roles, level=person.level
    )


def _item(register: Register, item: Item, now_ns: int) -> ItemFacts:
    arrangements: dict[str, ArrangementFacts] = {}
    for part in (item.uid, *parts_of(register, item.uid)):
        row = register.items[part]
        found = _arrangement(register, row, now_ns)
        own = arrangements.setdefault(row.agreement, found)
        # A part never widens what the whole may be used for, nor who may have it.
        arrangements[row.agreement] = replace(
            own,
            purposes=own.purposes & found.purposes,
            named=own.named & found.named,
            in_force=own.in_force and found.in_force,
        )
    return ItemFacts(
        id=item.uid,
        terms=item.terms,
        arrangements=arrangements,
        holder=item.holder,
        state=item.state,
        suspended=any(
            register.items[one].suspended for one in (item.uid, *parts_of(register, item.uid))
        ),
        inventory_due=item.due_ns,
        level=item.lot.level,
    )


def _arrangement(register: Register, item: Item, now_ns: int) -> ArrangementFacts:
    agreement = register.agreements[item.agreement]
    row = _current(register, item)
    return ArrangementFacts(
        id=row.id,
        agreement=agreement.id,
        holder=row.holder,
        purposes=purposes_of(register, item),
        named=frozenset(row.named),
        confirmed=any(one.id == row.project for one in agreement.projects),
        in_force=row in agreement.arrangements and row.interval.holds(now_ns),
    )


def _current(register: Register, item: Item) -> Arrangement:
    """Give an item's arrangement as the agreement's text has it now; it may have been renewed."""
    rows = register.agreements[item.agreement].arrangements
    return next((row for row in rows if row.id == item.arrangement.id), item.arrangement)


def purposes_of(register: Register, item: Item) -> frozenset[str]:
    """Give the purposes of an item's arrangement, as far as they were not narrowed."""
    row = _current(register, item)
    narrowed = register.narrowed.get(f"{item.agreement}/{row.id}")
    return frozenset(row.purposes) if narrowed is None else frozenset(row.purposes) & narrowed


def known(register: Register, now_ns: int) -> Known:
    """Give all organisations and agreements, for the closed store of the policy engine."""
    return Known(
        orgs={
            row.id: OrgFacts(
                id=row.id, nation=row.nation, kind=row.kind, part_of=row.part_of,
                barred=row.id in register.barred,
            )
            for row in register.organisations.values()
        },
        agreements={
            row.id: AgreementFacts(
                id=row.id, origin=row.origin, recipient=row.recipient,
                ended=ended(register, row, now_ns),
            )
            for row in register.agreements.values()
        },
    )  # fmt: skip


def ended(register: Register, agreement: Agreement, now_ns: int) -> bool:
    """Tell whether an agreement was terminated, or its time is over or not yet come."""
    return agreement.id in register.ended or not agreement.interval.holds(now_ns)


def labels_of(register: Register, own: Iterable[str] = ()) -> dict[str, Label]:
    """Give the label of every sensor: what it sees carries that.

    Args:
        register: As of the ledger's last statement.
        own: Sensors that no agreement binds: under the nation's own rules.
    """
    found = {}
    for item in register.items.values():
        if item.sensor:
            found[item.sensor] = _label(
                register, item.terms, item.holder, purposes_of(register, item),
                level=item.lot.level, projects=(item.arrangement.project,),
                suspended=bool(item.suspended) or item.state in GONE,
            )  # fmt: skip
    rules = [a for a in register.agreements.values() if a.origin == a.recipient == register.nation]
    holders = [o.id for o in register.organisations.values() if o.nation == register.nation]
    for sensor in own:
        if rules and holders and sensor not in found:
            purposes = frozenset(one for rule in rules[0].releases for one in rule.purposes)
            found[sensor] = _label(register, frozenset({rules[0].id}), holders[0], purposes)
    return found


def _label(
    register: Register,
    terms: frozenset[str],
    holder: str,
    purposes: frozenset[str],
    *,
    level: int = 0,
    projects: tuple[str, ...] = (),
    suspended: bool = False,
) -> Label:
    to = [{one for rule in register.agreements[term].releases for one in rule.to} for term in terms]
    return Label(
        originators=(holder,),
        terms=tuple(terms),
        releasable=tuple(set.intersection(*to)),
        purposes=tuple(purposes),
        level=level,
        projects=projects,
        suspended=suspended,
    )


def situation(
    register: Register,
    rules: Rules,
    partners: Mapping[str, tuple[str, str]],
    now_ns: int,
    own: Iterable[str] = (),
) -> Situation:
    """Give all that decides about releases now.

    Args:
        register: As of the ledger's last statement.
        rules: Its agreements, compiled.
        partners: Link's name → organisation, purpose.
        now_ns: The moment [ns UTC].
        own: Sensors that no agreement binds.
    """
    facts = known(register, now_ns)
    return Situation(
        version=register.size,
        agreements=dict(register.agreements),
        rules=rules,
        known=facts,
        labels=labels_of(register, own),
        partners={
            name: Partner(
                name=name,
                org=facts.orgs.get(org, OrgFacts(id=org, nation="??", barred=True)),
                purpose=purpose,
                stopped=_stopped(register, org),
            )
            for name, (org, purpose) in partners.items()
        },
        emergencies=tuple(
            Emergency(
                id=one.leaf.hex(), to=frozenset(one.to), areas=frozenset(one.areas),
                from_ns=one.from_ns, until_ns=one.until_ns,
            )
            for one in register.emergencies.values()
        ),
    )  # fmt: skip


def _stopped(register: Register, org: str) -> str:
    if org not in register.organisations:
        return f"{org!r} is no organisation of this ledger"
    persons = [one for one in register.persons.values() if one.org == org]
    if not persons:
        return f"nobody of {org} is enrolled to answer for it"
    if all(one.kid in register.revoked for one in persons):
        return f"every key of {org} is revoked"
    return ""
