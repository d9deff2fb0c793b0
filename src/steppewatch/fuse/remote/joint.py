"""The joint picture as one pure stage: tracks of several trackers in, one track for each thing out.

What is said here is never fed back into a tracker, and nodes exchange what their own trackers say
(feed ``"fuse"``), never this. Should a partner do otherwise, no rumour grows: covariance
intersection holds for any correlation (``fuse.remote.intersect``), and a partner's track that our
own sensors alone hold is an echo, which is remembered and not fused.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.remote.link import couple, part
from steppewatch.fuse.remote.members import (
    COLUMNS,
    NAMES,
    TOLD,
    Columns,
    JointState,
    blank,
    echoes,
    groups,
    sound,
    source_name,
)
from steppewatch.fuse.remote.reasons import note_reasons, number_sensors, widen
from steppewatch.fuse.remote.settings import JointSettings
from steppewatch.fuse.remote.told import FEED, batch_of
from steppewatch.records import Origin, Stage, TrackBatch, TrackStatus, joint_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def stage(settings: JointSettings | None = None) -> Stage[JointState]:
    """Make the stage that joins the own tracker's tracks with those of partners."""
    chosen = settings or JointSettings()

    def step(
        state: JointState, messages: Sequence[object], now_ns: int
    ) -> tuple[JointState, Sequence[object]]:
        batches = [
            (name, message)
            for message in messages
            if isinstance(message, TrackBatch) and message.origin.feed != FEED
            if (name := source_name(message.origin, chosen)) is not None
        ]
        if not batches and not lapsed(state.members, now_ns, chosen).any():
            return state, ()
        work = Work(state, chosen, now_ns)
        for name, message in batches:
            work.hear(name, message)
        return work.result()

    return Stage(
        name=FEED,
        hears=(TrackBatch,),
        says=(TrackBatch,),
        initial=JointState(sources=(chosen.node, *(each.name for each in chosen.partners))),
        step=step,
    )


def as_partner(batch: TrackBatch, node: str) -> TrackBatch:
    """Give a tracker's batch the name under which its partners hear it."""
    label = batch.origin.label
    return dataclasses.replace(batch, origin=Origin(sensor=node, feed="partner", label=label))


def lapsed(members: Columns, now_ns: int, settings: JointSettings) -> NDArray[np.bool_]:
    """Tell which members ``(m,)`` a partner has not spoken of for too long.

    The own tracker ends each of its tracks itself, hidden ones later than others.
    """
    silent = now_ns - members["heard_ns"] > settings.lapse * 1e9
    return np.asarray(silent & (members["source"] != 0))


