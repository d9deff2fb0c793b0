"""The clutter map's counts and estimates in plain numpy, as the kernels must make them."""

import math

import numpy as np

from steppewatch.fuse.clutter import (
    ENOUGH,
    FACTOR,
    FAST,
    FAST_ROW,
    LEAST,
    LIMITS,
    MOST,
    PENDING,
    RINGS,
    SECTORS,
    SLOW,
    SLOW_ROW,
    TRUST,
)

MEMORIES = ((SLOW_ROW, SLOW), (FAST_ROW, FAST))


def cells_of(reach, azimuth, sensor):
    """Give ring and sector of the cell of each place; places outside have the nearest."""
    depth = max(sensor.max_range - sensor.min_range, 1.0)
    width = min(max(sensor.sector_width, 1e-3), math.tau)
    ring = np.floor((reach - sensor.min_range) / depth * RINGS)
    turn = np.mod(azimuth - sensor.sector_start, math.tau) / width * SECTORS
    return (
        np.clip(ring, 0, RINGS - 1).astype(np.int64),
        np.clip(np.floor(turn), 0, SECTORS - 1).astype(np.int64),
    )


def counted(z, loose, sensor, cells):
    """Count loose plots."""
    np.add.at(cells[PENDING], cells_of(z[loose, 0], z[loose, 1], sensor), 1.0)


def uncounted(tracks, rows, sensor, column, since_ns, now_ns, cells):
    """Take the plots of tracks out again."""
    slots = tracks["why_ns"].shape[1]
    row, slot = np.nonzero(
        (np.arange(slots) < tracks["hits"][rows, None])
        & (tracks["why_sensor"][rows] == column)
        & (tracks["why_ns"][rows] > 0)
    )
    z, when = tracks["why_z"][rows[row], slot], tracks["why_ns"][rows[row], slot]
    place = cells_of(z[:, 0], z[:, 1], sensor)
    pending = when > since_ns
    np.add.at(cells[PENDING], tuple(p[pending] for p in place), -1.0)
    for which, lasting in MEMORIES:
        left = np.where(pending, 0.0, np.exp(-1e-9 * (now_ns - when) / lasting))
        np.add.at(cells[which], place, -left.astype(np.float32))
    np.maximum(cells[:3], 0.0, out=cells[:3])


def about(cells, closed):
    """Sum each cell and the eight about it."""
    wide = np.zeros((RINGS + 2, SECTORS + 2))
    wide[1:-1, 1:-1] = cells
    if closed:
        wide[:, 0], wide[:, -1] = wide[:, -2], wide[:, 1]
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    return rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]


def summed(passed, turns, own, closed, scans, cells):
    """Add one scan to both memories and estimate anew."""
    for which, lasting in MEMORIES:
        left = math.exp(-passed / lasting)
        cells[which] = left * cells[which] + cells[PENDING]
        scans[which] = left * scans[which] + turns
    cells[PENDING] = 0.0
    slow, fast = about(cells[SLOW_ROW], closed), about(cells[FAST_ROW], closed)
    usual = own * about(np.ones((RINGS, SECTORS)), closed)
    surely = np.maximum(slow - LIMITS * np.sqrt(slow), np.minimum(slow, usual * scans[0]))
    estimate = (TRUST * usual + surely) / (TRUST + scans[0])
    spread = LIMITS * np.sqrt(fast)
    low, high = (fast - spread) / scans[1], (fast + spread + LIMITS) / scans[1]
    factor = np.clip(np.clip(estimate, low, high) / usual, LEAST, MOST)
    cells[FACTOR] = np.where(np.abs(np.log(factor)) < math.log(ENOUGH), 1.0, factor)
