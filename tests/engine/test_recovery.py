"""A run that is killed again and again says, to the bit, what an uninterrupted one says."""

import sqlite3

import pytest

from steppewatch.command import rules
from steppewatch.engine.border_file import load_border
from steppewatch.engine.bus import Bus
from steppewatch.engine.chain import Chain
from steppewatch.engine.clock import NS, Clock
from steppewatch.engine.node import Node
from steppewatch.engine.recording import RecordingSource, read_recordings
from steppewatch.engine.source import SteppedSource
from steppewatch.engine.store import Store
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.fuse import stage as fuse_stage
from steppewatch.plan import rehearse
from steppewatch.records import Packet
from steppewatch.wire import asterix

SCENARIO = """
[scenario]
title = "Two radars at the border"
seed = 11
start = 2026-06-01T04:00:00Z
duration_s = 300

[[site]]
id = "hill"
lat_deg = 48.90
lon_deg = 89.20

[[sensor]]
id = "near"
site = "hill"
model = "ground-surveillance"

[[sensor]]
id = "far"
site = "hill"
model = "gap-filler"

[[route]]
id = "rider"
kind = "rider"
waypoints = [[48.91, 89.21], [48.93, 89.23]]

[[route]]
id = "aircraft"
kind = "light-aircraft"
waypoints = [[48.95, 89.00], [49.60, 89.60]]
"""
BARCELONA = (0.72083, 0.03669, 50.0)
DEATHS = (1, 37, 200, 201, 655, 1100)


class Killed(Exception):  # noqa: N818  (not an error but an end)
    """Stands for a SIGKILL: nothing after it is stored."""


class Dying:
    """A source during whose n-th tick the node dies."""

    paced = True

    def __init__(self, source, ticks):
        self.source, self.left = source, ticks

    def ticks(self, head):
        for tick in self.source.ticks(head):
            yield tick
            self.left -= 1
            if not self.left:
                raise Killed


def play(path, source, edge, heights, deaths=()):
    """Run to the end, dying that many ticks after each start; give all that was stored."""
    border = load_border()
    for ticks in (*deaths, 10**9):
        chain = Chain([edge()], [fuse_stage(), rules.stage(border, heights=heights)])
        store = Store(path, "test")
        node = Node(
            source=Dying(source, ticks), chain=chain, store=store, bus=Bus(), clock=Clock(None)
        )
        try:
            node.run()
        except Killed:
            continue
        finally:
            store.close()
    with sqlite3.connect(path) as database:
        return list(
            database.execute("SELECT tick, now_ns, edge, subject, data FROM message ORDER BY seq")
        )


def same(whole, broken):
    """Compare row by row, so that a failure names the first difference."""
    for one, other in zip(whole, broken, strict=False):
        assert one == other
    assert len(whole) == len(broken)


def subjects(rows):
    return {row[3].partition(".")[0] for row in rows}


def test_a_rehearsal_killed_six_times_says_what_an_uninterrupted_one_says(tmp_path):
    terrain = open_terrain(tmp_path)
    plan = rehearse.load(SCENARIO, "test", load_border())
    people = rehearse.populate(plan, terrain)
    source = SteppedSource(plan.start_ns, plan.start_ns + 300 * NS)
    rows = [
        play(
            tmp_path / name,
            source,
            lambda: rehearse.stage(plan, terrain, people),
            terrain.heights,
            deaths,
        )
        for name, deaths in (("whole.db", ()), ("broken.db", DEATHS))
    ]
    assert {"detections", "tracks", "status"} <= subjects(rows[0])
    same(*rows)


def test_a_replay_killed_six_times_says_what_an_uninterrupted_one_says(tmp_path, real_data):
    recording = real_data("asterix/barcelona-radar-cat048-20min.ast")
    packets = read_recordings([recording], 1_780_000_000 * NS // (86_400 * NS) * 86_400 * NS)
    packets = [p for p in packets if p.time_ns < packets[0].time_ns + 180 * NS]
    source = RecordingSource(packets, tail_ns=60 * NS)
    settings = asterix.Settings(fallback=BARCELONA)
    rows = [
        play(tmp_path / name, source, lambda: asterix.stage(settings), None, deaths)
        for name, deaths in (("whole.db", ()), ("broken.db", DEATHS))
    ]
    assert {"detections", "tracks", "status", "sensors"} <= subjects(rows[0])
    same(*rows)


@pytest.mark.parametrize("deaths", [(30,), (5, 80, 400)])
def test_a_replay_killed_in_its_tail_still_ends_its_tracks(tmp_path, deaths):
    """The last packet is read at the third tick; what follows is silence."""
    plot = bytes.fromhex("300010f001012a300020190004000000")
    packets = [Packet(time_ns=k * NS // 10 + NS, source="test", data=plot) for k in range(3)]
    source = RecordingSource(packets, tail_ns=60 * NS)
    rows = [
        play(tmp_path / name, source, lambda: asterix.stage(asterix.Settings()), None, dead)
        for name, dead in (("whole.db", ()), ("broken.db", deaths))
    ]
    assert rows[0][-1][1] > 30 * NS, "the tail has something to say"
    same(*rows)
