"""What the clutter map learns of uniform, heavy and surging false alarms, and what tracks gain."""

import dataclasses
import math

import numpy as np
import pytest
from plain_clutter import cells_of, counted, summed, uncounted

from steppewatch import fuse
from steppewatch.fuse.clutter import (
    FACTOR,
    PENDING,
    RINGS,
    SECTORS,
    ClutterMap,
    cell_of,
    count_loose,
    empty_clutter,
    grid_of,
    neighbours,
    sum_up,
    uncount,
)
from steppewatch.fuse.evidence import RING
from steppewatch.fuse.measure import plots_of
from steppewatch.records import Origin, Sensor, SensorKind, TrackStatus, detection_batch
from steppewatch.world.geodesy import local_frame, spherical_from_enu

START_NS, PERIOD = 1_700_000_000_000_000_000, 5.0
ORIGIN = Origin(feed="test")
RADAR = Sensor(
    id="r", name="r", site="s", kind=SensorKind.RADAR_3D, lat=0.82, lon=1.85, height=1_500.0,
    min_range=0.0, max_range=60e3, scan_period=PERIOD, sector_start=0.0,
    sector_width=2.0 * math.pi, sigma_range=30.0, sigma_azimuth=2e-3, sigma_elevation=3e-3,
    sigma_range_rate=math.nan, detection_probability=0.9, false_alarms=20.0, origin=ORIGIN,
)  # fmt: skip
FRAME = local_frame(RADAR.lat, RADAR.lon, RADAR.height)
SECTOR = (0.8, 2.0)  # [rad]; where it rains


def false_alarms(rng, times):
    """Draw a scan of uniform false alarms, ``times`` as many in the sector of rain."""
    n = rng.poisson(RADAR.false_alarms)
    more = rng.poisson((times - 1.0) * RADAR.false_alarms * (SECTOR[1] - SECTOR[0]) / math.tau)
    azimuth = np.concatenate((rng.uniform(0.0, math.tau, n), rng.uniform(*SECTOR, more)))
    reach = rng.uniform(500.0, RADAR.max_range, n + more)
    return reach, azimuth, rng.uniform(0.0, 0.4, n + more)


def batch_of(k, reach, azimuth, elevation):
    when = np.full(len(reach), START_NS + round(k * PERIOD * 1e9))
    return detection_batch("r", ORIGIN, when, reach, np.mod(azimuth, math.tau), elevation=elevation)


def learn(times, scans, seed=1):
    """Give the map after scans of false alarms, ``times(k)`` as many in the sector."""
    rng, settings = np.random.default_rng(seed), fuse.TrackerSettings()
    clutter = ClutterMap(empty_clutter())
    clutter.learn_sensor()
    for k in range(scans):
        plots = plots_of(batch_of(k, *false_alarms(rng, times(k))), RADAR, settings)
        now_ns = START_NS + round(k * PERIOD * 1e9)
        clutter.count(plots, np.ones(len(plots.z), bool), RADAR, 0, now_ns)
    return clutter


def density(clutter, azimuth):
    """Give the estimated density as a multiple of the nominal one, over ranges at an azimuth."""
    reach = np.linspace(8e3, 52e3, 40)
    plots = plots_of(
        batch_of(0, reach, np.full(40, azimuth), np.full(40, 0.1)), RADAR, fuse.TrackerSettings()
    )
    return float(np.exp(clutter.thicken(plots, RADAR, 0)).mean())


def test_uniform_false_alarms_as_many_as_the_sensor_says_change_nothing():
    clutter = learn(lambda _: 1.0, 150)
    found = [density(clutter, a) for a in np.linspace(0.0, 6.0, 9)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.15)
    assert np.max(found) < 1.6


def test_a_heavy_sector_is_found_at_its_density_and_nowhere_else():
    clutter = learn(lambda _: 10.0, 150)
    assert density(clutter, 1.4) == pytest.approx(10.0, rel=0.25)
    assert density(clutter, 4.0) == pytest.approx(1.0, abs=0.35)


def test_a_surge_counts_within_half_a_minute_and_is_forgotten_within_two():
    def times(k):
        return 20.0 if 60 <= k < 90 else 1.0

    assert density(learn(times, 60), 1.4) < 1.7
    assert density(learn(times, 67), 1.4) > 5.0
    assert 10.0 < density(learn(times, 90), 1.4) < 25.0  # the lower limit of what was counted
    assert density(learn(times, 90 + 24), 1.4) < 6.0


def test_before_it_has_heard_a_minute_it_says_nothing():
    assert density(learn(lambda _: 20.0, 10), 1.4) == 1.0


