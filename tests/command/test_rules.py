"""The rules ask for attention once, in plain words, and fall silent when the cause is over."""

import dataclasses
import re

import numpy as np
import pytest

from steppewatch.command import rules
from steppewatch.records import (
    Acknowledge,
    DoubtKind,
    Health,
    Origin,
    SensorDoubt,
    SensorStatus,
    Severity,
    TargetClass,
    TrackStatus,
    decode,
    encode,
    joint_id,
)

T0 = 1_700_000_000_000_000_000
S = 1_000_000_000
METRES_PER_DEGREE = 111_141.5  # of latitude at 45° N (NGA: length of a degree)


@pytest.fixture
def watch(box):
    """Step the rules along and keep what they said."""

    class Watch:
        def __init__(self, **options):
            self.stage = rules.stage(box, **options)
            self.state = self.stage.initial

        def hear(self, *messages, at=0.0):
            now_ns = T0 + round(at * S)
            self.state, said = self.stage.step(self.state, messages, now_ns)
            return list(said)

    return Watch


def run_north(watch, tracks, starts_deg, speed, seconds, **options):
    """Walk a track north from a latitude and collect all alerts by rule."""
    said = []
    for t in np.arange(0.0, seconds, 4.0):
        lat = starts_deg + speed * t / METRES_PER_DEGREE
        batch = tracks(lat, 102.0, (0.0, speed, 0.0), now_ns=T0 + round(t * S), **options)
        said += watch.hear(batch, at=t)
    return said


def test_a_track_that_walks_in_raises_one_approach_and_one_crossing(watch, tracks):
    said = run_north(watch(), tracks, 44.99, 10.0, 400.0, target=TargetClass.VEHICLE)
    assert [a.rule for a in said] == ["border-approach", "border-approach", "border-crossed"]
    opened, closed, crossed = said
    assert opened.id == closed.id
    assert opened.closed_ns == 0
    assert closed.closed_ns == crossed.time_ns
    assert crossed.severity is Severity.WARNING
    assert crossed.border == "CN"
    assert "crossed the Chinese border (km 157." in crossed.text
    assert "inbound at 10 m/s on course 000°" in crossed.text


def test_the_minutes_to_the_line_are_distance_over_closing_speed(watch, tracks):
    (alert,) = watch().hear(tracks(44.9, 102.0, (0.0, 40.0, 0.0)))
    # The parallel's chord over 0.1° of longitude bulges less than 6 m: 0.1° of latitude it is.
    away = 0.1 * METRES_PER_DEGREE
    said = re.search(r"is ([\d.]+) km outside .* about (\d+) min", alert.text)
    assert float(said[1]) == pytest.approx(away / 1e3, abs=0.06)
    assert float(said[2]) == pytest.approx(away / 40.0 / 60.0, abs=0.6)


def test_the_kilometre_counts_from_the_western_end(watch, tracks):
    (alert,) = watch().hear(tracks(44.99, 101.0, (0.0, 5.0, 0.0)))
    # One degree of longitude at 45° N is 78.85 km on WGS 84.
    assert alert.border_km == pytest.approx(78.85, abs=0.02)


def test_leaving_is_told_from_coming(watch, tracks):
    keeper = watch()
    keeper.hear(tracks(45.01, 102.0, (0.0, -30.0, 0.0)))
    said = keeper.hear(tracks(44.99, 102.0, (0.0, -30.0, 0.0)), at=75.0)
    crossed = next(a for a in said if a.rule == "border-crossed")
    assert "outbound" in crossed.text
    assert "outside" in crossed.text


def test_a_track_on_the_line_within_its_error_has_crossed_nothing(watch, tracks):
    keeper = watch()
    said = []
    for t, lat in enumerate([45.001, 44.9995, 45.0005, 44.9995, 45.001]):
        said += keeper.hear(tracks(lat, 102.0, (0.0, 0.0, 0.0), sigma=100.0), at=4.0 * t)
    assert said == []


def test_a_tentative_track_raises_nothing(watch, tracks):
    assert run_north(watch(), tracks, 44.999, 10.0, 60.0, status=TrackStatus.TENTATIVE) == []


def test_a_foreign_tracker_raises_nothing(watch, tracks):
    assert run_north(watch(), tracks, 44.999, 10.0, 60.0, feed="asterix") == []


