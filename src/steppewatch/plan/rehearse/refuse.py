"""Refuse what a scenario cannot say, as a plan's error, and know the tables by their names."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from steppewatch import written
from steppewatch.errors import PlanError
from steppewatch.plan.rehearse.schema import TABLES
from steppewatch.written import Key, Spot


def spot(file: str, text: str, table: str, index: int = -1) -> Spot:
    """Point at one table of a plan's file; what is refused there is a ``PlanError``."""
    return Spot(file, text, table, index, PlanError)


def check(
    spot: Spot, table: Mapping[str, Any], schema: str | Mapping[str, Key], prefix: str = ""
) -> dict[str, Any]:
    """Give the values of one table, as ``written.check``; a schema may be named by its table.

    Raises:
        PlanError: A key is unknown, missing, of the wrong type or out of its limits.
    """
    return written.check(spot, table, TABLES[schema] if isinstance(schema, str) else schema, prefix)


def moment(spot: Spot, key: str, value: dt.datetime | str) -> int:
    """Read a moment with its zone [ns UTC].

    Raises:
        PlanError: It is no moment, or has no zone.
    """
    expected = "a moment in UTC with its zone, such as 2026-06-01T04:00:00Z"
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            spot.refuse(key, repr(value), expected)
    if value.tzinfo is None:
        spot.refuse(key, f"{value.isoformat()} without a zone", expected)
    return round(value.timestamp()) * 1_000_000_000
