"""``steppewatch plan assure``: how surely crossings are seen, tracked, looked at and met."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from steppewatch.engine.assure_files import Findings
    from steppewatch.engine.assure_plan import Problem
    from steppewatch.plan.assure.board import Answer
    from steppewatch.plan.assure.sites import Equipped

MEASURES = ("detected", "tracked", "looked", "met")
TABLE_ROWS = 12


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--sites", type=click.Path(path_type=Path), metavar="DIR",
    help="Folder that `plan sites` wrote: its chosen sites stand, too.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder for tables and pictures.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option(
    "--step", type=click.FloatRange(50.0, 50_000.0), default=1_000.0, show_default=True,
    help="Distance between posts along the border, m.",
)  # fmt: skip
@click.option(
    "--by", "measure", type=click.Choice(MEASURES), default="tracked", show_default=True,
    help="By what stretches are ranked.",
)  # fmt: skip
@click.option(
    "--below", type=click.FloatRange(0.0, 1.0), default=0.5, show_default=True,
    help="A post falls short below this.",
)  # fmt: skip
@click.option(
    "--options", "most", type=click.IntRange(0), default=40, show_default=True,
    help="Try at most so many further sites for the next money.",
)  # fmt: skip
@click.option("--sensitivity/--no-sensitivity", default=True, help="Move each parameter.")
@click.option("--rows", type=int, default=TABLE_ROWS, show_default=True, help="Lines printed.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def assure(
    plan: Path,
    sites: Path | None,
    out: Path | None,
    dem: Path | None,
    step: float,
    measure: str,
    below: float,
    most: int,
    sensitivity: bool,
    rows: int,
    as_json: bool,
) -> None:
    """Say how surely a crossing is detected, tracked, looked at and met, and what limits that.

    The sites that stand in PLAN.toml count, and with --sites the chosen ones of a folder.

    Example: steppewatch plan assure PLAN.toml --sites sited --out assured
    """
    from steppewatch.engine.assure_files import Findings, summary, write_files
    from steppewatch.engine.assure_plan import load_problem
    from steppewatch.plan.assure.sensitivity import tornado
    from steppewatch.plan.assure.stretches import worst_stretches
    from steppewatch.plan.assure.worth import worth

    problem = load_problem(plan, sites, dem=dem, every=step)
    board = problem.board
    answer = board.answer(problem.sites, teller("sensors"))
    options = _options(problem)
    more = worth(board, answer, options[:most], teller("options"))
    base: dict[str, float] = {}
    swings: tuple[Any, ...] = ()
    if sensitivity:
        base, swings = tornado(board, answer, teller("parameters"))
    found = Findings(
        problem=problem,
        answer=answer,
        measure=measure,
        stretches=worst_stretches(answer.each, board.paths, board.case, measure, below),
        options=tuple(more),
        base=base,
        swings=swings,
        warnings=_warnings(problem, answer, len(options), most),
    )
    written: tuple[Path, ...] = ()
    if out is not None:
        from steppewatch.engine.assure_picture import draw_border, draw_tornado

        written = write_files(found, out)
        written = (*written, draw_border(found, out / "assurance.png"))
        if swings:
            written = (*written, draw_tornado(found, out / "tornado.png"))
        if (out / "plan.json").exists():
            from steppewatch.engine.plan_report import write_report

            written = (*written, *write_report(out))
    if as_json:
        print(json.dumps(summary(found), ensure_ascii=False))
        return
    _print(found, rows)
    for path in written:
        print(f"wrote {path}")


def teller(what: str) -> "Callable[[int, int], None]":
    """Tell on a terminal how far it is; a log or a pipe is spared."""
    import sys
    import time

    begin = time.monotonic()

    def tell(done: int, of: int) -> None:
        if sys.stderr.isatty():
            left = (time.monotonic() - begin) / done * (of - done)
            end = "\n" if done == of else ""
            sys.stderr.write(f"\r{what} {done}/{of}, {left:.0f} s left  {end}")
            sys.stderr.flush()

    return tell


def _options(problem: "Problem") -> "list[Equipped]":
    """Collect what could be bought next: free sites of the plan, alternatives of the folder."""
    import math

    from steppewatch.plan.assure.worth import given_options, option

    taken = {site.id for site in problem.sites}
    out = given_options(problem.board, taken)
    seen = {(one.id, one.package.id) for one in out}
    if problem.plan is not None:
        for site in problem.plan.sites:
            for one in site.alternatives:
                key = (one.id, one.package)
                placed = math.isfinite(one.lat) and math.isfinite(one.lon)
                if one.id not in taken and key not in seen and placed:
                    seen.add(key)
                    out.append(option(problem.board, one.id, one.package, one.lat, one.lon))
    return out


def _warnings(problem: "Problem", answer: "Answer", options: int, most: int) -> tuple[str, ...]:
    from steppewatch.plan.assure.board import MOST_LEAD
    from steppewatch.sense.coverage.provenance import SYNTHETIC
    from steppewatch.sense.eoir import SIGNATURES

    out = [SYNTHETIC] if problem.terrain.describe().synthetic else []
    case, paths = problem.board.case, problem.board.paths[0]
    for chance in answer.chances[0]:
        out += list(chance.seen.warnings)
    unlinked = sorted(
        {s.site for s, yes in zip(answer.standings, answer.linked, strict=True) if not yes}
    )
    if unlinked:
        out.append(f"no link to a gateway, so not counted: {', '.join(unlinked)}")
    for kind in case.classes:
        if kind.speed * case.track_time > -float(paths.offset[0]) + 1.0:
            out.append(
                f"a {kind.target} of {kind.speed:g} m/s is more than {MOST_LEAD / 1e3:g} km away "
                f"{case.track_time / 60:g} min before the line: taken as never tracked in time"
            )
        if kind.target not in SIGNATURES:
            out.append(f"no camera signature of a {kind.target}: cameras and drones see none of it")
    if options > most:
        out.append(f"{options - most} further sites were not tried: raise --options")
    return tuple(dict.fromkeys(out))


def _print(found: "Findings", rows: int) -> None:
    from steppewatch.engine.assure_files import stretch_rows, summary

    told = summary(found)
    print(
        f"{told['title']}: {told['border_km']:,.0f} km of border, {told['posts']:,} posts, "
        f"{told['sites']} sites, {len(told['sensors'])} sensors\nterrain: {told['terrain']}\n"
        f"probabilities, mean over border, hours and weathers; tracked {told['track_minutes']:g} "
        f"min before the line (model: {told['model']})"
    )
    print(f"{'':<18}{'detected':>10}{'tracked':>10}{'class told':>12}{'met':>8}")
    for row in (*told["classes"], {"class": "all", **told["mean"]}):
        print(
            f"{row['class']:<18}{row['detected']:>10.3f}{row['tracked']:>10.3f}"
            f"{row['looked']:>12.3f}{row['met']:>8.3f}"
        )
    stretches = stretch_rows(found)
    print(f"\nworst stretches by what is not {found.measure}:")
    for row in stretches[:rows]:
        print(
            f"{row['rank']:>3} {row['border']} km {row['from_km']:.0f}-{row['to_km']:.0f} "
            f"({row['direction']}): {found.measure} {row[found.measure]:.2f}, limited by: "
            f"{row[found.measure + '_limit']} [{row['class']}, {row['condition']}]"
        )
        others = "; ".join(f"{m}: {row[m + '_limit']}" for m in MEASURES if m != found.measure)
        print(f"      {others}")
    if len(stretches) > rows:
        print(f"    … and {len(stretches) - rows} more")
    _print_options(found, rows)
    _print_swings(found, rows)
    for warning in found.warnings:
        print(f"warning: {warning}")


def _print_options(found: "Findings", rows: int) -> None:
    from steppewatch.plan.assure.worth import ranked_by

    if not found.options:
        return
    key, currency = ranked_by(found.options), found.problem.wanted.currency
    print(f"\nwhat the next money buys best, by {key} for 1 M {currency}:")
    for number, one in enumerate(found.options[:rows], 1):
        gains = ", ".join(f"{m} {one.gain[m]:+.4f}" for m in MEASURES)
        print(
            f"{number:>3} {one.package} on {one.site}: {1e2 * one.per_million(key):+.3f} points "
            f"for 1 M ({one.price / 1e6:.2f} M: {gains})" + ("" if one.linked else ", no link")
        )


def _print_swings(found: "Findings", rows: int) -> None:
    if not found.swings:
        return
    print("\nwhat the answer hangs on (change of the mean, low … high):")
    print(f"{'':<40}{'detected':>18}{'tracked':>18}{'class told':>18}{'met':>18}")
    for one in found.swings[:rows]:
        cells = "".join(
            f"{one.means[0][m] - found.base[m]:>+9.4f}{one.means[1][m] - found.base[m]:>+9.4f}"
            for m in MEASURES
        )
        print(f"{one.name + ' ' + one.low + ' … ' + one.high:<40}{cells}")
