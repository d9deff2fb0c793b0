"""Tracks that end and begin in one memory are the tracks that would be copied."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.fuse.state import COLUMNS, blank
from steppewatch.fuse.table import Table


def drawn(rng, n, sensors, first):
    """Give columns of any content, but for ids that ascend."""
    columns = blank(n, sensors)
    for column in columns.values():
        whole = np.ascontiguousarray(column)
        octets = whole.view(np.uint8).reshape(-1)
        octets[:] = rng.integers(0, 2, octets.size)  # true and false where it is bool
        column[:] = whole
    columns["id"][:] = first + np.arange(n)
    return columns


def same(one, other):
    for name in COLUMNS:
        assert one[name].flags.c_contiguous
        assert one[name].flags.aligned
        assert one[name].dtype == other[name].dtype
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def taken(columns, rows):
    return {name: column[rows] for name, column in columns.items()}


def joined(one, other):
    return {name: np.concatenate((one[name], other[name])) for name in COLUMNS}


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    n=st.integers(0, 150),
    sensors=st.sampled_from((0, 1, 3, 8)),
    acts=st.lists(st.sampled_from(("end", "bury", "drop", "begin", "fill", "add")), max_size=6),
)
def test_a_table_is_what_copies_of_its_columns_would_be(seed, n, sensors, acts):
    rng = np.random.default_rng(seed)
    live, over, first = drawn(rng, n, sensors, 1), blank(0, sensors), n + 1
    given = {name: column.copy() for name, column in live.items()}
    table, kept = Table(live), live
    for act in acts:
        rows = np.flatnonzero(rng.random(len(live["id"])) < rng.choice((0.02, 0.3, 1.0)))
        rest = np.delete(np.arange(len(live["id"])), rows)
        if act == "end":
            table.end(rows)
            over, live = joined(taken(live, rows), over), taken(live, rest)
        elif act == "bury":
            late = rng.random(len(rows)) < 0.5  # in two parts, and closed up once
            table.bury(rows[~late])
            table.bury(rows[late])
            np.testing.assert_array_equal(np.flatnonzero(table.close_up()), rest)
            gone = np.concatenate((rows[late], rows[~late]))
            over, live = joined(taken(live, gone), over), taken(live, rest)
        elif act == "drop":
            table.drop(rows)
            live = taken(live, rest)
        else:
            born = drawn(rng, int(rng.integers(0, 120)), sensors, first)
            first += len(born["id"])
            if act == "begin":
                table.begin(born)
                live = joined(live, born)
            elif act == "fill":
                place = table.room_for(len(born["id"]))
                same(place, blank(len(born["id"]), sensors))
                for name in COLUMNS:
                    place[name][:] = born[name]
                gone = np.flatnonzero(rng.random(len(live["id"])) < 0.2)
                table.drop(gone)
                live = taken(live, np.delete(np.arange(len(live["id"])), gone))
                table.add_ended(taken(born, slice(0, 90)))
                over = joined(taken(born, slice(0, 90)), over)
                table.take_in()
                live = joined(live, born)
            else:
                table.add_ended(born)
                over = joined(born, over)
        same(table.columns(), live)
        same(table.ended(), over)
    same(kept, given)


def test_a_table_takes_what_is_neither_aligned_nor_writable():
    columns = drawn(np.random.default_rng(1), 9, 2, 1)
    message = {}
    for name, column in columns.items():
        data = b"x" + column.tobytes()
        whole = np.frombuffer(data, np.uint8, offset=1).view(column.dtype)
        message[name] = whole.reshape(column.shape)
    table = Table(message)
    same(table.columns(), columns)
    table.columns()["mean"][:] = 0.0
