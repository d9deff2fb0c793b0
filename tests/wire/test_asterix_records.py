"""Golden bytes: each form of item, worked out by hand from the specification's figures."""

import pytest
from asterix_bytes import block, north, plot, presence, record, track

from steppewatch.errors import WireError
from steppewatch.wire.asterix import records


def first(category: int, items: dict[int, bytes]) -> dict:
    (found,) = records(block(category, record(items)))
    return found


@pytest.mark.parametrize(
    ("category", "frn", "octets", "name", "value"),
    [
        # fixed groups and elements
        (48, 1, "1481", "I048/010", {"SAC": 20, "SIC": 129}),
        (48, 2, "384080", "I048/140", 28801.0),
        (48, 4, "80004000", "I048/040", {"RHO": 128.0, "THETA": 90.0}),
        (48, 5, "2e3a", "I048/070", {"V": 0, "G": 0, "L": 1, "MODE3A": "7072"}),
        (48, 6, "ffd8", "I048/090", {"V": 1, "G": 1, "FL": -10.0}),
        (48, 6, "05c8", "I048/090", {"V": 0, "G": 0, "FL": 370.0}),
        (48, 8, "3423d1", "I048/220", "3423D1"),
        (48, 9, "10c23565a820", "I048/240", "DLH5YZ  "),
        (48, 11, "0ef3", "I048/161", {"TRN": 3827}),
        (48, 12, "8000ff80", "I048/042", {"X": -256.0, "Y": -1.0}),
        (48, 13, "40008000", "I048/200", {"GSP": 1.0, "HDG": 180.0}),
        (48, 19, "3fff", "I048/110", {"3DH": -25.0}),
        (48, 22, "00112233445566", "I048/260", "00112233445566"),
        (34, 4, "40", "I034/020", 90.0),
        (34, 5, "0200", "I034/041", 4.0),
        (34, 11, "0064200000e00000", "I034/120", {"HGT": 100.0, "LAT": 45.0, "LON": -45.0}),
        (62, 5, "00800000ff000000", "I062/105", {"LAT": 45.0, "LON": -90.0}),
        (62, 17, "ff9c", "I062/136", -25.0),
        # extended: one extent, two, and one that no edition knows
        (48, 3, "a0", "I048/020", {"TYP": 5, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0}),
        (
            48, 3, "a142", "I048/020",
            {"TYP": 5, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0}
            | {"TST": 0, "ERR": 1, "XPP": 0, "ME": 0, "MI": 0, "FOEFRI": 1},
        ),
        (
            48, 14, "810102", "I048/170",
            {"CNF": 1, "RAD": 0, "DOU": 0, "MAH": 0, "CDM": 0}
            | {"TRE": 0, "GHO": 0, "SUP": 0, "TCC": 0, "+": "02"},
        ),
        (62, 22, "650b14", "I062/270", {"LENGTH": 50.0, "ORIENTATION": 14.0625, "WIDTH": 10.0}),
        # repeated while the last bit is set
        (48, 16, "2122", "I048/030", [16, 17]),
        (62, 26, "010203040506", "I062/510",
         [{"IDENT": 1, "TRACK": 257}, {"IDENT": 4, "TRACK": 643}]),
        # repeated as often as the first octet says
        (48, 10, "01aabbccddeeff0040", "I048/250",
         [{"MBDATA": "AABBCCDDEEFF00", "BDS1": 4, "BDS2": 0}]),
        (48, 10, "00", "I048/250", []),
        (34, 8, "0208030001", "I034/070", [{"TYP": 1, "COUNT": 3}, {"TYP": 0, "COUNT": 1}]),
        # compound
        (48, 7, "a0ff05", "I048/130", {"SRL": 255 * 360 / 8192, "SAM": 5.0}),
        (48, 7, "20ce", "I048/130", {"SAM": -50.0}),
        (48, 20, "8003f6", "I048/120", {"CAL": {"D": 0, "CAL": -10.0}}),
        (
            48, 20, "4001000100020003", "I048/120",
            {"RDS": [{"DOP": 1.0, "AMB": 2.0, "FRQ": 3.0}]},
        ),
        (34, 6, "8440a080", "I034/050", {
            "COM": {"NOGO": 0, "RDPC": 1, "RDPR": 0, "OVLRDP": 0, "OVLXMT": 0, "MSC": 0, "TSV": 0},
            "MDS": {"ANT": 1, "CHAB": 1, "OVLSUR": 0, "MSC": 0, "SCF": 0, "DLF": 0}
            | {"OVLSCF": 0, "OVLDLF": 1},
        }),
        # explicit: known layout, unknown layout, one that does not fit
        (48, 28, "0420ce00", "I048/RE", "20CE00"),
        (48, 28, "05080000c8", "I048/RE", {"ERR": 200 / 256}),
        (48, 28, "0320ce", "I048/RE", {"M4E": {"FOEFRI": 3}}),
        (48, 27, "03aabb", "I048/SP", "AABB"),
    ],
)  # fmt: skip
def test_an_item_is_read_as_the_specification_says(category, frn, octets, name, value):
    data = bytes.fromhex(octets)
    found = first(category, {frn: data})
    assert found == {name: value}


def test_the_second_unit_of_airspeed_is_chosen_by_the_bit_before_it():
    knots = first(62, {11: bytes.fromhex("10" + "0400")})["I062/380"]["IAS"]
    mach = first(62, {11: bytes.fromhex("10" + "8320")})["I062/380"]["IAS"]
    assert knots == {"IM": 0, "IAS": 1024 / 2**14}
    assert mach == {"IM": 1, "IAS": pytest.approx(0.8)}


def test_records_of_a_block_are_given_before_the_fault_of_a_later_one():
    broken = block(48, plot(), plot()[:-1])
    found = records(broken)
    assert next(found)["I048/010"] == {"SAC": 25, "SIC": 12}
    with pytest.raises(WireError, match="ends inside a record"):
        next(found)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (block(23, b"\x80\x01\x02"), "category 23 is not decoded"),
        (block(62, record({2: b"\x00"})), "field reference number 2 is not used"),
        (block(48, presence([29]) + b"\x00"), "field reference number 29"),
        (block(48, b"\x00\x00\x00"), "without any item"),
        (block(48, b"\x01\x00\x00"), "without any item"),
        (block(48, record({28: b"\x00"})), "explicit field of 0 octets"),
        (block(34, record({6: b"\x40\x00"})), "subfield 2 of a compound item is not used"),
        (block(48, plot())[:-1], "does not match the length"),
        (b"\x30", "does not match the length"),
    ],
)
def test_broken_bytes_are_refused_with_the_reason(data, text):
    with pytest.raises(WireError, match=text):
        list(records(data))


def test_a_whole_message_of_each_category_is_read():
    (plot_found,) = records(block(48, plot(level=None)))
    assert plot_found["I048/140"] == 1000.0
    (north_found,) = records(block(34, north(7.0)))
    assert north_found == {"I034/010": {"SAC": 25, "SIC": 12}, "I034/000": 1, "I034/030": 7.0}
    (track_found,) = records(block(62, track(9.0, 77)))
    assert track_found["I062/040"] == 77
    assert track_found["I062/105"]["LAT"] == pytest.approx(47.0, abs=1e-5)
    assert track_found["I062/185"] == {"VX": 100.0, "VY": 0.0}
    (system,) = records(block(65, record({1: b"\x19\x64", 2: b"\x01", 6: b"\x40"})))
    assert system["I065/040"] == {"NOGO": 1, "OVL": 0, "TSV": 0, "PSS": 0, "STTN": 0}
