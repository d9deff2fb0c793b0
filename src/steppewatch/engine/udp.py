"""UDP links, unicast and multicast, read without blocking.

A link is named by a URL: ``udp://HOST:PORT`` to listen on one address (``0.0.0.0`` or ``[::]`` for
all), or a multicast group (``udp://239.1.2.3:8600?interface=192.168.1.5``), which is joined.
"""

import contextlib
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from steppewatch.errors import EngineError
from steppewatch.records import Packet

LARGEST_DATAGRAM = 65_535
RECEIVE_BUFFER = 8 * 1024 * 1024
PER_TICK = 20_000  # a flood must not keep the node from its other work


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpAddress:
    """Hold a parsed link URL."""

    url: str
    host: str
    port: int
    interface: str

    @property
    def multicast(self) -> bool:
        """Say whether the host is a multicast group."""
        return ipaddress.ip_address(self.host).is_multicast


def parse_url(url: str) -> UdpAddress:
    """Read ``udp://HOST:PORT[?interface=ADDRESS]``.

    Raises:
        EngineError: It is not of that form.
    """
    wanted = "expected udp://ADDRESS:PORT, for example udp://0.0.0.0:8600 or udp://239.1.2.3:8600"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        ipaddress.ip_address(host)
    except ValueError as error:
        raise EngineError(f"link {url!r} is not understood ({error}); {wanted}") from error
    unknown = set(query) - {"interface"}
    if parts.scheme != "udp" or port is None or unknown or parts.path:
        raise EngineError(f"link {url!r} is not understood; {wanted}")
    return UdpAddress(url=url, host=host, port=port, interface=query.get("interface", [""])[0])


class UdpLink:
    """Receive datagrams on one address.

    Raises:
        EngineError: The address cannot be bound or the group not joined; says how to mend it.
    """

    def __init__(self, address: UdpAddress) -> None:
        self.address = address
        six = ":" in address.host
        self._socket = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            if address.multicast:
                self._join(six=six)
            else:
                self._socket.bind((address.host, address.port))
        except OSError as error:
            self._socket.close()
            raise EngineError(
                f"cannot listen on {address.url} ({error}): is another program bound to that port, "
                "or does no interface here have that address?"
            ) from error

    def _join(self, *, six: bool) -> None:
        address = self.address
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group = ipaddress.ip_address(address.host).packed
        # Binding to the group keeps other groups' datagrams out; Windows only binds to "any".
        anywhere = "::" if six else "0.0.0.0"  # noqa: S104
        self._socket.bind((anywhere if sys.platform == "win32" else address.host, address.port))
        if six:
            index = socket.if_nametoindex(address.interface) if address.interface else 0
            self._socket.setsockopt(
                socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("@I", index)
            )
        else:
            local = socket.inet_aton(address.interface or anywhere)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + local)

    @property
    def port(self) -> int:
        """Give the bound port (of use when 0 was asked for)."""
        return int(self._socket.getsockname()[1])

    def receive(self, now_ns: int) -> Iterator[Packet]:
        """Yield the datagrams that wait, stamped with ``now_ns``; at most 20,000 at once."""
        for _ in range(PER_TICK):
            try:
                data, sender = self._socket.recvfrom(LARGEST_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # an ICMP complaint about some peer; the feed goes on
            source = f"{self.address.url} from {sender[0]}:{sender[1]}"
            yield Packet(time_ns=now_ns, source=source, data=data)

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._socket.close()
