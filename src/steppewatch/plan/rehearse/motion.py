"""Truth as an analytic function of time: where everything is at any moment, without history.

Each mover runs along a Catmull–Rom spline at a speed that swings gently about its mean, pauses
where its route says so, and at the end of its path stops, turns back or goes round again. Because
nothing is integrated, scan *k* can be made alone, which is what makes a restart exact.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.plan.rehearse.path import lay
from steppewatch.plan.rehearse.scenario import Route, Scenario
from steppewatch.plan.rehearse.traffic import traffic_routes
from steppewatch.sense import Terrain
from steppewatch.world import geodesy

Array = NDArray[np.float64]

SWING = 180.0  # [s], about the time between faster and slower spells
ONCE, BACK_AND_FORTH, LOOP = 0, 1, 2
_REPEAT = {"once": ONCE, "back-and-forth": BACK_AND_FORTH, "loop": LOOP}
NOTIONAL_ADDRESSES = 0xF0_0000  # a block that no state holds (ICAO Annex 10 vol. III, table 9-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthBatch:
    """Say where the n movers alive at one moment are.

    Attributes:
        time_ns: ``(n,)`` int64 [ns UTC].
        id: ``(n,)`` int64, from 1; a mover keeps it for life.
        target: ``(n,)`` uint8, :class:`~steppewatch.records.TargetClass`.
        position: ``(n, 3)`` ECEF [m].
        velocity: ``(n, 3)`` ECEF [m/s].
        lat: ``(n,)`` [rad].
        lon: ``(n,)`` [rad].
        height: ``(n,)`` [m], datum of the terrain.
    """

    time_ns: NDArray[np.int64]
    id: NDArray[np.int64]
    target: NDArray[np.uint8]
    position: Array
    velocity: Array
    lat: Array
    lon: Array
    height: Array

    def __len__(self) -> int:
        """Count the movers."""
        return len(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Hold all n movers of a scenario, ready to be asked where they are.

    Attributes:
        name: Name of each mover's route and its number in it.
        target: ``(n,)`` uint8 class.
        model: ``(n,)`` name of its class for radars.
        rcs: ``(n,)`` section in every band [m²]; NaN for that of its class.
        mode_s: ``(n,)`` uint32, 0 without transponder.
        mode_3a: ``(n,)`` int32, −1 without.
        callsign: ``(n,)`` ``S8``.
        nodes: ``(m, 3)`` ECEF spline nodes of all paths, one after another [m].
        first: ``(n,)`` int64, first node of the mover's path.
        legs: ``(n,)`` int64, spline pieces of its path.
        step: ``(n,)`` node spacing [m].
        offset: ``(n, 3)`` ECEF shift of the mover from its path [m].
        start_ns: ``(n,)`` int64, its departure.
        speed: ``(n,)`` mean speed [m/s].
        swing: ``(n,)`` share by which speed swings.
        rate: ``(n,)`` angular rate of the swing [rad/s].
        phase: ``(n,)`` phase of the swing [rad].
        repeat: ``(n,)`` uint8, what happens at the end of the path.
        lap: ``(n,)`` duration of one lap, pauses included [s].
        rest_at: ``(n, p)`` moving time of each pause [s]; infinite for none.
        rest: ``(n, p)`` duration of each pause [s].
    """

    name: tuple[str, ...]
    target: NDArray[np.uint8]
    model: NDArray[np.str_]
    rcs: Array
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    nodes: Array
    first: NDArray[np.int64]
    legs: NDArray[np.int64]
    step: Array
    offset: Array
    start_ns: NDArray[np.int64]
    speed: Array
    swing: Array
    rate: Array
    phase: Array
    repeat: NDArray[np.uint8]
    lap: Array
    rest_at: Array
    rest: Array

    def __len__(self) -> int:
        """Count the movers, alive or not."""
        return len(self.name)


