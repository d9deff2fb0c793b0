"""Agreements as data: parties, projects, arrangements, clauses, release rules, clocks."""

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
from steppewatch.custody.agreement.read import read_agreement
from steppewatch.custody.agreement.schema import GOVERNED

__all__ = [
    "FOREVER",
    "GOVERNED",
    "Agreement",
    "Area",
    "Arrangement",
    "Clause",
    "Deadlines",
    "Interval",
    "Lot",
    "Needed",
    "Organisation",
    "Project",
    "ReleaseRule",
    "read_agreement",
]
