"""The radars that come with Steppewatch, and how one's own is read from TOML.

Every figure of a radar's file is a table with ``value`` and ``source``; a source that begins with
``assumed`` says that nobody published the figure. Beams are ``[[beam]]`` tables with one source
each. ``docs/sense.md`` lists the keys.
"""

import math
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from steppewatch.errors import SenseError
from steppewatch.sense.radar.design import (
    DOPPLER,
    KINDS,
    LIMITS,
    PATTERNS,
    POLARISATIONS,
    WHOLE,
    Beam,
    RadarDesign,
)
from steppewatch.written import REQUIRED, Key, Spot, check, expected_name, parse

RADARS = ("long-range-3d", "gap-filler", "ground-surveillance", "atc-2d")
PAGE = "docs/sense.md"
DEGREE = math.pi / 180.0

TEXTS = {
    "name": Key("text"),
    "note": Key("text", ""),
    "kind": Key("text", choices=tuple(KINDS)),
    "polarisation": Key("text", choices=POLARISATIONS),
    "pattern": Key("text", choices=PATTERNS),
    "doppler": Key("text", choices=DOPPLER),
    "continuous": Key("flag", False),
    "staring": Key("flag", False),
    "sector_deg": Key("list", None, -360.0, 720.0),
}
# key of the file → field, factor to SI, needed
FIGURES: dict[str, tuple[str, float, bool]] = {
    "frequency_mhz": ("frequency", 1e6, True),
    "peak_power_w": ("peak_power", 1.0, True),
    "max_duty": ("max_duty", 1.0, True),
    "bandwidth_mhz": ("bandwidth", 1e6, True),
    "tx_gain_dbi": ("tx_gain_db", 1.0, True),
    "rx_gain_dbi": ("rx_gain_db", 1.0, True),
    "azimuth_width_deg": ("azimuth_width", DEGREE, True),
    "sidelobe_db": ("sidelobe_db", 1.0, True),
    "tilt_deg": ("tilt", DEGREE, False),
    "elevation_min_deg": ("elevation_min", DEGREE, True),
    "elevation_max_deg": ("elevation_max", DEGREE, True),
    "scan_period_s": ("scan_period", 1.0, True),
    "noise_figure_db": ("noise_figure_db", 1.0, True),
    "antenna_loss_db": ("antenna_loss_db", 1.0, True),
    "transmit_loss_db": ("transmit_loss_db", 1.0, True),
    "receive_loss_db": ("receive_loss_db", 1.0, True),
    "beam_shape_loss_db": ("beam_shape_loss_db", 1.0, True),
    "scanning_loss_db": ("scanning_loss_db", 1.0, True),
    "filter_loss_db": ("filter_loss_db", 1.0, True),
    "field_loss_db": ("field_loss_db", 1.0, True),
    "pfa": ("pfa", 1.0, True),
    "cfar_cells": ("cfar_cells", 1.0, True),
    "canceller_order": ("canceller_order", 1.0, False),
    "stability_db": ("stability_db", 1.0, True),
    "min_speed_ms": ("min_speed", 1.0, True),
    "min_range_km": ("min_range", 1e3, True),
    "max_range_km": ("max_range", 1e3, True),
    "sigma_range_m": ("sigma_range", 1.0, True),
    "sigma_azimuth_deg": ("sigma_azimuth", DEGREE, True),
    "sigma_elevation_deg": ("sigma_elevation", DEGREE, False),
    "sigma_range_rate_ms": ("sigma_range_rate", 1.0, False),
    "false_alarms": ("false_alarms", 1.0, True),
    "nominal_pd": ("nominal_pd", 1.0, True),
    "mast_m": ("mast", 1.0, True),
    "secondary_probability": ("secondary_probability", 1.0, False),
    "secondary_range_km": ("secondary_range", 1e3, False),
}
BEAM = {
    "source": Key("text"),
    "group": Key("integer", None, 1, 100),
    "centre_deg": Key("number", REQUIRED, -30.0, 90.0),
    "width_deg": Key("number", REQUIRED, 0.05, 90.0),
    "tx_change_db": Key("number", 0.0, -40.0, 0.0),
    "rx_change_db": Key("number", 0.0, -40.0, 0.0),
    "pulses": Key("integer", REQUIRED, 1, 10_000),
    "intervals": Key("integer", REQUIRED, 1, 1_000),
    "prf_hz": Key("list", REQUIRED, 10.0, 1e6),
    "pulse_us": Key("number", REQUIRED, 0.01, 1e5),
}
NEEDED, OPTIONAL = Key("table"), Key("table", None)
TOP = {
    **TEXTS,
    **{key: NEEDED if needed else OPTIONAL for key, (_, _, needed) in FIGURES.items()},
    "beam": Key("list"),
}


