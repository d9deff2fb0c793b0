"""``steppewatch sense compare``: two radars side by side."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.lon_lat import LonLat
from steppewatch.cli.sense_radar import CLASSES

if TYPE_CHECKING:
    from steppewatch.cli.sense_radar_site import Survey
    from steppewatch.sense.radar.design import RadarDesign

# Where radars are compared when nobody names a place [deg, m]: the middle of Mongolia.
SOMEWHERE_DEG, SOMEWHERE_HEIGHT = (47.0, 104.0), 1_300.0
LIKELY = 0.5
CHANCES = (LIKELY, 0.8, 0.9)


@click.command()
@click.argument("one")
@click.argument("other")
@click.option("--at", "place", type=LonLat(), help="Compare on the ground too: 106.3,50.2.")
@click.option("--mast", type=float, help="Antennas above ground, metres; else each its own.")
@click.option("--range-km", type=float, help="How far to look; else the longer of the two.")
@click.option("--cell-m", type=float, help="Side of a cell; else by terrain and range.")
@click.option("--classes", default=CLASSES, show_default=True, help="Classes of targets.")
@click.option(
    "--heights", default="100,300,1000,3000", show_default=True, help="For what flies: metres."
)
@click.option(
    "--season", type=click.Choice(["summer", "winter", "year"]), default="year", show_default=True
)
@click.option("--rain-percent", type=float, help="Rain exceeded for this part of a year; else dry.")
@click.option("--k", type=float, help="Effective earth radius factor; else the site's own air.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def compare(one: str, other: str, as_json: bool, **given: Any) -> None:
    """Set radars ONE and OTHER side by side: figures, ranges and, with --at, ground covered.

    Each is a class of the library or a TOML file. Ranges are those at which a class is detected
    with probability 0.5, 0.8 and 0.9 in one scan where nothing hides it, mean over headings; what
    walks or drives has its ground in sight as clutter.

    Example: steppewatch sense compare gap-filler long-range-3d --at 106.3,50.2
    """
    from steppewatch.cli.sense_radar_site import ground_about, layers_of, look_about, reach
    from steppewatch.cli.sense_radar_site import read_design as read
    from steppewatch.sense.coverage.thin import MOST_CELLS

    designs, layers = (read(one), read(other)), layers_of(given)
    found: tuple[Survey, ...] = ()
    if given["place"] is not None:
        window = ground_about(given, reach(given["range_km"], designs), MOST_CELLS)
        found = tuple(look_about(design, window, layers, given) for design in designs)
    said = {
        "one": designs[0].name,
        "other": designs[1].name,
        **_figures(designs),
        **_ranges(designs, found, given),
        **(_ground(found) if found else {}),
    }
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        _print(said)


def _figures(designs: "tuple[RadarDesign, RadarDesign]") -> dict[str, Any]:
    from steppewatch.sense.coverage.side_by_side import differences

    return {
        "differences": [
            {"figure": found.name, "one": found.one, "other": found.other}
            for found in differences(*designs)
        ]
    }


def _ranges(
    designs: "tuple[RadarDesign, RadarDesign]", found: "tuple[Survey, ...]", given: dict[str, Any]
) -> dict[str, Any]:
    """Tabulate how far each radar sees each class that nothing hides."""
    import math

    from steppewatch.cli.sense_radar_site import layers_of, site_air
    from steppewatch.sense.coverage.side_by_side import free_range
    from steppewatch.sense.radar.emplaced import stand

    if found:
        radars = [one.found.radar for one in found]
        air = found[0].air
    else:
        lat, lon = (math.radians(v) for v in SOMEWHERE_DEG)
        air = site_air(lat, lon, SOMEWHERE_HEIGHT, given)
        radars = [
            stand(design, lat, lon, SOMEWHERE_HEIGHT, air, mast=given["mast"]) for design in designs
        ]
    targets = dict.fromkeys(layer.target for layer in layers_of(given))
    rows = []
    for target in targets:
        row: dict[str, Any] = {"class": target.name}
        for name, radar in zip(("one", "other"), radars, strict=True):
            for least in CHANCES:
                row[f"{name}_km_at_{least}"] = round(free_range(radar, target, least) / 1e3, 1)
        rows.append(row)
    return {"air": air.label, "ranges": rows}


def _ground(found: "tuple[Survey, ...]") -> dict[str, Any]:
    """Say who covers what on the ground that both look at."""
    from steppewatch.sense.coverage.provenance import basis
    from steppewatch.sense.coverage.side_by_side import shares

    first, second = found
    rows = [
        {
            "layer": one.layer.name,
            "one_km2": round(one.one / 1e6, 1),
            "other_km2": round(one.other / 1e6, 1),
            "both_km2": round(one.both / 1e6, 1),
            "only_one_km2": round(one.one_alone / 1e6, 1),
            "only_other_km2": round(one.other_alone / 1e6, 1),
        }
        for one in shares(first.found, second.found, LIKELY)
    ]
    return {
        "basis": list(basis(first.seen, first.air, first.found.seen.window.cell)),
        "covered": rows,
        "warnings": list(dict.fromkeys(first.warnings + second.warnings)),
    }


def _print(said: dict[str, Any]) -> None:
    print(f"{'':>18}  {said['one']:<34}{said['other']}")
    for row in said["differences"]:
        print(f"{row['figure']:>18}  {row['one']:<34}{row['other']}")
    print(f"\nkm at which P(detect) is 0.5 | 0.8 | 0.9, nothing hidden ({said['air']})")
    for row in said["ranges"]:
        told = [
            " |".join(_km(row[f"{name}_km_at_{least}"]) for least in CHANCES)
            for name in ("one", "other")
        ]
        print(f"{row['class']:>18}  {told[0]:<34}{told[1]}")
    if "covered" not in said:
        return
    print("\nkm² with P(detect) ≥ 0.5")
    print(f"{'':>24}{'one':>9}{'other':>9}{'both':>9}{'only one':>10}{'only other':>12}")
    for row in said["covered"]:
        print(
            f"{row['layer']:>24}{row['one_km2']:>9,.0f}{row['other_km2']:>9,.0f}"
            f"{row['both_km2']:>9,.0f}{row['only_one_km2']:>10,.0f}{row['only_other_km2']:>12,.0f}"
        )
    for line in said["basis"]:
        print(f"  {line}")
    for warning in said["warnings"]:
        print(f"warning: {warning}")


def _km(far: float) -> str:
    return f"{far:>7,.1f}" if far > 0.0 else f"{'never':>7}"
