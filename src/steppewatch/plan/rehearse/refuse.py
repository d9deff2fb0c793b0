"""Check written tables against the schema, and refuse with file, line, key, found and expected."""

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from steppewatch.errors import PlanError
from steppewatch.plan.rehearse.schema import REQUIRED, TABLES, Key

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(#.*)?$")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a text in quotes"),
    "number": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "time": (
        (dt.datetime, str),
        "a moment in UTC with its zone, such as 2026-06-01T04:00:00Z",
    ),
    "list": ((list, tuple), "a list in [ ]"),
    "table": ((dict,), "a table in { }"),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Point at one table of a scenario file: the file's name and text, table name and number."""

    file: str
    text: str
    table: str
    index: int = -1

    def refuse(self, key: str, found: str, expected: str) -> NoReturn:
        """Raise the error that names file, line, key, what was and what should be."""
        line = self._line(key)
        where = f"{self.file}:{line}" if line else self.file
        number = f"[{self.index + 1}]" if self.index >= 0 else ""
        path = f"{self.table}{number}.{key}" if key else f"{self.table}{number}"
        raise PlanError(f"{where}: {path} is {found}; expected {expected}")

    def _line(self, key: str) -> int:
        """Find the line of a key, or of its table when the key is not there."""
        table, seen, start = "", -1, 0
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


def check(
    spot: Spot, table: Mapping[str, Any], schema: str | Mapping[str, Key], prefix: str = ""
) -> dict[str, Any]:
    """Give the values of one table, defaults filled in.

    Args:
        spot: Where the table stands.
        table: As read from TOML.
        schema: The keys that it may have, or which of :data:`TABLES` lists them.
        prefix: Path before the key, for tables inside lists.

    Raises:
        PlanError: A key is unknown, missing, of the wrong type or out of its limits.
    """
    keys = TABLES[schema] if isinstance(schema, str) else schema
    for key in table:
        if key not in keys:
            spot.refuse(prefix + key, "not a known key", expected_name(key, keys))
    return {
        name: _value(spot, prefix + name, key, table.get(name, key.default))
        for name, key in keys.items()
    }


def expected_name(found: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Say which names are known, the closest first."""
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
    if isinstance(value, int | float) and not key.low <= value <= key.high:
        spot.refuse(path, _shown(value), f"{key.low:g} to {key.high:g}")
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
