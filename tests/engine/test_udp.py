"""UDP links receive unicast and multicast, and explain what they cannot do."""

import socket
import time

import pytest

from steppewatch.engine.udp import UdpLink, parse_url
from steppewatch.errors import EngineError


def receive(link, count):
    """Poll as the node does, for at most two seconds."""
    packets, until = [], time.monotonic() + 2.0
    while len(packets) < count and time.monotonic() < until:
        packets.extend(link.receive(5))
        time.sleep(0.01)
    return packets


def test_unicast_datagrams_arrive_whole_and_in_order():
    link = UdpLink(parse_url("udp://127.0.0.1:0"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(50):
            sender.sendto(bytes([number]) * 1400, ("127.0.0.1", link.port))
        packets = receive(link, 50)
    link.close()
    assert [p.data for p in packets] == [bytes([n]) * 1400 for n in range(50)]
    assert packets[0].source.startswith("udp://127.0.0.1:0 from 127.0.0.1:")
    assert packets[0].time_ns == 5


def test_multicast_datagrams_arrive():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    link = UdpLink(parse_url(f"udp://239.255.80.48:{port}?interface=127.0.0.1"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sender.sendto(b"plot", ("239.255.80.48", port))
        packets = receive(link, 1)
    link.close()
    assert [p.data for p in packets] == [b"plot"]


def test_a_port_in_use_says_so():
    first = UdpLink(parse_url("udp://127.0.0.1:0"))
    with pytest.raises(EngineError, match="is another program bound"):
        UdpLink(parse_url(f"udp://127.0.0.1:{first.port}"))
    first.close()


@pytest.mark.parametrize(
    "url",
    [
        "tcp://1.2.3.4:5",
        "udp://1.2.3.4",
        "udp://radar:8600",
        "udp://1.2.3.4:99999",
        "udp://1.2.3.4:1/path",
        "udp://1.2.3.4:1?speed=3",
        "",
    ],
)
def test_a_link_that_is_not_understood_says_what_is_expected(url):
    with pytest.raises(EngineError, match="expected udp://ADDRESS:PORT"):
        parse_url(url)
