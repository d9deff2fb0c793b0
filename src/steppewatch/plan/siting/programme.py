"""The linear programme of a core of options, and the same with whole numbers, solved by HiGHS.

Variables are the options, then one per group of demands (covered?), then one per group of each
need (covered often enough?). Rows, in this order: groups, needs' groups, needs, budget, limits,
sites with several options, walls. The duals of the linear programme are multipliers for the whole
problem (``bound``).
"""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from steppewatch.errors import PlanError
from steppewatch.plan.siting.bound import Held, Multipliers, Wall, around
from steppewatch.plan.siting.core import Core, NeedGroups, need_groups, spread_need
from steppewatch.plan.siting.instance import AnyNumbers, Array, Flags, Numbers, Siting

OPTIMAL = highspy.HighsModelStatus.kOptimal
INFEASIBLE = highspy.HighsModelStatus.kInfeasible


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """Hold a programme ready for the solver.

    Attributes:
        core: Its options and groups.
        needs: Its needs.
        matrix: Rows by variables.
        lower: Of the rows.
        upper: Of the rows.
        worth: Of the variables, to be made as much as possible.
        floor: Least value of each variable.
        ceiling: Greatest value.
    """

    core: Core
    needs: tuple[NeedGroups, ...]
    matrix: sparse.csc_matrix
    lower: Array
    upper: Array
    worth: Array
    floor: Array
    ceiling: Array
    sites: int
    walls: tuple[Wall, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Hold what the solver found: its value, the options' shares, its duals and its own bound."""

    status: highspy.HighsModelStatus
    value: float
    share: Array
    dual: Array
    bound: float


def model_of(siting: Siting, core: Core, held: Held, walls: tuple[Wall, ...] = ()) -> Model:
    """Write the programme of a core.

    Args:
        siting: The problem.
        core: Options and groups.
        held: Options fixed.
        walls: Rings that connectivity must pass.
    """
    options, groups = len(core.options), len(core.weights)
    needs = need_groups(siting, core)
    covers = sparse.csc_matrix(
        (np.ones(len(core.indices)), core.indices, core.indptr), shape=(groups, options)
    )
    rows = covers.tocsr()
    twos = sum(len(need.groups) for need in needs)
    width = options + groups + twos
    blocks = [sparse.hstack([covers, -sparse.identity(groups), sparse.csc_matrix((groups, twos))])]
    at, pays = options + groups, []
    for need in needs:
        size = len(need.groups)
        behind = width - at - size
        often = sparse.identity(size) * float(need.sensors)
        blocks.append(
            sparse.hstack(
                [
                    rows[need.groups],
                    sparse.csr_matrix((size, at - options)),
                    -often,
                    sparse.csr_matrix((size, behind)),
                ]
            )
        )
        pays.append(_row(width, np.arange(at, at + size), need.weights))
        at += size
    blocks += pays
    low = [np.zeros(groups + twos), np.array([need.wanted for need in needs])]
    high = [np.full(groups + twos + len(needs), np.inf)]
    site, kind = siting.site[core.options], siting.kind[core.options]
    costs = siting.costs[core.options]
    every = np.arange(options)
    blocks.append(_row(width, every, costs))
    few = np.flatnonzero(np.isfinite(siting.limits))
    blocks += [_row(width, every[kind == k], np.ones(int((kind == k).sum()))) for k in few]
    shared = _shared(site, held.one[core.options])
    blocks += [_row(width, every[site == s], np.ones(int((site == s).sum()))) for s in shared]
    low.append(np.full(1 + len(few) + len(shared), -np.inf))
    high.append(np.concatenate(([siting.budget], siting.limits[few], np.ones(len(shared)))))
    for wall in walls:
        sign = np.isin(site, around(siting, wall.members)) * 1.0 - (site == wall.site)
        blocks.append(_row(width, np.flatnonzero(sign), sign[sign != 0.0]))
    low.append(np.zeros(len(walls)))
    high.append(np.full(len(walls), np.inf))
    return Model(
        core=core,
        needs=needs,
        matrix=sparse.vstack(blocks).tocsc(),
        lower=np.concatenate(low),
        upper=np.concatenate(high),
        worth=np.concatenate((np.zeros(options), core.weights, np.zeros(twos))),
        floor=np.concatenate((held.one[core.options] * 1.0, np.zeros(groups + twos))),
        ceiling=np.concatenate((1.0 - held.zero[core.options], np.ones(groups + twos))),
        sites=len(shared),
        walls=walls,
    )


def _row(width: int, columns: AnyNumbers, values: Array) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, (np.zeros(len(columns), int), columns)), shape=(1, width))


def _shared(site: AnyNumbers, one: Flags) -> AnyNumbers:
    """List the sites that several options want; beside fixed ones the problem bars the others."""
    sites, count = np.unique(site[~one], return_counts=True)
    return sites[count > 1]