def test_who_moves_along_the_border_does_not_approach_it(watch, tracks):
    assert watch().hear(tracks(44.99, 102.0, (30.0, 0.0, 0.0))) == []


def test_an_approach_that_stops_closes_after_a_while_and_not_at_once(watch, tracks):
    keeper = watch()
    (opened,) = keeper.hear(tracks(44.99, 102.0, (0.0, 5.0, 0.0)))
    assert keeper.hear(tracks(44.99, 102.0, (0.0, 0.0, 0.0)), at=10.0) == []
    (closed,) = keeper.hear(at=31.0)
    assert closed.id == opened.id
    assert closed.closed_ns == T0 + 31 * S


def test_identified_traffic_on_an_airway_is_a_notice_and_no_more(watch, tracks):
    said = run_north(watch(), tracks, 44.95, 240.0, 60.0, height=11_000.0, mode_s=0xABCDEF)
    assert [(a.rule, a.severity) for a in said] == [("border-crossed", Severity.NOTICE)]


def test_low_flight_near_the_border_is_measured_above_ground(watch, tracks):
    keeper = watch(heights=lambda lat, _lon: np.full(lat.shape, 1380.0))
    (alert,) = keeper.hear(tracks(45.2, 102.0, (50.0, 0.0, 0.0), height=1500.0))
    assert alert.rule == "low-flight"
    assert "flies 120 m above ground at 50 m/s, 22.2 km from the Chinese border" in alert.text


def test_a_vehicle_never_flies_low(watch, tracks):
    keeper = watch(heights=lambda lat, _lon: np.full(lat.shape, 1490.0))
    batch = tracks(45.2, 102.0, (50.0, 0.0, 0.0), target=TargetClass.VEHICLE)
    assert keeper.hear(batch) == []


def test_over_unknown_ground_nothing_is_called_low(watch, tracks):
    keeper = watch(heights=lambda lat, _lon: np.full(lat.shape, np.nan))
    assert keeper.hear(tracks(45.2, 102.0, (50.0, 0.0, 0.0))) == []


def test_a_joint_track_that_was_found_to_be_another_is_not_lost(watch, tracks):
    keeper = watch(settings=rules.Settings(feeds=frozenset({"joint"})))
    here = {"feed": "joint", "ids": joint_id("tower", np.array([7]))}
    raised = keeper.hear(tracks(44.99, 102.0, (0.0, 10.0, 0.0), **here))
    assert "Track 7 " in raised[0].text
    over = tracks(44.99, 102.0, (0.0, 10.0, 0.0), status=TrackStatus.ENDED, **here)
    said = keeper.hear(dataclasses.replace(over, heir=np.array([3])), at=35.0)
    assert [alert.rule for alert in said if alert.rule == "track-lost"] == []


def test_a_track_that_ends_near_the_border_is_reported_lost(watch, tracks):
    keeper = watch()
    keeper.hear(tracks(45.02, 102.0, (0.0, 1.0, 0.0), target=TargetClass.WALKER))
    (lost,) = keeper.hear(tracks(45.02, 102.0, (0.0, 1.0, 0.0), status=TrackStatus.ENDED), at=35.0)
    assert lost.rule == "track-lost"
    assert lost.text.startswith("Walker 0 was lost 2.2 km inside the Chinese border")
    assert "not seen for 35 s" in lost.text


def test_a_track_that_ends_far_away_is_not_news(watch, tracks):
    keeper = watch()
    keeper.hear(tracks(45.5, 102.0, (0.0, 1.0, 0.0)))
    assert keeper.hear(tracks(45.5, 102.0, (0, 1, 0), status=TrackStatus.ENDED), at=4.0) == []


def status(health, reason=""):
    return SensorStatus(
        sensor="radar-1", time_ns=T0, health=health, reason=reason, origin=Origin(feed="asterix")
    )


def test_a_silent_sensor_is_one_alert_until_it_speaks_again(watch):
    keeper = watch()
    (opened,) = keeper.hear(status(Health.SILENT, "no data for 12 s"))
    assert "Sensor radar-1 is silent (no data for 12 s)" in opened.text
    assert keeper.hear(status(Health.SILENT, "no data for 90 s"), at=80.0) == []
    (closed,) = keeper.hear(status(Health.GOOD), at=100.0)
    assert (closed.id, closed.closed_ns) == (opened.id, T0 + 100 * S)


