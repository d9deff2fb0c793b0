"""The cameras that come with Steppewatch, and how one's own is read from TOML.

Every figure of a camera's file is a table with ``value`` and ``source``; a source that begins
with ``assumed`` says that nobody published the figure.
"""

import math
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from steppewatch.errors import SenseError
from steppewatch.sense.eoir.camera import LIMITS, Band, CameraDesign
from steppewatch.written import REQUIRED, Key, Spot, check, expected_name, parse

PAGE = "docs/cameras.md"
CAMERAS = ("mast-thermal", "mast-visible", "ball-thermal", "ball-visible", "drone-thermal")

# Key in the file → (field, factor to SI).
_FIGURES: dict[str, tuple[str, float]] = {
    "focal_wide_mm": ("focal_wide", 1e-3),
    "focal_narrow_mm": ("focal_narrow", 1e-3),
    "f_number": ("f_number", 1.0),
    "pixel_um": ("pixel", 1e-6),
    "columns": ("columns", 1.0),
    "rows": ("rows", 1.0),
    "fill": ("fill", 1.0),
    "netd_mk": ("noise", 1e-3),
    "pixel_noise": ("noise", 1.0),
    "scene_contrast_k": ("scene_contrast", 1.0),
    "frame_rate_hz": ("frame_rate", 1.0),
    "jitter_urad": ("jitter", 1e-6),
    "display_angle_deg": ("display_angle", math.pi / 180.0),
    "display_luminance_cd_m2": ("display_luminance", 1.0),
    "min_range_m": ("min_range", 1.0),
    "max_range_km": ("max_range", 1e3),
    "mast_m": ("mast", 1.0),
}
_WHOLE = ("columns", "rows")
_THERMAL_ONLY = ("netd_mk", "scene_contrast_k")


def load_camera(text: str, name: str) -> CameraDesign:
    """Read a camera from the text of its TOML file.

    Args:
        text: The file's content.
        name: What to call the file in messages.

    Raises:
        SenseError: Not TOML; a figure missing, unknown, without source, of the wrong type or
            beyond its limits; or no real camera could be so. The message names file, line, key,
            what was found and what is expected.
    """
    raw = parse(text, name, SenseError, PAGE)
    spot = Spot(name, text, "", error=SenseError)
    texts = {
        "name": Key("text", name),
        "note": Key("text", ""),
        "band": Key("text", choices=tuple(band.value for band in Band)),
    }
    head = check(spot, {key: raw[key] for key in texts if key in raw}, texts)
    band = Band(head["band"])
    wanted = _keys(band)
    top = check(spot, raw, texts | dict.fromkeys(wanted, Key("table")))
    values: dict[str, Any] = {} if band.thermal else {"scene_contrast": 1.0}
    sources = []
    for key in wanted:
        figure, factor = _FIGURES[key]
        value, source = _figure(spot, key, top[key])
        values[figure] = int(value) if figure in _WHOLE else value * factor
        sources.append((figure, source))
    try:
        return CameraDesign(
            name=head["name"], band=band, note=head["note"], sources=tuple(sources), **values
        )
    except SenseError as error:
        raise SenseError(f"{name}: {error}") from error


@cache
def camera_design(name: str) -> CameraDesign:
    """Give a camera of the library.

    >>> camera_design("mast-thermal").columns
    640

    Raises:
        SenseError: There is none of that name; the message names the closest.
    """
    if name not in CAMERAS:
        raise SenseError(
            f"camera is {name!r}, expected a .toml file or {expected_name(name, CAMERAS)}"
        )
    path = resources.files("steppewatch.sense").joinpath("data", f"camera-{name}.toml")
    return load_camera(path.read_text("utf-8"), f"camera-{name}.toml")


def find_camera(name: str, read: Callable[[str], str]) -> CameraDesign:
    """Give a camera by name, or by file when the name ends in ``.toml`` (``read`` opens it)."""
    return load_camera(read(name), name) if name.endswith(".toml") else camera_design(name)


def is_camera(text: str) -> bool:
    """Tell whether a sensor's TOML describes a camera: it has a ``band`` and a focal length."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return "band" in table and "focal_narrow_mm" in table


def _keys(band: Band) -> tuple[str, ...]:
    """Name the figures that a camera of a band has."""
    if band.thermal:
        return tuple(key for key in _FIGURES if key != "pixel_noise")
    return tuple(key for key in _FIGURES if key not in _THERMAL_ONLY)


def _figure(spot: Spot, key: str, entry: dict[str, Any]) -> tuple[float, str]:
    """Take value and source of one figure, its limits in the file's unit."""
    figure, factor = _FIGURES[key]
    low, high = LIMITS[figure]
    kind = "integer" if figure in _WHOLE else "number"
    keys = {
        "value": Key(kind, REQUIRED, low / factor, high / factor),
        "source": Key("text"),
    }
    found = check(spot, entry, keys, f"{key}.")
    if not found["source"].strip():
        spot.refuse(f"{key}.source", "empty", 'where the figure is published, or "assumed"')
    return float(found["value"]), found["source"]
