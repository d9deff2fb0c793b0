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
    PositionReports,
    Sensor,
    SensorStatus,
    Stage,
    TrackBatch,
)
from steppewatch.wire.asterix import adsb, plots, service, surface, tracks
from steppewatch.wire.asterix.columns import Columns, find_blocks, program, read_columns
from steppewatch.wire.asterix.feed import Settings, State
from steppewatch.wire.asterix.health import reports
from steppewatch.wire.asterix.links import Arrival, blame, state_of_links
from steppewatch.wire.asterix.radars import hear_plots, hear_service
from steppewatch.wire.asterix.stations import hear_adsb, hear_surface
from steppewatch.wire.asterix.systems import hear_system, hear_tracks, lapse, silence

WANTS = {
    10: surface.WANTS,
    21: adsb.WANTS,
    34: service.WANTS,
    48: plots.WANTS,
    62: tracks.WANTS,
    65: service.SYSTEM_WANTS,
}
SOUND = {
    10: surface.sound,
    21: adsb.sound,
    34: service.complete,
    48: plots.sound,
    62: tracks.sound,
    65: service.complete,
}
HEAR = {
    10: hear_surface,
    21: hear_adsb,
    34: hear_service,
    48: hear_plots,
    62: hear_tracks,
    65: hear_system,
}


def stage(settings: Settings | None = None) -> Stage[State]:
    """Make the stage that turns ASTERIX packets into plots, positions, tracks and health."""
    chosen = settings or Settings()

    def step(
        state: State, messages: Sequence[object], now_ns: int
    ) -> tuple[State, Sequence[object]]:
        return _step(chosen, state, [m for m in messages if isinstance(m, Packet)], now_ns)

    return Stage(
        name="asterix",
        hears=(Packet,),
        says=(Sensor, DetectionBatch, PositionReports, TrackBatch, SensorStatus),
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
    numbers: dict[str, int] = {}
    link = np.array([numbers.setdefault(p.source, len(numbers)) for p in packets], np.int64)
    names = list(numbers)
    blocks, _, _ = find_blocks(data, bounds)
    covered = np.bincount(blocks[:, 3], blocks[:, 1], len(packets)).astype(np.int64)
    lost = covered < np.diff(bounds)
    state_of_links(state, names, link, lost, received)
    for number in np.unique(blocks[:, 2]).tolist():
        mine = blocks[blocks[:, 2] == number]
        if number not in WANTS:
            state.other[str(number)] = state.other.get(str(number), 0) + len(mine)
            continue
        columns = read_columns(data, mine, program(number, WANTS[number]))
        here = Arrival(names=names, link=link[mine[:, 3]], received=received[mine[:, 3]])
        said += _hear_category(settings, state, number, columns, here)


def _hear_category(
    settings: Settings, state: State, number: int, columns: Columns, here: Arrival
) -> list[object]:
    """Judge the links of one category, then let each sender's records be heard."""
    said: list[object] = []
    sound = SOUND[number](columns)
    faulty = columns.bad.copy()
    faulty[columns.block[~sound]] = True
    names = [f"{name} CAT {number:03}" for name in here.names]
    at_fault = state_of_links(state, names, here.link, faulty, here.received)
    said += silence(settings, state, at_fault)
    trusted = np.array([name not in at_fault for name in names])[here.link]
    heard = sound & trusted[columns.block]
    keys = columns.code("010/SAC") * 256 + columns.code("010/SIC")
    for address in np.unique(keys[heard]).tolist():
        rows = np.flatnonzero(heard & (keys == address))
        key = f"{address >> 8}/{address & 255}"
        blocks = columns.block[rows]
        said += HEAR[number](settings, state, key, columns, rows, here.received[blocks])
        blame(state, number, key, names, here.link[blocks])
    return said
