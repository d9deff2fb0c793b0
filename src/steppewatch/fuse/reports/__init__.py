"""Reports of other things than a fixed radar: positions with identity, and bearings."""

from steppewatch.fuse.reports.bearings import hear_bearings
from steppewatch.fuse.reports.hear import hear_reports

__all__ = ["hear_bearings", "hear_reports"]
