"""Crossings drawn for a rehearsal of a plan: who goes where, in waves that do not meet.

Posts are drawn by their weight among those that some radar reaches (elsewhere nothing can be seen,
in the model as in the rehearsal). Crossings of one wave pass the line at one moment and keep so
far apart all the time that the tracker cannot confuse them; a crossing that would come too near
goes into the next wave. So many are played at once, and each as if it were alone.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.rehearse.kinds import Kind
from steppewatch.plan.rehearse.scenario import (
    Home,
    Route,
    Scenario,
    SensorPlan,
    SitePlan,
    Waypoint,
)
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.world.geodesy import ecef_from_geodetic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.plan.assure.assurance import Assurance, SensorChance
    from steppewatch.plan.assure.board import Answer, Board
    from steppewatch.plan.assure.paths import Paths

APART = 5_000.0  # [m] between crossings of a wave, and as far as they go in APART_TIME besides
APART_TIME = 60.0  # [s]
SETTLE = 60.0  # [s] before the first crossing begins: radars turn, the tracker learns its clutter
PHASE = 20.0  # [s] over which the moment of the line is drawn, so that scans stand anywhere in it
SEEABLE = 1e-4  # chance in the open from which on a crossing is played
SPARE = 2  # points of the way before that
BEHIND = 5.0  # [s] behind the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Hold one drawn crossing.

    Attributes:
        way: Index into ``Board.paths``: its direction.
        post: Row of the way.
        target: Index into the plan's classes.
        begin: First point of the way that is played; −1 where no radar could see it before the
            line, and nothing is played.
    """

    way: int
    post: int
    target: int
    begin: int


