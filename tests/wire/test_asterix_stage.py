import math
from dataclasses import replace

import numpy as np
import pytest
from asterix_bytes import block, north, plot, record, track
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.engine.pcap import read_capture
from steppewatch.records import (
    DetectionBatch,
    Health,
    Packet,
    PlotKind,
    Sensor,
    SensorKind,
    SensorStatus,
    TargetClass,
    TrackBatch,
    TrackStatus,
    decode,
    encode,
)
from steppewatch.wire import asterix
from steppewatch.world.geodesy import ecef_from_geodetic, geodetic_from_ecef

NS = 1_000_000_000
DAY = 19_000 * 86_400 * NS
LINK = "udp 10.0.0.1:1024 > 10.0.0.2:8600"


class Feed:
    """Run a stage by hand: what it says is kept by type."""

    def __init__(self, chosen: asterix.Settings | None = None) -> None:
        self.stage = asterix.stage(chosen)
        self.state = self.stage.initial
        self.said: list[object] = []

    def hear(self, tod: float, *blocks: bytes, link: str = LINK) -> list[object]:
        now_ns = DAY + int(tod * NS)
        packets = [Packet(time_ns=now_ns, source=link, data=one) for one in blocks]
        self.state, said = self.stage.step(self.state, packets, now_ns)
        # A node may stop and go on at any step: the state must survive its binary form.
        self.state = decode(encode(self.state))
        self.said += said
        return list(said)

    def all(self, kind: type) -> list:
        return [message for message in self.said if isinstance(message, kind)]


def test_a_plot_becomes_a_detection_in_si_units():
    feed = Feed()
    more = {"f5": b"\x02\x9c", "f7": b"\x20\xce", "f8": bytes.fromhex("3423d1")}
    more |= {"f9": bytes.fromhex("10c23565a820"), "f20": bytes.fromhex("8003f6")}
    feed.hear(1000.5, block(48, plot(1000.0, 100.0, 90.0, level=350.0, **more)))
    (batch,) = feed.all(DetectionBatch)
    assert batch.sensor == "radar-25-12"
    assert batch.time_ns.tolist() == [DAY + 1000 * NS]
    assert batch.slant_range[0] == 185_200.0
    assert batch.azimuth[0] == pytest.approx(math.pi / 2)
    assert np.isnan(batch.elevation[0])
    assert batch.height[0] == pytest.approx(35_000 * 0.3048)
    assert batch.range_rate[0] == -10.0
    assert batch.snr_db[0] == -50.0
    assert batch.kind[0] == PlotKind.SECONDARY
    assert (batch.mode_s[0], batch.mode_3a[0]) == (0x3423D1, 0o1234)
    assert batch.callsign[0] == b"DLH5YZ"
    assert (batch.origin.sensor, batch.origin.feed) == ("radar-25-12", "asterix")


def test_codes_that_are_invalid_or_garbled_are_left_out():
    feed = Feed()
    feed.hear(
        1.0,
        block(
            48,
            plot(1.0, 10.0, level=None, f5=b"\x82\x9c", f6=b"\x80\x64"),
            plot(1.0, 11.0, level=None, f5=b"\x42\x9c", f6=b"\x40\x64"),
            plot(1.0, 12.0, level=None, f20=bytes.fromhex("8083f6")),
        ),
    )
    (batch,) = feed.all(DetectionBatch)
    assert batch.mode_3a.tolist() == [-1, -1, -1]
    assert np.isnan(batch.height).all()
    assert np.isnan(batch.range_rate).all()
    assert batch.mode_s.tolist() == [0, 0, 0]
    assert batch.callsign.tolist() == [b"", b"", b""]


