"""One cause, one alert: raised once, held while the cause lasts, closed when it is over.

A cause is named by its rule and what it concerns; its alert's id adds the first moment, so that
the same cause gives the same id after a restart, and the same thing happening again a new one.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

from steppewatch.records import Acknowledge, Alert, record

# A cause must be absent for so long before its alert closes: no flicker at a threshold.
HOLD_NS = 30_000_000_000
# What happened once (a crossing, a loss) stays open until someone takes it, at most so long.
EVENT_NS = 1_800_000_000_000
CLOSED_KEPT = 500


@record("alert_book")
@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Hold the alerts that are open, and the latest closed ones.

    Attributes:
        alerts: By alert id, in the order of raising.
        open: Cause → id of its open alert.
        last: Cause → when it was last true [ns UTC].
        events: Causes that do not last: they happened once.
    """

    alerts: dict[str, Alert] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)


class Pen:
    """Write one tick's changes into a copy of the book.

    Args:
        book: The book as it was; it is not touched.
        now_ns: The picture's time [ns UTC].
    """

    def __init__(self, book: Book, now_ns: int) -> None:
        self._alerts, self._open = dict(book.alerts), dict(book.open)
        self._last, self._events = dict(book.last), dict(book.events)
        self._now_ns = now_ns
        self._said: dict[str, Alert] = {}

    def is_open(self, cause: str) -> bool:
        """Tell whether a cause has an open alert."""
        return cause in self._open

    def hold(self, cause: str) -> None:
        """Note that a cause with an open alert is still true."""
        self._last[cause] = self._now_ns

    def open_alert(self, cause: str, alert: Alert, *, event: bool = False) -> None:
        """Raise an alert for a cause that has none; give its id the first moment."""
        if cause in self._open:
            self.hold(cause)
            return
        alert = dataclasses.replace(alert, id=f"{cause}:{alert.time_ns}")
        self._open[cause] = alert.id
        self._last[cause] = self._now_ns
        if event:
            self._events[cause] = alert.time_ns
        self._write(alert)

    def over(self, cause: str) -> None:
        """Close the alert of a cause at once, if it has one."""
        name = self._open.pop(cause, None)
        self._last.pop(cause, None)
        self._events.pop(cause, None)
        if name is not None:
            self._write(dataclasses.replace(self._alerts[name], closed_ns=self._now_ns))

    def pass_time(self) -> None:
        """Close what is over: causes not true for a while, events that are old."""
        for cause, last in list(self._last.items()):
            limit = EVENT_NS if cause in self._events else HOLD_NS
            if not cause.startswith("sensor-") and self._now_ns - last > limit:
                self.over(cause)

    def acknowledge(self, order: Acknowledge) -> None:
        """Note that a person took an alert; the first one counts, an unknown one passes by."""
        alert = self._alerts.get(order.alert)
        if alert is None or alert.acknowledged_ns:
            return
        self._write(
            dataclasses.replace(alert, acknowledged_ns=order.time_ns, acknowledged_by=order.by)
        )
        cause = next((c for c, name in self._open.items() if name == alert.id), None)
        if cause in self._events:
            self.over(cause)

    def finish(self) -> tuple[Book, Iterable[Alert]]:
        """Give the new book and what changed."""
        if len(self._alerts) - len(self._open) > CLOSED_KEPT:
            closed = [name for name, alert in self._alerts.items() if alert.closed_ns]
            for name in closed[: len(closed) - CLOSED_KEPT]:
                del self._alerts[name]
        book = Book(alerts=self._alerts, open=self._open, last=self._last, events=self._events)
        return book, self._said.values()

    def _write(self, alert: Alert) -> None:
        self._alerts[alert.id] = alert
        self._said[alert.id] = alert
