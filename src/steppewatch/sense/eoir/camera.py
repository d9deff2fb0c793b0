"""What a camera is: one channel of one head, with every figure that its range depends on.

A camera here classifies **objects**: "identify" means to tell the object's class (walker, rider,
4x4, truck…). It never means to identify a person.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from steppewatch.errors import SenseError


class Band(StrEnum):
    """Name the part of the spectrum that a camera looks at."""

    VISIBLE = "visible"
    MWIR = "mwir"
    LWIR = "lwir"

    @property
    def wavelength(self) -> float:
        """Give the wavelength that stands for the band [m]: 0.55, 4 and 10 µm."""
        return {"visible": 0.55e-6, "mwir": 4.0e-6, "lwir": 10.0e-6}[self.value]

    @property
    def thermal(self) -> bool:
        """Tell whether the camera sees heat, and so sees by night."""
        return self is not Band.VISIBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraDesign:
    """Hold one camera channel.

    Attributes:
        name: What people call it.
        band: Part of the spectrum.
        focal_wide: Shortest focal length [m].
        focal_narrow: Longest focal length [m]; equal for a lens without zoom.
        f_number: Focal length over aperture at the longest focal length.
        pixel: Pixel pitch [m].
        columns: Pixels across.
        rows: Pixels down.
        fill: Share of the pitch that is sensitive, along one axis, 0…1.
        noise: Temporal noise of a pixel in one frame: NETD [K] in the infrared, the share of the
            mean level (1/SNR) in the visible band.
        scene_contrast: What the display shows as full contrast: a temperature span [K] in the
            infrared, 1 in the visible band.
        frame_rate: Frames per second [Hz].
        jitter: Residual pointing motion within a frame, root mean square on one axis [rad].
        display_angle: What the picture's width subtends at the observer's eye [rad].
        display_luminance: Mean luminance of the display [cd/m²].
        min_range: Nearest range in focus [m].
        max_range: Range beyond which nobody should plan with it [m].
        mast: Height above ground when nothing else is said [m].
        sources: Where each figure comes from, by field name; ``"assumed…"`` when nobody published
            it.
        note: One line for people.
    """

    name: str
    band: Band
    focal_wide: float
    focal_narrow: float
    f_number: float
    pixel: float
    columns: int
    rows: int
    fill: float
    noise: float
    scene_contrast: float
    frame_rate: float
    jitter: float
    display_angle: float
    display_luminance: float
    min_range: float
    max_range: float
    mast: float
    sources: tuple[tuple[str, str], ...] = field(default=())
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what no camera can be, naming value, limits and remedy."""
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise SenseError(
                    f"camera {self.name!r}: {name} is {value:g}, expected {low:g}…{high:g} (SI "
                    "units); correct the camera's file"
                )
        if self.focal_narrow < self.focal_wide:
            raise SenseError(
                f"camera {self.name!r}: focal_narrow {self.focal_narrow:g} m is shorter than "
                f"focal_wide {self.focal_wide:g} m; the narrow view has the longer lens"
            )
        if self.max_range <= self.min_range:
            raise SenseError(
                f"camera {self.name!r}: max_range {self.max_range:g} m must exceed min_range "
                f"{self.min_range:g} m"
            )

    def focal(self, zoom: str | float = "narrow") -> float:
        """Give a focal length [m]: ``"wide"``, ``"narrow"``, or any length within the zoom."""
        named = {"wide": self.focal_wide, "narrow": self.focal_narrow}
        length = named.get(zoom, math.nan) if isinstance(zoom, str) else float(zoom)
        if not self.focal_wide <= length <= self.focal_narrow:
            raise SenseError(
                f"camera {self.name!r}: zoom is {zoom!r}, expected wide, narrow or a focal length "
                f"of {self.focal_wide:g}…{self.focal_narrow:g} m"
            )
        return length

    def ifov(self, zoom: str | float = "narrow") -> float:
        """Give the angle of one pixel [rad]."""
        return self.pixel / self.focal(zoom)

    def fov(self, zoom: str | float = "narrow") -> tuple[float, float]:
        """Give the field of view, width and height [rad]."""
        twice = 2.0 * self.focal(zoom)
        return (
            2.0 * math.atan(self.columns * self.pixel / twice),
            2.0 * math.atan(self.rows * self.pixel / twice),
        )

    def aperture(self, zoom: str | float = "narrow") -> float:
        """Give the diameter of the lens in use [m]: one f-number over the whole zoom."""
        return self.focal(zoom) / self.f_number


# Lowest and highest value of each figure, SI.
LIMITS: dict[str, tuple[float, float]] = {
    "focal_wide": (1e-3, 5.0),
    "focal_narrow": (1e-3, 5.0),
    "f_number": (0.7, 64.0),
    "pixel": (5e-7, 1e-4),
    "columns": (16, 20_000),
    "rows": (16, 20_000),
    "fill": (0.1, 1.0),
    "noise": (1e-5, 10.0),
    "scene_contrast": (0.01, 100.0),
    "frame_rate": (0.1, 1_000.0),
    "jitter": (0.0, 0.01),
    "display_angle": (0.02, 2.0),
    "display_luminance": (0.01, 10_000.0),
    "min_range": (0.0, 10_000.0),
    "max_range": (10.0, 100_000.0),
    "mast": (0.0, 20_000.0),
}