@pytest.mark.parametrize(
    ("status", "level", "height"),
    [(1, None, 1500.0), (3, None, 1500.0), (0, None, np.nan), (1, 10.0, 304.8), (5, None, np.nan)],
)
def test_an_aircraft_on_the_ground_is_as_high_as_the_radar_unless_it_tells(status, level, height):
    feed = Feed()
    told = {"f8": bytes.fromhex("3423d1"), "f21": bytes([status << 2, 0])}
    feed.hear(1000.5, block(48, plot(1000.0, level=level, **told)))
    (batch,) = feed.all(DetectionBatch)
    assert feed.all(Sensor)[0].height == 1500.0
    assert batch.height.tolist() == pytest.approx([height], nan_ok=True)


@pytest.mark.parametrize(
    "described",
    [b"\x00", b"\x10", b"\xa2", b"\xb0", b"\xa1\x80"],
    ids=["no detection", "no detection but simulated", "field monitor", "simulated", "test target"],
)
def test_what_is_no_detection_of_a_real_target_makes_none(described):
    feed = Feed()
    feed.hear(1.0, block(48, plot(1.0, f3=described)))
    assert feed.all(DetectionBatch) == []
    assert feed.all(Sensor)


def test_a_range_beyond_256_miles_is_read_from_the_expansion_field():
    feed = Feed()
    extended = plot(1.0, 255.99, f3=b"\xa1\x40", f28=bytes.fromhex("0508000000")[:5])
    extended = extended[:-3] + (300 * 256).to_bytes(3, "big")
    feed.hear(1.0, block(48, extended))
    (batch,) = feed.all(DetectionBatch)
    assert batch.slant_range[0] == 300 * 1852.0


def test_the_height_of_a_3d_radar_becomes_an_elevation_and_its_description_follows():
    feed = Feed(asterix.Settings(fallback=(0.8, 1.8, 0.0)))
    feed.hear(1.0, block(48, plot(1.0, 60.0, f19=(1200).to_bytes(2, "big"))))
    (batch,) = feed.all(DetectionBatch)
    # Blake 1980: height = R sin(e) + (R cos(e))² / (2 · 4/3 earth radius), to first order.
    distance, elevation = batch.slant_range[0], batch.elevation[0]
    bent = 2.0 * 4.0 / 3.0 * 6_371_000.0
    height = distance * math.sin(elevation) + (distance * math.cos(elevation)) ** 2 / bent
    assert height == pytest.approx(30_000 * 0.3048, abs=15.0)
    assert feed.all(Sensor)[-1].kind == SensorKind.RADAR_3D


