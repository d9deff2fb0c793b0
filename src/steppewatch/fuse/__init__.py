"""Many detections, one truth: gate, associate, filter, initiate, delete, score."""

from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import TrackerState
from steppewatch.fuse.tracker import stage, tracks_at

__all__ = ["TrackerSettings", "TrackerState", "stage", "tracks_at"]
