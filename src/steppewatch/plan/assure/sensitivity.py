"""What the answer hangs on: each parameter at a low and a high value, all others as they are."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.plan.assure.assurance import MEASURES, Case, assurance, sensor_chance, take
from steppewatch.plan.assure.sensor import seen_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from steppewatch.plan.assure.board import Answer, Board
    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.assure.sensor import Seen

MOST_POSTS = 400  # asked; more are thinned out evenly


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """Hold what one parameter moves.

    Attributes:
        name: Of the parameter, with its unit.
        low: Low value as written.
        high: High value as written.
        means: Mean of each measure at the low and at the high value.
    """

    name: str
    low: str
    high: str
    means: tuple[dict[str, float], dict[str, float]]

    def width(self, measure: str) -> float:
        """Give how far the two values lie apart for a measure."""
        return abs(self.means[1][measure] - self.means[0][measure])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """Say what to change, and what must be worked out anew for it."""

    name: str
    low: Any
    high: Any
    values: tuple[str, str]
    kind: str  # "sight", "chance", "case" or "answer"


def tornado(
    board: Board, found: Answer, tell: Callable[[int, int], None] | None = None
) -> tuple[dict[str, float], tuple[Swing, ...]]:
    """Move each parameter by itself.

    Args:
        board: The plan's board.
        found: What the plan assures.
        tell: Is told how many parameters are done, of how many.

    Returns:
        The means at the parameters' own values (over the posts that were asked), and the swings,
        widest first by the sum over all measures.
    """
    thin = [_thin(paths) for paths in board.paths]
    ways = [paths.take(rows) for paths, rows in zip(board.paths, thin, strict=True)]
    seen = [
        [take(one, rows).seen for one in chances]
        for chances, rows in zip(found.chances, thin, strict=True)
    ]
    base = _means(ways, seen, board.case, found.linked)
    changes = _changes(board, found)
    out = []
    for number, change in enumerate(changes, 1):
        means = tuple(
            _moved(board, found, ways, seen, change, value) for value in (change.low, change.high)
        )
        out.append(
            Swing(
                name=change.name,
                low=change.values[0],
                high=change.values[1],
                means=(means[0], means[1]),
            )
        )
        if tell is not None:
            tell(number, len(changes))
    out.sort(key=lambda s: -sum(s.width(m) for m in MEASURES))
    return base, tuple(out)


def _thin(paths: Paths) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    every = max(1, -(-len(paths) // MOST_POSTS))
    return np.arange(0, len(paths), every)


def _changes(board: Board, found: Answer) -> tuple[_Change, ...]:
    """List the parameters that this plan has."""
    case = board.case
    radars = any(not one.camera for one in found.standings)
    cameras = any(one.camera for one in found.standings) or bool(case.drones)
    out = []
    if radars:
        out += [
            _Change(name="radar cross section of all classes", low=-3.0, high=3.0,
                    values=("-3 dB", "+3 dB"), kind="chance"),
            _Change(name="effective earth radius factor k", low=1.2, high=1.4,
                    values=("1.2", "1.4"), kind="sight"),
            _Change(name="plots that confirm a track (M of N)", low=(4, 8), high=(2, 4),
                    values=("4 of 8", "2 of 4"), kind="rules"),
        ]  # fmt: skip
    out.append(_Change(name="speed of the crossing", low=1.4, high=0.7,
                       values=("× 1.4", "× 0.7"), kind="speed"))  # fmt: skip
    if cameras:
        out.append(_Change(name="visibility", low=0.5, high=2.0, values=("× 0.5", "× 2"),
                           kind="visibility"))  # fmt: skip
    if case.drones:
        out += [
            _Change(name="drones' reaction", low=2.0, high=0.5, values=("× 2", "× 0.5"),
                    kind="drone reaction"),
            _Change(name="drones' speed", low=0.7, high=1.4, values=("× 0.7", "× 1.4"),
                    kind="drone speed"),
            _Change(name="drones' availability", low=-0.2, high=0.2, values=("-0.2", "+0.2"),
                    kind="drone available"),
        ]  # fmt: skip
    if case.patrols:
        out += [
            _Change(name="patrols' reaction", low=2.0, high=0.5, values=("× 2", "× 0.5"),
                    kind="patrol reaction"),
            _Change(name="patrols' speed", low=0.7, high=1.4, values=("× 0.7", "× 1.4"),
                    kind="patrol speed"),
            _Change(name="patrols' availability", low=-0.1, high=0.1, values=("-0.1", "+0.1"),
                    kind="patrol available"),
        ]  # fmt: skip
    return tuple(out)


def _moved(
    board: Board,
    found: Answer,
    ways: Sequence[Paths],
    seen: Sequence[Sequence[Seen]],
    change: _Change,
    value: Any,
) -> dict[str, float]:
    case, sight, rcs = board.case, seen, 0.0
    if change.kind == "chance":
        rcs = float(value)
    elif change.kind == "sight":
        sight = [
            [seen_by(board.terrain, s, w, k=value, season=board.season) for s in found.standings]
            for w in ways
        ]
    else:
        case = _changed(case, change.kind, value)
    return _means(ways, sight, case, found.linked, rcs)


def _changed(case: Case, kind: str, value: Any) -> Case:
    """Give a case with one parameter moved."""
    if kind == "rules":
        rules = dataclasses.replace(case.rules, hits=value[0], looks=value[1])
        return dataclasses.replace(case, rules=rules)
    if kind == "speed":
        classes = tuple(dataclasses.replace(c, speed=c.speed * value) for c in case.classes)
        return dataclasses.replace(case, classes=classes)
    if kind == "visibility":
        conditions = tuple(
            dataclasses.replace(c, visibility=c.visibility * value) for c in case.conditions
        )
        return dataclasses.replace(case, conditions=conditions)
    who, what = kind.split()
    bases = case.drones if who == "drone" else case.patrols
    moved = tuple(
        dataclasses.replace(
            one,
            **{
                what: min(max(one.available + value, 0.0), 1.0)
                if what == "available"
                else getattr(one, what) * value
            },
        )
        for one in bases
    )
    changed: dict[str, Any] = {f"{who}s": moved}
    return dataclasses.replace(case, **changed)


def _means(
    ways: Sequence[Paths],
    seen: Sequence[Sequence[Seen]],
    case: Case,
    linked: Sequence[bool],
    rcs_db: float = 0.0,
) -> dict[str, float]:
    total = dict.fromkeys(MEASURES, 0.0)
    for paths, sights in zip(ways, seen, strict=True):
        chances = [sensor_chance(one, paths, case, rcs_db=rcs_db) for one in sights]
        one = assurance(paths, chances, case, linked)
        for measure in MEASURES:
            total[measure] += one.mean(paths, case, measure) / len(ways)
    return total
