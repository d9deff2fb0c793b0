"""Keep score of a run while it lasts: listeners on the bus."""

from collections.abc import Sequence

import numpy as np

from steppewatch.command.tracks import JOINT_FEED, OWN_FEED
from steppewatch.engine.clock import NS
from steppewatch.plan.rehearse import Population, Scenario, summary
from steppewatch.records import DetectionBatch, SensorStatus, TrackBatch, TrackStatus
from steppewatch.world.border import Border

SCORE_EVERY_NS = 5 * NS


class Scorer:
    """Hold a rehearsal's tracks against its truth every five seconds of picture time.

    Args:
        scenario: What is played.
        population: Its movers.
        border: For crossings and closest approach.
    """

    def __init__(self, scenario: Scenario, population: Population, border: Border) -> None:
        self._summary = summary.start(scenario, population, border)
        self._heard: list[object] = []
        self._due_ns = scenario.start_ns

    def listen(self, messages: Sequence[object], now_ns: int) -> None:
        """Take what one tick said.

        Ticks at which nothing was said may be left out, as the store does: a score that fell due
        at one of them is made when the next is heard.
        """
        while now_ns > self._due_ns:
            self._score()
        self._heard.extend(messages)
        if now_ns == self._due_ns:
            self._score()

    def _score(self) -> None:
        self._summary = summary.observe(self._summary, self._heard, self._due_ns)
        self._heard.clear()
        self._due_ns += SCORE_EVERY_NS

    def report(self) -> dict[str, object]:
        """Give what was seen when, ready for JSON."""
        return summary.report(self._summary)


class Count:
    """Count what came of a feed: plots, system tracks, our own tracks, messages not read."""

    def __init__(self) -> None:
        self._plots = 0
        self._ours: set[int] = set()
        self._foreign: set[tuple[str, int]] = set()
        self._joint: set[int] = set()
        self._shared: set[int] = set()
        self._status: dict[str, SensorStatus] = {}

    def listen(self, messages: Sequence[object], now_ns: int) -> None:  # noqa: ARG002
        """Take what one tick said."""
        for message in messages:
            match message:
                case DetectionBatch():
                    self._plots += len(message)
                case TrackBatch(origin=origin) if origin.feed == OWN_FEED:
                    sure = message.status == np.uint8(TrackStatus.CONFIRMED)
                    self._ours.update(message.id[sure].tolist())
                case TrackBatch(origin=origin) if origin.feed == JOINT_FEED:
                    self._joint.update(message.id.tolist())
                    several = message.held_by.sum(axis=1) > 1
                    self._shared.update(message.id[several].tolist())
                case TrackBatch(origin=origin):
                    self._foreign.update((origin.sensor, number) for number in message.id.tolist())
                case SensorStatus():
                    self._status[message.sensor] = message
                case _:
                    pass

    def render(self) -> str:
        """Say it in a few lines, with the reason for whatever was not read."""
        head = (
            f"{self._plots:,} plots, from which {len(self._ours):,} tracks were confirmed; "
            f"{len(self._foreign):,} system tracks in the feed"
        )
        lines = [head]
        if self._joint:
            lines.append(
                f"joined into {len(self._joint):,} tracks, "
                f"{len(self._shared):,} of them held by several trackers"
            )
        lines += [
            f"{status.sensor}: {status.errors:,} not read; {status.reason}".rstrip("; ")
            for status in self._status.values()
            if status.errors or status.reason
        ]
        if not self._plots and not self._foreign:
            lines.append("nothing of it could be shown: `steppewatch wire show` says what is in it")
        return "\n".join(lines)
