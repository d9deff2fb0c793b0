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


def write_tracks(path: Path, run: Run) -> None:
    """Write a run's tracks; ``.csv`` gives columns, all else ``.npz``.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The place cannot be written.
    """
    if path.suffix.lower() == ".csv":
        _write_csv(path, run)
        return
    write_npz(
        path,
        scan_off=run.offset,
        track_id=run.track,
        pos_enu_m=run.position,
        vel_enu_mps=run.velocity,
        cov=run.cov,
        cpu_s=run.cpu,
        time_ns=run.time_ns,
        existence=run.existence,
        target=run.target,
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
