"""Say what an agreement's policies must be like: properties, read from data and from records.

Properties are data (``custody/data/properties.toml``), written apart from the clauses; an
agreement gets those of its own clauses and of the house. ``never``: whatever is allowed satisfies
the condition. ``must``: whatever satisfies it is allowed. ``can``: something allowed satisfies it.
``apart``: under any other agreement only the house decides. A ``way`` is one route by which a
clause lets something be done; the routes together are the property ``routes/only``.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from steppewatch.custody.agreement.model import FOREVER, Agreement, Clause, ReleaseRule
from steppewatch.custody.policy.library import filled, literal, texts
from steppewatch.custody.policy.question import ITEM_ACTIONS, RELEASE

KINDS: Final = ("never", "must", "can")
WAY: Final = "way"
_ONLY: Final = "It is done only by one of the routes that the clauses open"
_ALL: Final = "What a route opens and no property rules out is allowed"
_APART: Final = "Under another agreement this one changes nothing"


@dataclass(frozen=True, slots=True)
class Property:
    """Hold one claim: its name, what it says, the action, its kind and Cedar condition."""

    name: str
    says: str
    action: str
    kind: str
    condition: str


def properties_of(agreement: Agreement) -> tuple[Property, ...]:
    """Give the properties that an agreement's clauses and the house must have."""
    found = [one for row in _claims("house") for one in _each(row, "house", {}, "")]
    for clause in agreement.clauses:
        guard = _guard(clause)
        for row in _claims(f"{clause.rule}.{clause.variant}"):
            found += _each(row, clause.id, clause.given, guard)
    found += _released(agreement)
    return (*found, *_routed(agreement, found))


def _routed(agreement: Agreement, stops: Sequence[Property]) -> list[Property]:
    """Say that things move only by the routes told of, and that whatever nothing stops may move.

    Both together pin the policies: what no property rules out is allowed, and nothing else is.
    """
    ways: dict[str, list[str]] = {action: [] for action in ITEM_ACTIONS}
    for name, where, given, guard in (
        ("house", "house", {}, ""),
        *(
            (f"{one.rule}.{one.variant}", one.id, one.given, _guard(one))
            for one in agreement.clauses
        ),
    ):
        for row in _rows(name):
            if WAY in row:
                text = f"({filled(name, row[WAY], given, where)})"
                for action in row["actions"]:
                    ways[action].append(f"({guard} && {text})" if guard else text)
    only = [
        Property(f"routes/only/{action}", _ONLY, action, "never", " || ".join(told) or "false")
        for action, told in ways.items()
    ]
    found = only + [
        Property(f"apart/{action}", _APART, action, "apart", "true")
        for action in (*ITEM_ACTIONS, RELEASE)
    ]
    if any(clause.text for clause in agreement.clauses):
        return found  # what a written-out clause forbids, no property tells
    for action in (*ITEM_ACTIONS, RELEASE):
        told = [one for one in (*stops, *only) if one.action == action and one.kind == "never"]
        every = " && ".join(f"({one.condition})" for one in told)
        found.append(Property(f"routes/all/{action}", _ALL, action, "must", every))
    return found


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


def _claims(name: str) -> list[Mapping[str, Any]]:
    return [row for row in _rows(name) if WAY not in row]
