"""Many detections, one truth: gate, associate, filter, initiate, delete, score.

With arrays alone: :class:`Tracker` and a sensor made by :func:`radar`, :func:`camera` or
:func:`positions`. In a chain of stages: :func:`stage`.
"""

from steppewatch.fuse.arrays import Reason, Tracker, Tracks
from steppewatch.fuse.innovation import Innovations, innovations
from steppewatch.fuse.seers import camera, positions, radar
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import TrackerState
from steppewatch.fuse.tracker import stage, tracks_at

__all__ = [
    "Innovations",
    "Reason",
    "Tracker",
    "TrackerSettings",
    "TrackerState",
    "Tracks",
    "camera",
    "innovations",
    "positions",
    "radar",
    "stage",
    "tracks_at",
]
