"""How tracks begin: every column of a new track, against plain numpy."""

import dataclasses
import math

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see

from steppewatch.fuse.initiate import ONE_LOOK, initiate
from steppewatch.fuse.kernels import MODELS, fold_rates
from steppewatch.fuse.measure import place, plots_of
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import blank
from steppewatch.records import SensorKind
from steppewatch.world.geodesy import ecef_from_enu

SETTINGS = TrackerSettings()
SENSORS, COLUMN, NEXT = 3, 2, 77
PACES = {
    SensorKind.RADAR_3D: [
        (SETTINGS.speed_slow, SETTINGS.climb_slow),
        *[(SETTINGS.speed_air, SETTINGS.climb_air)] * (MODELS - 1),
    ],
    SensorKind.GROUND_RADAR: [(SETTINGS.speed_ground, SETTINGS.climb_ground)] * MODELS,
}


def plainly(plots, rows, excess, sensor):
    """Begin the same tracks one column after another."""
    born, k = blank(len(rows), SENSORS), len(rows)
    rotation = plots.frame.rotation
    position, spread = place(plots, rows, sensor, SETTINGS)
    born["mean"][:, :, :3], born["start"][:] = position[:, None], position
    born["cov"][:, :, :3, :3] = spread[:, None]
    for m, (level, climb) in enumerate(PACES[sensor.kind]):
        born["cov"][:, m, 3:, 3:] = rotation.T @ np.diag((level**2, level**2, climb**2)) @ rotation
    slow = SETTINGS.share_slow
    born["prob"][:] = (slow, *[(1.0 - slow) / (MODELS - 1)] * (MODELS - 1))
    fold_rates(
        born["mean"], born["cov"], born["prob"], rows, plots.z, plots.noise, plots.frame.origin,
        rotation,
    )  # fmt: skip
    born["id"][:] = NEXT + np.arange(k)
    for name in ("time_ns", "born_ns", "seen_ns"):
        born[name][:] = plots.time_ns[rows]
    least = SETTINGS.drop_score + ONE_LOOK
    odds = math.log(SETTINGS.birth) - np.maximum(excess[rows], 0.0)
    born["score"][:] = np.maximum(odds, least)
    born["hits"][:], born["looks"][:] = 1, 1
    born["ground"][:] = sensor.kind == SensorKind.GROUND_RADAR
    born["level"][:] = np.isfinite(plots.z[rows, 2]) | np.isfinite(plots.z[rows, 4])
    for name in ("mode_s", "mode_3a", "callsign"):
        born[name][:] = getattr(plots, name)[rows]
    for name in ("hit_ns", "look_ns"):
        born[name][:, COLUMN] = plots.time_ns[rows]
    born["slow"][:], born["high"][:] = np.inf, -np.inf
    born["chance"][:, COLUMN] = sensor.detection_probability
    born["why_ns"][:, 0], born["why_sensor"][:, 0] = plots.time_ns[rows], COLUMN
    born["why_plot"][:, 0], born["why_weight"][:, 0] = rows, 1.0
    born["why_z"][:, 0] = plots.z[rows]
    return born


@pytest.mark.parametrize("kind", list(PACES))
def test_every_column_of_a_new_track_is_as_plain_numpy_says(kind):
    rng, n = np.random.default_rng(4), 30
    sensor = dataclasses.replace(radar(kind), sigma_range_rate=1.5)
    truth = ecef_from_enu(rng.uniform(500.0, 9e3, (n, 3)), frame_of(sensor))
    rate = np.where(rng.random(n) < 0.5, rng.normal(0.0, 100.0, n), np.nan)
    batch = see(
        sensor, truth, START_NS + rng.integers(0, 10**9, n), rng, range_rate=rate,
        mode_s=rng.integers(0, 3, n).astype(np.uint32),
        mode_3a=rng.integers(-1, 3, n).astype(np.int32),
        callsign=rng.choice(np.array([b"", b"STEPPE1"], "S8"), n),
    )  # fmt: skip
    plots = plots_of(batch, sensor, SETTINGS)
    rows, excess = np.arange(0, n, 2), rng.normal(0.0, 2.0, n)
    born = blank(len(rows), SENSORS)
    initiate(plots, rows, excess, sensor, COLUMN, born, NEXT, SETTINGS)
    plain = plainly(plots, rows, excess, sensor)
    assert list(born) == list(plain)
    for name, column in plain.items():
        assert born[name].dtype == column.dtype, name
        if column.dtype.kind == "f":
            np.testing.assert_allclose(born[name], column, rtol=1e-9, atol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(born[name], column, err_msg=name)
