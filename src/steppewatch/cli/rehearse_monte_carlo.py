"""``steppewatch rehearse --monte-carlo N PLAN.toml``: the model of assurance against the tracker.

Crossings are drawn, played through the simulated radars and the real tracker, and counted; the
model's probabilities for exactly these crossings must lie within the counts' bounds, or the table
says where they do not.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from steppewatch.errors import PlanError

if TYPE_CHECKING:
    from steppewatch.engine.assure_monte_carlo import Counts
    from steppewatch.engine.assure_plan import Problem
    from steppewatch.fuse import TrackerSettings
    from steppewatch.plan.assure.board import Board
    from steppewatch.plan.assure.bounds import Cell
    from steppewatch.plan.assure.sites import Equipped
    from steppewatch.plan.rehearse.crossings import Crossing

F = TypeVar("F", bound=Callable[..., Any])

ALPHA = 0.05
SURE = 0.98  # of the model; a crossing that ends otherwise is told
MOST_TOLD = 10


def monte_carlo_options(command: F) -> F:
    """Add what ``rehearse`` may be told of a plan's crossings."""
    file = click.Path(path_type=Path)
    for option in reversed(
        [
            click.option(
                "--monte-carlo", "crossings", type=click.IntRange(1, 1_000_000), metavar="N",
                help="Play N crossings of a PLAN.toml and compare with `plan assure`.",
            ),
            click.option("--sites", type=file, metavar="DIR", help="Its chosen sites."),
            click.option(
                "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the draw."
            ),
            click.option("--dem", type=file, help="Elevation file for --monte-carlo."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def monte_carlo(
    plan: Path,
    number: int,
    *,
    sites: Path | None,
    seed: int,
    dem: Path | None,
    tracker: "TrackerSettings",
    json_file: Path | None,
) -> None:
    """Play crossings of a plan and hold the model against what was counted.

    Args:
        plan: ``PLAN.toml``.
        number: How many crossings.
        sites: Folder that ``plan sites`` wrote; None for the fixed sites alone.
        seed: Of the draw, of noise and luck.
        dem: Elevation file; the node's own terrain when None.
        tracker: Settings of the tracker.
        json_file: Where the comparison goes as JSON, ``-`` for standard output.
    """
    from steppewatch.cli.plan_assure import teller
    from steppewatch.cli.text_files import write_text
    from steppewatch.engine.assure_monte_carlo import play
    from steppewatch.engine.assure_plan import load_problem
    from steppewatch.plan.rehearse.crossings import draw, expected

    problem = load_problem(plan, sites, dem=dem, tracker=tracker)
    board, radar_sites, notes = _radars_alone(problem, tracker)
    answer = board.answer(radar_sites)
    crossings = draw(board, answer, number, seed)
    model = expected(answer.each, crossings)
    counts = play(board, answer, crossings, tracker, seed, teller("waves"))
    cells = _cells(board, crossings, model, counts)
    told = {
        "format": "steppewatch-monte-carlo/1",
        "title": problem.wanted.title or problem.wanted.source,
        "seed": seed,
        "crossings": number,
        "played": sum(one.begin >= 0 for one in crossings),
        "waves": counts.waves,
        "played_s": round(counts.seconds, 1),
        "track_minutes": round(board.case.track_time / 60.0, 3),
        "alpha": ALPHA,
        "terrain": problem.terrain.describe().label,
        "inside": all(cell.inside for cell in cells),
        "cells": [_row(cell) for cell in cells],
        "against_the_model": _surprises(problem, board, crossings, model, counts),
        "notes": notes,
    }
    if json_file is not None and str(json_file) == "-":
        print(json.dumps(told, ensure_ascii=False))
        return
    _print(told)
    if json_file is not None:
        write_text(json_file, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        print(f"wrote {json_file}")


def _radars_alone(
    problem: "Problem", tracker: "TrackerSettings"
) -> "tuple[Board, tuple[Equipped, ...], list[str]]":
    """Put what a rehearsal can play on a board of its own: radars, in dry air."""
    from steppewatch.plan.assure.board import Board
    from steppewatch.plan.assure.rules import rules_from
    from steppewatch.plan.wanted import Condition
    from steppewatch.sense.eoir import CameraDesign

    designs, wanted = problem.board.designs, problem.wanted
    notes = [
        "crossings are straight and of even speed",
        "posts are drawn by weight among those that a linked radar reaches; elsewhere both say 0",
        "crossings of one wave keep 5 km and a minute's way apart, so that each is as if alone",
    ]
    sites = []
    for site in problem.sites:
        radars = tuple(
            name
            for name in site.package.sensors
            if not isinstance(designs[name], CameraDesign)
        )  # fmt: skip
        if radars != site.package.sensors:
            notes.append(f"cameras of {site.id} are not played, and not counted in the model here")
        package = dataclasses.replace(site.package, sensors=radars)
        sites.append(dataclasses.replace(site, package=package))
    if any(one.rain > 0.0 for one in wanted.conditions):
        notes.append("rain is not played: both sides are those of dry air")
    if wanted.k is not None:
        notes.append(f"k = {wanted.k:g} of the plan is not used: rays bend as each site's air does")
    dry = Condition(name="dry", share=1.0, night=False, visibility=23_000.0, rain=0.0)
    board = Board(
        dataclasses.replace(wanted, conditions=(dry,), k=None, drones=(), patrols=()),
        problem.border,
        problem.terrain,
        designs,
        gateways=problem.gateways,
        rules=rules_from(tracker),
    )
    return board, tuple(sites), notes


def _cells(
    board: "Board", crossings: "tuple[Crossing, ...]", model: dict[str, Any], counts: "Counts"
) -> "tuple[Cell, ...]":
    import numpy as np

    from steppewatch.plan.assure.bounds import compare

    target = np.array([one.target for one in crossings])
    rows = []
    for c, kind in enumerate(board.case.classes):
        mine = target == c
        for measure, found in (("detected", counts.detected), ("tracked", counts.tracked)):
            if mine.any():
                mean = float(model[measure][mine].mean())
                rows.append((kind.target, measure, int(found[mine].sum()), int(mine.sum()), mean))
    if not rows:
        raise PlanError("no crossing was drawn: ask for one or more")
    return compare(rows, ALPHA)


def _row(cell: "Cell") -> dict[str, Any]:
    return {
        "class": cell.name,
        "measure": cell.measure,
        "count": cell.count,
        "crossings": cell.number,
        "observed": round(cell.count / cell.number, 4),
        "low": round(cell.low, 4),
        "high": round(cell.high, 4),
        "model": round(cell.model, 4),
        "inside": cell.inside,
    }


def _surprises(
    problem: "Problem",
    board: "Board",
    crossings: "tuple[Crossing, ...]",
    model: dict[str, Any],
    counts: "Counts",
) -> dict[str, Any]:
    """List crossings that ended against a model that was all but sure."""
    told: list[dict[str, Any]] = []
    number = 0
    for i, one in enumerate(crossings):
        paths = board.paths[one.way]
        for measure, found in (("detected", counts.detected), ("tracked", counts.tracked)):
            chance = float(model[measure][i])
            if (found[i] and chance < 1.0 - SURE) or (not found[i] and chance > SURE):
                number += 1
                if len(told) < MOST_TOLD:
                    told.append(
                        {
                            "border": problem.border.lines[
                                int(paths.neighbour[one.post])
                            ].neighbour,
                            "km": round(float(paths.along[one.post]) / 1e3, 3),
                            "class": board.case.classes[one.target].target,
                            "measure": measure,
                            "model": round(chance, 4),
                            "happened": bool(found[i]),
                        }
                    )
    return {"number": number, "first": told}


def _print(told: dict[str, Any]) -> None:
    print(
        f"{told['title']}: {told['crossings']} crossings drawn (seed {told['seed']}), "
        f"{told['played']} played in {told['waves']} waves, {told['played_s'] / 3600:.1f} h\n"
        f"terrain: {told['terrain']}\n"
        f"tracked: under a confirmed track {told['track_minutes']:g} min before the line; bounds "
        f"hold for all rows at once with {1.0 - told['alpha']:.0%}"
    )
    print(f"{'':<18}{'':<10}{'counted':>10}{'observed':>10}{'bounds':>18}{'model':>8}")
    for row in told["cells"]:
        bounds = f"{row['low']:.3f} … {row['high']:.3f}"
        print(
            f"{row['class']:<18}{row['measure']:<10}{row['count']:>5}/{row['crossings']:<4}"
            f"{row['observed']:>10.3f}{bounds:>18}{row['model']:>8.3f}  "
            f"{'inside' if row['inside'] else 'OUTSIDE'}"
        )
    outside = [f"{r['class']} {r['measure']}" for r in told["cells"] if not r["inside"]]
    print(
        "the model lies within all bounds"
        if told["inside"]
        else f"the model lies outside the bounds of: {', '.join(outside)}"
    )
    against = told["against_the_model"]
    if against["number"]:
        print(f"{against['number']} outcomes against a model that was all but sure, among them:")
        for one in against["first"]:
            print(
                f"  {one['border']} km {one['km']:.0f}, {one['class']}, {one['measure']}: model "
                f"{one['model']:.3f}, it {'happened' if one['happened'] else 'did not happen'}"
            )
    for note in told["notes"]:
        print(f"note: {note}")
