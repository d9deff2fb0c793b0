"""How the picture's time passes: with the wall clock, scaled, or as fast as the work allows."""

import threading
import time
from collections.abc import Callable

from steppewatch.errors import EngineError

NS = 1_000_000_000


class Clock:
    """Hold a run to its pace: picture time runs ``rate`` times as fast as wall time.

    A run that falls behind does not rush to catch up by skipping: every tick is still stepped,
    and ``lag`` says how late the picture is.

    Args:
        rate: 1 for real time, 10 for ten times as fast, ``None`` for as fast as possible.
        monotonic: Source of wall time [s]; tests give their own.
    """

    def __init__(
        self, rate: float | None = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if rate is not None and not 0.0 < rate <= 1e6:
            raise EngineError(f"clock rate is {rate}, expected a number above 0 or 'max'")
        self.rate = rate
        self._monotonic = monotonic
        self._stop = threading.Event()
        self._origin: tuple[float, int] | None = None

    def lead(self, now_ns: int) -> float:
        """Tell how many wall seconds remain until ``now_ns`` is due; negative when late."""
        if self.rate is None:
            return 0.0
        if self._origin is None:
            self._origin = (self._monotonic(), now_ns)
        wall, start_ns = self._origin
        return wall + (now_ns - start_ns) / NS / self.rate - self._monotonic()

    def lag(self, now_ns: int) -> float:
        """Tell how many wall seconds the picture is late."""
        return max(0.0, -self.lead(now_ns))

    def wait(self, now_ns: int) -> bool:
        """Sleep until ``now_ns`` is due; False when the run was stopped meanwhile."""
        lead = self.lead(now_ns)
        if lead > 0.0:
            self._stop.wait(lead)
        return not self._stop.is_set()

    def stop(self) -> None:
        """End every wait, now and later."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Say whether :meth:`stop` was called."""
        return self._stop.is_set()
