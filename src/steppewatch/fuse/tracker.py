"""The tracker as one pure stage: sensors and detections in, changed tracks out.

For each batch: gate, associate, update, count the looks that found nothing, confirm, end, begin.
A batch may be a whole scan or any part of one; each plot is used at its own time, and a plot a few
seconds older than a track (two sensors, two delays) is compared with where the track was then.
Batches are taken in the order of their arrival, but for late ones (:mod:`steppewatch.fuse.late`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.filter import report
from steppewatch.fuse.late.hear import hear
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import Columns, TrackerState, empty_state, thaw
from steppewatch.fuse.told import batch_of, moments
from steppewatch.fuse.visibility import NominalSight, Sight
from steppewatch.records import (
    BearingBatch,
    DetectionBatch,
    PositionReports,
    Sensor,
    SensorDoubt,
    Stage,
    TrackBatch,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def stage(
    settings: TrackerSettings | None = None, sight: Sight | None = None
) -> Stage[TrackerState]:
    """Make the tracking stage: it hears sensors and detections and says which tracks changed.

    Args:
        settings: What it may be told; the defaults where None.
        sight: What each sensor can detect where; nominal coverage, without terrain, where None.
    """
    chosen, eyes = settings or TrackerSettings(), sight or NominalSight()

    def step(
        state: TrackerState, messages: Sequence[object], now_ns: int
    ) -> tuple[TrackerState, Sequence[object]]:
        return advance(state, messages, now_ns, chosen, eyes)

    return Stage(
        name="fuse",
        hears=(Sensor, DetectionBatch, PositionReports, BearingBatch),
        says=(TrackBatch, SensorDoubt),
        initial=empty_state(),
        step=step,
    )


def advance(
    state: TrackerState,
    messages: Sequence[object],
    now_ns: int,
    settings: TrackerSettings,
    sight: Sight,
) -> tuple[TrackerState, list[object]]:
    """Take the messages in, the late ones in their place, and let time pass until ``now_ns``."""
    return hear(state, messages, now_ns, settings, sight)


def tracks_at(
    state: TrackerState, at_ns: int, settings: TrackerSettings | None = None
) -> TrackBatch:
    """Give all tracks of a state, predicted to one moment (a picture, or a score)."""
    tracks: Columns = thaw(state)
    rows = np.arange(len(state))
    when = np.maximum(tracks["time_ns"], at_ns)
    _, missed = moments(tracks, rows, at_ns)
    chosen = settings or TrackerSettings()
    mean, cov = report(tracks, rows, when, chosen)
    return batch_of(tracks, rows, when, missed, mean, cov, 0, state.sensors, chosen)
