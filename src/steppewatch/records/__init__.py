"""What we say to each other: immutable records, many things as one batch of arrays."""

from steppewatch.records.alerts import Acknowledge, Alert, Severity
from steppewatch.records.binary import decode, encode, record
from steppewatch.records.detections import DetectionBatch, PlotKind, detection_batch
from steppewatch.records.doubts import DoubtKind, SensorDoubt
from steppewatch.records.joint_id import founder, joint_id, tracker_code
from steppewatch.records.origin import Origin
from steppewatch.records.packets import Packet
from steppewatch.records.places import Sensor, SensorKind, Site
from steppewatch.records.reports import (
    BearingBatch,
    Look,
    PositionReports,
    bearing_batch,
    position_reports,
)
from steppewatch.records.stage import Stage
from steppewatch.records.status import Health, SensorStatus
from steppewatch.records.tracks import TargetClass, TrackBatch, TrackStatus

__all__ = [
    "Acknowledge",
    "Alert",
    "BearingBatch",
    "DetectionBatch",
    "DoubtKind",
    "Health",
    "Look",
    "Origin",
    "Packet",
    "PlotKind",
    "PositionReports",
    "Sensor",
    "SensorDoubt",
    "SensorKind",
    "SensorStatus",
    "Severity",
    "Site",
    "Stage",
    "TargetClass",
    "TrackBatch",
    "TrackStatus",
    "bearing_batch",
    "decode",
    "detection_batch",
    "encode",
    "founder",
    "joint_id",
    "position_reports",
    "record",
    "tracker_code",
]
