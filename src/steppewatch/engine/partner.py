"""A line from one node's bus to another node: what its own tracker says, and nothing else.

What a node has made of its partners' tracks (feed ``"joint"``) never goes back to them: a rumour
that comes home would be taken for news, and keep alive what nobody sees any more. Nodes on other
machines will come by the same records over NATS, released by custody.
"""

from collections import deque
from collections.abc import Iterator, Sequence

from steppewatch.engine.bus import Bus
from steppewatch.fuse.remote import as_partner
from steppewatch.records import TrackBatch

OWN_FEED = "fuse"
WAITING = 10_000


class PartnerLine:
    """Listen on a partner's bus and hand on its own tracks: a link of a live source.

    Args:
        bus: The partner's.
        name: The partner's name, by which we join its tracks.
    """

    def __init__(self, bus: Bus, name: str) -> None:
        self._name = name
        self._waiting: deque[TrackBatch] = deque(maxlen=WAITING)
        bus.subscribe(self._hear, TrackBatch)

    def receive(self, now_ns: int) -> Iterator[TrackBatch]:  # noqa: ARG002 (tracks bear their own)
        """Yield what came since the last time."""
        while self._waiting:
            yield self._waiting.popleft()

    def _hear(self, messages: Sequence[object], now_ns: int) -> None:  # noqa: ARG002
        """Keep the own tracker's batches until they are asked for."""
        for message in messages:
            if isinstance(message, TrackBatch) and message.origin.feed == OWN_FEED:
                self._waiting.append(as_partner(message, self._name))
