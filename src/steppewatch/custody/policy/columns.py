"""Hold entity stores and requests as columns of arrays, every name an interned number.

Shapes: ``(k,)`` over interned names for an entity's attribute, ``(k, w)`` 64-bit words for a set
(bit ``i`` of word ``i // 64``: name ``i`` is in it). Number 0 is any name that was never interned.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TEXT: Final = ""
WORD: Final = 64
Name = tuple[str, str]
Path = tuple[str, ...]
Value = Any


class Names:
    """Intern texts and entities: ``("", text)`` or ``(type, id)`` → 1, 2, 3."""

    def __init__(self) -> None:
        self.numbers: dict[Name, int] = {}

    def __len__(self) -> int:
        """Count the numbers given, with 0."""
        return len(self.numbers) + 1

    @property
    def words(self) -> int:
        """How many words a set of these names takes."""
        return len(self) // WORD + 1

    def add(self, kind: str, name: str) -> int:
        """Give a name's number, a new one if needed."""
        return self.numbers.setdefault((kind, name), len(self.numbers) + 1)

    def add_all(self, value: Any) -> None:
        """Intern whatever a Cedar JSON value holds."""
        if isinstance(value, str):
            self.add(TEXT, value)
        elif isinstance(value, list):
            for one in value:
                self.add_all(one)
        elif isinstance(value, dict):
            uid = value.get("__entity")
            if uid is not None:
                self.add(uid["type"], uid["id"])
            else:
                for one in value.values():
                    self.add_all(one)

    def number(self, value: Any) -> int:
        """Give the number of a text or an entity in Cedar's JSON; 0 when never interned."""
        if isinstance(value, str):
            return self.numbers.get((TEXT, value), 0)
        uid = value["__entity"]
        return self.numbers.get((uid["type"], uid["id"]), 0)

    def mask(self, values: Iterable[Any], words: int) -> NDArray[np.uint64]:
        """Give a set as words."""
        found = np.zeros(words, np.uint64)
        for value in values:
            number = self.number(value)
            found[number // WORD] |= np.uint64(1 << (number % WORD))
        return found


def plain(value: Any, names: Names, words: int) -> Any:
    """Give a Cedar JSON value as number, flag or words of a set."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, list):
        return names.mask(value, words)
    return names.number(value)


class Tables:
    """Hold the attributes of an entity store by interned name.

    Attributes:
        names: The interned names.
        values: By attribute: ``(k,)`` int64 or bool, or ``(k, w)`` words.
        present: By attribute: which entities have it, ``(k,)``.
        inside: ``(k, k)``: a is b or below it.
    """

    def __init__(self, names: Names, entities: Sequence[Mapping[str, Any]]) -> None:
        self.names = names
        for row in entities:
            names.add(row["uid"]["type"], row["uid"]["id"])
            for value in row["attrs"].values():
                names.add_all(value)
        count, words = len(names), names.words
        self.words = words
        self.values: dict[str, NDArray[Any]] = {}
        self.present: dict[str, NDArray[np.bool_]] = {}
        self.inside = np.eye(count, dtype=bool)
        for row in entities:
            at = names.numbers[row["uid"]["type"], row["uid"]["id"]]
            for attr, value in row["attrs"].items():
                self._put(attr, at, plain(value, names, words), count)
        above = {
            names.numbers[row["uid"]["type"], row["uid"]["id"]]: [
                names.numbers[parent["type"], parent["id"]] for parent in row["parents"]
            ]
            for row in entities
            if row["parents"]
        }
        for at, parents in above.items():
            rising = list(parents)
            while rising:
                parent = rising.pop()
                if not self.inside[at, parent]:
                    self.inside[at, parent] = True
                    rising += above.get(parent, [])

    def _put(self, attr: str, at: int, value: Any, count: int) -> None:
        if attr not in self.values:
            if isinstance(value, np.ndarray):
                self.values[attr] = np.zeros((count, self.words), np.uint64)
            else:
                self.values[attr] = np.zeros(count, bool if isinstance(value, bool) else np.int64)
            self.present[attr] = np.zeros(count, bool)
        self.values[attr][at] = value
        self.present[attr][at] = True


class Asked:
    """Give the value of a path (``("principal", "org", "nation")``) for many requests at once.

    ``given`` holds what starts a path, and may hold whole paths, which are then not looked up.
    A value is an array that broadcasts to the requests' shape, or a plain number or flag; a set
    has one axis more, of words. A path's error mask says where it leads nowhere.
    """

    def __init__(self, tables: Tables, given: Mapping[Path, Value]) -> None:
        self.tables = tables
        self.given = given
        self.found: dict[Path, tuple[Value, Value]] = {}

    def get(self, path: Path) -> tuple[Value, Value]:
        """Give a path's value and where it errs (False for nowhere)."""
        if path in self.given:
            return self.given[path], self._missing(path)
        if path in self.found:
            return self.found[path]
        entity, wrong = self.get(path[:-1])
        attr = path[-1]
        if attr not in self.tables.values:
            return 0, True
        value = self.tables.values[attr][entity]
        absent = ~self.tables.present[attr][entity]
        error = (wrong | absent) if np.any(absent) else wrong
        if isinstance(value, np.generic):
            value = value.item()
        self.found[path] = (value, error)
        return value, error

    def has(self, path: Path) -> tuple[Value, Value]:
        """Tell where a path's last attribute is there, and where what it hangs on errs."""
        if path[0] == "context" and len(path) == 2:
            flag = self.given.get((*path, "?"))
            return (flag if flag is not None else path in self.given), False
        entity, wrong = self.get(path[:-1])
        if path[-1] not in self.tables.present:
            return False, wrong
        return self.tables.present[path[-1]][entity], wrong

    def _missing(self, path: Path) -> Value:
        for length in range(2, len(path) + 1):
            flag = self.given.get((*path[:length], "?"))
            if flag is not None:
                return ~np.asarray(flag)
        return False


def context_columns(
    contexts: Sequence[Mapping[str, Any]], names: Names, words: int
) -> dict[Path, Value]:
    """Give many requests' contexts as columns ``(n,)``; ``(…, "?")`` tells where one is given."""
    found: dict[Path, Value] = {}
    keys: dict[Path, Any] = {}
    for context in contexts:
        for key, value in context.items():
            if isinstance(value, dict) and "__entity" not in value:
                keys |= {("context", key, part): one for part, one in value.items()}
                keys[("context", key)] = None
            else:
                keys[("context", key)] = value
    for path, example in keys.items():
        rows = [_inner(context, path[1:]) for context in contexts]
        flags = np.array([row is not None for row in rows])
        if example is None:
            found[(*path, "?")] = flags
            continue
        if isinstance(example, bool):
            found[path] = np.array([bool(row) for row in rows])
        else:
            found[path] = np.array(
                [0 if row is None else plain(row, names, words) for row in rows], np.int64
            )
        if len(path) == 2 and not flags.all():
            found[(*path, "?")] = flags
    return found


def _inner(context: Mapping[str, Any], keys: Path) -> Any:
    value: Any = context
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value
