"""Which tracks of several trackers are one thing: agreement that lasts, and identity.

Two tracks agree where their difference is small against both covariances together. One agreement
proves little, so several in a row make two tracks one, and several disagreements part them (the
counting technique, Stone et al., *Bayesian Multiple Target Tracking*, 2nd ed. 2014, §5.4). Equal
aircraft addresses link at the first agreement, different ones never. A joint track keeps the id of
its member that was born first, so that nodes which exchange tracks name it alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from steppewatch.fuse.associate.gnn import assign
from steppewatch.fuse.remote.members import Columns, forward, groups
from steppewatch.records import joint_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.remote.settings import JointSettings

NEVER = 1e6
APART_NS = 900_000_000
WIDEST = 50_000.0


def couple(
    members: Columns, rows: NDArray[np.intp], now_ns: int, settings: JointSettings
) -> list[tuple[int, int]]:
    """Compare members heard just now with the joint tracks of others; make one what agrees.

    Args:
        members: Columns; ``gid``, ``root_ns``, ``rival``, ``agree`` and ``due_ns`` change.
        rows: ``(k,)`` members heard just now.
        now_ns: The newest moment that any track described.
        settings: The joint picture's settings.

    Returns:
        Joint tracks that became part of another one: their former id, and a member.
    """
    over: list[tuple[int, int]] = []
    fresh = now_ns - members["heard_ns"] <= settings.stale * 1e9
    for source in np.unique(members["source"][rows]):
        mine = rows[members["source"][rows] == source]
        mine = mine[members["time_ns"][mine] >= members["due_ns"][mine]]
        # A joint track that already has a member of this source is no candidate for another.
        taken = np.unique(members["gid"][(members["source"] == source) & fresh])
        others = np.flatnonzero(
            fresh & (members["source"] != source) & ~np.isin(members["gid"], taken)
        )
        row, other, distance = _near(members, mine, others, settings)
        chosen = assign(row, other, distance, settings.gate)
        partner = np.full(len(members["id"]), -1, np.int64)
        partner[row[chosen]] = other[chosen]
        for j in mine.tolist():
            over += _count(members, j, int(partner[j]), settings)
    return over


def part(
    members: Columns,
    rows: NDArray[np.intp],
    sources: Sequence[str],
    settings: JointSettings,
) -> None:
    """Part from their joint tracks, in place, the members that have not fitted for some time."""
    whole_of = groups(members["gid"], members["gid"][rows])
    for j in rows.tolist():
        same = whole_of.get(int(members["gid"][j]), np.zeros(0, np.intp))
        same = same[(same != j) & (members["gid"][same] == members["gid"][j])]
        if not len(same):
            members["apart"][j] = 0
            continue
        far = min(_distance(members, j, int(k), settings) for k in same)
        members["apart"][j] = members["apart"][j] + 1 if far > settings.split else 0
        if members["apart"][j] < settings.disagreements:
            continue
        whole = np.append(same, j)
        last = int(whole[np.argmax(members["born_ns"][whole])])
        name = sources[members["source"][last]]
        fresh = int(joint_id(name, members["id"][last : last + 1])[0])
        if fresh == members["gid"][last]:  # it gave the id: the others leave
            last = int(same[0]) if last == j else j
            name = sources[members["source"][last]]
            fresh = int(joint_id(name, members["id"][last : last + 1])[0])
        members["gid"][last], members["root_ns"][last] = fresh, members["born_ns"][last]
        members["agree"][last] = members["apart"][j] = 0
        members["rival"][last] = -1


def _near(
    members: Columns,
    mine: NDArray[np.intp],
    others: NDArray[np.intp],
    settings: JointSettings,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """List pairs that may be one thing, and their squared distance."""
    none = np.zeros(0, np.int64)
    if not len(mine) or not len(others):
        return none, none, np.zeros(0)
    newest = max(int(members["time_ns"][mine].max()), int(members["time_ns"][others].max()))
    here, here_cov = _at(members, mine, newest, settings)
    there, there_cov = _at(members, others, newest, settings)
    tree = cKDTree(there[:, :3])
    wide = np.sqrt(np.trace(here_cov[:, :3, :3], axis1=1, axis2=2))
    wide += np.sqrt(np.trace(there_cov[:, :3, :3], axis1=1, axis2=2)).max()
    reach = np.minimum(np.sqrt(settings.gate) * wide, WIDEST)
    found = tree.query_ball_point(here[:, :3], reach)
    first = np.repeat(np.arange(len(mine)), [len(some) for some in found])
    second = np.array([k for some in found for k in some], np.int64)
    if not len(second):
        return none, none, np.zeros(0)
    away = here[first] - there[second]
    both = here_cov[first] + there_cov[second]
    distance = np.einsum("ka,ka->k", away, np.linalg.solve(both, away[..., None])[..., 0])
    one, two = members["mode_s"][mine[first]], members["mode_s"][others[second]]
    named = (one != 0) & (two != 0)
    distance = np.where(named & (one != two), NEVER, distance)
    keep = distance < settings.gate
    return mine[first[keep]], others[second[keep]], distance[keep]


def _at(
    members: Columns, rows: NDArray[np.intp], when_ns: int, settings: JointSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    seconds = np.maximum(when_ns - members["time_ns"][rows], 0) * 1e-9
    return forward(members["mean"][rows], members["cov"][rows], seconds, settings.drift)


def _distance(members: Columns, j: int, k: int, settings: JointSettings) -> float:
    rows = np.array((j, k))
    mean, cov = _at(members, rows, int(members["time_ns"][rows].max()), settings)
    away = mean[0] - mean[1]
    return float(away @ np.linalg.solve(cov[0] + cov[1], away))


def _count(members: Columns, j: int, other: int, settings: JointSettings) -> list[tuple[int, int]]:
    """Count one look at a member and its best rival; join them when it is the last one needed."""
    if other < 0:
        members["agree"][j], members["rival"][j] = 0, -1
        return []
    rival = int(members["gid"][other])
    again = int(members["rival"][j]) == rival
    members["agree"][j] = members["agree"][j] + 1 if again else 1
    members["rival"][j] = rival
    named = members["mode_s"][j] != 0 and members["mode_s"][j] == members["mode_s"][other]
    if not named and members["agree"][j] < settings.agreements:
        # The next look counts only after a while: estimates of one moment are one estimate.
        members["due_ns"][j] = members["time_ns"][j] + APART_NS
        return []
    mine = np.flatnonzero(members["gid"] == members["gid"][j])
    theirs = np.flatnonzero(members["gid"] == rival)
    own_key = (int(members["root_ns"][j]), int(members["gid"][j]))
    rival_key = (int(members["root_ns"][other]), rival)
    elder, losers, lost = (
        (own_key, theirs, rival) if own_key < rival_key else (rival_key, mine, own_key[1])
    )
    told = bool(members["shown"][losers].any())
    kept = theirs if losers is mine else mine
    members["gid"][losers], members["root_ns"][losers] = elder[1], elder[0]
    members["shown"][losers] = members["shown"][kept].any()
    for rows in (mine, theirs):
        members["agree"][rows], members["rival"][rows], members["apart"][rows] = 0, -1, 0
    return [(lost, int(losers[0]))] if told else []
