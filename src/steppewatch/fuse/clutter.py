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

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel
from steppewatch.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

    Floats = NDArray[np.float64]
    Cells = NDArray[np.float32]
    Grid = tuple[float, float, float, float]

RINGS, SECTORS = 16, 32
SLOW, FAST = 600.0, 40.0  # [s]
TRUST = 10.0  # scans that the sensor's own number is worth
WARM_UP = 12.0  # scans before the map is used at all
LIMITS = 2.5  # standard deviations of the fast count
LEAST, MOST = 0.3, 1_000.0  # times the sensor's own number
ENOUGH = 1.6  # times more or fewer than the sensor says, below which it is believed
WHOLE = 0.9  # of a scan period, after which a scan is counted
NS = 1e-9
TWO_PI = 2.0 * math.pi
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

    def thicken(self, plots: Plots, sensor: Sensor, column: int) -> NDArray[np.float64]:
        """Raise the plots' clutter, in place, to what the map knows of their places.

        Args:
            plots: The batch.
            sensor: Whose.
            column: Its number.

        Returns:
            ln of how much denser false alarms are at each plot than the sensor says ``(p,)``.
        """
        excess = np.zeros(len(plots.z))
        if self._on:
            known, cells = bool(self._scans[column, 0] >= WARM_UP), self._writable(column)
            thicken_plots(plots.z, grid_of(sensor), cells, known, excess, plots.clutter)
        return excess

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
        count_loose(plots.z, loose, grid_of(sensor), grid)
        since = int(self._since[column])
        if since == 0:
            self._since[column] = now_ns
            grid[PENDING] = 0.0  # a first batch may be the end of a scan
            return
        passed = (now_ns - since) * NS
        if passed >= WHOLE * sensor.scan_period:
            turns = max(passed / sensor.scan_period, 1.0) if passed < FAST else 1.0
            own = max(sensor.false_alarms, 0.1) / (RINGS * SECTORS)
            closed = sensor.sector_width >= TWO_PI - 1e-3
            sum_up(passed, turns, own, closed, self._scans[column], grid)
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
        since = int(self._since[column])
        if not self._on or len(rows) == 0 or since == 0:
            return
        uncount(
            rows, tracks["hits"], tracks["why_sensor"], tracks["why_ns"], tracks["why_z"], column,
            since, now_ns, grid_of(sensor), self._writable(column),
        )  # fmt: skip

    def _writable(self, column: int) -> NDArray[np.float32]:
        if column not in self._own:
            self._cells[column] = np.array(self._cells[column])
            self._own.add(column)
        return self._cells[column]


def grid_of(sensor: Sensor) -> Grid:
    """Give a map's nearest range and depth [m], its first azimuth and its width [rad]."""
    depth = max(sensor.max_range - sensor.min_range, 1.0)
    width = min(max(sensor.sector_width, 1e-3), TWO_PI)
    return float(sensor.min_range), float(depth), float(sensor.sector_start), float(width)


@kernel
def cell_of(reach: float, azimuth: float, grid: Grid) -> tuple[int, int]:
    """Give ring and sector of the map's cell for a place; one outside has the nearest.

    Args:
        reach: Slant range [m].
        azimuth: In radians.
        grid: As :func:`grid_of` gives it.
    """
    ring = np.floor((reach - grid[0]) / grid[1] * RINGS)
    turn = azimuth - grid[2]
    if turn < 0.0:
        turn += TWO_PI
    if turn < 0.0 or turn >= TWO_PI:
        turn %= TWO_PI
    sector = np.floor(turn / grid[3] * SECTORS)
    return int(min(max(ring, 0.0), RINGS - 1.0)), int(min(max(sector, 0.0), SECTORS - 1.0))


@kernel
def thicken_plots(
    z: Floats, grid: Grid, cells: Cells, known: bool, excess: Floats, clutter: Floats
) -> None:
    """Write the ln of the density's factor at each plot, and add it to the plot's clutter.

    Shapes:
        z: ``(p, 5)`` as in ``measure.Plots``; excess, clutter: ``(p,)``.
        cells: As in :class:`ClutterState`; known: whether they can be used yet.
    """
    for i in range(len(z) if known else 0):
        ring, sector = cell_of(z[i, 0], z[i, 1], grid)
        factor = cells[FACTOR, ring, sector]
        if factor != 1.0:
            excess[i] = np.log(np.float64(factor))
            clutter[i] += excess[i]


