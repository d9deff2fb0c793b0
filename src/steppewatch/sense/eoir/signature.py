"""What a camera looks at: size, warmth and contrast of each class of object.

Sizes from the side and from above; temperature difference by day and by night; contrast in
daylight. Few of these figures are published; the table says which. Real contrasts vary by a
factor of three with season, clothing and hour, and pass through zero twice a day (thermal
crossover, an hour or so after sunrise and near sunset).
"""

import difflib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import SenseError
from steppewatch.world.geodesy import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Hold one class of object.

    Attributes:
        name: Of the class.
        height: [m].
        width: Of the side that is seen on average [m].
        depth: The other horizontal size, for views from above [m].
        warmth_day: Temperature difference to the background by day [K].
        warmth_night: By night [K].
        contrast: Against the background in daylight, 0…1.
        source: Where the figures come from.
    """

    name: str
    height: float
    width: float
    depth: float
    warmth_day: float
    warmth_night: float
    contrast: float
    source: str

    def area(self, depression: ArrayLike = 0.0) -> Array:
        """Give the area seen at an angle below the horizontal [m²]: side · cos + top · sin."""
        angle = np.abs(np.asarray(depression, float))
        side, top = self.height * self.width, self.width * self.depth
        return np.asarray(side * np.cos(angle) + top * np.sin(angle))

    def warmth(self, *, night: bool) -> float:
        """Give the temperature difference to the background [K]."""
        return self.warmth_night if night else self.warmth_day


def _row(
    name: str,
    size: tuple[float, float, float],
    warmth: tuple[float, float],
    contrast: float,
    source: str,
) -> tuple[str, Signature]:
    height, width, depth = size
    day, night = warmth
    return name, Signature(
        name=name,
        height=height,
        width=width,
        depth=depth,
        warmth_day=day,
        warmth_night=night,
        contrast=contrast,
        source=source,
    )


SIGNATURES: dict[str, Signature] = dict(
    [
        _row(
            "walker",
            (1.8, 0.5, 0.3),
            (2.0, 4.0),
            0.2,
            "size 1.8 m × 0.5 m is the trade's standard person; the rest assumed",
        ),
        _row("rider", (2.4, 1.5, 0.6), (2.0, 4.0), 0.25, "assumed: a man on a steppe horse"),
        _row("4x4", (1.9, 3.5, 1.8), (2.0, 2.0), 0.3, "ΔT 2 K as in STANAG 4347; size assumed"),
        _row("truck", (3.2, 6.0, 2.5), (2.0, 2.0), 0.3, "ΔT 2 K as in STANAG 4347; size assumed"),
        _row("light-aircraft", (2.0, 7.0, 3.0), (4.0, 4.0), 0.3, "assumed: against the sky"),
        _row("helicopter", (3.0, 9.0, 2.5), (6.0, 6.0), 0.3, "assumed: warm engine, averaged"),
        _row("small-drone", (0.15, 0.35, 0.35), (2.0, 2.0), 0.3, "assumed: against the sky"),
    ]
)


def signature(name: str) -> Signature:
    """Find a class of object by name.

    >>> round(math.sqrt(signature("walker").area()), 3)
    0.949

    Raises:
        SenseError: There is none of that name; the message names the closest.
    """
    found = SIGNATURES.get(name)
    if found is None:
        close = difflib.get_close_matches(name, SIGNATURES, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise SenseError(f"class is {name!r}, expected one of {', '.join(SIGNATURES)}{hint}")
    return found


def custom(
    *, height: float, width: float, warmth: float, contrast: float, depth: float = math.nan
) -> Signature:
    """Make a class of one's own: sizes [m], temperature difference [K], contrast 0…1.

    Raises:
        SenseError: A size is not above 0 or the contrast not within 0…1.
    """
    depth = width if math.isnan(depth) else depth
    if not (min(height, width, depth) > 0.0 and 0.0 <= contrast <= 1.0 and math.isfinite(warmth)):
        raise SenseError(
            f"object of {height:g} × {width:g} × {depth:g} m, ΔT {warmth:g} K, contrast "
            f"{contrast:g}: sizes must be above 0 and contrast within 0…1"
        )
    return _row("custom", (height, width, depth), (warmth, warmth), contrast, "given by the user")[
        1
    ]
