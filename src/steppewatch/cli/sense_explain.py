"""``steppewatch sense explain``: one look of a radar, line by line, over the real ground."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.lon_lat import LonLat

if TYPE_CHECKING:
    from steppewatch.sense.coverage.explained import Explained


class Target(click.ParamType[tuple[float, float, float | None]]):
    """Read ``LON,LAT[,HEIGHT_M]``; give latitude, longitude [rad] and height above ground [m]."""

    name = "LON,LAT[,HEIGHT_M]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float, float | None]:
        """Parse and check."""
        if isinstance(value, tuple):
            return value
        lon_lat, _, height = (
            (value, "", "") if str(value).count(",") < 2 else str(value).rpartition(",")
        )
        lat, lon = LonLat().convert(lon_lat, param, ctx)
        try:
            return lat, lon, float(height) if height else None
        except ValueError:
            self.fail(f"{height!r} is no height above ground in metres", param, ctx)


@click.command()
@click.option("--sensor", required=True, help="A radar of the library, or a TOML file.")
@click.option("--at", "place", type=LonLat(), required=True, help="Its site, degrees: 106.3,50.2.")
@click.option("--target", required=True, help="Class of target: walker, light-aircraft…")
@click.option(
    "--target-at", "there", type=Target(), required=True,
    help="LON,LAT[,HEIGHT]: degrees, and metres above ground; else the class's own height.",
)  # fmt: skip
@click.option("--range-rate", type=float, help="m/s, opening positive; else mean over headings.")
@click.option("--heading-deg", type=float, help="Course of the target, clockwise from north.")
@click.option("--mast", type=float, help="Antenna above ground, metres; else the sensor's own.")
@click.option(
    "--season", type=click.Choice(["summer", "winter", "year"]), default="year", show_default=True
)
@click.option("--rain-percent", type=float, help="Rain exceeded for this part of a year; else dry.")
@click.option("--k", type=float, help="Effective earth radius factor; else the site's own air.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--sources", is_flag=True, help="Say where each figure comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def explain(sensor: str, target: str, as_json: bool, sources: bool, **given: Any) -> None:
    """Write one look as a link budget, for a pocket calculator.

    Lines marked + are decibels that add up to the signal to noise. Where terrain hides the
    target, the budget is written twice over: as the maps count it (0), and with the loss by
    diffraction over the real ridge (ITU-R P.526), for what may still come through.

    Example: steppewatch sense explain --sensor gap-filler --at 106.3,50.2 --target walker
    --target-at 106.4,50.25
    """
    if given["range_rate"] is not None and given["heading_deg"] is not None:
        raise click.UsageError("--range-rate and --heading-deg both say how it moves: give one")
    found = _work_out(sensor, target, given)
    if as_json:
        print(json.dumps(_figures(found), ensure_ascii=False))
        return
    _print(found, sources)


def _work_out(sensor: str, target: str, given: dict[str, Any]) -> "Explained":
    from steppewatch.cli.sense_radar_site import read_design, site_air
    from steppewatch.engine.terrain_window import chosen_terrain
    from steppewatch.sense.coverage.explained import explained
    from steppewatch.sense.radar.emplaced import stand
    from steppewatch.sense.targets import target_model

    design, model = read_design(sensor), target_model(target)
    terrain = chosen_terrain(given["dem"])
    lat, lon = given["place"]
    ground = float(terrain.heights(lat, lon))
    air = site_air(lat, lon, 0.0 if math.isnan(ground) else ground, given)
    radar = stand(design, lat, lon, ground, air, mast=given["mast"])
    there_lat, there_lon, height = given["there"]
    if height is None:
        height = 0.5 * (model.low + model.high)
    course = given["heading_deg"]
    return explained(
        terrain, radar, model, there_lat, there_lon, height, range_rate=given["range_rate"],
        course=None if course is None else math.radians(course),
    )  # fmt: skip


def _figures(found: "Explained") -> dict[str, Any]:
    """Collect everything for programs: NaN becomes null."""
    path, ridge = found.path, found.path.ridge
    said = {
        "radar": found.path.radar.design.name,
        "target": found.target.name,
        "verdict": found.verdict,
        "ground_range_m": path.ground_range,
        "slant_range_m": path.slant_range,
        "azimuth_deg": math.degrees(path.azimuth),
        "antenna_m": path.radar.height,
        "target_m": path.target,
        "elevation_deg": math.degrees(path.elevation),
        "height_above_ground_m": path.height,
        "min_visible_height_m": path.min_height,
        "in_sight": path.in_sight if path.known else None,
        "ground_in_sight": path.ground_visible if path.known else None,
        "ridge": asdict(ridge) if ridge is not None else None,
        "diffraction_one_way_db": float(path.diffraction.loss_db),
        "lobing": asdict(found.lobing) if found.lobing is not None else None,
        "pd_on_maps": found.pd_on_maps,
        "sentences": list(found.sentences),
        "lines": [asdict(line) for line in found.lines],
        "terrain": path.info.label,
        "synthetic": path.info.synthetic,
        "air": path.radar.atmosphere.label if path.radar.atmosphere else "vacuum",
        "k": path.k,
        "warnings": list(found.warnings),
    }
    return {key: _without_nan(value) for key, value in said.items()}


def _without_nan(value: Any) -> Any:
    """Turn every NaN into null: JSON knows none."""
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(found: "Explained", sources: bool) -> None:
    path = found.path
    air = path.radar.atmosphere
    print(f"{path.radar.design.name} looks at: {found.target.name}, {path.height:g} m above ground")
    print(
        f"azimuth {math.degrees(path.azimuth):.2f}°, {path.ground_range / 1e3:.3f} km along the "
        f"ground, slant range {path.slant_range / 1e3:.3f} km, elevation "
        f"{math.degrees(path.elevation):.3f}°"
    )
    print(
        f"antenna {path.radar.height:.1f} m, target {path.target:.1f} m above sea level, "
        f"k = {path.k:.3f}"
    )
    print(f"terrain: {path.info.label}\nair: {air.label if air else 'vacuum'}")
    for sentence in found.sentences:
        print(sentence)
    print()
    for line in found.lines:
        mark = "+" if line.adds else " "
        said = f"{mark} {line.name:<27}{line.value:>12.4f} {line.unit:<13}{line.formula}"
        print(f"{said}  [{line.source}]" if sources else said)
    print(f"\n{found.verdict}")
    for warning in found.warnings:
        print(f"warning: {warning}")
