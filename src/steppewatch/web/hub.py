"""Where the node and the web meet: the node publishes, screens read, and neither waits.

The node's thread only appends to a backlog; the web's thread takes it into the picture when it
has time. Should the web fall far behind (a replay as fast as possible), the publishing thread
does that work itself, so that memory stays bounded and nothing is lost.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from steppewatch.command.picture import Picture
from steppewatch.errors import WebError
from steppewatch.web.objects import Object, PictureInfo, info_object
from steppewatch.web.places import border_collection, fit, view_around
from steppewatch.world.border import Border
from steppewatch.world.terrain import Terrain

if TYPE_CHECKING:
    from concurrent.futures import Future

BACKLOG = 256
LIVE_SECONDS = 5.0
NOTHING_KNOWN: Object = {
    "recording": False,
    "warning": "",
    "lag_ms": 0.0,
    "rate": 0.0,
    "stored": 0,
    "ended": False,
}

Order = Callable[[object], "Future[None]"]


class Hub:
    """Hold the picture between the node that makes it and the screens that show it.

    Args:
        info: What this node shows.
        terrain: Draws the relief and gives the ground under tracks.
        border: The border lines; None where there is no border to show.
        on_command: Takes an operator's order to the node; its future is done when it is stored.
        monotonic: Source of wall time [s]; tests give their own.
    """

    def __init__(
        self,
        info: PictureInfo,
        terrain: Terrain,
        border: Border | None = None,
        on_command: Order | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.info, self.terrain = info, terrain
        self.border = border_collection(border, info.home)
        self.on_command = on_command
        self._monotonic = monotonic
        self._picture = Picture(terrain.heights)
        self._lock = threading.Lock()
        self._backlog: deque[tuple[Sequence[object], int]] = deque()
        self._state: Object = NOTHING_KNOWN
        self._on_news: Callable[[], None] = _nobody
        self._state_ns = 0
        self._heard = -float("inf")
        self._terrain_info = terrain.describe()

    def publish(self, messages: Sequence[object], now_ns: int) -> None:
        """Take what one tick said, after it was stored; called by the node's thread.

        It is no sign of life by itself: a node that goes on from its store publishes the past
        before it has done its first tick (:meth:`node_state`).
        """
        self._backlog.append((messages, now_ns))
        self._on_news()
        if len(self._backlog) > BACKLOG:
            with self._lock:
                self._drain()

    def node_state(
        self,
        *,
        now_ns: int,
        recording: bool,
        warning: str,
        lag_ms: float,
        rate: float,
        stored: int,
        ended: bool,
    ) -> None:
        """Take how the node itself is doing (as ``frame.node``); called by the node's thread."""
        self._heard = self._monotonic()
        self._state_ns = now_ns
        self._state = {
            "recording": recording,
            "warning": warning,
            "lag_ms": lag_ms,
            "rate": rate,
            "stored": stored,
            "ended": ended,
        }

    def tell(self, on_news: Callable[[], None] | None) -> None:
        """Call ``on_news`` at every publish, in the node's thread; it must return at once."""
        self._on_news = on_news or _nobody

    @contextmanager
    def picture(self) -> Iterator[Picture]:
        """Lend the picture, up to date and locked; keep it for a moment only."""
        with self._lock:
            self._drain()
            yield self._picture

    def order(self, message: object) -> "Future[None]":
        """Send an operator's order to the node; the future is done when it is stored."""
        if self.on_command is None:
            raise WebError("this node takes no orders: it was started without a store for them")
        return self.on_command(message)

    def health(self) -> tuple[bool, Object]:
        """Tell whether the picture is live, and what to say about it."""
        silence = self._monotonic() - self._heard
        said: Object = {"now_ns": self.now_ns, **self.node()}
        if said["ended"]:
            return False, {"state": "ended", "reason": "the source came to its end", **said}
        if silence > LIVE_SECONDS:
            reason = (
                "the node has not said anything yet"
                if silence == float("inf")
                else f"the node said nothing for {silence:.0f} s"
            )
            return False, {"state": "stalled", "reason": reason, **said}
        return True, {"state": "live", "reason": "", **said}

    def node(self) -> Object:
        """Give the map ``frame.node``."""
        return dict(self._state)

    @property
    def now_ns(self) -> int:
        """Give the picture's time [ns UTC]."""
        return max(self._picture.now_ns, self._state_ns)

    def describe(self) -> Object:
        """Give the object ``info``."""
        node = self.node()
        return info_object(
            self.info,
            self._terrain_info,
            view_around(self.info.home) if self.info.home else fit(self._picture),
            now_ns=self.now_ns,
            rate=node["rate"],
            recording=node["recording"],
        )

    def _drain(self) -> None:
        """Take the backlog into the picture; the caller holds the lock."""
        while self._backlog:
            messages, now_ns = self._backlog.popleft()
            for message in messages:
                self._picture.apply(message, now_ns)
            self._picture.age(now_ns)


def _nobody() -> None:
    """Stand in while nobody wants to be told."""
