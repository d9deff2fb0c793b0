"""Position reports begin tracks, keep them, and find the tracks of radars."""

import numpy as np
from reporting import FRAME, NS, ORIGIN, START, ecef, reports, source
from scipy.stats import chi2, multivariate_normal

from steppewatch import fuse
from steppewatch.fuse.reports.follow import rounds
from steppewatch.fuse.reports.kernels import fold_rows
from steppewatch.fuse.reports.marks import marks_of
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.records import (
    DoubtKind,
    SensorDoubt,
    SensorKind,
    TrackStatus,
    decode,
    detection_batch,
    encode,
)
from steppewatch.world.geodesy import enu_from_ecef, spherical_from_enu

STAGE = fuse.stage()
PLACE, SPEED = np.array([20e3, 30e3, 5e3]), np.array([120.0, -60.0, 0.0])


def play(messages, state=None):
    """Step once for each message at its own time; give the state and all that was said."""
    state, said, now = state or STAGE.initial, [], START
    for message in messages:
        if hasattr(message, "time_ns") and len(message.time_ns):
            now = int(message.time_ns[-1])
        state, out = STAGE.step(state, [message], now)
        said += out
    return state, said


def flown(seconds):
    return PLACE + np.multiply.outer(np.asarray(seconds, float), SPEED)


def adsb(seconds, generator=None, **more):
    return reports(START + int(seconds * NS), flown([seconds]), generator, mode_s=[0xABC], **more)


def radar_plots(seconds, generator, name="radar"):
    reach, azimuth, elevation = spherical_from_enu(flown([seconds]))
    reach, azimuth = reach + generator.normal(0, 40, 1), azimuth + generator.normal(0, 2e-3, 1)
    elevation = elevation + generator.normal(0, 3e-3, 1)
    when = np.array([START + int(seconds * NS)])
    return detection_batch(name, ORIGIN, when, reach, azimuth, elevation=elevation)


RADAR = source(
    "radar", SensorKind.RADAR_3D, scan_period=5.0, sigma_range=40.0, sigma_azimuth=2e-3,
    sigma_elevation=3e-3, false_alarms=2.0, detection_probability=0.9,
)  # fmt: skip


def test_whitened_rows_fold_like_the_textbook_filter_and_give_the_joint_likelihood():
    generator = np.random.default_rng(1)
    root = generator.normal(size=(6, 6))
    prior = root @ root.T + np.eye(6)
    root = generator.normal(size=(3, 3))
    noise = root @ root.T + 0.1 * np.eye(3)
    x, z = generator.normal(size=6), generator.normal(size=3)
    for lag in (0.0, -2.0):
        rows, white = np.zeros((6, 6)), np.full(6, np.nan)
        rows[:3, :3] = np.linalg.inv(np.linalg.cholesky(noise))
        white[:3] = rows[:3, :3] @ z
        mean, cov = x.copy(), prior.copy()
        distance, loglik = fold_rows(mean, cov, white, rows, lag, np.inf, np.empty(18))
        H = np.hstack((np.eye(3), lag * np.eye(3)))
        S = H @ prior @ H.T + noise
        K = prior @ H.T @ np.linalg.inv(S)
        np.testing.assert_allclose(mean, x + K @ (z - H @ x), atol=1e-9)
        np.testing.assert_allclose(cov, prior - K @ S @ K.T, atol=1e-9)
        miss = z - H @ x
        np.testing.assert_allclose(distance, miss @ np.linalg.solve(S, miss), rtol=1e-9)
        joint = multivariate_normal(np.zeros(3), S).logpdf(miss)
        np.testing.assert_allclose(loglik + np.linalg.slogdet(rows[:3, :3])[1], joint, rtol=1e-9)


