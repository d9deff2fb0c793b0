"""Prove what an agreement's policies can never allow, and what they must, by two solvers.

Properties are data (``custody/data/properties.toml``), written apart from the clauses; an
agreement gets those of its own clauses and of the house. ``never``: whatever is allowed satisfies
the condition. ``must``: whatever satisfies it is allowed. ``can``: something allowed satisfies it.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import cedarpy

from steppewatch.custody.agreement.model import FOREVER, Agreement, Clause, ReleaseRule
from steppewatch.custody.policy.compile import Policy
from steppewatch.custody.policy.decide import Rules
from steppewatch.custody.policy.formula import Formula
from steppewatch.custody.policy.library import filled, literal, texts
from steppewatch.custody.policy.question import RELEASE
from steppewatch.custody.policy.vector import conjuncts
from steppewatch.errors import CustodyError

SOLVERS: Final = ("z3", "cvc5")
KINDS: Final = ("never", "must", "can")


@dataclass(frozen=True, slots=True)
class Property:
    """Hold one claim: its name, what it says, the action, its kind and Cedar condition."""

    name: str
    says: str
    action: str
    kind: str
    condition: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Hold what the solvers found: by solver, whether it holds; a counterexample in words."""

    claim: Property
    found: Mapping[str, bool]
    counterexample: str = ""

    @property
    def proved(self) -> bool:
        """Tell whether every solver asked agrees that it holds."""
        return bool(self.found) and all(self.found.values())


def properties_of(agreement: Agreement) -> tuple[Property, ...]:
    """Give the properties that an agreement's clauses and the house must have."""
    found = [one for row in _rows("house") for one in _each(row, "house", {}, "")]
    for clause in agreement.clauses:
        guard = _guard(clause)
        for row in _rows(f"{clause.rule}.{clause.variant}"):
            found += _each(row, clause.id, clause.given, guard)
    return (*found, *_released(agreement))


def _released(agreement: Agreement) -> list[Property]:
    """Say what the release rules let go, from their records and not from their policies."""
    ways = [_way(rule) for rule in agreement.releases]
    never = " || ".join(f"({way})" for way in ways) or "false"
    says = "Nothing is released but as one of the release rules says"
    found = [Property("releases/only", says, RELEASE, "never", never)]
    for rule, way in zip(agreement.releases, ways, strict=True):
        told = f"Release rule {rule.id} can let something go"
        found.append(Property(f"releases/{rule.id}", told, RELEASE, "can", way))
    return found


def _way(rule: ReleaseRule) -> str:
    where = f"release rule {rule.id}"

    def one_of(left: str, names: Sequence[str], kind: str = "") -> str:
        each = (f"{left} == {kind}{literal(name, where)}" for name in names)
        return f"({' || '.join(each) or 'false'})"

    parts = [
        "!context.under.ended",
        one_of("principal", rule.to, "Org::"),
        one_of("context.purpose", rule.purposes),
        one_of("resource.kind", rule.kinds),
        f"{rule.level_max} >= resource.level",
        f"!(resource.precision_m < {rule.precision_m})",
        f"!(resource.age_s < {rule.delay_s}) && !(resource.age_s > {rule.keep_s})",
        f"{texts(rule.caveats, where)}.containsAll(resource.caveats)",
    ]
    if rule.interval.from_ns > 0:
        parts.append(f"!(context.now < {rule.interval.from_ns})")
    if rule.interval.until_ns < FOREVER:
        parts.append(f"!(context.now >= {rule.interval.until_ns})")
    if rule.targets:
        parts.append(one_of("resource.target", rule.targets))
    if rule.areas:
        each = (f"resource.areas.contains({literal(area, where)})" for area in rule.areas)
        parts.append(f"({' || '.join(each)})")
    if rule.emergency:
        parts.append("context.emergency")
    return " && ".join(parts)


def proved(
    rules: Rules, agreement: Agreement, solvers: Sequence[str] = SOLVERS
) -> tuple[Proof, ...]:
    """Prove every property of an agreement with every solver.

    Raises:
        CustodyError: A solver is not installed, or a clause cannot be translated.
    """
    return tuple(
        prove_one(rules.asked_of(one.action, agreement.id), agreement, one, solvers)
        for one in properties_of(agreement)
    )


def prove_one(
    policies: Sequence[Policy], agreement: Agreement, wanted: Property, solvers: Sequence[str]
) -> Proof:
    """Prove one property of the policies of its action."""
    script = script_of(policies, agreement, wanted)
    found: dict[str, bool] = {}
    words = ""
    for solver in solvers:
        answer, told = _SOLVE[solver](script)
        found[solver] = (answer == "sat") if wanted.kind == "can" else (answer == "unsat")
        words = words or ("" if found[solver] else told)
    return Proof(wanted, found, words)


