"""The reference allows what the agreement allows, says why, and never permits by error."""

from dataclasses import replace
from random import Random
from typing import Any

import cedarpy
import pytest

from steppewatch.custody.policy.chance import DAY, NOW, UNDER, known, question
from steppewatch.custody.policy.compile import policies_of
from steppewatch.custody.policy.decide import Rules, decide, rules_of
from steppewatch.custody.policy.question import ConsentFacts, OrgFacts, Question
from steppewatch.custody.policy.specimen import specimen
from steppewatch.custody.policy.stores import MOST_SHARED
from steppewatch.errors import CustodyError


def consent(**changed: Any) -> ConsentFacts:
    told: dict[str, Any] = {
        "covers": True,
        "by_origin": True,
        "recipient": "cc-mod",
        "purpose": "border",
        "left": 1,
        "from_ns": 0,
        "until_ns": NOW + 1,
        "signers": 3,
        "organisations": 2,
        "witnessed": True,
        "assured": True,
    }
    return ConsentFacts(**(told | changed))


def test_use_for_a_named_purpose_is_allowed_and_says_by_which_clause(
    specimen_rules: Rules, use: Question
) -> None:
    found = decide(specimen_rules, use)
    assert found.allowed
    assert [reason.clause for reason in found.reasons] == ["2"]
    assert "named in the arrangement" in found.reasons[0].sentence


@pytest.mark.parametrize(
    ("recipient", "action"),
    [("cc-mod", "transfer"), ("cc-mod", "lend"), ("bb-fix", "transfer"), ("bb-fix", "lend")],
)
def test_retransfer_needs_the_origins_consent(
    specimen_rules: Rules, use: Question, recipient: str, action: str
) -> None:
    asked = replace(use, action=action, recipient=recipient, return_by_ns=NOW + DAY)
    found = decide(specimen_rules, asked)
    assert not found.allowed
    assert any("no consent of the origin" in reason.sentence for reason in found.reasons)
    given = replace(asked, consents={UNDER: consent(recipient=recipient)})
    assert decide(specimen_rules, given).allowed


@pytest.mark.parametrize(
    "changed",
    [
        {"covers": False},
        {"by_origin": False},
        {"recipient": "bb-fix"},
        {"purpose": "training"},
        {"left": 0},
        {"from_ns": NOW + 1},
        {"until_ns": NOW},
        {"signers": 1},
        {"organisations": 1},
        {"own": True},
        {"witnessed": False},
        {"revoked": True},
        {"assured": False},
    ],
)
def test_a_consent_that_is_wrong_in_anything_is_none(
    specimen_rules: Rules, use: Question, changed: dict[str, Any]
) -> None:
    asked = replace(
        use, action="transfer", recipient="cc-mod", consents={UNDER: consent(**changed)}
    )
    assert not decide(specimen_rules, asked).allowed


def test_every_agreement_of_the_terms_must_allow(specimen_rules: Rules, use: Question) -> None:
    both = replace(use.resource, terms=frozenset({UNDER, "bb-own"}))
    assert decide(specimen_rules, replace(use, resource=both)).allowed
    known_ = replace(use.known, agreements={UNDER: use.known.agreements[UNDER]})
    lost = decide(specimen_rules, replace(use, resource=both, known=known_))
    assert not lost.allowed
    assert lost.alarms


def test_without_terms_nothing_is_allowed_and_an_alarm_is_raised(
    specimen_rules: Rules, use: Question
) -> None:
    found = decide(specimen_rules, replace(use, resource=replace(use.resource, terms=frozenset())))
    assert (found.allowed, len(found.alarms)) == (False, 1)


def test_after_the_end_return_storage_and_inspection_stay(
    specimen_rules: Rules, use: Question
) -> None:
    ended = replace(use.known.agreements[UNDER], ended=True)
    over = replace(use, known=replace(use.known, agreements={UNDER: ended}))
    assert decide(specimen_rules, replace(over, action="transfer", recipient="aa-mod")).allowed
    away = replace(over, action="transfer", recipient="cc-mod", consents={UNDER: consent()})
    assert not decide(specimen_rules, away).allowed
    assert decide(specimen_rules, replace(over, action="recover")).allowed


def test_a_suspended_item_is_not_used_but_can_be_brought_back(
    specimen_rules: Rules, use: Question
) -> None:
    stopped = replace(use, resource=replace(use.resource, suspended=True))
    assert not decide(specimen_rules, stopped).allowed
    assert decide(specimen_rules, replace(stopped, action="recover")).allowed


def test_cedar_alone_permits_when_a_forbid_errs_and_we_do_not(
    specimen_rules: Rules, use: Question
) -> None:
    policies = (
        "permit (principal, action, resource);"
        "forbid (principal, action, resource) when { context.recipient.barred };"
    )
    request = {
        "principal": 'Person::"a"',
        "action": 'Action::"transfer"',
        "resource": 'Item::"i"',
        "context": {"recipient": {"__entity": {"type": "Org", "id": "nowhere"}}},
    }
    raw = cedarpy.is_authorized(request, policies, [])
    assert raw.allowed  # the trap: the forbid was skipped
    assert raw.diagnostics.errors
    ours = decide(specimen_rules, replace(use, action="transfer", recipient="nowhere"))
    assert not ours.allowed
    assert ours.alarms


