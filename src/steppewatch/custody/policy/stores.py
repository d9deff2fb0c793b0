"""Keep Cedar's entity stores between questions: parties are read once, the rest is added to them.

Reading a store costs more than deciding by it. Organisations, nations and agreements seldom
change, so that a handle of those that questions named so far is kept; a question adds its own.
One that finds any of them changed starts anew, so that no decision rests on what was true before.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import cedarpy

SHARED: Final = frozenset({"Org", "Nation", "Agreement"})
MOST_SHARED: Final = 256
MOST_KEPT: Final = 4096
Row = Mapping[str, Any]


class Stores:
    """Give Cedar's handle of a question's store, checked by the schema.

    What is kept is one tuple that is never changed but for its last part, a cache, so that
    threads see either the old one or the new one.
    """

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self._kept: tuple[dict[tuple[str, str], Row], Any, dict[str, Any]] = ({}, None, {})

    def of(self, rows: Sequence[Row]) -> Any:
        """Give the handle of a closed store.

        Args:
            rows: Entities in Cedar's JSON form, from ``store.asked``.

        Raises:
            ValueError: They do not fit the schema, or two differ under one name.
        """
        shared: dict[tuple[str, str], Row] = {}
        own: list[Row] = []
        for row in rows:
            uid = row["uid"]
            if uid["type"] in SHARED:
                shared[uid["type"], uid["id"]] = row
            else:
                own.append(row)
        known, base, cache = self._kept
        if base is None or any(known.get(key) != row for key, row in shared.items()):
            base, cache = self._anew(known, shared)
        text = json.dumps(own)
        store = cache.get(text)
        if store is None:
            store = base.with_added_json_str(text, self.schema)
            if len(cache) >= MOST_KEPT:
                cache.clear()
            cache[text] = store
        return store

    def _anew(
        self, known: Mapping[tuple[str, str], Row], shared: Mapping[tuple[str, str], Row]
    ) -> tuple[Any, dict[str, Any]]:
        """Read the parties again: with those before, unless one changed or they are too many."""
        changed = any(key in known and known[key] != row for key, row in shared.items())
        room = len(known) + len(shared) <= MOST_SHARED
        rows = {**known, **shared} if room and not changed else dict(shared)
        base = cedarpy.Entities.from_json_str(json.dumps(list(rows.values())), self.schema)
        cache: dict[str, Any] = {}
        self._kept = (rows, base, cache)
        return base, cache
