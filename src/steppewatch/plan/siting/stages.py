"""Two purchases: what to buy this year so that next year's choice is still good.

Two ways are compared. *At once*: the best choice for this year's money, and next year whatever goes
best with it. *Ahead*: the best choice for both years' money, and this year the best part of that.
The first is better now, the second later; how much the difference is decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.siting.arrays import settled
from steppewatch.plan.siting.instance import Numbers, Siting
from steppewatch.plan.siting.solve import Solution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stages:
    """Hold both ways: what is bought first, and what is covered after each purchase.

    Attributes:
        at_once: Options bought first when this year alone counts.
        ahead: Options bought first when next year counts.
        at_once_now: Weight covered after the first purchase.
        at_once_later: After the second.
        ahead_now: The same of the other way.
        ahead_later: The same of the other way.
        bound_now: No first purchase covers more.
        bound_later: No two purchases cover more in the end.
    """

    at_once: Numbers
    ahead: Numbers
    at_once_now: float
    at_once_later: float
    ahead_now: float
    ahead_later: float
    bound_now: float
    bound_later: float


def stages(
    siting: Siting, now: Solution, more: float, solve: Callable[[Siting], Solution]
) -> Stages:
    """Compare the two ways.

    Args:
        siting: The problem with this year's budget; needs hold for both years.
        now: Its solution.
        more: Next year's money.
        solve: Solves a problem.

    Raises:
        PlanError: ``more`` is no money.
    """
    if not more > 0.0:
        raise PlanError(f"next year's budget is {more:g}: give money above 0")
    both = siting.budget + more
    later = solve(_fresh(siting, budget=both))
    wanted = np.ones(siting.options, bool)
    wanted[later.chosen] = False
    first = solve(_fresh(siting, barred=siting.barred | wanted, needs=()))
    held = siting.fixed.copy()
    held[now.chosen] = True
    onward = solve(settled(_fresh(siting, budget=both, fixed=held)))
    # Whatever was found last is a choice of both years' money too: the better one counts.
    best = max(later.value, onward.value)
    return Stages(
        at_once=now.chosen,
        ahead=first.chosen,
        at_once_now=now.value,
        at_once_later=onward.value,
        ahead_now=first.value,
        ahead_later=later.value,
        bound_now=now.bound,
        bound_later=max(later.bound, best),
    )


def _fresh(siting: Siting, **changes: object) -> Siting:
    """Change a problem without sharing the flags that :func:`settled` writes."""
    return replace(
        siting,
        **{"fixed": siting.fixed.copy(), "barred": siting.barred.copy(), **changes},  # type: ignore[arg-type]
    )
