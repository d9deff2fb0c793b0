"""Two solvers prove every property; a loosened policy is noticed."""

from dataclasses import replace
from typing import Any

import pytest

from steppewatch.custody.policy.decide import rules_of
from steppewatch.custody.policy.library import clauses
from steppewatch.custody.policy.prove import properties_of, proved
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
    assert "context.recipient" in broken.counterexample


def test_every_clause_of_the_library_has_a_property() -> None:
    names = set[str]()
    for variant in ("consent", "flat"):
        agreement = specimen(variant=variant)
        told = {one.name.split("/")[0] for one in properties_of(agreement)}
        names |= {
            f"{clause.rule}.{clause.variant}" for clause in agreement.clauses if clause.id in told
        }
    assert names == {name for name in clauses() if not name.startswith("own.")}
