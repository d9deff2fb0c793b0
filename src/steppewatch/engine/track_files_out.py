"""Write confirmed tracks down: arrays (``.npz``) for programs, columns (``.csv``) for people.

scan_off (K + 1)         first row of each scan
track_id (n)             the same number is the same track
pos_enu_m (n, 3)         east, north, up [m], in the file's own frame
vel_enu_mps (n, 3)       [m/s]
cov (n, 6, 6)            of x, y, z, vx, vy, vz
cpu_s (K)                thread CPU seconds of the tracker in each scan
time_ns (K)              moment of each scan [ns UTC]
existence (n)            probability that the track is a real thing
target (n)               its class (records.TargetClass)
frame                    JSON: lat_deg, lon_deg, height_m of the origin, z_offset_m

Columns are one line for each track after each scan, with latitude and longitude beside the metres.
"""

import csv
import io
import json
from pathlib import Path

import numpy as np

from steppewatch.engine.track_run import Run
from steppewatch.engine.whole_file import whole_file, write_npz
from steppewatch.records import TargetClass
from steppewatch.world.geodesy import ecef_from_enu, geodetic_from_ecef


def write_tracks(path: Path, run: Run, order: tuple[int, ...] = ()) -> None:
    """Write a run's tracks; ``.csv`` gives columns in the order of time, all else ``.npz``.

    Args:
        path: The file.
        run: The tracks.
        order: Where in the file of detections each scan stood, so that arrays are in its order.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The place cannot be written.
    """
    if path.suffix.lower() == ".csv":
        _write_csv(path, run)
        return
    scans = np.argsort(order, kind="stable") if order else np.arange(len(run.time_ns))
    rows = np.concatenate([np.zeros(0, np.int64), *(np.r_[run.scan(k)] for k in scans.tolist())])
    rows = rows.astype(np.int64)
    lengths = np.diff(run.offset)[scans]
    write_npz(
        path,
        scan_off=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        track_id=run.track[rows],
        pos_enu_m=run.position[rows],
        vel_enu_mps=run.velocity[rows],
        cov=run.cov[rows],
        cpu_s=run.cpu[scans],
        time_ns=run.time_ns[scans],
        existence=run.existence[rows],
        target=run.target[rows],
        frame=np.array(json.dumps(run.ground.described())),
    )


def _write_csv(path: Path, run: Run) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ("time", "track_id", "x", "y", "z", "vx", "vy", "vz", "lat_deg", "lon_deg", "height_m",
         "sigma_horizontal_m", "sigma_vertical_m", "existence", "class")
    )  # fmt: skip
    local = run.position - (0.0, 0.0, run.ground.lift)
    lat, lon, height = geodetic_from_ecef(ecef_from_enu(local, run.ground.frame))
    across = np.sqrt(np.maximum(run.cov[:, 0, 0] + run.cov[:, 1, 1], 0.0))
    up = np.sqrt(np.maximum(run.cov[:, 2, 2], 0.0))
    for k, time_ns in enumerate(run.time_ns.tolist()):
        moment = str(np.datetime64(time_ns, "ns"))
        for i in range(run.offset[k], run.offset[k + 1]):
            writer.writerow(
                (
                    moment, run.track[i],
                    *(f"{v:.3f}" for v in (*run.position[i], *run.velocity[i])),
                    f"{np.degrees(lat[i]):.7f}", f"{np.degrees(lon[i]):.7f}", f"{height[i]:.1f}",
                    f"{across[i]:.1f}", f"{up[i]:.1f}", f"{run.existence[i]:.4f}",
                    TargetClass(int(run.target[i])).name.lower(),
                )
            )  # fmt: skip
    with whole_file(path) as stream:
        stream.write(text.getvalue().encode())
