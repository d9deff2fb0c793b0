"""Every key that a plan file may have: type, unit, default, limits; docs/siting.md follows."""

import math

from steppewatch.plan.rehearse.schema import PLACE
from steppewatch.sense.eoir import CAMERAS
from steppewatch.sense.targets import TARGETS
from steppewatch.written import REQUIRED, Key

PAGE = "docs/siting.md"
BORDER = Key("text", choices=("RU", "CN"))

TABLES: dict[str, dict[str, Key]] = {
    "plan": {
        "title": Key("text", ""),
        "budget": Key("number", math.inf, 0.0, math.inf),
        "currency": Key("text", "USD"),
        "required": Key("number", 0.8, 0.001, 0.999),
        "score": Key("text", "seen", choices=("seen", "expected")),
        "inside_km": Key("number", 10.0, 0.1, 300.0),
        "cell_km": Key("number", 1.0, 0.05, 50.0),
        "k": Key("number", None, 0.5, 10.0),
        "start": Key("time", "2026-06-01T00:00:00Z"),
    },
    "section": {
        "border": BORDER,
        "from_km": Key("number", 0.0, 0.0, 10_000.0),
        "to_km": Key("number", math.inf, 0.0, math.inf),
        "weight": Key("number", 1.0, 0.0, 1e6),
    },
    "area": {"file": Key("text"), "weight": Key("number", 1.0, 0.0, 1e6)},
    "class": {
        "target": Key("text", choices=tuple(TARGETS)),
        "height_m": Key("number", None, 0.0, 20_000.0),
        "weight": Key("number", 1.0, 0.0, 1e6),
        "speed_ms": Key("number", None, 0.1, 700.0),
    },
    "package": {
        "id": Key("text"),
        "sensors": Key("list", ()),
        "mast_m": Key("number", 10.0, 0.1, 300.0),
        "max_range_km": Key("number", None, 0.1, 400.0),
        "price": Key("number", REQUIRED, 0.0, 1e15),
        "most": Key("integer", None, 0, 1_000_000),
    },
    "candidates": {
        "kind": Key("text", choices=("hilltops", "settlements", "points", "roads")),
        "number": Key("integer", None, 1, 1_000_000),
        "from_km": Key("number", 0.0, -300.0, 1_000.0),
        "to_km": Key("number", 45.0, -300.0, 1_000.0),
        "steepest_deg": Key("number", 25.0, 0.0, 90.0),
        "spacing_km": Key("number", 1.0, 0.05, 100.0),
        "packages": Key("list", None),
        "file": Key("text", None),
        "near_file": Key("text", None),
        "near_km": Key("number", 5.0, 0.0, 1_000.0),
        "power_file": Key("text", None),
        "power_km": Key("number", 20.0, 0.0, 1_000.0),
        "seed": Key("integer", 1, 0, 2**63 - 1),
    },
    "site": {
        "id": Key("text"),
        **PLACE,
        "seek_high_km": Key("number", 0.0, 0.0, 30.0),
        "package": Key("text", None),
        "fixed": Key("flag", default=False),
        "paid": Key("flag", None),
        "barred": Key("flag", default=False),
        "gateway": Key("flag", default=False),
    },
    "need": {
        "name": Key("text", None),
        "border": BORDER,
        "from_km": Key("number", 0.0, 0.0, 10_000.0),
        "to_km": Key("number", math.inf, 0.0, math.inf),
        "target": Key("text"),
        "sensors": Key("integer", 2, 1, 20),
        "share": Key("number", 1.0, 0.0, 1.0),
    },
    "links": {
        "reach_km": Key("number", 50.0, 0.1, 150.0),
        "frequency_ghz": Key("number", 7.5, 0.1, 100.0),
        "clearance": Key("number", 0.6, -1.0, 5.0),
        "gateways": Key("text", "settlements", choices=("settlements", "sites")),
        "gateway_file": Key("text", None),
        "gateway_km": Key("number", 10.0, 0.0, 500.0),
    },
    "condition": {
        "name": Key("text"),
        "share": Key("number", 1.0, 0.0, 1e6),
        "night": Key("flag", default=False),
        "visibility_km": Key("number", 23.0, 0.01, 300.0),
        "rain_mm_h": Key("number", 0.0, 0.0, 300.0),
    },
    "assure": {
        "track_minutes": Key("number", 10.0, 0.0, 1_440.0),
        "direction": Key("text", "in", choices=("in", "out", "both")),
        "lead_km": Key("number", 20.0, 0.1, 300.0),
    },
    "drones": {
        "id": Key("text"),
        **PLACE,
        "speed_ms": Key("number", 25.0, 0.1, 300.0),
        "reach_km": Key("number", 60.0, 0.1, 2_000.0),
        "reaction_min": Key("number", 5.0, 0.0, 1_440.0),
        "available": Key("number", 0.8, 0.0, 1.0),
        "camera": Key("text", "drone-thermal", choices=tuple(CAMERAS)),
    },
    "patrol": {
        "id": Key("text"),
        **PLACE,
        "speed_kmh": Key("number", 25.0, 0.1, 300.0),
        "reaction_min": Key("number", 15.0, 0.0, 1_440.0),
        "available": Key("number", 0.9, 0.0, 1.0),
        "detour": Key("number", 1.4, 1.0, 20.0),
    },
}
