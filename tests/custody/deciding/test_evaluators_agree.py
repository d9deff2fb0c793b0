"""Cedar, the arrays and the solver's own formula give one answer; bulk release is the reference."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from steppewatch.custody.policy.bulk import BulkRules, Columns
from steppewatch.custody.policy.chance import NOW, UNDER, known, question
from steppewatch.custody.policy.decide import Rules, decide, rules_of
from steppewatch.custody.policy.differ import compared
from steppewatch.custody.policy.question import (
    AgreementFacts,
    DataFacts,
    Known,
    OrgFacts,
    Question,
)
from steppewatch.custody.policy.specimen import specimen


@pytest.mark.parametrize("variant", ["consent", "flat"])
@pytest.mark.parametrize("worlds", [2, pytest.param(100, marks=pytest.mark.nightly)])
def test_three_evaluators_agree_on_random_cases(variant: str, worlds: int) -> None:
    pytest.importorskip("z3")
    found = compared(rules_of([specimen(variant=variant)]), Random(6), worlds, 1000)
    assert found.differing == 0
    assert found.allowed >= 0.3 * found.cases


def test_bulk_release_is_what_the_reference_decides(specimen_rules: Rules) -> None:
    chance = Random(4)
    told = known(chance)
    asked = [question(chance, told) for _ in range(900)]
    rows = [one.resource for one in asked if isinstance(one.resource, DataFacts)][:60]
    partners = [told.orgs[name] for name in ("aa-mod", "zz-rescue", "cc-mod")]
    bulk = BulkRules(specimen_rules)
    columns = Columns(
        label=np.arange(len(rows)),
        target=[row.target for row in rows],
        areas=[row.areas for row in rows],
        age_s=np.array([row.age_s for row in rows]),
        precision_m=np.array([row.precision_m for row in rows]),
    )
    sample = next(one for one in asked if one.action == "release")
    seen = 0
    for emergency in (False, True):
        allowed = bulk.release(
            partners,
            bulk.labels(rows),
            columns,
            told,
            now_ns=NOW,
            purpose="search",
            emergency=emergency,
        )
        for at, partner in enumerate(partners):
            for number, row in enumerate(rows):
                one = replace(
                    sample,
                    principal=partner,
                    resource=row,
                    purpose="search",
                    emergency=emergency,
                )
                found = decide(specimen_rules, one).allowed
                seen += found
                assert allowed[at, number] == found
    assert seen > 20


def test_bulk_release_denies_what_it_does_not_know(specimen_rules: Rules) -> None:
    told = known(Random(1))
    bulk = BulkRules(specimen_rules)
    for terms in (frozenset[str](), frozenset({"nowhere"}), frozenset({UNDER})):
        row = DataFacts(id="d", terms=terms, releasable=frozenset({"nobody"}))
        columns = Columns(
            label=np.zeros(1, np.intp),
            target=["person"],
            areas=[frozenset()],
            age_s=np.zeros(1, np.int64),
            precision_m=np.zeros(1, np.int64),
        )
        partners = [told.orgs["aa-mod"]]
        allowed = bulk.release(
            partners, bulk.labels([row]), columns, told, now_ns=NOW, purpose="border"
        )
        assert not allowed.any()


def test_a_written_out_rule_for_one_partner_is_for_that_partner_only_in_bulk_too() -> None:
    agreement = specimen()
    text = 'permit (principal == Org::"cc-mod", action == Action::"release", resource is Data);'
    wild = replace(agreement.clauses[0], id="99", text=text)
    rules = rules_of([replace(agreement, clauses=(wild,), releases=())])
    told = Known(
        orgs={name: OrgFacts(id=name, nation=name[:2].upper()) for name in ("aa-mod", "cc-mod")},
        agreements={UNDER: AgreementFacts(id=UNDER, origin="AA", recipient="BB")},
    )
    partners = list(told.orgs.values())
    row = DataFacts(
        id="d",
        terms=frozenset({UNDER}),
        releasable=frozenset(told.orgs),
        purposes=frozenset({"border"}),
    )
    columns = Columns(
        label=np.zeros(1, np.intp),
        target=["person"],
        areas=[frozenset()],
        age_s=np.zeros(1, np.int64),
        precision_m=np.zeros(1, np.int64),
    )
    bulk = BulkRules(rules)
    allowed = bulk.release(
        partners, bulk.labels([row]), columns, told, now_ns=NOW, purpose="border"
    )
    asked = [
        Question(
            action="release",
            principal=one,
            resource=row,
            known=told,
            now_ns=NOW,
            purpose="border",
        )
        for one in partners
    ]
    assert allowed[:, 0].tolist() == [decide(rules, one).allowed for one in asked] == [False, True]
