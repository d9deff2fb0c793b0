"""The loops of siting: prices of options, and a board that knows what each option would still add.

On the board stand the options taken so far. ``certain`` counts, for each demand, the options that
cover it for sure, ``miss`` is the chance that all the others miss it (Π (1 - p)); a demand's rest
is ``miss`` where nothing is certain, else 0. ``gain`` holds for every option what it would add,
Σ w · rest · p, kept exact as options come and go: a demand whose rest changes tells all options
that cover it (through the transpose). Where covering is certain, ``chance`` is empty.
"""

import heapq

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

SURE = 1.0 - 1e-9
MEMBER, ALONE = -1, -2

Array = NDArray[np.float64]
Long = NDArray[np.int64]
Numbers = NDArray[np.int32]
Chances = NDArray[np.float32]


@kernel
def transpose(indptr: Long, indices: Numbers, options: Numbers, place: Long, fill: Long) -> None:
    """List the options of each demand.

    Args:
        indptr: ``(n + 1,)``.
        indices: ``(nnz,)`` demands of the options.
        options: ``(nnz,)`` out, rising within a demand.
        place: ``(nnz,)`` out, position of each in ``indices``; empty when not wanted.
        fill: ``(m,)`` where each demand's list begins; at the end, where it ends.
    """
    for i in range(indptr.size - 1):
        for k in range(indptr[i], indptr[i + 1]):
            j = indices[k]
            at = fill[j]
            options[at] = i
            if place.size:
                place[at] = k
            fill[j] = at + 1


@kernel
def prices(indptr: Long, indices: Numbers, chance: Chances, worth: Array, out: Array) -> None:
    """Add up for each option the worth of the demands that it covers, times the chance.

    Args:
        indptr: ``(n + 1,)``.
        indices: ``(nnz,)``.
        chance: ``(nnz,)`` or empty.
        worth: ``(m,)``; float32 is read faster.
        out: ``(n,)``.
    """
    for i in range(out.size):
        first, last = indptr[i], indptr[i + 1]
        total = 0.0
        if chance.size:
            for k in range(first, last):
                total += chance[k] * worth[indices[k]]
        else:
            # Four sums run side by side; each addition need not wait for the one before.
            a = b = c = d = 0.0
            k = first
            while k + 4 <= last:
                a += worth[indices[k]]
                b += worth[indices[k + 1]]
                c += worth[indices[k + 2]]
                d += worth[indices[k + 3]]
                k += 4
            while k < last:
                a += worth[indices[k]]
                k += 1
            total = (a + b) + (c + d)
        out[i] = total


@kernel
def move(
    i: int,
    way: int,
    indptr: Long,
    indices: Numbers,
    chance: Chances,
    start: Long,
    options: Numbers,
    place: Long,
    weights: Array,
    certain: Numbers,
    miss: Array,
    gain: Array,
) -> float:
    """Put an option on the board (``way`` 1) or take it away (-1); give what the value gains.

    Args:
        i: The option.
        way: 1 or -1.
        indptr: ``(n + 1,)``.
        indices: ``(nnz,)``.
        chance: ``(nnz,)`` or empty.
        start: ``(m + 1,)`` of the transpose.
        options: ``(nnz,)``.
        place: ``(nnz,)``, used with ``chance`` alone.
        weights: ``(m,)``.
        certain: ``(m,)`` kept.
        miss: ``(m,)`` kept.
        gain: ``(n,)`` kept.
    """
    changed = 0.0
    for k in range(indptr[i], indptr[i + 1]):
        j = indices[k]
        before = miss[j] if certain[j] == 0 else 0.0
        p = chance[k] if chance.size else 1.0
        if p >= SURE:
            certain[j] += way
        elif way > 0:
            miss[j] *= 1.0 - p
        else:
            miss[j] /= 1.0 - p
        after = miss[j] if certain[j] == 0 else 0.0
        step = (after - before) * weights[j]
        if step == 0.0:
            continue
        changed -= step
        if chance.size:
            for t in range(start[j], start[j + 1]):
                gain[options[t]] += step * chance[place[t]]
        else:
            for t in range(start[j], start[j + 1]):
                gain[options[t]] += step
    return changed


@kernel
def best_option(
    gain: Array,
    costs: Array,
    extra: Array,
    left: float,
    by_ratio: bool,
    open_to: NDArray[np.bool_],
    least: float,
) -> int:
    """Find the affordable option that adds most, in all or for its money; -1 for none.

    Args:
        gain: ``(n,)``.
        costs: ``(n,)``.
        extra: ``(n,)`` what must be spent besides, to reach the network.
        left: Money left.
        by_ratio: Gain for the money, else gain.
        open_to: ``(n,)`` options that may be taken.
        least: Gains up to this count as none.
    """
    best, found = 0.0, -1
    for i in range(gain.size):
        if not open_to[i] or gain[i] <= least:
            continue
        spend = costs[i] + extra[i]
        if spend > left:
            continue
        worth = gain[i] / max(spend, 1e-12) if by_ratio else gain[i]
        if worth > best:
            best, found = worth, i
    return found


