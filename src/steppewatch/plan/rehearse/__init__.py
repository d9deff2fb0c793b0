"""Play a scenario: movers over terrain, seen by the sensor models, scored against truth."""

from steppewatch.plan.rehearse import summary
from steppewatch.plan.rehearse.motion import Population, TruthBatch, populate, truth
from steppewatch.plan.rehearse.read import load
from steppewatch.plan.rehearse.scenario import Scenario
from steppewatch.plan.rehearse.stage import RehearsalState, posts, stage
from steppewatch.plan.rehearse.table import render

__all__ = [
    "Population",
    "RehearsalState",
    "Scenario",
    "TruthBatch",
    "load",
    "populate",
    "posts",
    "render",
    "stage",
    "summary",
    "truth",
]
