import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.engine.pcap import CaptureError, Tally, is_capture, read_capture
from steppewatch.errors import EngineError

PAYLOAD = b"0\x00\x06\xc0\x14\x81"
TIME_NS = 1_700_000_000_123_456_000
SOURCE = "udp 10.0.0.1:1024 > 10.0.0.2:8600"


def udp(payload: bytes = PAYLOAD) -> bytes:
    return struct.pack("!HHHH", 1024, 8600, 8 + len(payload), 0) + payload


def ipv4(body: bytes, *, protocol: int = 17, fragment: int = 0, options: bytes = b"") -> bytes:
    head = 20 + len(options)
    return (
        struct.pack(
            "!BBHHHBBH", 0x40 | head // 4, 0, head + len(body), 1, fragment, 64, protocol, 0
        )
        + bytes([10, 0, 0, 1, 10, 0, 0, 2])
        + options
        + body
    )


def ipv6(body: bytes, next_header: int = 17) -> bytes:
    address = bytes(15)
    return (
        struct.pack("!IHBB", 0x60000000, len(body), next_header, 64)
        + address + b"\x01" + address + b"\x02" + body
    )  # fmt: skip


def ethernet(packet: bytes, kind: int = 0x0800, tags: bytes = b"") -> bytes:
    return bytes(12) + tags + kind.to_bytes(2, "big") + packet


def pcap(*frames: bytes, link: int = 1, order: str = "<", nano: bool = False) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    fraction = 123_456_000 if nano else 123_456
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for frame in frames:
        data += struct.pack(order + "IIII", 1_700_000_000, fraction, len(frame), len(frame)) + frame
    return data


def ng_block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def ng_section(order: str = "<") -> bytes:
    return ng_block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def ng_interface(link: int, options: bytes = b"", order: str = "<") -> bytes:
    return ng_block(1, struct.pack(order + "HHI", link, 0, 65535) + options, order)


def ng_packet(frame: bytes, ticks: int, interface: int = 0, order: str = "<") -> bytes:
    head = struct.pack(
        order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)
    )
    return ng_block(6, head + frame, order)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_times_are_read_in_both_units_and_byte_orders(order, nano):
    data = pcap(ethernet(ipv4(udp())), order=order, nano=nano)
    (packet,) = read_capture(data, "x")
    assert (packet.time_ns, packet.source, packet.data) == (TIME_NS, SOURCE, PAYLOAD)


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (1, ethernet(ipv4(udp()))),
        (1, ethernet(ipv4(udp()), tags=bytes.fromhex("81000005"))),
        (1, ethernet(ipv4(udp()), tags=bytes.fromhex("88a8000581000006"))),
        (1, ethernet(ipv4(udp())) + b"\x00" * 12),
        (1, ethernet(ipv4(udp(), options=b"\x01" * 4))),
        (113, bytes(14) + b"\x08\x00" + ipv4(udp())),
        (276, b"\x08\x00" + bytes(18) + ipv4(udp())),
        (101, ipv4(udp())),
        (0, b"\x02\x00\x00\x00" + ipv4(udp())),
        (108, b"\x00\x00\x00\x02" + ipv4(udp())),
    ],
)
def test_every_link_type_leads_to_the_payload(link, frame):
    (packet,) = read_capture(pcap(frame, link=link), "x")
    assert (packet.source, packet.data) == (SOURCE, PAYLOAD)


def test_ipv6_is_read_with_extension_headers():
    plain = ethernet(ipv6(udp()), 0x86DD)
    extended = ethernet(ipv6(bytes([17, 0]) + bytes(6) + udp(), 0), 0x86DD)
    for packet in read_capture(pcap(plain, extended), "x"):
        assert packet.source == "udp [::1]:1024 > [::2]:8600"
        assert packet.data == PAYLOAD


def test_what_is_not_a_whole_udp_packet_is_counted():
    tally = Tally()
    frames = [
        ethernet(ipv4(udp())),
        ethernet(ipv4(udp(), protocol=6)),
        ethernet(b"\x00" * 28, 0x0806),
        ethernet(ipv4(udp(), fragment=0x2000)),
        ethernet(ipv4(udp(), fragment=0x0003)),
        ethernet(ipv6(udp(), 44), 0x86DD),
        ethernet(ipv4(udp()))[:-3],
        ethernet(ipv4(udp()))[:20],
        b"\x00",
    ]
    assert len(list(read_capture(pcap(*frames), "x", tally))) == 1
    assert tally == Tally(frames=9, packets=1, other=3, fragments=3, cut=2)


