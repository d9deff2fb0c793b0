"""Reports that come late: recent states are kept, and what is late is heard again in its place."""

from steppewatch.fuse.late.memory import LateMemory, nothing_late
from steppewatch.fuse.late.report import as_json, lines

__all__ = ["LateMemory", "as_json", "lines", "nothing_late"]
