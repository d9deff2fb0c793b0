"""``plan sites`` on terrain: from a plan file to sites, proof, report and map layers."""

import json
import math
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steppewatch.errors import EngineError

if TYPE_CHECKING:
    from steppewatch.plan.assemble import Table
    from steppewatch.plan.siting.instance import Siting
    from steppewatch.plan.wanted import Wanted

CURVE = (0.1, 0.2, 0.35, 0.5, 0.75, 1.25)  # of the budget
CURVE_SECONDS = 60.0


def choose_on_terrain(
    plan: Path,
    out: Path | None,
    *,
    as_json: bool,
    seconds: float,
    gap: float,
    dem: Path | None,
    workers: int | None,
    dask: str | None,
    curve: bool,
    next_budget: float | None,
) -> None:
    """Choose the sites of a plan file; write the plan, its proof, the report and the layers."""
    from steppewatch.cli.plan_sites import sentence, solved
    from steppewatch.engine.border_file import load_border
    from steppewatch.engine.terrain_window import chosen_terrain
    from steppewatch.plan.outcome import cells_of, outcome
    from steppewatch.plan.siting.study import board_of, parts_of
    from steppewatch.plan.wanted import load_wanted
    from steppewatch.sense.coverage.provenance import SYNTHETIC

    border = load_border()
    wanted = load_wanted(_read(plan), str(plan), border)
    terrain = chosen_terrain(dem)
    begun = _cpu()
    siting, table = _assembled(wanted, plan, terrain, border, dem, workers, dask, quiet=as_json)
    ready = _cpu()
    found = solved(
        siting,
        seconds=seconds,
        gap=gap,
        quiet=as_json,
        packages=[package.id for package in wanted.packages],
    )
    spent = _cpu() - ready
    board = board_of(siting, found.chosen)
    info = terrain.describe()
    plan_data = outcome(
        wanted,
        border,
        siting,
        table,
        found,
        board=board,
        parts=parts_of(board),
        points=_curve(siting, found) if curve else [],
        cpu_s=spent,
        about={
            "terrain": info.label,
            "synthetic": info.synthetic,
            "warnings": [SYNTHETIC] if info.synthetic else [],
            "terrain_cpu_s": round(ready - begun, 3),
        },
    )
    if next_budget is not None:
        plan_data["stages"] = _stages(siting, table, found, next_budget, seconds, gap)
    if out is not None:
        _write(out, siting, found, plan_data, cells_of(wanted, siting, table, board))
    short = {key: plan_data[key] for key in plan_data if key not in {"curve", "sections"}}
    short |= {"options": siting.options, "demands": siting.demands, "chosen": plan_data["sites"]}
    print(json.dumps(plan_data, indent=2) if as_json else _told(sentence(short), plan_data))
    if out is not None and not as_json:
        print(f"wrote {out}: report.html, report.pdf, plan.gpkg, sites.geojson, plan.json, proof")


def _assembled(
    wanted: "Wanted",
    plan: Path,
    terrain: Any,
    border: Any,
    dem: Path | None,
    workers: int | None,
    dask: str | None,
    *,
    quiet: bool,
) -> tuple["Siting", "Table"]:
    from steppewatch.engine.home import home
    from steppewatch.engine.vector_files import read_features
    from steppewatch.engine.visibility_farm import in_processes, visibility
    from steppewatch.engine.visibility_work import FileSource
    from steppewatch.plan.assemble import assemble, named_files
    from steppewatch.plan.siting.arrays import settled

    if dask is None:
        run = in_processes(workers)
    else:
        from steppewatch.engine.visibility_dask import on_dask

        run = on_dask(dask)

    def see(points: Any, masts: Any, k: float) -> Any:
        return visibility(
            FileSource(path=dem),
            points,
            masts,
            k,
            store=home() / "visibility",
            run=run,
            progress=None if quiet else _progress,
        )

    files = {name: read_features(plan.parent / name) for name in named_files(wanted)}
    siting, table = assemble(
        wanted,
        terrain,
        border,
        see=see,
        read=lambda name: _read(plan.parent / name),
        files=files,
    )
    most = float(siting.costs.sum())
    if not math.isfinite(siting.budget) or siting.budget > most:
        siting = replace(siting, budget=max(most, 1.0))
    return settled(siting), table


