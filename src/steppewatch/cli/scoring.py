"""Keep score of a rehearsal while it runs: a listener on the bus."""

from collections.abc import Sequence

from steppewatch.engine.clock import NS
from steppewatch.plan.rehearse import Population, Scenario, summary
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
