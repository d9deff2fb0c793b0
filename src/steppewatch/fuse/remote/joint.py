"""The joint picture as one pure stage: tracks of several trackers in, one track for each thing out.

What is said here is never fed back into a tracker, and nodes exchange what their own trackers say
(feed ``"fuse"``), never this. Should a partner do otherwise, no rumour grows: covariance
intersection holds for any correlation (``fuse.remote.intersect``), and a partner's track that our
own sensors alone hold is an echo, which is remembered and not fused.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.remote.intersect import intersect
from steppewatch.fuse.remote.link import couple, part
from steppewatch.fuse.remote.members import (
    COLUMNS,
    NAMES,
    TOLD,
    Columns,
    JointState,
    blank,
    code,
    echoes,
    forward,
    groups,
    sound,
    source_name,
)
from steppewatch.fuse.remote.settings import JointSettings
from steppewatch.records import Origin, Stage, TrackBatch, TrackStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FEED = "joint"
ORIGIN = Origin(feed=FEED, label="own")


def stage(settings: JointSettings | None = None) -> Stage[JointState]:
    """Make the stage that joins the own tracker's tracks with those of partners."""
    chosen = settings or JointSettings()

    def step(
        state: JointState, messages: Sequence[object], now_ns: int
    ) -> tuple[JointState, Sequence[object]]:
        del now_ns  # time is what the tracks say it is: a replay has no other
        work = Work(state, chosen)
        for message in messages:
            if isinstance(message, TrackBatch) and message.origin.feed != FEED:
                work.hear(message)
        return work.result()

    return Stage(
        name=FEED,
        hears=(TrackBatch,),
        says=(TrackBatch,),
        initial=JointState(sources=(chosen.node,)),
        step=step,
    )


def as_partner(batch: TrackBatch, node: str) -> TrackBatch:
    """Give a tracker's batch the name under which its partners hear it."""
    label = batch.origin.label
    return dataclasses.replace(batch, origin=Origin(sensor=node, feed="partner", label=label))


