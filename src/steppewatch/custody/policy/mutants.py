"""Break compiled policies one place at a time, to see whether properties and cases notice."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from steppewatch.custody.agreement.model import Agreement
from steppewatch.custody.policy.claims import Property
from steppewatch.custody.policy.compile import Policy
from steppewatch.custody.policy.formula import Formula
from steppewatch.custody.policy.prove import prove_one, solved_by_z3, under

_SWAPPED: Final = {
    "==": "!=",
    "!=": "==",
    ">=": ">",
    "<=": "<",
    ">": ">=",
    "<": "<=",
    "&&": "||",
    "||": "&&",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """Hold a broken policy (None: it is left out), and what was done to it."""

    of: Policy
    policy: Policy | None
    done: str

    def among(self, policies: Sequence[Policy]) -> tuple[Policy, ...]:
        """Give the policies with the broken one in the place of the sound one."""
        kept = (self.policy if one.id == self.of.id else one for one in policies)
        return tuple(one for one in kept if one is not None)


def mutants_of(policy: Policy) -> Iterator[Mutant]:
    """Break a policy: leave it or a condition out, negate one, swap an operator."""
    yield Mutant(policy, None, "left out")
    conditions = policy.body["conditions"]
    for number, one in enumerate(conditions):
        fewer = [*conditions[:number], *conditions[number + 1 :]]
        yield _with(policy, fewer, f"condition {number} left out")
        other = {**one, "kind": "unless" if one["kind"] == "when" else "when"}
        turned = [*conditions[:number], other, *conditions[number + 1 :]]
        yield _with(policy, turned, f"condition {number} negated")
    for spot in _spots(conditions, ()):
        changed = deepcopy(conditions)
        node: Any = changed
        for key in spot[:-1]:
            node = node[key]
        node[_SWAPPED[spot[-1]]] = node.pop(spot[-1])
        yield _with(policy, changed, f"{spot[-1]} became {_SWAPPED[spot[-1]]} at {spot[:-1]}")


def noticed(
    mutant: Mutant, policies: Sequence[Policy], agreement: Agreement, every: Sequence[Property]
) -> str:
    """Give the first property that a mutant breaks; ``""`` for none."""
    broken = mutant.among(policies)
    for wanted in every:
        if not prove_one(broken, agreement, wanted, ("z3",)).proved:
            return wanted.name
    return ""


def differs(mutant: Mutant, policies: Sequence[Policy], agreement: Agreement) -> tuple[bool, bool]:
    """Ask the solver whether a mutant allows more, and whether it allows less.

    Under any agreement at all; the mutant's own has the origin and recipient that it names.
    """
    formula = Formula()
    facts = under(agreement)
    here, origins = formula.every(facts[:1])[0], formula.every(facts[1:])[0]
    world = f"(=> {here} {origins})"
    sound = formula.allowed(policies)
    broken = formula.allowed(mutant.among(policies))
    more = solved_by_z3(formula.text(f"(and {world} {broken} (not {sound}))"))
    less = solved_by_z3(formula.text(f"(and {world} {sound} (not {broken}))"))
    return more == "sat", less == "sat"


def _with(policy: Policy, conditions: list[Any], done: str) -> Mutant:
    body: Mapping[str, Any] = {**policy.body, "conditions": conditions}
    return Mutant(policy, replace(policy, body=body), done)


def _spots(value: Any, spot: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in _SWAPPED:
                yield (*spot, key)
            if key != "Value":
                yield from _spots(one, (*spot, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _spots(one, (*spot, number))
