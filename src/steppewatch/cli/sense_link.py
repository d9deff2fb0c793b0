"""``steppewatch sense link``: would two sites hear each other over the real ground?"""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.lon_lat import LonLat

if TYPE_CHECKING:
    from steppewatch.sense.radar.budget import BudgetLine
    from steppewatch.sense.radio import Link


@click.command()
@click.option("--from", "a", type=LonLat(), required=True, help="First site, degrees.")
@click.option("--to", "b", type=LonLat(), required=True, help="Second site, degrees.")
@click.option("--mast-a", type=float, default=15.0, show_default=True, help="Above ground, m.")
@click.option("--mast-b", type=float, default=15.0, show_default=True, help="Above ground, m.")
@click.option("--frequency-mhz", type=float, required=True)
@click.option("--power-dbm", type=float, required=True, help="Of the transmitter; 30 dBm is 1 W.")
@click.option("--gain-a-db", type=float, default=0.0, show_default=True, help="Antenna, dBi.")
@click.option("--gain-b-db", type=float, default=0.0, show_default=True, help="Antenna, dBi.")
@click.option("--sensitivity-dbm", type=float, required=True, help="Of the receiver.")
@click.option("--feeder-db", type=float, default=0.0, show_default=True, help="Cables, both ends.")
@click.option("--reserve-db", type=float, default=10.0, show_default=True, help="Margin to keep.")
@click.option(
    "--polarisation", type=click.Choice(["vertical", "horizontal"]), default="vertical",
    show_default=True,
)  # fmt: skip
@click.option("--ground", default="land", show_default=True, help="dry, medium, land, wet, snow…")
@click.option("--k", type=float, help="Effective earth radius factor; else the path's own.")
@click.option("--rain-percent", type=float, help="Rain exceeded for this part of a year; else dry.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--datum", default="", help="Vertical datum, when the file does not say.")
@click.option("--nodata", type=float, default=math.nan, help="Value that marks unknown heights.")
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the profile to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
def link(as_json: bool, picture: Path | None, **given: Any) -> None:
    """Check a radio link between two sites: sight, Fresnel zone, diffraction, air, margin.

    A path over unknown ground is no feasible link, and is said to be unknown.

    Example: steppewatch sense link --from 106.3,50.2 --to 106.35,50.16 --frequency-mhz 400
    --power-dbm 40 --sensitivity-dbm -100
    """
    from steppewatch.sense.radio import link_budget

    found = _work_out(given)
    if picture is not None:
        from steppewatch.engine.link_picture import draw_link

        draw_link(found, picture)
    lines = link_budget(found)
    if as_json:
        print(json.dumps(_figures(found, lines), ensure_ascii=False))
        return
    print(found.verdict)
    print(f"terrain: {found.terrain.label}\nair: {found.atmosphere.label}")
    for line in lines:
        mark = "+" if line.adds else " "
        source = f"  [{line.source}]" if line.source else ""
        print(f"{mark} {line.name:<19}{line.value:>10.3f} {line.unit:<12}{line.formula}{source}")
    for note in found.notes:
        print(f"warning: {note}")
    if picture is not None:
        print(f"wrote {picture}")


def _work_out(given: dict[str, Any]) -> "Link":
    from steppewatch.engine.terrain_window import chosen_terrain
    from steppewatch.sense.radio import Radio, Station, link

    radio = Radio(
        frequency=given["frequency_mhz"] * 1e6,
        power_dbm=given["power_dbm"],
        gain_a_db=given["gain_a_db"],
        gain_b_db=given["gain_b_db"],
        sensitivity_dbm=given["sensitivity_dbm"],
        feeder_db=given["feeder_db"],
        reserve_db=given["reserve_db"],
        vertical=given["polarisation"] == "vertical",
        ground=given["ground"],
    )
    a, b = (
        Station(lat=given[end][0], lon=given[end][1], mast=given[f"mast_{end}"], name=end)
        for end in "ab"
    )
    terrain = chosen_terrain(given["dem"], given["datum"], given["nodata"])
    return link(terrain, a, b, radio, k=given["k"], rain_percent=given["rain_percent"])


def _figures(found: "Link", lines: tuple["BudgetLine", ...]) -> dict[str, Any]:
    """Collect the figures as JSON wants them: null where unknown."""
    diffraction = found.diffraction
    return {
        "feasible": found.feasible,
        "verdict": found.verdict,
        "line_of_sight": found.line_of_sight,
        "fresnel_clear": found.clear,
        "distance_km": _known(float(found.distance[-1]) / 1e3),
        "ground_a_m": _known(float(found.ground[0])),
        "ground_b_m": _known(float(found.ground[-1])),
        "clearance_m": _known(found.clearance),
        "clearance_at_km": _known(found.clearance_at / 1e3),
        "fresnel": _known(found.fresnel),
        "fresnel_at_km": _known(found.fresnel_at / 1e3),
        "free_space_db": _known(found.free_space_db),
        "diffraction_db": _known(float(diffraction.loss_db)),
        "gas_db": _known(found.gas_db),
        "rain_db": _known(found.rain_db),
        "loss_db": _known(found.loss_db),
        "received_dbm": _known(found.received_dbm),
        "margin_db": _known(found.margin_db),
        "reserve_db": found.radio.reserve_db,
        "k": _known(found.atmosphere.k),
        "k_from": "given" if found.atmosphere.k_given else "the path's mean atmosphere",
        "air": found.atmosphere.label,
        "dem": found.terrain.label,
        "synthetic": found.terrain.synthetic,
        "datum": found.terrain.datum,
        "samples": len(found.distance),
        "unknown_km": [
            [round(start / 1e3, 3), round(end / 1e3, 3)] for start, end in found.unknown
        ],
        "warnings": list(found.notes),
        "budget": [
            {
                "name": line.name,
                "value": _known(line.value),
                "unit": line.unit,
                "formula": line.formula,
                "source": line.source,
                "adds": line.adds,
            }
            for line in lines
        ],
    }


def _known(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
