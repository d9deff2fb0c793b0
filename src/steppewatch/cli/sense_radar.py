"""``steppewatch sense radar``: what a radar on a hill would see, as files and pictures."""

import json
from pathlib import Path
from typing import Any

import click

from steppewatch.cli.lon_lat import LonLat

CLASSES = "walker,rider,4x4,truck,light-aircraft,helicopter,small-drone"


@click.command()
@click.argument("sensor")
@click.option("--at", "place", type=LonLat(), required=True, help="The site, degrees: 106.3,50.2.")
@click.option("--mast", type=float, help="Antenna above ground, metres; else the sensor's own.")
@click.option("--range-km", type=float, help="How far to look; else the instrumented range.")
@click.option("--cell-m", type=float, help="Side of a cell; else by terrain and range.")
@click.option("--classes", default=CLASSES, show_default=True, help="Classes of targets.")
@click.option(
    "--heights",
    default="100,300,1000,3000",
    show_default=True,
    help="For what flies: metres above ground.",
)
@click.option(
    "--season", type=click.Choice(["summer", "winter", "year"]), default="year", show_default=True
)
@click.option("--rain-percent", type=float, help="Rain exceeded for this part of a year; else dry.")
@click.option("--k", type=float, help="Effective earth radius factor; else the site's own air.")
@click.option("--azimuth-deg", type=float, help="Of the vertical cut; else where it sees farthest.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for results.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def radar(sensor: str, out: Path, as_json: bool, **given: Any) -> None:
    """Map what radar SENSOR would see from a place.

    SENSOR is a class of the library (long-range-3d, gap-filler, ground-surveillance, atc-2d) or a
    TOML file. OUT gets cloud-optimised GeoTIFFs (minimum visible height, P(detect) by class and
    height, accuracy), maps, a vertical-coverage chart, and summary.json.

    Example: steppewatch sense radar gap-filler --at 106.3,50.2 --out hill
    """  # fmt: skip
    from steppewatch.cli.sense_radar_files import write_all
    from steppewatch.cli.sense_radar_site import survey

    found = survey(sensor, given)
    said = write_all(found, given, out)
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
        return
    _print(said)


def _print(said: dict[str, Any]) -> None:
    """Print what a planner asks first."""
    print(f"{said['radar']} at {said['at']}, antenna {said['antenna_m']:.0f} m above sea level")
    for line in said["basis"]:
        print(f"  {line}")
    print(f"\n{'layer':>24}  {'P ≥ 0.5':>12}  {'P ≥ 0.9':>12}  {'farthest':>9}")
    for layer in said["layers"]:
        print(
            f"{layer['name']:>24}  {layer['km2_at_0.5']:>8,.0f} km²  "
            f"{layer['km2_at_0.9']:>8,.0f} km²  {layer['farthest_km_at_0.5']:>6,.0f} km"
        )
    for warning in said["warnings"]:
        print(f"warning: {warning}")
    print(f"\n{len(said['files'])} files in {said['out']}")
