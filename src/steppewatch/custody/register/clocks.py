"""What is due, of whom and when: derived from the register, never kept."""

from collections.abc import Iterator

from steppewatch.custody.register.records import DAY_NS, GONE, NEVER, Clock
from steppewatch.custody.register.register import Register

SOON = 60 * DAY_NS


def clocks(register: Register, now_ns: int) -> tuple[Clock, ...]:
    """List what is late or falls due within 60 days, the most urgent first.

    Args:
        register: As of the ledger's last statement.
        now_ns: The moment [ns UTC].
    """
    found = [
        Clock(what=what, about=about, of=of, due_ns=due, late=due <= now_ns)
        for what, about, of, due in _all(register)
        if due < now_ns + SOON
    ]
    return tuple(sorted(found, key=lambda clock: (clock.due_ns, clock.what, clock.about)))


def _all(register: Register) -> Iterator[tuple[str, str, str, int]]:
    for item in register.items.values():
        if item.state in GONE:
            continue
        if item.due_ns < NEVER:
            yield "inventory", item.uid, item.holder, item.due_ns
        if item.return_by_ns:
            yield "return", item.uid, item.holder, item.return_by_ns
    for asked in register.inspections.values():
        if not asked.answered:
            holder = register.items[asked.items[0]].holder
            yield "inspection", ", ".join(asked.items), holder, asked.due_ns
    for site in register.sites.values():
        if site.certified_until_ns:
            yield "certificate", site.id, site.org, site.certified_until_ns
    for emergency in register.emergencies.values():
        if not emergency.review:
            yield "review", emergency.reason, register.nation, emergency.until_ns