class _Silent(highspy.Highs):
    """HiGHS without its banner: a command's output is its answer alone."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the library's name)
        """Fall silent before the first thing that would print."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class Solver:
    """Keep one programme in HiGHS, so that a change is solved from where the last one ended.

    Args:
        model: The programme.
        whole: Options are taken or not; else shares count.
    """

    def __init__(self, model: Model, *, whole: bool = False) -> None:
        self.model, self.whole = model, whole
        self._highs: Any = _Silent()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("random_seed", 1)
        lp: Any = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = model.matrix.shape
        lp.col_cost_ = -model.worth
        lp.col_lower_, lp.col_upper_ = model.floor, model.ceiling
        lp.row_lower_, lp.row_upper_ = model.lower, model.upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = model.matrix.indptr
        lp.a_matrix_.index_ = model.matrix.indices
        lp.a_matrix_.value_ = model.matrix.data
        if whole:
            options, rest = len(model.core.options), len(model.worth) - len(model.core.options)
            twos = sum(len(need.groups) for need in model.needs)
            kind = highspy.HighsVarType
            lp.integrality_ = np.array(
                [kind.kInteger] * options
                + [kind.kContinuous] * (rest - twos)
                + [kind.kInteger] * twos
            )
        self._highs.passModel(lp)

    def begin(self, chosen: Flags) -> None:
        """Begin from a choice ``(K,)`` of the core's options."""
        start = highspy.HighsSolution()
        core = self.model.core
        covered = np.zeros(len(core.weights))
        for c in np.flatnonzero(chosen):
            covered[core.indices[core.indptr[c] : core.indptr[c + 1]]] += 1.0
        parts = [chosen * 1.0, np.minimum(covered, 1.0)]
        parts += [(covered[need.groups] >= need.sensors) * 1.0 for need in self.model.needs]
        start.col_value = list(np.concatenate(parts))
        self._highs.setSolution(start)

    def limit(self, options: Numbers, floor: Array, ceiling: Array) -> None:
        """Change the limits of some of the core's options."""
        for c, low, high in zip(options, floor, ceiling, strict=True):
            self._highs.changeColBounds(int(c), float(low), float(high))

    def solve(self, seconds: float, *, gap: float = 0.0) -> Answer:
        """Solve, for so many seconds at most, until whole numbers are within a share ``gap``.

        Raises:
            PlanError: The solver failed.
        """
        highs = self._highs
        highs.setOptionValue("time_limit", highs.getRunTime() + max(seconds, 0.01))
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("mip_abs_gap", 1e-9)
        if highs.run() == highspy.HighsStatus.kError:
            raise PlanError(
                f"the solver gave up ({highs.modelStatusToString(highs.getModelStatus())}): "
                "check the problem for weights or prices of very different size"
            )
        found, info = highs.getSolution(), highs.getInfo()
        options = len(self.model.core.options)
        value = np.asarray(found.col_value)
        bound = -info.mip_dual_bound if self.whole else -info.objective_function_value
        return Answer(
            status=highs.getModelStatus(),
            value=-info.objective_function_value,
            share=value[:options] if len(value) else np.zeros(options),
            dual=np.asarray(found.row_dual),
            bound=bound,
        )

    def ray(self) -> Array | None:
        """Give the dual ray that proves an infeasible programme infeasible, if there is one."""
        status, found, ray = self._highs.getDualRay()
        return np.asarray(ray) if status == highspy.HighsStatus.kOk and found else None


def multipliers_of(
    siting: Siting, model: Model, dual: Array, elsewhere: Multipliers
) -> Multipliers:
    """Read the multipliers of the whole problem from a programme's duals.

    Args:
        siting: The problem.
        model: The programme.
        dual: ``(rows,)`` of HiGHS, for the negated aim.
        elsewhere: For demands that no option of the core covers.
    """
    core, groups = model.core, len(model.core.weights)
    # A row that must be at least so much has a dual ≥ 0 when making less; a budget one ≤ 0.
    cover = np.clip(dual[:groups], 0.0, core.weights)
    at, twice = groups, []
    for own in model.needs:
        twice.append(np.maximum(dual[at : at + len(own.groups)], 0.0))
        at += len(own.groups)
    pays = np.maximum(dual[at : at + len(model.needs)], 0.0)
    at += len(model.needs)
    spread = tuple(
        spread_need(siting.weights[need.rows], own, worth, float(pay))
        for need, own, worth, pay in zip(siting.needs, model.needs, twice, pays, strict=True)
    )
    limits = np.zeros(len(siting.limits))
    few = np.isfinite(siting.limits)
    money = max(0.0, -float(dual[at]))
    limits[few] = np.maximum(0.0, -dual[at + 1 : at + 1 + int(few.sum())])
    at += 1 + int(few.sum()) + model.sites
    return Multipliers(
        cover=core.spread(cover, siting.weights, elsewhere.cover),
        money=money,
        limits=limits,
        pays=tuple(float(v) for v in pays),
        twice=spread,
        walls=np.maximum(0.0, dual[at:]),
    )
