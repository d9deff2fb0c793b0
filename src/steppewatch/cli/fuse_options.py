"""The options that all verbs of ``steppewatch fuse`` have, and what they mean."""

from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from steppewatch.cli.options import Place
from steppewatch.errors import EngineError

if TYPE_CHECKING:
    from steppewatch.engine.track_files import Reading
    from steppewatch.fuse import TrackerSettings

F = TypeVar("F", bound=Callable[..., Any])
SAME = "same"
SET_HELP = "Change a setting; several with commas between, repeatable."


def reading_options(command: F) -> F:
    """Add the options that say how detections are read."""
    for option in reversed(
        [
            click.option("--no-doppler", is_flag=True, help="Leave range rates unused."),
            click.option(
                "--hide-identity",
                is_flag=True,
                help="Take addresses, codes and callsigns away before tracking.",
            ),
            click.option(
                "--sensors",
                type=click.Path(path_type=Path),
                help="TOML that describes sensors.",
            ),
            click.option(
                "--at", "place", type=Place(), help="LAT,LON[,HEIGHT_M] of radars nobody described."
            ),
            click.option(
                "--date", type=click.DateTime(["%Y-%m-%d"]), help="Day of raw ASTERIX (UTC)."
            ),
            click.option(
                "--columns", metavar="OURS=THEIRS,…", help="What a file's columns are called."
            ),
            click.option(
                "--window",
                type=click.FloatRange(0.0, min_open=True),
                help="Seconds of plots per step; else the sensor's scan.",
            ),
        ]
    ):
        command = option(command)
    return command


def reading_of(given: dict[str, Any]) -> "Reading":
    """Collect the reading options."""
    from steppewatch.engine.clock import NS
    from steppewatch.engine.track_files import Reading
    from steppewatch.engine.track_files_sensor import told_sensors
    from steppewatch.records import Sensor

    path, date = given["sensors"], given["date"]
    known = () if path is None else told_sensors(text_of(path, "a sensors file"), str(path))
    return Reading(
        doppler=not given["no_doppler"],
        installed=tuple(one for one in known if isinstance(one, Sensor)),
        told=tuple(one for one in known if isinstance(one, dict)),
        place=given["place"],
        date_ns=None if date is None else int(date.replace(tzinfo=UTC).timestamp()) * NS,
        hide_identity=given["hide_identity"],
        window=given["window"],
        renames=renames_of(given["columns"]),
    )


def renames_of(text: str | None) -> dict[str, str]:
    """Read ``OURS=THEIRS,…``."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part.strip()]
    wrong = ["".join(pair) for pair in pairs if not (pair[0].strip() and pair[2].strip())]
    if wrong:
        raise click.UsageError(
            f"--columns {wrong[0]}: expected OURS=THEIRS, such as time=t,azimuth_deg=bearing"
        )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


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


def truth_path(truth: Path, detections: Path) -> Path:
    """Say which file holds the truth: ``same`` is that of the detections."""
    return detections if str(truth) == SAME else truth


def text_of(path: Path, what: str) -> str:
    """Read a text file.

    Raises:
        EngineError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"cannot read {path} ({error}): expected {what}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all; raises as ``whole_file``."""
    from steppewatch.engine.whole_file import whole_file

    with whole_file(path) as stream:
        stream.write(text.encode())
