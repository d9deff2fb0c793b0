"""Which sources ever fed a track: the memory from which its label follows.

A label holds what a track was made of, not who sees it now. So every sensor and tracker that once
contributed stays with the track, also when it lost it long ago, when the track is found to be
another one (``heir``), or when it is joined with a partner's. Sources are only ever added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import Origin, Stage, TrackBatch, TrackStatus, record
from steppewatch.records.joint_id import founder, tracker_code

MEMORY_NS = 3_600_000_000_000  # An ended track may still be shown late, or be found again.
UNKNOWN = "?"  # A source that no label knows: released to nobody.
ORIGIN = Origin(feed="custody")


@record("track-sources")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSources:
    """Say what fed the n tracks of one batch so far.

    Attributes:
        feed: ``origin.feed`` of the batch, sensor: its ``origin.sensor``.
        id: ``(n,)`` int64 of the tracks.
        names: Names of s sources.
        fed: ``(n, s)`` bool, which of them ever fed the track.
    """

    feed: str
    sensor: str
    id: NDArray[np.int64]
    names: tuple[str, ...]
    fed: NDArray[np.bool_]
    origin: Origin = ORIGIN

    def of(self, row: int) -> tuple[str, ...]:
        """Name the sources of one track."""
        return tuple(self.names[k] for k in np.flatnonzero(self.fed[row]))


@record("source-memory")
@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Remember the sources of the tracks of one feed; ``id`` ascends.

    Attributes:
        id: ``(m,)`` int64; fed: ``(m, s)`` bool.
        heard_ns: ``(m,)`` int64, when each was last told of.
        ever: ``(s,)`` bool, what ever fed any of them.
    """

    feed: str
    sensor: str
    id: NDArray[np.int64]
    fed: NDArray[np.bool_]
    heard_ns: NDArray[np.int64]
    ended: NDArray[np.bool_]
    ever: NDArray[np.bool_]


@record("sources-state")
@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Hold the memory of every feed; ``names`` are the sources by which they count."""

    names: tuple[str, ...] = ()
    feeds: tuple[Memory, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Say who is who.

    Attributes:
        own_feed: Feed of the own tracker.
        joint_feed: Feed of the joint picture.
        trackers: Name of a joined tracker → the source it stands for, the own one → ``""``.
    """

    own_feed: str = "fuse"
    joint_feed: str = "joint"
    trackers: Mapping[str, str] = field(default_factory=dict[str, str])


def stage(settings: Settings | None = None) -> Stage[State]:
    """Give the stage that hears tracks and says what fed them."""
    chosen = settings or Settings()

    def step(
        state: State, messages: Sequence[object], now_ns: int
    ) -> tuple[State, Sequence[object]]:
        said: list[object] = []
        for message in messages:
            if isinstance(message, TrackBatch) and len(message):
                state, sources = take(state, message, chosen, now_ns)
                said.append(sources)
        return state, said

    return Stage(
        name="sources", hears=(TrackBatch,), says=(TrackSources,), initial=State(), step=step
    )


def take(
    state: State, batch: TrackBatch, settings: Settings, now_ns: int
) -> tuple[State, TrackSources]:
    """Add what a batch tells; give the new memory and the sources of the batch's tracks."""
    told = _told(batch, settings)
    names = tuple(dict.fromkeys((*state.names, *(name for name, _ in told))))
    feeds = {(each.feed, each.sensor): _widened(each, len(names)) for each in state.feeds}
    key = (batch.origin.feed, batch.origin.sensor)
    memory = feeds.get(key) or _empty(*key, len(names))
    fed = np.zeros((len(batch), len(names)), bool)
    for name, those in told:
        fed[:, names.index(name)] |= those
    if batch.origin.feed == settings.joint_feed:
        fed |= _founders(batch, feeds.get((settings.own_feed, "")), settings, len(names))
    memory = _merged(memory, batch, fed, now_ns)
    places = np.searchsorted(memory.id, batch.id)
    feeds[key] = memory
    sources = TrackSources(
        feed=key[0], sensor=key[1], id=batch.id, names=names, fed=memory.fed[places]
    )
    return State(names=names, feeds=tuple(feeds.values())), sources


