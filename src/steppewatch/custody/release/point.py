"""The release point: tracks in, for each partner what it may be shown out, each with a decision.

Deny by default: what no rule allows, what cannot be worked out, and what an error touches is
withheld, with the reason. The policy engine's verdict is kept for one second of the picture at
most and for one version of the ledger, so that whatever ends, ends here within a second. What must
be held back waits undecided and is decided when it is due, under the rules of that moment.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steppewatch.custody.label.label import NOBODY, Label, digest, strictest
from steppewatch.custody.label.sources import TrackSources
from steppewatch.custody.policy.decide import Decision, decide
from steppewatch.custody.policy.question import DataFacts, Question
from steppewatch.custody.release.decisions import (
    ALLOWED,
    WITHHELD,
    Recorded,
    Tracks,
    decision,
    tracks_of,
)
from steppewatch.custody.release.degree import Asked, Degree, degree_of
from steppewatch.custody.release.inside import inside
from steppewatch.custody.release.shown import Shown, unrounded
from steppewatch.custody.release.situation import Partner, Situation
from steppewatch.errors import SteppewatchError
from steppewatch.records import TargetClass, TrackBatch, TrackStatus

if TYPE_CHECKING:
    from steppewatch.custody.agreement.model import Area

NS = 1_000_000_000
MOST_WAITING = 20_000  # [batch]; the oldest are given up first, and counted.
Rows = NDArray[np.int64]
Verdict = tuple[bool, tuple[str, ...], tuple[str, ...], int]
TARGETS = tuple(target.name.lower() for target in TargetClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Hold what one partner may be shown now (``shown`` is None: nothing), and every decision."""

    partner: Partner
    shown: Shown | None
    recorded: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Tracks of one batch that are decided as one: same label, kind of target, places."""

    label: Label
    target: str
    areas: frozenset[str]
    rows: Rows
    name: bytes
    newest_ns: int
    oldest_ns: int
    tracks: Tracks
    taken: dict[int, Shown]


@dataclass(slots=True)
class _Heard:
    """One batch, prepared; ``due_ns`` when a partner may see it."""

    feed: str
    now_ns: int
    shown: Shown
    groups: list[_Group]
    sources: TrackSources
    version: int


@dataclass(slots=True)
class ReleasePoint:
    """Decide what goes to whom; no input or output of its own.

    Attributes:
        situation: What decides now; change it by :meth:`renew`.
        own_feed: Whose tracks are released: those of the own tracker. A joint picture never is.
        alarms: Called with each error of the policy engine.
    """

    situation: Situation
    own_feed: str = "fuse"
    alarms: Callable[[str], None] = lambda _: None
    given_up: int = 0
    _labels: dict[tuple[str, ...], Label] = field(default_factory=dict)
    _verdicts: dict[tuple[object, ...], Verdict] = field(default_factory=dict)
    _degrees: dict[tuple[object, ...], Degree | str] = field(default_factory=dict)
    _second: int = -1
    _waiting: dict[str, deque[tuple[int, _Heard, Rows]]] = field(default_factory=dict)

    def renew(self, situation: Situation) -> None:
        """Take a new situation: all that was worked out under the old one is purged."""
        self.situation = situation
        self._labels.clear()
        self._verdicts.clear()
        self._degrees.clear()

    def label(self, sources: Sequence[str]) -> Label:
        """Give the label of what these sources made; one unknown source closes it."""
        key = tuple(sorted(sources))
        found = self._labels.get(key)
        if found is None:
            told = [self.situation.labels.get(name, NOBODY) for name in key]
            found = self._labels[key] = strictest(told)
        return found

    def hear(self, batch: TrackBatch, sources: TrackSources, now_ns: int) -> list[Outgoing]:
        """Take new tracks; give what each partner may be shown of them and of what is due."""
        heard = self._heard(batch, sources, now_ns)
        return [self._for(partner, heard, now_ns) for partner in self.situation.partners.values()]

    def due(self, now_ns: int) -> list[Outgoing]:
        """Give what waited and is due: to be called also when nothing was heard."""
        return [self._for(partner, None, now_ns) for partner in self.situation.partners.values()]

    def look(self, batch: TrackBatch, sources: TrackSources, to: str, now_ns: int) -> Outgoing:
        """Show an operator what a partner would see of these tracks when they are due."""
        partner = self.situation.partners[to]
        heard = self._heard(batch, sources, now_ns)
        return self._decided(partner, [(heard, None)], now_ns, ahead=True)

    def _heard(self, batch: TrackBatch, sources: TrackSources, now_ns: int) -> _Heard | None:
        real = (batch.status != TrackStatus.TENTATIVE) & np.isfinite(batch.mean).all(axis=1)
        if batch.origin.feed != self.own_feed or not real.any():
            return None
        shown = unrounded(batch)
        groups: list[_Group] = []
        if len(sources.id) != len(batch) or (sources.id != batch.id).any():
            sources = TrackSources(
                feed=batch.origin.feed, sensor=batch.origin.sensor, id=batch.id, names=(),
                fed=np.zeros((len(batch), 0), bool),
            )  # fmt: skip
        heard = _Heard(batch.origin.feed, now_ns, shown, groups, sources, -1)
        self._group(heard, np.flatnonzero(real))
        return heard

    def _group(self, heard: _Heard, rows: Rows) -> None:
        """Sort tracks into groups that are decided as one, by the labels of this moment."""
        version = self.situation.version
        areas, masks = self._places(heard.shown, rows)
        fed = np.packbits(heard.sources.fed[rows], axis=1)
        key = np.concatenate((fed, heard.shown.target[rows, None], masks), axis=1)
        if len(rows) == 1:
            uniques, back = key, np.zeros(1, np.int64)
        else:
            wide = np.ascontiguousarray(key).view([("", f"V{key.shape[1]}")]).ravel()
            _, first, back = np.unique(wide, return_index=True, return_inverse=True)
            uniques = key[first]
        heard.groups[:] = []
        for k in range(len(uniques)):
            of = rows[back == k]
            code = int(heard.shown.target[of[0]])
            lies = np.unpackbits(masks[np.flatnonzero(back == k)[0]])[: len(areas)]
            label = self.label(heard.sources.of(int(of[0])))
            when = heard.shown.time_ns[of]
            heard.groups.append(
                _Group(
                    label,
                    TARGETS[code] if code < len(TARGETS) else "unknown",
                    frozenset(areas[i] for i in np.flatnonzero(lies)),
                    of,
                    digest(label),
                    int(when.max()),
                    int(when.min()),
                    tracks_of(heard.feed, heard.shown.id[of].tolist()),
                    {},
                )
            )
        heard.version = version

    def _places(self, shown: Shown, rows: Rows) -> tuple[list[str], NDArray[np.uint8]]:
        """Tell in which areas tracks lie; one that agreements draw differently must hold in all."""
        drawn: dict[str, list[Area]] = {}
        for agreement in self.situation.agreements.values():
            for area in agreement.areas:
                drawn.setdefault(area.id, []).append(area)
        names = sorted(drawn)
        held = np.ones((len(rows), max(len(names), 1)), bool)
        lat, lon = shown.lat[rows], shown.lon[rows]
        for k, name in enumerate(names):
            for area in drawn[name]:
                held[:, k] &= inside(area.corners, lat, lon)
        return names, np.packbits(held if names else ~held, axis=1)

    def _for(self, partner: Partner, heard: _Heard | None, now_ns: int) -> Outgoing:
        line = self._waiting.setdefault(partner.name, deque())
        ready: list[tuple[_Heard, Rows | None]] = []
        while line and line[0][0] <= now_ns:
            _, late, rows = line.popleft()
            ready.append((late, rows))
        if heard is not None:
            ready.append((heard, None))
        return self._decided(partner, ready, now_ns)

    def _decided(
        self,
        partner: Partner,
        ready: Sequence[tuple[_Heard | None, Rows | None]],
        now_ns: int,
        *,
        ahead: bool = False,
    ) -> Outgoing:
        recorded: list[Recorded] = []
        parts: list[Shown] = []
        for heard, rows in ready:
            if heard is None:
                continue
            if rows is not None and heard.version != self.situation.version:
                every = np.concatenate([group.rows for group in heard.groups])
                self._group(heard, np.sort(every))
            for group in heard.groups:
                of = group.rows if rows is None else np.intersect1d(group.rows, rows)
                if len(of):
                    shown = self._group_for(partner, heard, group, of, now_ns, recorded, ahead)
                    parts += [] if shown is None else [shown]
        return Outgoing(partner=partner, shown=_together(parts), recorded=tuple(recorded))

    def _group_for(
        self, partner: Partner, heard: _Heard, group: _Group, rows: Rows, now_ns: int,
        recorded: list[Recorded], ahead: bool,
    ) -> Shown | None:  # fmt: skip
        """Decide one group for one partner; hold back what is too young."""
        newest = group.newest_ns
        age_s = max((now_ns - newest) // NS, 0)
        oldest_s = max((now_ns - group.oldest_ns) // NS, 0)
        degree = self._degree(partner, group, now_ns)
        if isinstance(degree, Degree) and age_s < degree.delay_s:
            if not ahead:
                self._wait(partner.name, newest + degree.delay_s * NS, heard, rows)
                return None
            age_s = oldest_s = degree.delay_s
        allowed, why, rules, precision = self._verdict(partner, group, degree, age_s, now_ns)
        if allowed and isinstance(degree, Degree) and oldest_s > degree.keep_s:
            allowed = False
            why = (f"it is {oldest_s} s old and may be shown for {degree.keep_s} s",)
        recorded.append(
            decision(
                at_ns=now_ns, to=partner.name, org=partner.org.id, purpose=partner.purpose,
                version=self.situation.version, verdict=ALLOWED if allowed else WITHHELD,
                label=group.name, rules=rules, why=why, kind="track",
                tracks=group.tracks if rows is group.rows
                else tracks_of(heard.feed, heard.shown.id[rows].tolist()),
                precision_m=precision, age_s=int(age_s),
            )
        )  # fmt: skip
        if not allowed:
            return None
        if rows is not group.rows:
            return heard.shown.take(rows, np.full(len(rows), precision, np.int64))
        found = group.taken.get(precision)
        if found is None:
            cells = np.full(len(rows), precision, np.int64)
            found = group.taken[precision] = heard.shown.take(rows, cells)
        return found

    def _degree(self, partner: Partner, group: _Group, now_ns: int) -> Degree | str:
        if partner.stopped:
            return partner.stopped
        second = now_ns // NS
        if second != self._second:
            self._verdicts.clear()
            self._degrees.clear()
            self._second = second
        key = (partner.name, group.name, group.target, group.areas)
        found = self._degrees.get(key)
        if found is None:
            found = self._degrees[key] = self._worked_out(partner, group, now_ns)
        return found

    def _worked_out(self, partner: Partner, group: _Group, now_ns: int) -> Degree | str:
        helped = self._helped(partner, group, now_ns)
        asked = Asked(
            to=partner.org.id, purpose=partner.purpose, target=group.target, areas=group.areas,
            emergency=helped,
        )  # fmt: skip
        return degree_of(self.situation.agreements, group.label, asked, now_ns)

    def _helped(self, partner: Partner, group: _Group, now_ns: int) -> bool:
        return any(
            one.helps(partner.org.id, group.areas, now_ns) for one in self.situation.emergencies
        )

    def _verdict(
        self, partner: Partner, group: _Group, degree: Degree | str, age_s: int, now_ns: int
    ) -> Verdict:
        """Ask the policy engine; give whether, why, by which rules, how exactly."""
        if isinstance(degree, str):
            return False, (degree,), (), 0
        key = (partner.name, group.name, group.target, group.areas, degree.precision_m, age_s)
        found = self._verdicts.get(key)
        if found is None:
            told = self._asked(partner, group, degree, age_s, now_ns)
            why = [f"{one.agreement} {one.clause}: {one.sentence}" for one in told.reasons]
            why += [f"alarm: {alarm}" for alarm in told.alarms]
            allowed = told.allowed and not told.alarms
            found = allowed, tuple(why), degree.rules, degree.precision_m
            self._verdicts[key] = found
        return found

    def _asked(
        self, partner: Partner, group: _Group, degree: Degree, age_s: int, now_ns: int
    ) -> Decision:
        label = group.label
        facts = DataFacts(
            id=digest(label).hex()[:16], terms=frozenset(label.terms),
            originators=frozenset(label.originators), releasable=frozenset(label.releasable),
            purposes=frozenset(label.purposes), kind="track", target=group.target,
            areas=group.areas, within=None if label.areas is None else frozenset(label.areas),
            level=label.level, precision_m=degree.precision_m, finest_m=label.precision_m,
            age_s=int(age_s), youngest_s=label.delay_s, oldest_s=label.keep_s,
            projects=frozenset(label.projects), caveats=frozenset(label.caveats),
            suspended=label.suspended,
        )  # fmt: skip
        question = Question(
            action="release", principal=partner.org, resource=facts, known=self.situation.known,
            now_ns=now_ns, purpose=partner.purpose, emergency=self._helped(partner, group, now_ns),
        )  # fmt: skip
        try:
            told = decide(self.situation.rules, question)
        except (SteppewatchError, ValueError, TypeError, KeyError) as error:
            told = Decision(allowed=False, reasons=(), alarms=(f"{type(error).__name__}: {error}",))
        for alarm in told.alarms:
            self.alarms(alarm)
        return told

    def _wait(self, name: str, due_ns: int, heard: _Heard, rows: Rows) -> None:
        line = self._waiting.setdefault(name, deque())
        while len(line) >= MOST_WAITING:
            line.popleft()
            self.given_up += 1
        if line and due_ns < line[-1][0]:  # kept in the order in which they are due
            line.append((due_ns, heard, rows))
            ordered = sorted(line, key=lambda one: one[0])
            line.clear()
            line.extend(ordered)
        else:
            line.append((due_ns, heard, rows))


def _together(parts: Sequence[Shown]) -> Shown | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return Shown(
        **{name: np.concatenate([getattr(p, name) for p in parts]) for name in Shown.__slots__}
    )
