"""Where tracks are relative to the border, how they move towards it, and what they were before."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from steppewatch.command.heights import upward_sigma
from steppewatch.records import TrackBatch, TrackStatus, record
from steppewatch.world.border import Border
from steppewatch.world.geodesy import enu_rotation, geodetic_from_ecef

Array = NDArray[np.float64]

# A track is on a side only when it is farther from the line than its error allows to doubt.
SIGMAS = 2.0
LEAST_MARGIN = 30.0


@record("border_memory")
@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """Hold n tracks of one tracker as they lie to the border, ordered by id.

    Attributes:
        id: ``(n,)`` int64.
        distance: ``(n,)`` to the line, positive inside the country [m].
        side: ``(n,)`` int8: 1 surely inside, −1 surely outside, 0 not known yet.
        closing: ``(n,)`` speed towards the nearest point of the line [m/s].
        speed: ``(n,)`` over ground [m/s].
        course: ``(n,)`` [rad].
        lat: ``(n,)`` [rad].
        lon: ``(n,)`` [rad].
        height: ``(n,)`` [m].
        height_sigma: ``(n,)`` its standard deviation [m].
        closing_sigma: ``(n,)`` standard deviation of ``closing`` [m/s].
        line: ``(n,)`` int64, index of the neighbour.
        along: ``(n,)`` metres along its segment.
        confirmed: ``(n,)`` bool, was ever confirmed.
        target: ``(n,)`` uint8, ``TargetClass``.
        identified: ``(n,)`` bool, a transponder named itself.
        seen_ns: ``(n,)`` int64, latest detection.
    """

    id: NDArray[np.int64]
    distance: Array
    side: NDArray[np.int8]
    closing: Array
    speed: Array
    course: Array
    lat: Array
    lon: Array
    height: Array
    height_sigma: Array
    closing_sigma: Array
    line: NDArray[np.int64]
    along: Array
    confirmed: NDArray[np.bool_]
    target: NDArray[np.uint8]
    identified: NDArray[np.bool_]
    seen_ns: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.id)

    def rows(self, which: NDArray[np.generic]) -> "Nearness":
        """Pick some rows, by index or mask."""
        return Nearness(**{f.name: getattr(self, f.name)[which] for f in fields(self)})


NOTHING = Nearness(
    **{
        name: np.empty(0, dtype)
        for name, dtype in {
            "id": "i8", "distance": "f8", "side": "i1", "closing": "f8", "speed": "f8",
            "course": "f8", "lat": "f8", "lon": "f8", "height": "f8", "height_sigma": "f8",
            "closing_sigma": "f8", "line": "i8", "along": "f8", "confirmed": "?", "target": "u1",
            "identified": "?", "seen_ns": "i8",
        }.items()
    }
)  # fmt: skip


def locate(batch: TrackBatch, border: Border) -> Nearness:
    """Find how the living tracks of a batch lie to the border; the last of equal ids counts."""
    alive = np.flatnonzero(batch.status != np.uint8(TrackStatus.ENDED))
    ids, last = np.unique(batch.id[alive][::-1], return_index=True)
    alive = alive[::-1][last]
    lat, lon, height = geodetic_from_ecef(batch.mean[alive, :3])
    rotation = enu_rotation(lat, lon)
    plane = rotation[:, :2]
    velocity = np.einsum("nij,nj->ni", plane, batch.mean[alive, 3:])
    cov = plane @ batch.cov[alive, :3, :3] @ np.swapaxes(plane, 1, 2)
    fix = border.locate(lat, lon)
    towards = np.stack((np.sin(fix.bearing), np.cos(fix.bearing)), axis=-1)
    variance = np.einsum("ni,nij,nj->n", towards, cov, towards)
    along_way = np.einsum("ni,nij->nj", towards, plane)
    drift = np.einsum("ni,nij,nj->n", along_way, batch.cov[alive, 3:, 3:], along_way)
    margin = np.maximum(LEAST_MARGIN, SIGMAS * np.sqrt(np.maximum(variance, 0.0)))
    sure = np.abs(fix.distance) > margin
    return Nearness(
        id=ids,
        distance=fix.distance,
        side=np.where(sure, np.sign(fix.distance), 0.0).astype(np.int8),
        closing=np.einsum("ni,ni->n", towards, velocity),
        speed=np.hypot(velocity[:, 0], velocity[:, 1]),
        course=np.mod(np.arctan2(velocity[:, 0], velocity[:, 1]), 2.0 * np.pi),
        lat=lat,
        lon=lon,
        height=height,
        height_sigma=upward_sigma(rotation[:, 2], batch.cov[alive, :3, :3]),
        closing_sigma=np.sqrt(np.maximum(drift, 0.0)),
        line=fix.neighbour,
        along=fix.along,
        confirmed=batch.status[alive] == np.uint8(TrackStatus.CONFIRMED),
        target=batch.target[alive],
        identified=batch.mode_s[alive] != np.uint32(0),
        seen_ns=batch.seen_ns[alive],
    )


def recall(memory: Nearness, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find tracks in a memory: row of each id, and whether it is there."""
    rows = np.searchsorted(memory.id, ids)
    there = rows < len(memory)
    rows = np.where(there, rows, 0)
    if len(memory):
        there &= memory.id[rows] == ids
    return rows, there


def carry_over(memory: Nearness, now: Nearness) -> tuple[Nearness, NDArray[np.int8]]:
    """Give tracks the side and confirmation they had: new rows, and the side before ``(n,)``."""
    rows, there = recall(memory, now.id)
    before = np.zeros(len(now), np.int8)
    confirmed = now.confirmed.copy()
    before[there] = memory.side[rows[there]]
    confirmed[there] |= memory.confirmed[rows[there]]
    side = np.where(now.side == 0, before, now.side).astype(np.int8)
    kept = {f.name: getattr(now, f.name) for f in fields(now)}
    return Nearness(**{**kept, "side": side, "confirmed": confirmed}), before


def merge(memory: Nearness, now: Nearness, ended: NDArray[np.int64]) -> Nearness:
    """Replace and add the tracks of ``now``, forget the ended ones, keep the order of ids."""
    stay = ~np.isin(memory.id, np.concatenate((now.id, ended)))
    joined = {
        f.name: np.concatenate((getattr(memory, f.name)[stay], getattr(now, f.name)))
        for f in fields(now)
    }
    order = np.argsort(joined["id"], kind="stable")
    return Nearness(**{name: column[order] for name, column in joined.items()})