@kernel
def spread_reach(
    sources: Numbers,
    member: bool,
    indptr: Long,
    indices: Numbers,
    relay: Array,
    cost: Array,
    via: Numbers,
) -> None:
    """Tell every site how cheaply relays join it to the network; Dijkstra from new members.

    Args:
        sources: Sites that reach the network for nothing.
        member: They are used; else they are free gateways, which need a relay to pass others on.
        indptr: ``(s + 1,)`` of the links.
        indices: Neighbours.
        relay: ``(s,)`` price of a relay there; infinite where none can stand.
        cost: ``(s,)`` kept: price of the relays between a site and the network.
        via: ``(s,)`` kept: the next site on that way; :data:`MEMBER` when the site itself is used
            and joined, :data:`ALONE` when it is a free gateway or out of reach.
    """
    heap = [(0.0, sources[0])]
    heap.pop()
    for s in sources:
        cost[s] = 0.0
        via[s] = MEMBER if member else ALONE
        heapq.heappush(heap, (0.0, s))
    while len(heap) > 0:
        so_far, s = heapq.heappop(heap)
        if so_far > cost[s]:
            continue
        onward = so_far if via[s] == MEMBER else so_far + relay[s]
        for k in range(indptr[s], indptr[s + 1]):
            t = indices[k]
            if onward < cost[t]:
                cost[t] = onward
                via[t] = s
                heapq.heappush(heap, (onward, t))


@kernel
def reached(
    used: NDArray[np.bool_],
    gateway: NDArray[np.bool_],
    indptr: Long,
    indices: Numbers,
    found: NDArray[np.bool_],
    queue: Numbers,
) -> int:
    """Mark the used sites that reach a gateway over used sites; give how many.

    Args:
        used: ``(s,)``.
        gateway: ``(s,)``.
        indptr: ``(s + 1,)``.
        indices: Neighbours.
        found: ``(s,)`` out.
        queue: ``(s,)`` scratch.
    """
    head = tail = 0
    for s in range(used.size):
        found[s] = used[s] and gateway[s]
        if found[s]:
            queue[tail] = s
            tail += 1
    while head < tail:
        s = queue[head]
        head += 1
        for k in range(indptr[s], indptr[s + 1]):
            t = indices[k]
            if used[t] and not found[t]:
                found[t] = True
                queue[tail] = t
                tail += 1
    return tail


@kernel
def add_tags(indptr: Long, indices: Numbers, options: Numbers, tag: Long, key: Long) -> None:
    """Add each option's tag ``(K,)`` to the key ``(m,)`` of the demands that it covers."""
    for c in range(options.size):
        i = options[c]
        for k in range(indptr[i], indptr[i + 1]):
            key[indices[k]] += tag[c]


@kernel
def count_kept(
    indptr: Long, indices: Numbers, options: Numbers, speaker: Numbers, sizes: Long
) -> None:
    """Count in ``sizes[1 + c]`` the demands of option c that speak for a group."""
    for c in range(options.size):
        i = options[c]
        for k in range(indptr[i], indptr[i + 1]):
            if speaker[indices[k]] >= 0:
                sizes[1 + c] += 1


@kernel
def keep_groups(
    indptr: Long, indices: Numbers, options: Numbers, speaker: Numbers, start: Long, out: Numbers
) -> None:
    """Write the groups that each option covers, those of option c from ``start[c]`` on."""
    for c in range(options.size):
        i, at = options[c], start[c]
        for k in range(indptr[i], indptr[i + 1]):
            g = speaker[indices[k]]
            if g >= 0:
                out[at] = g
                at += 1


@kernel
def cover_counts(
    indptr: Long, indices: Numbers, options: Numbers, share: Array, out: Array
) -> None:
    """Add up in ``out`` how often each demand is covered by options taken to some share."""
    for c in range(options.size):
        i = options[c]
        for k in range(indptr[i], indptr[i + 1]):
            out[indices[k]] += share[c]


@kernel
def spend(profit: Array, costs: Array, first: Long, money: float, pick: Numbers) -> float:
    """Pick at every site the option that earns most at a price of money; give what they cost.

    Args:
        profit: ``(K,)`` before money, options of a site side by side.
        costs: ``(K,)``.
        first: ``(sites + 1,)`` where each site's options begin.
        money: Price of money.
        pick: ``(sites,)`` out; the option, or -1 where none earns anything.
    """
    total = 0.0
    for s in range(pick.size):
        best, found = 0.0, -1
        for i in range(first[s], first[s + 1]):
            earned = profit[i] - money * costs[i]
            if earned > best:
                best, found = earned, i
        pick[s] = found
        if found >= 0:
            total += costs[found]
    return total


@kernel
def price_of_money(
    profit: Array, costs: Array, first: Long, budget: float, pick: Numbers, low: float, high: float
) -> float:
    """Find the price of money at which the picked options just fit the budget; bisection.

    Args:
        profit: ``(K,)`` before money.
        costs: ``(K,)``.
        first: ``(sites + 1,)``.
        budget: Money.
        pick: ``(sites,)`` out, the picks at that price.
        low: A price that is too low, or 0.
        high: A price that is high enough.
    """
    if spend(profit, costs, first, low, pick) <= budget:
        return low
    for _ in range(60):
        middle = 0.5 * (low + high)
        if spend(profit, costs, first, middle, pick) > budget:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * high:
            break
    spend(profit, costs, first, high, pick)
    return high