def test_an_aircraft_that_reports_itself_is_one_confirmed_track_with_its_address():
    generator = np.random.default_rng(2)
    state, said = play([source(), *(adsb(s, generator) for s in range(20))])
    assert state.id.tolist() == [1]
    assert state.mode_s.tolist() == [0xABC]
    assert said[1].status[0] == TrackStatus.TENTATIVE
    assert said[2].status[0] == TrackStatus.CONFIRMED
    error = fuse.tracks_at(state, int(state.time_ns[0])).mean[0, :3] - ecef(flown([19.0]))[0]
    assert np.linalg.norm(error) < 40.0


def test_a_velocity_that_is_told_is_used_at_once():
    told = FRAME.rotation.T @ SPEED
    one = adsb(0.0, velocity=told[None], velocity_cov=np.eye(3)[None])
    state, _ = play([source(), one])
    np.testing.assert_allclose(state.mean[0, 0, 3:], told)
    np.testing.assert_allclose(state.cov[0, 0, 3:, 3:], np.eye(3))
    state, _ = play([adsb(1.0, velocity=told[None], velocity_cov=np.eye(3)[None])], state)
    assert len(state) == 1
    # It sinks by 0.8 m/s along the level there; a 40th part of that is forgotten in a second.
    np.testing.assert_allclose(state.mean[0, 0, 3:], told, atol=0.02)


def test_reports_and_a_radar_make_one_track_better_than_the_radar_alone():
    errors = {}
    for use in ("radar", "both"):
        found = []
        for seed in range(6):
            generator = np.random.default_rng(seed)
            messages = [RADAR, source(scan_period=4.0)]
            for s in range(60):
                if s % 5 == 0:
                    messages.append(radar_plots(s, generator))
                if s % 4 == 0 and use == "both":
                    messages.append(adsb(s, generator))
            state, _ = play(messages)
            assert len(state) == 1
            mean = fuse.tracks_at(state, START + 59 * NS).mean[0, :3]
            found.append(np.linalg.norm(mean - ecef(flown([59.0]))[0]))
        errors[use] = np.sqrt(np.mean(np.square(found)))
    assert errors["both"] < 0.5 * errors["radar"]


def test_an_equal_address_opens_the_gate_and_a_different_one_forbids():
    far = np.array([[150.0, 0.0, 0.0]])
    for address, tracks in ((0xABC, 1), (0xDEF, 2)):
        state, _ = play([source(), *(adsb(s) for s in range(8))])
        when = START + 8 * NS
        state, _ = play([reports(when, flown([8.0]) + far, mode_s=[address])], state)
        assert len(state) == tracks


def test_an_address_in_two_places_is_two_tracks_and_one_doubt():
    messages = [source("radar-s"), source("adsb")]
    messages += [adsb(s, name="radar-s") for s in range(8)]
    state, said = play(messages)
    assert not [m for m in said if isinstance(m, SensorDoubt)]
    far = flown(np.arange(8.0, 14.0)) + np.array([30e3, 0.0, 0.0])
    lies = [
        reports(START + int((8 + k) * NS), far[k : k + 1], mode_s=[0xABC]) for k in range(len(far))
    ]
    truths = [adsb(8.0 + k, name="radar-s") for k in range(len(far))]
    mixed = [one for pair in zip(truths, lies, strict=True) for one in pair]
    state, said = play(mixed, state)
    assert state.mode_s.tolist() == [0xABC, 0xABC]
    (doubt,) = [m for m in said if isinstance(m, SensorDoubt)]
    assert (doubt.sensor, doubt.kind) == ("adsb", DoubtKind.IDENTITY)
    assert abs(doubt.was - 30e3) < 300.0
    assert "000ABC" in doubt.text
    places = [FRAME.rotation @ (m - FRAME.origin) for m in state.mean[:, 0, :3]]
    assert np.linalg.norm(places[0] - places[1]) > 29e3


