"""Whether what comes by a link can be what it says: the guard against wrong editions.

A sender of another edition of a category is not noise: most of its blocks break, and some are
read by accident, with wrong positions. So a link is judged by category: while too many of its
latest blocks break, nothing of that category is taken from it, and its health says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steppewatch.wire.asterix.feed import Link, State

# Weights fade by this factor with each block, so that about the last thirty count.
FADE = 1.0 - 1.0 / 30.0
# A link is at fault above the one share of broken blocks, and sound again below the other.
FAULT_SHARE, SOUND_SHARE = 0.3, 0.1
ENOUGH = 2.0
# A hostile sender that changes its port with each packet must not fill the memory.
MOST_LINKS = 1_000
# What stands before SAC/SIC in the names of senders that are no radars, by category.
PREFIXES = {10: "surface-", 21: "adsb-", 62: "sdps-", 65: "sdps-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Say how some blocks arrived.

    Attributes:
        names: Of links.
        link: ``(b,)`` index of each block's link in ``names``.
        received: ``(b,)`` time of reception [ns UTC].
    """

    names: Sequence[str]
    link: NDArray[np.int64]
    received: NDArray[np.int64]


def state_of_links(
    state: State,
    names: Sequence[str],
    link: NDArray[np.int64],
    faulty: NDArray[np.bool_],
    received: NDArray[np.int64],
) -> set[str]:
    """Weigh what arrived by each link, and name those that are at fault."""
    failed = np.bincount(link[faulty], minlength=len(names)).tolist()
    whole = np.bincount(link[~faulty], minlength=len(names)).tolist()
    latest = np.zeros(len(names), np.int64)
    np.maximum.at(latest, link, received)
    at_fault = set()
    for name, good, bad, last_ns in zip(names, whole, failed, latest.tolist(), strict=True):
        if good + bad == 0:
            continue
        judged = _judge(state.links.pop(name, Link()), good, bad, last_ns)
        state.links[name] = judged
        if judged.fault:
            at_fault.add(name)
    for name in list(state.links)[: max(0, len(state.links) - MOST_LINKS)]:
        del state.links[name]
    return at_fault


def blame(
    state: State, number: int, key: str, names: Sequence[str], link: NDArray[np.int64]
) -> None:
    """Let a sender know its links, so that their errors stand in its health."""
    sender = PREFIXES.get(number, "") + key
    source = state.sources[sender]
    mine = {names[k] for k in np.unique(link).tolist()}
    if not mine <= set(source.links):
        state.sources[sender] = replace(source, links=tuple(sorted(mine | set(source.links))))


def _judge(link: Link, good: int, failed: int, time_ns: int) -> Link:
    """Weigh some more blocks of a link."""
    fade = FADE ** (good + failed)
    link = replace(
        link,
        good=link.good * fade + good,
        failed=link.failed * fade + failed,
        errors=link.errors + failed,
        messages=link.messages + good + failed,
        last_ns=time_ns if good else link.last_ns,
    )
    share = link.failed / (link.good + link.failed)
    if link.failed >= ENOUGH and share > FAULT_SHARE:
        return replace(link, fault=True)
    if share < SOUND_SHARE:
        return replace(link, fault=False)
    return link
