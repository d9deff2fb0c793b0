"""The worst stretches of the border, ranked by what they lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.plan.assure.assurance import MEASURES, weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.plan.assure.assurance import Assurance, Case
    from steppewatch.plan.assure.paths import Paths
    from steppewatch.world.geodesy import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hold neighbouring posts that all fall short.

    Attributes:
        way: Index of the direction.
        neighbour: Index into ``Border.lines``.
        start: Metres along that line.
        end: Metres along it.
        means: Mean of each measure over posts, classes and conditions.
        loss: Weighted metres of border that are not assured.
        case: The post, class and condition that stand for it: of what most often limits it, the
            one that counts most.
    """

    way: int
    neighbour: int
    start: float
    end: float
    means: dict[str, float]
    loss: float
    case: tuple[int, int, int]


def worst_stretches(
    found: Sequence[Assurance],
    paths: Sequence[Paths],
    case: Case,
    measure: str = "tracked",
    below: float = 0.5,
) -> tuple[Stretch, ...]:
    """List stretches on which a measure's mean stays below a value, the dearest first.

    Args:
        found: The answer for each direction.
        paths: The ways of each.
        case: What was asked.
        measure: One of ``MEASURES``.
        below: Where a post falls short.
    """
    out = []
    for way, (one, ways) in enumerate(zip(found, paths, strict=True)):
        counts = weights(ways, case)
        own = counts / np.maximum(counts.sum(axis=(1, 2), keepdims=True), 1e-300)
        score = (one.of(measure) * own).sum(axis=(1, 2))
        for rows in _runs(score < below, ways):
            border = ways.length[rows] * ways.weight[rows]
            share = own[rows] * (border / max(float(border.sum()), 1e-300))[:, None, None]
            out.append(
                Stretch(
                    way=way,
                    neighbour=int(ways.neighbour[rows[0]]),
                    start=float(ways.along[rows[0]]),
                    end=float(ways.along[rows[-1]] + ways.length[rows[-1]]),
                    means={m: float((one.of(m)[rows] * share).sum()) for m in MEASURES},
                    loss=float((border * (1.0 - score[rows])).sum()),
                    case=_stands_for(one, measure, rows, share),
                )
            )
    return tuple(sorted(out, key=lambda s: (-round(s.loss, 3), s.way, s.neighbour, s.start)))


def _runs(short: NDArray[np.bool_], paths: Paths) -> list[NDArray[np.int64]]:
    """Find neighbouring posts that fall short."""
    rows = np.flatnonzero(short)
    if not len(rows):
        return []
    after = paths.along + paths.length
    apart = (
        (np.diff(rows) > 1)
        | (np.diff(paths.neighbour[rows]) != 0)
        | (np.abs(paths.along[rows[1:]] - after[rows[:-1]]) > 1.0)
    )
    return np.split(rows, np.flatnonzero(apart) + 1)


def _stands_for(
    one: Assurance, measure: str, rows: NDArray[np.int64], share: Array
) -> tuple[int, int, int]:
    """Choose the post, class and condition whose limit is the most frequent, by weight."""
    codes = one.limits[MEASURES.index(measure)][rows]
    lost = share * (1.0 - one.of(measure)[rows])
    most = int(np.argmax(np.bincount(codes.ravel(), lost.ravel())))
    best = np.where(codes == most, lost, -1.0)
    # In the middle of the stretch, among those that lose alike.
    alike = np.argwhere(best >= best.max() * (1.0 - 1e-9))
    post, c, w = alike[np.argmin(np.abs(alike[:, 0] - len(rows) // 2))]
    return int(rows[post]), int(c), int(w)
