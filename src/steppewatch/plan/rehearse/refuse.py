"""Refuse what a scenario cannot say, as a plan's error, and know the tables by their names."""

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
