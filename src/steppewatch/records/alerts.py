"""What a person should look at, and why."""

from dataclasses import dataclass
from enum import IntEnum

from steppewatch.records.binary import record
from steppewatch.records.origin import Origin


class Severity(IntEnum):
    """Rank alerts; the operator's list sorts by it."""

    NOTICE = 0
    CAUTION = 1
    WARNING = 2


@record("alert")
@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Ask for a person's attention, or record that a person gave it.

    An alert is sent again, with the same ``id``, when it changes: the last one counts.

    Attributes:
        id: Unique and stable: the same cause gives the same id after a restart.
        time_ns: When the cause arose [ns UTC].
        rule: Which rule raised it, for example ``"border-crossed"``.
        severity: How urgent.
        text: What happened and why it matters, one sentence.
        track: Track id; −1 when no track is meant.
        track_feed: ``origin.feed`` of that track.
        sensor: ``Sensor.id``; ``""`` when no sensor is meant.
        lat: Where [rad]; NaN when nowhere.
        lon: Where [rad]; NaN when nowhere.
        border: Neighbour whose border is meant (``"RU"``, ``"CN"``); ``""`` for none.
        border_km: Kilometre post [km]; NaN for none.
        closed_ns: When the cause ended; 0 while it lasts.
        acknowledged_ns: When a person took it; 0 while nobody has.
        acknowledged_by: That person's name.
    """

    id: str
    time_ns: int
    rule: str
    severity: Severity
    text: str
    track: int = -1
    track_feed: str = ""
    sensor: str = ""
    lat: float = float("nan")
    lon: float = float("nan")
    border: str = ""
    border_km: float = float("nan")
    closed_ns: int = 0
    acknowledged_ns: int = 0
    acknowledged_by: str = ""
    origin: Origin

    def __post_init__(self) -> None:
        """Give ``severity`` its name back after decoding."""
        object.__setattr__(self, "severity", Severity(self.severity))


@record("acknowledge")
@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Record that a person took an alert.

    Attributes:
        alert: ``Alert.id``.
        by: The person's name.
        time_ns: When [ns UTC].
    """

    alert: str
    by: str
    time_ns: int
    origin: Origin
