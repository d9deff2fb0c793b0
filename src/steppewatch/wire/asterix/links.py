"""Whether what comes by a link can be what it says: the guard against wrong editions.

A sender of another edition of a category is not noise: most of its blocks break, and some are
read by accident, with wrong positions. So a link is judged by category: while too many of its
latest blocks break, nothing of that category is taken from it, and its health says so.
"""

from dataclasses import replace

from steppewatch.wire.asterix.feed import Link, State

# Weights fade by this factor with each block, so that about the last thirty count.
FADE = 1.0 - 1.0 / 30.0
# A link is at fault above the one share of broken blocks, and sound again below the other.
FAULT_SHARE, SOUND_SHARE = 0.3, 0.1
ENOUGH = 2.0


def judge(state: State, name: str, good: int, failed: int, time_ns: int) -> Link:
    """Weigh some more blocks of a link."""
    link = state.links.get(name, Link())
    fade = FADE ** (good + failed)
    link = replace(
        link,
        good=link.good * fade + good,
        failed=link.failed * fade + failed,
        errors=link.errors + failed,
        messages=link.messages + good + failed,
        last_ns=time_ns if good else link.last_ns,
    )
    share = link.failed / max(link.good + link.failed, 1e-9)
    if link.failed >= ENOUGH and share > FAULT_SHARE:
        return replace(link, fault=True)
    if share < SOUND_SHARE:
        return replace(link, fault=False)
    return link


def trusted(state: State, name: str) -> bool:
    """Tell whether what this link carries may reach the picture."""
    return not state.links[name].fault
