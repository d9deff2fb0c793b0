"""``steppewatch fuse compare``: settings side by side over the same recordings."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.fuse_cases import TRUTHS_HELP, cases_of
from steppewatch.cli.fuse_options import reading_of, reading_options
from steppewatch.cli.fuse_settings import changes_of, settings_of
from steppewatch.cli.text_files import write_text

if TYPE_CHECKING:
    from steppewatch.fuse import TrackerSettings


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--truth", "truths", multiple=True, type=click.Path(path_type=Path), metavar="FILE|same",
    help=TRUTHS_HELP,
)  # fmt: skip
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE,…",
    help="One more configuration: the base with these changes; repeatable.",
)  # fmt: skip
@click.option(
    "--config", "files", multiple=True, type=click.Path(path_type=Path),
    help="One more configuration: a settings TOML; repeatable.",
)  # fmt: skip
@click.option(
    "--base", type=click.Path(path_type=Path),
    help="Settings TOML that the others are compared with; else the defaults.",
)  # fmt: skip
@click.option(
    "--json", "json_file", is_flag=False, flag_value="-", metavar="[FILE]",
    help="All figures as JSON, to FILE or stdout.",
)  # fmt: skip
@reading_options
def compare(
    inputs: Sequence[Path],
    truths: Sequence[Path],
    changes: Sequence[str],
    files: Sequence[Path],
    base: Path | None,
    json_file: str | None,
    **given: Any,
) -> None:
    """Track INPUTS with several settings and print what differs, and how surely.

    Each configuration is played on each input, in one process; differences are paired by input.

    Example: steppewatch fuse compare a.npz b.npz c.npz --truth same --set agile=50 --set gate=0.99
    """
    from steppewatch.engine.track_compare import compare as compare_all

    chosen = configurations(base, changes, files)
    if len(chosen) < 2:
        raise click.UsageError("nothing to compare: give --set NAME=VALUE or --config FILE")
    cases = cases_of(inputs, truths, reading_of(given))

    def on_played(case: str, name: str) -> None:
        print(f"played {case} with {name}", file=sys.stderr)

    found = compare_all(cases, chosen, on_played if sys.stderr.isatty() else None)
    if json_file == "-":
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return
    print(f"{len(cases)} inputs: {', '.join(found.cases)}\n")
    print(found.tell())
    if json_file is not None:
        write_text(
            Path(json_file), json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n"
        )
        print(f"wrote {json_file}")


def configurations(
    base: Path | None, changes: Sequence[str], files: Sequence[Path]
) -> "dict[str, TrackerSettings]":
    """Name the configurations and read them; the first is what the others are compared with."""
    from steppewatch.fuse.settings_text import changed

    first = settings_of(base, None)
    found = {"defaults" if base is None else base.name: first}
    for text in changes:
        found[text] = changed(first, changes_of([text]), "--set")
    for path in files:
        name = path.name if path.name not in found else str(path)
        found[name] = settings_of(path, None)
    return found
