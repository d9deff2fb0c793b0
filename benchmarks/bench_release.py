"""How many release decisions a second, with labels, rounding, records and journal?

16 partners; each message holds 1, 100 or 1,000 tracks of a sensor of our own and a transferred one.
Decisions are the policy engine's, kept for one second of the picture; every decision is recorded.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from steppewatch.custody.ledger.journal import journal_root
from steppewatch.custody.policy.question import OrgFacts
from steppewatch.custody.release.situation import Partner
from steppewatch.engine.custody_release_journal import ReleaseJournal

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "custody" / "release"))
import released

PARTNERS = 16
NS = released.NS


def watch() -> released.Watch:
    """Give a release point with 16 partners: half may see, half may not."""
    orgs = {f"p{k}": OrgFacts(id=f"p{k}", nation="JP" if k % 2 else "CN") for k in range(PARTNERS)}
    half = tuple(sorted(orgs))[:8]
    own = replace(released.OWN, releases=(released.rule(to=half, precision_m=0, delay_s=0),))
    joint = replace(released.JOINT, releases=(released.rule(to=half, delay_s=0),))
    told = released.situation(agreements=(own, joint))
    labels = {name: replace(one, releasable=half) for name, one in told.labels.items()}
    partners = {n: Partner(name=n, org=org, purpose="border") for n, org in orgs.items()}
    known = replace(told.known, orgs=orgs)
    return released.Watch(replace(told, partners=partners, labels=labels, known=known))


def rate(tracks: int, *, journal: bool, rounds: int) -> float:
    """Give decisions a second over messages in one second of the picture and the next."""
    guard = watch()
    seen = [["mn-radar"] if k % 2 else ["mn-radar", "jp-radar"] for k in range(tracks)]
    batch = released.tracks(seen)
    guard.hear(batch)
    with tempfile.TemporaryDirectory() as folder:
        kept = ReleaseJournal(Path(folder), lambda _: None)
        begun = time.process_time()
        for k in range(rounds):
            now = released.T0 + k * NS // 10  # ten messages a second of the picture
            heard = guard.hear(replace(batch, time_ns=np.full(tracks, now)), now)
            if journal:
                kept.add([told for one in heard.values() for told in one.recorded], now)
        if journal:
            kept.close(released.T0 + rounds * NS)
        spent = time.process_time() - begun
    return PARTNERS * tracks * rounds / spent


def stop_ns() -> float:
    """Give how long a narrowing takes to stop what waits [ms], at 1,000 tracks × 16 partners."""
    guard = watch()
    batch = released.tracks([["mn-radar", "jp-radar"]] * 1000)
    guard.hear(batch)
    joint = replace(released.JOINT, releases=(released.rule(to=("nobody",)),))
    narrowed = replace(guard.point.situation, version=2, agreements={
        **guard.point.situation.agreements, "jp-mn": joint,
    })  # fmt: skip
    begun = time.perf_counter()
    guard.point.renew(narrowed)
    heard = guard.hear(batch)
    spent = time.perf_counter() - begun
    if any(released.ids(one) for one in heard.values()):
        raise AssertionError("a narrowed purpose did not stop the release")
    return spent * 1e3


def main() -> list[dict[str, object]]:
    """Measure."""
    rows: list[dict[str, object]] = []
    for tracks, rounds in ((1, 300), (100, 100), (1000, 30)):
        for journal in (False, True):
            figure = rate(tracks, journal=journal, rounds=rounds)
            what = "with journal" if journal else "without journal"
            note = f"{1e6 * PARTNERS * tracks / figure:.0f} µs a message × 16 partners"
            rows.append(
                {"name": f"16 × {tracks}, {what}", "value": figure, "unit": "decisions/s",
                 "note": note}
            )  # fmt: skip
    data = [bytes(200) + k.to_bytes(4, "big") for k in range(10_000)]
    begun = time.process_time()
    journal_root(data)
    rows.append({"name": "journal root of 10,000 records", "value":
                 (time.process_time() - begun) * 1e3, "unit": "ms"})  # fmt: skip
    rows.append({"name": "from a narrowed purpose to the stop, 16 × 1000", "value": stop_ns(),
                 "unit": "ms", "note": "goal 1,000"})  # fmt: skip
    return rows