def draw(board: Board, found: Answer, number: int, seed: int) -> tuple[Crossing, ...]:
    """Draw crossings: classes in turn, posts by weight among those that a linked radar reaches.

    Args:
        board: The plan's board.
        found: What the plan assures.
        number: How many.
        seed: Of the draw.

    Raises:
        PlanError: No linked radar reaches the border.
    """
    rng = np.random.default_rng((seed, 7))
    radars = [
        [c for c, yes in zip(chances, found.linked, strict=True) if yes and c.radar]
        for chances in found.chances
    ]
    out = []
    for n in range(number):
        way = n % len(board.paths)
        paths = board.paths[way]
        reached = np.zeros(len(paths), bool)
        for one in radars[way]:
            reached[one.rows] = True
        share = paths.length * paths.weight * reached
        if not share.sum() > 0.0:
            raise PlanError(
                "no radar that is linked reaches the border: there is nothing to rehearse; add a "
                "radar to the plan, or a link to its site"
            )
        target = (n // len(board.paths)) % len(board.case.classes)
        post = int(rng.choice(len(paths), p=share / share.sum()))
        begin = _begin(paths, [c for c in radars[way] if post in c.rows], post, target)
        out.append(Crossing(way=way, post=post, target=target, begin=begin))
    return tuple(out)


def _begin(paths: Paths, radars: Sequence[SensorChance], post: int, target: int) -> int:
    """Find where the first radar could see a crossing, were the ground flat."""
    line = int(np.searchsorted(paths.offset, 0.0))
    first = line + 1
    for one in radars:
        row = int(np.searchsorted(one.rows, post))
        for (c, _), chance in one.radar.items():
            if c == target:
                some = np.flatnonzero(
                    np.maximum(chance.clear[row, : line + 1], chance.moving[row, : line + 1])
                    > SEEABLE
                )
                first = min(first, int(some[0]) if len(some) else first)
    return -1 if first > line else max(0, first - SPARE)


def waves(board: Board, crossings: Sequence[Crossing]) -> tuple[tuple[int, ...], ...]:
    """Put crossings into waves in which none comes near another, class by class.

    Returns:
        Indices of the crossings of each wave; those that are not played are in none.
    """
    out: list[tuple[int, ...]] = []
    for target, kind in enumerate(board.case.classes):
        apart = APART + APART_TIME * kind.speed
        parts: list[list[int]] = []
        for i, one in enumerate(crossings):
            if one.target != target or one.begin < 0:
                continue
            for part in parts:
                if all(_distance(board, one, crossings[j]) >= apart for j in part):
                    part.append(i)
                    break
            else:
                parts.append([i])
        out += [tuple(part) for part in parts]
    return tuple(out)


def _distance(board: Board, a: Crossing, b: Crossing) -> float:
    """Give how near two crossings come that pass the line at one moment [m]."""
    begin = max(a.begin, b.begin)
    points = []
    for one in (a, b):
        paths = board.paths[one.way]
        cut = slice(begin, int(np.searchsorted(paths.offset, 0.0)) + 1)
        points.append(ecef_from_geodetic(paths.lat[one.post, cut], paths.lon[one.post, cut], 0.0))
    return float(np.linalg.norm(points[0] - points[1], axis=-1).min())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Hold what is played at once.

    Attributes:
        scenario: Sites, radars and one route for each crossing, in the order of ``members``.
        members: Indices of the crossings.
        line_ns: When they all pass the line [ns UTC].
    """

    scenario: Scenario
    members: tuple[int, ...]
    line_ns: int


def wave_of(
    board: Board,
    found: Answer,
    crossings: Sequence[Crossing],
    members: tuple[int, ...],
    number: int,
    seed: int,
) -> Wave:
    """Make the scenario of one wave.

    Args:
        board: The plan's board.
        found: Sites and sensors; only linked radars are played.
        crossings: All that were drawn.
        members: Which of them.
        number: Of the wave; scans and luck differ from wave to wave.
        seed: Of the whole.
    """
    rng = np.random.default_rng((seed, 11, number))
    longest = 0.0
    for i in members:
        one = crossings[i]
        longest = max(
            longest,
            -float(board.paths[one.way].offset[one.begin]) / board.case.classes[one.target].speed,
        )
    at_line = SETTLE + longest + float(rng.uniform(0.0, PHASE))
    routes = [_route(board, crossings[i], i, at_line) for i in members]
    sites, sensors = _stations(found)
    start = board.wanted.start_ns
    scenario = Scenario(
        source=board.wanted.source,
        title=f"wave {number}",
        seed=int(rng.integers(2**31)),
        start_ns=start,
        duration=at_line + BEHIND,
        home=Home(lat=sites[0].lat, lon=sites[0].lon, zoom=8.0),
        sites=sites,
        sensors=sensors,
        routes=tuple(routes),
        traffic=(),
        outages=(),
    )
    return Wave(scenario=scenario, members=members, line_ns=start + round(at_line * 1e9))


def _route(board: Board, one: Crossing, number: int, at_line: float) -> Route:
    paths, kind = board.paths[one.way], board.case.classes[one.target]
    begin = -float(paths.offset[one.begin]) / kind.speed
    beyond = min(len(paths.offset) - 1, int(np.searchsorted(paths.offset, BEHIND * kind.speed)))
    ends = [one.begin, max(beyond, one.begin + 1)]
    return Route(
        id=f"crossing-{number}",
        name=f"crossing {number}",
        kind=Kind(
            speed=kind.speed,
            variation=0.0,
            model=kind.target,
            above_ground=kind.height,
            turn=1.0,
            step=paths.step,
        ),
        kind_name=kind.target,
        waypoints=tuple(
            Waypoint(
                lat=float(paths.lat[one.post, j]),
                lon=float(paths.lon[one.post, j]),
                above_ground=kind.height,
            )
            for j in ends
        ),
        speed=kind.speed,
        variation=0.0,
        start=at_line - begin,
        repeat="once",
        departures=1,
        every=1.0,
        count=1,
        spacing=0.0,
        pauses=(),
        rcs=math.nan,
    )


def _stations(found: Answer) -> tuple[tuple[SitePlan, ...], tuple[SensorPlan, ...]]:
    """List the linked radars and their sites as a rehearsal wants them."""
    sites: dict[str, SitePlan] = {}
    sensors = []
    for one, yes in zip(found.standings, found.linked, strict=True):
        if not yes or not isinstance(one.design, RadarDesign):
            continue
        sites[one.site] = SitePlan(
            id=one.site, name=one.site, lat=one.lat, lon=one.lon, seek_high=0.0
        )
        radar = dataclasses.replace(one.design, mast=one.mast, max_range=one.max_range)
        sensors.append(
            SensorPlan(id=one.id, name=one.id, site=one.site, model=one.design.name, radar=radar)
        )
    return tuple(sites.values()), tuple(sensors)


def expected(
    found: Sequence[Assurance], crossings: Sequence[Crossing]
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Give what the model says of exactly the drawn crossings, in its first condition.

    Args:
        found: The model's answer for each direction, of radars alone.
        crossings: What was drawn.

    Returns:
        ``detected`` and ``tracked``, ``(n,)`` each.
    """
    return {
        measure: np.array(
            [found[one.way].of(measure)[one.post, one.target, 0] for one in crossings]
        )
        for measure in ("detected", "tracked")
    }
