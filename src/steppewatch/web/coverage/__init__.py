"""Coverage for the map: click a hill, and see from which height on a target is in sight there."""

from steppewatch.web.coverage.serve import Coverages

__all__ = ["Coverages"]
