"""Tracker settings as people write them: TOML with one key for each setting.

```toml
[tracker]
agile = 150.0
confirm_hits = 4
```
"""

import dataclasses
import re
import textwrap

from steppewatch.errors import FuseError
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.written import Key, Spot, check, expected_name, parse

TABLE = "tracker"


def read_settings(text: str, name: str, given: TrackerSettings | None = None) -> TrackerSettings:
    r"""Read settings; what is not written keeps its value.

    Args:
        text: TOML with the table ``[tracker]``.
        name: File name for messages.
        given: Settings to start from; the defaults otherwise.

    Raises:
        FuseError: Something in it is unknown, of the wrong type or impossible.

    >>> read_settings("[tracker]\nagile = 150", "mine.toml").agile
    150.0
    >>> read_settings("[tracker]\nagil = 150", "mine.toml")
    Traceback (most recent call last):
    ...
    steppewatch.errors.FuseError: mine.toml:2: tracker.agil is not a known key; ...
    """
    raw = parse(text, name, FuseError, "docs/fuse.md")
    for table in raw:
        if table != TABLE:
            raise FuseError(
                f"{name}: [{table}] is not a known table; {expected_name(table, (TABLE,))}"
            )
    written = raw.get(TABLE, {})
    spot = Spot(file=name, text=text, table=TABLE, error=FuseError)
    if not isinstance(written, dict):
        spot.refuse("", repr(written), "a table: [tracker] on a line of its own")
    start = given or TrackerSettings()
    values = check(spot, written, keys_of(start))
    return changed(start, {key: values[key] for key in written}, name)


def write_settings(
    settings: TrackerSettings, notes: tuple[str, ...] = (), *, explain: bool = False
) -> str:
    """Write all settings down, those that differ from the defaults marked.

    Args:
        settings: What is written.
        notes: Lines of comment above them.
        explain: Write above each what it means.

    >>> print(write_settings(TrackerSettings(agile=150.0)).splitlines()[2])
    agile = 150.0  # default 0.5
    """
    lines = [f"# {note}".rstrip() for note in notes] + [f"[{TABLE}]"]
    usual, meant = TrackerSettings(), meanings() if explain else {}
    for field in dataclasses.fields(settings):
        if explain:
            lines += ["", *textwrap.wrap(meant.get(field.name, ""), 96, initial_indent="# ",
                                         subsequent_indent="# ")]  # fmt: skip
        value, default = getattr(settings, field.name), getattr(usual, field.name)
        if isinstance(value, int | float | str | bool):
            mark = "" if value == default else f"  # default {toml(default)}"
            lines.append(f"{field.name} = {toml(value)}{mark}")
    return "\n".join(lines) + "\n"


def meanings() -> dict[str, str]:
    """Say what each setting means, with its unit, as :class:`TrackerSettings` does.

    >>> meanings()["gate"]
    "Probability that a target's own plot passes its gate."
    """
    found: dict[str, str] = {}
    name = ""
    for line in (TrackerSettings.__doc__ or "").partition("Attributes:")[2].splitlines():
        entry = re.fullmatch(r" {8}(\w+): (.*)", line)
        if entry:
            name, found[entry[1]] = entry[1], entry[2].replace("``", "")
        elif name and line.strip():
            found[name] += " " + line.strip().replace("``", "")
    return found


def changed(
    settings: TrackerSettings, values: dict[str, object], name: str = "settings"
) -> TrackerSettings:
    """Give settings with some values changed, whole numbers where whole numbers belong.

    Raises:
        FuseError: A name is unknown or a value impossible.
    """
    known = keys_of(settings)
    whole: dict[str, object] = {}
    for key, value in values.items():
        if key not in known:
            raise FuseError(f"{name}: {key} is not a setting; expected {expected_name(key, known)}")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        match known[key].type:
            case "integer" if number:
                whole[key] = round(float(value))  # type: ignore[arg-type]
            case "number" if number:
                whole[key] = float(value)  # type: ignore[arg-type]
            case _:
                whole[key] = value
    try:
        return dataclasses.replace(settings, **whole)  # type: ignore[arg-type]
    except FuseError as error:
        raise FuseError(f"{name}: {error}") from error


def differing(settings: TrackerSettings) -> dict[str, object]:
    """Give the settings that are not the defaults.

    >>> differing(TrackerSettings(agile=150.0))
    {'agile': 150.0}
    """
    usual = TrackerSettings()
    return {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if getattr(settings, field.name) != getattr(usual, field.name)
    }


def keys_of(settings: TrackerSettings) -> dict[str, Key]:
    """Give the settings that can be written, with their types."""
    types = {bool: "flag", int: "integer", float: "number", str: "text"}
    found: dict[str, Key] = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if type(value) in types:
            found[field.name] = Key(types[type(value)], value)
    return found


def toml(value: object) -> str:
    """Write one value as TOML does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
