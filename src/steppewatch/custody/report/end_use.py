"""How items are kept and used: for the donor's monitor, of the ledger alone."""

from collections import Counter

from steppewatch.custody.register import Register, clocks
from steppewatch.custody.register.records import GONE, NEVER
from steppewatch.custody.report.transfers import year_of


def end_use(register: Register, year: int, now_ns: int) -> dict[str, object]:
    """Tell of every item, of what is late, and of the year's incidents.

    Args:
        register: As of the ledger's last statement.
        year: Calendar year (UTC) of inspections and incidents.
        now_ns: When the report is made [ns UTC].

    Returns:
        ``compliance``: share of the held items whose inventory is current (1 when none is held).
    """
    held = [one for one in register.items.values() if one.state not in GONE and one.due_ns < NEVER]
    current = sum(one.due_ns > now_ns for one in held)
    return {
        "report": "end-use",
        "year": year,
        "made_ns": now_ns,
        "ledger": register.log,
        "statements": register.size,
        "witnessed": register.witnessed["size"],
        "items_held": len(held),
        "inventory_current": current,
        "compliance": current / len(held) if held else 1.0,
        "states": dict(sorted(Counter(one.state for one in register.items.values()).items())),
        "items": [
            {
                "item": one.uid, "title": one.title, "holder": one.holder, "site": one.site,
                "state": one.state, "suspended": one.suspended, "seen_ns": one.seen_ns,
                "due_ns": None if one.due_ns >= NEVER else one.due_ns,
                "terms": sorted(one.terms),
            }
            for one in register.items.values()
        ],
        "late": [
            {"what": one.what, "about": one.about, "of": one.of, "due_ns": one.due_ns}
            for one in clocks(register, now_ns)
            if one.late
        ],
        "inspections": [
            {
                "by": one.by, "items": list(one.items), "due_ns": one.due_ns,
                "answered": one.answered, "refused": one.refused,
            }
            for one in register.inspections.values()
        ],
        "incidents": [
            {"at_ns": one.at_ns, "kind": one.kind, "text": one.text, "statement": one.position}
            for one in register.notices
            if year_of(one.at_ns) == year and one.kind not in {"handover", "consent"}
        ],
        "refused_attempts": len(
            [one for one in register.refusals if year_of(one["at_ns"]) == year]
        ),
    }  # fmt: skip