def populate(scenario: Scenario, terrain: Terrain) -> Population:
    """Lay every path of a scenario and put its movers on them.

    Raises:
        PlanError: Terrain under a path is unknown, or a path has no length.
    """
    rows: list[dict[str, object]] = []
    nodes: list[Array] = []
    total = 0
    for number, route in enumerate((*scenario.routes, *traffic_routes(scenario))):
        path, step = lay(
            route.waypoints, route.kind, terrain, closed=route.repeat == "loop", owner=route.id
        )
        rng = np.random.default_rng((scenario.seed, 1, number))
        movers = _movers(scenario, route, path, step, rng)
        rows += [{**mover, "first": total} for mover in movers]
        nodes.append(path)
        total += len(path)
    pauses = max((len(r["rest"]) for r in rows), default=0)  # type: ignore[arg-type]

    def column(key: str, dtype: str) -> NDArray[np.generic]:
        return np.array([row[key] for row in rows], dtype)

    def ragged(key: str, fill: float) -> Array:
        table = np.full((len(rows), pauses), fill)
        for i, row in enumerate(rows):
            values: list[float] = row[key]  # type: ignore[assignment]
            table[i, : len(values)] = values
        return table

    squawk = np.random.default_rng((scenario.seed, 2)).integers(0, 4096, len(rows))
    answers = column("transponder", "?")
    number_of = np.arange(1, len(rows) + 1)
    return Population(
        name=tuple(str(row["name"]) for row in rows),
        mode_s=np.where(answers, NOTIONAL_ADDRESSES + number_of, 0).astype(np.uint32),
        mode_3a=np.where(answers, squawk, -1).astype(np.int32),
        callsign=np.where(answers, [f"SIM{i:04d}".encode() for i in number_of], b"").astype("S8")
        if rows
        else np.zeros(0, "S8"),
        nodes=np.vstack(nodes) if nodes else np.zeros((0, 3)),
        offset=np.asarray(column("offset", "f8"), float).reshape(-1, 3),
        rest_at=ragged("rest_at", np.inf),
        rest=ragged("rest", 0.0),
        **{  # type: ignore[arg-type]
            key: column(key, dtype)
            for key, dtype in (
                ("target", "u1"), ("model", "U16"), ("rcs", "f8"), ("first", "i8"),
                ("legs", "i8"), ("step", "f8"),
                ("start_ns", "i8"), ("speed", "f8"), ("swing", "f8"), ("rate", "f8"),
                ("phase", "f8"), ("repeat", "u1"), ("lap", "f8"),
            )
        },
    )  # fmt: skip


def truth(population: Population, time_ns: int) -> TruthBatch:
    """Say where all movers alive at one moment are."""
    rows = np.arange(len(population))
    times = np.full(len(population), time_ns, np.int64)
    alive, position, velocity = locate(population, rows, times)
    lat, lon, height = geodesy.geodetic_from_ecef(position[alive])
    return TruthBatch(
        time_ns=times[alive],
        id=rows[alive] + 1,
        target=population.target[alive],
        position=position[alive],
        velocity=velocity[alive],
        lat=lat,
        lon=lon,
        height=height,
    )


def locate(
    population: Population, rows: NDArray[np.int64], time_ns: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], Array, Array]:
    """Find chosen movers, each at its own moment.

    Args:
        population: All movers.
        rows: ``(n,)`` which of them (id − 1).
        time_ns: ``(n,)`` when [ns UTC].

    Returns:
        ``(n,)`` alive, ``(n, 3)`` ECEF position [m], ``(n, 3)`` ECEF velocity [m/s].
    """
    p = population
    lap, repeat = p.lap[rows], p.repeat[rows]
    clock = (time_ns - p.start_ns[rows]) * 1e-9
    alive = (clock >= 0.0) & ((repeat != ONCE) | (clock <= lap))
    number = np.floor(clock / lap)
    inside = np.where(repeat == ONCE, np.clip(clock, 0.0, lap), clock - number * lap)
    backwards = (repeat == BACK_AND_FORTH) & (np.mod(number, 2.0) == 1.0)
    inside = np.where(backwards, lap - inside, inside)
    # Take the pauses out of the clock: what is left is time on the move.
    earlier = np.cumsum(p.rest[rows], axis=1) - p.rest[rows]
    spent = np.clip(inside[:, None] - p.rest_at[rows] - earlier, 0.0, p.rest[rows])
    resting = ((spent > 0.0) & (spent < p.rest[rows])).any(axis=1)
    moving = inside - spent.sum(axis=1)
    along, pace = _progress(moving, p.speed[rows], p.swing[rows], p.rate[rows], p.phase[rows])
    pace = np.where(resting, 0.0, np.where(backwards, -pace, pace))
    position, tangent = _spline(p.nodes, p.first[rows], p.legs[rows], along / p.step[rows])
    return alive, position + p.offset[rows], tangent * (pace / p.step[rows])[:, None]


