"""Decide many releases at once: the same policies over arrays, partners × data.

What hangs on labels, partners and purpose alone is evaluated once (``BulkRules.plan``); a message
then costs the few conditions on where, how old and how exact it is. Order of conditions may only
be changed where none can err, so a policy that computes is evaluated whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from steppewatch.custody.policy.columns import TEXT, Asked, Names, Path, Tables
from steppewatch.custody.policy.compile import Policy
from steppewatch.custody.policy.decide import Rules
from steppewatch.custody.policy.question import RELEASE, DataFacts, Known, OrgFacts
from steppewatch.custody.policy.store import entities_of
from steppewatch.custody.policy.vector import conjuncts, every, paths, sums
from steppewatch.errors import CustodyError

Mask = NDArray[np.bool_]
MOVING: Final = ("target", "areas", "age_s", "precision_m")
OTHER: Final = DataFacts(id="-", terms=frozenset())


def judged(policies: Sequence[Policy], asked: Asked, shape: tuple[int, ...]) -> tuple[Mask, Mask]:
    """Evaluate policies over columns.

    Args:
        policies: Those whose scope (action) fits.
        asked: Columns of the requests.
        shape: Shape of the requests.

    Returns:
        Allowed and erred, of ``shape``; what erred is not allowed.
    """
    permitted, forbidden, erred = (np.zeros(shape, bool) for _ in range(3))
    for policy in policies:
        value, error = every(conjuncts(policy.body), asked)
        held = permitted if policy.permits else forbidden
        held |= np.asarray(value, bool) & ~np.asarray(error, bool)
        erred |= error
    return permitted & ~forbidden & ~erred, erred


@dataclass(frozen=True, slots=True)
class _Parted:
    """Hold a policy whose still conditions were evaluated: ``still`` is (p, l)."""

    policy: Policy
    still: Any
    clocks: list[Mapping[str, Any]]
    moving: list[Mapping[str, Any]]


@dataclass(slots=True)
class Labels:
    """Hold labels as rows, to be named by index in ``BulkRules.release``.

    Attributes:
        rows: What the labels say; what moves (target, areas, age, precision) is not read.
    """

    rows: tuple[DataFacts, ...]
    plans: dict[str, "Plan"] = field(default_factory=dict[str, "Plan"], repr=False)


class BulkRules:
    """Decide releases in bulk by the rules that ``decide`` uses."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def labels(self, rows: Sequence[DataFacts]) -> Labels:
        """Take labels in; their index names them from now on."""
        return Labels(tuple(rows))

    def plan(
        self, partners: Sequence[OrgFacts], labels: Labels, known: Known, purpose: str
    ) -> "Plan":
        """Evaluate what moves with no message; ask again when labels, partners or rules change.

        Raises:
            CustodyError: A partner or a name in a label is not known.
        """
        return Plan(self.rules, tuple(partners), labels, known, purpose)

    def release(
        self,
        partners: Sequence[OrgFacts],
        labels: Labels,
        columns: "Columns",
        known: Known,
        *,
        now_ns: int,
        purpose: str,
        emergency: bool | Mask = False,
    ) -> Mask:
        """Decide partners × data.

        Args:
            partners: Organisations, p of them.
            labels: Labels, from ``labels``.
            columns: The data, n of them.
            known: What the labels name.
            now_ns: Moment [ns UTC].
            purpose: What for.
            emergency: A declared emergency covers it: a flag, or broadcast to ``(p, n)``.

        Returns:
            Allowed, ``(p, n)``. All False when a name is not known.
        """
        who = tuple(partners)
        try:
            plan = labels.plans.get(purpose)
            if plan is None or not plan.fits(self.rules, who, known):
                plan = labels.plans[purpose] = self.plan(who, labels, known, purpose)
            return plan.release(columns, now_ns, emergency)
        except CustodyError:
            return np.zeros((len(partners), len(columns.label)), bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Hold n data as columns.

    Attributes:
        label: Index of each one's label.
        target: Class of each, as text.
        areas: Areas in which each lies.
        age_s: Age as it would be sent [s].
        precision_m: Precision as it would be sent [m].
    """

    label: NDArray[np.intp]
    target: Sequence[str] | NDArray[np.int64]
    areas: Sequence[frozenset[str]] | NDArray[np.uint64]
    age_s: NDArray[np.int64]
    precision_m: NDArray[np.int64]


class Plan:
    """Hold what was evaluated for partners, labels and a purpose; decide messages by it."""

    def __init__(
        self,
        rules: Rules,
        partners: tuple[OrgFacts, ...],
        labels: Labels,
        known: Known,
        purpose: str,
    ) -> None:
        self.rules, self.partners, self.labels, self.known = rules, partners, labels, known
        self.purpose = purpose
        names = Names()
        for policy in rules.policies.values():
            names.add_all(list(_literals(policy.body)))
        rows = [
            replace(row, id=str(number), target="-", areas=row.within or frozenset())
            for number, row in enumerate(labels.rows)
        ]
        names.add(TEXT, purpose)
        self.tables = Tables(names, entities_of(known, partners, rows, rules.agreements))
        count = names.numbers
        self.who = np.array([count["Org", one.id] for one in partners], np.int64)[:, None]
        self.what = np.array([count["Data", row.id] for row in rows], np.int64)
        self.bound = {
            under: np.array([under in row.terms for row in rows], bool)
            for under in sorted({term for row in rows for term in row.terms})
        }
        self.without = np.array([not row.terms for row in rows], bool)
        self.parted = {under: self._part(under) for under in self.bound}

    def fits(self, rules: Rules, partners: tuple[OrgFacts, ...], known: Known) -> bool:
        """Tell whether it was made for these rules, partners and names."""
        return self.known is known and self.rules is rules and self.partners == partners

    def targets(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Give classes as the numbers that ``Columns.target`` takes."""
        return np.array([self.tables.names.number(text) for text in texts], np.int64)

    def areas(self, sets: Sequence[frozenset[str]]) -> NDArray[np.uint64]:
        """Give sets of areas as the words that ``Columns.areas`` takes, ``(n, w)``."""
        words = self.tables.words
        if not sets:
            return np.zeros((0, words), np.uint64)
        return np.stack([self.tables.names.mask(areas, words) for areas in sets])

    def release(self, columns: Columns, now_ns: int, emergency: bool | Mask = False) -> Mask:
        """Decide partners × data, ``(p, n)``."""
        columns = self._numbered(columns)
        allowed = np.broadcast_to(
            ~self.without[columns.label], (len(self.partners), len(columns.label))
        ).copy()
        for under, bound in self.bound.items():
            here = bound[columns.label]
            if not here.any():
                continue
            permitted, stopped = False, False
            for policy, value, error in self._results(under, columns, now_ns, emergency):
                if policy.permits:
                    permitted = permitted | value
                else:
                    stopped = stopped | value
                stopped = stopped if error is False else stopped | error
            allowed &= ~here | (permitted & np.logical_not(stopped))
        return allowed

    def why(
        self, partner: int, row: int, columns: Columns, now_ns: int, *, emergency: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """Give what decided one release: (agreement, policy id), or (agreement, "") for nothing."""
        columns = self._numbered(columns)
        allowed = bool(self.release(columns, now_ns, emergency)[partner, row])
        shape = (len(self.partners), len(columns.label))
        found: list[tuple[str, str]] = []
        for under, bound in self.bound.items():
            if not bound[columns.label[row]]:
                continue
            permits: list[tuple[str, str]] = []
            forbids: list[tuple[str, str]] = []
            for policy, value, error in self._results(under, columns, now_ns, emergency):
                if np.broadcast_to(value | error, shape)[partner, row]:
                    (permits if policy.permits else forbids).append((under, policy.id))
            if allowed:
                found += permits
            elif forbids or not permits:
                found += forbids or [(under, "")]
        return tuple(found)

    def _numbered(self, columns: Columns) -> Columns:
        target, areas = columns.target, columns.areas
        if isinstance(target, np.ndarray) and isinstance(areas, np.ndarray):
            return columns
        if not isinstance(target, np.ndarray):
            target = self.targets(target)
        if not isinstance(areas, np.ndarray):
            areas = self.areas(areas)
        return replace(columns, target=target, areas=areas)

    def _given(self, under: str, what: Any) -> dict[Path, Any]:
        return {
            ("principal",): self.who,
            ("resource",): what,
            ("context", "under"): self.tables.names.numbers["Agreement", under],
            ("context", "purpose"): self.tables.names.number(self.purpose),
        }

    def _part(self, under: str) -> list[_Parted]:
        if under not in self.rules.agreements:
            raise CustodyError(f"agreement {under!r} is not among the rules")
        still_asked = Asked(self.tables, self._given(under, self.what))
        found = []
        for policy in self.rules.asked_of(RELEASE, under):
            parts = conjuncts(policy.body)
            if sums(parts):
                found.append(_Parted(policy, True, [], parts))
                continue
            kinds: dict[str, list[Any]] = {"still": [], "clock": [], "moving": []}
            for part in parts:
                kinds[_kind(part)].append(part)
            value, error = every(kinds["still"], still_asked)
            if np.any(error):
                raise CustodyError(f"{policy.id} errs over labels; they are not as known")
            if np.any(value):
                wide = (
                    value
                    if value is True
                    else np.broadcast_to(value, (len(self.partners), len(self.labels.rows)))
                )
                found.append(
                    _Parted(
                        policy,
                        True if wide is True or wide.all() else np.ascontiguousarray(wide),
                        kinds["clock"],
                        kinds["moving"],
                    )
                )
        return found

    def _results(
        self, under: str, columns: Columns, now_ns: int, emergency: bool | Mask
    ) -> Iterator[tuple[Policy, Any, Any]]:
        given = self._given(under, self.what[columns.label])
        for name in MOVING:
            given["resource", name] = getattr(columns, name)
        given["context", "now"] = now_ns
        given["context", "emergency"] = emergency
        asked = Asked(self.tables, given)
        for parted in self.parted[under]:
            if every(parted.clocks, asked)[0] is False:
                continue
            still = parted.still if parted.still is True else parted.still[:, columns.label]
            value, error = every(parted.moving, asked)
            yield parted.policy, still & value, error


def _kind(part: Mapping[str, Any]) -> str:
    read = set(paths(part))
    if any(path[:1] == ("resource",) and path[1:2] and path[1] in MOVING for path in read):
        return "moving"
    late = {("context", "now"), ("context", "emergency")} & read
    if not late:
        return "still"
    return "clock" if read == {("context", "now")} else "moving"


def _literals(expr: Any) -> Iterator[Any]:
    if isinstance(expr, dict):
        for key, value in expr.items():
            if key == "Value":
                yield value
            else:
                yield from _literals(value)
    elif isinstance(expr, list):
        for value in expr:
            yield from _literals(value)
