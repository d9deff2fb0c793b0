"""What each sender's records change in the state, and what is said of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import (
    Sensor,
    TrackBatch,
    TrackStatus,
    detection_batch,
)
from steppewatch.wire.asterix import plots, service, tracks
from steppewatch.wire.asterix.clock import correction, utc_from_tod
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.feed import (
    LiveTrack,
    Settings,
    Source,
    State,
    origin,
    unknown_radar,
)

Ints = NDArray[np.int64]
PERIODS = (0.5, 60.0)
# A new period is passed on when it differs by more than this share from the one told.
PERIOD_NEWS = 0.02
# A system track that is not heard of for so long has ended, whatever its system says.
SILENCE_NS = 60 * 1_000_000_000


def hear_plots(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 048 records of one radar: a description if it is new, and its detections."""
    source, sensor, said = _radar(settings, state, key)
    times, source = _times(source, columns.code("140")[rows], received)
    keep = plots.detected(columns)[rows]
    order = np.argsort(times[keep], kind="stable")
    chosen, times_kept = rows[keep][order], times[keep][order]
    source = replace(
        source,
        messages=source.messages + len(rows),
        detections=source.detections + len(chosen),
        last_ns=max(source.last_ns, int(received.max())),
    )
    if len(chosen):
        measured = plots.measurements(columns, chosen, sensor.height)
        source = _turn(source, times_kept, np.asarray(measured["azimuth"], np.float64))
        sensor, news = _period(sensor, source.period)
        said += news
        said.append(
            detection_batch(
                sensor.id,
                origin(settings, sensor.id),
                times_kept,
                **measured,  # type: ignore[arg-type]
            )
        )
    state.sources[key] = replace(source, sensor=sensor)
    return said


