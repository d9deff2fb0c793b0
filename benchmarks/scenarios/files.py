"""Read and write the shared npz format: one radar on a plane, truth beside its plots.

Keys: ``truth (K, N, 6)`` x, vx, y, vy, z, vz [m, m/s]; ``cls (N)``; ``det (M, 4)`` elevation,
azimuth counter-clockwise from East [rad], range [m], range rate [m/s]; ``det_off (K + 1)``;
``det_truth (M)``; ``meta`` as JSON. A tracker reads ``det``, ``det_off`` and ``meta`` alone.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.scenarios.radar import SIGMA
from benchmarks.scenarios.scene import (
    HOME_LAT,
    HOME_LON,
    ORIGIN,
    Scene,
    from_plane,
    nanoseconds,
    radar_3d,
)
from steppewatch.records import detection_batch
from steppewatch.world.geodesy import local_frame

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.scenarios.radar import Plots

ORDER = [0, 3, 1, 4, 2, 5]  # x, y, z, vx, vy, vz → x, vx, y, vy, z, vz
BACK = [0, 2, 4, 1, 3, 5]
Arrays = dict[str, "NDArray[Any]"]


def arrays_of(
    truth: NDArray[np.float64], kind: NDArray[np.int64], plots: Plots, meta: dict[str, Any]
) -> Arrays:
    """Give the arrays of a file."""
    return {
        "truth": truth[:, :, ORDER],
        "cls": kind,
        "det": plots.det,
        "det_truth": plots.source,
        "det_off": plots.off,
        "meta": np.array(json.dumps({**meta, "sigma": list(SIGMA)})),
    }


def save(path: Path, arrays: Arrays) -> None:
    """Write a file."""
    np.savez_compressed(path, **arrays)


def load(path: Path) -> Arrays:
    """Read a file whole."""
    with np.load(path) as data:
        return {name: data[name] for name in data.files}


def scene_of(
    arrays: Arrays, name: str, *, doppler: bool = False, scans: int | None = None
) -> Scene:
    """Put the plane of a file at the scenes' home, as ``steppewatch fuse run`` does.

    Args:
        arrays: Of the file.
        name: What to call it.
        doppler: Whether the tracker is given the range rate.
        scans: Only the first so many.
    """
    meta = json.loads(str(arrays["meta"]))
    sigma = meta["sigma"]
    sensor = radar_3d(
        "radar",
        1.02 * meta["R"],
        period=meta["T"],
        sigma=(sigma[0], sigma[1], sigma[2], sigma[3] if doppler else math.nan),
        pd=meta["pd"],
        false_alarms=meta["clutter_per_scan"],
    )
    off, det = arrays["det_off"], arrays["det"]
    count = len(off) - 1 if scans is None else min(scans, len(off) - 1)
    times = np.array([nanoseconds(k * meta["T"]) for k in range(count)], np.int64)
    steps = []
    for k, now in enumerate(times.tolist()):
        rows = det[off[k] : off[k + 1]]
        batch = detection_batch(
            "radar",
            ORIGIN,
            np.full(len(rows), now),
            rows[:, 2],
            np.mod(0.5 * np.pi - rows[:, 1], 2.0 * np.pi),
            elevation=rows[:, 0],
            range_rate=rows[:, 3] if doppler else None,
        )
        steps.append((now, (batch,)))
    plane = arrays["truth"][:count][:, :, BACK].copy()
    plane[:, :, 2] -= meta["z_radar"]
    return Scene(
        name=name,
        sensors=(sensor,),
        steps=tuple(steps),
        times_ns=times,
        truth=from_plane(plane, local_frame(HOME_LAT, HOME_LON, sensor.height)),
        kind=arrays["cls"],
        period=meta["T"],
        site={"mast": float(meta["z_radar"])},
    )
