"""Recordings: real feeds kept in files, replayed as if they came in now."""

import gzip
import heapq
import logging
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from steppewatch.engine.clock import NS
from steppewatch.engine.pcap import CaptureError, is_capture, read_capture
from steppewatch.engine.source import DEFAULT_TICK_NS, Tick
from steppewatch.engine.store import Head
from steppewatch.errors import EngineError
from steppewatch.records import Packet
from steppewatch.wire import asterix

log = logging.getLogger(__name__)


class RecordingSource:
    """Replay recordings in the order of their times.

    Args:
        packets: All packets, ordered by time.
        step_ns: Longest time between two ticks [ns].
        tail_ns: Time added after the last packet, so that tracks end [ns].
    """

    paced = True

    def __init__(
        self, packets: Sequence[Packet], step_ns: int = DEFAULT_TICK_NS, tail_ns: int = 0
    ) -> None:
        self._packets, self._step, self._tail = packets, step_ns, tail_ns

    def ticks(self, head: Head | None) -> Iterator[Tick]:
        """Yield ticks with the packets that became due."""
        if not self._packets:
            return
        cursor = 0 if head is None else head.cursor
        now_ns = self._packets[0].time_ns if head is None else head.now_ns + self._step
        end_ns = self._packets[-1].time_ns + self._tail
        while now_ns <= end_ns + self._step:
            first = cursor
            while cursor < len(self._packets) and self._packets[cursor].time_ns <= now_ns:
                cursor += 1
            yield Tick(now_ns=now_ns, messages=tuple(self._packets[first:cursor]), cursor=cursor)
            now_ns += self._step


def read_recordings(paths: Sequence[Path], date_ns: int | None = None) -> list[Packet]:
    """Read whole recordings (pcap, pcapng, or raw ASTERIX) and merge them by time.

    Args:
        paths: Files; each may be gzipped.
        date_ns: Midnight UTC of the day of raw recordings [ns], which carry the time of day only;
            by default the day on which the file was last changed.

    Raises:
        EngineError: A file is missing or holds nothing that can be read.
    """
    return list(heapq.merge(*(_read_one(path, date_ns) for path in paths), key=_time_of))


def day_of(path: Path) -> int:
    """Give midnight UTC of the day on which a file was last changed [ns]."""
    day_ns = 86_400 * NS
    return path.stat().st_mtime_ns // day_ns * day_ns


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        raise EngineError(
            f"cannot read {path} ({error}): expected a recording (pcap, pcapng or .ast, maybe .gz)"
        ) from error


def _time_of(packet: Packet) -> int:
    return packet.time_ns


def _read_one(path: Path, date_ns: int | None) -> list[Packet]:
    data = _read_bytes(path)
    packets: list[Packet] = []
    if is_capture(data):
        try:
            packets.extend(read_capture(data, path.name))
        except CaptureError as error:
            if not packets:
                raise
            log.warning("%s", error)
    else:
        day = day_of(path) if date_ns is None else date_ns
        packets = asterix.packets_from_raw(data, path.name, day)
    if not packets:
        raise EngineError(
            f"{path} ({len(data)} bytes) holds no ASTERIX data block and no UDP packet: expected a "
            "pcap or pcapng capture, or raw ASTERIX (.ast) blocks"
        )
    return sorted(packets, key=_time_of)
