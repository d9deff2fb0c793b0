"""What a plan assures, for its report: ``assurance.json``, as ``plan assure`` writes it."""

import json
from dataclasses import dataclass
from pathlib import Path

from steppewatch.engine.plan_report_fields import Item, items_of
from steppewatch.engine.plan_report_read import LONGEST_FILE
from steppewatch.errors import EngineError
from steppewatch.plan.assure import MEASURES

MOST_STRETCHES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuredStretch:
    """Hold a stretch of border [m] that falls short, its measures, and what limits the first."""

    border: str
    start: float
    end: float
    measures: tuple[float, ...]
    limit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuredPlan:
    """Hold the findings that a report tells.

    Attributes:
        minutes: Tracked so long before the line.
        mean: One for each of ``MEASURES``.
        classes: Name and measures of each class.
        ranked_by: Measure by which the stretches are ranked.
        stretches: The worst first.
    """

    minutes: float
    mean: tuple[float, ...]
    classes: tuple[tuple[str, tuple[float, ...]], ...]
    ranked_by: str
    stretches: tuple[AssuredStretch, ...]


def read_assured(folder: Path) -> AssuredPlan | None:
    """Read ``assurance.json`` of a folder; None when there is none.

    Raises:
        EngineError: It is not what ``plan assure`` writes; the message names the entry.
    """
    path = folder / "assurance.json"
    if not path.exists():
        return None
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise EngineError(f"{path} is longer than {LONGEST_FILE} bytes: no findings")
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): run steppewatch plan assure again, or remove it"
        ) from error
    item = Item(str(path), "", raw)
    ranked = item.text("ranked_by", MEASURES[0])
    if ranked not in MEASURES:
        raise EngineError(f"{path}: ranked_by is {ranked!r}, expected one of {MEASURES}")
    return AssuredPlan(
        minutes=item.number("track_minutes", 10.0, 0.0),
        mean=_measures(Item(str(path), "mean", raw.get("mean"))),
        classes=tuple((one.text("class"), _measures(one)) for one in items_of(item, "classes")),
        ranked_by=ranked,
        stretches=tuple(
            AssuredStretch(
                border=one.text("border", ""),
                start=one.number("from_km", 0.0) * 1e3,
                end=one.number("to_km", 0.0) * 1e3,
                measures=_measures(one),
                limit=one.text(f"{ranked}_limit", ""),
            )
            for one in items_of(item, "stretches")[:MOST_STRETCHES]
        ),
    )


def _measures(item: Item) -> tuple[float, ...]:
    return tuple(item.share(measure, 0.0) for measure in MEASURES)