class Work:
    """Hold the copies that one step writes into; it lives no longer than the step."""

    def __init__(self, state: JointState, settings: JointSettings) -> None:
        self.settings = settings
        self.state = state
        self.sources = list(state.sources)
        self.own_sensors = state.own_sensors
        self.members: Columns = {name: np.array(state.members[name]) for name in COLUMNS}
        self.memory = state.memory
        self.clock_ns, self.unusable = state.clock_ns, state.unusable
        self.fresh = np.zeros(len(state), bool)
        self.over: dict[int, TrackBatch] = {}

    def hear(self, batch: TrackBatch) -> None:
        """Take one tracker's news into the members."""
        if not len(batch):
            return
        name = source_name(batch.origin, self.settings)
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
        self.clock_ns = max(self.clock_ns, int(batch.time_ns[rows].max()))
        at = self._places(source, name, batch, rows)
        newer = batch.time_ns[rows] >= self.members["time_ns"][at]
        rows, at = rows[newer], at[newer]
        for column in TOLD:
            self.members[column][at] = getattr(batch, column)[rows]
        for column, none in NAMES:
            told = getattr(batch, column)[rows]
            self.members[column][at] = np.where(told == none, self.members[column][at], told)
        cov = self.members["cov"][at]
        self.members["cov"][at] = 0.5 * (cov + np.swapaxes(cov, 1, 2))
        self.members["heard_ns"][at] = batch.time_ns[rows]
        self.members["echo"][at] = echoes(batch, self.own_sensors)[rows] if source else False
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
        born = blank(len(new))
        born["source"][:], born["id"] = source, batch.id[new]
        born["gid"], born["root_ns"] = code(name, batch.id[new]), batch.born_ns[new]
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
                self.over[gid] = self._batch({gid: np.array([j])}, over=True)
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
            self.over[gid] = self._batch({gid: np.array([j])}, over=True)
        part(self.members, heard, self.sources, chosen)
        silent = self.clock_ns - self.members["heard_ns"] > chosen.lapse * 1e9
        if silent.any():
            self._drop(silent)
        self._age()
        said = self._tell()
        state = JointState(
            sources=tuple(self.sources),
            own_sensors=self.own_sensors,
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
        now = {gid: rows for gid, rows in heard.items() if not self._held_back(rows)}
        for rows in now.values():
            members["shown"][rows] = True
        alive = set(members["gid"].tolist())
        said: list[object] = [over for gid, over in self.over.items() if gid not in alive]
        return [self._batch(now, over=False), *said] if now else said

    def _held_back(self, rows: NDArray[np.intp]) -> bool:
        """Tell whether a new joint track waits to see whether it is one that was told before."""
        members = self.members
        if members["shown"][rows].any() or not (members["agree"][rows] > 0).any():
            return False
        age = (self.clock_ns - int(members["first_ns"][rows].min())) * 1e-9
        return age < self.settings.patience

    def _batch(self, tracks: dict[int, NDArray[np.intp]], *, over: bool) -> TrackBatch:
        """Fuse the members of each joint track and put them into the words of ``records``."""
        members = self.members
        rows = [self._fusible(some) for some in tracks.values()]
        lead = np.array([some[np.argmax(members["time_ns"][some])] for some in rows])
        when = members["time_ns"][lead]
        mean, cov = self._fuse(rows, when)
        out: dict[str, Any] = {name: members[name][lead].copy() for name, _ in NAMES}
        for k, some in enumerate(tracks.values()):
            for name, none in NAMES:
                told = members[name][some]
                told = told[told != none]
                if len(told):
                    out[name][k] = told[0]
        known = [some[np.argmax(members["target"][some] > 0)] for some in rows]
        status = np.array([members["status"][some].min() for some in rows], np.uint8)
        if over:
            status[:] = TrackStatus.ENDED
        return TrackBatch(
            time_ns=when,
            id=np.array(list(tracks), np.int64),
            mean=mean,
            cov=cov,
            status=status,
            existence=np.array([members["existence"][some].max() for some in rows], np.float32),
            target=members["target"][np.array(known)],
            born_ns=np.array([members["root_ns"][some].min() for some in rows], np.int64),
            seen_ns=np.array([members["seen_ns"][some].max() for some in rows], np.int64),
            hits=np.array([members["hits"][some].sum() for some in rows], np.uint32),
            sensors=tuple(self.sources),
            seen_by=np.array(
                [[(members["source"][some] == s).any() for s in range(len(self.sources))]
                 for some in rows]
            ),
            origin=ORIGIN,
            **out,
        )  # fmt: skip

    def _fusible(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give the members of a joint track that are heard of and no echo; the newest if none."""
        members = self.members
        newest = int(members["heard_ns"][rows].max())
        live = newest - members["heard_ns"][rows] <= self.settings.stale * 1e9
        some = rows[live & ~members["echo"][rows]]
        return some if len(some) else rows[[int(np.argmax(members["heard_ns"][rows]))]]

    def _fuse(
        self, rows: list[NDArray[np.intp]], when: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bring each track's members to one moment and intersect them, one after another."""
        members = self.members
        mean, cov = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
        for turn in range(max((len(some) for some in rows), default=0)):
            which = np.array([k for k, some in enumerate(rows) if len(some) > turn], np.intp)
            at = np.array([rows[k][turn] for k in which], np.intp)
            seconds = np.maximum(when[which] - members["time_ns"][at], 0) * 1e-9
            here, wide = forward(
                members["mean"][at], members["cov"][at], seconds, self.settings.drift
            )
            if turn == 0:
                mean[which], cov[which] = here, wide
                continue
            done = intersect(mean[which], cov[which], here, wide)
            mean[which], cov[which] = done.mean, done.cov
        return mean, 0.5 * (cov + np.swapaxes(cov, 1, 2))
