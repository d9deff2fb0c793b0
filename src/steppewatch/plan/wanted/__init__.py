"""What a planner wants: the border, what is to be seen, what money buys, where it may stand."""

from steppewatch.plan.wanted.asked import (
    Area,
    Assure,
    BorderPart,
    Candidates,
    Condition,
    Drone,
    Package,
    Patrol,
    Place,
    Wanted,
    WantedClass,
    WantedLinks,
    WantedNeed,
    WantedSite,
)
from steppewatch.plan.wanted.read import load_wanted

__all__ = [
    "Area",
    "Assure",
    "BorderPart",
    "Candidates",
    "Condition",
    "Drone",
    "Package",
    "Patrol",
    "Place",
    "Wanted",
    "WantedClass",
    "WantedLinks",
    "WantedNeed",
    "WantedSite",
    "load_wanted",
]
