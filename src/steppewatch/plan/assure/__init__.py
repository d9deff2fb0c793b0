"""Assurance: how surely a crossing is detected, tracked, looked at and met, and what limits it."""

from steppewatch.plan.assure.assurance import (
    MEASURES,
    Assurance,
    Case,
    SensorChance,
    assurance,
    sensor_chance,
    weights,
)
from steppewatch.plan.assure.limits import GOOD, Limit
from steppewatch.plan.assure.paths import Paths, paths_of
from steppewatch.plan.assure.rules import TrackRules, rules_from
from steppewatch.plan.assure.sensor import Seen, Standing, seen_by

__all__ = [
    "GOOD",
    "MEASURES",
    "Assurance",
    "Case",
    "Limit",
    "Paths",
    "Seen",
    "SensorChance",
    "Standing",
    "TrackRules",
    "assurance",
    "paths_of",
    "rules_from",
    "seen_by",
    "sensor_chance",
    "weights",
]