def _progress(done: int, everything: int, left: float) -> None:
    rest = "" if math.isnan(left) else f", about {left:.0f} s left"
    end = "\n" if done == everything else "\r"
    print(f"visibility: {done:,} of {everything:,} places{rest}   ", end=end, file=sys.stderr)


def _curve(siting: "Siting", found: Any) -> list[Any]:
    """Trade coverage against budget, the plan's own point among the others."""
    from steppewatch.plan.siting.study import Point, curve

    begin = time.process_time()
    points = curve(
        siting,
        found.tree.prices[0],
        [share * siting.budget for share in CURVE],
        until=lambda: time.process_time() - begin > CURVE_SECONDS,
    )
    own = Point(
        budget=siting.budget, value=found.value, bound=found.bound, options=len(found.chosen)
    )
    return sorted([*points, own], key=lambda point: point.budget)


def _stages(
    siting: "Siting", table: "Table", found: Any, more: float, seconds: float, gap: float
) -> dict[str, Any]:
    """Compare buying for this year alone with buying for two."""
    from steppewatch.plan.siting.solve import solve
    from steppewatch.plan.siting.stages import stages

    def again(asked: "Siting") -> Any:
        return solve(asked, seconds=seconds, gap=gap, clock=time.process_time)

    both, total = stages(siting, found, more, again), float(siting.weights.sum())
    names = [table.sites.ids[s] for s in siting.site]
    return {
        "next_budget": more,
        "bound_now": both.bound_now / total,
        "bound_later": both.bound_later / total,
        "at_once": {"now": both.at_once_now / total, "later": both.at_once_later / total},
        "ahead": {
            "now": both.ahead_now / total,
            "later": both.ahead_later / total,
            "buy_first": [names[i] for i in both.ahead],
        },
    }


def _write(out: Path, siting: "Siting", found: Any, plan: dict[str, Any], cells: Any) -> None:
    from steppewatch.engine.plan_layers import write_layers
    from steppewatch.engine.plan_report import write_report
    from steppewatch.engine.siting_files import PLAN, write_proof
    from steppewatch.engine.whole_file import make_folder, whole_file, write_npz

    make_folder(out)
    write_proof(out, siting, found.chosen, found.tree)
    write_npz(out / "cells.npz", **cells)
    with whole_file(out / PLAN) as stream:
        stream.write((json.dumps(plan, indent=1, ensure_ascii=False) + "\n").encode())
    write_layers(out)
    write_report(out)


def _told(head: str, plan: dict[str, Any]) -> str:
    lines = [head]
    lines += [f"  {package['bought']:>4} × {package['id']}" for package in plan["packages"]]
    for site in plan["sites"][:10]:
        line = f"  {site['rank']:>3}. {site['id']} {site['package']}: adds {site['adds']:.2%}"
        if site["alternatives"]:
            other = site["alternatives"][0]
            line += f"; if refused, {other['id']} {other['package']} (loses {other['loses']:.2%})"
        lines.append(line)
    if len(plan["sites"]) > 10:
        lines.append(f"       … and {len(plan['sites']) - 10} more")
    if "stages" in plan:
        both = plan["stages"]
        lines += [
            f"with {both['next_budget']:,.6g} more next year:",
            (
                f"  buying for this year alone: {both['at_once']['now']:.2%} now, "
                f"{both['at_once']['later']:.2%} then"
            ),
            (
                f"  buying for both years:      {both['ahead']['now']:.2%} now, "
                f"{both['ahead']['later']:.2%} then (no way more than {both['bound_later']:.2%})"
            ),
        ]
    lines.append(f"terrain: {plan['terrain']}")
    lines += [f"warning: {warning}" for warning in plan["warnings"]]
    return "\n".join(lines)


def _cpu() -> float:
    """Give the CPU time of this process and of its workers [s]."""
    own, workers = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): give a plan file (docs/siting.md), a covering "
            "problem (.npz) or a sensor's .toml file"
        ) from error
