"""Build Cedar's closed entity store and request for one question under one agreement.

Closed: every organisation, nation and agreement that anything refers to stands in it. A reference
that leads nowhere would make Cedar *skip* the forbid that follows it, and so permit.
"""

from collections.abc import Iterable
from typing import Any

from steppewatch.custody.policy.question import (
    RELEASE,
    ConsentFacts,
    DataFacts,
    ItemFacts,
    Known,
    OrgFacts,
    PersonFacts,
    Question,
    SiteFacts,
)
from steppewatch.errors import CustodyError

Row = dict[str, Any]


class _Store:
    """Collect entities, each once."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.rows: dict[tuple[str, str], Row] = {}

    def ref(self, kind: str, name: str) -> Row:
        return {"__entity": {"type": kind, "id": name}}

    def put(self, kind: str, name: str, attrs: Row, parents: tuple[Row, ...] = ()) -> Row:
        uid = {"type": kind, "id": name}
        self.rows[kind, name] = {"uid": uid, "attrs": attrs, "parents": list(parents)}
        return {"__entity": uid}

    def nation(self, name: str) -> Row:
        if ("Nation", name) in self.rows:
            return self.ref("Nation", name)
        if not name or not isinstance(name, str):
            raise CustodyError(f"a nation is {name!r}; expected a code of two letters")
        return self.put("Nation", name, {"barred": name in self.known.barred})

    def org(self, name: str) -> Row:
        if ("Org", name) in self.rows:
            return self.ref("Org", name)
        facts = self.known.orgs.get(name)
        if facts is None or facts.id != name:
            raise CustodyError(f"organisation {name!r} is not known; register it first")
        return self.org_facts(facts)

    def org_facts(self, facts: OrgFacts) -> Row:
        attrs = {"nation": self.nation(facts.nation), "kind": facts.kind, "barred": facts.barred}
        found = self.put("Org", facts.id, attrs)
        if facts.part_of:
            parent = self.org(facts.part_of)
            self.rows["Org", facts.id]["parents"] = [parent["__entity"]]
        return found

    def agreement(self, name: str) -> Row:
        if ("Agreement", name) in self.rows:
            return self.ref("Agreement", name)
        facts = self.known.agreements.get(name)
        if facts is None or facts.id != name:
            raise CustodyError(f"agreement {name!r} is not known; register it first")
        attrs = {
            "origin": self.nation(facts.origin),
            "recipient": self.nation(facts.recipient),
            "ended": facts.ended,
        }
        return self.put("Agreement", name, attrs)

    def person(self, facts: PersonFacts) -> Row:
        attrs = {
            "org": self.org(facts.org),
            "nation": self.nation(facts.nation),
            "roles": sorted(facts.roles),
            "level": facts.level,
        }
        return self.put("Person", facts.id, attrs)

    def site(self, facts: SiteFacts) -> Row:
        attrs = {
            "org": self.org(facts.org),
            "nation": self.nation(facts.nation),
            "certified_until": facts.certified_until,
        }
        return self.put("Site", facts.id, attrs)

    def item(self, facts: ItemFacts, under: str) -> Row:
        attrs: Row = {
            "terms": [self.agreement(term) for term in sorted(facts.terms)],
            "holder": self.org(facts.holder),
            "state": facts.state,
            "suspended": facts.suspended,
            "inventory_due": facts.inventory_due,
            "level": facts.level,
        }
        plan = facts.arrangements.get(under)
        if plan is not None:
            attrs["arrangement"] = self.put(
                "Arrangement",
                plan.id,
                {
                    "agreement": self.agreement(plan.agreement),
                    "holder": self.org(plan.holder),
                    "purposes": sorted(plan.purposes),
                    "named": [self.org(name) for name in sorted(plan.named)],
                    "confirmed": plan.confirmed,
                    "in_force": plan.in_force,
                },
            )
        return self.put("Item", facts.id, attrs)

    def data(self, facts: DataFacts) -> Row:
        attrs: Row = {
            "terms": [self.agreement(term) for term in sorted(facts.terms)],
            "originators": [self.org(name) for name in sorted(facts.originators)],
            "releasable": [self.org(name) for name in sorted(facts.releasable)],
            "anywhere": facts.within is None,
            "within": sorted(facts.within or ()),
        }
        for name in ("purposes", "areas", "projects", "caveats"):
            attrs[name] = sorted(getattr(facts, name))
        for name in (
            *("kind", "target", "level", "precision_m", "finest_m"),
            *("age_s", "youngest_s", "oldest_s", "suspended"),
        ):
            attrs[name] = getattr(facts, name)
        return self.put("Data", facts.id, attrs)

    def consent(self, facts: ConsentFacts) -> Row:
        return {
            "covers": facts.covers,
            "by_origin": facts.by_origin,
            "signers": facts.signers,
            "organisations": facts.organisations,
            "own": facts.own,
            "recipient": self.org(facts.recipient),
            "purpose": facts.purpose,
            "left": facts.left,
            "from": facts.from_ns,
            "until": facts.until_ns,
            "witnessed": facts.witnessed,
            "revoked": facts.revoked,
            "assured": facts.assured,
        }


def asked(question: Question, under: str) -> tuple[Row, list[Row]]:
    """Give Cedar's request and the closed store for a question under one agreement.

    Raises:
        CustodyError: A name leads nowhere, or the records are not of the action's kinds.
    """
    store = _Store(question.known)
    context: Row = {
        "under": store.agreement(under),
        "now": question.now_ns,
        "purpose": question.purpose,
    }
    who, what = question.principal, question.resource
    if question.action == RELEASE:
        if not (isinstance(who, OrgFacts) and isinstance(what, DataFacts)):
            raise CustodyError("a release is asked for an organisation and a datum")
        principal, resource = store.org(who.id), store.data(what)
        if question.known.orgs[who.id] != who:
            raise CustodyError(f"partner {who.id!r} is not as it is known")
        context["emergency"] = question.emergency
    else:
        if not (isinstance(who, PersonFacts) and isinstance(what, ItemFacts)):
            raise CustodyError(f"{question.action} is asked for a person and an item")
        principal, resource = store.person(who), store.item(what, under)
        context |= _item_context(store, question, what, under)
    request = {
        "principal": principal["__entity"],
        "action": {"type": "Action", "id": question.action},
        "resource": resource["__entity"],
        "context": context,
    }
    return request, list(store.rows.values())


def entities_of(
    known: Known,
    partners: Iterable[OrgFacts],
    data: Iterable[DataFacts],
    agreements: Iterable[str],
) -> list[Row]:
    """Give the closed store of many data, partners and agreements at once.

    Raises:
        CustodyError: A name leads nowhere.
    """
    store = _Store(known)
    for partner in partners:
        store.org(partner.id)
        if known.orgs[partner.id] != partner:
            raise CustodyError(f"partner {partner.id!r} is not as it is known")
    for one in data:
        store.data(one)
    for name in agreements:
        if name in known.agreements:
            store.agreement(name)
    return list(store.rows.values())


def _item_context(store: _Store, question: Question, item: ItemFacts, under: str) -> Row:
    recipient = question.recipient or item.holder
    reference = store.org(recipient)
    nation = question.destination or store.known.orgs[recipient].nation
    context: Row = {
        "recipient": reference,
        "destination": store.nation(nation),
        "quantity": question.quantity,
        "lot_left": question.lot_left,
        "return_by": question.return_by_ns,
    }
    if question.site is not None:
        context["site"] = store.site(question.site)
    consent = question.consents.get(under)
    if consent is not None:
        context["consent"] = store.consent(consent)
    return context
