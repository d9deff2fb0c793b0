"""What a run does under custody: it sends to partners what may go, and seals what people did."""

from collections.abc import Sequence
from dataclasses import dataclass

from steppewatch.engine.custody_deeds import DeedBook
from steppewatch.engine.custody_egress import Egress
from steppewatch.engine.custody_office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Hold a ledger's office for the length of a run.

    Attributes:
        office: Takes the acts that people sign on the run's own pages: a purpose that is narrowed
            there binds the run at its next tick.
        deeds: Seals what people did on watch.
        egress: The door to partners; None where nobody is named.
    """

    office: Office
    deeds: DeedBook
    egress: Egress | None = None

    def listen(self, messages: Sequence[object], now_ns: int) -> None:
        """Hear one tick of the run."""
        try:
            self.deeds.listen(messages, now_ns)
        finally:
            if self.egress is not None:
                self.egress.listen(messages, now_ns)
