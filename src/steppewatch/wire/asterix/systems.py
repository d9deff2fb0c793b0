"""What a track-making system's records (CAT 062, CAT 065) change, and what is said of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TrackBatch, TrackStatus
from steppewatch.wire.asterix import service, tracks
from steppewatch.wire.asterix.clock import sender_times
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.feed import LiveTrack, Settings, Source, State, origin

Ints = NDArray[np.int64]
# A system track that is not heard of for so long has ended, whatever its system says.
SILENCE_NS = 60 * 1_000_000_000


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
    times, clock_ns = sender_times(columns.code("070")[rows], received, source.clock_ns)
    placed = columns.code("105/LAT")[rows] != ABSENT
    real = columns.code("080/SIM")[rows] != 1
    ending = columns.code("080/TSE")[rows] == 1
    state.sources[f"sdps-{key}"] = replace(
        source,
        clock_ns=clock_ns,
        messages=source.messages + len(rows),
        detections=source.detections + int(placed.sum()),
        dropped=source.dropped + int((~placed & ~ending).sum()),
        last_ns=max(source.last_ns, int(received.max())),
    )
    said = _final(settings, state, key, columns.code("040")[rows[ending & ~placed]].tolist())
    keep = placed & real
    keep[keep] = _newest(columns.code("040")[rows[keep]], times[keep])
    rows, times, received = rows[keep], times[keep], received[keep]
    mean, cov = tracks.states(columns, rows)
    known = tracks.attributes(columns, rows)
    lives, fresh = [], np.zeros(len(rows), np.bool_)
    for k, number in enumerate(columns.code("040")[rows].tolist()):
        name = f"{key}/{number}"
        seen_ns = state.tracks[name].seen_ns if name in state.tracks else 0
        # The copy that a second network brings is as old as what is known.
        fresh[k] = times[k] > seen_ns
        if fresh[k]:
            over = bool(known["status"][k] == TrackStatus.ENDED)
            lives.append(_live(state, name, int(times[k]), int(received[k]), mean[k], over=over))
    if lives:
        columns_of = {name: column[fresh] for name, column in known.items()}
        said.append(_batch(settings, key, times[fresh], lives, mean[fresh], cov[fresh], columns_of))
    return said


def lapse(settings: Settings, state: State, now_ns: int) -> list[object]:
    """End the system tracks of which nothing was heard for too long."""
    over = [k for k, live in state.tracks.items() if now_ns - live.heard_ns > SILENCE_NS]
    return _end(settings, state, over)


def silence(settings: Settings, state: State, at_fault: set[str]) -> list[object]:
    """End the tracks of systems whose link turned out to be at fault."""
    if not at_fault:
        return []
    systems = {
        key.removeprefix("sdps-")
        for key, source in state.sources.items()
        if at_fault & set(source.links)
    }
    over = [name for name in state.tracks if name.rpartition("/")[0] in systems]
    return _end(settings, state, over)


def _final(settings: Settings, state: State, key: str, numbers: list[int]) -> list[object]:
    """End tracks whose last message carries no position."""
    return _end(settings, state, [f"{key}/{n}" for n in numbers if f"{key}/{n}" in state.tracks])


def _end(settings: Settings, state: State, names: list[str]) -> list[object]:
    """Say that some tracks ended where they were last."""
    by_system: dict[str, list[LiveTrack]] = {}
    for name in dict.fromkeys(names):
        by_system.setdefault(name.rpartition("/")[0], []).append(state.tracks.pop(name))
    said: list[object] = []
    for key, lives in by_system.items():
        n = len(lives)
        known: dict[str, NDArray[np.generic]] = {
            "status": np.full(n, TrackStatus.ENDED, np.uint8),
            "existence": np.zeros(n, np.float32),
            "target": np.zeros(n, np.uint8),
            "mode_s": np.zeros(n, np.uint32),
            "mode_3a": np.full(n, -1, np.int32),
            "callsign": np.zeros(n, "S8"),
        }
        times = np.array([live.seen_ns for live in lives], np.int64)
        mean = np.array([live.mean for live in lives], np.float64)
        cov = np.tile(np.diag(tracks.SIGMAS**2), (n, 1, 1))
        said.append(_batch(settings, key, times, lives, mean, cov, known))
    return said


def _batch(
    settings: Settings,
    key: str,
    times: Ints,
    lives: list[LiveTrack],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    known: dict[str, NDArray[np.generic]],
) -> TrackBatch:
    return TrackBatch(
        time_ns=times,
        id=np.array([live.id for live in lives], np.int64),
        mean=mean,
        cov=cov,
        born_ns=np.array([live.born_ns for live in lives], np.int64),
        seen_ns=np.array([live.seen_ns for live in lives], np.int64),
        hits=np.array([live.hits for live in lives], np.uint32),
        origin=origin(settings, f"sdps-{key.replace('/', '-')}"),
        **known,  # type: ignore[arg-type]
    )


def _system(state: State, key: str) -> Source:
    name = f"sdps-{key}"
    return state.sources.get(name, Source(id=name.replace("/", "-")))


def _newest(numbers: Ints, times: Ints) -> NDArray[np.bool_]:
    """Tell the latest report of each track number: a batch names a track once."""
    order = np.lexsort((times, numbers))
    last = np.ones(len(order), np.bool_)
    last[:-1] = numbers[order][1:] != numbers[order][:-1]
    newest = np.zeros(len(order), np.bool_)
    newest[order[last]] = True
    return newest


def _live(
    state: State,
    name: str,
    time_ns: int,
    heard_ns: int,
    mean: NDArray[np.float64],
    *,
    over: bool,
) -> LiveTrack:
    """Find or begin the life of a track number; an ended one is forgotten."""
    live = state.tracks.pop(name, None)
    if live is None:
        key = name.rpartition("/")[0]
        fresh = state.next_id.get(key, 1)
        state.next_id[key] = fresh + 1
        live = LiveTrack(
            id=fresh, born_ns=time_ns, seen_ns=time_ns, heard_ns=heard_ns, hits=0, mean=mean
        )
    live = replace(live, seen_ns=time_ns, heard_ns=heard_ns, hits=live.hits + 1, mean=mean)
    if not over:
        state.tracks[name] = live
    return live
