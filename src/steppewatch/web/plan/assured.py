"""What a changed plan assures along the border, where the plan's file says how it is asked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.assure_plan import Problem
from steppewatch.engine.plan_report_belt import Belt
from steppewatch.errors import PlanError, WebError
from steppewatch.plan.assure import MEASURES, weights
from steppewatch.plan.assure.board import Answer, Board
from steppewatch.plan.assure.sites import Equipped, standings_of
from steppewatch.web.plan.ask import Placed

CODES, NOTHING = 250, 255  # as of seen shares


class Assured:
    """Hold a plan's board; for one thread only.

    Args:
        problem: The plan file on its board.
        belt: Pieces of border that the screen shows.
    """

    def __init__(self, problem: Problem, belt: Belt) -> None:
        self._board: Board = problem.board
        self._packages = {one.id: one for one in problem.wanted.packages}
        self._gateways = {one.id for one in problem.wanted.sites if one.gateway}
        self._belt = belt
        first = np.array([line.first for line in belt.lines])
        count = np.array([line.count for line in belt.lines])
        self._spans = []
        for paths in self._board.paths:
            last = count[paths.neighbour]
            start = np.minimum((paths.along / belt.step).astype(np.int64), last - 1)
            end = np.ceil((paths.along + paths.length) / belt.step - 1e-6).astype(np.int64)
            size = np.clip(end, start + 1, last) - start
            # A post stands for the pieces up to the next one.
            post = np.repeat(np.arange(size.size), size)
            within = np.arange(post.size) - np.repeat(np.cumsum(size) - size, size)
            self._spans.append((post, (first[paths.neighbour] + start)[post] + within))

    def survey(self, site: Placed) -> None:
        """Work out beforehand what the sensors of a site do."""
        for one in standings_of([self._equip(site)], self._board.designs):
            self._board.chance(one)

    def of(self, sites: Sequence[Placed]) -> dict[str, Any]:
        """Say what sites assure: ``assurance`` of ``plan-state/1``.

        Raises:
            WebError: Terrain is unknown under a site.
        """
        equipped = [self._equip(one) for one in sites]
        try:
            answer = self._board.answer(equipped)
        except PlanError as error:
            raise WebError(str(error)) from error
        joined = dict.fromkeys((one.site for one in answer.standings), True)
        for one, linked in zip(answer.standings, answer.linked, strict=True):
            joined[one.site] = joined[one.site] and linked
        return {
            "means": self._board.mean(answer),
            "pieces": self._along(answer),
            "unlinked": [name for name, linked in joined.items() if not linked],
        }

    def _along(self, answer: Answer) -> NDArray[np.uint8]:
        """Give each measure's mean over classes, conditions and directions ``(pieces, 4)``."""
        whole = np.zeros(self._belt.pieces)
        part = np.zeros((self._belt.pieces, len(MEASURES)))
        for one, paths, (post, piece) in zip(
            answer.each, self._board.paths, self._spans, strict=True
        ):
            weight = weights(paths, self._board.case)
            whole += np.bincount(piece, weight.sum(axis=(1, 2))[post], self._belt.pieces)
            for i, measure in enumerate(MEASURES):
                here = (one.of(measure) * weight).sum(axis=(1, 2))
                part[:, i] += np.bincount(piece, here[post], self._belt.pieces)
        share = np.divide(part, whole[:, None], out=np.zeros(part.shape), where=whole[:, None] > 0)
        codes = np.rint(np.clip(np.nan_to_num(share), 0.0, 1.0) * CODES).astype(np.uint8)
        return np.where(whole[:, None] > 0.0, codes, np.uint8(NOTHING))

    def _equip(self, one: Placed) -> Equipped:
        package = self._packages[one.package]
        return Equipped(
            id=one.id, lat=one.lat, lon=one.lon, package=package,
            gateway=one.id in self._gateways, price=package.price,
        )  # fmt: skip
