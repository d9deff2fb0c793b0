"""Two solvers prove every property; a loosened policy is noticed."""

from dataclasses import replace
from typing import Any

import pytest

from steppewatch.custody.policy.claims import properties_of
from steppewatch.custody.policy.decide import rules_of
from steppewatch.custody.policy.library import clauses
from steppewatch.custody.policy.mutants import differs, mutants_of, noticed
from steppewatch.custody.policy.prove import proved
from steppewatch.custody.policy.specimen import specimen

z3 = pytest.importorskip("z3")
pytest.importorskip("cvc5")


@pytest.mark.parametrize("variant", ["consent", "flat"])
def test_two_solvers_prove_at_least_sixty_properties(variant: str) -> None:
    agreement = specimen(variant=variant)
    proofs = proved(rules_of([agreement]), agreement)
    assert len(proofs) >= 60
    assert [proof.claim.name for proof in proofs if not proof.proved] == []
    assert all(set(proof.found) == {"z3", "cvc5"} for proof in proofs)


def test_an_inline_permit_cannot_break_what_a_clause_forbids() -> None:
    agreement = specimen()
    wild = replace(agreement.clauses[0], id="99", text="permit (principal, action, resource);")
    wider = replace(agreement, clauses=(*agreement.clauses, wild))
    found = {proof.claim.name: proof.proved for proof in proved(rules_of([wider]), wider, ("z3",))}
    forbidden = ("third-party", "purpose", "charter", "destination", "suspended", "consent")
    kept = [name for name in found if name.split("/")[1] in forbidden]
    assert len(kept) > 20
    assert all(found[name] for name in kept)
    assert not all(found.values())  # what only permits say is wider now, and that is shown


def test_a_missing_clause_is_shown_with_a_case() -> None:
    agreement = specimen()
    kept = tuple(clause for clause in agreement.clauses if clause.rule != "third-party")
    wild = replace(agreement.clauses[0], id="99", text="permit (principal, action, resource);")
    third = next(clause for clause in agreement.clauses if clause.rule == "third-party")
    loose = replace(agreement, clauses=(*kept, wild))
    wanted = replace(agreement, clauses=(third,))
    found: dict[str, Any] = {
        proof.claim.name: proof for proof in proved(rules_of([loose]), wanted, ("z3",))
    }
    broken = found[f"{third.id}/third-party/transfer"]
    assert not broken.proved
    assert "context.recipient.nation = another (" in broken.counterexample
    assert "context.under = aa-bb" in broken.counterexample


@pytest.mark.parametrize("variant", ["consent", pytest.param("flat", marks=pytest.mark.nightly)])
def test_properties_notice_every_breakage_of_the_third_party_clause(variant: str) -> None:
    agreement = specimen(variant=variant)
    rules = rules_of([agreement])
    wanted = [one for one in properties_of(agreement) if one.action == "transfer"]
    sound = rules.asked_of("transfer", agreement.id)
    mutants = [
        mutant
        for policy in sound
        if policy.id.startswith(f"{agreement.id}/3/")
        for mutant in mutants_of(policy)
    ]
    assert len(mutants) > 20
    assert [
        mutant.done
        for mutant in mutants
        if any(differs(mutant, sound, agreement)) and not noticed(mutant, sound, agreement, wanted)
    ] == []


def test_a_written_out_permit_is_shown_though_it_is_for_one_person_only() -> None:
    agreement = specimen()
    text = 'permit (principal == Person::"m", action == Action::"use", resource);'
    wild = replace(agreement.clauses[0], id="99", text=text)
    wider = replace(agreement, clauses=(*agreement.clauses, wild))
    found = {one.claim.name: one for one in proved(rules_of([wider]), wider, ("z3",))}
    assert not found["routes/only/use"].proved
    assert "principal = m;" in found["routes/only/use"].counterexample
    assert found["routes/only/train"].proved
    assert "routes/all/train" not in found


def test_every_clause_of_the_library_has_a_property() -> None:
    names = set[str]()
    for variant in ("consent", "flat"):
        agreement = specimen(variant=variant)
        told = {one.name.split("/")[0] for one in properties_of(agreement)}
        names |= {
            f"{clause.rule}.{clause.variant}" for clause in agreement.clauses if clause.id in told
        }
    assert names == {name for name in clauses() if not name.startswith("own.")}
