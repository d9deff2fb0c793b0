"""One step's messages, taken in one after another in the order given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steppewatch.fuse.reports import hear_bearings, hear_reports
from steppewatch.fuse.step import Work
from steppewatch.records import BearingBatch, DetectionBatch, PositionReports, Sensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import TrackerState
    from steppewatch.fuse.visibility import Sight


def take_in(
    state: TrackerState,
    messages: Sequence[object],
    now_ns: int,
    settings: TrackerSettings,
    sight: Sight,
) -> Work:
    """Take messages in and let time pass until ``now_ns``; the result is not yet told.

    Args:
        state: Before the step.
        messages: Sensors, detections, positions, bearings.
        now_ns: The node's time.
        settings: The tracker's settings.
        sight: What each sensor can detect where.
    """
    work = Work(state, now_ns, settings, sight)
    for message in messages:
        if isinstance(message, Sensor):
            work.hear_sensor(message)
        elif isinstance(message, DetectionBatch):
            work.hear_detections(message)
        elif isinstance(message, PositionReports):
            hear_reports(work, message)
        elif isinstance(message, BearingBatch):
            hear_bearings(work, message)
    work.let_time_pass()
    return work
