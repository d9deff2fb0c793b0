"""Prove what an agreement's policies can never allow, and what they must, by two solvers.

Each property (``claims.py``) becomes one SMT-LIB script; a case against it is told in words.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cedarpy

from steppewatch.custody.agreement.model import Agreement
from steppewatch.custody.policy.claims import Property, properties_of
from steppewatch.custody.policy.compile import HOUSE, Policy
from steppewatch.custody.policy.decide import Rules
from steppewatch.custody.policy.formula import Formula, kinds
from steppewatch.custody.policy.question import RELEASE
from steppewatch.custody.policy.vector import conjuncts
from steppewatch.errors import CustodyError

SOLVERS: Final = ("z3", "cvc5")


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
        answer = _SOLVE[solver](script)
        found[solver] = (answer == "sat") if wanted.kind == "can" else (answer == "unsat")
        if not found[solver] and answer == "sat" and not words:
            words = told_case(policies, agreement, wanted)
    return Proof(wanted, found, words)


def script_of(
    policies: Sequence[Policy], agreement: Agreement, wanted: Property, *, told: bool = False
) -> str:
    """Give the SMT-LIB script that no solver may satisfy (for ``can``: that each must).

    With ``told`` it also names whatever the policies read, for a case in words.
    """
    formula = Formula()
    allowed = formula.allowed(policies)
    if wanted.kind == "apart":
        alone = formula.allowed([one for one in policies if one.agreement == HOUSE])
        here, _ = formula.every(under(agreement)[:1])
        return formula.text(f"(and (not {here}) (xor {allowed} {alone}))", told=told)
    condition, error = formula.every(_condition(wanted))
    right = f"(and {condition} (not {error}))"
    here, _ = formula.every(under(agreement))
    claim = {
        "never": f"(and {here} {allowed} (not {right}))",
        "must": f"(and {here} {right} (not {allowed}))",
        "can": f"(and {here} {right} {allowed})",
    }[wanted.kind]
    return formula.text(claim, told=told)


def told_case(policies: Sequence[Policy], agreement: Agreement, wanted: Property) -> str:
    """Give a case against a property in words: what was asked, and what the store held.

    A name that no policy knows is told as ``another`` with a number.
    """
    _, model = _by_z3(script_of(policies, agreement, wanted, told=True))
    if model is None:
        return "no case was found a second time"
    formula = Formula()
    formula.allowed(policies)
    formula.every(_condition(wanted))
    formula.every(under(agreement))
    names = {number: name for (_, name), number in formula.names.numbers.items()}
    values = {str(one): model[one] for one in model.decls() if one.arity() == 0}
    absent = (
        values.get("has context.consent") is not None
        and str(values["has context.consent"]) == "False"
    )
    rows = []
    for key in sorted(values):
        path = key.removeprefix("told ")
        if path == key or (absent and path.startswith("context.consent")):
            continue
        rows.append(f"{path} = {_said(path.rpartition('.')[2], values[key], names)}")
    return "; ".join((*rows, *(["no consent"] if absent else [])))


def _said(attr: str, value: Any, names: dict[int, str]) -> str:
    kind = kinds().get(attr, "")
    if kind == "Bool":
        return "yes" if str(value) == "True" else "no"
    number = value.as_long()
    if kind == "Long":
        return str(number - (1 << 64) if number >> 63 else number)
    if kind == "Set":
        held = [name for at, name in sorted(names.items()) if at < 64 and number >> at & 1]
        return f"[{', '.join(held)}]"
    if number not in names:
        seen = sum(name.startswith("another (") for name in names.values())
        names[number] = f"another ({seen + 1})"
    return names[number]


def solved_by_z3(script: str) -> str:
    """Ask z3: ``"sat"``, ``"unsat"`` or ``"unknown"``."""
    return _by_z3(script)[0]


def _by_z3(script: str) -> tuple[str, Any]:
    try:
        import z3  # noqa: PLC0415 - a development extra, asked for only here
    except ImportError as error:
        raise CustodyError("z3 is not installed; install the extra with z3-solver") from error
    solver: Any = z3.SolverFor("QF_UFBV")
    solver.set("timeout", 10_000)
    solver.from_string(script)
    answer = str(solver.check())
    return answer, solver.model() if answer == "sat" else None


def solved_by_cvc5(script: str) -> str:
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
    return "sat" if result.isSat() else "unsat" if result.isUnsat() else "unknown"


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


def under(agreement: Agreement) -> list[Mapping[str, Any]]:
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
