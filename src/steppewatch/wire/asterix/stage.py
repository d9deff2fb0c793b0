"""The stage of the flow that hears packets and says what their ASTERIX means.

A step gathers all packets of a tick, finds their blocks, reads each category's records at once,
and then works sender by sender. A block that breaks is given up from the broken record on; a
packet that is not ASTERIX is dropped; both are counted and the feed goes on.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from steppewatch.records import (
    DetectionBatch,
    Packet,
    Sensor,
    SensorStatus,
    Stage,
    TrackBatch,
)
from steppewatch.wire.asterix import plots, service, tracks
from steppewatch.wire.asterix.columns import Columns, find_blocks, program, read_columns
from steppewatch.wire.asterix.feed import Settings, State
from steppewatch.wire.asterix.health import reports
from steppewatch.wire.asterix.links import judge, trusted
from steppewatch.wire.asterix.senders import (
    hear_plots,
    hear_service,
    hear_system,
    hear_tracks,
    lapse,
)

WANTS = {34: service.WANTS, 48: plots.WANTS, 62: tracks.WANTS, 65: service.SYSTEM_WANTS}
SOUND = {34: service.complete, 48: plots.complete, 62: tracks.sound, 65: service.complete}
HEAR = {34: hear_service, 48: hear_plots, 62: hear_tracks, 65: hear_system}


def stage(settings: Settings | None = None) -> Stage[State]:
    """Make the stage that turns ASTERIX packets into detections, tracks, sensors and statuses."""
    chosen = settings or Settings()

    def step(
        state: State, messages: Sequence[object], now_ns: int
    ) -> tuple[State, Sequence[object]]:
        return _step(chosen, state, [m for m in messages if isinstance(m, Packet)], now_ns)

    return Stage(
        name="asterix",
        hears=(Packet,),
        says=(Sensor, DetectionBatch, TrackBatch, SensorStatus),
        initial=State(),
        step=step,
    )


def _step(
    settings: Settings, state: State, packets: Sequence[Packet], now_ns: int
) -> tuple[State, Sequence[object]]:
    state = _copy(state)
    said: list[object] = []
    if packets:
        _hear(settings, state, packets, said)
    said += lapse(settings, state, now_ns)
    said += reports(settings, state, now_ns)
    return state, said


def _copy(state: State) -> State:
    """Copy the maps (their values are frozen), so that the step may change the new ones."""
    return replace(
        state,
        sources=dict(state.sources),
        links=dict(state.links),
        tracks=dict(state.tracks),
        next_id=dict(state.next_id),
        other=dict(state.other),
    )


def _hear(settings: Settings, state: State, packets: Sequence[Packet], said: list[object]) -> None:
    data = np.frombuffer(b"".join(packet.data for packet in packets), np.uint8)
    bounds = np.cumsum([0, *(len(packet.data) for packet in packets)], dtype=np.int64)
    received = np.array([packet.time_ns for packet in packets], np.int64)
    if settings.date_ns is not None:
        received = np.where(received == 0, settings.date_ns, received)
    blocks, _, _ = find_blocks(data, bounds)
    covered = np.bincount(blocks[:, 3], blocks[:, 1], len(packets)).astype(np.int64)
    for lost in np.flatnonzero(covered < np.diff(bounds)).tolist():
        state.links[packets[lost].source] = judge(state, packets[lost].source, 0, 1, 0)
    for number in np.unique(blocks[:, 2]).tolist():
        mine = blocks[blocks[:, 2] == number]
        if number not in WANTS:
            key = str(number)
            state.other[key] = state.other.get(key, 0) + len(mine)
            continue
        columns = read_columns(data, mine, program(number, WANTS[number]))
        _hear_category(settings, state, number, columns, packets, received, mine[:, 3], said)


def _hear_category(
    settings: Settings,
    state: State,
    number: int,
    columns: Columns,
    packets: Sequence[Packet],
    received: np.ndarray[tuple[int], np.dtype[np.int64]],
    packet_of_block: np.ndarray[tuple[int], np.dtype[np.int64]],
    said: list[object],
) -> None:
    """Judge the links of one category, then let each sender's records be heard."""
    sound = SOUND[number](columns)
    faulty = columns.bad.copy()
    faulty[columns.block[~sound]] = True
    link_of_block = [f"{packets[p].source} CAT {number:03}" for p in packet_of_block.tolist()]
    for link in dict.fromkeys(link_of_block):
        here = np.array([name == link for name in link_of_block])
        good, failed = int((here & ~faulty).sum()), int((here & faulty).sum())
        latest = int(received[packet_of_block[here]].max())
        state.links[link] = judge(state, link, good, failed, latest)
    heard = (
        sound & np.array([trusted(state, name) for name in link_of_block], np.bool_)[columns.block]
    )
    key = columns.code("010/SAC") * 256 + columns.code("010/SIC")
    for address in np.unique(key[heard]).tolist():
        rows = np.flatnonzero(heard & (key == address))
        times = received[packet_of_block[columns.block[rows]]]
        name = f"{address >> 8}/{address & 255}"
        said += HEAR[number](settings, state, name, columns, rows, times)
