"""The files of ``steppewatch plan assure``: posts, stretches, options and swings as rows."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.whole_file import make_folder, whole_file
from steppewatch.plan.assure.assurance import MEASURES
from steppewatch.plan.assure.limits import Limit
from steppewatch.plan.assure.words import reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from steppewatch.engine.assure_plan import Problem
    from steppewatch.plan.assure.board import Answer
    from steppewatch.plan.assure.sensitivity import Swing
    from steppewatch.plan.assure.stretches import Stretch
    from steppewatch.plan.assure.worth import Worth

FORMAT = "steppewatch-assurance/1"
DIGITS = 4
MODEL = "docs/assurance.md"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """Hold all that ``plan assure`` found.

    Attributes:
        problem: The plan.
        answer: What it assures.
        measure: By which stretches are ranked.
        stretches: The worst, dearest first.
        options: What the next money buys, best first.
        base: Means at the parameters' own values, over the posts that sensitivity asked.
        swings: Each parameter low and high, widest first.
        warnings: What a careful planner must know.
    """

    problem: Problem
    answer: Answer
    measure: str
    stretches: tuple[Stretch, ...]
    options: tuple[Worth, ...]
    base: dict[str, float]
    swings: tuple[Swing, ...]
    warnings: tuple[str, ...]


def way_name(found: Findings, way: int) -> str:
    """Name a direction: ``in`` or ``out``."""
    return "in" if found.problem.board.paths[way].inward else "out"


def why(found: Findings, stretch: Stretch, measure: str) -> str:
    """Say what limits a measure on a stretch, at the post that stands for it."""
    board, answer = found.problem.board, found.answer
    return reason(
        measure,
        stretch.case,
        answer.each[stretch.way],
        board.paths[stretch.way],
        board.case,
        answer.standings,
        found.problem.terrain,
    )


def stretch_rows(found: Findings) -> list[dict[str, Any]]:
    """Give the stretches as rows, kilometres and degrees, with what limits each measure."""
    rows = []
    for rank, one in enumerate(found.stretches, 1):
        paths, (post, c, w) = found.problem.board.paths[one.way], one.case
        rows.append(
            {
                "rank": rank,
                "direction": way_name(found, one.way),
                "border": found.problem.border.lines[one.neighbour].neighbour,
                "from_km": round(one.start / 1e3, 3),
                "to_km": round(one.end / 1e3, 3),
                "length_km": round((one.end - one.start) / 1e3, 3),
                **{m: round(one.means[m], DIGITS) for m in MEASURES},
                "lost_km": round(one.loss / 1e3, 3),
                "at_km": round(float(paths.along[post]) / 1e3, 3),
                "class": found.problem.board.case.classes[c].target,
                "condition": found.problem.board.case.conditions[w].name,
                **{f"{m}_limit": why(found, one, m) for m in MEASURES},
            }
        )
    return rows


def option_rows(found: Findings) -> list[dict[str, Any]]:
    """Give the options as rows, best first."""
    return [
        {
            "rank": rank,
            "site": one.site,
            "package": one.package,
            "lat_deg": round(math.degrees(one.lat), 6),
            "lon_deg": round(math.degrees(one.lon), 6),
            "price": one.price,
            "linked": one.linked,
            **{f"{m}_gain": round(one.gain[m], 6) for m in MEASURES},
            **{f"{m}_gain_per_million": round(one.per_million(m), 6) for m in MEASURES},
        }
        for rank, one in enumerate(found.options, 1)
    ]


def swing_rows(found: Findings) -> list[dict[str, Any]]:
    """Give the swings as rows, widest first."""
    rows = []
    for one in found.swings:
        row: dict[str, Any] = {"parameter": one.name, "low": one.low, "high": one.high}
        for m in MEASURES:
            row[f"{m}_low"], row[f"{m}_high"] = (round(v[m] - found.base[m], 6) for v in one.means)
        rows.append(row)
    return rows


def summary(found: Findings) -> dict[str, Any]:
    """Collect everything but the posts, ready for JSON."""
    wanted, board = found.problem.wanted, found.problem.board
    info = found.problem.terrain.describe()
    means = board.mean(found.answer)
    classes = [
        {
            "class": kind.target,
            "height_m": kind.height,
            "speed_ms": kind.speed,
            **{
                m: round(
                    float(
                        np.mean(
                            [
                                _of_class(found, way, c, m)
                                for way in range(len(board.paths))
                            ]
                        )
                    ),
                    DIGITS,
                )
                for m in MEASURES
            },
        }
        for c, kind in enumerate(board.case.classes)
    ]  # fmt: skip
    length = float(board.paths[0].length.sum())
    return {
        "format": FORMAT,
        "title": wanted.title or wanted.source,
        "source": wanted.source,
        "model": MODEL,
        "terrain": info.label,
        "synthetic": info.synthetic,
        "border_km": round(length / 1e3, 3),
        "posts": len(board.paths[0]),
        "directions": [way_name(found, i) for i in range(len(board.paths))],
        "track_minutes": round(board.case.track_time / 60.0, 3),
        "sites": len(found.answer.sites),
        "sensors": [
            {"id": s.id, "site": s.site, "linked": yes}
            for s, yes in zip(found.answer.standings, found.answer.linked, strict=True)
        ],
        "mean": {m: round(means[m], DIGITS) for m in MEASURES},
        "classes": classes,
        "ranked_by": found.measure,
        "stretches": stretch_rows(found),
        "options": option_rows(found),
        "sensitivity": {
            "mean": {m: round(v, DIGITS) for m, v in found.base.items()},
            "parameters": swing_rows(found),
        },
        "warnings": list(found.warnings),
    }


def _of_class(found: Findings, way: int, c: int, measure: str) -> float:
    board = found.problem.board
    paths = board.paths[way]
    border = paths.length * paths.weight
    hours = np.array([one.share for one in board.case.conditions])
    value = found.answer.each[way].of(measure)[:, c, :] @ (hours / hours.sum())
    return float((value * border).sum() / max(float(border.sum()), 1e-300))


def post_rows(found: Findings) -> list[dict[str, Any]]:
    """Give every post, class and condition as a row."""
    board, rows = found.problem.board, []
    for way, (one, paths) in enumerate(zip(found.answer.each, board.paths, strict=True)):
        for post in range(len(paths)):
            for c, kind in enumerate(board.case.classes):
                for w, condition in enumerate(board.case.conditions):
                    lead = float(one.lead[post, c, w])
                    rows.append(
                        {
                            "direction": way_name(found, way),
                            "border": found.problem.border.lines[
                                int(paths.neighbour[post])
                            ].neighbour,
                            "km": round(float(paths.along[post]) / 1e3, 3),
                            "lat_deg": round(math.degrees(float(paths.post_lat[post])), 6),
                            "lon_deg": round(math.degrees(float(paths.post_lon[post])), 6),
                            "class": kind.target,
                            "condition": condition.name,
                            **{m: round(float(one.of(m)[post, c, w]), DIGITS) for m in MEASURES},
                            "lead_min": None if math.isnan(lead) else round(lead / 60.0, 2),
                            **{
                                f"{m}_limit": Limit(int(one.limits[i, post, c, w])).name.lower()
                                for i, m in enumerate(MEASURES)
                            },
                        }
                    )
    return rows


def geojson(found: Findings) -> dict[str, Any]:
    """Draw each post's piece of border with its means, and the stretches, for QGIS."""
    board, border = found.problem.board, found.problem.border
    hours = np.array([one.share for one in board.case.conditions])
    features = []
    for way, (one, paths) in enumerate(zip(found.answer.each, board.paths, strict=True)):
        for post in range(len(paths)):
            start = float(paths.along[post])
            line = border.lines[int(paths.neighbour[post])]
            properties: dict[str, Any] = {
                "layer": "posts",
                "direction": way_name(found, way),
                "border": line.neighbour,
                "km": round(start / 1e3, 3),
            }
            for m in MEASURES:
                for c, kind in enumerate(board.case.classes):
                    value = float(one.of(m)[post, c] @ hours / hours.sum())
                    properties[f"{m} {kind.target}"] = round(value, DIGITS)
            ends = (start, min(start + float(paths.length[post]), line.length))
            features.append(_line(border.point_at(line.neighbour, np.array(ends)), properties))
    for row in stretch_rows(found):
        line = border.line(row["border"])
        along = np.linspace(row["from_km"] * 1e3, min(row["to_km"] * 1e3, line.length), 64)
        features.append(
            _line(border.point_at(line.neighbour, along), {"layer": "stretches", **row})
        )
    return {"type": "FeatureCollection", "features": features}


def _line(place: tuple[Any, Any], properties: dict[str, Any]) -> dict[str, Any]:
    lat, lon = (np.degrees(v).round(6).tolist() for v in place)
    positions = [list(pair) for pair in zip(lon, lat, strict=True)]
    geometry = {"type": "LineString", "coordinates": positions}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_files(found: Findings, out: Path) -> tuple[Path, ...]:
    """Write ``assurance.json``, the tables and ``assurance.geojson`` to a folder.

    Raises:
        EngineError: The folder cannot be written.
    """
    make_folder(out)
    written = []
    for name, rows in (
        ("posts.csv", post_rows(found)),
        ("stretches.csv", stretch_rows(found)),
        ("options.csv", option_rows(found)),
        ("tornado.csv", swing_rows(found)),
    ):
        if rows:
            written.append(_put(out / name, _csv(rows)))
    for name, value in (("assurance.json", summary(found)), ("assurance.geojson", geojson(found))):
        written.append(_put(out / name, json.dumps(value, indent=1, ensure_ascii=False) + "\n"))
    return tuple(written)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def _put(path: Path, text: str) -> Path:
    with whole_file(path) as stream:
        stream.write(text.encode())
    return path
