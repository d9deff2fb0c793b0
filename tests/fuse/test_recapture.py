"""The second gate: hard manoeuvres and angles gone wrong do not cost a track its name."""

import dataclasses
import math

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see

from steppewatch import fuse
from steppewatch.fuse import recapture as second
from steppewatch.fuse.gate import gate, gate_limits
from steppewatch.fuse.measure import plots_of
from steppewatch.fuse.state import thaw
from steppewatch.records import TrackStatus
from steppewatch.world.geodesy import ecef_from_enu

PERIOD = 4.0
RADAR = dataclasses.replace(radar(period=PERIOD), sigma_azimuth=math.radians(0.04))


def batch_at(k, places, astray=0.0, rng=None):
    """Give the plots of ENU places ``(n, 3)`` at one turn, their azimuths turned by ``astray``."""
    ecef = ecef_from_enu(np.asarray(places, float), frame_of(RADAR))
    now = np.full(len(ecef), START_NS + round(k * PERIOD * 1e9))
    plots = see(RADAR, ecef, now, rng)
    return dataclasses.replace(plots, azimuth=np.mod(plots.azimuth + astray, 2.0 * np.pi))


def names(path, astray=None, seed=1):
    """Track one target along ``path(k)`` for 40 turns; give the confirmed names of each turn."""
    rng, stage = np.random.default_rng(seed), fuse.stage()
    state, said = stage.step(stage.initial, [RADAR], START_NS)[0], []
    for k in range(40):
        wrong = 0.0 if astray is None else float(astray[k])
        now = START_NS + round(k * PERIOD * 1e9)
        state, _ = stage.step(state, [batch_at(k, [path(k * PERIOD)], wrong, rng)], now)
        picture = fuse.tracks_at(state, now)
        said.append(set(picture.id[picture.status != TrackStatus.TENTATIVE].tolist()))
    return said


def take_off(t):
    """Roll at 10 m/s for a minute, then gain 3.5 m/s each second up to 80 m/s."""
    gaining = min(max(t - 60.0, 0.0), 20.0)
    along = 10.0 * t + 1.75 * gaining**2 + 70.0 * max(t - 80.0, 0.0)
    return 3_000.0 + along, 4_000.0, 20.0


@pytest.mark.parametrize("seed", range(4))
def test_an_aircraft_on_its_take_off_run_keeps_its_name(seed):
    said = names(take_off, seed=seed)
    assert all(len(one) == 1 for one in said[6:])
    assert len(set.union(*said)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_azimuths_gone_wrong_now_and_then_do_not_end_a_track(seed):
    astray = np.zeros(40)
    astray[10::5], astray[12::5] = math.radians(0.6), math.radians(-0.5)
    said = names(lambda t: (9_000.0 + 45.0 * t, 20_000.0 - 20.0 * t, 400.0), astray, seed)
    assert all(len(one) == 1 for one in said[6:])
    assert len(set.union(*said)) == 1


def test_without_the_second_gate_both_lose_their_names(monkeypatch):
    monkeypatch.setattr(second, "SURELY", math.inf)
    assert len(set.union(*names(take_off))) > 1


def test_a_false_alarm_in_the_second_gate_is_not_taken_where_they_are_many():
    heavy = dataclasses.replace(RADAR, false_alarms=200_000.0)
    tracks = followed(np.array([[9_000.0, 20_000.0, 400.0]]))
    plots = plots_of(batch_at(6, [[9_500.0, 20_000.0, 400.0]]), heavy, fuse.TrackerSettings())
    rows, _, _ = offer(tracks, plots, heavy)
    assert len(rows) == 0


def followed(places):
    """Track what stands at ``places`` for six turns; give the columns."""
    stage = fuse.stage()
    state = stage.step(stage.initial, [RADAR], START_NS)[0]
    for k in range(6):
        now = START_NS + round(k * PERIOD * 1e9)
        state, _ = stage.step(state, [batch_at(k, places)], now)
    return thaw(state)


def offer(tracks, plots, sensor):
    settings = fuse.TrackerSettings()
    rows = np.arange(len(tracks["id"]))
    free = np.arange(len(plots.z))
    return second.recapture(tracks, rows, plots, free, sensor, 0, gate_limits(settings), settings)


@pytest.mark.parametrize("seed", range(6))
def test_the_coarse_look_leaves_out_nothing_that_the_gate_would_pass(seed):
    rng, settings = np.random.default_rng(seed), fuse.TrackerSettings()
    places = np.c_[rng.uniform(-30e3, 30e3, (60, 2)), rng.uniform(200.0, 4_000.0, 60)]
    tracks = followed(places)
    beside = places + rng.normal(0.0, (150.0, 150.0, 30.0), (60, 3))
    plots = plots_of(batch_at(6 + seed % 3, beside, rng=rng), RADAR, settings)
    rows, free = np.arange(len(tracks["id"])), np.arange(len(plots.z))
    kept, wanted = np.zeros(len(rows), bool), np.zeros(len(free), bool)
    limits = gate_limits(settings)
    second.find_near(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, plots.z,
        plots.noise, plots.time_ns, free, plots.frame.origin, plots.frame.rotation,
        math.sqrt(limits[3]), kept, wanted,
    )  # fmt: skip
    loose = {name: np.array(tracks[name]) for name in second.NEEDED}
    second.loosen(loose["cov"], loose["time_ns"], int(plots.time_ns.max()), plots.frame.rotation[2])
    plots.noise[:, 1] += np.minimum(second.ASTRAY**2 * plots.noise[:, 1], second.WIDEST**2)
    pairs = gate(loose, 0, plots, settings.motion(ground=False), PERIOD, limits, settings)
    assert len(pairs.track) > 20
    assert kept[pairs.track].all()
    assert wanted[pairs.plot].all()


def test_only_confirmed_tracks_whose_look_is_over_are_missed():
    tracks = followed(np.array([[9e3, 2e4, 400.0], [-9e3, 2e4, 400.0], [0.0, 1e4, 400.0]]))
    period, last = int(PERIOD * 1e9), int(tracks["hit_ns"][0, 0])
    none = np.zeros(0, np.int64)

    def missed(after, hit=none):
        return second.missed_now(tracks, 0, last + int(after * period), PERIOD, hit).tolist()

    assert missed(0.5) == []
    assert missed(1.0) == [0, 1, 2]
    assert missed(1.0, np.array([1])) == [0, 2]
    assert missed(5.0) == []
    tracks["confirmed"][0] = False
    tracks["dark_ns"][2] = last + 1
    assert missed(1.0) == [1]
