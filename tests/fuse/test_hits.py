"""What is written down of a hit: the kernels against the same in plain numpy."""

import numpy as np
import pytest

from steppewatch.fuse.evidence import RING, count_hits, name_tracks, note, take
from steppewatch.fuse.measure import Plots
from steppewatch.fuse.state import blank
from steppewatch.world.geodesy import local_frame

N, P, SENSORS, COLUMN = 40, 30, 3, 1
CEILING = 4.0


def tracks_of(rng):
    """Give tracks in which every column that a hit changes holds something."""
    tracks = blank(N, SENSORS)
    for name in ("hits", "looks", "seen_ns", "hit_ns", "look_ns", "missed", "mode_s"):
        shape = tracks[name].shape
        tracks[name][:] = rng.integers(0, 50, shape)
    tracks["hits"] += 1
    tracks["mode_3a"][:] = rng.integers(-1, 3, N)
    tracks["callsign"][:] = rng.choice([b"", b"OLD", b"EIGHTCHR"], N)
    for name in ("score", "shade", "above"):
        tracks[name][:] = rng.normal(0.0, 3.0, tracks[name].shape)
    tracks["level"][:] = rng.random(N) < 0.3
    return tracks


def plots_of(rng):
    z = rng.normal(0.0, 1.0, (P, 5))
    z[:, 2:][rng.random((P, 3)) < 0.5] = np.nan
    return Plots(
        z=z,
        noise=np.ones((P, 5)),
        clutter=np.zeros(P),
        time_ns=rng.integers(0, 60, P),
        mode_s=rng.integers(0, 3, P).astype(np.uint32),
        mode_3a=rng.integers(-1, 3, P).astype(np.int32),
        callsign=rng.choice(np.array([b"", b"NEW", b"LONGNAME"], "S8"), P),
        frame=local_frame(0.8, 1.8),
    )


def plainly(tracks, rows, plots, taken, weight, score, method, *, ground):
    """Write the same down, one column after another."""
    when, z = plots.time_ns[taken], plots.z[taken]
    tracks["score"][rows] = np.minimum(score, CEILING)
    tracks["method"][rows] = method
    tracks["hits"][rows] += 1
    tracks["looks"][rows] += 1
    tracks["missed"][rows, COLUMN] = 0
    tracks["seen_ns"][rows] = np.maximum(tracks["seen_ns"][rows], when)
    for name in ("hit_ns", "look_ns"):
        tracks[name][rows, COLUMN] = np.maximum(tracks[name][rows, COLUMN], when)
    tracks["shade"][rows, COLUMN] = 0.0
    tracks["above"][rows] = 0.0
    tracks["ground"][rows] = ground
    tracks["level"][rows] |= np.isfinite(z[:, 2]) | np.isfinite(z[:, 4])
    for name, none in (("mode_s", 0), ("mode_3a", -1), ("callsign", b"")):
        new = getattr(plots, name)[taken]
        tracks[name][rows] = np.where(new == none, tracks[name][rows], new)
    slot = (tracks["hits"][rows] - 1) % RING
    ring = {"ns": when, "sensor": COLUMN, "plot": taken, "weight": weight, "z": z}
    for name, value in ring.items():
        tracks[f"why_{name}"][rows, slot] = value


def same(one, other):
    for name, column in one.items():
        np.testing.assert_array_equal(column, other[name], err_msg=name)


@pytest.mark.parametrize("ground", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_what_tracks_got_with_plots_is_written_as_column_by_column(seed, ground):
    rng = np.random.default_rng(seed)
    tracks, plots = tracks_of(rng), plots_of(rng)
    plain = {name: column.copy() for name, column in tracks.items()}
    rows = np.sort(rng.choice(N, 20, replace=False))
    taken, weight = rng.choice(P, 20, replace=False), rng.random(20)
    score, method = rng.normal(3.0, 3.0, 20), rng.integers(0, 4, 20).astype(np.uint8)
    changed = np.zeros(N, bool)
    take(
        tracks, rows, plots, taken, weight, score, method, COLUMN, changed,
        ceiling=CEILING, ground=ground,
    )  # fmt: skip
    plainly(plain, rows, plots, taken, weight, score, method, ground=ground)
    same(tracks, plain)
    assert np.flatnonzero(changed).tolist() == rows.tolist()


def test_counting_naming_and_noting_one_by_one_write_the_same():
    rng = np.random.default_rng(9)
    tracks, plots = tracks_of(rng), plots_of(rng)
    whole = {name: column.copy() for name, column in tracks.items()}
    rows, taken, weight = np.arange(0, 20, 2), np.arange(10), rng.random(10)
    method = np.full(10, 2, np.uint8)
    count_hits(tracks, rows, COLUMN, plots.time_ns[taken], method)
    name_tracks(tracks, rows, plots, taken)
    note(tracks, rows, taken, COLUMN, weight, plots.time_ns, plots.z)
    take(
        whole, rows, plots, taken, weight, np.zeros(10), method, COLUMN, np.zeros(N, bool),
        ceiling=CEILING, ground=False,
    )  # fmt: skip
    for name in ("score", "shade", "above", "level"):
        tracks[name] = whole[name]
    same(tracks, whole)