def test_a_sum_that_overflows_is_a_denial_and_an_alarm(
    specimen_rules: Rules, use: Question
) -> None:
    late = (1 << 63) - 5
    item = replace(use.resource, inventory_due=late + 1)
    asked = replace(
        use, action="lend", resource=item, recipient="bb-mod", now_ns=late, return_by_ns=late + 1
    )
    found = decide(specimen_rules, asked)
    assert not found.allowed
    assert any("overflow" in alarm for alarm in found.alarms)


def test_what_changed_between_two_questions_counts_for_the_second(
    specimen_rules: Rules, use: Question
) -> None:
    assert decide(specimen_rules, use).allowed
    shut = replace(use.known.orgs["bb-guard"], barred=True)
    barred = replace(use, known=replace(use.known, orgs={**use.known.orgs, "bb-guard": shut}))
    for _ in range(2):
        assert not decide(specimen_rules, barred).allowed
        assert decide(specimen_rules, use).allowed


def test_an_organisation_that_leads_nowhere_denies_only_whoever_names_it(
    specimen_rules: Rules, use: Question
) -> None:
    lost = OrgFacts(id="lost", nation="BB", part_of="nowhere")
    told = replace(use, known=replace(use.known, orgs={**use.known.orgs, "lost": lost}))
    for _ in range(2):
        found = decide(specimen_rules, replace(told, action="transfer", recipient="lost"))
        assert (found.allowed, len(found.alarms)) == (False, 1)
        assert decide(specimen_rules, told).allowed


def test_many_organisations_are_asked_about_without_being_mixed_up(
    specimen_rules: Rules, use: Question
) -> None:
    orgs = {
        f"o{n}": OrgFacts(id=f"o{n}", nation="BB", barred=n % 3 == 0)
        for n in range(MOST_SHARED + 50)
    }
    told = replace(use, known=replace(use.known, orgs={**use.known.orgs, **orgs}))
    for name, facts in orgs.items():
        asked = replace(told, action="transfer", recipient=name)
        assert decide(specimen_rules, asked).allowed is not facts.barred


def spoilt(chance: Random, one: Question) -> Question:
    """Break one thing that no record should ever have wrong."""
    bad = chance.choice((None, "x", 1 << 70, -(1 << 70), 1.5, object(), b"x", ["a"]))
    kinds = (
        "known",
        "under",
        "recipient",
        "principal",
        "resource",
        "consents",
        "context",
        "number",
    )
    kind = chance.choice(kinds)
    if kind == "known":
        return replace(one, known=replace(one.known, orgs={}))
    if kind == "under":
        return replace(one, known=replace(one.known, agreements={}))
    if kind == "recipient" and one.action != "release":
        return replace(one, recipient=chance.choice(("nowhere", bad)) or "nowhere")  # type: ignore[arg-type]
    if kind == "principal":
        return replace(one, principal=chance.choice((None, one.resource, "p")))  # type: ignore[arg-type]
    if kind == "resource":
        field = chance.choice(("level", "suspended"))
        return replace(one, resource=replace(one.resource, **{field: bad}))
    if kind == "consents" and one.action != "release":
        return replace(one, consents={UNDER: consent(left=bad, recipient="nowhere")})
    if kind == "context":
        return replace(one, purpose=chance.choice((None, 7, 1 << 70)))  # type: ignore[arg-type]
    return replace(one, now_ns=chance.choice((None, "now", 1 << 64, 1.5)))  # type: ignore[arg-type]


@pytest.mark.parametrize("cases", [1_000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_no_broken_question_is_allowed_and_each_raises_an_alarm(
    specimen_rules: Rules, cases: int
) -> None:
    chance = Random(20)
    for _ in range(cases):
        found = decide(specimen_rules, spoilt(chance, question(chance, known(chance))))
        assert not found.allowed
        assert found.alarms


def test_a_clause_written_out_in_cedar_holds_only_under_its_agreement(use: Question) -> None:
    agreement = specimen()
    wild = replace(agreement.clauses[0], id="99", text="permit (principal, action, resource);")
    rules = rules_of([replace(agreement, clauses=(wild,)), replace(specimen(), id="other")])
    assert decide(rules, replace(use, action="train")).allowed
    other = replace(use.resource, terms=frozenset({"other"}), arrangements={})
    told = replace(use.known.agreements[UNDER], id="other")
    known_ = replace(use.known, agreements={"other": told})
    asked = replace(use, action="train", resource=other, known=known_)
    assert not decide(rules, asked).allowed


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal, action, resource) when { resource.nosuch };",
        "permit (principal, action, resource) when { context.consent.left > 1 };",
        "permit (principal, action",
        "",
    ],
)
def test_a_clause_that_does_not_validate_is_refused_with_its_id(text: str) -> None:
    agreement = specimen()
    wild = replace(agreement.clauses[0], id="99", text=text, rule="no", variant="such")
    with pytest.raises(CustodyError, match="clause 99"):
        policies_of(replace(agreement, clauses=(wild,)))
