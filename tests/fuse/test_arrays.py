"""The tracker on arrays: the same tracks as the stage's, in the frame that was asked for."""

import math

import numpy as np
import pytest

from steppewatch import fuse
from steppewatch.errors import FuseError
from steppewatch.records import SensorKind, TrackStatus
from steppewatch.world.geodesy import ecef_from_geodetic, enu_from_ecef

PERIOD = 5.0
START = np.array([[20e3, 30e3, 2e3], [-25e3, 10e3, 1e3]])
SPEED = np.array([[-90.0, 30.0, 0.0], [60.0, 60.0, 2.0]])


def place(k):
    return START + SPEED * PERIOD * k


def plots(k, rng, columns=3):
    p = place(k)
    r = np.linalg.norm(p, axis=1)
    rate = (p * SPEED).sum(axis=1) / r
    rows = np.column_stack((r, np.arctan2(p[:, 0], p[:, 1]), np.arcsin(p[:, 2] / r), rate))
    return rows[:, :columns] + rng.normal(size=(2, columns)) * (30.0, 1.7e-3, 2.6e-3, 1.0)[:columns]


def tracked(tracker, scans=10, columns=3, start=0.0):
    rng = np.random.default_rng(4)
    for k in range(scans):
        tracks = tracker.step(start + PERIOD * k, plots(k, rng, columns))
    return tracks


def nearest(tracks, target):
    return int(np.argmin(np.linalg.norm(tracks.position - target, axis=1)))


@pytest.mark.parametrize("columns", [3, 4])
def test_tracks_stand_where_the_targets_are(columns):
    tracks = tracked(fuse.Tracker(fuse.radar()), columns=columns)
    assert len(tracks) == 2
    for target, speed in zip(place(9), SPEED, strict=True):
        i = nearest(tracks, target)
        assert np.linalg.norm(tracks.position[i] - target) < 250.0
        assert np.linalg.norm(tracks.velocity[i] - speed) < 25.0
        off = np.concatenate((tracks.position[i] - target, tracks.velocity[i] - speed))
        assert off @ np.linalg.solve(tracks.cov[i], off) < 30.0


def test_arrays_give_the_very_tracks_of_the_stage():
    radar, settings = fuse.radar(), fuse.TrackerSettings()
    tracker = fuse.Tracker(radar)
    tracks = tracked(tracker)
    after = fuse.tracks_at(tracker.state, tracker._ns(PERIOD * 9), settings)
    sure = after.status != TrackStatus.TENTATIVE
    local = enu_from_ecef(after.mean[sure, :3], tracker.frame)
    assert tracks.position.tobytes() == local.tobytes()
    assert tracks.id.tolist() == after.id[sure].tolist()


def test_geodetic_places_are_the_same_places():
    tracks = tracked(fuse.Tracker(fuse.radar(lat_deg=48.0, lon_deg=90.0)))
    back = enu_from_ecef(ecef_from_geodetic(*tracks.geodetic()), tracks.frame)
    assert np.abs(back - tracks.position).max() < 1e-3


def test_a_chosen_origin_moves_the_frame_and_nothing_else():
    near = tracked(fuse.Tracker(fuse.radar()))
    origin = (math.radians(47.5), math.radians(106.5), 0.0)
    far = tracked(fuse.Tracker(fuse.radar(), origin=origin))
    assert np.abs(near.geodetic()[0] - far.geodetic()[0]).max() < 1e-9
    assert np.abs(near.position - far.position).max() > 10e3


def test_dated_times_give_the_same_tracks_as_times_from_zero():
    zero, dated = tracked(fuse.Tracker(fuse.radar())), None
    tracker = fuse.Tracker(fuse.radar())
    dated = tracked(tracker, start=1.75e9)
    assert zero.id.tolist() == dated.id.tolist()
    assert np.abs(zero.position - dated.position).max() < 1e-3
    assert dated.seen.tolist() == pytest.approx([1.75e9 + 45.0] * 2)
    assert tracker.why(1)[0].time == pytest.approx(1.75e9 + 45.0)


def test_plots_have_their_own_times_in_any_order():
    tracker = fuse.Tracker(fuse.radar())
    rng = np.random.default_rng(4)
    for k in range(10):
        both, times = plots(k, rng), np.array([PERIOD * k, PERIOD * k - 2.0])
        p = place(k)[1] - 2.0 * SPEED[1]
        r = np.linalg.norm(p)
        both[1] = r, np.arctan2(p[0], p[1]), np.arcsin(p[2] / r)
        tracks = tracker.step(PERIOD * k, both, times)
    i = nearest(tracks, place(9)[1])
    assert np.linalg.norm(tracks.position[i] - place(9)[1]) < 200.0
    assert sorted(tracks.seen.tolist()) == [43.0, 45.0]