class Work:
    """Hold the copies that one step writes into; it lives no longer than the step."""

    def __init__(self, state: JointState, settings: JointSettings, now_ns: int) -> None:
        self.settings = settings
        self.now_ns = now_ns
        self.state = state
        self.sources = list(state.sources)
        self.own_sensors, self.sensors = state.own_sensors, state.sensors
        self.members: Columns = {name: np.array(state.members[name]) for name in COLUMNS}
        self.memory = state.memory
        self.clock_ns, self.unusable = max(state.clock_ns, now_ns), state.unusable
        self.fresh = np.zeros(len(state), bool)
        self.over: dict[int, TrackBatch] = {}

    def hear(self, name: str, batch: TrackBatch) -> None:
        """Take one tracker's news into the members."""
        if not len(batch):
            return
        if name not in self.sources:
            self.sources.append(name)
        source = self.sources.index(name)
        if source == 0:
            self.own_sensors = tuple(dict.fromkeys((*self.own_sensors, *batch.sensors)))
        ended = batch.status == TrackStatus.ENDED
        self._forget(source, batch.id[ended])
        good = sound(batch)
        self.unusable += int((~good & ~ended).sum())
        rows = np.flatnonzero(good & ~ended & (batch.status != TrackStatus.TENTATIVE))
        if not len(rows):
            return
        # A tracker whose clock is ahead of ours does not make the others old.
        heard_ns = batch.time_ns[rows]
        heard_ns = np.minimum(heard_ns, self.now_ns) if self.now_ns > 0 else heard_ns
        self.clock_ns = max(self.clock_ns, int(heard_ns.max()))
        self.sensors, number = number_sensors(self.sensors, batch.sensors)
        widen(self.members, len(self.sensors))
        at = self._places(source, name, batch, rows)
        newer = batch.time_ns[rows] >= self.members["time_ns"][at]
        rows, at, heard_ns = rows[newer], at[newer], heard_ns[newer]
        for column in TOLD:
            self.members[column][at] = getattr(batch, column)[rows]
        for column, none in NAMES:
            told = getattr(batch, column)[rows]
            self.members[column][at] = np.where(told == none, self.members[column][at], told)
        cov = self.members["cov"][at]
        self.members["cov"][at] = 0.5 * (cov + np.swapaxes(cov, 1, 2))
        self.members["heard_ns"][at] = heard_ns
        note_reasons(self.members, at, batch, rows, number)
        if source:
            echo = echoes(batch, self.settings.node, self.own_sensors)
            self.members["echo"][at] = np.broadcast_to(echo, len(batch))[rows]
        self.fresh[at] = True

    def _places(
        self, source: int, name: str, batch: TrackBatch, rows: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Find the members of some tracks of a batch; make those that are new."""
        known = np.flatnonzero(self.members["source"] == source)
        order = known[np.argsort(self.members["id"][known])]
        ids = self.members["id"][order]
        slot = np.searchsorted(ids, batch.id[rows])
        found = slot < len(ids)
        found[found] = ids[slot[found]] == batch.id[rows][found]
        new = rows[~found]
        born = blank(len(new), len(self.sensors))
        born["source"][:], born["id"] = source, batch.id[new]
        born["gid"], born["root_ns"] = joint_id(name, batch.id[new]), batch.born_ns[new]
        born["born_ns"], born["first_ns"] = batch.born_ns[new], batch.time_ns[new]
        born["rival"][:], born["mode_3a"][:] = -1, -1
        self._recall(source, born)
        at = np.empty(len(rows), np.intp)
        at[found] = order[slot[found]]
        at[~found] = len(self.members["id"]) + np.arange(len(new))
        self.members = {n: np.concatenate((c, born[n])) for n, c in self.members.items()}
        self.fresh = np.concatenate((self.fresh, np.zeros(len(new), bool)))
        return at

    def _recall(self, source: int, born: Columns) -> None:
        """Give members that were here before the joint ids they had."""
        past = {int(row[1]): row for row in self.memory if row[0] == source}
        for k, number in enumerate(born["id"].tolist()):
            if number in past:
                born["gid"][k], born["root_ns"][k] = past[number][2], past[number][3]

    def _forget(self, source: int, ids: NDArray[np.int64]) -> None:
        """Take out the members that ended; their joint tracks end with the last of them."""
        gone = (self.members["source"] == source) & np.isin(self.members["id"], ids)
        if gone.any():
            self._drop(gone)

    def _drop(self, gone: NDArray[np.bool_]) -> None:
        members = self.members
        left = set(members["gid"][~gone].tolist())
        for j in np.flatnonzero(gone).tolist():
            gid = int(members["gid"][j])
            if gid not in left and members["shown"][j]:
                self.over[gid] = self._over(gid, j)
        what = ("source", "id", "gid", "root_ns", "heard_ns")
        told = np.stack([members[name][gone].astype(np.int64) for name in what], axis=1)
        self.memory = np.concatenate((self.memory, told))
        self.members = {name: column[~gone] for name, column in members.items()}
        self.fresh = self.fresh[~gone]

    def result(self) -> tuple[JointState, list[object]]:
        """Link, part, lapse; give the new state and the joint tracks that changed or ended."""
        chosen = self.settings
        heard = np.flatnonzero(self.fresh)
        for gid, j in couple(self.members, heard, self.clock_ns, chosen):
            self.over[gid] = self._over(gid, j, int(self.members["gid"][j]))
        part(self.members, heard, self.sources, chosen)
        silent = lapsed(self.members, self.clock_ns, chosen)
        if silent.any():
            self._drop(silent)
        self._age()
        said = self._tell()
        state = JointState(
            sources=tuple(self.sources),
            own_sensors=self.own_sensors,
            sensors=self.sensors,
            members=self.members,
            memory=self.memory,
            clock_ns=self.clock_ns,
            unusable=self.unusable,
        )
        return state, said

    def _age(self) -> None:
        """Keep the newest memory of each member that is gone, for as long as it is worth it."""
        keep = self.clock_ns - self.memory[:, 4] < self.settings.memory * 1e9
        memory = self.memory[keep][::-1]
        _, first = np.unique(memory[:, :2], axis=0, return_index=True)
        self.memory = np.ascontiguousarray(memory[np.sort(first)][::-1])

    def _tell(self) -> list[object]:
        """Say the joint tracks of which anything was heard, but those that may be another's."""
        members = self.members
        heard = groups(members["gid"], members["gid"][self.fresh])
        alive = set(members["gid"][~members["echo"]].tolist())
        now = {g: rows for g, rows in heard.items() if g in alive and not self._held_back(rows)}
        for rows in now.values():
            members["shown"][rows] = True
        # What only echoes are left of is over: it would keep itself alive, going to and fro.
        for j in np.flatnonzero(members["echo"] & members["shown"]).tolist():
            gid = int(members["gid"][j])
            if gid not in alive:
                members["shown"][j] = False
                self.over.setdefault(gid, self._over(gid, j))
        said: list[object] = [over for gid, over in self.over.items() if gid not in alive]
        return [self._batch(now), *said] if now else said

    def _held_back(self, rows: NDArray[np.intp]) -> bool:
        """Tell whether a new joint track waits to see whether it is one that was told before."""
        members = self.members
        if members["shown"][rows].any() or not (members["agree"][rows] > 0).any():
            return False
        age = (self.clock_ns - int(members["first_ns"][rows].min())) * 1e-9
        return age < self.settings.patience

    def _over(self, gid: int, member: int, heir: int = -1) -> TrackBatch:
        """Say that a joint track is over, as one of its members had it last."""
        return self._batch({gid: np.array([member], np.intp)}, heir=heir)

    def _batch(self, tracks: dict[int, NDArray[np.intp]], heir: int | None = None) -> TrackBatch:
        """Put joint tracks into one batch."""
        return batch_of(self.members, tracks, self.sources, self.sensors, self.settings, heir=heir)
