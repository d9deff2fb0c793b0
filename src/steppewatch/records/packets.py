"""Raw bytes as a link received them: the message between the engine's links and the wire room."""

from dataclasses import dataclass

from steppewatch.records.binary import record


@record("packet")
@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """Carry one datagram or one block of a recording, unread.

    Attributes:
        time_ns: When it was received [ns UTC]; for recordings without times, 0.
        source: Which link it came by, for example ``"udp://0.0.0.0:8600 from 10.1.2.3"``.
        data: The payload.
    """

    time_ns: int
    source: str
    data: bytes
