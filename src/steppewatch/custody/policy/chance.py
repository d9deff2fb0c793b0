"""Make random worlds and requests for the specimen agreement, about half of them allowed.

For comparing the evaluators: most things are as they should be, each with a small chance of not
being so, so that both answers are common and each policy decides somewhere.
"""

from random import Random
from typing import Any, Final

from steppewatch.custody.policy.question import (
    ITEM_ACTIONS,
    RELEASE,
    AgreementFacts,
    ArrangementFacts,
    ConsentFacts,
    DataFacts,
    ItemFacts,
    Known,
    OrgFacts,
    PersonFacts,
    Question,
    SiteFacts,
)

NOW: Final = 1_700_000_000_000_000_000
DAY: Final = 86_400_000_000_000
UNDER: Final = "aa-bb"
_OF_ONE: Final = frozenset({"Person", "Item", "Data", "Site", "Arrangement"})
_ORGS: Final = (
    OrgFacts(id="aa-mod", nation="AA"),
    OrgFacts(id="bb-mod", nation="BB"),
    OrgFacts(id="bb-guard", nation="BB", part_of="bb-mod"),
    OrgFacts(id="bb-works", nation="BB", kind="contractor"),
    OrgFacts(id="cc-mod", nation="CC"),
    OrgFacts(id="zz-rescue", nation="ZZ"),
    OrgFacts(id="xx-mod", nation="XX"),
)


def known(chance: Random) -> Known:
    """Make organisations and agreements, now and then barred or ended."""
    orgs = {
        org.id: OrgFacts(
            id=org.id,
            nation=org.nation,
            kind=org.kind,
            part_of=org.part_of,
            barred=chance.random() < 0.03,
        )
        for org in _ORGS
    }
    ended = chance.random() < 0.15
    return Known(
        orgs=orgs,
        agreements={UNDER: AgreementFacts(id=UNDER, origin="AA", recipient="BB", ended=ended)},
        barred=frozenset({"CC"} if chance.random() < 0.1 else ()),
    )


def question(chance: Random, told: Known) -> Question:
    """Make one question under the specimen agreement."""
    action = chance.choice((*ITEM_ACTIONS, *[RELEASE] * 4))
    if action == RELEASE:
        return _release(chance, told)
    item = _item(chance, action)
    recipient = chance.choice(("bb-mod", "bb-guard", "aa-mod", "cc-mod", "bb-works"))
    if item.holder == "aa-mod" and chance.random() < 0.8:
        recipient = "bb-guard"
    if action not in {"transfer", "lend"}:
        recipient = item.holder
    purpose = chance.choice(("border", "border", "training", "search", "attack"))
    if action != "transfer" and chance.random() < 0.7:
        purpose = "border"
    foreign = recipient in {"cc-mod", "bb-works"} or action == "dispose"
    asks = chance.random() < (0.85 if foreign or purpose == "search" else 0.08)
    nation = told.orgs[recipient].nation
    origin = action == "inspect" and chance.random() < 0.6
    return Question(
        action=action,
        principal=_person(chance, "aa-mod" if origin else item.holder),
        resource=item,
        known=told,
        now_ns=NOW,
        purpose=purpose,
        recipient=recipient,
        destination=nation if chance.random() < 0.94 else chance.choice(("AA", "BB", "XX")),
        site=_site(chance) if chance.random() < (0.9 if action == "store" else 0.1) else None,
        quantity=chance.choice((1, 1, 1, 2, 0)),
        lot_left=chance.choice((4, 4, 1, 0)),
        consents={UNDER: _consent(chance, recipient, purpose)} if asks else {},
        return_by_ns=NOW + chance.choice((30, 90, 90, 900, -1)) * DAY,
    )


def _good(chance: Random, share: float = 0.04) -> bool:
    return chance.random() >= share


def _person(chance: Random, org: str) -> PersonFacts:
    works = org if _good(chance, 0.1) else chance.choice(_ORGS).id
    nation = works[:2].upper() if _good(chance) else "CC"
    roles = frozenset({"technical"} if _good(chance, 0.1) else ())
    return PersonFacts(id="p", org=works, nation=nation, roles=roles, level=chance.choice((1, 2)))


