"""A plain with, where asked for, a wall inside the border, and a plan with one radar behind it."""

import numpy as np
import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.plan.assure.board import Board
from steppewatch.plan.assure.sites import designs_of, fixed_sites
from steppewatch.plan.wanted import load_wanted
from steppewatch.world.terrain import Terrain, TerrainInfo

PLAN = """
[plan]
title = "Plain"
inside_km = 10

[[section]]
border = "RU"
from_km = 1030
to_km = 1070

[[class]]
target = "4x4"

[[package]]
id = "ground"
sensors = ["ground-surveillance"]
mast_m = 20
price = 800_000

[[package]]
id = "relay"
price = 100_000

[[site]]
id = "post"
border = "RU"
km = 1050
offset_km = 8
package = "ground"
fixed = true
gateway = true

[assure]
track_minutes = 2
lead_km = 15
"""


class Plain(Terrain):
    """Even ground of 1,000 m; a wall from ``near`` to ``far`` metres inside the border."""

    def __init__(self, border, wall=None, hole=False):
        self._border, self._wall, self._hole = border, wall, hole

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        out = np.full(lat.shape, 1_000.0)
        if self._wall is not None or self._hole:
            inside = self._border.locate(lat, lon).distance
            if self._wall is not None:
                out[(inside >= self._wall[0]) & (inside <= self._wall[1])] += 400.0
            if self._hole:
                out[inside < 6_000.0] = np.nan
        return out

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], np.asarray(lon)[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="a plain", synthetic=True, datum="none", resolution=2e-5, south=0.6, west=1.0,
            north=1.0, east=2.2, source="a test",
        )  # fmt: skip


@pytest.fixture(scope="session")
def line():
    return load_border()


@pytest.fixture(scope="session")
def board_of(line):
    """Give a function that makes board and sites of a plan's text on a plain."""

    def make(text=PLAN, *, wall=None, hole=False, **more):
        wanted = load_wanted(text, "plan.toml", line)
        land = Plain(line, wall, hole)
        board = Board(wanted, line, land, designs_of(wanted, str), **more)
        return board, fixed_sites(wanted, land)

    return make


@pytest.fixture(scope="session")
def plain_plan():
    return PLAN