def _told(batch: TrackBatch, settings: Settings) -> list[tuple[str, NDArray[np.bool_]]]:
    """List each source that a batch names, with the rows ``(n,)`` that it fed."""
    n = len(batch)
    told: list[tuple[str, NDArray[np.bool_]]] = []
    if batch.origin.sensor:  # a partner's system, whose own sensors nobody tells
        told.append((batch.origin.sensor, np.ones(n, bool)))
    for k, name in enumerate(batch.sensors):
        those = np.zeros(n, bool)
        if batch.seen_by.shape == (n, len(batch.sensors)):
            those |= batch.seen_by[:, k]
        if len(batch.why_sensor) == n:
            those |= batch.why_sensor == k
        told.append((name, those))
    for k, name in enumerate(batch.trackers):
        source = settings.trackers.get(name, f"{UNKNOWN}{name}")
        if source:
            held: NDArray[np.bool_] = batch.held_by[:, k]
            told.append((source, held))
    return told


def _founders(
    batch: TrackBatch, own: Memory | None, settings: Settings, width: int
) -> NDArray[np.bool_]:
    """Give joint tracks what fed our own: the founder's sources, or all where it is a partner's.

    Which of our tracks is in a joint one is not told, so it inherits from every one it may be.
    """
    out = np.zeros((len(batch), width), bool)
    if own is None:
        return out
    codes = {tracker_code(name) for name, source in settings.trackers.items() if not source}
    ours = [k for k, name in enumerate(batch.trackers) if settings.trackers.get(name) == ""]
    held: NDArray[np.bool_] = np.zeros(len(batch), bool)
    for k in ours:
        held |= batch.held_by[:, k]
    for row, gid in enumerate(batch.id.tolist()):
        code, number = founder(gid)
        at = int(np.searchsorted(own.id, number)) if code in codes else len(own.id)
        if at < len(own.id) and own.id[at] == number:
            out[row] |= own.fed[at]
        if held[row] and code not in codes:
            out[row] |= own.ever
    return out


def _merged(memory: Memory, batch: TrackBatch, fed: NDArray[np.bool_], now_ns: int) -> Memory:
    heir = batch.heir if len(batch.heir) == len(batch) else np.full(len(batch), -1)
    heirs = heir[heir >= 0]
    ids = np.union1d(memory.id, np.concatenate((batch.id, heirs)))
    out = np.zeros((len(ids), fed.shape[1]), bool)
    heard = np.full(len(ids), now_ns, np.int64)
    ended = np.zeros(len(ids), bool)
    old = np.searchsorted(ids, memory.id)
    out[old], heard[old], ended[old] = memory.fed, memory.heard_ns, memory.ended
    new = np.searchsorted(ids, batch.id)
    np.logical_or.at(out, new, fed)
    heard[new], ended[new] = now_ns, batch.status == TrackStatus.ENDED
    for row in np.flatnonzero(heir >= 0):
        out[np.searchsorted(ids, heir[row])] |= out[new[row]]
    kept = ~ended | (heard > now_ns - MEMORY_NS)
    kept[new] = True
    return replace(
        memory,
        id=ids[kept],
        fed=out[kept],
        heard_ns=heard[kept],
        ended=ended[kept],
        ever=memory.ever | fed.any(axis=0),
    )


def _empty(feed: str, sensor: str, width: int) -> Memory:
    none = np.zeros(0, np.int64)
    return Memory(
        feed=feed, sensor=sensor, id=none, fed=np.zeros((0, width), bool), heard_ns=none,
        ended=np.zeros(0, bool), ever=np.zeros(width, bool),
    )  # fmt: skip


def _widened(memory: Memory, width: int) -> Memory:
    more = width - memory.fed.shape[1]
    if not more:
        return memory
    return replace(
        memory,
        fed=np.pad(memory.fed, ((0, 0), (0, more))),
        ever=np.pad(memory.ever, (0, more)),
    )
