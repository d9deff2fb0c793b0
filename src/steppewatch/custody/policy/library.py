"""The clause library: what a rule of an agreement is called, needs, and says in Cedar."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

from steppewatch.errors import CustodyError

DAY_NS: Final = 86_400 * 1_000_000_000
_HOLE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class LibraryClause:
    """Hold one clause of the library.

    Attributes:
        name: ``"<rule>.<variant>"``.
        title: What it does, for people.
        rules: Numbers of the rules of ``docs/policies.md`` that it makes true.
        given: What it needs: name and ``"texts"``, ``"nations"``, ``"text"`` or ``"days"``.
        text: Cedar, with ``{{name}}`` where a given value goes.
    """

    name: str
    title: str
    rules: tuple[int, ...]
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    text: str = ""


@cache
def clauses() -> Mapping[str, LibraryClause]:
    """Give the whole library by name.

    >>> clauses()["third-party.consent"].rules
    (5, 6, 7, 8)
    """
    table = tomllib.loads(_read("clauses.toml"))
    return {
        name: LibraryClause(
            name,
            row["title"],
            tuple(row["rules"]),
            row.get("given", {}),
            _read(f"clauses/{name}.cedar"),
        )
        for name, row in table.items()
    }


@cache
def house() -> str:
    """Give the rules of the house in Cedar."""
    return _read("house.cedar")


@cache
def schema_text() -> str:
    """Give the schema in Cedar's own words."""
    return _read("schema.cedarschema")


def written(rule: str, variant: str, given: Mapping[str, Any], where: str) -> str:
    """Give a library clause with the agreement's values in it.

    Args:
        rule: Its rule.
        variant: Its variant.
        given: The agreement's values.
        where: Agreement and clause, for the error.

    Raises:
        CustodyError: There is no such clause, or a value is missing, unknown or of another kind.
    """
    name = f"{rule}.{variant}"
    if name not in clauses():
        raise CustodyError(f"{where}: no clause {name!r} in the library; {', '.join(clauses())}")
    return filled(name, clauses()[name].text, given, where)


def filled(name: str, text: str, given: Mapping[str, Any], where: str) -> str:
    """Put the values that a library clause needs into a text of it.

    Raises:
        CustodyError: A value is missing, unknown or of another kind.
    """
    needed = clauses()[name].given if name in clauses() else {}
    if set(given) != set(needed):
        raise CustodyError(
            f"{where}: given {sorted(given) or 'nothing'}; {name} needs "
            f"{', '.join(sorted(needed)) or 'nothing'}"
        )
    values = {key: _value(kind, given[key], where) for key, kind in needed.items()}
    return _HOLE.sub(lambda hole: values[hole[1]], text)


def literal(text: object, where: str) -> str:
    """Write a text as a Cedar literal.

    Raises:
        CustodyError: It is no text, or holds control characters.
    """
    if not isinstance(text, str) or not text.isprintable():
        raise CustodyError(f"{where}: {text!r}; expected a text of printable characters")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def texts(values: object, where: str, kind: str = "") -> str:
    """Write a set of texts, or of entities of a kind; Cedar has no empty set, ``"-"`` is in it.

    >>> texts(["JP", "MN"], "here", "Nation")
    '[Nation::"JP", Nation::"MN"]'
    """
    if isinstance(values, str) or not isinstance(values, list | tuple | set | frozenset):
        raise CustodyError(f"{where}: {values!r}; expected a list of texts")
    before = f"{kind}::" if kind else ""
    names = sorted(values, key=str) or ["-"]
    return "[" + ", ".join(before + literal(name, where) for name in names) + "]"


def _value(kind: str, value: object, where: str) -> str:
    if kind == "texts":
        return texts(value, where)
    if kind == "nations":
        return texts(value, where, "Nation")
    if kind == "text":
        return literal(value, where)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 36_525:
        raise CustodyError(f"{where}: {value!r}; expected days, 1 … 36525")
    return str(value * DAY_NS)


def _read(name: str) -> str:
    return resources.files("steppewatch.custody").joinpath("data", name).read_text("utf-8")
