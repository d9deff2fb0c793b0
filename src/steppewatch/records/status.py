"""How a sensor and its feed are doing."""

from dataclasses import dataclass
from enum import IntEnum

from steppewatch.records.binary import record
from steppewatch.records.origin import Origin


class Health(IntEnum):
    """Grade a sensor the way the operator's list colours it."""

    UNKNOWN = 0
    GOOD = 1
    DEGRADED = 2
    SILENT = 3
    OFF = 4


@record("sensor_status")
@dataclass(frozen=True, slots=True, kw_only=True)
class SensorStatus:
    """Report the health of one sensor's feed at one moment.

    Attributes:
        sensor: ``Sensor.id``.
        time_ns: When this was true [ns UTC].
        health: The grade.
        reason: Why it is not ``GOOD``, in plain words; ``""`` when it is.
        last_data_ns: The last moment that anything usable came; 0 for never.
        rotation_period: Measured antenna rotation [s]; NaN when not known.
        messages: Messages taken since the start.
        detections: Detections taken since the start.
        errors: Messages that could not be read, since the start.
    """

    sensor: str
    time_ns: int
    health: Health
    reason: str = ""
    last_data_ns: int = 0
    rotation_period: float = float("nan")
    messages: int = 0
    detections: int = 0
    errors: int = 0
    origin: Origin

    def __post_init__(self) -> None:
        """Give ``health`` its name back after decoding."""
        object.__setattr__(self, "health", Health(self.health))
