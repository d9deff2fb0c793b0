"""Tracker settings as commands take them: a file, a mode, changes by name."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppewatch.cli.text_files import text_of, write_text

if TYPE_CHECKING:
    from steppewatch.fuse import TrackerSettings

SET_HELP = "Change a setting; several with commas between, repeatable."


def settings_of(
    path: Path | None, mode: str | None, changes: Sequence[str] = ()
) -> "TrackerSettings":
    """Read a settings file; what the command line says goes before it.

    Args:
        path: TOML, or None for the defaults.
        mode: Mode, if one was given.
        changes: ``NAME=VALUE`` texts, each with one change or several with commas between.
    """
    import dataclasses

    from steppewatch.fuse import TrackerSettings
    from steppewatch.fuse.settings_text import changed, read_settings

    found = TrackerSettings()
    if path is not None:
        found = read_settings(text_of(path, "tracker settings (docs/fuse.md)"), str(path))
    if mode is not None:
        found = dataclasses.replace(found, mode=mode)
    return changed(found, changes_of(changes), "--set")


def changes_of(texts: Sequence[str]) -> dict[str, object]:
    """Read ``NAME=VALUE[,NAME=VALUE…]``; a value is a number, true, false or a word."""
    found: dict[str, object] = {}
    for part in (part for text in texts for part in text.split(",")):
        name, equals, value = part.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise click.UsageError(f"--set {part!r}: expected NAME=VALUE, such as agile=50")
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> object:
    import json

    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, int | float | bool | str) else text


@click.command()
@click.option("--settings", "path", type=click.Path(path_type=Path), help="TOML to read first.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help=SET_HELP)
@click.option("--out", type=click.Path(path_type=Path), help="Write them here, not to stdout.")
def settings(path: Path | None, changes: Sequence[str], out: Path | None) -> None:
    """Print all tracker settings as TOML, with what each one means.

    Example: steppewatch fuse settings --set mode=accurate --out mine.toml
    """
    from steppewatch.fuse.settings_text import write_settings

    text = write_settings(settings_of(path, None, changes), explain=True)
    if out is None:
        print(text, end="")
        return
    write_text(out, text)
    print(f"wrote {out}")
