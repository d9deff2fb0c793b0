"""Evaluate the solver's own expression over columns: the very formula that was proved.

Walks z3's tree of a script of ``formula.py``, not Cedar's, so that a mistake of the translation
shows as a disagreement with the other two evaluators.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from steppewatch.custody.policy.columns import Asked, Names
from steppewatch.custody.policy.compile import Policy
from steppewatch.custody.policy.formula import Formula
from steppewatch.errors import CustodyError

_COMPARED = {"bvslt": np.less, "bvsle": np.less_equal, "bvsgt": np.greater}
_COMPARED["bvsge"] = np.greater_equal


def allowed_formula(policies: Sequence[Policy], names: Names) -> Any:
    """Give z3's expression of "is allowed", with names numbered as in ``names``.

    Raises:
        CustodyError: z3 is not installed.
    """
    try:
        import z3  # noqa: PLC0415 - a development extra, asked for only here
    except ImportError as error:
        raise CustodyError("z3 is not installed; install the extra with z3-solver") from error
    formula = Formula()
    formula.names = names
    module: Any = z3
    return module.parse_smt2_string(formula.text(formula.allowed(policies)))[0]


def walked(expr: Any, asked: Asked) -> Any:
    """Evaluate z3's expression over columns ``(n,)``; each shared part once."""
    return _Walk(asked).of(expr)


class _Walk:
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.found: dict[int, Any] = {}

    def of(self, expr: Any) -> Any:
        key = expr.get_id()
        if key not in self.found:
            self.found[key] = self._new(expr)
        return self.found[key]

    def _new(self, expr: Any) -> Any:
        name = expr.decl().name()
        if name == "bv":
            value = expr.as_long()
            return np.int64(value - (1 << 64) if value >= 1 << 63 else value)
        parts = [self.of(expr.arg(at)) for at in range(expr.num_args())]
        if not parts:
            return self._constant(name)
        if name.startswith("of "):
            return self._attribute(name[3:], parts[0])
        if name.startswith("has "):
            return self.asked.tables.present.get(name[4:], np.zeros(1 << 12, bool))[parts[0]]
        if name == "inside":
            return self.asked.tables.inside[parts[0], parts[1]]
        return _logic(name, parts, expr)

    def _constant(self, name: str) -> Any:
        if name in {"true", "false"}:
            return name == "true"
        if name.startswith("has "):
            return self.asked.has(tuple(name[4:].split(".")))[0]
        path = tuple(name.split("."))
        value = self.asked.given.get(path)
        return np.int64(0) if value is None else value  # absent: the formula looks at "has" first

    def _attribute(self, attr: str, entity: Any) -> Any:
        table = self.asked.tables.values.get(attr)
        if table is None:
            return np.int64(0)
        value = table[entity]
        return value[..., 0].view(np.int64) if value.dtype == np.uint64 else value


def _logic(name: str, parts: list[Any], expr: Any) -> Any:
    if name in {"and", "or"}:
        join = np.logical_and if name == "and" else np.logical_or
        return join.reduce(np.broadcast_arrays(*parts))
    if name == "not":
        return np.logical_not(parts[0])
    if name == "=":
        return parts[0] == parts[1]
    if name in {"if", "ite"}:
        return np.where(parts[0], parts[1], parts[2])
    if name in _COMPARED:
        return _COMPARED[name](parts[0], parts[1])
    if name == "bvult":
        return np.asarray(parts[0]).astype(np.uint64) < np.asarray(parts[1]).astype(np.uint64)
    if name == "bvlshr":
        word = np.asarray(parts[0]).astype(np.uint64)
        by = np.asarray(parts[1]).astype(np.uint64)
        return np.where(by < np.uint64(64), word >> (by & np.uint64(63)), np.uint64(0))
    if name == "extract":
        return np.asarray(parts[0]).astype(np.uint64) & np.uint64(1)
    if name == "bvand":
        return np.asarray(parts[0]).astype(np.int64) & np.asarray(parts[1]).astype(np.int64)
    if name == "bvnot":
        return ~np.asarray(parts[0]).astype(np.int64)
    if name in {"bvadd", "bvsub", "bvmul"}:
        return _sum(name, parts, expr)
    if name == "sign_extend":
        return _exact(parts[0])
    raise CustodyError(f"z3's {name!r} is not walked")


def _sum(name: str, parts: list[Any], expr: Any) -> Any:
    a, b = map(_exact, parts)
    exact = a + b if name == "bvadd" else a - b if name == "bvsub" else a * b
    if expr.size() > 64:
        return exact
    wrapped = (_exact(exact) + (1 << 63)) % (1 << 64) - (1 << 63)
    return np.asarray(wrapped).astype(np.int64)


def _exact(value: Any) -> Any:
    """Give whole numbers as Python's own, in which nothing overflows."""
    return np.frompyfunc(int, 1, 1)(value)
