"""Read capture files (pcap and pcapng) into the UDP payloads that were on the wire.

Timestamps in micro- or nanoseconds and both byte orders; Ethernet (with VLAN tags), Linux cooked
(v1, v2), raw IP and loopback links; IPv4 and IPv6. Fragments are counted and left out, because
ASTERIX senders keep below the packet size. What is not UDP is counted and left out.

Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, RFC 791, RFC 8200, RFC 768.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from steppewatch.errors import EngineError
from steppewatch.records import Packet

PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
PCAPNG = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OLD_PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
TSRESOL, TSOFFSET = 9, 14
NULL, ETHERNET, RAW_OLD, RAW_BSD, RAW, LOOP, SLL, SLL2 = 0, 1, 12, 14, 101, 108, 113, 276
IPV4, IPV6 = 0x0800, 0x86DD
VLAN = {0x8100, 0x88A8, 0x9100}
UDP = 17
EXTENSIONS = {0, 43, 60, 135, 139, 140}
FRAGMENT = 44


@dataclass(slots=True)
class Tally:
    """Count what a capture file held; filled while its packets are read.

    Attributes:
        frames: Captured frames.
        packets: UDP payloads given.
        other: Frames that are not UDP, or of a link type that is not read.
        fragments: IP fragments left out.
        cut: Frames that the capture cut short (or that lie about their length).
        fault: Why reading stopped before the end of the file; ``""`` when it did not.
    """

    frames: int = 0
    packets: int = 0
    other: int = 0
    fragments: int = 0
    cut: int = 0
    fault: str = ""


@dataclass(slots=True)
class Interface:
    """Hold what pcapng says of one interface: link type, clock ticks a second, offset [s]."""

    link: int
    ticks: int = 1_000_000
    offset: int = 0


class CaptureError(EngineError):
    """Report a capture file that is none, or that ends early."""


class _CutError(Exception):
    """The frame ends before its headers say so."""


def is_capture(data: bytes) -> bool:
    """Tell whether a file begins like a capture file."""
    return data[:4] in PCAP or data[:4] == PCAPNG


def read_capture(data: bytes, name: str, tally: Tally | None = None) -> Iterator[Packet]:
    """Give the UDP payloads of a capture file in its order.

    Args:
        data: The whole file.
        name: What to call it in an error.
        tally: Filled with counts while reading.

    Raises:
        CaptureError: The file is not a capture file; or, after all that is whole was given, it is
            cut short.
    """
    if not is_capture(data):
        raise CaptureError(
            f"{name} begins with {data[:4].hex() or 'nothing'}, not like a capture file; expected "
            "pcap or pcapng"
        )
    tally = Tally() if tally is None else tally
    frames = _pcapng(data, tally) if data[:4] == PCAPNG else _pcap(data, tally)
    for time_ns, link, frame in frames:
        tally.frames += 1
        try:
            found = _udp(link, frame, tally)
        except (_CutError, struct.error, IndexError):
            tally.cut += 1
            continue
        if found is not None:
            tally.packets += 1
            yield Packet(time_ns=time_ns, source=found[0], data=found[1])
    if tally.fault:
        raise CaptureError(
            f"{name}: {tally.fault}; {tally.packets} UDP packets before it were read. Was the "
            "capture stopped while writing?"
        )


def _pcap(data: bytes, tally: Tally) -> Iterator[tuple[int, int, bytes]]:
    order, unit = PCAP[data[:4]]
    if len(data) < 24:
        tally.fault = f"the file header is cut after {len(data)} of 24 octets"
        return
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    head = struct.Struct(order + "IIII")
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            tally.fault = f"the file ends inside the packet header at octet {at}"
            return
        seconds, fraction, length, _ = head.unpack_from(data, at)
        at += 16
        if at + length > len(data):
            tally.fault = f"the packet at octet {at - 16} has {len(data) - at} of {length} octets"
            return
        yield seconds * 1_000_000_000 + fraction * unit, link, data[at : at + length]
        at += length


def _pcapng(data: bytes, tally: Tally) -> Iterator[tuple[int, int, bytes]]:
    order, at = "<", 0
    interfaces: list[Interface] = []
    while at < len(data):
        if at + 12 > len(data):
            tally.fault = f"the file ends inside the block header at octet {at}"
            return
        if data[at : at + 4] == PCAPNG:
            magic = data[at + 8 : at + 12]
            if magic not in {b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d"}:
                tally.fault = f"the section at octet {at} has no byte-order mark"
                return
            order = "<" if magic[0] == 0x4D else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            tally.fault = f"the block at octet {at} has {len(data) - at} of {length} octets"
            return
        body = data[at + 8 : at + length - 4]
        try:
            if kind == INTERFACE:
                interfaces.append(_interface(order, body))
            elif kind in {ENHANCED, OLD_PACKET, SIMPLE}:
                yield _block(order, kind, body, interfaces)
        except (struct.error, IndexError):
            tally.frames += 1
            tally.cut += 1
        at += length


def _interface(order: str, body: bytes) -> Interface:
    found = Interface(link=struct.unpack_from(order + "H", body)[0])
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == TSRESOL and value:
            base = 2 if value[0] & 0x80 else 10
            found.ticks = base ** (value[0] & 0x7F)
        elif code == TSOFFSET and len(value) == 8:
            found.offset = struct.unpack(order + "q", value)[0]
        elif code == 0:
            break
        at += 4 + (length + 3) // 4 * 4
    return found


def _block(
    order: str, kind: int, body: bytes, interfaces: list[Interface]
) -> tuple[int, int, bytes]:
    """Read one packet block: time [ns UTC] (0 when it has none), link type, frame."""
    if kind == SIMPLE:
        length = min(struct.unpack_from(order + "I", body)[0], len(body) - 4)
        return 0, interfaces[0].link, body[4 : 4 + length]
    if kind == ENHANCED:
        number, high, low, length = struct.unpack_from(order + "IIII", body)
    else:
        number, _, high, low, length = struct.unpack_from(order + "HHIII", body)
    face = interfaces[number]
    ticks = high << 32 | low
    time_ns = ticks * 1_000_000_000 // face.ticks + face.offset * 1_000_000_000
    if length > len(body) - 20:
        raise IndexError
    return time_ns, face.link, body[20 : 20 + length]


def _udp(link: int, frame: bytes, tally: Tally) -> tuple[str, bytes] | None:
    """Give source and payload of a frame, or count why there is none."""
    kind, at = _network(link, frame)
    if kind == IPV4:
        found = _ipv4(frame, at)
    elif kind == IPV6:
        found = _ipv6(frame, at)
    else:
        tally.other += 1
        return None
    protocol, fragment, source, target, at, end = found
    if fragment:
        tally.fragments += 1
        return None
    if protocol != UDP:
        tally.other += 1
        return None
    from_port, to_port, length = struct.unpack_from("!HHH", frame, at)
    if length < 8 or at + length > min(end, len(frame)):
        raise _CutError
    name = f"udp {_host(source)}:{from_port} > {_host(target)}:{to_port}"
    return name, frame[at + 8 : at + length]


def _host(address: bytes) -> str:
    return f"[{ip_address(address)}]" if len(address) == 16 else str(ip_address(address))


def _network(link: int, frame: bytes) -> tuple[int, int]:
    """Give the network protocol (as an EtherType; 0 for others) and where it begins."""
    if link == ETHERNET:
        at = 12
        while (kind := int.from_bytes(frame[at : at + 2], "big")) in VLAN:
            at += 4
        return kind, at + 2
    if link == SLL:
        return int.from_bytes(frame[14:16], "big"), 16
    if link == SLL2:
        return int.from_bytes(frame[0:2], "big"), 20
    if link in {RAW, RAW_OLD, RAW_BSD, 228, 229}:
        return {4: IPV4, 6: IPV6}.get(frame[0] >> 4, 0), 0
    if link in {NULL, LOOP}:
        return {4: IPV4, 6: IPV6}.get(frame[4] >> 4, 0), 4
    return 0, 0


def _ipv4(frame: bytes, at: int) -> tuple[int, bool, bytes, bytes, int, int]:
    head = (frame[at] & 15) * 4
    total = int.from_bytes(frame[at + 2 : at + 4], "big")
    fragment = int.from_bytes(frame[at + 6 : at + 8], "big") & 0x3FFF
    if frame[at] >> 4 != 4 or head < 20 or len(frame) < at + head:
        raise _CutError
    # A length of 0 is what a network card with segmentation offload leaves in a capture.
    end = at + total if total else len(frame)
    source, target = frame[at + 12 : at + 16], frame[at + 16 : at + 20]
    return frame[at + 9], bool(fragment), source, target, at + head, end


def _ipv6(frame: bytes, at: int) -> tuple[int, bool, bytes, bytes, int, int]:
    source, target = frame[at + 8 : at + 24], frame[at + 24 : at + 40]
    end = at + 40 + int.from_bytes(frame[at + 4 : at + 6], "big")
    protocol, at = frame[at + 6], at + 40
    while protocol in EXTENSIONS:
        protocol, at = frame[at], at + 8 + frame[at + 1] * 8
    return protocol, protocol == FRAGMENT, source, target, at, end
