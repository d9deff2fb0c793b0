"""Use every kernel once: half a minute of a tiny rehearsal, a message off the wire, a coverage."""

from steppewatch.command import rules
from steppewatch.engine.border_file import load_border
from steppewatch.engine.chain import Chain
from steppewatch.engine.clock import NS
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.fuse import stage as fuse_stage
from steppewatch.plan import rehearse
from steppewatch.records import Packet
from steppewatch.web.coverage.site import prepare
from steppewatch.wire import asterix

SECONDS = 30
SCENARIO = """
[scenario]
title = "Warming up"
seed = 1
start = 2026-06-01T04:00:00Z
duration_s = 60

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
waypoints = [[48.95, 89.00], [48.95, 89.60]]
"""
# A CAT 048 block with one plot: source 1/1, time of day, place.
PLOT = bytes.fromhex("300010f001012a300020190004000000")


def warm_up() -> None:
    """Compile whatever is not compiled yet and leave it in numba's cache."""
    terrain, border = open_terrain(), load_border()
    scenario = rehearse.load(SCENARIO, "warming up", border)
    chain = Chain(
        [asterix.stage(asterix.Settings()), rehearse.stage(scenario, terrain)],
        [fuse_stage(), rules.stage(border)],
    )
    states = chain.initial()
    for second in range(SECONDS):
        now_ns = scenario.start_ns + second * NS
        packet = Packet(time_ns=now_ns, source="warming up", data=PLOT)
        states = chain.step(states, [packet], now_ns).states
    prepare()
