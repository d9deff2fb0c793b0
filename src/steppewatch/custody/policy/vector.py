"""Evaluate a Cedar policy over columns, with Cedar's own short circuits and errors.

Every node gives a value and an error mask (Cedar's language reference, *operators*): ``a && b``
looks at ``b`` only where ``a`` is true, ``a || b`` only where it is false, ``if`` only at the
branch taken. A plain ``False`` stands for "errs nowhere".
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from steppewatch.custody.policy.columns import WORD, Asked, Path
from steppewatch.errors import CustodyError

Both = tuple[Any, Any]
_COMPARED = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_SUMS = {"+": np.add, "-": np.subtract, "*": np.multiply}
_SETS = ("contains", "containsAll", "containsAny")
LONG = (1 << 63) - 1


def conjuncts(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give a policy's conditions as one list of expressions that must all be true, in order."""
    found: list[Mapping[str, Any]] = []
    for condition in body["conditions"]:
        expr = condition["body"]
        if condition["kind"] == "unless":
            found.append({"!": {"arg": expr}})
        else:
            found += list(_split(expr))
    return found


def paths(expr: Any) -> Iterator[Path]:
    """Give the paths that an expression reads."""
    if isinstance(expr, dict):
        path = path_of(expr)
        if path is not None:
            yield path
            return
        if "has" in expr:
            base = path_of(expr["has"]["left"])
            if base is not None:
                yield (*base, expr["has"]["attr"])
            return
        for key, value in expr.items():
            if key != "Value":
                yield from paths(value)
    elif isinstance(expr, list):
        for value in expr:
            yield from paths(value)


def path_of(expr: Mapping[str, Any]) -> Path | None:
    """Give ``("context", "under")`` for ``context.under``; None for any other expression."""
    if "Var" in expr:
        return (expr["Var"],)
    if "." in expr:
        base = path_of(expr["."]["left"])
        return None if base is None else (*base, expr["."]["attr"])
    return None


def _split(expr: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "&&" in expr:
        yield from _split(expr["&&"]["left"])
        yield from _split(expr["&&"]["right"])
    else:
        yield expr


def sums(expr: Any) -> bool:
    """Tell whether an expression computes, and so may overflow."""
    if isinstance(expr, dict):
        return any(key in (*_SUMS, "neg") for key in expr) or any(map(sums, expr.values()))
    return isinstance(expr, list) and any(map(sums, expr))


def every(expressions: list[Mapping[str, Any]], asked: Asked) -> Both:
    """Evaluate expressions joined by ``&&``."""
    result: Both = (True, False)
    for number, expr in enumerate(expressions):
        if _never(result):
            break
        one = value_of(expr, asked)
        result = one if number == 0 else _and(result, one)
    return result


def value_of(expr: Mapping[str, Any], asked: Asked) -> Both:
    """Evaluate one expression.

    Raises:
        CustodyError: It holds an operator that is not translated.
    """
    path = path_of(expr)
    if path is not None:
        return asked.get(path)
    key, part = next(iter(expr.items()))
    if key in {"Value", "Set"}:
        return _literal(part, asked), False
    if key == "has":
        base = path_of(part["left"])
        if base is None:
            raise CustodyError("`has` on a computed record is not translated")
        return asked.has((*base, part["attr"]))
    if key == "&&":
        left = value_of(part["left"], asked)
        return left if _never(left) else _and(left, value_of(part["right"], asked))
    if key == "||":
        return _or(value_of(part["left"], asked), value_of(part["right"], asked))
    return _operator(key, part, asked)


def _operator(key: str, part: Any, asked: Asked) -> Both:
    if key in _SINGLE:
        return _SINGLE[key](value_of(part["arg"], asked))
    if key == "if-then-else":
        return _choice(*(value_of(part[name], asked) for name in ("if", "then", "else")))
    if key not in (*_COMPARED, *_SUMS, *_SETS, "in"):
        raise CustodyError(f"Cedar's {key!r} is not translated for the bulk evaluator")
    left, right = value_of(part["left"], asked), value_of(part["right"], asked)
    error = _any(left[1], right[1])
    if key in _SUMS:
        return _sum(key, left, right)
    if key == "in":
        if isinstance(right[0], np.ndarray) and right[0].dtype == np.uint64:
            raise CustodyError("Cedar's `in` with a set is not translated; write contains")
        return asked.tables.inside[left[0], right[0]], error
    if key in _COMPARED:
        compared = _COMPARED[key](left[0], right[0])
        return (bool(compared) if np.ndim(compared) == 0 else compared), error
    return _set(key, left[0], right[0]), error


def _set(key: str, left: Any, right: Any) -> Any:
    if key == "contains":
        number = np.asarray(right)
        if left.ndim == 1:
            word = left[number // WORD]
        elif left.shape[-1] == 1:
            word = left[..., 0]
        else:
            shape = np.broadcast_shapes(left.shape[:-1], number.shape)
            wide = np.broadcast_to(left, (*shape, left.shape[-1]))
            at = np.broadcast_to(number // WORD, shape)[..., None]
            word = np.take_along_axis(wide, at, -1)[..., 0]
        bit = (word >> (number % WORD).astype(np.uint64)) & np.uint64(1)
        return bit.astype(bool)
    if key == "containsAll":
        return ~((right & ~left) != 0).any(axis=-1)
    return ((left & right) != 0).any(axis=-1)


def _sum(key: str, left: Both, right: Both) -> Both:
    a, b = np.asarray(left[0], object), np.asarray(right[0], object)
    exact = _SUMS[key](a, b)  # Python's own integers: no overflow goes unseen
    wrong = np.asarray((exact > LONG) | (exact < -LONG - 1), bool)
    value = np.where(wrong, 0, exact).astype(np.int64)
    return value, _any(_any(left[1], right[1]), wrong)


def _not(one: Both) -> Both:
    return (not one[0] if isinstance(one[0], bool) else np.logical_not(one[0])), one[1]


def _empty(one: Both) -> Both:
    return ~(one[0] != 0).any(axis=-1), one[1]


def _minus(one: Both) -> Both:
    return _sum("-", (0, False), one)


_SINGLE = {"!": _not, "isEmpty": _empty, "neg": _minus}


def _literal(value: Any, asked: Asked) -> Any:
    if isinstance(value, list):
        return asked.tables.names.mask([one["Value"] for one in value], asked.tables.words)
    return value if isinstance(value, bool | int) else asked.tables.names.number(value)


def _and(left: Both, right: Both) -> Both:
    value = left[0] & right[0]
    return _clean(value, _any(left[1], False if right[1] is False else left[0] & right[1]))


def _or(left: Both, right: Both) -> Both:
    late = False if right[1] is False else np.logical_not(left[0]) & right[1]
    return _clean(left[0] | right[0], _any(left[1], late))


def _choice(test: Both, then: Both, other: Both) -> Both:
    value = np.where(test[0], then[0], other[0])
    late: Any = False
    if then[1] is not False or other[1] is not False:
        late = np.where(test[0], then[1], other[1])
    return value, _any(test[1], late)


def _clean(value: Any, error: Any) -> Both:
    return (value, False) if error is False else (value & np.logical_not(error), error)


def _any(one: Any, other: Any) -> Any:
    if one is False:
        return other
    return one if other is False else one | other


def _never(result: Both) -> bool:
    return result[0] is False and result[1] is False
