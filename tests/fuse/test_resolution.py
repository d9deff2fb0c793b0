"""Two targets in one plot, and one target in several."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch import fuse
from steppewatch.fuse.measure import plots_of
from steppewatch.fuse.resolution import echoes, lone
from steppewatch.records import Origin, Sensor, SensorKind, TrackStatus, detection_batch
from steppewatch.world.geodesy import spherical_from_enu

START_NS, PERIOD = 1_700_000_000_000_000_000, 4.0
ORIGIN = Origin(feed="test")
RADAR = Sensor(
    id="r", name="r", site="s", kind=SensorKind.RADAR_3D, lat=0.82, lon=1.85, height=1_500.0,
    min_range=0.0, max_range=60e3, scan_period=PERIOD, sector_start=0.0,
    sector_width=2.0 * math.pi, sigma_range=25.0, sigma_azimuth=2e-3, sigma_elevation=3e-3,
    sigma_range_rate=math.nan, detection_probability=0.9, false_alarms=3.0, range_cell=150.0,
    azimuth_cell=0.02, origin=ORIGIN,
)  # fmt: skip
UNTOLD = dataclasses.replace(RADAR, range_cell=math.nan, azimuth_cell=math.nan)


def merged(places):
    """Give one place, the mean, for all places in one cell of the first; the others as they are."""
    r, az, _ = spherical_from_enu(places)
    same = (np.abs(r - r[0]) < RADAR.range_cell) & (np.abs(az - az[0]) < RADAR.azimuth_cell)
    return np.concatenate((places[same].mean(axis=0)[None], places[~same]))


def run(sensor, scene, scans, seed, *, echo=1, pd=0.95):
    """Track what ``scene(seconds)`` gives ``(n, 3)`` ENU; give confirmed ids and places by scan."""
    rng, said = np.random.default_rng(seed), []
    stage = fuse.stage()
    state, _ = stage.step(stage.initial, [sensor], START_NS)
    for k in range(scans):
        places = merged(scene(k * PERIOD))
        places = places[rng.random(len(places)) < pd]
        r, az, el = (np.repeat(a, echo) for a in spherical_from_enu(places))
        r = r + rng.normal(0.0, RADAR.sigma_range, len(r))
        r[np.arange(len(r)) % echo > 0] += rng.uniform(-70.0, 70.0, len(r) - len(places))
        az = az + rng.normal(0.0, RADAR.sigma_azimuth, len(r))
        el = el + rng.normal(0.0, RADAR.sigma_elevation, len(r))
        now_ns = START_NS + round(k * PERIOD * 1e9)
        batch = detection_batch(
            "r", ORIGIN, np.full(len(r), now_ns), r, np.mod(az, math.tau), elevation=el
        )
        state, _ = stage.step(state, [batch], now_ns)
        picture = fuse.tracks_at(state, now_ns)
        sure = picture.status != TrackStatus.TENTATIVE
        said.append((picture.id[sure], picture.cov[sure]))
    return said


def overtaking(seconds):
    """Let one flight overtake another on the same line: for a minute they are one plot."""
    x = np.array([[-3_000.0 + 60.0 * seconds, 20e3, 2e3], [-1_200.0 + 50.0 * seconds, 20e3, 2e3]])
    x[:, 1] += np.array([0.0, 60.0])
    return x


@pytest.mark.parametrize("seed", range(4))
def test_two_tracks_that_make_one_plot_for_a_minute_both_live_on(seed):
    said = run(RADAR, overtaking, 75, seed)
    before, after = set(said[20][0].tolist()), set(said[-1][0].tolist())
    assert len(before) == 2
    assert after == before


def test_of_a_sensor_that_does_not_tell_its_cells_one_of_the_two_is_lost():
    kept = 0
    for seed in range(4):
        said = run(UNTOLD, overtaking, 75, seed)
        kept += set(said[20][0].tolist()) == set(said[-1][0].tolist())
    assert kept < 4


def test_a_shared_plot_makes_neither_track_surer_than_a_plot_of_its_own():
    said = run(RADAR, overtaking, 60, 1)
    alone = np.trace(said[20][1][0][:3, :3])
    shared = min(np.trace(cov[:3, :3]) for cov in said[45][1])
    assert shared > alone


def test_a_track_does_not_live_for_ever_on_the_plots_of_another():
    def scene(seconds):
        places = overtaking(seconds)
        places[1] = places[0] + (0.0, 60.0, 0.0) if seconds > 120.0 else places[1]
        return places if seconds < 160.0 else places[:1]

    said = run(RADAR, scene, 120, 2)
    assert len(said[-1][0]) == 1


def straight(seconds):
    return np.array([[-5_000.0 + 40.0 * seconds, 15e3, 1e3]])


@pytest.mark.parametrize("seed", range(3))
def test_a_target_that_gives_three_echoes_has_one_track(seed):
    said = run(RADAR, straight, 50, seed, echo=3)
    assert max(len(ids) for ids, _ in said[12:]) == 1
    untold = run(UNTOLD, straight, 50, seed, echo=3)
    assert max(len(ids) for ids, _ in untold[12:]) > 1


def test_only_plots_beside_a_taken_one_are_its_echoes():
    reach = np.array([10e3, 10.1e3, 10.3e3, 10e3, 10e3, 20e3])
    azimuth = np.array([0.001, 6.28, 0.0, 0.04, 0.02, 0.0])
    when = np.full(6, START_NS)
    batch = detection_batch("r", ORIGIN, when, reach, azimuth, elevation=np.full(6, 0.1))
    plots = plots_of(batch, RADAR, fuse.TrackerSettings())
    taken = np.array([True, False, False, False, False, False])
    assert echoes(plots, taken, RADAR).tolist() == [False, True, False, False, True, False]
    assert not echoes(plots, taken, UNTOLD).any()
    assert lone(plots, np.arange(6), RADAR).tolist() == [0, 2, 3, 5]
    assert lone(plots, np.arange(6), UNTOLD).tolist() == list(range(6))