def _progress(
    moving: Array, speed: Array, swing: Array, rate: Array, phase: Array
) -> tuple[Array, Array]:
    """Give distance along the path [m] and pace [m/s] after a time on the move [s]."""
    wave = (np.sin(rate * moving + phase) - np.sin(phase)) * swing / rate
    return speed * (moving + wave), speed * (1.0 + swing * np.cos(rate * moving + phase))


def _spline(
    nodes: Array, first: NDArray[np.int64], legs: NDArray[np.int64], u: Array
) -> tuple[Array, Array]:
    """Evaluate uniform Catmull–Rom splines: position, and derivative by ``u``, ``(n, 3)``."""
    leg = np.clip(u.astype(np.int64), 0, legs - 1)
    t = np.clip(u - leg, 0.0, 1.0)[:, None]
    a, b, c, d = (nodes[first + leg + i] for i in range(4))
    k1, k2, k3 = c - a, 2.0 * a - 5.0 * b + 4.0 * c - d, 3.0 * (b - c) + d - a
    return (
        b + 0.5 * t * (k1 + t * (k2 + t * k3)),
        0.5 * (k1 + t * (2.0 * k2 + 3.0 * t * k3)),
    )


def _movers(
    scenario: Scenario, route: Route, path: Array, step: float, rng: np.random.Generator
) -> list[dict[str, object]]:
    legs = len(path) - 3
    length = legs * step
    lat, lon, _ = geodesy.geodetic_from_ecef(path[1])
    enu = geodesy.enu_rotation(lat, lon)
    ahead = enu[:2] @ (path[2] - path[1])
    across = np.array([ahead[1], -ahead[0], 0.0]) / max(float(np.hypot(*ahead)), 1e-9) @ enu
    rows = []
    for departure in range(route.departures):
        speed = route.speed * (1.0 + 0.1 * route.variation * rng.standard_normal())
        travel = length / speed
        # A whole number of swings fits a lap, so that every lap ends at the end of the path.
        rate = 2.0 * math.pi * max(1, round(travel / SWING)) / travel
        phase = rng.uniform(0.0, 2.0 * math.pi)
        gait = _Gait(speed=speed, swing=route.variation, rate=rate, phase=phase)
        rest_at = [_when(_distance(path, w, route, step), gait, travel) for w, _ in route.pauses]
        for member in range(route.count):
            delay = departure * route.every + member * route.spacing / speed
            side = (member % 2 * 2 - 1) * 0.5 * route.spacing * rng.uniform(0.2, 1.0)
            alone = route.count == 1
            rows.append({
                "name": route.name
                + (f" · {departure + 1}" if route.departures > 1 else "")
                + ("" if alone else f" #{member + 1}"),
                "target": int(route.kind.target),
                "model": route.kind.model, "rcs": route.rcs,
                "transponder": route.kind.transponder,
                "legs": legs, "step": step,
                "offset": np.zeros(3) if alone else across * side,
                "start_ns": scenario.start_ns + round((route.start + delay) * 1e9),
                "speed": speed, "swing": route.variation, "rate": rate, "phase": phase,
                "repeat": _REPEAT[route.repeat],
                "lap": travel + sum(s for _, s in route.pauses),
                "rest_at": rest_at, "rest": [s for _, s in route.pauses],
            })  # fmt: skip
    return rows


def _distance(path: Array, waypoint: int, route: Route, step: float) -> float:
    """Find how far along the path a waypoint lies, at the node nearest to it [m]."""
    if waypoint == 0:
        return 0.0
    if waypoint == len(route.waypoints) - 1 and route.repeat != "loop":
        return (len(path) - 3) * step
    w = route.waypoints[waypoint]
    there = geodesy.ecef_from_geodetic(w.lat, w.lon, 0.0)
    lat, lon, _ = geodesy.geodetic_from_ecef(path[1:-1])
    flat = geodesy.ecef_from_geodetic(lat, lon, 0.0)
    return float(np.argmin(np.linalg.norm(flat - there, axis=1))) * step


def _when(distance: float, gait: "_Gait", travel: float) -> float:
    """Find the time on the move [s] at which a distance [m] is reached, by bisection."""
    low, high = 0.0, travel
    for _ in range(60):
        middle = 0.5 * (low + high)
        wave = math.sin(gait.rate * middle + gait.phase) - math.sin(gait.phase)
        if gait.speed * (middle + wave * gait.swing / gait.rate) < distance:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gait:
    speed: float
    swing: float
    rate: float
    phase: float