@kernel
def count_loose(z: Floats, loose: NDArray[np.bool_], grid: Grid, cells: Cells) -> None:
    """Count the plots ``(p,)`` that are ``loose`` into the scan under way, in place."""
    for i in range(len(z)):
        if loose[i]:
            ring, sector = cell_of(z[i, 0], z[i, 1], grid)
            cells[PENDING, ring, sector] += np.float32(1.0)


@kernel
def uncount(
    rows: NDArray[Any], hits: NDArray[Any], why_sensor: NDArray[Any], why_ns: NDArray[Any],
    why_z: Floats, column: int, since_ns: int, now_ns: int, grid: Grid, cells: Cells,
) -> None:  # fmt: skip
    """Take what is left of the plots of tracks out of all counts, in place.

    Shapes and units:
        rows: ``(k,)`` tracks; hits, why_*: Columns of the state.
        column: The sensor's number; since_ns: when its last whole scan was counted.
    """
    none = np.float32(0.0)
    for j in rows:
        for slot in range(min(hits[j], why_ns.shape[1])):
            if why_sensor[j, slot] != column or why_ns[j, slot] <= 0:
                continue
            ring, sector = cell_of(why_z[j, slot, 0], why_z[j, slot, 1], grid)
            if why_ns[j, slot] > since_ns:
                count = cells[PENDING, ring, sector] - np.float32(1.0)
                cells[PENDING, ring, sector] = max(count, none)
                continue
            age = (now_ns - why_ns[j, slot]) * NS
            for row, lasting in ((SLOW_ROW, SLOW), (FAST_ROW, FAST)):
                count = cells[row, ring, sector] - np.float32(np.exp(-age / lasting))
                cells[row, ring, sector] = max(count, none)


@kernel
def sum_up(
    passed: float, turns: float, own: float, closed: bool, scans: Floats, cells: Cells
) -> None:
    """Add one scan to both memories and estimate anew, in place.

    Shapes and units:
        passed: Since the last whole scan [s]; turns: how many scans that is.
        own: False alarms a scan in each cell, as the sensor says; closed: its sectors are a ring.
        scans: ``(2,)`` of the sensor; cells: as in :class:`ClutterState`.
    """
    for row, lasting in ((SLOW_ROW, SLOW), (FAST_ROW, FAST)):
        left = np.exp(-passed / lasting)
        scans[row] = left * scans[row] + turns
        for ring in range(RINGS):
            for sector in range(SECTORS):
                kept = np.float32(left) * cells[row, ring, sector]
                cells[row, ring, sector] = kept + cells[PENDING, ring, sector]
    slows, fasts = np.empty((RINGS, SECTORS)), np.empty((RINGS, SECTORS))
    wide = np.empty(SECTORS + 2)
    neighbours(cells[SLOW_ROW], closed, wide, slows)
    neighbours(cells[FAST_ROW], closed, wide, fasts)
    for ring in range(RINGS):
        for sector in range(SECTORS):
            cells[PENDING, ring, sector] = 0.0
            about = 3 - (ring == 0) - (ring == RINGS - 1)
            about *= 3 if closed else 3 - (sector == 0) - (sector == SECTORS - 1)
            usual, slow, fast = own * about, slows[ring, sector], fasts[ring, sector]
            # A few plots of targets not known yet must not make their own place a bad one: only
            # what the count surely exceeds raises the density.
            surely = max(slow - LIMITS * np.sqrt(slow), min(slow, usual * scans[SLOW_ROW]))
            estimate = (TRUST * usual + surely) / (TRUST + scans[SLOW_ROW])
            spread = LIMITS * np.sqrt(fast)
            low = (fast - spread) / scans[FAST_ROW]
            high = (fast + spread + LIMITS) / scans[FAST_ROW]
            factor = min(max(min(max(estimate, low), high) / usual, LEAST), MOST)
            known = 1.0 / ENOUGH < factor < ENOUGH
            cells[FACTOR, ring, sector] = 1.0 if known else factor


@kernel
def neighbours(cells: Cells, closed: bool, wide: Floats, total: Floats) -> None:
    """Sum each cell ``(rings, sectors)`` and the eight about it; sectors close to a ring or not.

    Shapes:
        wide: ``(sectors + 2,)`` scratch; total: ``(rings, sectors)``, written.
    """
    rings, sectors = total.shape
    for ring in range(rings):
        for sector in range(sectors):
            across = 0.0
            for k in range(max(ring - 1, 0), min(ring + 2, rings)):
                across += np.float64(cells[k, sector])
            wide[sector + 1] = across
        wide[0] = wide[sectors] if closed else 0.0
        wide[sectors + 1] = wide[1] if closed else 0.0
        for sector in range(sectors):
            total[ring, sector] = wide[sector] + wide[sector + 1] + wide[sector + 2]
