"""The board on which a choice of sites grows: what it is worth, costs, and what may join it."""

import numpy as np
from numpy.typing import NDArray

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.instance import Array, Flags, Numbers, Siting

NO_CHANCE = np.empty(0, np.float32)
NO_PLACE = np.empty(0, np.int64)


def transposed(siting: Siting) -> tuple[NDArray[np.int64], Numbers, NDArray[np.int64]]:
    """List the options of each demand: ``(m + 1,)``, ``(nnz,)``, place of each ``(nnz,)``.

    The places are empty where covering is certain.
    """
    start = np.zeros(siting.demands + 1, np.int64)
    np.cumsum(np.bincount(siting.indices, minlength=siting.demands), out=start[1:])
    options = np.empty(len(siting.indices), np.int32)
    place = NO_PLACE if siting.chance is None else np.empty(len(siting.indices), np.int64)
    kernels.transpose(siting.indptr, siting.indices, options, place, start[:-1].copy())
    return start, options, place


class Board:
    """Hold a choice while it is made; a cache that can be derived again from the choice.

    Args:
        siting: The problem; its fixed options stand on the board from the beginning.
        way: The transpose, when the caller has it already.

    Attributes:
        taken: ``(n,)`` options of the choice.
        gain: ``(n,)`` what each option would add now.
        used: ``(s,)`` sites of the choice.
        bought: ``(kinds,)`` options of each package.
        spent: Money.
        value: Weight covered.
    """

    def __init__(
        self,
        siting: Siting,
        way: tuple[NDArray[np.int64], Numbers, NDArray[np.int64]] | None = None,
    ) -> None:
        self.siting = siting
        self.way = transposed(siting) if way is None else way
        n, m = siting.options, siting.demands
        self._chance = NO_CHANCE if siting.chance is None else siting.chance
        self._certain, self._miss = np.zeros(m, np.int32), np.ones(m)
        # How many options cover each demand at all, for the needs.
        self.count = self._certain if siting.chance is None else np.zeros(m, np.int32)
        self.taken = np.zeros(n, bool)
        self.gain = np.empty(n)
        kernels.prices(
            siting.indptr,
            siting.indices,
            self._chance,
            siting.weights.astype(np.float32),
            self.gain,
        )
        self.used = np.zeros(siting.sites, bool)
        self.bought = np.zeros(len(siting.limits), np.int64)
        self.spent = self.value = 0.0
        for i in np.flatnonzero(siting.fixed):
            self.put(int(i))

    def put(self, i: int) -> None:
        """Take option i into the choice."""
        self.value += self._move(i, 1)

    def take(self, i: int) -> None:
        """Take option i out of it."""
        self.value += self._move(i, -1)

    def _move(self, i: int, way: int) -> float:
        siting = self.siting
        self.taken[i] = way > 0
        self.used[siting.site[i]] = way > 0
        self.bought[siting.kind[i]] += way
        self.spent += way * float(siting.costs[i])
        if siting.chance is not None:
            self.count[siting.indices[siting.indptr[i] : siting.indptr[i + 1]]] += way
        gained: float = kernels.move(
            i,
            way,
            siting.indptr,
            siting.indices,
            self._chance,
            *self.way,
            siting.weights,
            self._certain,
            self._miss,
            self.gain,
        )
        return gained

    def loss(self, i: int) -> float:
        """Say what the choice would lose without option i."""
        siting = self.siting
        rows = siting.indices[siting.indptr[i] : siting.indptr[i + 1]]
        alone = self._certain[rows] == 1
        if siting.chance is None:
            return float(siting.weights[rows[alone]].sum())
        p = siting.chance[siting.indptr[i] : siting.indptr[i + 1]].astype(float)
        sure = p >= kernels.SURE
        rest = np.where(self._certain[rows] == 0, self._miss[rows], 0.0)
        lost = np.where(sure, alone * self._miss[rows], rest * p / np.where(sure, 1.0, 1.0 - p))
        return float((lost * siting.weights[rows]).sum())

    def open_to(self) -> Flags:
        """Say which options may still be taken, money apart ``(n,)``."""
        siting = self.siting
        full = self.bought >= siting.limits
        return np.asarray(~(siting.barred | self.used[siting.site] | full[siting.kind]))

    def seen(self) -> Array:
        """Give the chance that each demand is covered ``(m,)``."""
        return np.where(self._certain > 0, 1.0, 1.0 - self._miss)

    def turn_to(self, other: "Board") -> None:
        """Become another board of the same problem."""
        for name in ("taken", "gain", "used", "bought", "spent", "value", "count"):
            setattr(self, name, getattr(other, name))
        self._certain, self._miss = other._certain, other._miss  # noqa: SLF001 (its own kind)

    def chosen(self) -> Numbers:
        """Give the options of the choice, rising."""
        return np.flatnonzero(self.taken).astype(np.int32)


def missed(siting: Siting, anchor: Numbers) -> Array:
    """Give the chance that a choice misses each demand, Π (1 - p) ``(m,)``."""
    rest = np.ones(siting.demands)
    for i in anchor:
        part = slice(siting.indptr[i], siting.indptr[i + 1])
        p = 1.0 if siting.chance is None else siting.chance[part].astype(float)
        rest[siting.indices[part]] *= 1.0 - p
    return rest


def value_of(siting: Siting, chosen: Numbers) -> float:
    """Work out anew what a choice is worth, from nothing but the problem.

    Args:
        siting: The problem.
        chosen: ``(k,)`` options.
    """
    return float(((1.0 - missed(siting, chosen)) * siting.weights).sum())
