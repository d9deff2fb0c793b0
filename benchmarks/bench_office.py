"""How many acts a second does the custody office take, and how soon does a narrowed purpose bind?

The whole way: signature checked, register, agreement's rules, one durable transaction (SQLite, WAL,
``synchronous=FULL``). The acts are signed before the clock starts.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from steppewatch.engine import custody_demo
from steppewatch.engine.custody_office import open_office

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTS, BATCH, MOVES = 1_500, 16, 300


def signed(cast: custody_demo.Cast, items: list[str], count: int) -> list[bytes]:
    """Sign inventory sightings, each another."""
    now = cast.office.now_ns()
    return [
        cast.sign(
            "bat", "sighted",
            {"sightings": [{
                "item": items[number % 3], "site": "depot-ulgii", "captured_ns": now,
                "how": "hand", "condition": "good",
            }]},
        )
        for number in range(count)
    ]  # fmt: skip


def main() -> list[dict[str, object]]:
    """Measure one ledger from its beginning to its next opening."""
    with tempfile.TemporaryDirectory() as folder:
        return list(figures(str(Path(folder) / "ledger.db")))


def figures(place: str) -> Iterator[dict[str, object]]:
    """Give the rows one by one."""
    log = custody_demo.demo_key("log")
    custody_demo.begin_demo(place, time.time_ns())
    with open_office(place, log) as office:
        cast = custody_demo.agreements(office)
        items = custody_demo.play(cast)
        batch = signed(cast, items, ACTS)
        begun = time.perf_counter()
        for one in batch:
            office.submit(one)
        rate = ACTS / (time.perf_counter() - begun)
        yield {"name": "acts, one transaction each", "value": rate, "unit": "acts/s",
               "note": "goal 1,000; inventory sightings"}  # fmt: skip
        batch = signed(cast, items, ACTS)
        begun = time.perf_counter()
        for start in range(0, ACTS, BATCH):
            office.submit_many(batch[start : start + BATCH])
        rate = ACTS / (time.perf_counter() - begun)
        yield {"name": f"acts, batches of {BATCH}", "value": rate, "unit": "acts/s",
               "note": "goal 2,500"}  # fmt: skip
        move = {"items": items[:1], "site": "depot-ulgii"}
        batch = [cast.sign("bat", "move", move) for _ in range(MOVES)]
        begun = time.perf_counter()
        for one in batch:
            office.submit(one)
        rate = MOVES / (time.perf_counter() - begun)
        yield {"name": "acts that the rules decide", "value": rate, "unit": "acts/s",
               "note": "moves to a store, each decided by Cedar, one transaction each"}  # fmt: skip
        yield narrowed(cast, items)
    begun = time.perf_counter()
    with open_office(place, log) as office:
        took, size = time.perf_counter() - begun, office.register.size
    yield {"name": "opening", "value": size / took, "unit": "acts/s",
           "note": f"tree and register worked out again from {size:,} statements"}  # fmt: skip


def narrowed(cast: custody_demo.Cast, items: list[str]) -> dict[str, object]:
    """Measure from the last signature under a narrowing to the refusal to task."""
    office = cast.office
    asked = (items[3], "border-surveillance", "tuya")
    before = office.authority().standing(*asked, office.now_ns()).can
    body = {"agreement": "jp-mn", "arrangement": "radars-2025", "purposes": []}
    leaf = cast.act("dorj", "propose", {"kind": "narrow", "body": body}).leaf
    cast.act("sato", "approve", {}, [leaf])
    last = cast.sign("saran", "approve", {}, [leaf])
    begun = time.perf_counter()
    office.submit(last)
    can = office.authority().standing(*asked, office.now_ns()).can
    took = (time.perf_counter() - begun) * 1e3
    if not before or can:
        raise RuntimeError("narrowing does not bind: the figure would mean nothing")
    return {"name": "narrowed purpose to refused task", "value": took, "unit": "ms",
            "note": "goal 1,000; the act stored, the question decided anew"}  # fmt: skip
