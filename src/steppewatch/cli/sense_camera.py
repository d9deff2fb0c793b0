"""``steppewatch sense camera``: what a camera on a mast or a drone would tell, and how far."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.lon_lat import LonLat
from steppewatch.errors import EngineError

if TYPE_CHECKING:
    from steppewatch.sense.eoir import CameraDesign, Conditions, Signature

CLASSES = ("walker", "rider", "4x4", "truck")
# Turbulence when nothing is said [m^(−2/3)]: day and night near the ground; assumed.
CN2_DAY, CN2_NIGHT = 1e-14, 3e-15
VAPOUR, TEMPERATURE_C = 5.0, 10.0  # without a place [g/m³, °C]; assumed


@click.command()
@click.argument("camera")
@click.option("--at", type=LonLat(), help="Place of the camera; without it, only the table.")
@click.option("--mast", type=click.FloatRange(0.1, 20_000.0), help="Height above ground, m.")
@click.option(
    "--altitude", type=click.FloatRange(1.0, 20_000.0), help="A drone's height above ground, m."
)
@click.option("--class", "classes", multiple=True, help="Object class; repeat for several.")
@click.option("--visibility-km", type=float, default=23.0, show_default=True)
@click.option("--vapour", type=float, help="Water vapour, g per m³; else the site's mean.")
@click.option("--temperature-c", type=float, help="Of the air; else the site's mean.")
@click.option("--season", type=click.Choice(["year", "summer", "winter"]), default="year")
@click.option("--cn2", type=float, help="Turbulence, m^(-2/3); 0 for none.")
@click.option(
    "--sky-ground", type=float, default=1.4, show_default=True, help="Sky over ground brightness."
)
@click.option("--night", is_flag=True, help="No daylight.")
@click.option("--zoom", default="narrow", show_default=True, help="wide, narrow, or mm.")
@click.option("--method", type=click.Choice(["ttp", "johnson"]), default="ttp", show_default=True)
@click.option("--probability", type=float, default=0.5, show_default=True, help="Of the ranges.")
@click.option("--sector-deg", type=float, help="Plan a sweep of this sector, view by view.")
@click.option("--dwell", type=float, default=3.0, show_default=True, help="Seconds a view.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--range-km", type=float, help="Radius of the map; the camera's own when not given.")
@click.option("--cell", type=float, help="Side of the map's cells, m.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for maps and table.")
@click.option("--sources", is_flag=True, help="Say where each figure comes from.")
def camera(camera: str, **given: Any) -> None:
    """Say at what range CAMERA tells classes of objects, and map it over terrain.

    CAMERA is a name of the library (mast-thermal, mast-visible, ball-thermal, ball-visible,
    drone-thermal) or a .toml file. It tells classes of objects; it identifies no person.

    Example: steppewatch sense camera mast-thermal --at 106.3,50.2 --mast 20 --out camera
    """
    from steppewatch.cli import sense_camera_map
    from steppewatch.sense.eoir import signature
    from steppewatch.sense.eoir.library import find_camera

    design = find_camera(camera, _read)
    if given["mast"] is not None and given["altitude"] is not None:
        raise click.UsageError("--mast and --altitude both say how high the camera is: give one")
    if given["out"] is not None and given["at"] is None:
        raise click.UsageError("--out needs a place: add --at LON,LAT")
    height = given["mast"] or given["altitude"] or design.mast
    if given["at"] is not None:
        air = sense_camera_map.site_air(given["at"], given["dem"], given["season"])
        for key, value in air.items():
            given[key] = value if given[key] is None else given[key]
    conditions = _conditions(given)
    targets = [signature(name) for name in given["classes"] or CLASSES]
    rows = _table(design, targets, conditions, given["probability"])
    print(_heading(design, conditions, height, given["probability"]))
    print(_render(rows))
    if given["altitude"] is not None:
        print(_footprints(design, height, conditions))
    if given["sector_deg"] is not None:
        print(_sweep(design, targets, conditions, given))
    if given["sources"]:
        print(_sources(design, targets))
    if given["at"] is not None:
        summary = sense_camera_map.draw(
            design,
            given["at"],
            height,
            targets,
            conditions,
            max_range=None if given["range_km"] is None else given["range_km"] * 1e3,
            cell=given["cell"],
            dem=given["dem"],
            out=given["out"],
        )
        if given["out"] is not None:
            _write(given["out"] / "camera.json", {"ranges_km": rows, **summary})


def _conditions(given: dict[str, Any]) -> "Conditions":
    """Collect weather, zoom and method."""
    from steppewatch.sense.eoir import Conditions, Weather

    cn2 = given["cn2"]
    if cn2 is None:
        cn2 = CN2_NIGHT if given["night"] else CN2_DAY
    vapour, warmth = given["vapour"], given["temperature_c"]
    weather = Weather(
        visibility=given["visibility_km"] * 1e3,
        vapour_density=VAPOUR if vapour is None else vapour,
        temperature=(TEMPERATURE_C if warmth is None else warmth) + 273.15,
        cn2=cn2,
        sky_ground_ratio=given["sky_ground"],
        night=given["night"],
    )
    zoom: str | float = given["zoom"]
    if zoom not in {"wide", "narrow"}:
        try:
            zoom = float(zoom) * 1e-3
        except ValueError as error:
            raise click.UsageError(f"--zoom {zoom}: expected wide, narrow or mm") from error
    return Conditions(weather=weather, zoom=zoom, method=given["method"])


def _table(
    design: "CameraDesign", targets: "list[Signature]", conditions: "Conditions", chance: float
) -> list[dict[str, Any]]:
    """Work out the ranges [km] by class and task."""
    from steppewatch.sense.eoir import Task, range_of

    return [
        {"class": target.name}
        | {task.value: range_of(design, target, task, chance, conditions) / 1e3 for task in Task}
        | {"limit": design.max_range / 1e3}
        for target in targets
    ]


def _heading(design: "CameraDesign", conditions: "Conditions", height: float, chance: float) -> str:
    weather = conditions.weather
    width, tall = (math.degrees(v) for v in design.fov(conditions.zoom))
    return (
        f"{design.name} ({design.band}), view {width:.2f}° × {tall:.2f}°, "
        f"{design.ifov(conditions.zoom) * 1e6:.1f} µrad a pixel, {height:g} m above ground\n"
        f"{'night' if weather.night else 'day'}, visibility {weather.visibility / 1e3:g} km, "
        f"vapour {weather.vapour_density:.1f} g/m³, Cn² {weather.cn2:g} m^(-2/3); "
        f"method {conditions.method}\n"
        f"Ranges in km at which {chance:.0%} of observers succeed, in line of sight. "
        "Classes of objects only: nobody is identified."
    )


def _render(rows: list[dict[str, Any]]) -> str:
    """Lay out the table; ranges at the camera's limit are marked."""
    lines = [f"{'class':<16}{'detect':>10}{'recognise':>12}{'identify class':>16}"]
    for row in rows:
        shown = [
            "never"
            if row[key] == 0.0
            else f"{'≥ ' if row[key] >= row['limit'] else ''}{row[key]:.1f}"
            for key in ("detect", "recognise", "identify")
        ]
        lines.append(f"{row['class']:<16}{shown[0]:>10}{shown[1]:>12}{shown[2]:>16}")
    return "\n".join(lines)


