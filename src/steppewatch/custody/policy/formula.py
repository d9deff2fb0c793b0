"""Translate Cedar policies to SMT-LIB 2, with Cedar's errors, over a closed store.

Names (entities and texts) and sets are 64-bit words: a set's bit ``i`` says that name ``i`` is in
it. Names in the policies have numbers of their own; every other number is some other name, so
that a proof holds for every store with no more than 63 names in its sets. Longs are 64-bit and
computing with them errs on overflow, as in Cedar. Attributes are uninterpreted functions: the
store is closed (``store.py``), so that only optional attributes and sums can err.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from steppewatch.custody.policy.columns import Names
from steppewatch.custody.policy.compile import Policy
from steppewatch.custody.policy.library import schema_text
from steppewatch.custody.policy.vector import conjuncts, path_of
from steppewatch.errors import CustodyError

WORD: Final = "(_ BitVec 64)"
_FIELD = re.compile(r"(\w+)(\??): (\w+)")
_COMPARED = {"==": "=", "<": "bvslt", "<=": "bvsle", ">": "bvsgt", ">=": "bvsge"}
_SUMS = {"+": "bvadd", "-": "bvsub", "*": "bvmul"}
Both = tuple[str, str]


def _fields() -> list[tuple[str, str, str]]:
    return _FIELD.findall(re.sub("//.*", "", schema_text()))


def kinds() -> dict[str, str]:
    """Give each attribute's kind in the schema: ``"Bool"``, ``"Long"``, ``"Set"``, or a name's."""
    return {name: kind for name, _, kind in _fields()}


class Formula:
    """Write expressions as SMT-LIB and collect what they declare."""

    def __init__(self) -> None:
        fields = _fields()
        self.flags = {name for name, _, kind in fields if kind == "Bool"}
        self.optional = {name for name, mark, _ in fields if mark}
        self.names = Names()
        self.declared: dict[str, str] = {}
        self.read: dict[str, tuple[str, str]] = {}

    def allowed(self, policies: Sequence[Policy]) -> str:
        """Give "is allowed": some permit holds, no forbid holds, and nothing errs."""
        found: dict[bool, list[str]] = {True: [], False: []}
        errors: list[str] = []
        for policy in policies:
            value, error = self.every(conjuncts(policy.body))
            found[policy.permits].append(value)
            errors.append(error)
        return _all([_some(found[True]), _not(_some(found[False])), _not(_some(errors))])

    def every(self, expressions: Sequence[Mapping[str, Any]]) -> Both:
        """Write expressions joined by ``&&``: true and erring nowhere, and where they err."""
        result: Both = ("true", "false")
        for expr in expressions:
            result = _and(result, self.of(expr))
        return result

    def text(self, claim: str, *, told: bool = False) -> str:
        """Give a whole script that asks whether a claim can be true.

        With ``told`` whatever was read has a name of its own, to be found in a model.
        """
        lines = ["(set-logic QF_UFBV)", *self.declared.values(), f"(assert {claim})"]
        if told:
            for name, (value, kind) in self.read.items():
                lines.append(f"(declare-fun |told {name}| () {kind})")
                lines.append(f"(assert (= |told {name}| {value}))")
        return "\n".join(lines) + "\n"

    def of(self, expr: Mapping[str, Any]) -> Both:
        """Write one expression: its value, and where it errs."""
        if path_of(expr) is not None:
            return self._path(path_of(expr) or ())
        key, part = next(iter(expr.items()))
        if key == "Value":
            return self._literal(part), "false"
        if key == "Set":
            return self._mask(part), "false"
        if key == "has":
            return self._has((*(path_of(part["left"]) or ()), part["attr"]))
        if key in {"!", "isEmpty", "neg"}:
            return self._single(key, self.of(part["arg"]))
        if key == "if-then-else":
            test, then, other = (self.of(part[name]) for name in ("if", "then", "else"))
            late = _choice(test[0], then[1], other[1])
            return f"(ite {test[0]} {then[0]} {other[0]})", _some([test[1], late])
        left, right = self.of(part["left"]), self.of(part["right"])
        if key == "&&":
            return _and(left, right)
        if key == "||":
            late = _all([_not(left[0]), right[1]])
            return _some([left[0], right[0]]), _some([left[1], late])
        return self._double(key, left, right)

    def _single(self, key: str, one: Both) -> Both:
        if key == "!":
            return _not(one[0]), one[1]
        if key == "isEmpty":
            return f"(= {one[0]} {_word(0)})", one[1]
        return self._sum("-", (_word(0), "false"), one)

    def _double(self, key: str, left: Both, right: Both) -> Both:
        error = _some([left[1], right[1]])
        a, b = left[0], right[0]
        if key in _SUMS:
            return self._sum(key, left, right)
        if key in _COMPARED:
            return f"({_COMPARED[key]} {a} {b})", error
        if key == "!=":
            return f"(not (= {a} {b}))", error
        if key == "in":
            self.declared["inside"] = f"(declare-fun inside ({WORD} {WORD}) Bool)"
            return f"(or (= {a} {b}) (inside {a} {b}))", error
        if key == "contains":
            bit = f"((_ extract 0 0) (bvlshr {a} {b}))"
            return f"(and (bvult {b} {_word(64)}) (= {bit} #b1))", error
        if key == "containsAll":
            return f"(= (bvand {b} (bvnot {a})) {_word(0)})", error
        if key == "containsAny":
            return f"(not (= (bvand {a} {b}) {_word(0)}))", error
        raise CustodyError(f"Cedar's {key!r} is not translated for the proof")

    def _sum(self, key: str, left: Both, right: Both) -> Both:
        value = f"({_SUMS[key]} {left[0]} {right[0]})"
        wide = [f"((_ sign_extend 64) {one})" for one in (left[0], right[0], value)]
        over = f"(not (= ({_SUMS[key]} {wide[0]} {wide[1]}) {wide[2]}))"
        return value, _some([left[1], right[1], over])

    def _path(self, path: tuple[str, ...]) -> Both:
        if len(path) == 1 or path[0] == "context":
            depth = 1 if path[0] != "context" else _context_depth(path)
            value, error = self._constant(path[:depth])
        else:
            depth, value, error = 1, *self._constant(path[:1])
        for attr in path[depth:]:
            if attr in self.optional:
                error = _some([error, _not(self._present(attr, value))])
            kind = "Bool" if attr in self.flags else WORD
            self.declared["." + attr] = f"(declare-fun |of {attr}| ({WORD}) {kind})"
            value = f"(|of {attr}| {value})"
        self.read[".".join(path)] = value, "Bool" if path[-1] in self.flags else WORD
        return value, error

    def _constant(self, path: tuple[str, ...]) -> Both:
        name = ".".join(path)
        kind = "Bool" if path[-1] in self.flags else WORD
        self.declared[name] = f"(declare-fun |{name}| () {kind})"
        if path[0] == "context" and len(path) > 1 and path[1] in self.optional:
            return f"|{name}|", _not(self._flag(path[1]))
        return f"|{name}|", "false"

    def _has(self, path: tuple[str, ...]) -> Both:
        if path[0] == "context":
            return self._flag(path[1]) if path[1] in self.optional else "true", "false"
        value, error = self._path(path[:-1])
        return self._present(path[-1], value) if path[-1] in self.optional else "true", error

    def _flag(self, name: str) -> str:
        self.declared["?" + name] = f"(declare-fun |has context.{name}| () Bool)"
        return f"|has context.{name}|"

    def _present(self, attr: str, value: str) -> str:
        self.declared["?." + attr] = f"(declare-fun |has {attr}| ({WORD}) Bool)"
        return f"(|has {attr}| {value})"

    def _literal(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return _word(value)
        if isinstance(value, list):
            return self._mask(value)
        self.names.add_all(value)
        return _word(self._number(value))

    def _mask(self, parts: Sequence[Mapping[str, Any]]) -> str:
        values = [part["Value"] for part in parts]
        self.names.add_all(values)
        return _word(sum({1 << self._number(value) for value in values}))

    def _number(self, value: Any) -> int:
        number = self.names.number(value)
        if number >= 48:
            raise CustodyError("the policies name more than 47 things; split the agreement")
        return number


def _context_depth(path: tuple[str, ...]) -> int:
    return min(3 if path[1] == "consent" else 2, len(path))


def _word(value: int) -> str:
    return f"#x{value & ((1 << 64) - 1):016x}"


def _and(left: Both, right: Both) -> Both:
    late = _all([left[0], right[1]])
    return _all([left[0], right[0]]), _some([left[1], late])


def _choice(test: str, then: str, other: str) -> str:
    return then if then == other else f"(ite {test} {then} {other})"


def _not(value: str) -> str:
    return {"true": "false", "false": "true"}.get(value, f"(not {value})")


def _all(values: Sequence[str]) -> str:
    return _joined("and", "true", "false", values)


def _some(values: Sequence[str]) -> str:
    return _joined("or", "false", "true", values)


def _joined(word: str, none: str, one: str, values: Sequence[str]) -> str:
    kept = list(dict.fromkeys(value for value in values if value != none))
    if one in kept:
        return one
    if len(kept) < 2:
        return kept[0] if kept else none
    return f"({word} {' '.join(kept)})"
