"""ADS-B stations and airport surface systems become position reports, plots, and descriptions."""

import math

import numpy as np
import pytest
from asterix_bytes import block, record

from steppewatch.records import (
    DetectionBatch,
    Packet,
    PositionReports,
    Sensor,
    SensorKind,
    SensorStatus,
    TargetClass,
    decode,
    encode,
)
from steppewatch.wire import asterix
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation, geodetic_from_ecef

NS = 1_000_000_000
DAY = 19_000 * 86_400 * NS
NM = 1852.0


def hear(*blocks, tod=1000.0, chosen=None):
    stage = asterix.stage(chosen)
    now_ns = DAY + int(tod * NS)
    packets = [Packet(time_ns=now_ns, source="udp 1", data=one) for one in blocks]
    state, said = stage.step(stage.initial, packets, now_ns)
    assert encode(decode(encode(state))) == encode(state)
    return list(said)


def only(kind, said):
    (one,) = [m for m in said if isinstance(m, kind)]
    return one


def told(lat=47.5, lon=107.25, **more):
    """Encode a CAT 021 record of an aircraft at a place; ``more`` are items by ``f<number>``."""
    place = [round(v / 180 * 2**23).to_bytes(3, "big", signed=True) for v in (lat, lon)]
    items = {
        1: b"\x19\x0a", 2: b"\x00", 6: b"".join(place), 11: b"\x34\x23\xd1",
        12: round(999.5 * 128).to_bytes(3, "big"), 17: b"\x00", 21: (1400).to_bytes(2, "big"),
    }  # fmt: skip
    return record(items | {int(name[1:]): value for name, value in more.items()})


def sigmas(batch):
    """Give σ east, north, up of the first report."""
    lat, lon, _ = geodetic_from_ecef(batch.position[0])
    turn = enu_rotation(lat, lon)
    return np.sqrt(np.diag(turn @ batch.cov[0] @ turn.T))


