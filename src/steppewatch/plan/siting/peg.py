"""Options that no better choice can hold: put to zero before anything is split.

If the multipliers prove that every choice with an option is worth at most the best choice known,
the option need not be looked at any more ("pegging", or fixing by reduced cost; Crowder, Johnson &
Padberg 1983). The proof is the multipliers themselves, so it costs one pass to check.
"""

import numpy as np

from steppewatch.plan.siting.bound import Held, Multipliers, Wall, best_at, fixed_part, profits
from steppewatch.plan.siting.instance import Array, Flags, Siting

SAFE = 1e-7  # share of the value; rounding must not peg what the checker would not
SAFE_WHOLE = 1e-3


def forced_in(
    siting: Siting, price: Multipliers, held: Held, walls: tuple[Wall, ...] = ()
) -> Array:
    """Give the bound of the choices that hold each option ``(n,)``; for options not held."""
    profit = profits(siting, price, walls)
    best = np.zeros(siting.sites)
    free = ~(held.one | held.zero)
    np.maximum.at(best, siting.site[free], profit[free])
    whole = fixed_part(siting, price) + best_at(siting, profit, held)
    return np.asarray(whole - best[siting.site] + profit)


def pegged(
    siting: Siting,
    price: Multipliers,
    held: Held,
    walls: tuple[Wall, ...],
    best: float,
    *,
    whole: bool,
) -> Flags:
    """Say which options no choice better than ``best`` holds ``(n,)``.

    Args:
        siting: The problem.
        price: Multipliers with a low bound.
        held: Options fixed.
        walls: Rings that the multipliers refer to.
        best: Value of the best choice known.
        whole: Values are whole numbers.
    """
    most = best + (1.0 - SAFE_WHOLE if whole else -SAFE * abs(best))
    free = ~(held.one | held.zero)
    return np.asarray(free & (forced_in(siting, price, held, walls) < most))
