"""Read an agreement file: strict, so that a slip of the pen never becomes another agreement.

The reader takes text; whoever holds the file reads it. ``docs/agreements.md`` lists every key.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from steppewatch.custody.agreement.model import (
    FOREVER,
    Agreement,
    Area,
    Arrangement,
    Clause,
    Deadlines,
    Interval,
    Lot,
    Needed,
    Organisation,
    Project,
    ReleaseRule,
)
from steppewatch.custody.agreement.schema import GOVERNED, PAGE, TABLES
from steppewatch.errors import CustodyError
from steppewatch.written import Spot, check, expected_name, moment, parse

Row = tuple[Spot, dict[str, Any]]


def read_agreement(text: str, name: str) -> Agreement:
    """Read an agreement.

    Args:
        text: TOML.
        name: File name for messages.

    Raises:
        CustodyError: Something in it is unknown, missing, doubled or leads nowhere; the message
            names file, line, key, what was found and what is expected.
    """
    raw = parse(text, name, CustodyError, PAGE)
    for key in raw:
        if key not in TABLES:
            raise CustodyError(
                f"{name}: [{key}] is not a known table; {expected_name(key, tuple(TABLES))}"
            )
    file = _File(name, text, raw)
    spot, head = file.one("agreement")
    organisations = tuple(Organisation(**row) for _, row in file.named("organisation"))
    bodies = tuple(row.id for row in organisations)
    projects = tuple(_project(*row) for row in file.named("project"))
    lots = [(place, row.pop("arrangement"), row) for place, row in file.many("lot")]
    arrangements = tuple(
        _arrangement(place, row, bodies, {one.id: one for one in projects}, lots)
        for place, row in file.named("arrangement")
    )
    for place, owner, _ in lots:
        _known(place, "arrangement", [owner], tuple(one.id for one in arrangements))
    areas = tuple(_area(*row) for row in file.named("area"))
    return Agreement(
        **{key: head[key] for key in ("id", "title", "origin", "recipient", "source")},
        interval=_interval(spot, head),
        organisations=organisations,
        projects=projects,
        arrangements=arrangements,
        clauses=tuple(_clause(*row) for row in file.named("clause")),
        releases=tuple(
            _release(*row, bodies, tuple(one.id for one in areas)) for row in file.named("release")
        ),
        areas=areas,
        needed=_needed(file.named("needed", "act")),
        deadlines=Deadlines(**file.one("deadlines")[1]),
        text=text,
    )


class _File:
    """Hold the text while one agreement is read."""

    def __init__(self, name: str, text: str, raw: dict[str, Any]) -> None:
        self._name, self._text, self._raw = name, text, raw

    def one(self, table: str) -> Row:
        """Give the only table of a name, its defaults when absent."""
        spot = Spot(self._name, self._text, table, -1, CustodyError)
        value = self._raw.get(table, {})
        if not isinstance(value, dict):
            spot.refuse("", "a list", f"one table [{table}]")
        return spot, check(spot, value, TABLES[table])

    def many(self, table: str) -> list[Row]:
        """Give all tables of a name."""
        value = self._raw.get(table, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            Spot(self._name, self._text, table, -1, CustodyError).refuse(
                "", "one table", f"[[{table}]] in double brackets"
            )
        spots = [Spot(self._name, self._text, table, i, CustodyError) for i in range(len(value))]
        return [
            (spot, check(spot, item, TABLES[table]))
            for spot, item in zip(spots, value, strict=True)
        ]

    def named(self, table: str, key: str = "id") -> list[Row]:
        """Give all tables of a name whose ids must differ."""
        rows = self.many(table)
        seen: set[str] = set()
        for spot, row in rows:
            if row[key] in seen:
                spot.refuse(key, f"{row[key]!r}, used before", "one of its own")
            seen.add(row[key])
        return rows


def _interval(spot: Spot, row: dict[str, Any]) -> Interval:
    start = 0 if row["from"] is None else moment(spot, "from", row["from"])
    end = FOREVER if row["until"] is None else moment(spot, "until", row["until"])
    if end <= start:
        spot.refuse("until", str(row["until"]), "a moment after 'from'")
    return Interval(from_ns=start, until_ns=end)


def _texts(spot: Spot, key: str, value: Iterable[Any]) -> tuple[str, ...]:
    values = tuple(value)
    for one in values:
        if not isinstance(one, str) or not one:
            spot.refuse(key, repr(one), "texts in quotes")
    return values


def _known(spot: Spot, key: str, names: Iterable[str], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            spot.refuse(key, repr(name), expected_name(name, known))


def _project(spot: Spot, row: dict[str, Any]) -> Project:
    return Project(
        **{**_without(row, "confirmed"), "purposes": _texts(spot, "purposes", row["purposes"])},
        confirmed_ns=moment(spot, "confirmed", row["confirmed"]),
    )


def _arrangement(
    spot: Spot,
    row: dict[str, Any],
    bodies: tuple[str, ...],
    projects: dict[str, Project],
    lots: list[tuple[Spot, str, dict[str, Any]]],
) -> Arrangement:
    _known(spot, "project", [row["project"]], tuple(projects))
    _known(spot, "giver", [row["giver"]], bodies)
    _known(spot, "holder", [row["holder"]], bodies)
    _known(spot, "named", row["named"], bodies)
    purposes = _texts(spot, "purposes", row["purposes"])
    _known(spot, "purposes", purposes, projects[row["project"]].purposes)
    return Arrangement(
        **{key: row[key] for key in ("id", "project", "giver", "holder")},
        purposes=purposes,
        named=tuple(row["named"]),
        lots=tuple(Lot(**lot) for _, owner, lot in lots if owner == row["id"]),
        interval=_interval(spot, row),
    )


def _area(spot: Spot, row: dict[str, Any]) -> Area:
    expected = "three or more corners [latitude, longitude] in degrees"
    try:
        corners = np.array(row["corners_deg"], float)
    except (TypeError, ValueError):
        spot.refuse("corners_deg", "not a list of pairs", expected)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
        spot.refuse("corners_deg", f"of shape {corners.shape}", expected)
    if not (np.abs(corners) <= [90.0, 180.0]).all():
        spot.refuse("corners_deg", "outside ±90, ±180", expected)
    return Area(id=row["id"], corners=np.radians(corners))


def _clause(spot: Spot, row: dict[str, Any]) -> Clause:
    if bool(row["text"]) == bool(row["rule"]):
        spot.refuse("rule", repr(row["rule"]), "a rule of the library, or text, and not both")
    interval = _interval(spot, row)
    return Clause(**_without(row, "from", "until"), interval=interval)


def _release(
    spot: Spot, row: dict[str, Any], bodies: tuple[str, ...], areas: tuple[str, ...]
) -> ReleaseRule:
    _known(spot, "to", row["to"], bodies)
    _known(spot, "areas", row["areas"], areas)
    texts = {
        key: _texts(spot, key, row[key])
        for key in ("to", "purposes", "kinds", "targets", "areas", "caveats")
    }
    interval = _interval(spot, row)
    return ReleaseRule(**{**_without(row, "from", "until"), **texts}, interval=interval)


def _without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def _needed(rows: list[Row]) -> dict[str, Needed]:
    found = {kind: Needed() for kind in GOVERNED}
    for _, row in rows:
        found[row["act"]] = Needed(**_without(row, "act"))
    return found
