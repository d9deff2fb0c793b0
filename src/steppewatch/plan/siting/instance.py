"""What a siting problem is: options that cover demands, what they cost, and what binds them.

An *option* is one package of equipment on one site (a column), a *demand* is one cell of ground
for one class of target (a row) with a weight. Options of one site exclude each other. The value of
a choice is the weight of the demands that it covers; where options cover with a probability, the
expected weight ``Σ w (1 - Π (1 - p))``.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int32]
AnyNumbers = NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Need:
    """Ask that part of some demands is covered by several options at once.

    Attributes:
        name: For messages.
        rows: ``(r,)`` demands.
        sensors: How many options must cover a demand for it to count.
        share: Share of the demands' weight that must count, 0…1.
    """

    name: str
    rows: Numbers
    sensors: int = 2
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """Say which sites can speak to each other.

    Attributes:
        indptr: ``(sites + 1,)`` int64; the neighbours of site s are
            ``indices[indptr[s]:indptr[s + 1]]``, both directions listed.
        indices: Sites.
        gateway: ``(sites,)`` sites that reach the network by themselves.
    """

    indptr: NDArray[np.int64]
    indices: Numbers
    gateway: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Siting:
    """Hold one problem with n options, m demands and s sites.

    Attributes:
        indptr: ``(n + 1,)`` int64; option i covers ``indices[indptr[i]:indptr[i + 1]]``.
        indices: ``(nnz,)`` demands, rising within an option, none twice.
        chance: ``(nnz,)`` float32 probability 0…1 of each; None where covering is certain.
        weights: ``(m,)`` ≥ 0.
        costs: ``(n,)`` ≥ 0.
        budget: Most that may be spent.
        site: ``(n,)`` site of each option, 0…s - 1.
        kind: ``(n,)`` package of each option.
        limits: ``(kinds,)`` most options of a package; infinite for no limit.
        fixed: ``(n,)`` options that are part of every choice (they cost what ``costs`` says).
        barred: ``(n,)`` options that may not be taken.
        needs: What must be covered more than once.
        links: Which sites must hang together: every site used reaches a gateway over links
            between used sites. None when that is not asked.
    """

    indptr: NDArray[np.int64]
    indices: Numbers
    chance: NDArray[np.float32] | None = None
    weights: Array
    costs: Array
    budget: float
    site: Numbers
    kind: Numbers
    limits: Array
    fixed: Flags
    barred: Flags
    needs: tuple[Need, ...] = field(default=())
    links: Links | None = None

    @property
    def options(self) -> int:
        """Give n."""
        return len(self.costs)

    @property
    def demands(self) -> int:
        """Give m."""
        return len(self.weights)

    @property
    def sites(self) -> int:
        """Give s."""
        return int(self.site.max()) + 1 if len(self.site) else 0
