"""The fast path against the full decoder, which shares no code with it."""

import numpy as np
import pytest
from asterix_bytes import block, north, plot, record, track
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.engine.pcap import is_capture, read_capture
from steppewatch.errors import WireError
from steppewatch.wire.asterix import plots, records
from steppewatch.wire.asterix.columns import ABSENT, find_blocks, program, read_columns
from steppewatch.wire.asterix.records import CATEGORIES
from steppewatch.wire.asterix.stage import WANTS

RECORDINGS = [
    "barcelona-radar-cat048-20min.ast",
    *(f"croatia-control/{n}" for n in ("asterix.pcap", "cat_034_048.pcap", "cat_062_065.pcap")),
    *(
        f"croatia-control/{n}"
        for n in ("cat21_re.ast", "cat034.raw", "cat048.raw", "cat062cat065.raw")
    ),
    *(
        f"jasterix/src/test/{n}.bin"
        for n in (
            "cat010ed0.31",
            "cat021ed2.1",
            "cat034ed1.26",
            "cat048ed1.15",
            "cat048ed1.23",
            "cat062ed1.12",
        )
    ),
    *(f"jasterix/src/test/{n}.bin" for n in ("cat062ed1.16", "cat065ed1.3")),
]
ALPHABET = "?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????"


def by_full_decoder(data: bytes, found: np.ndarray) -> tuple[list[dict], list[bool]]:
    kept, broken = [], []
    for at, length, _, _ in found.tolist():
        decoded, fault = [], False
        try:
            # extend keeps what came before the error
            decoded.extend(records(data[at : at + length]))
        except WireError:
            fault = True
        kept += decoded
        broken.append(fault)
    return kept, broken


def expected(found: dict, number: int, path: str) -> float | str | None:
    first, *rest = path.split("/")
    value = found.get(f"I{number:03}/{first}")
    for name in rest:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def number_of(value: float | str, path: str) -> float:
    """Turn the full decoder's text of a code back into its number."""
    if not isinstance(value, str):
        return value
    if path in {"170", "240", "380/ID", "245/CHR"}:
        return int("".join(f"{ALPHABET.index(letter):06b}" for letter in value), 2)
    return int(value, 8 if path.endswith("MODE3A") else 16)


def assert_equal_paths(data: bytes, packets: list[int]) -> int:
    octets = np.frombuffer(data, np.uint8)
    blocks, _, _ = find_blocks(octets, np.array(packets, np.int64))
    compared = 0
    for number, wants in WANTS.items():
        mine = blocks[blocks[:, 2] == number]
        columns = read_columns(octets, mine, program(number, wants))
        full, broken = by_full_decoder(data, mine)
        assert columns.bad.tolist() == broken
        assert len(columns) == len(full)
        for path in wants:
            want = [expected(found, number, path) for found in full]
            if any(isinstance(w, str) and "?" in w for w in want):
                continue  # unassigned characters share one sign, which cannot be turned back
            numbers = [np.nan if w is None else number_of(w, path) for w in want]
            np.testing.assert_array_equal(columns.value(path), numbers, err_msg=f"{number} {path}")
            compared += len(numbers)
    return compared


@pytest.mark.parametrize("name", RECORDINGS)
def test_columns_equal_the_full_decoder_on_every_real_record(real_data, name):
    data = real_data(f"asterix/{name}").read_bytes()
    packets = [p.data for p in read_capture(data, name)] if is_capture(data) else [data]
    bounds = np.cumsum([0, *map(len, packets)]).tolist()
    assert assert_equal_paths(b"".join(packets), bounds) > 0


@settings(max_examples=150, deadline=None)
@given(
    category=st.sampled_from(sorted(CATEGORIES)),
    bodies=st.lists(st.binary(min_size=1, max_size=120), min_size=1, max_size=4),
)
def test_columns_equal_the_full_decoder_on_any_bytes(category, bodies):
    packets = [block(category, body) for body in bodies]
    assert_equal_paths(b"".join(packets), np.cumsum([0, *map(len, packets)]).tolist())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_columns_equal_the_full_decoder_on_damaged_messages(data):
    whole = [
        block(48, plot(f7=bytes.fromhex("a0ff05"), f10=b"\x01" + bytes(8)), plot(f28=b"\x02\x00")),
        block(34, north(5.0, f6=bytes.fromhex("8440a080"), f11=bytes(8))),
        block(62, track(9.0, 7, f11=bytes.fromhex("c0") + bytes(9), f27=b"\x80" + bytes(4))),
        block(65, record({1: b"\x01\x02", 2: b"\x01", 6: b"\x40"})),
    ]
    message = bytearray(data.draw(st.sampled_from(whole)))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(3, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert_equal_paths(bytes(message), [0, len(message)])


def test_a_missing_field_is_absent_and_its_value_nan():
    data = block(48, plot(level=None), plot(level=10.0))
    octets = np.frombuffer(data, np.uint8)
    found, _, _ = find_blocks(octets, np.array([0, len(data)]))
    columns = read_columns(octets, found, program(48, ("090/FL",)))
    assert columns.code("090/FL").tolist() == [ABSENT, 40]
    assert np.isnan(columns.value("090/FL")[0])
    assert columns.value("090/FL")[1] == 10.0


def test_places_of_records_point_at_their_bytes():
    one, two = plot(), plot(level=None, f7=b"\x20\xce")
    data = block(48, one, two)
    octets = np.frombuffer(data, np.uint8)
    columns = read_columns(
        octets, find_blocks(octets, np.array([0, len(data)]))[0], program(48, ("140",))
    )
    assert columns.offset.tolist() == [3, 3 + len(one)]
    assert columns.length.tolist() == [len(one), len(two)]


@pytest.mark.parametrize("empty", [b"\x00", b"\x01\x00", b"\x01\x01\x00"])
def test_a_record_without_any_item_is_no_record(empty):
    data = block(48, plot(), empty, plot())
    assert assert_equal_paths(data, [0, len(data)]) == len(plots.WANTS)


def test_no_bytes_give_no_records():
    octets = np.zeros(0, np.uint8)
    found, places, skipped = find_blocks(octets, np.array([0, 0]))
    assert (len(found), places, skipped) == (0, 0, 0)
    assert len(read_columns(octets, found, program(48, plots.WANTS))) == 0
