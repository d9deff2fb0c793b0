"""A million damaged packets: nothing but counts may come of them.

``STEPPEWATCH_FUZZ_PACKETS`` sets another number; the seed makes each run the same.
"""

import os
import random

import numpy as np
import pytest
from asterix_bytes import block, north, plot, record, track

from steppewatch.engine.pcap import is_capture, read_capture
from steppewatch.errors import WireError
from steppewatch.records import Packet
from steppewatch.wire import asterix
from steppewatch.wire.asterix import records
from steppewatch.wire.asterix.columns import find_blocks, program, read_columns
from steppewatch.wire.asterix.stage import WANTS

PACKETS = int(os.environ.get("STEPPEWATCH_FUZZ_PACKETS", "1_000_000"))
BATCH = 2_000
NS = 1_000_000_000


def own_messages() -> list[bytes]:
    return [
        block(
            48, plot(f7=bytes.fromhex("a0ff05"), f10=b"\x01" + bytes(8)), plot(f28=b"\x03\x20\xce")
        ),
        block(34, north(5.0, f6=bytes.fromhex("8440a080"), f8=bytes.fromhex("0208030001"))),
        block(62, track(9.0, 7, f11=b"\xc0" + bytes(9), f27=b"\x80" + bytes(4), f26=bytes(3))),
        block(65, record({1: b"\x01\x02", 2: b"\x01", 6: b"\x40"})),
        block(23, bytes(40)),
    ]


def real_messages(real_data) -> list[bytes]:
    found = []
    for name in (
        "barcelona-radar-cat048-20min.ast",
        *(f"croatia-control/{n}.pcap" for n in ("cat_034_048", "cat_062_065", "asterix")),
    ):
        data = real_data(f"asterix/{name}").read_bytes()
        if is_capture(data):
            found += [p.data for p in read_capture(data, name)]
        else:
            found += [data[at : at + length] for at, length, _ in asterix.blocks(data)[:300]]
    return found


def damage(rng: random.Random, corpus: list[bytes]) -> bytes:
    """Truncate, flip bits, splice two packets, invent lengths, or make an alien."""
    packet = bytearray(rng.choice(corpus))
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(packet[: rng.randrange(len(packet) + 1)])
    if kind == 1:
        for _ in range(rng.randint(1, 8)):
            packet[rng.randrange(len(packet))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        other = rng.choice(corpus)
        packet = packet[: rng.randrange(len(packet))] + other[rng.randrange(len(other)) :]
        packet[1:3] = len(packet).to_bytes(2, "big") if len(packet) > 3 else packet[1:3]
    elif kind == 3:
        # Cut, with the length put right, so that the damage reaches the records.
        packet = packet[: rng.randint(4, len(packet))] if len(packet) > 4 else packet
        packet[1:3] = len(packet).to_bytes(2, "big")
    elif kind == 4:
        return rng.randbytes(rng.randrange(200))
    else:
        body = rng.randbytes(rng.randrange(1, 200))
        return bytes([rng.choice(sorted(WANTS))]) + (len(body) + 3).to_bytes(2, "big") + body
    return bytes(packet)


@pytest.mark.nightly
def test_a_million_damaged_packets_are_only_counted(real_data):
    rng = random.Random(1)
    corpus = own_messages() + real_messages(real_data)
    stage = asterix.stage()
    state = stage.initial
    taken = refused = 0
    for first in range(0, PACKETS, BATCH):
        packets = [damage(rng, corpus) for _ in range(min(BATCH, PACKETS - first))]
        octets = np.frombuffer(b"".join(packets), np.uint8)
        bounds = np.cumsum([0, *map(len, packets)])
        found, _, _ = find_blocks(octets, bounds)
        for number, wants in WANTS.items():
            mine = found[found[:, 2] == number]
            columns = read_columns(octets, mine, program(number, wants))
            kept = 0
            for k, (at, length, _, _) in enumerate(mine.tolist()):
                broken = False
                try:
                    for _ in records(octets[at : at + length].tobytes()):
                        kept += 1
                except WireError:
                    broken = True
                assert broken == columns.bad[k]
                refused += broken
            assert kept == len(columns)
            taken += kept
        now_ns = 1_700_000_000 * NS + first * NS
        heard = [
            Packet(time_ns=now_ns, source=f"udp {k % 7}", data=p) for k, p in enumerate(packets)
        ]
        state, said = stage.step(state, heard, now_ns)
        assert len(said) < 200_000
    assert taken > 0
    assert refused > 0
    print(f"{PACKETS} packets: {taken} records read, {refused} blocks given up")  # noqa: T201
