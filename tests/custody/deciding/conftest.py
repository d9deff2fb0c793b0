"""What the tests of the rules share: the specimen's rules, and one question that is allowed."""

import pytest

from steppewatch.custody.policy.chance import DAY, NOW, UNDER
from steppewatch.custody.policy.decide import Rules, rules_of
from steppewatch.custody.policy.question import (
    AgreementFacts,
    ArrangementFacts,
    ItemFacts,
    Known,
    OrgFacts,
    PersonFacts,
    Question,
)
from steppewatch.custody.policy.specimen import own, specimen


@pytest.fixture(scope="session")
def specimen_rules() -> Rules:
    return rules_of([specimen(), own()])


@pytest.fixture
def use() -> Question:
    """An operator of the holder uses an item for a named purpose."""
    known = Known(
        orgs={
            "aa-mod": OrgFacts(id="aa-mod", nation="AA"),
            "bb-mod": OrgFacts(id="bb-mod", nation="BB"),
            "bb-guard": OrgFacts(id="bb-guard", nation="BB", part_of="bb-mod"),
            "bb-fix": OrgFacts(id="bb-fix", nation="BB", kind="contractor"),
            "cc-mod": OrgFacts(id="cc-mod", nation="CC"),
        },
        agreements={
            UNDER: AgreementFacts(id=UNDER, origin="AA", recipient="BB"),
            "bb-own": AgreementFacts(id="bb-own", origin="BB", recipient="BB"),
        },
    )
    plan = ArrangementFacts(
        id="a1", agreement=UNDER, holder="bb-guard", purposes=frozenset({"border"})
    )
    item = ItemFacts(
        id="M/R1/1",
        terms=frozenset({UNDER}),
        holder="bb-guard",
        arrangements={UNDER: plan},
        inventory_due=NOW + DAY,
    )
    return Question(
        action="use",
        principal=PersonFacts(id="bat", org="bb-guard", nation="BB", level=2),
        resource=item,
        known=known,
        now_ns=NOW,
        purpose="border",
    )