def test_sectors_of_a_scan_add_up_to_the_scan():
    rng, settings = np.random.default_rng(3), fuse.TrackerSettings()
    whole, parts = ClutterMap(empty_clutter()), ClutterMap(empty_clutter())
    for one in (whole, parts):
        one.learn_sensor()
    for k in range(40):
        reach, azimuth, elevation = false_alarms(rng, 3.0)
        now_ns = START_NS + round(k * PERIOD * 1e9)
        plots = plots_of(batch_of(k, reach, azimuth, elevation), RADAR, settings)
        whole.count(plots, np.ones(len(reach), bool), RADAR, 0, now_ns)
        for part in range(4):
            some = np.floor(azimuth / math.tau * 4) == part
            plots = plots_of(
                batch_of(k, reach[some], azimuth[some], elevation[some]), RADAR, settings
            )
            late = now_ns if part == 3 else now_ns - round((3 - part) * 1.2e9)
            parts.count(plots, np.ones(int(some.sum()), bool), RADAR, 0, late)
    assert density(parts, 1.4) == pytest.approx(density(whole, 1.4), rel=0.15)


def test_a_cell_and_its_neighbours_are_summed_round_the_circle_but_not_across_a_sectors_edge():
    cells = np.random.default_rng(5).random((RINGS, SECTORS)).astype(np.float32)
    for closed in (True, False):
        found = np.empty((RINGS, SECTORS))
        neighbours(cells, closed, np.empty(SECTORS + 2), found)
        for i, j in ((0, 0), (3, SECTORS - 1), (RINGS - 1, 7)):
            total = 0.0
            for a in range(max(i - 1, 0), min(i + 2, RINGS)):
                for b in (j - 1, j, j + 1):
                    if closed or 0 <= b < SECTORS:
                        total += cells[a, b % SECTORS]
            assert found[i, j] == pytest.approx(total)


def test_places_outside_a_narrow_sector_have_a_cell_all_the_same():
    narrow = dataclasses.replace(RADAR, sector_start=6.0, sector_width=0.8, min_range=1e3)
    cells = [cell_of(r, a, grid_of(narrow)) for r, a in ((0.0, 5.9), (1e6, 0.6), (30e3, 0.1))]
    assert [ring for ring, _ in cells] == [0, RINGS - 1, 7]
    assert all(0 <= sector < SECTORS for _, sector in cells)


def test_the_excess_is_that_of_each_plots_cell_and_raises_its_clutter():
    clutter, settings = learn(lambda _: 10.0, 60), fuse.TrackerSettings()
    plots = plots_of(batch_of(0, *false_alarms(np.random.default_rng(2), 10.0)), RADAR, settings)
    before = plots.clutter.copy()
    excess = clutter.thicken(plots, RADAR, 0)
    cells = clutter.frozen().cells[0][FACTOR][cells_of(plots.z[:, 0], plots.z[:, 1], RADAR)]
    np.testing.assert_allclose(excess, np.log(cells), atol=1e-6)
    np.testing.assert_allclose(plots.clutter, before + excess)
    assert excess.max() > 1.0 > abs(excess.min())


SENSORS = [
    RADAR,
    dataclasses.replace(RADAR, sector_start=5.5, sector_width=2.0, min_range=3e3),
    dataclasses.replace(RADAR, sector_start=-9.0, sector_width=6.0),
]


@pytest.mark.parametrize("sensor", SENSORS)
def test_counting_and_summing_up_is_what_plain_numpy_does(sensor):
    rng = np.random.default_rng(6)
    cells, scans = np.zeros((4, RINGS, SECTORS), np.float32), np.zeros(2)
    plain, scans_plain = cells.copy(), scans.copy()
    closed = sensor.sector_width >= math.tau - 1e-3
    own = sensor.false_alarms / (RINGS * SECTORS)
    for _ in range(20):
        z = rng.uniform((-1e3, 0.0, 0, 0, 0), (7e4, math.tau, 1, 1, 1), (300, 5))
        z[:200, 1] = rng.uniform(1.0, 1.5, 200)
        loose, passed = rng.random(300) < 0.7, rng.uniform(4.0, 60.0)
        count_loose(z, loose, grid_of(sensor), cells)
        counted(z, loose, sensor, plain)
        np.testing.assert_array_equal(cells[PENDING], plain[PENDING])
        sum_up(passed, passed / PERIOD, own, closed, scans, cells)
        summed(passed, passed / PERIOD, own, closed, scans_plain, plain)
        np.testing.assert_allclose(cells, plain, rtol=1e-6)
        np.testing.assert_allclose(scans, scans_plain, rtol=1e-14)
    assert plain[FACTOR].max() > 1.0


