"""Read the border that comes with Steppewatch, or another in the same form."""

import json
from importlib import resources
from pathlib import Path

from steppewatch.errors import EngineError, WorldError
from steppewatch.world.border import Border, parse


def load_border(path: Path | None = None) -> Border:
    """Load the Mongolian border (Natural Earth 1:10 m), or a GeoJSON file of your own."""
    packaged = resources.files("steppewatch.world").joinpath("data", "border.geojson")
    name = "border.geojson" if path is None else str(path)
    try:
        text = packaged.read_text("utf-8") if path is None else path.read_text("utf-8")
        collection = json.loads(text)
    except (OSError, ValueError) as error:
        raise EngineError(
            f"border file {name} cannot be read ({error}): give a readable GeoJSON file"
        ) from error
    try:
        return parse(collection)
    except WorldError as error:
        raise WorldError(f"{name}: {error}") from error
