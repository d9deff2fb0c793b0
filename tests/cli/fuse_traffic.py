"""Files of four straight flights about a radar, and the command line as a user calls it."""

import json

import numpy as np
from click.testing import CliRunner

from steppewatch.cli import steppewatch
from steppewatch.errors import SteppewatchError

SIGMA = (0.0026, 0.0017, 30.0, 1.0)
SCANS, PERIOD, LIFT = 14, 5.0, 30.0


def call(*words, room="fuse"):
    """Give what a command prints; its own errors are raised."""
    done = CliRunner().invoke(steppewatch, [room, *map(str, words)])
    if isinstance(done.exception, SteppewatchError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*words):
    """Give what a command prints that is refused as typed."""
    done = CliRunner().invoke(steppewatch, ["fuse", *map(str, words)])
    assert done.exit_code == 2, done.output
    return done.output


def traffic(*, seed=5, scans=SCANS, false=0, **changes):
    """Make a file's arrays: four straight flights about a radar, seen nine times out of ten."""
    rng = np.random.default_rng(seed)
    start = np.array([[20e3, 5e3, 2e3], [-15e3, 9e3, 1e3], [4e3, -22e3, 3e3], [-9e3, -12e3, 900.0]])
    speed = np.array([[-90.0, 40.0, 0.0], [70.0, 0.0, 2.0], [0.0, 60.0, 0.0], [30.0, 30.0, 0.0]])
    truth, rows, bounds = np.empty((scans, 4, 6)), [], [0]
    for k in range(scans):
        place = start + speed * PERIOD * k
        truth[k, :, 0::2], truth[k, :, 1::2] = place + np.array([0.0, 0.0, LIFT]), speed
        seen = place[rng.random(4) < 0.9]
        r = np.linalg.norm(seen, axis=1)
        plots = np.column_stack(
            (
                np.arcsin(seen[:, 2] / r) + rng.normal(0, SIGMA[0], len(r)),
                np.arctan2(seen[:, 1], seen[:, 0]) + rng.normal(0, SIGMA[1], len(r)),
                r + rng.normal(0, SIGMA[2], len(r)),
                np.full(len(r), np.nan),
            )
        )
        noise = np.column_stack(
            (
                rng.uniform(0.0, 0.3, false),
                rng.uniform(-np.pi, np.pi, false),
                rng.uniform(1e3, 40e3, false),
                np.full(false, np.nan),
            )
        )
        rows.append(np.concatenate((plots, noise)))
        bounds.append(bounds[-1] + len(plots) + false)
    meta = {
        "T": PERIOD, "pd": 0.9, "clutter_per_scan": 2.0 + false, "R": 40e3, "sigma": SIGMA,
        "z_radar": LIFT,
    }  # fmt: skip
    arrays = {
        "truth": truth, "det": np.concatenate(rows), "det_off": np.array(bounds),
        "det_truth": np.zeros(bounds[-1], int), "cls": np.zeros(4, int),
        "meta": np.array(json.dumps(meta)),
    }  # fmt: skip
    return {name: value for name, value in (arrays | changes).items() if value is not None}
