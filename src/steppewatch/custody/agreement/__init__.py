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

__all__ = [
    "FOREVER",
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
]
