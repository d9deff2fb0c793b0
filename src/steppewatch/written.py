"""Read what people write in files strictly: a slip of the pen never becomes a silent other meaning.

A file is TOML. Its tables are held against a schema of :class:`Key`; what does not fit is refused
in the words of the room that reads it, with file, line, key, what was found and what is expected.
Readers take text; whoever holds the file opens it.
"""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from steppewatch.errors import SteppewatchError

REQUIRED = object()

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(#.*)?$")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a text in quotes"),
    "number": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "flag": ((bool,), "true or false"),
    "time": (
        (dt.datetime, str),
        "a moment in UTC with its zone, such as 2026-06-01T04:00:00Z",
    ),
    "list": ((list, tuple), "a list in [ ]"),
    "table": ((dict,), "a table in { }"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """Describe one key of a table.

    Attributes:
        type: ``text``, ``number``, ``integer``, ``flag``, ``time``, ``list`` or ``table``.
        default: Used when absent; :data:`REQUIRED` when it must be given; None for "no value".
        low: Smallest allowed number, of a list each member's.
        high: Greatest allowed number, of a list each member's.
        choices: Allowed texts; empty for any.
    """

    type: str
    default: Any = REQUIRED
    low: float = float("-inf")
    high: float = float("inf")
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Point at one table of a file: the file's name and text, the table's name and number.

    Attributes:
        file: Name for messages.
        text: Whole text, for line numbers.
        table: Name of the table; empty for the keys before the first table.
        index: Which of several tables of that name, from 0; −1 for the only one.
        error: What the reading room raises.
    """

    file: str
    text: str
    table: str
    index: int = -1
    error: type[SteppewatchError] = SteppewatchError

    def refuse(self, key: str, found: str, expected: str) -> NoReturn:
        """Raise the error that names file, line, key, what was and what should be."""
        line = self._line(key)
        where = f"{self.file}:{line}" if line else self.file
        number = f"[{self.index + 1}]" if self.index >= 0 else ""
        path = ".".join(part for part in (f"{self.table}{number}", key) if part)
        raise self.error(f"{where}: {path} is {found}; expected {expected}")

    def _line(self, key: str) -> int:
        """Find the line of a key, or of its table when the key is not there."""
        table, seen, start = "", -1 if self.table else 0, 0
        name = re.split(r"[.\[]", key)[0]
        pattern = re.compile(rf"^\s*{re.escape(name)}\s*=") if name else None
        for number, line in enumerate(self.text.splitlines(), 1):
            header = _HEADER.match(line)
            if header:
                table = header[1]
                seen += table == self.table
            inside = table == self.table and seen == max(self.index, 0)
            if inside and header:
                start = number
            if inside and pattern and pattern.match(line):
                return number
        return start


def parse(text: str, name: str, error: type[SteppewatchError], example: str) -> dict[str, Any]:
    """Read TOML.

    Args:
        text: What was written.
        name: File name for messages.
        error: What the reading room raises.
        example: The page with an example, for the message.

    Raises:
        SteppewatchError: The text is not TOML; of the kind ``error``.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        raise error(f"{name}: not TOML ({failure}); {example} has an example") from failure


def check(
    spot: Spot, table: Mapping[str, Any], keys: Mapping[str, Key], prefix: str = ""
) -> dict[str, Any]:
    """Give the values of one table, defaults filled in.

    Args:
        spot: Where the table stands.
        table: As read from TOML.
        keys: The keys that it may have.
        prefix: Path before the key, for tables inside lists.

    Raises:
        SteppewatchError: A key is unknown, missing, of the wrong type or out of its limits; of
            the spot's kind.
    """
    for key in table:
        if key not in keys:
            spot.refuse(prefix + key, "not a known key", expected_name(key, keys))
    return {
        name: _value(spot, prefix + name, key, table.get(name, key.default))
        for name, key in keys.items()
    }


def moment(spot: Spot, key: str, value: dt.datetime | str) -> int:
    """Read a moment with its zone [ns UTC].

    Raises:
        SteppewatchError: It is no moment, or has no zone; of the spot's kind.
    """
    expected = _TYPES["time"][1]
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            spot.refuse(key, repr(value), expected)
    if value.tzinfo is None:
        spot.refuse(key, f"{value.isoformat()} without a zone", expected)
    return round(value.timestamp()) * 1_000_000_000


def expected_name(found: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Say which names are known, and which is meant perhaps.

    >>> expected_name("gap-filer", ("gap-filler", "atc-2d"))
    "one of gap-filler, atc-2d (did you mean 'gap-filler'?)"
    """
    close = difflib.get_close_matches(found, list(known), 1, 0.5)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return "one of " + ", ".join(known) + hint


def _value(spot: Spot, path: str, key: Key, value: Any) -> Any:
    if value is REQUIRED:
        spot.refuse(path, "missing", _TYPES[key.type][1])
    if value is key.default:
        return value
    types, expected = _TYPES[key.type]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        spot.refuse(path, f"{_shown(value)}", expected)
    if key.choices and value not in key.choices:
        spot.refuse(path, _shown(value), expected_name(str(value), key.choices))
    for number in value if isinstance(value, list) else (value,):
        if isinstance(number, int | float) and not key.low <= number <= key.high:
            spot.refuse(path, _shown(value), f"{key.low:g} to {key.high:g}")
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
