"""Every key that a scenario file may have: type, unit, default, limits. docs/scenarios.md follows.

The table is data so that the reader refuses with the right words, and so that a test can hold the
documentation against it.
"""

from steppewatch.plan.rehearse.kinds import KINDS
from steppewatch.sense import RADARS
from steppewatch.written import REQUIRED, Key

DAY = 86_400.0

LAT, LON = Key("number", None, -90.0, 90.0), Key("number", None, -180.0, 180.0)
# A place is lat_deg and lon_deg, or a point counted along the border.
PLACE = {
    "lat_deg": LAT,
    "lon_deg": LON,
    "border": Key("text", None, choices=("RU", "CN")),
    "km": Key("number", None, 0.0, 5_000.0),
    "offset_km": Key("number", 0.0, -300.0, 300.0),
}

TABLES: dict[str, dict[str, Key]] = {
    "scenario": {
        "title": Key("text"),
        "seed": Key("integer", 1, 0, 2**63 - 1),
        "start": Key("time"),
        "duration_s": Key("number", 3_600.0, 1.0, 30 * DAY),
    },
    "home": {**PLACE, "zoom": Key("number", 9.0, 0.0, 18.0)},
    "site": {
        "id": Key("text"),
        "name": Key("text", None),
        **PLACE,
        "seek_high_km": Key("number", 0.0, 0.0, 30.0),
    },
    "sensor": {
        "id": Key("text"),
        "name": Key("text", None),
        "site": Key("text"),
        "model": Key("text", choices=RADARS),
        "mast_m": Key("number", None, 0.0, 300.0),
        "sector_deg": Key("list", None),
        "min_range_km": Key("number", None, 0.0, 100.0),
        "max_range_km": Key("number", None, 0.1, 1_000.0),
        "scan_period_s": Key("number", None, 0.05, 120.0),
        "reference_range_km": Key("number", None, 0.1, 2_000.0),
        "min_speed_ms": Key("number", None, 0.0, 100.0),
        "false_alarms": Key("number", None, 0.0, 100_000.0),
        "sigma_range_m": Key("number", None, 0.01, 10_000.0),
        "sigma_azimuth_deg": Key("number", None, 1e-4, 28.0),
        "sigma_elevation_deg": Key("number", None, 1e-4, 28.0),
        "sigma_range_rate_ms": Key("number", None, 1e-3, 100.0),
    },
    "route": {
        "id": Key("text"),
        "name": Key("text", None),
        "kind": Key("text", choices=tuple(KINDS)),
        "waypoints": Key("list"),
        "border": Key("text", None, choices=("RU", "CN")),
        "height_m": Key("number", None, 0.5, 20_000.0),
        "speed_ms": Key("number", None, 0.1, 700.0),
        "speed_variation": Key("number", None, 0.0, 0.6),
        "start_s": Key("number", 0.0, -30 * DAY, 30 * DAY),
        "repeat": Key("text", "once", choices=("once", "back-and-forth", "loop")),
        "departures": Key("integer", 1, 1, 1_000),
        "every_s": Key("number", 1_800.0, 1.0, 30 * DAY),
        "count": Key("integer", 1, 1, 500),
        "spacing_m": Key("number", 15.0, 0.0, 20_000.0),
        "pauses": Key("list", ()),
        "rcs_m2": Key("number", None, 1e-5, 10_000.0),
    },
    "traffic": {
        "id": Key("text"),
        "number": Key("integer", REQUIRED, 1, 5_000),
        "south_deg": Key("number", REQUIRED, -90.0, 90.0),
        "west_deg": Key("number", REQUIRED, -180.0, 180.0),
        "north_deg": Key("number", REQUIRED, -90.0, 90.0),
        "east_deg": Key("number", REQUIRED, -180.0, 180.0),
        "mix": Key("table"),
        "formations": Key("number", 0.0, 0.0, 1.0),
        "group": Key("integer", 4, 2, 50),
        "spacing_m": Key("number", 600.0, 1.0, 20_000.0),
        "leg_km": Key("number", 150.0, 0.5, 2_000.0),
    },
    "event": {
        "sensor": Key("text"),
        "off_s": Key("number", REQUIRED, 0.0, 30 * DAY),
        "on_s": Key("number", REQUIRED, 0.0, 30 * DAY),
        "reason": Key("text", "switched off by the scenario"),
    },
    "waypoint": {**PLACE, "height_m": Key("number", None, 0.5, 20_000.0)},
    "pause": {
        "waypoint": Key("integer", REQUIRED, 0, 1_000),
        "seconds": Key("number", REQUIRED, 1.0, DAY),
    },
}