def _footprints(design: "CameraDesign", height: float, conditions: "Conditions") -> str:
    """Say what ground a view from the air covers, on a plain."""
    from steppewatch.sense.eoir.footprint import footprint

    lines = []
    for down in (90.0, 45.0, 20.0):
        found = footprint(design, height, math.radians(down), conditions.zoom)
        far = "the horizon" if math.isinf(found.far) else f"{found.far:,.0f} m"
        lines.append(
            f"looking {down:g}° down: ground {found.near:,.0f} m to {far}, near edge "
            f"{found.near_width:,.0f} m wide, a pixel {found.pixel_across:.2f} × "
            f"{found.pixel_along:.2f} m"
        )
    return "\n".join(lines)


def _sweep(
    design: "CameraDesign",
    targets: "list[Signature]",
    conditions: "Conditions",
    given: dict[str, Any],
) -> str:
    """Say how long a sweep takes and how far it finds what stands still."""
    import numpy as np

    from steppewatch.sense.eoir import Task, camera_look
    from steppewatch.sense.eoir.search import sweep

    plan = sweep(
        design, math.radians(given["sector_deg"]), zoom=conditions.zoom, dwell=given["dwell"]
    )
    ranges = np.geomspace(max(design.min_range, 1.0), design.max_range, 2_000)
    parts = []
    for target in targets:
        look = camera_look(design, ranges, target, conditions)
        needed = conditions.criteria[Task.DETECT]
        ratio = look.cycles / (needed.v50 if conditions.method == "ttp" else needed.cycles)
        found = plan.found_after(look.detect, ratio)
        far = ranges[found >= given["probability"]]
        parts.append(
            f"{target.name} {far[-1] / 1e3:.1f} km" if far.size else f"{target.name} never"
        )
    return (
        f"sweep of {given['sector_deg']:g}°: {plan.views} views of {plan.dwell:g} s, one pass in "
        f"{plan.period:.0f} s; found in one pass with {given['probability']:.0%}: "
        + ", ".join(parts)
    )


def _sources(design: "CameraDesign", targets: "list[Signature]") -> str:
    lines = [f"{name}: {getattr(design, name):g} ({source})" for name, source in design.sources]
    return "\n".join(lines + [f"{target.name}: {target.source}" for target in targets])


def _read(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise EngineError(
            f"camera file {name} cannot be read ({error}): give a readable .toml file "
            "(docs/cameras.md)"
        ) from error


def _write(path: Path, content: dict[str, Any]) -> None:
    from steppewatch.engine.whole_file import whole_file

    with whole_file(path) as stream:
        stream.write((json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())
    print(f"wrote {path}")
