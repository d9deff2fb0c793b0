"""Play a plan's crossings through the simulated radars and the real tracker, and count.

The chain is the node's own: the rehearsal's stage at the edge, the tracker's stage as core, with
the terrain's sight; only the picture, the rules and the store are left away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch import fuse
from steppewatch.engine.chain import Chain
from steppewatch.engine.track_run import confirmed
from steppewatch.engine.track_sight import rehearsed_sight
from steppewatch.plan import rehearse
from steppewatch.plan.rehearse.motion import Population, locate
from steppewatch.records import DetectionBatch, Sensor
from steppewatch.world import geodesy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from steppewatch.plan.assure.board import Answer, Board
    from steppewatch.plan.rehearse.crossings import Crossing, Wave
    from steppewatch.world.geodesy import Array
    from steppewatch.world.terrain import Terrain

    Flags = NDArray[np.bool_]

TICK_NS = 1_000_000_000
CUT_OFF = 1_000.0  # [m]; a track so near holds the crossing, as in a rehearsal's summary
GATE = 4.0  # standard deviations within which a plot is the crossing's
FLOOR = 30.0  # [m]
POOR = 2.5  # how much larger than its floor a weak plot's error may be


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Hold what became of n crossings: ``(n,)`` each, False for what was not played.

    Attributes:
        detected: A plot of it before the line.
        tracked: Under a confirmed track ``track_time`` before the line.
        waves: How many waves were played.
        seconds: Played time of all of them [s].
    """

    detected: Flags
    tracked: Flags
    waves: int
    seconds: float


def play(
    board: Board,
    found: Answer,
    crossings: Sequence[Crossing],
    settings: fuse.TrackerSettings,
    seed: int,
    tell: Callable[[int, int], None] | None = None,
) -> Counts:
    """Play all crossings, wave by wave.

    Args:
        board: The plan's board.
        found: Sites and sensors.
        crossings: What was drawn.
        settings: The tracker's.
        seed: Of luck and noise.
        tell: Is told how many waves are done, of how many.
    """
    from steppewatch.plan.rehearse.crossings import wave_of, waves  # noqa: PLC0415

    detected, tracked = np.zeros((2, len(crossings)), bool)
    groups = waves(board, crossings)
    seconds = 0.0
    for number, members in enumerate(groups):
        wave = wave_of(board, found, crossings, members, number, seed)
        seconds += wave.scenario.duration
        seen, held = play_wave(wave, board.terrain, settings, board.case.track_time)
        detected[list(members)], tracked[list(members)] = seen, held
        if tell is not None:
            tell(number + 1, len(groups))
    return Counts(detected=detected, tracked=tracked, waves=len(groups), seconds=seconds)


def play_wave(
    wave: Wave, terrain: Terrain, settings: fuse.TrackerSettings, track_time: float
) -> tuple[Flags, Flags]:
    """Play one wave: which crossings were detected before the line, and which tracked in time.

    Returns:
        ``(k,)`` each, in the order of the wave's members.
    """
    scenario = wave.scenario
    people = rehearse.populate(scenario, terrain)
    radars = {post.sensor.id: post.radar for post in rehearse.posts(scenario, terrain)}
    chain = Chain(
        [rehearse.stage(scenario, terrain, people)],
        [fuse.stage(settings, rehearsed_sight(terrain, radars))],
    )
    states = chain.initial()
    sensors: dict[str, Sensor] = {}
    count = len(people)
    detected, tracked = np.zeros((2, count), bool)
    asked_ns = wave.line_ns - round(track_time * 1e9)
    ticks = sorted({*range(scenario.start_ns, wave.line_ns, TICK_NS), wave.line_ns, asked_ns})
    for now_ns in ticks:
        if now_ns < scenario.start_ns:
            continue  # nobody was there yet
        stepped = chain.step(states, (), now_ns)
        states = stepped.states
        for message in stepped.edge:
            if isinstance(message, Sensor):
                sensors[message.id] = message
            elif isinstance(message, DetectionBatch):
                detected |= _plotted(message, sensors[message.sensor], people, wave.line_ns)
        if now_ns == asked_ns:
            tracked = _held(states["fuse"], now_ns, settings, people)
    return detected, tracked


def _plotted(batch: DetectionBatch, sensor: Sensor, people: Population, line_ns: int) -> Flags:
    """Say of which movers a batch holds a plot, taken before the line ``(k,)``."""
    out = np.zeros(len(people), bool)
    if not len(batch):
        return out
    rows = np.arange(len(people))
    middle = int(batch.time_ns[len(batch) // 2])
    alive, position, velocity = locate(people, rows, np.full(len(rows), middle, np.int64))
    frame = geodesy.local_frame(sensor.lat, sensor.lon, sensor.height)
    after = (batch.time_ns - middle)[:, None, None] * 1e-9
    enu = geodesy.enu_from_ecef(position[None] + after * velocity[None], frame)
    slant, azimuth, _ = geodesy.spherical_from_enu(enu)
    turn = np.mod(batch.azimuth[:, None] - azimuth + np.pi, 2.0 * np.pi) - np.pi
    across = np.abs(slant * turn) / np.hypot(FLOOR, POOR * slant * sensor.sigma_azimuth)
    along = np.abs(batch.slant_range[:, None] - slant) / np.hypot(FLOOR, POOR * sensor.sigma_range)
    fits = (across < GATE) & (along < GATE) & alive
    if np.isfinite(sensor.sigma_range_rate):
        # A false alarm may lie there by chance; it has any range rate.
        drift = velocity @ frame.rotation.T
        rate = np.einsum("pij,ij->pi", enu, drift) / np.maximum(slant, 1.0)
        off = np.abs(np.nan_to_num(batch.range_rate[:, None] - rate))
        fits &= off < GATE * POOR * sensor.sigma_range_rate + 0.1
    fits &= (batch.time_ns <= line_ns)[:, None]
    out[:] = fits.any(axis=0)
    return out


def _held(
    state: fuse.TrackerState, now_ns: int, settings: fuse.TrackerSettings, people: Population
) -> Flags:
    """Say which movers stand under a confirmed track ``(k,)``."""
    alive, position, _ = locate(
        people, np.arange(len(people)), np.full(len(people), now_ns, np.int64)
    )
    _, mean, *_ = confirmed(state, now_ns, settings)
    if not len(mean):
        return np.zeros(len(people), bool)
    away = np.linalg.norm(_flat(position)[:, None] - _flat(mean[:, :3])[None], axis=-1)
    return np.asarray(alive & (away.min(axis=1) <= CUT_OFF))


def _flat(position: Array) -> Array:
    """Take the height out of ECEF positions ``(n, 3)`` [m]."""
    lat, lon, _ = geodesy.geodetic_from_ecef(position)
    return geodesy.ecef_from_geodetic(lat, lon, 0.0)
