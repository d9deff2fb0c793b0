"""``steppewatch fuse tune``: find settings on recorded data, and say how they do on other data."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.fuse_cases import TRUTHS_HELP, cases_of
from steppewatch.cli.fuse_options import reading_of, reading_options
from steppewatch.cli.fuse_settings import SET_HELP, settings_of
from steppewatch.cli.text_files import write_text

if TYPE_CHECKING:
    from steppewatch.engine.track_compare import Comparison
    from steppewatch.engine.track_tune import Tuned
    from steppewatch.fuse import TrackerSettings

USUAL = "quiet,agile,birth"


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--truth", "truths", multiple=True, type=click.Path(path_type=Path), metavar="FILE|same",
    help=TRUTHS_HELP + " Without, settings are tuned by how well they foresee the plots.",
)  # fmt: skip
@click.option(
    "--over", default=USUAL, show_default=True, metavar="NAME,…", help="Settings to search."
)
@click.option(
    "--goal", type=click.Choice(["gospa", "evidence"]),
    help="What to make best; GOSPA where there is truth.",
)  # fmt: skip
@click.option(
    "--hold-out", type=click.FloatRange(0.0, 0.9), default=0.4, show_default=True,
    help="Part of the inputs (of one input: of its time) kept for the report.",
)  # fmt: skip
@click.option(
    "--tries", type=click.IntRange(3), default=60, show_default=True, help="Settings played."
)
@click.option("--evolve", is_flag=True, help="Look everywhere (differential evolution); slow.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of --evolve.")
@click.option("--settings", type=click.Path(path_type=Path), help="TOML from which to begin.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help=SET_HELP)
@click.option("--out", type=click.Path(path_type=Path), help="Write the settings here (TOML).")
@click.option(
    "--json", "json_file", is_flag=False, flag_value="-", metavar="[FILE]",
    help="What was found as JSON, to FILE or stdout.",
)  # fmt: skip
@reading_options
def tune(
    inputs: Sequence[Path],
    truths: Sequence[Path],
    over: str,
    goal: str | None,
    hold_out: float,
    tries: int,
    evolve: bool,
    seed: int,
    settings: Path | None,
    changes: Sequence[str],
    out: Path | None,
    json_file: str | None,
    **given: Any,
) -> None:
    """Search settings on some of INPUTS and report on the others, which the search never saw.

    The settings file is for `fuse run --settings FILE` and for `--tracker FILE` of live runs.

    Example: steppewatch fuse tune day*.npz --truth same --over quiet,agile --out mine.toml
    """
    from steppewatch.engine.track_compare import compare
    from steppewatch.engine.track_tune import divided
    from steppewatch.engine.track_tune import tune as search

    wanted = goal or ("gospa" if truths else "evidence")
    if wanted == "gospa" and not truths:
        raise click.UsageError("GOSPA needs --truth; without it --goal evidence")
    start = settings_of(settings, None, changes)
    names = tuple(dict.fromkeys(name.strip() for name in over.split(",") if name.strip()))
    cases = cases_of(inputs, truths, reading_of(given))
    some, others, how = divided(cases, hold_out)
    print(how, file=sys.stderr)
    found = search(
        some, start, names, goal=wanted, tries=tries, evolve=evolve, seed=seed,
        on_better=lambda *better: print(_progress(wanted, names, *better), file=sys.stderr),
    )  # fmt: skip
    report = compare(others or some, {"before": start, "tuned": found.settings})
    verdict = _verdict(report, wanted, held_out=bool(others))
    said = _said(found, start, names, how, verdict, report)
    if out is not None:
        write_text(out, _written(said, found.settings))
    if json_file == "-":
        print(json.dumps(said, ensure_ascii=False))
        return
    _print(said, report)
    if json_file is not None:
        write_text(Path(json_file), json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    for path in (out, json_file):
        if path is not None:
            print(f"wrote {path}")


def _progress(
    goal: str, names: Sequence[str], number: int, cost: float, settings: "TrackerSettings"
) -> str:
    values = ", ".join(f"{name} {getattr(settings, name):g}" for name in names)
    return f"try {number}: {_cost(goal, cost)} with {values}"


def _cost(goal: str, cost: float) -> str:
    return f"GOSPA {cost:.1f} m" if goal == "gospa" else f"evidence {-cost:.3f} per plot"


def _verdict(report: "Comparison", goal: str, *, held_out: bool) -> str:
    """Say whether the tuned settings are better on what was not searched on."""
    name, sign = ("GOSPA", -1.0) if goal == "gospa" else ("evidence", 1.0)
    off, _ = report.difference(1, name)
    where = "on what was held out" if held_out else "on the very data that was searched on"
    if sign * off <= 0.0:
        return f"no better {where}: keep the settings you had"
    if not report.differs(1, name):
        return f"better {where}, but not surely (too few inputs, or too small a difference)"
    return f"better {where}"


def _said(
    found: "Tuned",
    start: "TrackerSettings",
    names: Sequence[str],
    how: str,
    verdict: str,
    report: "Comparison",
) -> dict[str, Any]:
    return {
        "goal": found.goal,
        "divided": how,
        "tries": found.tries,
        "before": {name: getattr(start, name) for name in names},
        "tuned": {name: getattr(found.settings, name) for name in names},
        "cost_before": found.start,
        "cost_tuned": found.cost,
        "verdict": verdict,
        "report": report.as_json(),
    }


def _written(said: dict[str, Any], settings: "TrackerSettings") -> str:
    from steppewatch import __version__
    from steppewatch.fuse.settings_text import write_settings

    return write_settings(
        settings,
        (
            (
                f"Tuned by Steppewatch {__version__}: {', '.join(said['tuned'])}; "
                f"{said['tries']} settings tried, goal {said['goal']}."
            ),
            f"{said['divided']}.",
            f"Result: {said['verdict']}.",
        ),
    )


def _print(said: dict[str, Any], report: "Comparison") -> None:
    goal = said["goal"]
    print(f"{said['tries']} settings tried; {said['divided']}")
    print(f"searched on: {_cost(goal, said['cost_before'])} → {_cost(goal, said['cost_tuned'])}")
    for name, value in said["tuned"].items():
        print(f"  {name:<18}{said['before'][name]:>12g} → {value:g}")
    print(f"\nreported on {', '.join(report.cases)}\n")
    print(report.tell())
    print(f"\n{said['verdict']}")
