"""The in-process bus: what was stored goes to everyone who asked for it.

Subjects are the ones that a larger installation uses on NATS: ``<record>.<sensor or feed>``.
A listener that fails is logged and stays subscribed; it never stops the node or its neighbours.
"""

import logging
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from steppewatch.records import (
    Acknowledge,
    Alert,
    BearingBatch,
    DetectionBatch,
    PositionReports,
    Sensor,
    SensorDoubt,
    SensorStatus,
    Site,
    TrackBatch,
)

log = logging.getLogger(__name__)

Listener = Callable[[Sequence[object], int], None]


# record → (first part of its subject, attribute that gives the second)
_SUBJECTS: dict[type, tuple[str, str]] = {
    Acknowledge: ("acknowledge", "alert"),
    Alert: ("alerts", "rule"),
    BearingBatch: ("bearings", "sensor"),
    DetectionBatch: ("detections", "sensor"),
    PositionReports: ("reports", "sensor"),
    Sensor: ("sensors", "id"),
    SensorDoubt: ("doubts", "sensor"),
    SensorStatus: ("status", "sensor"),
    Site: ("sites", "id"),
    TrackBatch: ("tracks", "origin.feed"),
}


def subject(message: object) -> str:
    """Name the subject on which a record travels, for example ``detections.radar-20-129``."""
    first, attribute = _SUBJECTS.get(type(message), ("other", "__class__.__name__"))
    return f"{first}.{operator.attrgetter(attribute)(message)}"


@dataclass(frozen=True, slots=True)
class _Subscription:
    kinds: tuple[type, ...]
    listener: Listener


class Bus:
    """Hand every batch of messages to the listeners that want its kinds, in order."""

    def __init__(self) -> None:
        self._subscriptions: list[_Subscription] = []

    def subscribe(self, listener: Listener, *kinds: type) -> None:
        """Call ``listener(messages, now_ns)`` after each tick, with the given kinds only.

        Without kinds the listener hears everything. It is called at every tick, also with no
        messages, so that it knows the time.
        """
        self._subscriptions.append(_Subscription(kinds, listener))

    def publish(self, messages: Sequence[object], now_ns: int) -> None:
        """Deliver one tick's messages."""
        for subscription in self._subscriptions:
            wanted = (
                [m for m in messages if isinstance(m, subscription.kinds)]
                if subscription.kinds
                else messages
            )
            try:
                subscription.listener(wanted, now_ns)
            except Exception:
                log.exception("a listener on the bus failed; the node goes on")
