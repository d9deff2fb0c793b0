"""How good a tracker was: pure functions on arrays, for any tracker (docs/metrics.md)."""

from steppewatch.fuse.score.air_picture import Siap
from steppewatch.fuse.score.consistency import Consistency, consistency
from steppewatch.fuse.score.identity import Holding, follow
from steppewatch.fuse.score.keeping import Identity
from steppewatch.fuse.score.meetings import Meetings, meetings
from steppewatch.fuse.score.moment import Gospa, gospa, ospa
from steppewatch.fuse.score.report import Report, Timeline, score_run
from steppewatch.fuse.score.series import Series, from_grid, from_moments, series
from steppewatch.fuse.score.service import STANDARDS, Service, Standard, meets
from steppewatch.fuse.score.tell import as_json, table
from steppewatch.fuse.score.trajectory import TGospa, t_gospa
from steppewatch.fuse.score.window import ospa2

__all__ = [
    "STANDARDS",
    "Consistency",
    "Gospa",
    "Holding",
    "Identity",
    "Meetings",
    "Report",
    "Series",
    "Service",
    "Siap",
    "Standard",
    "TGospa",
    "Timeline",
    "as_json",
    "consistency",
    "follow",
    "from_grid",
    "from_moments",
    "gospa",
    "meetings",
    "meets",
    "ospa",
    "ospa2",
    "score_run",
    "series",
    "t_gospa",
    "table",
]