def test_pcapng_knows_many_interfaces_their_clocks_and_byte_orders():
    resolution = struct.pack("<HHB3x", 9, 1, 9)
    binary = struct.pack("<HHB3xHH", 9, 1, 0x80 | 10, 0, 0)
    offset = struct.pack("<HHq", 14, 8, 1_000_000_000)
    little = (
        ng_section()
        + ng_interface(1)
        + ng_interface(101, resolution + offset)
        + ng_interface(113, binary)
        + ng_block(5, bytes(12))
        + ng_packet(ethernet(ipv4(udp())), TIME_NS // 1000)
        + ng_packet(ipv4(udp()), TIME_NS - 10**18, 1)
        + ng_packet(bytes(14) + b"\x08\x00" + ipv4(udp()), 1_700_000_000 * 1024 + 512, 2)
    )
    big = (
        ng_section(">")
        + ng_interface(1, order=">")
        + ng_packet(ethernet(ipv4(udp())), TIME_NS // 1000, order=">")
    )
    found = list(read_capture(little + big, "x"))
    assert [p.time_ns for p in found] == [
        TIME_NS, TIME_NS, 1_700_000_000_500_000_000, TIME_NS,
    ]  # fmt: skip
    assert {p.data for p in found} == {PAYLOAD}


def test_a_simple_packet_block_has_no_time():
    frame = ethernet(ipv4(udp()))
    data = ng_section() + ng_interface(1) + ng_block(3, struct.pack("<I", len(frame)) + frame)
    (packet,) = read_capture(data, "x")
    assert (packet.time_ns, packet.data) == (0, PAYLOAD)


def test_a_packet_of_an_interface_that_was_never_described_is_counted():
    tally = Tally()
    data = ng_section() + ng_packet(ethernet(ipv4(udp())), 5, 7)
    assert list(read_capture(data, "x", tally)) == []
    assert (tally.frames, tally.cut) == (1, 1)


@pytest.mark.parametrize("missing", [1, 20, 60])
def test_a_cut_file_gives_what_is_whole_and_then_says_so(missing):
    data = pcap(ethernet(ipv4(udp())), ethernet(ipv4(udp())))[:-missing]
    found = []
    with pytest.raises(CaptureError, match=r"monday.pcap: .* 1 UDP packets before it were read"):
        found.extend(read_capture(data, "monday.pcap"))
    # list.extend keeps what came before the error
    assert [p.data for p in found] == [PAYLOAD]


def test_a_cut_pcapng_says_so():
    data = ng_section() + ng_interface(1) + ng_packet(ethernet(ipv4(udp())), 5)
    with pytest.raises(CaptureError, match="octets"):
        list(read_capture(data[:-4], "x"))
    with pytest.raises(CaptureError, match="byte-order mark"):
        list(read_capture(ng_section()[:8] + bytes(20), "x"))


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(CaptureError, match="not like a capture file"):
        list(read_capture(b"GIF89a", "x"))
    assert not is_capture(b"")
    assert not is_capture(PAYLOAD)


@given(st.binary(max_size=200), st.sampled_from([0, 1, 101, 113, 276]))
def test_any_frame_is_read_or_counted(frame, link):
    tally = Tally()
    found = list(read_capture(pcap(frame, link=link), "x", tally))
    assert tally.frames == 1
    assert len(found) + tally.other + tally.fragments + tally.cut == 1


@given(st.data())
def test_any_file_is_read_or_refused_with_a_reason(data):
    good = data.draw(
        st.sampled_from(
            [
                pcap(ethernet(ipv4(udp())), ethernet(ipv6(udp()), 0x86DD)),
                ng_section() + ng_interface(1) + ng_packet(ethernet(ipv4(udp())), 5),
            ]
        )
    )
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(EngineError):
        list(read_capture(bytes(damaged[: data.draw(st.integers(0, len(good)))]), "x"))


def test_real_captures_are_read_whole(real_data):
    tally = Tally()
    data = real_data("asterix/croatia-control/cat_034_048.pcap").read_bytes()
    packets = list(read_capture(data, "x", tally))
    assert tally == Tally(frames=100, packets=100)
    assert packets[0].source == "udp 10.17.58.184:21124 > 232.2.1.31:22131"
    assert packets[0].time_ns == 1_462_433_756_508_910_000
