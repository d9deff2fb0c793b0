"""The table of current tracks: one row for each, one array for each column."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from steppewatch.command.heights import ON_GROUND, measured, surely_flying, upward_sigma
from steppewatch.command.reasons import Reason, Reasons
from steppewatch.records import TargetClass, TrackBatch, TrackStatus
from steppewatch.world.geodesy import enu_rotation, geodetic_from_ecef

Rows = NDArray[np.int64]
Heights = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.floating]]

OWN_FEED, JOINT_FEED = "fuse", "joint"
OWN, FOREIGN, JOINT = 0, 1, 2
GONE_MEMORY = 65_536
TAIL_POINTS = 30
TAIL_STEP_NS = 4_000_000_000
FIRST_CAPACITY = 256

# What a row holds, SI and radians as everywhere inside.
COLUMNS: dict[str, str] = {
    "key": "u4",
    "id": "i8",
    "feed": "u1",
    "lat": "f8",
    "lon": "f8",
    "height": "f4",
    "ground": "f4",
    "speed": "f4",
    "climb": "f4",
    "course": "f4",
    "sigma": "f4",
    "status": "u1",
    "target": "u1",
    "existence": "f4",
    "time_ns": "i8",
    "born_ns": "i8",
    "seen_ns": "i8",
    "hits": "u4",
    "mode_s": "u4",
    "mode_3a": "i4",
    "callsign": "S8",
    "hidden": "u1",
    "trackers": "u4",
    "version": "i8",
}


def feed_number(feed: str) -> int:
    """Tell our own tracker (0), foreign ones (1) and the joint picture (2) by an origin's feed."""
    return {OWN_FEED: OWN, JOINT_FEED: JOINT}.get(feed, FOREIGN)


