import numpy as np
import pytest
from asterix_bytes import block, north, plot, record
from hypothesis import given
from hypothesis import strategies as st

from steppewatch.wire.asterix import blocks, cut, packets_from_raw
from steppewatch.wire.asterix.clock import DAY_NS, sender_times, utc_from_tod

NS = 1_000_000_000
DAY = 19_000 * DAY_NS


def test_blocks_that_follow_each_other_are_listed():
    one, two = block(48, plot()), block(34, north(1.0))
    assert blocks(one + two) == [(0, len(one), 48), (len(one), len(two), 34)]


def test_garbage_between_blocks_is_skipped_and_counted():
    one, two, three = (block(48, plot(tod)) for tod in (1.0, 2.0, 3.0))
    data = one + b"\xff\x00\x00garbage" + two + three
    found, skipped = cut(data, resync=True)
    assert [at for at, _, _ in found] == [0, len(one) + 10, len(one) + 10 + len(two)]
    assert skipped == 10


def test_in_a_datagram_garbage_ends_the_reading():
    one = block(48, plot())
    found, skipped = cut(one + b"\xff\x00" + one, resync=False)
    assert found == [(0, len(one), 48)]
    assert skipped == 2 + len(one)


def test_a_block_that_is_cut_short_is_left_out():
    one = block(48, plot())
    assert blocks(one + one[:-1]) == [(0, len(one), 48)]


@given(st.binary(max_size=300))
def test_any_bytes_give_blocks_that_lie_inside_them(data):
    last = 0
    for at, length, category in blocks(data):
        assert last <= at
        assert at + length <= len(data)
        assert data[at] == category
        assert int.from_bytes(data[at + 1 : at + 3], "big") == length
        last = at + length


def test_a_raw_recording_gets_its_times_from_the_times_of_day():
    data = block(48, plot(3600.0)) + block(34, north(3601.5)) + block(48, plot(3602.0))
    packets = packets_from_raw(data, "monday.ast", DAY)
    assert [(p.time_ns - DAY) / NS for p in packets] == [3600.0, 3601.5, 3602.0]
    assert b"".join(p.data for p in packets) == data
    assert {p.source for p in packets} == {"monday.ast"}


def test_a_block_without_a_time_takes_that_of_the_one_before():
    silent = block(34, record({1: b"\x01\x02", 2: b"\x01"}))
    packets = packets_from_raw(silent + block(48, plot(5.0)) + silent, "x", DAY)
    assert [(p.time_ns - DAY) / NS for p in packets] == [5.0, 5.0, 5.0]
    assert packets_from_raw(silent, "x", DAY)[0].time_ns == DAY


def test_a_raw_recording_runs_on_over_midnight():
    tods = [86_390.0, 86_399.0, 3.0, 86_399.5, 10.0]
    packets = packets_from_raw(b"".join(block(48, plot(t)) for t in tods), "x", DAY + 5 * NS)
    assert [(p.time_ns - DAY) / NS for p in packets] == [
        86_390.0, 86_399.0, 86_403.0, 86_399.5, 86_410.0,
    ]  # fmt: skip


def test_nothing_gives_no_packets():
    assert packets_from_raw(b"", "x", DAY) == []


@pytest.mark.parametrize(
    ("tod", "received", "moment"),
    [
        (10.0, 11.0, 10.0),
        (86_399.0, 1.0, -1.0),
        (1.0, 86_399.0, 86_401.0),
        (43_000.0, 0.0, 43_000.0),
        (43_300.0, 0.0, -43_100.0),
    ],
)
def test_a_time_of_day_falls_on_the_day_that_brings_it_closest(tod, received, moment):
    found = utc_from_tod(np.array([int(tod * 128)]), DAY + int(received * NS))
    assert (found[0] - DAY) / NS == moment


def test_a_clock_that_is_right_is_not_corrected():
    ticks = np.array([1000, 1001]) * 128
    received = np.array([DAY + 1002 * NS, DAY + 1002 * NS])
    moments, added = sender_times(ticks, received, 0)
    assert added == 0
    assert ((moments - DAY) // NS).tolist() == [1000, 1001]


def test_a_wrong_clock_is_corrected_once_and_its_intervals_stay_exact():
    first, added = sender_times(np.array([1000 * 128]), np.array([DAY + 5000 * NS]), 0)
    assert added == 4000 * NS
    later, held = sender_times(np.array([1004 * 128]), np.array([DAY + 5005 * NS]), added)
    assert held == added
    assert later[0] - first[0] == 4 * NS