def load_design(text: str, name: str) -> RadarDesign:
    """Read a radar from the text of its TOML file.

    Args:
        text: The file's content.
        name: What to call the file in messages.

    Raises:
        SenseError: Not TOML; a figure missing, unknown, without source, of the wrong type or
            beyond its limits; or no real radar could be so. The message names file, line, key,
            what was found and what is expected.
    """
    raw = parse(text, name, SenseError, PAGE)
    spot = Spot(name, text, "", error=SenseError)
    top = check(spot, raw, TOP)
    values: dict[str, Any] = {key: top[key] for key in TEXTS if key not in ("kind", "sector_deg")}
    sources = []
    for key, (field, factor, _) in FIGURES.items():
        if top[key] is not None:
            value, source = _figure(spot, key, field, factor, top[key])
            values[field] = int(value) if field in WHOLE else value * factor
            sources.append((field, source))
    beams = []
    for index, table in enumerate(top["beam"]):
        beam, source = _beam(Spot(name, text, "beam", index, SenseError), table, index)
        beams.append(beam)
        sources.append((f"beam {index + 1}", source))
    try:
        return RadarDesign(
            kind=KINDS[top["kind"]],
            beams=tuple(beams),
            sources=tuple(sources),
            **_sector(spot, top["sector_deg"]),
            **values,
        )
    except SenseError as error:
        raise SenseError(f"{name}: {error}") from error


@cache
def radar_design(name: str) -> RadarDesign:
    """Give a radar of the library.

    Raises:
        SenseError: There is none of that name; the message names the closest.

    >>> radar_design("gap-filler").max_range
    120000.0
    """
    if name not in RADARS:
        raise SenseError(f"radar is {name!r}, expected {expected_name(name, RADARS)}")
    path = resources.files("steppewatch.sense").joinpath("data", f"radar-{name}.toml")
    return load_design(path.read_text("utf-8"), f"radar-{name}.toml")


def find_design(name: str, read: Callable[[str], str]) -> RadarDesign:
    """Give a radar by name, or by file when the name ends in ``.toml`` (``read`` opens it)."""
    return load_design(read(name), name) if name.endswith(".toml") else radar_design(name)


def _figure(
    spot: Spot, key: str, field: str, factor: float, entry: dict[str, Any]
) -> tuple[float, str]:
    """Take value and source of one figure, its limits in the file's unit."""
    low, high, _ = LIMITS[field]
    keys = {
        "value": Key(
            "integer" if field in WHOLE else "number", REQUIRED, low / factor, high / factor
        ),
        "source": Key("text"),
    }
    found = check(spot, entry, keys, f"{key}.")
    if not found["source"].strip():
        spot.refuse(f"{key}.source", "empty", 'where the figure is published, or "assumed"')
    return float(found["value"]), found["source"]


def _beam(spot: Spot, table: Any, index: int) -> tuple[Beam, str]:
    if not isinstance(table, dict):
        spot.refuse("", repr(table), "[[beam]] in double brackets")
    value = check(spot, table, BEAM)
    for prf in value["prf_hz"]:
        if isinstance(prf, bool) or not isinstance(prf, int | float):
            spot.refuse("prf_hz", repr(value["prf_hz"]), "a list of numbers [Hz]")
    return Beam(
        centre=value["centre_deg"] * DEGREE,
        width=value["width_deg"] * DEGREE,
        tx_change_db=float(value["tx_change_db"]),
        rx_change_db=float(value["rx_change_db"]),
        pulses=value["pulses"],
        intervals=value["intervals"],
        prf=tuple(float(prf) for prf in value["prf_hz"]),
        pulse_width=value["pulse_us"] * 1e-6,
        group=-index if value["group"] is None else value["group"],
    ), value["source"]


def _sector(spot: Spot, sector: list[Any] | None) -> dict[str, Any]:
    if sector is None:
        return {}
    if len(sector) != 2 or not all(isinstance(x, int | float) for x in sector):
        spot.refuse("sector_deg", repr(sector), "[first azimuth, last azimuth], clockwise")
    width = (sector[1] - sector[0]) % 360.0 or 360.0
    return {"sector_start": sector[0] % 360.0 * DEGREE, "sector_width": width * DEGREE}
