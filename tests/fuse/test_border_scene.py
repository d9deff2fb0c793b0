"""The border of the capacity bench says what its radars and drones would really see of it."""

import numpy as np
import pytest
from benchmarks.bench_capacity import serve
from benchmarks.scenarios.border import Border, at, make

from steppewatch.records import BearingBatch, DetectionBatch, Stage
from steppewatch.world.geodesy import ecef_from_enu, enu_from_spherical, local_frame

HOW = Border(n=400, radars=2, radius=40e3, drones=3, seconds=30.0, seed=3)


@pytest.fixture(scope="module")
def scene():
    return make(HOW, every=1.0)


def heard(scene, kind):
    return [(when, m) for when, messages in scene.steps for m in messages if isinstance(m, kind)]


def test_messages_arrive_in_order_and_after_what_they_tell(scene):
    arrivals = [when for when, _ in scene.steps]
    assert arrivals == sorted(arrivals)
    for when, batch in heard(scene, DetectionBatch):
        assert (batch.time_ns < when).all()
        assert (np.diff(batch.time_ns) >= 0).all()
        assert (when - batch.time_ns < 1.01e9 * (HOW.period / HOW.sectors + HOW.delay)).all()


def test_a_turn_has_nine_plots_of_ten_targets_and_the_clutter(scene):
    turns = HOW.seconds / HOW.period - 1.0
    plots = sum(len(m) for _, m in heard(scene, DetectionBatch))
    inside = sum(
        (np.linalg.norm(scene.truth[10, :, :3] - origin_of(s), axis=1) < s.max_range).sum()
        for s in scene.sensors
        if s.max_range > HOW.reach
    )
    expected = HOW.pd * inside + HOW.clutter * HOW.n
    assert plots / (turns + 0.5) == pytest.approx(expected, rel=0.15)


def origin_of(sensor):
    return local_frame(sensor.lat, sensor.lon, sensor.height).origin


def test_most_plots_lie_where_a_target_was_when_the_beam_passed(scene):
    near, count = 0, 0
    names = {s.id: s for s in scene.sensors}
    for _, batch in heard(scene, DetectionBatch)[32:96]:
        sensor = names[batch.sensor]
        frame = local_frame(sensor.lat, sensor.lon, sensor.height)
        enu = enu_from_spherical(batch.slant_range, batch.azimuth, batch.elevation)
        place = ecef_from_enu(enu, frame)
        seconds = (batch.time_ns - scene.times_ns[0]) * 1e-9
        for one, when in zip(place, seconds, strict=True):
            rows = np.arange(scene.truth.shape[1])
            there = at(scene.truth, np.full(len(rows), when), rows)
            near += np.linalg.norm(there - one, axis=1).min() < 400.0
            count += 1
    assert count > 300
    assert near / count > 0.58


def test_cameras_see_only_what_is_in_their_view(scene):
    batches = [m for _, m in heard(scene, BearingBatch)]
    assert len(batches) > 100
    for batch in batches:
        off = np.mod(batch.azimuth - batch.look.azimuth + np.pi, 2.0 * np.pi) - np.pi
        assert (np.abs(off) < 0.5 * HOW.width + 0.01).all()


def test_a_server_without_work_to_do_is_late_only_by_its_wake_ups(scene):
    def idle(state, messages, now_ns):
        del messages, now_ns
        return state, ()

    from steppewatch import fuse  # noqa: PLC0415

    nothing = Stage(
        name="idle", hears=(object,), says=(object,), initial=fuse.stage().initial, step=idle
    )
    load = serve(scene, tick=0.05, stage=nothing)
    assert load.busy < 0.2
    assert 0.0 < np.median(load.wait) < 0.06
    assert load.plots > 0.0