def test_radar_camera_and_positions_together_make_one_track_of_one_thing():
    radar = fuse.radar(reach=80e3)
    tracker = fuse.Tracker(
        radar, fuse.camera("eye", reach=80e3, sigma=(3e-4, 3e-4)), fuse.positions("adsb")
    )
    alone = fuse.Tracker(radar)
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    for k in range(14):
        seen, p = plots(k, rng), place(k)
        r = np.linalg.norm(p, axis=1)
        lines = np.column_stack((np.arctan2(p[:, 0], p[:, 1]), np.arcsin(p[:, 2] / r)))
        tracks = tracker.step(
            PERIOD * k,
            {"radar": seen, "eye": lines[:1], "adsb": p[1:] + np.array([10.0, -10.0, 20.0])},
        )
        single = alone.step(PERIOD * k, plots(k, same))
    assert len(tracks) == len(single) == 2
    assert tracks.seen_by.sum() >= 4
    for target in place(13):
        fused, one = nearest(tracks, target), nearest(single, target)
        across = [np.trace(t.cov[i][:3, :3]) for t, i in ((tracks, fused), (single, one))]
        assert across[0] < across[1]


def test_an_empty_scan_is_a_look_and_none_is_not():
    looked, idle = fuse.Tracker(fuse.radar()), fuse.Tracker(fuse.radar())
    tracked(looked), tracked(idle)
    for k in range(10, 13):
        missed = looked.step(PERIOD * k, np.zeros((0, 3)))
        kept = idle.step(PERIOD * k, None)
    assert (missed.existence < kept.existence).all()


def test_reasons_name_the_plots():
    tracker = fuse.Tracker(fuse.radar("north"))
    tracked(tracker)
    reasons = tracker.why(1)
    assert [r.time for r in reasons] == [45.0, 40.0, 35.0, 30.0, 25.0, 20.0]
    assert {r.sensor for r in reasons} == {"north"}
    assert {r.plot for r in reasons} <= {0, 1}
    assert reasons[0].method in {"alone", "gnn", "lbp", "mht"}


def test_nan_rows_and_steps_back_in_time_do_no_harm():
    tracker = fuse.Tracker(fuse.radar())
    tracked(tracker)
    tracks = tracker.step(50.0, [[np.nan, np.nan, np.nan], [30e3, np.nan, 0.1]])
    assert len(tracks) == 2
    tracks = tracker.step(12.0, plots(10, np.random.default_rng(1)))
    assert np.isfinite(tracks.position).all()
    assert len(tracks) == 2


def test_sensors_say_what_they_measure():
    assert fuse.radar(sigma=(10.0, 0.01)).kind == SensorKind.RADAR_2D
    assert fuse.radar(ground=True).kind == SensorKind.GROUND_RADAR
    assert math.isnan(fuse.radar(sigma=(10.0, 0.01, 0.01)).sigma_range_rate)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (fuse.Tracker, "needs a sensor"),
        (lambda: fuse.Tracker(fuse.radar(), fuse.radar()), "its own name"),
        (lambda: fuse.Tracker(fuse.radar(), quite=1.0), "did you mean 'quiet'"),
        (lambda: fuse.radar(sigma=(30.0, 0.9, 0.9)), "radians, not degrees"),
        (lambda: fuse.radar(sigma=(30.0,)), "2 to 4 numbers"),
        (lambda: fuse.radar(lat_deg=106.0), "no place on earth"),
        (lambda: fuse.radar(period=0.0), "expected numbers above 0"),
        (lambda: fuse.Tracker(fuse.radar()).step(math.nan, None), "expected seconds"),
        (lambda: fuse.Tracker(fuse.radar()).step(0.0, [1.0, 2.0]), r"expected \(m, 4\)"),
        (lambda: fuse.Tracker(fuse.radar()).step(0.0, [["a", "b"]]), "are no numbers"),
        (lambda: fuse.Tracker(fuse.radar()).step(0.0, {"x": [[1.0, 2.0]]}), "no sensor is called"),
        (lambda: fuse.Tracker(fuse.radar()).step(0.0, [[5e3, 270.0]]), "expected radians"),
        (lambda: fuse.Tracker(fuse.radar()).step(0.0, [[5e3, 1.0]], [1.0, 2.0]), "times has shape"),
        (lambda: fuse.Tracker(fuse.radar(), fuse.camera()).step(0.0, [[5e3, 1.0]]), "say whose"),
        (lambda: fuse.Tracker(fuse.radar()).why(7), "no track 7"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_should_be(make, message):
    with pytest.raises(FuseError, match=message):
        make()
