"""One picture from several trackers: whose track is whose, and what they know together.

Tracks of two trackers are not independent: they saw the same target move, and may have heard of
each other before. What is fused here is never fed back into a tracker, and the fusion holds for
any correlation (covariance intersection), so that no rumour grows.
"""

from steppewatch.fuse.remote.intersect import Fused, independent, intersect, inverse, remove, split
from steppewatch.fuse.remote.joint import as_partner, stage
from steppewatch.fuse.remote.members import JointState
from steppewatch.fuse.remote.settings import JointSettings, Partner
from steppewatch.fuse.remote.told import FEED

__all__ = [
    "FEED",
    "Fused",
    "JointSettings",
    "JointState",
    "Partner",
    "as_partner",
    "independent",
    "intersect",
    "inverse",
    "remove",
    "split",
    "stage",
]
