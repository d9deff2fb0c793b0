"""One picture from several trackers: whose track is whose, and what they know together.

Tracks of two trackers are not independent: they saw the same target move, and may have heard of
each other before. What is fused here is never fed back into a tracker, and the fusion holds for
any correlation (covariance intersection), so that no rumour grows.
"""

from steppewatch.fuse.remote.intersect import Fused, independent, intersect, inverse, remove, split

__all__ = ["Fused", "independent", "intersect", "inverse", "remove", "split"]
