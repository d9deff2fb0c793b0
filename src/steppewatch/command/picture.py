"""The picture: what is known right now, gathered from the records that pass by."""

from typing import TypeVar

import numpy as np

from steppewatch.command.plots import PlotMemory
from steppewatch.command.tracks import FOREIGN, OWN, Heights, TrackTable, feed_number
from steppewatch.records import (
    Alert,
    DetectionBatch,
    Sensor,
    SensorStatus,
    Site,
    TrackBatch,
    encode,
)

T = TypeVar("T")

# A foreign tracker may stop without ending its tracks; ours never does.
FOREIGN_SILENCE_NS = 60_000_000_000
CLOSED_ALERTS = 500


class Picture:
    """Gather the current picture from records, and tell readers what changed since they looked.

    ``version`` grows with every record taken; a reader keeps the version at which it looked.

    Args:
        heights: As in :class:`TrackTable`.
    """

    def __init__(self, heights: Heights | None = None) -> None:
        self.version = 0
        self.now_ns = 0
        self.tracks = TrackTable(heights)
        self.plots = PlotMemory()
        self.sites: dict[str, Site] = {}
        self.sensors: dict[str, Sensor] = {}
        self.status: dict[str, SensorStatus] = {}
        self.alerts: dict[str, Alert] = {}
        self.places_version = 0
        self._foreign = False
        self._numbers: dict[str, int] = {}
        self._status_version: dict[str, int] = {}
        self._alert_version: dict[str, int] = {}

    def apply(self, message: object, now_ns: int) -> None:
        """Take one record; kinds that the picture does not show pass by."""
        self.now_ns = max(self.now_ns, now_ns)
        self.version += 1
        match message:
            case TrackBatch():
                self.tracks.apply(message, self.version)
                if feed_number(message.origin.feed) != OWN and not self._foreign:
                    # The first view may be made around them: whoever watches is told again.
                    self._foreign, self.places_version = True, self.version
            case DetectionBatch() if message.sensor in self.sensors and len(message):
                sensor = self.sensors[message.sensor]
                self.plots.add(sensor, self._numbers[message.sensor], message, self.version)
            case SensorStatus():
                self.status[message.sensor] = message
                self._status_version[message.sensor] = self.version
            case Alert():
                self._take_alert(message)
            case Sensor():
                self._numbers.setdefault(message.id, len(self._numbers))
                self._place(self.sensors, message.id, message)
            case Site():
                self._place(self.sites, message.id, message)
            case _:
                pass

    def _place(self, places: dict[str, T], name: str, place: T) -> None:
        # Compared as bytes, because a sensor holds NaN for what it does not measure.
        if name not in places or encode(places[name]) != encode(place):
            places[name] = place
            self.places_version = self.version

    def age(self, now_ns: int) -> None:
        """Let time pass: old plots fade, tracks of a silent foreign tracker go."""
        self.now_ns = max(self.now_ns, now_ns)
        self.plots.forget(self.now_ns)
        table = self.tracks
        silent = (
            (table.column("key") != np.uint32(0))
            & (table.column("feed") == np.uint8(FOREIGN))
            & (table.column("time_ns") < np.int64(self.now_ns - FOREIGN_SILENCE_NS))
        )
        if silent.any():
            self.version += 1
            table.drop(np.flatnonzero(silent), self.version)

    def alerts_since(self, version: int) -> list[Alert]:
        """List the alerts that changed after a version, oldest first."""
        return [self.alerts[name] for name, at in self._alert_version.items() if at > version]

    def status_since(self, version: int) -> list[SensorStatus]:
        """List the sensor states that changed after a version."""
        return [self.status[name] for name, at in self._status_version.items() if at > version]

    def _take_alert(self, alert: Alert) -> None:
        self.alerts[alert.id] = alert
        # Moved to the end, so that the order is that of the latest change.
        self._alert_version.pop(alert.id, None)
        self._alert_version[alert.id] = self.version
        closed = [name for name in self._alert_version if self.alerts[name].closed_ns]
        for name in closed[: max(0, len(closed) - CLOSED_ALERTS)]:
            del self.alerts[name], self._alert_version[name]
