"""Read single entries of a plan's file, and name the entry that is wrong."""

import math
from dataclasses import dataclass
from typing import Any, NoReturn

from steppewatch.errors import EngineError

LONGEST_TEXT, MOST_ITEMS = 2_000, 20_000
ROUNDING = 1e-6  # how far above 1 a share may come out


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one table of the file, and where it stands.

    Attributes:
        file: For messages.
        place: Such as ``sites[3]``; empty at the top.
        value: What stands there.
    """

    file: str
    place: str
    value: Any

    def __post_init__(self) -> None:
        """Refuse what is no table."""
        if not isinstance(self.value, dict):
            self._refuse("", f"{type(self.value).__name__}", "a table of entries")

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text on one line; control characters become spaces."""
        value = self.value.get(key, default)
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or (not value and not default):
            if value == default:
                return ""
            self._refuse(key, _short(value), f"a text of 1…{LONGEST_TEXT} characters")
        return printable(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts, empty when absent."""
        value = self.value.get(key) or []
        fits = isinstance(value, list) and len(value) <= MOST_ITEMS
        if not fits or not all(isinstance(v, str) and len(v) <= LONGEST_TEXT for v in value):
            self._refuse(key, _short(value), "a list of texts")
        return tuple(printable(v) for v in value)

    def number(
        self,
        key: str,
        default: float | None,
        least: float = -math.inf,
        most: float = math.inf,
    ) -> float:
        """Give a finite number within its limits; ``default`` when absent or null."""
        value = self.value.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(key, _short(value), "a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not (math.isfinite(number) and least <= number <= most):
            self._refuse(key, _short(value), f"a number {least:g}…{most:g}")
        return number

    def share(self, key: str, default: float | None = None) -> float:
        """Give a share 0…1."""
        return min(self.number(key, default, 0.0, 1.0 + ROUNDING), 1.0)

    def flag(self, key: str) -> bool:
        """Give true or false; false when absent."""
        value = self.value.get(key, False)
        if not isinstance(value, bool):
            self._refuse(key, _short(value), "true or false")
        return value

    def _refuse(self, key: str, found: str, expected: str) -> NoReturn:
        place = ".".join(part for part in (self.place, key) if part) or "the file"
        raise EngineError(f"{self.file}: {place} is {found}, expected {expected}")


def items_of(item: Item, key: str, most: int = MOST_ITEMS) -> list[Item]:
    """Give the tables of a list, empty when absent."""
    value = item.value.get(key)
    if value is None:
        return []
    place = f"{item.place}.{key}" if item.place else key
    if not isinstance(value, list) or len(value) > most:
        raise EngineError(f"{item.file}: {place} is no list of at most {most} entries")
    return [Item(item.file, f"{place}[{i}]", one) for i, one in enumerate(value)]


def printable(text: str) -> str:
    r"""Replace what is no printable character by a space.

    >>> printable("Hill\n14")
    'Hill 14'
    """
    return "".join(c if c.isprintable() else " " for c in text)


def _short(value: object) -> str:
    return repr(value)[:60]
