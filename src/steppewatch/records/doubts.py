"""Facts that make a sensor suspicious; the tracker says them, somebody else judges."""

from dataclasses import dataclass
from enum import IntEnum

from steppewatch.records.binary import record
from steppewatch.records.origin import Origin


class DoubtKind(IntEnum):
    """Say what was odd about what a sensor sent."""

    MALFORMED = 0
    CLOCK = 1
    BURST = 2
    DUPLICATES = 3
    DRIFT = 4
    IDENTITY = 5
    LATE = 6


@record("sensor_doubt")
@dataclass(frozen=True, slots=True, kw_only=True)
class SensorDoubt:
    """Report one odd thing about one sensor; a fact, not a verdict.

    Attributes:
        sensor: ``Sensor.id``.
        time_ns: When it was noticed [ns UTC].
        kind: What was odd.
        was: What was found, in the unit that ``text`` names.
        expected: What would have been usual.
        text: The same in one sentence, with what was done about it.
    """

    sensor: str
    time_ns: int
    kind: DoubtKind
    was: float
    expected: float
    text: str
    origin: Origin

    def __post_init__(self) -> None:
        """Give ``kind`` its name back after decoding."""
        object.__setattr__(self, "kind", DoubtKind(self.kind))