def test_one_batch_may_hold_several_reports_of_each_aircraft():
    seconds = np.repeat(np.arange(6.0), 2)
    enu = flown(seconds)
    enu[1::2] += [3e3, 0.0, 0.0]
    batch = reports(START + (seconds * NS).astype(np.int64), enu, mode_s=np.tile([1, 2], 6))
    marks = marks_of(batch, source(), TrackerSettings())
    assert next(rounds(marks, 1.0)).tolist() == [0, 1]
    state, _ = play([source(), batch])
    assert sorted(state.mode_s.tolist()) == [1, 2]
    assert state.hits.tolist() == [6, 6]


def test_false_anonymous_reports_confirm_nothing():
    generator = np.random.default_rng(5)
    drone = source("drone", SensorKind.RADAR_3D, scan_period=1.0, false_alarms=3.0)
    messages = [drone]
    for s in range(60):
        enu = generator.uniform(-50e3, 50e3, (generator.poisson(3.0), 3)) * [1, 1, 0]
        messages.append(reports(START + s * NS, enu, name="drone"))
    state, _ = play(messages)
    assert not state.confirmed.any()


def test_a_silent_transponder_ends_its_track_and_a_camera_that_looks_away_does_not():
    for kind, kept in ((SensorKind.REPORTS, 0), (SensorKind.CAMERA, 1)):
        messages = [source("one", kind), source("other")]
        messages += [adsb(s, name="one") for s in range(10)]
        elsewhere = flown([0.0]) + np.array([50e3, 0, 0])
        messages += [reports(START + s * NS, elsewhere, mode_s=[7]) for s in range(10, 60)]
        messages += [reports(START + s * NS, elsewhere, mode_s=[7], name="one")
                     for s in range(10, 60)]  # fmt: skip
        state, _ = play(messages)
        assert (state.mode_s == 0xABC).sum() == kept


def test_a_pressure_height_stands_in_where_the_place_has_none():
    cov = FRAME.rotation.T @ np.diag([400.0, 400.0, 1e8]) @ FRAME.rotation
    batch = reports(START, flown([0.0]) * [1, 1, 0], mode_s=[1], height=[5_000.0])
    batch = type(batch)(**{n: getattr(batch, n) for n in batch.__dataclass_fields__} | {
        "cov": cov[None]})  # fmt: skip
    state, _ = play([source(), batch])
    height = enu_from_ecef(state.mean[0, 0, :3], FRAME)[2] + np.hypot(20e3, 30e3) ** 2 / 2 / 6.371e6
    assert abs(height - 5_000.0) < 60.0
    up = FRAME.rotation[2] @ state.cov[0, 0, :3, :3] @ FRAME.rotation[2]
    assert 90.0 < np.sqrt(up) < 110.0


def test_useless_reports_are_counted_and_the_state_survives_its_bytes():
    nan = reports(START, [[np.nan, 0.0, 0.0]], mode_s=[1])
    state, _ = play([source(), nan, adsb(1.0)])
    assert state.unusable == 1
    assert len(state) == 1
    again, _ = play([adsb(2.0)], decode(encode(state)))
    straight, _ = play([adsb(2.0)], state)
    assert encode(again) == encode(straight)


def test_the_tracks_of_reports_are_consistent():
    """ANEES of position within its 95 % bounds (Bar-Shalom et al. 2001, §5.4)."""
    nees = []
    settings = TrackerSettings(
        quiet=1e-3, agile=2e-3, quiet_speed=0.0, agile_speed=0.0, turn=0.0, slope=0.0
    )
    stage = fuse.stage(settings)
    for seed in range(40):
        generator = np.random.default_rng(seed)
        state, _ = stage.step(stage.initial, [source()], START)
        for s in range(30):
            state, _ = stage.step(state, [adsb(s, generator)], START + s * NS)
        batch = fuse.tracks_at(state, START + 29 * NS, settings)
        miss = batch.mean[0, :3] - ecef(flown([29.0]))[0]
        nees.append(miss @ np.linalg.solve(batch.cov[0, :3, :3], miss))
    low, high = chi2.ppf([0.025, 0.975], 3 * len(nees)) / len(nees)
    assert low < np.mean(nees) < high