def script_of(policies: Sequence[Policy], agreement: Agreement, wanted: Property) -> str:
    """Give the SMT-LIB script that no solver may satisfy (for ``can``: that each must)."""
    formula = Formula()
    allowed = formula.allowed(policies)
    condition, error = formula.every(_condition(wanted))
    right = f"(and {condition} (not {error}))"
    here, _ = formula.every(_under(agreement))
    claim = {
        "never": f"(and {here} {allowed} (not {right}))",
        "must": f"(and {here} {right} (not {allowed}))",
        "can": f"(and {here} {right} {allowed})",
    }[wanted.kind]
    return formula.text(claim)


def solved_by_z3(script: str) -> tuple[str, str]:
    """Ask z3: ``"sat"`` or ``"unsat"``, and a model in words."""
    try:
        import z3  # noqa: PLC0415 - a development extra, asked for only here
    except ImportError as error:
        raise CustodyError("z3 is not installed; install the extra with z3-solver") from error
    solver: Any = z3.SolverFor("QF_UFBV")
    solver.set("timeout", 10_000)
    solver.from_string(script)
    answer = str(solver.check())
    if answer != "sat":
        return answer, ""
    model = solver.model()
    flags = sorted(f"{one} = {model[one]}" for one in model.decls() if one.arity() == 0)
    return answer, "; ".join(flags)


def solved_by_cvc5(script: str) -> tuple[str, str]:
    """Ask cvc5: ``"sat"`` or ``"unsat"``."""
    try:
        import cvc5  # noqa: PLC0415 - a development extra, asked for only here
    except ImportError as error:
        raise CustodyError("cvc5 is not installed; install the extra with cvc5") from error
    terms: Any = cvc5.TermManager()
    solver: Any = cvc5.Solver(terms)
    solver.setOption("tlimit-per", "10000")
    parser: Any = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "property")
    symbols = parser.getSymbolManager()
    command = parser.nextCommand()
    while not command.isNull():
        command.invoke(solver, symbols)
        command = parser.nextCommand()
    result = solver.checkSat()
    answer = "sat" if result.isSat() else "unsat" if result.isUnsat() else "unknown"
    return answer, "cvc5 found a case" if answer == "sat" else ""


_SOLVE: Final = {"z3": solved_by_z3, "cvc5": solved_by_cvc5}


def _condition(wanted: Property) -> list[Mapping[str, Any]]:
    kind = ("Org", "Data") if wanted.action == RELEASE else ("Person", "Item")
    text = (
        f"permit (principal is {kind[0]}, action, resource is {kind[1]}) "
        f"when {{ {wanted.condition} }};"
    )
    try:
        content = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise CustodyError(f"property {wanted.name}: not Cedar: {error}") from error
    return conjuncts(content["staticPolicies"]["policy0"])


def _under(agreement: Agreement) -> list[Mapping[str, Any]]:
    """Say which agreement is asked about, and whose it is."""
    under = {".": {"left": {"Var": "context"}, "attr": "under"}}
    facts = (
        (under, "Agreement", agreement.id),
        ({".": {"left": under, "attr": "origin"}}, "Nation", agreement.origin),
        ({".": {"left": under, "attr": "recipient"}}, "Nation", agreement.recipient),
    )
    return [
        {"==": {"left": left, "right": {"Value": {"__entity": {"type": kind, "id": name}}}}}
        for left, kind, name in facts
    ]


def _guard(clause: Clause) -> str:
    parts = [] if clause.survives else ["!context.under.ended"]
    if clause.interval.from_ns > 0:
        parts.append(f"context.now >= {clause.interval.from_ns}")
    if clause.interval.until_ns < FOREVER:
        parts.append(f"context.now < {clause.interval.until_ns}")
    return " && ".join(parts)


def _each(
    row: Mapping[str, Any], where: str, given: Mapping[str, Any], guard: str
) -> list[Property]:
    kind = next(kind for kind in KINDS if kind in row)
    text = filled(row["of"], row[kind], given, where)
    if guard:
        text = f"!({guard}) || ({text})" if kind == "never" else f"{guard} && ({text})"
    return [
        Property(f"{where}/{row['name']}/{action}", row["says"], action, kind, text)
        for action in row["actions"]
    ]


@cache
def _table() -> Mapping[str, Any]:
    path = resources.files("steppewatch.custody").joinpath("data", "properties.toml")
    return tomllib.loads(path.read_text("utf-8"))


def _rows(name: str) -> list[Mapping[str, Any]]:
    return [{**row, "of": name} for row in _table().get(name, [])]