def hear_service(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 034 records of one radar: rotation, position, and what it complains of."""
    source, sensor, said = _radar(settings, state, key)
    ticks = columns.code("030")[rows]
    timed = rows[ticks != ABSENT]
    if len(timed):
        times, source = _times(source, ticks[ticks != ABSENT], received[ticks != ABSENT])
        marks = columns.code("000")[timed] == service.NORTH_MARKER
        for north_ns in times[marks].tolist():
            source = _north(source, north_ns)
    told = columns.value("041")[rows]
    told = told[~np.isnan(told)]
    if len(told) and PERIODS[0] < told[-1] < PERIODS[1]:
        source = replace(source, period=float(told[-1]))
    place = service.position(columns, rows)
    if place and sensor.position_assumed:
        sensor = replace(
            sensor, lat=place[0], lon=place[1], height=place[2], position_assumed=False
        )
        said.append(sensor)
    sensor, news = _period(sensor, source.period)
    state.sources[key] = replace(
        source,
        sensor=sensor,
        trouble=service.trouble(columns, rows, source.trouble),
        messages=source.messages + len(rows),
        last_ns=max(source.last_ns, int(received.max())),
    )
    return said + news


def hear_system(
    settings: Settings,  # noqa: ARG001 - every category is heard alike
    state: State,
    key: str,
    columns: Columns,
    rows: Ints,
    received: Ints,
) -> list[object]:
    """Take CAT 065 records: what a track-making system says of itself."""
    source = _system(state, key)
    state.sources[f"sdps-{key}"] = replace(
        source,
        trouble=service.system_trouble(columns, rows, source.trouble),
        messages=source.messages + len(rows),
        last_ns=max(source.last_ns, int(received.max())),
    )
    return []


def hear_tracks(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 062 records: the system tracks that changed."""
    source = _system(state, key)
    times, source = _times(source, columns.code("070")[rows], received)
    placed = columns.code("105/LAT")[rows] != ABSENT
    state.sources[f"sdps-{key}"] = replace(
        source,
        messages=source.messages + len(rows),
        detections=source.detections + int(placed.sum()),
        dropped=source.dropped + int((~placed).sum()),
        last_ns=max(source.last_ns, int(received.max())),
    )
    rows, times, received = rows[placed], times[placed], received[placed]
    if not len(rows):
        return []
    mean, cov = tracks.states(columns, rows)
    known = tracks.attributes(columns, rows)
    lives = [
        _live(state, key, number, time_ns, heard_ns, ended=status == TrackStatus.ENDED)
        for number, time_ns, heard_ns, status in zip(
            columns.code("040")[rows].tolist(),
            times.tolist(),
            received.tolist(),
            np.asarray(known["status"]).tolist(),
            strict=True,
        )
    ]
    return [
        TrackBatch(
            time_ns=times,
            id=np.array([live.id for live in lives], np.int64),
            mean=mean,
            cov=cov,
            born_ns=np.array([live.born_ns for live in lives], np.int64),
            seen_ns=np.array([live.seen_ns for live in lives], np.int64),
            hits=np.array([live.hits for live in lives], np.uint32),
            origin=origin(settings, source.id),
            **known,  # type: ignore[arg-type]
        )
    ]


def lapse(settings: Settings, state: State, now_ns: int) -> list[object]:
    """End the system tracks of which nothing was heard for too long."""
    over = [k for k, live in state.tracks.items() if now_ns - live.heard_ns > SILENCE_NS]
    by_system: dict[str, list[LiveTrack]] = {}
    for name in over:
        by_system.setdefault(name.rpartition("/")[0], []).append(state.tracks.pop(name))
    return [
        ended(settings, f"sdps-{key.replace('/', '-')}", lives, now_ns)
        for key, lives in by_system.items()
    ]


def ended(settings: Settings, sensor: str, lives: list[LiveTrack], now_ns: int) -> TrackBatch:
    """Say that some tracks have ended; where they were last is told already."""
    n = len(lives)
    return TrackBatch(
        time_ns=np.full(n, now_ns, np.int64),
        id=np.array([live.id for live in lives], np.int64),
        mean=np.full((n, 6), np.nan),
        cov=np.full((n, 6, 6), np.nan),
        status=np.full(n, TrackStatus.ENDED, np.uint8),
        existence=np.zeros(n, np.float32),
        target=np.zeros(n, np.uint8),
        born_ns=np.array([live.born_ns for live in lives], np.int64),
        seen_ns=np.array([live.seen_ns for live in lives], np.int64),
        hits=np.array([live.hits for live in lives], np.uint32),
        mode_s=np.zeros(n, np.uint32),
        mode_3a=np.full(n, -1, np.int32),
        callsign=np.zeros(n, "S8"),
        origin=origin(settings, sensor),
    )


def _radar(settings: Settings, state: State, key: str) -> tuple[Source, Sensor, list[object]]:
    """Find a radar, or make it known: its description is said when it is new."""
    source = state.sources.get(key)
    if source is not None and source.sensor is not None:
        return source, source.sensor, []
    sensor = unknown_radar(settings, key)
    return Source(id=sensor.id, sensor=sensor), sensor, [sensor]


def _system(state: State, key: str) -> Source:
    name = f"sdps-{key}"
    return state.sources.get(name, Source(id=name.replace("/", "-")))


def _times(source: Source, ticks: Ints, received: Ints) -> tuple[Ints, Source]:
    """Turn times of day into moments, corrected while the sender's clock is wrong."""
    moments = utc_from_tod(ticks, received)
    clock_ns = correction(moments, received, source.clock_ns)
    return moments + clock_ns, replace(source, clock_ns=clock_ns)


def _live(
    state: State, key: str, number: int, time_ns: int, heard_ns: int, *, ended: bool
) -> LiveTrack:
    """Find or begin the life of a track number; an ended one is forgotten."""
    name = f"{key}/{number}"
    live = state.tracks.pop(name, None)
    if live is None:
        fresh = state.next_id.get(key, 1)
        state.next_id[key] = fresh + 1
        live = LiveTrack(id=fresh, born_ns=time_ns, seen_ns=time_ns, heard_ns=heard_ns, hits=0)
    live = replace(live, seen_ns=time_ns, heard_ns=heard_ns, hits=live.hits + 1)
    if not ended:
        state.tracks[name] = live
    return live


def _turn(source: Source, times: Ints, azimuth: NDArray[np.float64]) -> Source:
    """Follow the antenna by its plots: it passed north where the azimuth falls back."""
    before = np.concatenate(([source.azimuth], azimuth[:-1]))
    before_ns = np.concatenate(([source.azimuth_ns], times[:-1]))
    for k in np.flatnonzero(before - azimuth > np.pi).tolist():
        whole = azimuth[k] + 2.0 * np.pi - before[k]
        share = (2.0 * np.pi - before[k]) / whole if whole > 0.0 else 0.5
        source = _north(source, int(before_ns[k] + share * (times[k] - before_ns[k])))
    return replace(source, azimuth=float(azimuth[-1]), azimuth_ns=int(times[-1]))


def _north(source: Source, north_ns: int) -> Source:
    """Take one passage through north into the mean rotation period."""
    turn = (north_ns - source.north_ns) * 1e-9
    if source.north_ns == 0 or not PERIODS[0] < turn < PERIODS[1]:
        return replace(source, north_ns=north_ns)
    period = source.period
    if np.isnan(period) or abs(turn - period) > 0.5 * period:
        period = turn
    return replace(source, north_ns=north_ns, period=period + 0.1 * (turn - period))


def _period(sensor: Sensor, period: float) -> tuple[Sensor, list[object]]:
    """Say the sensor again when its rotation turns out to be another."""
    if np.isnan(period) or abs(period - sensor.scan_period) <= PERIOD_NEWS * sensor.scan_period:
        return sensor, []
    sensor = replace(sensor, scan_period=period)
    return sensor, [sensor]
