"""A small node that counts, for tests: one edge stage that sees, one core stage that adds up."""

from pathlib import Path

import numpy as np

from steppewatch.engine.bus import Bus
from steppewatch.engine.chain import Chain
from steppewatch.engine.clock import NS, Clock
from steppewatch.engine.node import Node
from steppewatch.engine.source import SteppedSource
from steppewatch.engine.store import Store
from steppewatch.records import Acknowledge, Alert, DetectionBatch, Origin, Severity, Stage
from steppewatch.records import detection_batch as make

ORIGIN = Origin(sensor="s", feed="test")


def plots(state, _messages, now_ns):
    """Say one detection a tick, whose range is the tick's number."""
    number = state["n"] + 1
    batch = make("s", ORIGIN, np.array([now_ns]), np.array([float(number)]), np.zeros(1))
    return {"n": number}, (batch,)


def counting(state, messages, now_ns):
    """Add up the ranges of all detections ever heard, and say so as an alert."""
    total = state["total"]
    said = []
    for message in messages:
        if isinstance(message, DetectionBatch):
            total += float(message.slant_range.sum())
            said.append(alert_of(str(total), now_ns))
        if isinstance(message, Acknowledge):
            said.append(alert_of(f"taken by {message.by}", now_ns))
    return {"total": total}, said


def alert_of(text, now_ns):
    return Alert(
        id=text, time_ns=now_ns, rule="sum", severity=Severity.NOTICE, text=text, origin=ORIGIN
    )


def chain():
    edge = Stage(name="plots", hears=(), says=(DetectionBatch,), initial={"n": 0}, step=plots)
    core = Stage(
        name="count",
        hears=(DetectionBatch, Acknowledge),
        says=(Alert,),
        initial={"total": 0.0},
        step=counting,
    )
    return Chain([edge], [core])


def node(path: Path, ticks: int, bus: Bus | None = None, rate: float | None = None, **more) -> Node:
    source = SteppedSource(NS, ticks * NS, NS)
    store = Store(path, "test")
    return Node(
        source=source, chain=chain(), store=store, bus=bus or Bus(), clock=Clock(rate), **more
    )


def texts(path: Path) -> list[str]:
    store = Store(path, "test")
    try:
        return [alert.text for alert in store.read("alerts")]
    finally:
        store.close()


def close(running: Node) -> None:
    running._store.close()