def _site(chance: Random) -> SiteFacts:
    nation = "BB" if _good(chance) else "CC"
    until = NOW + (DAY if _good(chance, 0.1) else -DAY)
    return SiteFacts(id="s", org="bb-guard", nation=nation, certified_until=until)


def _item(chance: Random, action: str) -> ItemFacts:
    plan = ArrangementFacts(
        id="a1",
        agreement=UNDER,
        holder="bb-guard",
        purposes=frozenset({"border", "training"}),
        named=frozenset({"bb-works"} if _good(chance, 0.3) else ()),
        confirmed=_good(chance),
        in_force=_good(chance),
    )
    given = action in {"transfer", "lend"} and chance.random() < 0.3
    return ItemFacts(
        id="M/R1/1",
        terms=frozenset({UNDER}),
        holder="aa-mod" if given else "bb-guard",
        arrangements={UNDER: plan} if _good(chance, 0.06) else {},
        state="held" if _good(chance, 0.05) else chance.choice(("lost", "disposed", "offered")),
        suspended=not _good(chance, 0.06),
        inventory_due=NOW + (DAY if _good(chance, 0.06) else -DAY),
        level=chance.choice((0, 0, 1, 2)),
    )


def _consent(chance: Random, recipient: str, purpose: str) -> ConsentFacts:
    flag = (_good(chance, 0.02) for _ in range(12))
    return ConsentFacts(
        covers=next(flag),
        by_origin=next(flag),
        recipient=recipient if next(flag) else "bb-mod",
        purpose=purpose if next(flag) else "training",
        left=5 if next(flag) else 0,
        from_ns=NOW - DAY if next(flag) else NOW + 1,
        until_ns=NOW + DAY if next(flag) else NOW,
        signers=3 if next(flag) else 1,
        organisations=2 if next(flag) else 1,
        own=not next(flag),
        witnessed=next(flag),
        revoked=not next(flag),
        assured=_good(chance),
    )


def _release(chance: Random, told: Known) -> Question:
    partner = chance.choice(("aa-mod", "aa-mod", "zz-rescue", "cc-mod"))
    emergency = chance.random() < (0.8 if partner == "zz-rescue" else 0.3)
    data = DataFacts(
        id="d",
        terms=frozenset({UNDER}),
        originators=frozenset({"bb-guard"}),
        releasable=frozenset(("aa-mod", "zz-rescue") if _good(chance) else ()),
        purposes=frozenset(("border", "search") if _good(chance) else ("border",)),
        kind="track" if _good(chance) else chance.choice(("image", "alert")),
        target=chance.choice(("person", "vehicle", "person", "bird")),
        areas=frozenset(one for one in ("north", "east") if chance.random() < 0.8),
        within=None if chance.random() < 0.7 else frozenset({"north"}),
        level=chance.choice((0, 1, 1, 2)) if chance.random() < 0.5 else 0,
        precision_m=chance.choice((100, 100, 500, 50)),
        finest_m=0 if _good(chance) else 200,
        age_s=chance.choice((30, 60, 60, 29, 3601)),
        youngest_s=0 if _good(chance) else 100,
        caveats=frozenset({"eyes"} if chance.random() < 0.1 else ()),
        suspended=not _good(chance),
    )
    return Question(
        action=RELEASE,
        principal=told.orgs[partner],
        resource=data,
        known=told,
        now_ns=NOW,
        purpose="search" if partner == "zz-rescue" else chance.choice(("border", "search")),
        emergency=emergency,
    )


def joined(rows: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """Give one store for many requests: what belongs to one request gets a number of its own.

    The requests are changed in place.
    """
    every: dict[tuple[str, str], dict[str, Any]] = {}
    for number, (_, entities) in enumerate(rows):
        for row in entities:
            uid = row["uid"]
            if uid["type"] in _OF_ONE:  # whoever refers to it holds the very same dict
                uid["id"] = f"{uid['id']}#{number}"
            every[uid["type"], uid["id"]] = row
    return list(every.values())
