"""Needs: demands that several options must cover at once."""

import numpy as np

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.greedy import Reach, take_with_relays
from steppewatch.plan.siting.instance import Need

ROUNDING = 1e-9


def lacking(board: Board, need: Need) -> float:
    """Give the weight that a choice still lacks to meet a need; 0 when it is met."""
    siting = board.siting
    weights = siting.weights[need.rows]
    wanted = need.share * float(weights.sum())
    met = float(weights[board.count[need.rows] >= need.sensors].sum())
    return max(0.0, wanted - met - ROUNDING * max(wanted, 1.0))


def meet(board: Board, reach: Reach) -> list[int]:
    """Take options until every need is met or nothing helps; greedy, most help for the money.

    Returns:
        The options taken, in order.
    """
    siting, order = board.siting, []
    chance = np.empty(0, np.float32)
    help_ = np.empty(siting.options)
    for need in siting.needs:
        refused = np.zeros(siting.options, bool)
        while lacking(board, need) > 0.0:
            worth = np.zeros(siting.demands)
            short = need.sensors - board.count[need.rows]
            worth[need.rows] = np.where(
                short > 0, siting.weights[need.rows] / np.maximum(short, 1), 0.0
            )
            kernels.prices(siting.indptr, siting.indices, chance, worth, help_)
            i = kernels.best_option(
                help_,
                siting.costs,
                reach.cost[siting.site],
                siting.budget - board.spent,
                True,
                board.open_to() & ~refused,
                0.0,
            )
            if i < 0:
                break
            taken = take_with_relays(board, reach, i)
            order += taken
            refused[i] = not taken
    return order