def test_detections_of_one_tick_are_ordered_by_time():
    feed = Feed()
    feed.hear(5.0, block(48, plot(4.0)), block(48, plot(2.0), plot(3.0)))
    (batch,) = feed.all(DetectionBatch)
    assert ((batch.time_ns - DAY) // NS).tolist() == [2, 3, 4]


def test_the_copies_that_a_second_network_brings_are_heard_once():
    feed = Feed()
    one, two = block(48, plot(4.0)), block(48, plot(4.0, 50.0))
    feed.hear(4.1, one, one)
    feed.hear(4.3, one, two, link="udp 10.0.1.1:1024 > 10.0.1.2:8600")
    assert [len(batch) for batch in feed.all(DetectionBatch)] == [1, 1]


def test_a_described_radar_keeps_its_description():
    (assumed,) = Feed().hear(1.0, block(48, plot(1.0)))[:1]
    described = replace(assumed, id="hill", site="hill", position_assumed=False, lat=0.7)
    feed = Feed(asterix.Settings(sensors=(described,)))
    feed.hear(1.0, block(48, plot(1.0)), block(34, north(1.0, f11=bytes(8))))
    assert feed.all(Sensor) == [described]
    assert feed.all(DetectionBatch)[0].sensor == "hill"


def test_a_node_that_goes_on_with_a_corrected_description_believes_it():
    feed = Feed()
    (assumed,) = feed.hear(1.0, block(48, plot(1.0)))[:1]
    corrected = replace(assumed, position_assumed=False, lat=0.7)
    again = Feed(asterix.Settings(sensors=(corrected,)))
    again.state = feed.state
    again.hear(5.0, block(48, plot(5.0)))
    again.hear(9.0, block(48, plot(9.0)))
    assert [sensor.lat for sensor in again.all(Sensor)] == [0.7]


def test_a_place_that_a_person_told_is_not_assumed():
    feed = Feed(asterix.Settings(fallback=(0.8, 1.9, 1300.0), fallback_told=True))
    feed.hear(1.0, block(34, north(1.0)))
    feed.hear(2.0, block(34, north(2.0, f11=bytes.fromhex("0064200000e00000"))))
    first, second = feed.all(Sensor)
    assert (first.lat, first.position_assumed) == (0.8, False)
    assert second.lat == pytest.approx(math.pi / 4)


def test_an_undescribed_radar_stands_at_the_fallback_until_it_tells_its_position():
    feed = Feed(asterix.Settings(fallback=(0.8, 1.9, 1300.0)))
    feed.hear(1.0, block(34, north(1.0)))
    feed.hear(2.0, block(34, north(2.0, f11=bytes.fromhex("0064200000e00000"))))
    first, second = feed.all(Sensor)
    assert (first.lat, first.lon, first.height, first.position_assumed) == (0.8, 1.9, 1300.0, True)
    assert (second.lat, second.lon) == (pytest.approx(math.pi / 4), pytest.approx(-math.pi / 4))
    assert (second.height, second.position_assumed) == (100.0, False)
    assert first.address == "asterix:25/12"


def test_north_markers_measure_the_rotation():
    feed = Feed()
    for turn in range(6):
        feed.hear(10.0 + 4.8 * turn, block(34, north(10.0 + 4.8 * turn)))
    assert feed.all(Sensor)[-1].scan_period == pytest.approx(4.8, abs=0.01)


def test_plots_alone_measure_the_rotation_too():
    feed = Feed()
    for k in range(60):
        tod = 10.0 + 0.5 * k
        feed.hear(tod, block(48, plot(tod, theta=(k * 30.0) % 360.0)))
    assert feed.all(Sensor)[-1].scan_period == pytest.approx(6.0, rel=0.03)


def test_a_station_that_complains_is_degraded_and_one_not_to_be_used_is_off():
    feed = Feed()
    feed.hear(1.0, block(34, north(1.0, f6=b"\x80\x02")))
    feed.hear(2.0, block(34, north(2.0, f6=b"\x80\x80")))
    feed.hear(3.0, block(34, north(3.0, f6=b"\x80\x00")))
    told = feed.all(SensorStatus)
    assert [status.health for status in told] == [Health.DEGRADED, Health.OFF, Health.GOOD]
    assert "clock" in told[0].reason


def test_a_radar_that_falls_silent_is_said_to_be():
    feed = Feed()
    feed.hear(1.0, block(48, plot(1.0)))
    for tod in (5.0, 10.0, 20.0):
        feed.hear(tod)
    assert feed.all(SensorStatus)[-1].health == Health.SILENT
    feed.hear(21.0, block(48, plot(21.0)))
    assert feed.all(SensorStatus)[-1].health == Health.GOOD


def test_a_wrong_clock_is_corrected_and_reported():
    feed = Feed()
    feed.hear(5000.0, block(48, plot(1400.0)))
    feed.hear(5004.0, block(48, plot(1404.0)))
    first, second = feed.all(DetectionBatch)
    assert second.time_ns[0] - first.time_ns[0] == 4 * NS
    assert abs(first.time_ns[0] - (DAY + 5000 * NS)) < NS
    status = feed.all(SensorStatus)[-1]
    assert status.health == Health.DEGRADED
    assert "3600 s behind" in status.reason


def test_a_system_track_becomes_a_track_in_ecef():
    feed = Feed()
    address = b"\xc0" + bytes.fromhex("3423d1") + bytes.fromhex("10c23565a820")
    feed.hear(9.0, block(62, track(9.0, 77, 47.0, 107.0, f11=address, f9=b"\x02\x9c")))
    feed.hear(13.0, block(62, track(13.0, 77, 47.0, 107.1, status=b"\x02")))
    first, second = feed.all(TrackBatch)
    lat, lon, height = geodetic_from_ecef(first.mean[0])
    assert (np.degrees(lat), np.degrees(lon)) == (pytest.approx(47.0), pytest.approx(107.0))
    assert height == pytest.approx(10_000 * 0.3048, abs=1e-6)
    east = ecef_from_geodetic(lat, lon + 1e-6) - ecef_from_geodetic(lat, lon)
    assert first.mean[0, 3:] == pytest.approx(100.0 * east / np.linalg.norm(east), abs=1e-3)
    assert first.origin.sensor == "sdps-25-100"
    assert (first.mode_s[0], first.mode_3a[0], first.callsign[0]) == (0x3423D1, 0o1234, b"DLH5YZ")
    assert first.target[0] == TargetClass.AIRCRAFT
    assert first.status[0] == TrackStatus.CONFIRMED
    assert second.status[0] == TrackStatus.TENTATIVE
    assert second.id[0] == first.id[0]
    assert (second.hits[0], second.born_ns[0]) == (2, first.time_ns[0])


def test_the_accuracy_that_a_system_tells_is_its_tracks_covariance():
    feed = Feed()
    # I062/500: APC (x 100 m, y 50 m) and ATV (2 m/s, 4 m/s).
    told = bytes.fromhex("8400c800640810")
    feed.hear(9.0, block(62, track(9.0, 1, 0.0, 0.0, f27=told)))
    (batch,) = feed.all(TrackBatch)
    # At 0° N 0° E east is ECEF y and north is z.
    assert batch.cov[0, 1, 1] == pytest.approx(100.0**2)
    assert batch.cov[0, 2, 2] == pytest.approx(50.0**2)
    assert batch.cov[0, 4, 4] == pytest.approx(2.0**2)
    assert batch.cov[0, 5, 5] == pytest.approx(4.0**2)
    assert np.linalg.eigvalsh(batch.cov[0]).min() > 0.0


def test_a_track_number_that_is_used_again_is_another_track():
    feed = Feed()
    feed.hear(9.0, block(62, track(9.0, 77)))
    feed.hear(13.0, block(62, track(13.0, 77, status=b"\x01\x40")))
    feed.hear(17.0, block(62, track(17.0, 77)))
    batches = feed.all(TrackBatch)
    assert [int(b.status[0]) for b in batches] == [
        TrackStatus.CONFIRMED, TrackStatus.ENDED, TrackStatus.CONFIRMED,
    ]  # fmt: skip
    assert batches[0].id[0] == batches[1].id[0] != batches[2].id[0]


def test_an_end_without_a_position_and_a_silence_end_tracks_where_they_were():
    feed = Feed()
    feed.hear(9.0, block(62, track(9.0, 1), track(9.0, 2)))
    last = record(
        {1: b"\x19\x64", 4: (13 * 128).to_bytes(3, "big"), 12: b"\x00\x01", 13: b"\x01\x40"}
    )
    feed.hear(13.0, block(62, last))
    feed.hear(80.0)
    first, second, third = feed.all(TrackBatch)
    assert second.status.tolist() == third.status.tolist() == [TrackStatus.ENDED]
    assert [second.id[0], third.id[0]] == first.id.tolist()
    np.testing.assert_array_equal(second.mean[0], first.mean[0])


def test_a_sender_of_another_edition_is_a_fault_and_puts_nothing_on_the_map(real_data):
    path = real_data("asterix/croatia-control/asterix.pcap")
    stage = asterix.stage()
    state, said = stage.initial, []
    for packet in read_capture(path.read_bytes(), path.name):
        state, more = stage.step(state, [packet], packet.time_ns)
        said += more
    assert not [m for m in said if isinstance(m, TrackBatch | DetectionBatch)]
    statuses = [m for m in said if isinstance(m, SensorStatus)]
    assert statuses[-1].health == Health.DEGRADED
    assert "source configuration: CAT 062" in statuses[-1].reason
    assert statuses[-1].errors > 50


def test_tracks_of_a_link_end_when_it_turns_out_to_be_at_fault():
    feed = Feed()
    feed.hear(1.0, block(62, track(1.0, 1)))
    feed.hear(2.0, *[block(62, b"\xff" * 9)] * 5)
    begun, over = feed.all(TrackBatch)
    assert over.status.tolist() == [TrackStatus.ENDED]
    assert over.id[0] == begun.id[0]


def test_errors_stand_in_the_health_of_their_sender_and_the_feed_goes_on():
    feed = Feed()
    for k in range(20):
        feed.hear(10.0 + k, block(48, plot(10.0 + k)))
    feed.hear(31.0, block(48, plot(31.0), b"\xff"), block(48, plot(31.0, 20.0)))
    feed.hear(37.0)
    status = [s for s in feed.all(SensorStatus) if s.sensor == "radar-25-12"][-1]
    assert status.errors == 1
    assert status.health == Health.DEGRADED
    assert len(feed.all(DetectionBatch)[-1]) == 2


def test_what_is_not_asterix_is_counted_and_said():
    feed = Feed()
    for k in range(8):
        feed.hear(1.0 + k, b"GET / HTTP/1.1\r\n")
    (status,) = feed.all(SensorStatus)[:1]
    assert "not ASTERIX" in status.reason
    assert feed.all(DetectionBatch) == []


def test_other_categories_are_counted_and_no_error():
    feed = Feed()
    feed.hear(1.0, block(23, b"\x80\x01\x02"), block(23, b"\x80\x01\x02"))
    assert feed.state.other == {"23": 2}
    assert feed.all(SensorStatus) == []


@settings(max_examples=60, deadline=None)
@given(
    packets=st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                block,
                st.sampled_from([10, 21, 23, 34, 48, 62, 65]),
                st.binary(max_size=60),
            ),
            st.builds(
                lambda b, k, v: b[:k] + bytes([v]) + b[k + 1 :],
                st.sampled_from([block(48, plot(1.0)), block(62, track(1.0, 3))]),
                st.integers(0, 20),
                st.integers(0, 255),
            ),
        ),
        max_size=8,
    )
)
def test_any_packets_are_survived(packets):
    feed = Feed()
    feed.hear(1.0, *packets)
    feed.hear(2.0, block(48, plot(2.0, source=(1, 1))))
    for batch in feed.all(DetectionBatch):
        assert np.isfinite(batch.slant_range).all()
        assert np.isfinite(batch.azimuth).all()
    for batch in feed.all(TrackBatch):
        assert np.isfinite(batch.mean).all()
        assert np.isfinite(batch.cov).all()


def test_the_barcelona_recording_is_heard_whole(real_data):
    path = real_data("asterix/barcelona-radar-cat048-20min.ast")
    packets = asterix.packets_from_raw(path.read_bytes(), path.name, DAY)
    feed = asterix.stage()
    state, said = feed.initial, []
    for first in range(0, len(packets), 500):
        some = packets[first : first + 500]
        state, more = feed.step(state, some, some[-1].time_ns)
        said += more
    assert sum(len(m) for m in said if isinstance(m, DetectionBatch)) > 14_500
    sensor = [m for m in said if isinstance(m, Sensor)][-1]
    assert sensor.address == "asterix:20/129"
    assert sensor.scan_period == pytest.approx(4.0, abs=0.05)
    assert all(m.errors == 0 for m in said if isinstance(m, SensorStatus))
