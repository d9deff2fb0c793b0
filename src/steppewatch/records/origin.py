"""Where a record comes from: carried by every record, so that release and audit need no guess."""

from dataclasses import dataclass

from steppewatch.records.binary import record


@record("origin")
@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Name the sensor, the feed and the agreement under which a record came to be.

    Attributes:
        sensor: ``Sensor.id``, or ``""`` for what no single sensor made.
        feed: How it reached us: ``"rehearsal"``, ``"asterix"``, ``"fuse"``…
        label: Agreement label; ``"own"`` marks what no agreement restricts.
    """

    sensor: str = ""
    feed: str
    label: str = "own"
