"""Where sites may be: hilltops, places, roads, and the limits that take some of them away."""

from steppewatch.plan.candidates.choose import Sites, candidate_sites, given_sites
from steppewatch.plan.candidates.features import Features

__all__ = ["Features", "Sites", "candidate_sites", "given_sites"]
