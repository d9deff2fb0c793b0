import math
from dataclasses import replace

import numpy as np
import pytest

from steppewatch.sense.coverage.provenance import basis, cautions, tags
from steppewatch.sense.viewshed import site_window, visible_height
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.coarse import CoarseTerrain
from steppewatch.world.terrain import Terrain, TerrainInfo

LAT, LON = math.radians(48.0), math.radians(106.0)
ARC = math.radians(1.0 / 3600.0)
INFO = TerrainInfo(
    label="Made-up 3″", synthetic=False, datum="EGM2008", resolution=3.0 * ARC, source="test",
    south=LAT - 0.1, west=LON - 0.1, north=LAT + 0.1, east=LON + 0.1,
)  # fmt: skip


class Hill(Terrain):
    """One hill on a plain, known within its bounds alone."""

    def __init__(self, info=INFO, top=300.0, hole=False):
        self.info, self.top, self.hole = info, top, hole

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(lat, lon)
        away = np.hypot(lat - LAT, (lon - LON) * math.cos(LAT)) * 6.371e6
        out = 1_000.0 + self.top * np.exp(-((away / 2_000.0) ** 2))
        known = (lat <= self.info.north) & (lat >= self.info.south)
        known &= (lon >= self.info.west) & (lon <= self.info.east)
        if self.hole:
            known &= ~((away > 3_000.0) & (away < 3_500.0) & (lat > LAT))
        return np.where(known, out, np.nan)

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], lon).astype(np.float32)

    def describe(self):
        return self.info


def look(terrain, far=10_000.0, cell=100.0, k=1.27):
    return visible_height(site_window(terrain, LAT, LON, far, cell), 20.0, k)


def test_a_hill_on_real_known_ground_needs_no_warning():
    assert cautions(look(Hill())) == []


def test_invented_terrain_is_said_first():
    said = cautions(look(Hill(replace(INFO, synthetic=True))))
    assert said[0].startswith("SYNTHETIC")


def test_the_end_of_the_elevation_and_a_hole_in_it_are_told_apart():
    edge = cautions(look(Hill(replace(INFO, east=LON + 0.001))))
    hole = cautions(look(Hill(hole=True)))
    assert "ends within the range" in edge[0]
    assert "has holes within the range" in hole[0]
    assert all("world add" in said for said in (edge[0], hole[0]))


def test_low_ground_on_fifteen_seconds_carries_the_warning_and_the_hilltop_does_not():
    coarse = replace(INFO, resolution=15.0 * ARC)
    low = cautions(look(Hill(coarse, top=-300.0), cell=463.0))
    assert any("low ground" in said for said in low)
    assert cautions(look(Hill(coarse), cell=463.0)) == []


def test_averages_and_a_rare_k_and_an_unknown_datum_are_named():
    averaged = CoarseTerrain(Hill(), LAT, LON, 11_000.0, 200.0)
    assert any("averages of 200 m" in said for said in cautions(look(averaged, cell=200.0)))
    assert any("k is 4" in said for said in cautions(look(Hill(), k=4.0)))
    noted = Hill(replace(INFO, notes=("vertical datum unknown: off by tens of metres",)))
    assert "vertical datum unknown" in cautions(look(noted))[0]


@pytest.mark.parametrize(("k", "how"), [(None, "mean refractivity"), (1.3, "given by hand")])
def test_products_name_elevation_cells_air_and_where_k_comes_from(k, how):
    air = site_atmosphere(LAT, LON, 1_000.0, season="winter", k=k)
    seen = look(Hill(), k=air.k)
    told = " ".join(basis(seen, air, 200.0))
    for part in ("Made-up 3″", "real elevation", "93 m", "EGM2008", "100 m", "200 m", "winter",
                 how, "Unknown ground is never covered"):  # fmt: skip
        assert part in told
    found = tags(seen, air)
    assert found["DEM_SYNTHETIC"] == "false"
    assert found["RAIN_PERCENT"] == "dry"
    assert float(found["K"]) == pytest.approx(air.k, abs=1e-4)
