"""Mend a choice that does not hang together: relays in, the least useful out."""

import numpy as np

from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.greedy import Reach
from steppewatch.plan.siting.improve import improve, sound
from steppewatch.plan.siting.instance import Numbers
from steppewatch.plan.siting.kernels import MEMBER


def adopt(board: Board, chosen: Numbers) -> bool:
    """Turn the board to another choice, mended where it does not hang together, if it is better."""
    siting = board.siting
    other = Board(siting, board.way)
    for i in chosen:
        if not other.taken[i]:
            other.put(int(i))
    if siting.links is not None and not sound(other, needs=False):
        mend(other)
    if not sound(other) or other.spent > siting.budget * (1.0 + 1e-9):
        return False
    improve(other)
    if other.value <= board.value:
        return False
    board.turn_to(other)
    return True


def mend(board: Board) -> None:
    """Join what is apart by relays; give up the least useful options until it can be paid."""
    join_apart(board)
    _cut_down(board)


def join_apart(board: Board) -> list[int]:
    """Take relays until all sites reach the network, whatever they cost; give the relays."""
    siting, before = board.siting, board.taken.copy()
    reach = Reach(siting, board)
    for i in sorted(board.chosen(), key=lambda c: -board.loss(int(c))):
        site = int(siting.site[i])
        if reach.via[site] != MEMBER and np.isfinite(reach.cost[site]):
            join_site(board, reach, site)
    return [int(i) for i in np.flatnonzero(board.taken & ~before)]


def _cut_down(board: Board) -> None:
    """Give up the least useful options that nothing hangs on, until the rest can be paid."""
    siting = board.siting
    while board.spent > siting.budget * (1.0 + 1e-12):
        own = np.flatnonzero(board.taken & ~siting.fixed)
        loss = np.array([board.loss(int(i)) for i in own]) / np.maximum(siting.costs[own], 1e-12)
        for i in own[np.argsort(loss, kind="stable")]:
            board.take(int(i))
            if sound(board):
                break
            board.put(int(i))
        else:
            return


def join_fixed(board: Board, reach: Reach) -> None:
    """Take the relays that join sites already fixed to the network."""
    siting = board.siting
    if siting.links is None:
        return
    for site in np.unique(siting.site[siting.fixed]):
        if np.isfinite(reach.cost[site]) and reach.via[site] != MEMBER:
            join_site(board, reach, int(site))


def join_site(board: Board, reach: Reach, site: int) -> None:
    """Take the relays that join a used site to the network; nothing where a limit forbids them."""
    siting = board.siting
    relays = [r for r in reach.relays_to(site) if not board.used[siting.site[r]]]
    wanted = np.bincount(siting.kind[np.array(relays, int)], minlength=len(siting.limits))
    if (board.bought + wanted > siting.limits).any():
        return
    for relay in relays:
        board.put(relay)
    reach.join([*(int(siting.site[r]) for r in relays), site])
