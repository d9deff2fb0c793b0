"""Where false alarms come from: a map of each sensor's own, learnt from plots that nobody took.

False alarms are not spread evenly: rain stands in one sector, a wind farm in another, and what a
radar's description says of its number is a guess. Each sensor has a polar grid of cells over its
coverage. Once a scan the plots that no track of three plots or more took are counted into it
twice: into a slow memory (ten minutes) and a fast one (forty seconds), both summed over a cell and
its neighbours.
The estimate is the slow one, held inside the confidence limits of the fast one, so that a surge
counts within a few scans and is forgotten as soon when it is over (the slow mean of a clutter map
is Nitzberg 1986, IEEE Trans. Aerosp. Electron. Syst. 22(4); its use in data association Musicki &
Evans 2004, ibid. 40(3)).

A plot of a real target that was not yet known is no false alarm: when a track is confirmed, the
plots that made it are taken out of the count again.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

RINGS, SECTORS = 16, 32
SLOW, FAST = 600.0, 40.0  # [s]
TRUST = 10.0  # scans that the sensor's own number is worth
WARM_UP = 12.0  # scans before the map is used at all
LIMITS = 2.5  # standard deviations of the fast count
LEAST, MOST = 0.3, 1_000.0  # times the sensor's own number
ENOUGH = 1.6  # times more or fewer than the sensor says, below which it is believed
WHOLE = 0.9  # of a scan period, after which a scan is counted
NS = 1e-9
SLOW_ROW, FAST_ROW, PENDING, FACTOR = range(4)


@record("tracker_clutter")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClutterState:
    """Remember of each of s sensors where its false alarms were.

    Attributes:
        cells: s arrays ``(4, RINGS, SECTORS)`` float32: decayed count of the slow and of the fast
            memory, count since the last whole scan, and the estimated density as a multiple of the
            sensor's own number.
        scans: ``(s, 2)`` float64, decayed number of scans in the slow and in the fast memory.
        since_ns: ``(s,)`` int64, when the last whole scan was counted, 0 for never.
    """

    cells: tuple[NDArray[np.float32], ...]
    scans: NDArray[np.float64]
    since_ns: NDArray[np.int64]


def empty_clutter() -> ClutterState:
    """Give the memory of a tracker that has heard nothing yet."""
    return ClutterState(cells=(), scans=np.zeros((0, 2)), since_ns=np.zeros(0, np.int64))


class ClutterMap:
    """Hold the copies that one step writes into; it lives no longer than the step.

    Args:
        state: Before the step.
        on: Whether to learn and to use anything.
    """

    def __init__(self, state: ClutterState, *, on: bool = True) -> None:
        self._cells = list(state.cells)
        self._scans, self._since = np.array(state.scans), np.array(state.since_ns)
        self._own: set[int] = set()
        self._on = on

    def learn_sensor(self) -> None:
        """Make room for one more sensor."""
        fresh = np.zeros((4, RINGS, SECTORS), np.float32)
        fresh[FACTOR] = 1.0
        self._cells.append(fresh)
        self._scans = np.concatenate((self._scans, np.zeros((1, 2))))
        self._since = np.append(self._since, 0)

    def frozen(self) -> ClutterState:
        """Give the memory after the step."""
        return ClutterState(cells=tuple(self._cells), scans=self._scans, since_ns=self._since)

    def excess(self, plots: Plots, sensor: Sensor, column: int) -> NDArray[np.float64]:
        """Give ln of how much denser false alarms are at each plot than the sensor says ``(p,)``.

        Args:
            plots: The batch.
            sensor: Whose.
            column: Its number.
        """
        if not self._on or self._scans[column, 0] < WARM_UP:
            return np.zeros(len(plots.z))
        ring, sector = cells_of(plots.z[:, 0], plots.z[:, 1], sensor)
        return np.asarray(np.log(self._cells[column][FACTOR][ring, sector], dtype=np.float64))

    def count(
        self, plots: Plots, loose: NDArray[np.bool_], sensor: Sensor, column: int, now_ns: int
    ) -> None:
        """Count what no likely track took; once a scan, sum up.

        Args:
            plots: The batch.
            loose: ``(p,)`` which of them no likely track took.
            sensor: Whose.
            column: Its number.
            now_ns: The sensor's newest plot, or look.
        """
        if not self._on:
            return
        grid = self._writable(column)
        ring, sector = cells_of(plots.z[loose, 0], plots.z[loose, 1], sensor)
        cell = ring * SECTORS + sector
        grid[PENDING] += np.bincount(cell, minlength=RINGS * SECTORS).reshape(RINGS, SECTORS)
        since = int(self._since[column])
        if since == 0:
            self._since[column] = now_ns
            grid[PENDING] = 0.0  # a first batch may be the end of a scan
            return
        passed = (now_ns - since) * NS
        if passed >= WHOLE * sensor.scan_period:
            self._sum_up(grid, sensor, column, passed)
            self._since[column] = now_ns

    def take_back(
        self, tracks: Columns, rows: NDArray[np.intp], sensor: Sensor, column: int, now_ns: int
    ) -> None:
        """Take the plots of tracks that were confirmed just now out of the count.

        Args:
            tracks: Columns of the state.
            rows: ``(k,)`` which tracks.
            sensor: Whose plots.
            column: Its number.
            now_ns: The sensor's newest plot.
        """
        if not self._on or len(rows) == 0:
            return
        grid = self._writable(column)
        slots = tracks["why_ns"].shape[1]
        row, slot = np.nonzero(
            (np.arange(slots) < tracks["hits"][rows, None])
            & (tracks["why_sensor"][rows] == column)
            & (tracks["why_ns"][rows] > 0)
        )
        z, when = tracks["why_z"][rows[row], slot], tracks["why_ns"][rows[row], slot]
        ring, sector = cells_of(z[:, 0], z[:, 1], sensor)
        pending = when > self._since[column]
        np.add.at(grid[PENDING], (ring[pending], sector[pending]), -1.0)
        age = (now_ns - when) * NS
        for which, lasting in ((SLOW_ROW, SLOW), (FAST_ROW, FAST)):
            left = np.where(pending, 0.0, np.exp(-age / lasting))
            np.add.at(grid[which], (ring, sector), -left.astype(np.float32))
        np.maximum(grid[:3], 0.0, out=grid[:3])

    def _writable(self, column: int) -> NDArray[np.float32]:
        if column not in self._own:
            self._cells[column] = np.array(self._cells[column])
            self._own.add(column)
        return self._cells[column]

    def _sum_up(
        self, grid: NDArray[np.float32], sensor: Sensor, column: int, passed: float
    ) -> None:
        """Add one scan to both memories and estimate anew."""
        turns = max(passed / sensor.scan_period, 1.0) if passed < FAST else 1.0
        for which, lasting in ((SLOW_ROW, SLOW), (FAST_ROW, FAST)):
            left = math.exp(-passed / lasting)
            grid[which] = left * grid[which] + grid[PENDING]
            self._scans[column, which] = left * self._scans[column, which] + turns
        grid[PENDING] = 0.0
        own = max(sensor.false_alarms, 0.1) / (RINGS * SECTORS)
        closed = sensor.sector_width >= 2.0 * math.pi - 1e-3
        area = cells_about(closed=closed)
        slow, fast = (neighbours(grid[row], closed=closed) for row in (SLOW_ROW, FAST_ROW))
        scans_slow, scans_fast = self._scans[column]
        usual = own * area
        # A few plots of targets not known yet must not make their own place a bad one: only what
        # the count surely exceeds raises the density.
        surely = np.maximum(slow - LIMITS * np.sqrt(slow), np.minimum(slow, usual * scans_slow))
        estimate = (TRUST * usual + surely) / (TRUST + scans_slow)
        spread = LIMITS * np.sqrt(fast)
        low, high = (fast - spread) / scans_fast, (fast + spread + LIMITS) / scans_fast
        factor = np.clip(np.clip(estimate, low, high) / usual, LEAST, MOST)
        grid[FACTOR] = np.where(np.abs(np.log(factor)) < math.log(ENOUGH), 1.0, factor)


def cells_of(
    reach: NDArray[np.float64], azimuth: NDArray[np.float64], sensor: Sensor
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give ring and sector of the map's cell for each place; places outside have the nearest.

    Args:
        reach: ``(k,)`` slant range [m].
        azimuth: ``(k,)`` [rad].
        sensor: Whose map.
    """
    depth = max(sensor.max_range - sensor.min_range, 1.0)
    width = min(max(sensor.sector_width, 1e-3), 2.0 * math.pi)
    ring = np.floor((reach - sensor.min_range) / depth * RINGS)
    turn = np.mod(azimuth - sensor.sector_start, 2.0 * math.pi) / width * SECTORS
    return (
        np.clip(ring, 0, RINGS - 1).astype(np.int64),
        np.clip(np.floor(turn), 0, SECTORS - 1).astype(np.int64),
    )


@functools.lru_cache(maxsize=2)
def cells_about(*, closed: bool) -> NDArray[np.float64]:
    """Count each cell and those about it ``(rings, sectors)``."""
    return neighbours(np.ones((RINGS, SECTORS)), closed=closed)


def neighbours(cells: NDArray[np.floating], *, closed: bool) -> NDArray[np.float64]:
    """Sum each cell ``(rings, sectors)`` and the eight about it; sectors close to a ring or not."""
    wide = np.zeros((RINGS + 2, SECTORS + 2))
    wide[1:-1, 1:-1] = cells
    if closed:
        wide[:, 0], wide[:, -1] = wide[:, -2], wide[:, 1]
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    return np.asarray(rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:])