def test_a_sensor_that_is_switched_off_is_no_alarm(watch):
    assert watch().hear(status(Health.OFF)) == []


def test_an_alert_is_sent_again_when_a_person_takes_it(watch):
    keeper = watch()
    (alert,) = keeper.hear(status(Health.SILENT))
    order = Acknowledge(alert=alert.id, by="Bat", time_ns=T0 + 5, origin=Origin(feed="operator"))
    (taken,) = keeper.hear(order, at=1.0)
    assert taken == dataclasses.replace(
        alert, acknowledged_ns=T0 + 5, acknowledged_by="Bat", lat=taken.lat, lon=taken.lon,
        border_km=taken.border_km,
    )  # fmt: skip
    assert keeper.hear(dataclasses.replace(order, by="Other"), at=2.0) == []


def test_a_crossing_stays_open_until_it_is_taken(watch, tracks):
    keeper = watch()
    keeper.hear(tracks(44.99, 102.0, (0.0, 20.0, 0.0)))
    said = keeper.hear(tracks(45.01, 102.0, (0.0, 20.0, 0.0)), at=100.0)
    crossed = next(a for a in said if a.rule == "border-crossed")
    assert keeper.hear(at=1000.0) == []
    order = Acknowledge(alert=crossed.id, by="Bat", time_ns=T0, origin=Origin(feed="operator"))
    (taken,) = keeper.hear(order, at=1001.0)
    assert taken.closed_ns
    assert taken.acknowledged_by == "Bat"


def test_acknowledging_what_is_not_there_is_harmless(watch):
    order = Acknowledge(alert="none", by="Bat", time_ns=T0, origin=Origin(feed="operator"))
    assert watch().hear(order) == []


def test_a_restart_in_the_middle_says_the_same(watch, tracks):
    """What was snapshotted and read back goes on exactly as what never stopped."""
    straight, restarted = watch(), watch()
    for t in range(0, 400, 4):
        lat = 44.99 + 10.0 * t / METRES_PER_DEGREE
        batch = tracks(lat, 102.0, (0.0, 10.0, 0.0), now_ns=T0 + t * S)
        restarted.state = decode(encode(restarted.state))
        assert encode(restarted.hear(batch, at=t)) == encode(straight.hear(batch, at=t))


def test_the_state_that_was_given_is_not_changed(watch, tracks):
    keeper = watch()
    keeper.hear(tracks(44.99, 102.0, (0.0, 10.0, 0.0)))
    before, data = keeper.state, encode(keeper.state)
    keeper.hear(tracks(45.01, 102.0, (0.0, 10.0, 0.0)), at=200.0)
    assert encode(before) == data


def test_on_the_real_border_a_crossing_names_the_right_neighbour(tracks):
    from steppewatch.engine.border_file import load_border  # noqa: PLC0415

    border = load_border()
    stage = rules.stage(border)
    lat, lon = (float(v) for v in border.point_at("RU", 500_000.0))
    fix = border.locate(lat, lon)
    south, north = np.degrees(lat) - 0.05, np.degrees(lat) + 0.05
    inside = border.locate(np.radians([south, north]), lon).distance > 0
    assert inside.sum() == 1
    start, end = (north, south) if inside[0] else (south, north)
    state, _ = stage.step(stage.initial, [tracks(start, np.degrees(lon), (0, -9, 0))], T0)
    _, said = stage.step(state, [tracks(end, np.degrees(lon), (0, -9, 0))], T0 + 900 * S)
    crossed = next(a for a in said if a.rule == "border-crossed")
    assert crossed.border == "RU"
    assert "inbound" in crossed.text
    assert crossed.border_km == pytest.approx(float(fix.along) / 1e3, abs=15.0)


def test_an_odd_sensor_is_told_once_and_closes_by_itself(watch):
    doubt = SensorDoubt(
        sensor="north", time_ns=T0, kind=DoubtKind.CLOCK, was=3600.0, expected=0.0,
        text="north: its clock jumped by 3600 s: left out until it is steady again",
        origin=Origin(feed="fuse"),
    )  # fmt: skip
    keeper = watch()
    (alert,) = keeper.hear(doubt)
    assert (alert.rule, alert.sensor, alert.text) == ("odd-sensor", "north", doubt.text)
    assert keeper.hear(doubt, at=10.0) == []
    (closed,) = keeper.hear(at=3600.0)
    assert closed.closed_ns > 0