def test_what_tracks_took_is_taken_out_of_the_count_as_plain_numpy_does():
    rng, now_ns, since_ns = np.random.default_rng(8), START_NS, START_NS - 3 * 10**9
    tracks = {
        "hits": rng.integers(1, 9, 40),
        "why_sensor": rng.integers(0, 2, (40, RING)).astype(np.int32),
        "why_ns": now_ns - rng.integers(0, 10**11, (40, RING)) * (rng.random((40, RING)) < 0.9),
        "why_z": rng.uniform(0.0, (6e4, math.tau, 1, 1, 1), (40, RING, 5)),
    }
    tracks["why_ns"][::7, 0] = 0
    cells = rng.integers(0, 3, (4, RINGS, SECTORS)).astype(np.float32)
    plain, before, rows = cells.copy(), float(cells.sum()), np.arange(0, 40, 2)
    uncount(rows, *tracks.values(), 1, since_ns, now_ns, grid_of(RADAR), cells)
    uncounted(tracks, rows, RADAR, 1, since_ns, now_ns, plain)
    np.testing.assert_allclose(cells, plain, atol=1e-6)
    assert cells.sum() < before - 10.0


def follow(times, scans, *, on, seed=11):
    """Track six straight flights under false alarms; count false and true tracks by scan."""
    rng = np.random.default_rng(seed)
    start = np.array([[20e3, 12e3, 2e3], [-25e3, 9e3, 1e3], [4e3, -22e3, 3e3],
                      [-9e3, -32e3, 2e3], [30e3, -5e3, 2e3], [-15e3, 30e3, 3e3]])  # fmt: skip
    speed = np.array([[-30, 10, 0], [30, 0, 0], [0, 20, 0], [20, 20, 0], [-20, 0, 0], [5, -30, 0]])
    stage = fuse.stage(fuse.TrackerSettings(clutter_map=on))
    state, _ = stage.step(stage.initial, [RADAR], START_NS)
    false, true = [], []
    for k in range(scans):
        place = start + speed * PERIOD * k
        seen = place[rng.random(6) < RADAR.detection_probability]
        r, az, el = spherical_from_enu(seen)
        noise = rng.normal(0.0, 1.0, (3, len(seen)))
        reach, azimuth, elevation = false_alarms(rng, times(k))
        batch = batch_of(
            k,
            np.concatenate((r + RADAR.sigma_range * noise[0], reach)),
            np.concatenate((az + RADAR.sigma_azimuth * noise[1], azimuth)),
            np.concatenate((el + RADAR.sigma_elevation * noise[2], elevation)),
        )
        now_ns = START_NS + round(k * PERIOD * 1e9)
        state, _ = stage.step(state, [batch], now_ns)
        picture = fuse.tracks_at(state, now_ns)
        sure = picture.status != TrackStatus.TENTATIVE
        from_here = (picture.mean[sure, :3] - FRAME.origin) @ FRAME.rotation.T
        away = np.linalg.norm(from_here[:, None] - place[None], axis=2)
        false.append(int(np.sum(away.min(axis=1) > 1_500.0)) if len(away) else 0)
        true.append(int(np.sum(away.min(axis=0) < 1_500.0)) if len(away) else 0)
    return np.array(false), np.array(true)


def test_heavy_clutter_in_one_sector_makes_fewer_false_tracks_and_costs_no_true_one():
    plain_false, plain_true = follow(lambda _: 60.0, 100, on=False)
    false, true = follow(lambda _: 60.0, 100, on=True)
    assert plain_false[30:].mean() > 0.5
    assert false[30:].mean() < 0.4 * plain_false[30:].mean()
    assert true[30:].mean() > plain_true[30:].mean() - 0.1


def test_a_surge_of_twenty_times_in_one_sector_brings_few_false_tracks_and_they_go_with_it():
    def times(k):
        return 20.0 if 30 <= k < 54 else 1.0

    (plain_false, _), (false, true) = (follow(times, 80, on=on) for on in (False, True))
    assert false[30:54].mean() < 0.5
    assert false[30:54].sum() <= plain_false[30:54].sum()
    assert false[54 + 24 :].sum() == 0
    assert true[30:54].mean() > 5.5


def test_where_false_alarms_are_what_the_sensor_says_tracks_come_and_stay_as_without_a_map():
    _, plain = follow(lambda _: 1.0, 60, on=False)
    _, true = follow(lambda _: 1.0, 60, on=True)
    assert int(np.argmax(true == 6)) <= int(np.argmax(plain == 6))
    assert true[10:].mean() > plain[10:].mean() - 0.05


def test_the_state_after_a_step_holds_the_map_and_the_state_before_keeps_its_own():
    rng = np.random.default_rng(7)
    stage = fuse.stage()
    state, _ = stage.step(stage.initial, [RADAR], START_NS)
    state, _ = stage.step(state, [batch_of(0, *false_alarms(rng, 1.0))], START_NS)
    before = [cell.copy() for cell in state.clutter.cells]
    now_ns = START_NS + round(PERIOD * 1e9)
    after, _ = stage.step(state, [batch_of(1, *false_alarms(rng, 1.0))], now_ns)
    assert all(np.array_equal(a, b) for a, b in zip(before, state.clutter.cells, strict=True))
    assert after.clutter.cells[0].sum() != state.clutter.cells[0].sum()
