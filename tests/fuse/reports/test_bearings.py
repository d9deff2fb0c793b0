"""Bearings from moving platforms sharpen tracks, tell classes, and miss only where they look."""

import numpy as np
import pytest
from reporting import FRAME, NS, START, bearings, ecef, looking, reports, source

from steppewatch import fuse
from steppewatch.records import SensorKind, TargetClass, bearing_batch
from steppewatch.world.geodesy import enu_from_ecef

STAGE = fuse.stage()
PLACE, SPEED = np.array([4e3, 6e3, 800.0]), np.array([40.0, -20.0, 0.0])
EYE, DRIFT = np.array([-2e3, 1e3, 300.0]), np.array([10.0, 25.0, 0.0])
CAMERA = source("eo", SensorKind.CAMERA, scan_period=1.0, max_range=30e3, false_alarms=0.5,
                detection_probability=0.8)  # fmt: skip
GNSS = source("own", scan_period=2.0, max_range=50e3, false_alarms=0.5, detection_probability=0.9)


def flown(seconds):
    return PLACE + np.multiply.outer(np.atleast_1d(np.asarray(seconds, float)), SPEED)


def at(seconds):
    return START + int(seconds * NS)


def place(seconds, generator=None, sigma=60.0):
    return reports(at(seconds), flown(seconds), generator, sigma, name="own")


def seen(seconds, generator=None, **more):
    eye = EYE + seconds * DRIFT
    return bearings(at(seconds), eye, flown(seconds), generator, **more)


def play(messages, state=None):
    """Step once for each message at its own time."""
    state, now = state or STAGE.initial, START
    for message in messages:
        if hasattr(message, "time_ns") and len(message.time_ns):
            now = int(message.time_ns[-1])
        state, _ = STAGE.step(state, [message], now)
    return state


def known(n=8):
    """Give a state that knows one target by position reports, one in two seconds."""
    return play([CAMERA, GNSS, *(place(2.0 * s) for s in range(n))])


def spread_across(state, eye):
    """Give σ across and along the line of sight from above [m]."""
    batch = fuse.tracks_at(state, int(state.time_ns[0]))
    away = (enu_from_ecef(batch.mean[0, :3], FRAME) - eye)[:2]
    along = away / np.linalg.norm(away)
    cov = (FRAME.rotation @ batch.cov[0, :3, :3] @ FRAME.rotation.T)[:2, :2]
    across = np.array([-along[1], along[0]])
    return np.sqrt(across @ cov @ across), np.sqrt(along @ cov @ along), np.linalg.norm(away)


def test_a_bearing_takes_away_doubt_across_the_line_of_sight_only():
    before = known()
    state = play([seen(14.0, sigma=1e-3)], before)
    across, along, reach = spread_across(state, EYE + 14.0 * DRIFT)
    was_across, was_along, _ = spread_across(before, EYE + 14.0 * DRIFT)
    assert state.hits[0] == before.hits[0] + 1
    expected = 1.0 / np.sqrt(1.0 / was_across**2 + 1.0 / (1e-3 * reach) ** 2)
    assert across == pytest.approx(expected, rel=0.05)
    assert along == pytest.approx(was_along, rel=0.05)


def test_the_platforms_own_doubt_is_part_of_the_bearings():
    before = known()
    state = play([seen(14.0, sigma=1e-6, platform_sigma=[25.0])], before)
    across, _, _ = spread_across(state, EYE + 14.0 * DRIFT)
    was_across, _, _ = spread_across(before, EYE + 14.0 * DRIFT)
    assert across == pytest.approx(1.0 / np.hypot(1.0 / was_across, 1.0 / 25.0), rel=0.05)


@pytest.mark.parametrize("tall", [True, False])
def test_rare_positions_and_bearings_beat_rare_positions_alone(tall):
    errors = {"own": [], "both": []}
    for seed in range(16):
        for use, found in errors.items():
            generator, other = np.random.default_rng(seed), np.random.default_rng(1_000 + seed)
            messages = [CAMERA, GNSS]
            for s in range(40):
                if s % 5 == 0:
                    messages.append(place(s, generator))
                if use == "both":
                    messages.append(seen(s, other, tall=tall))
            state = play(messages)
            assert len(state) == 1
            mean = fuse.tracks_at(state, at(39.0)).mean[0, :3]
            found.append(np.linalg.norm(mean - ecef(flown(39.0))[0]))
    rms = {use: np.sqrt(np.mean(np.square(found))) for use, found in errors.items()}
    # One of three axes keeps its error whole with elevation, two without: √⅓ and √⅔ at best.
    assert rms["both"] < (0.65 if tall else 0.85) * rms["own"]


def test_bearings_alone_begin_no_track_and_false_ones_move_nothing():
    state = play([CAMERA, GNSS, *(seen(s) for s in range(20))])
    assert len(state) == 0
    before = known()
    off = bearings(at(14.0), EYE + 14.0 * DRIFT, flown(14.0) + np.array([2e3, -2e3, 0.0]))
    state = play([off], before)
    np.testing.assert_array_equal(state.mean, before.mean)


def test_a_camera_misses_what_stands_in_its_view_and_nothing_else():
    eye = EYE + 14.0 * DRIFT
    scores = {}
    for name, target in (("there", flown(14.0)[0]), ("elsewhere", EYE + np.array([-5e3, 0, 0]))):
        state = play([seen(14.0)], known())
        for s in range(15, 20):
            look = looking(at(s), eye, target)
            empty = bearing_batch("eo", GNSS.origin, [], np.zeros((0, 3)), [], [], look=look)
            state, _ = STAGE.step(state, [empty], at(s))
        scores[name] = int(state.missed[0, 0])
    assert scores["there"] >= 3
    assert scores["elsewhere"] == 0


def test_what_a_camera_takes_a_target_for_is_weighed():
    hint = np.full((1, len(TargetClass)), 0.02, np.float32)
    hint[0, TargetClass.HELICOPTER] = 0.9
    state = play([seen(14.0 + s, class_prob=hint) for s in range(6)], known())
    assert state.hint[0].argmax() == TargetClass.HELICOPTER
    assert state.hint[0].min() >= -12.0
    one = play([seen(14.0, class_prob=hint)], known())
    assert one.hint[0].min() > state.hint[0].min()


def test_useless_bearings_are_counted():
    bad = seen(14.0)
    bad = type(bad)(**{n: getattr(bad, n) for n in bad.__dataclass_fields__} | {
        "azimuth": np.array([np.nan])})  # fmt: skip
    state = play([bad], known())
    assert state.unusable == 1