def test_what_an_aircraft_says_becomes_a_position_report_in_si_units():
    vector = round(0.1 * 2**14).to_bytes(2, "big") + round(90 / 360 * 2**16).to_bytes(2, "big")
    more = {"f26": vector, "f25": (160).to_bytes(2, "big"), "f19": b"\x02\x9c"}
    more |= {"f29": bytes.fromhex("10c23565a820"), "f30": b"\x0a"}
    said = hear(block(21, told(**more)))
    sensor, batch = only(Sensor, said), only(PositionReports, said)
    assert (sensor.id, sensor.kind) == ("adsb-25-10", SensorKind.REPORTS)
    assert sensor.address == "asterix:25/10"
    assert batch.sensor == sensor.id
    assert batch.time_ns.tolist() == [DAY + 999 * NS + NS // 2]
    assert batch.height[0] == pytest.approx(35_000 * 0.3048)
    lat, lon, _ = np.degrees(geodetic_from_ecef(batch.position[0]))
    assert (lat, lon) == (pytest.approx(47.5, abs=1e-5), pytest.approx(107.25, abs=1e-5))
    east = enu_rotation(math.radians(lat), math.radians(lon)) @ batch.velocity[0]
    np.testing.assert_allclose(east, [0.1 * NM, 0.0, 1000 * 0.3048 / 60], atol=0.05)
    assert (batch.mode_s[0], batch.mode_3a[0]) == (0x3423D1, 0o1234)
    assert batch.callsign[0] == b"DLH5YZ"
    assert batch.class_prob[0].argmax() == TargetClass.HELICOPTER


# Radius of the 95 % circle (NACp 9: 30 m, NUCp 6: 0.1 NM) or of certainty (NIC 6: 0.6 NM).
@pytest.mark.parametrize(
    ("version", "quality", "radius", "outside"),
    [
        (2, bytes([0b0000_1101, 0b0001_0010]), 30.0, 0.05),
        (0, bytes([0b0000_1100]), 0.1 * NM, 0.05),
        (1, bytes([0b0000_1100]), 0.6 * NM, 1e-7),
    ],
)
def test_a_quality_number_becomes_the_sigma_whose_circle_it_is(version, quality, radius, outside):
    batch = only(PositionReports, hear(block(21, told(f17=quality, f18=bytes([version << 3])))))
    east, north, up = sigmas(batch)
    assert east == pytest.approx(north)
    assert math.exp(-0.5 * (radius / east) ** 2) == pytest.approx(outside, rel=1e-6)
    assert up == pytest.approx(5_000.0)


def test_a_geometric_height_counts_where_no_flight_level_is_told():
    items = {1: b"\x19\x0a", 2: b"\x00", 6: bytes(6), 11: b"\x00\x00\x01", 12: bytes(3)}
    geometric = record(items | {16: (1600).to_bytes(2, "big"), 17: bytes([1, 1, 2 << 1])})
    batch = only(PositionReports, hear(block(21, geometric), tod=0.0))
    assert np.isnan(batch.height[0])
    np.testing.assert_allclose(batch.position[0], ecef_from_geodetic(0, 0, 10_000 * 0.3048))
    assert sigmas(batch)[2] == pytest.approx(45.0 / 1.96)


@pytest.mark.parametrize(
    "described",
    [b"\x02", b"\x01\x20", b"\x01\x10", b"\x01\x02", b"\x01\x01\x20", b"\x01\x01\x08"],
    ids=["field monitor", "simulated", "test", "suspect", "position check", "decoding"],
)
def test_what_its_station_holds_for_wrong_is_left_out(described):
    said = hear(block(21, told(f2=described), told()))
    assert len(only(PositionReports, said)) == 1
    status = only(SensorStatus, said)
    assert (status.messages, status.detections) == (2, 1)


def test_an_anonymous_address_is_no_identity():
    assert only(PositionReports, hear(block(21, told(f2=b"\x60")))).mode_s[0] == 0


def test_the_stations_own_report_period_is_believed():
    assert only(Sensor, hear(block(21, told(f35=b"\x08")))).scan_period == 4.0


def test_golden_reports_of_real_stations(real_data):
    """The values are those that asterix-decoder gives for these messages."""
    name = "asterix/jasterix/src/test/cat021ed2.1.bin"
    batch = only(PositionReports, hear(real_data(name).read_bytes(), tod=33_503.0))
    lat, lon, _ = np.degrees(geodetic_from_ecef(batch.position[0]))
    assert lat == pytest.approx(46.84420108795166, abs=1e-9)
    assert lon == pytest.approx(12.298529148101807, abs=1e-9)
    assert batch.height[0] == pytest.approx(350.0 * 30.48)
    assert batch.time_ns[0] == DAY + 33_502 * NS + 882_812_500
    assert (batch.mode_s[0], batch.mode_3a[0]) == (0x1A4B65, 0o7106)
    assert batch.callsign[0] == b"EZS14ZH"
    said = hear(real_data("asterix/croatia-control/cat21_re.ast").read_bytes(), tod=28_803.0)
    assert len(only(PositionReports, said)) == 2


def test_an_older_edition_is_not_read_by_accident(real_data):
    old = real_data("asterix/jasterix/src/test/cat021ed0.26.bin").read_bytes()
    assert not [m for m in hear(old) if isinstance(m, PositionReports)]


def surface(x, y, *, typ=1, second=b"\x00", **more):
    """Encode a CAT 010 record with a Cartesian place."""
    items = {
        1: b"\x00\x6b", 2: b"\x01", 3: bytes([typ << 5 | 0b0000_0101]) + second,
        4: (1000 * 128).to_bytes(3, "big"),
        7: x.to_bytes(2, "big", signed=True) + y.to_bytes(2, "big", signed=True),
    }  # fmt: skip
    return record(items | {int(name[1:]): value for name, value in more.items()})


AIRPORT = asterix.Settings(
    fallback=(math.radians(41.3), math.radians(2.08), 50.0), fallback_told=True
)


def test_multilateration_becomes_reports_about_the_stations_reference_point():
    moving = (40).to_bytes(2, "big") + (-20).to_bytes(2, "big", signed=True)
    target = surface(300, -400, f9=moving, f13=b"\x34\x23\xd1")
    batch = only(PositionReports, hear(block(10, target), chosen=AIRPORT))
    turn = enu_rotation(math.radians(41.3), math.radians(2.08))
    base = ecef_from_geodetic(math.radians(41.3), math.radians(2.08), 50.0)
    np.testing.assert_allclose(turn @ (batch.position[0] - base), [300, -400, 0], atol=0.1)
    np.testing.assert_allclose(turn @ batch.velocity[0], [10.0, -5.0, 0.0], atol=1e-2)
    assert batch.mode_s[0] == 0x3423D1


def test_a_surface_radar_becomes_a_ground_radar_with_plots():
    polar = (1588).to_bytes(2, "big") + round(0.25 * 2**16).to_bytes(2, "big")
    said = hear(block(10, surface(0, 0, typ=3, f6=polar)), chosen=AIRPORT)
    sensor, batch = only(Sensor, said), only(DetectionBatch, said)
    assert sensor.kind == SensorKind.GROUND_RADAR
    assert not sensor.position_assumed
    assert (batch.slant_range[0], batch.azimuth[0]) == (1588.0, pytest.approx(math.pi / 2))


def test_field_monitors_and_coasted_tracks_of_a_surface_system_are_no_reports():
    monitor, coasted = surface(1, 1, second=b"\x20"), surface(1, 1, f11=b"\x10")
    said = hear(block(10, monitor, coasted, surface(2, 2)), chosen=AIRPORT)
    assert len(only(PositionReports, said)) == 1
