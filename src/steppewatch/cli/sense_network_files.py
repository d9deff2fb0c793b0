"""The files of ``steppewatch sense network``: the dark list as CSV and JSON, and the maps."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from steppewatch.engine.coverage_files import write_raster
from steppewatch.engine.network_picture import draw_network
from steppewatch.engine.whole_file import make_folder, whole_file
from steppewatch.sense.coverage.dark import Watch
from steppewatch.sense.coverage.network import Frame, Network
from steppewatch.world.border import Border
from steppewatch.world.terrain import Terrain

COLUMNS = (
    "rank",
    "border",
    "from_km",
    "to_km",
    "length_km",
    "worst_p",
    "fewest_sensors",
    "unknown_share",
    "middle_lon_deg",
    "middle_lat_deg",
    "nearest_sensor",
    "nearest_km",
)


def rows_of(watch: Watch) -> list[dict[str, Any]]:
    """Give the dark list as rows for files: kilometres and degrees."""
    return [
        dict(
            zip(
                COLUMNS,
                (
                    rank,
                    one.neighbour,
                    round(one.start / 1e3, 3),
                    round(one.end / 1e3, 3),
                    round(one.length / 1e3, 3),
                    round(one.worst, 4),
                    one.fewest,
                    round(one.unknown, 4),
                    round(math.degrees(one.lon), 6),
                    round(math.degrees(one.lat), 6),
                    one.nearest,
                    None if math.isnan(one.distance) else round(one.distance / 1e3, 2),
                ),
                strict=True,
            )
        )
        for rank, one in enumerate(watch.stretches, 1)
    ]


def write_lists(out: Path, watch: Watch, about: dict[str, Any]) -> None:
    """Write ``dark.csv`` and ``dark.json``.

    Raises:
        EngineError: The folder cannot be written.
    """
    rows = rows_of(watch)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    whole = {
        **about,
        "border_km": round(watch.length / 1e3, 3),
        "dark_km": round(watch.dark / 1e3, 3),
        "unknown_km": round(watch.unknown / 1e3, 3),
        "step_m": watch.every,
        "dark": rows,
    }
    _write(out / "dark.csv", table.getvalue())
    _write(out / "dark.json", json.dumps(whole, indent=2, ensure_ascii=False) + "\n")


def write_maps(
    out: Path,
    frame: Frame,
    found: Network,
    watch: Watch,
    border: Border,
    terrain: Terrain,
    about: dict[str, Any],
) -> None:
    """Write the rasters of a network on its latitude/longitude frame, and the picture."""
    path = out / "network.tif"
    layers = {
        f"sensors with P >= {found.required:g}": found.count,
        "best P": found.best,
        "combined P (sensors independent)": found.combined,
    }
    west, south, east, north = (
        math.degrees(v) for v in (frame.west, frame.south, frame.east, frame.north)
    )
    rows, cols = found.count.shape
    place = ((east - west) / cols, 0.0, west, 0.0, (south - north) / rows, north)
    write_raster(path, layers, "EPSG:4326", place, _tags(about))
    print(f"wrote {path}")
    thin = max(1, max(len(frame.lat), len(frame.lon)) // 1_500)
    heights = terrain.grid(frame.lat[::thin], frame.lon[::thin])
    picture = out / "network.png"
    draw_network(picture, frame, found, watch, border, heights, _notes(watch, about))
    print(f"wrote {picture}")


def _tags(about: dict[str, Any]) -> dict[str, str]:
    """Say in the raster what it rests on."""
    told = {
        key.upper(): str(value)
        for key, value in about.items()
        if key not in {"sensors", "warnings"}
    }
    warned = {f"WARNING_{i}": line for i, line in enumerate(about["warnings"], 1)}
    return told | {"SENSORS": ", ".join(about["sensors"])} | warned


def _notes(watch: Watch, about: dict[str, Any]) -> tuple[str, ...]:
    """Say below the map what it shows."""
    each = "combined" if watch.sensors == 1 else f"each of {watch.sensors} sensors"
    dark, length = watch.dark / 1e3, watch.length / 1e3
    asked = f"sensors with P ≥ {watch.required:g}; dark border: {each} P below it"
    lines = [
        f"{about['title']}: {about['target']} at {about['height_m']:g} m above ground",
        f"colours: {asked}, {dark:.1f} of {length:.1f} km",
        f"terrain: {about['terrain']}",
        "radars: one scan; cameras: when they look there; sensors taken as independent",
    ]
    return tuple(lines + [f"! {line}" for line in about["warnings"]])


def _write(path: Path, text: str) -> None:
    make_folder(path.parent)
    with whole_file(path) as stream:
        stream.write(text.encode())
    print(f"wrote {path}")