class TrackTable:
    """Keep the latest state of every living track, for as long as a picture is shown.

    Rows do not move while a track lives; free rows have key 0. Every change carries the picture's
    version, so that a reader can ask for what changed since it last looked. ``trackers`` names
    those of the joint picture, in the order of the bits of the column ``trackers``.

    Args:
        heights: Terrain height [m] below points given by latitude and longitude [rad]; NaN where
            it is not known.
    """

    def __init__(self, heights: Heights | None = None) -> None:
        self.high = 0
        self._columns = {name: np.zeros(FIRST_CAPACITY, dtype) for name, dtype in COLUMNS.items()}
        self._tail = np.full((FIRST_CAPACITY, TAIL_POINTS, 2), np.nan)
        self._tail_ns = np.zeros((FIRST_CAPACITY, TAIL_POINTS), np.int64)
        self._reasons = Reasons(FIRST_CAPACITY)
        self._heights = heights
        self._rows: dict[tuple[str, str], dict[int, int]] = {}
        self._free: list[int] = []
        self._next_key = 1
        self.trackers: tuple[str, ...] = ()
        self._gone: deque[tuple[int, int]] = deque(maxlen=GONE_MEMORY)

    def __len__(self) -> int:
        """Count the living tracks."""
        return self.high - len(self._free)

    def column(self, name: str) -> NDArray[np.generic]:
        """Give one column ``(high,)``, as a view; rows with key 0 are empty."""
        return self._columns[name][: self.high]

    def changed_since(self, version: int) -> Rows:
        """Find the rows of living tracks that changed after ``version``; −1 for all of them."""
        rows: Rows = np.flatnonzero(
            (self.column("version") > np.int64(version)) & (self.column("key") != np.uint32(0))
        )
        return rows

    def gone_since(self, version: int) -> NDArray[np.uint32] | None:
        """List the keys that ended after ``version``; None when that is too long ago to know."""
        if len(self._gone) == GONE_MEMORY and self._gone[0][0] > version:
            return None
        keys = []
        for ended, key in reversed(self._gone):
            if ended <= version:
                break
            keys.append(key)
        return np.array(keys, np.uint32)

    def row_of(self, key: int) -> int | None:
        """Find the row of a living track by its key; None if there is no such track."""
        if not 0 < key < 2**32:
            return None
        rows = np.flatnonzero(self.column("key") == np.uint32(key))
        return int(rows[0]) if len(rows) else None

    def reason(self, row: int) -> Reason:
        """Say why the track of a row is believed."""
        return self._reasons.of(row)

    def tail(self, rows: Rows) -> tuple[NDArray[np.int64], Rows, NDArray[np.float64]]:
        """Give the last positions of some tracks, oldest first, so that a new screen has a past.

        Returns:
            ``(k,)`` index into ``rows``, ``(k,)`` times [ns], ``(k, 2)`` latitude, longitude [rad].
        """
        times = self._tail_ns[rows]
        which, point = np.nonzero(times)
        return which, times[which, point], self._tail[rows][which, point]

    def apply(self, batch: TrackBatch, version: int) -> None:
        """Take a batch: add, update and end tracks."""
        if not len(batch):
            return
        self.trackers = batch.trackers or self.trackers
        ended = batch.status == np.uint8(TrackStatus.ENDED)
        index = self._rows.setdefault((batch.origin.feed, batch.origin.sensor), {})
        if ended.any():
            self._end(index, batch.id[ended], version)
        alive = np.flatnonzero(~ended)
        if len(alive):
            rows = self._rows_of(index, batch.id[alive], feed_number(batch.origin.feed))
            self._write(rows, batch, alive, version)

    def drop(self, rows: Rows, version: int) -> None:
        """Forget tracks whose tracker fell silent without ending them."""
        wanted = set(rows.tolist())
        for index in self._rows.values():
            ids = [number for number, row in index.items() if row in wanted]
            self._end(index, np.array(ids, np.int64), version)

    def _rows_of(self, index: dict[int, int], ids: NDArray[np.int64], feed: int) -> Rows:
        rows = np.empty(len(ids), np.int64)
        for i, number in enumerate(ids.tolist()):
            row = index.get(number)
            if row is None:
                row = index[number] = self._new_row(number, feed)
            rows[i] = row
        return rows

    def _new_row(self, number: int, feed: int) -> int:
        if self._free:
            row = self._free.pop()
        else:
            row = self.high
            if row == len(self._columns["key"]):
                self._grow()
            self.high += 1
        self._columns["key"][row] = self._next_key
        self._columns["id"][row] = number
        self._columns["feed"][row] = feed
        self._next_key += 1
        self._tail_ns[row] = 0
        self._reasons.forget(row)
        return row

    def _grow(self) -> None:
        for name, old in self._columns.items():
            self._columns[name] = np.concatenate((old, np.zeros_like(old)))
        self._tail = np.concatenate((self._tail, np.full_like(self._tail, np.nan)))
        self._tail_ns = np.concatenate((self._tail_ns, np.zeros_like(self._tail_ns)))
        self._reasons.grow(len(self._tail_ns))

    def _end(self, index: dict[int, int], ids: NDArray[np.int64], version: int) -> None:
        for number in ids.tolist():
            row = index.pop(number, None)
            if row is not None:
                self._gone.append((version, int(self._columns["key"][row])))
                self._columns["key"][row] = 0
                self._free.append(row)

    def _write(self, rows: Rows, batch: TrackBatch, which: Rows, version: int) -> None:
        mean = batch.mean[which]
        lat, lon, height = geodetic_from_ecef(mean[:, :3])
        rotation = enu_rotation(lat, lon)
        velocity = np.einsum("nij,nj->ni", rotation, mean[:, 3:])
        ground = np.full(len(lat), np.nan) if self._heights is None else self._heights(lat, lon)
        sigma = upward_sigma(rotation[:, 2], batch.cov[which, :3, :3])
        above = np.where(np.isfinite(ground), height - ground, height)
        walks = np.isin(batch.target[which], ON_GROUND)
        flies = surely_flying(above, sigma)
        told = np.where(walks, flies, measured(above, sigma))
        values: dict[str, object] = {
            "lat": lat,
            "lon": lon,
            "height": np.where(told, height, np.nan),
            "ground": ground,
            "speed": np.hypot(velocity[:, 0], velocity[:, 1]),
            "climb": np.where(told, velocity[:, 2], np.nan),
            "course": np.mod(np.arctan2(velocity[:, 0], velocity[:, 1]), 2.0 * np.pi),
            "sigma": _horizontal_sigma(rotation, batch.cov[which, :3, :3]),
            "version": version,
        }
        for name in (
            "status", "target", "existence", "time_ns", "born_ns", "seen_ns", "hits", "mode_s",
            "mode_3a", "callsign",
        ):  # fmt: skip
            values[name] = getattr(batch, name)[which]
        values["target"] = np.where(walks & flies, TargetClass.UNKNOWN, batch.target[which])
        values["hidden"] = batch.hidden[which] if len(batch.hidden) == len(batch) else False
        values["trackers"] = _bits(batch, which)
        for name, value in values.items():
            self._columns[name][rows] = value
        self._reasons.take(rows, batch, which)
        self._remember(rows, lat, lon, batch.time_ns[which])

    def _remember(
        self,
        rows: Rows,
        lat: NDArray[np.float64],
        lon: NDArray[np.float64],
        time_ns: NDArray[np.int64],
    ) -> None:
        """Push points onto the tails of tracks whose last point is old enough."""
        due = time_ns - self._tail_ns[rows, -1] >= TAIL_STEP_NS
        rows = rows[due]
        self._tail[rows, :-1] = self._tail[rows, 1:]
        self._tail_ns[rows, :-1] = self._tail_ns[rows, 1:]
        self._tail[rows, -1, 0], self._tail[rows, -1, 1] = lat[due], lon[due]
        self._tail_ns[rows, -1] = time_ns[due]


def _bits(batch: TrackBatch, which: Rows) -> NDArray[np.uint32]:
    """Give the trackers that contribute to each track as bits, the first one's the lowest."""
    n, t = len(batch), min(len(batch.trackers), 32)
    if batch.held_by.shape != (n, len(batch.trackers)):
        return np.zeros(len(which), np.uint32)
    worth = np.uint32(1) << np.arange(t, dtype=np.uint32)
    return np.asarray(np.where(batch.held_by[which, :t], worth, 0).sum(axis=1), np.uint32)


def _horizontal_sigma(
    rotation: NDArray[np.float64], cov: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the major axis of the horizontal error ellipse, one standard deviation [m]."""
    plane = rotation[:, :2]
    local = plane @ cov @ np.swapaxes(plane, 1, 2)
    a, b, c = local[:, 0, 0], local[:, 0, 1], local[:, 1, 1]
    largest: NDArray[np.float64] = np.sqrt(0.5 * (a + c) + np.hypot(0.5 * (a - c), b))
    return largest
