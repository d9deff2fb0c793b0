"""Plans tried one after the other: what a plan assures, when only a site or two have changed.

What a sensor does on its place is kept; a moved site costs the chances of its own sensors and the
posts that they concern, before and after.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.plan.assure.assurance import (
    MEASURES,
    Assurance,
    Case,
    SensorChance,
    assurance,
    sensor_chance,
)
from steppewatch.plan.assure.linked import Network
from steppewatch.plan.assure.paths import Paths, paths_of
from steppewatch.plan.assure.rules import TrackRules
from steppewatch.plan.assure.sensor import Standing, seen_by
from steppewatch.plan.assure.sites import Equipped, standings_of
from steppewatch.plan.rehearse.stage import season_of
from steppewatch.sense.coverage.dark import Section, border_posts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from steppewatch.plan.wanted import Wanted
    from steppewatch.sense.eoir import CameraDesign
    from steppewatch.sense.radar.design import RadarDesign
    from steppewatch.world.border import Border
    from steppewatch.world.geodesy import Array
    from steppewatch.world.terrain import Terrain

MOST_POINTS = 400  # of a way: longer ones are walked in longer steps
STEP = 250.0  # [m]
MOST_LEAD = 190_000.0  # [m]
KEPT = 512  # sensors on their places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Hold what a plan assures.

    Attributes:
        sites: What stands where.
        standings: Their sensors; ``Assurance.culprit`` counts them.
        linked: Whether each sensor's site reaches a gateway.
        each: One for each direction of :attr:`Board.paths`.
        chances: What each sensor does, for each direction.
    """

    sites: tuple[Equipped, ...]
    standings: tuple[Standing, ...]
    linked: tuple[bool, ...]
    each: tuple[Assurance, ...]
    chances: tuple[tuple[SensorChance, ...], ...]


class Board:
    """Answer what plans assure, keeping what does not change.

    Args:
        wanted: The plan file: border, classes, conditions, drones, patrols, links.
        border: The line.
        terrain: Ground heights.
        designs: Radars and cameras by name, from ``designs_of``.
        gateways: ``(g, 2)`` places of the network [rad].
        every: Distance between posts [m].
        rules: When the tracker has a track.
        cameras: Further cameras of drones, by name.
    """

    def __init__(
        self,
        wanted: Wanted,
        border: Border,
        terrain: Terrain,
        designs: Mapping[str, RadarDesign | CameraDesign],
        *,
        gateways: Array | None = None,
        every: float = 1_000.0,
        rules: TrackRules | None = None,
        cameras: Mapping[str, CameraDesign] | None = None,
    ) -> None:
        self.wanted, self.terrain, self.designs = wanted, terrain, designs
        self.border = border
        self.case = Case(
            classes=wanted.classes,
            conditions=wanted.conditions,
            track_time=wanted.assure.track_time,
            rules=TrackRules() if rules is None else rules,
            drones=wanted.drones,
            patrols=wanted.patrols,
            cameras={} if cameras is None else cameras,
        )
        self.season = season_of(wanted.start_ns)
        self.paths = _ways(wanted, border, every)
        self._network = Network(terrain, wanted, gateways)
        self._kept: OrderedDict[Standing, tuple[SensorChance, ...]] = OrderedDict()
        self._last: Answer | None = None

    def answer(
        self,
        sites: Sequence[Equipped],
        tell: Callable[[int, int], None] | None = None,
        *,
        base: Answer | None = None,
    ) -> Answer:
        """Say what sites with their packages assure.

        Args:
            sites: What stands where.
            tell: Is told how many sensors are done, of how many.
            base: An answer of this board that differs little; the last one when None.

        Raises:
            PlanError: Terrain is unknown under a site.
        """
        last = self._last if base is None else base
        standings = standings_of(sites, self.designs)
        joined = dict(zip((s.id for s in sites), self._network.linked(sites), strict=True))
        linked = tuple(joined[one.site] for one in standings)
        chances = []
        for number, one in enumerate(standings, 1):
            chances.append(self.chance(one))
            if tell is not None:
                tell(number, len(standings))
        by_way = tuple(tuple(c[d] for c in chances) for d in range(len(self.paths)))
        each = tuple(
            self._assure(d, paths, by_way[d], linked, last) for d, paths in enumerate(self.paths)
        )
        found = Answer(
            sites=tuple(sites), standings=standings, linked=linked, each=each, chances=by_way
        )
        self._last = found
        return found

    def chance(self, one: Standing) -> tuple[SensorChance, ...]:
        """Give what a sensor does on its place, for each direction; kept."""
        if one not in self._kept:
            self._kept[one] = tuple(
                sensor_chance(
                    seen_by(self.terrain, one, paths, k=self.wanted.k, season=self.season),
                    paths,
                    self.case,
                )
                for paths in self.paths
            )
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(one)
        return self._kept[one]

    def mean(self, found: Answer) -> dict[str, float]:
        """Give the mean of each measure over border, classes, conditions and directions."""
        return {
            measure: sum(
                one.mean(paths, self.case, measure)
                for one, paths in zip(found.each, self.paths, strict=True)
            )
            / len(self.paths)
            for measure in MEASURES
        }

    def _assure(
        self,
        direction: int,
        paths: Paths,
        chances: tuple[SensorChance, ...],
        linked: tuple[bool, ...],
        last: Answer | None,
    ) -> Assurance:
        if last is None:
            return assurance(paths, chances, self.case, linked)
        touched = np.zeros(len(paths), bool)
        for i, one in enumerate(chances):
            old = last.chances[direction][i] if i < len(last.standings) else None
            if old is one and last.linked[i] == linked[i]:
                continue
            touched[one.rows] = True
            if old is not None:
                touched[old.rows] = True
        for old in last.chances[direction][len(chances) :]:
            touched[old.rows] = True
        return assurance(
            paths,
            chances,
            self.case,
            linked,
            rows=np.flatnonzero(touched),
            before=last.each[direction],
        )


def _ways(wanted: Wanted, border: Border, every: float) -> tuple[Paths, ...]:
    """Lay the ways of a plan, long enough for every class to be tracked in time."""
    sections = [Section(neighbour=p.neighbour, start=p.start, end=p.end) for p in wanted.parts]
    posts = border_posts(border, every, sections)
    weight = np.ones(len(posts.ends))
    if wanted.parts:
        counts = [len(np.arange(part.start, part.end, every)) for part in posts.sections]
        weight = np.repeat([part.weight for part in wanted.parts], counts)
    fastest = max(one.speed for one in wanted.classes)
    lead = min(max(wanted.assure.lead, 1.2 * fastest * wanted.assure.track_time), MOST_LEAD)
    depth = min(wanted.inside, MOST_LEAD)
    step = max(STEP, (lead + depth) / MOST_POINTS)
    ways = {"in": (True,), "out": (False,), "both": (True, False)}[wanted.assure.direction]
    return tuple(
        paths_of(
            border, posts, lead=max(lead, step), depth=depth, step=step, inward=way, weight=weight
        )
        for way in ways
    )
