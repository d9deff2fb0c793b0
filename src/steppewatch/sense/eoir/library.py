"""The cameras that come with Steppewatch, and how one's own is read from TOML.

Every figure of a camera's file is a table with ``value`` and ``source``; a source that begins
with ``assumed`` says that nobody published the figure.
"""

import math
import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

from steppewatch.errors import SenseError
from steppewatch.sense.eoir.camera import Band, CameraDesign

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
_THERMAL_ONLY = ("netd_mk", "scene_contrast_k")


def load_camera(text: str, name: str) -> CameraDesign:
    """Read a camera from the text of its TOML file.

    Args:
        text: The file's content.
        name: What to call the file in messages.

    Raises:
        SenseError: Not TOML, a figure missing, unknown, without source, or beyond its limits.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SenseError(f"camera {name}: not TOML ({error}); see docs/cameras.md") from error
    title, note = str(table.pop("name", name)), str(table.pop("note", ""))
    band = _band(table.pop("band", None), name)
    wanted = _keys(band)
    for key in table:
        if key not in wanted:
            raise SenseError(
                f"camera {name}: unknown figure {key!r} for a {band} camera, expected "
                f"{', '.join(wanted)}"
            )
    values: dict[str, Any] = {} if band.thermal else {"scene_contrast": 1.0}
    sources = []
    for key in wanted:
        figure, factor = _FIGURES[key]
        value, source = _figure(table.get(key), key, name)
        values[figure] = int(value) if figure in {"columns", "rows"} else value * factor
        sources.append((figure, source))
    return CameraDesign(name=title, band=band, note=note, sources=tuple(sources), **values)


def camera_design(name: str) -> CameraDesign:
    """Give a camera of the library.

    >>> camera_design("mast-thermal").columns
    640

    Raises:
        SenseError: There is none of that name.
    """
    if name not in CAMERAS:
        raise SenseError(
            f"camera is {name!r}, expected a .toml file or one of {', '.join(CAMERAS)}"
        )
    path = resources.files("steppewatch.sense").joinpath("data", f"camera-{name}.toml")
    return load_camera(path.read_text("utf-8"), name)


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


def _band(value: Any, name: str) -> Band:
    try:
        return Band(value)
    except ValueError as error:
        raise SenseError(f"camera {name}: band is {value!r}, expected {', '.join(Band)}") from error


def _figure(entry: Any, key: str, name: str) -> tuple[float, str]:
    """Take value and source of one figure."""
    if not isinstance(entry, dict) or set(entry) != {"value", "source"}:
        raise SenseError(
            f"camera {name}: {key} is {entry!r}, expected {{ value = …, source = "
            '"where it is published, or assumed" }'
        )
    value, source = entry["value"], entry["source"]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SenseError(f"camera {name}: {key} value is {value!r}, expected a number")
    if not isinstance(source, str) or not source.strip():
        raise SenseError(f"camera {name}: {key} has no source; write one, or 'assumed'")
    return float(value), source
