"""How long it takes to find something: one view, and a sector swept view by view.

Search in one view: ``P(t) = P∞ (1 − e^(−t/τ))`` with ``1/τ = P∞/3.4`` up to N/N50 = 2 and
``N/N50/6.8`` beyond (the NVESD model of ACQUIRE; Ratches 1976; Howe in *The Infrared & EO Systems
Handbook*, vol. 4, §2.5). P∞ is the share of observers who would find it if they looked for ever,
so a second sweep by the same observer helps with the time, not with P∞.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import SenseError
from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.world.geodesy import Array


def search_rate(p_infinity: ArrayLike, ratio: ArrayLike) -> Array:
    """Give 1/τ [1/s] from P∞ and N/N50 (or V/V50), broadcast."""
    p_infinity, ratio = np.asarray(p_infinity, float), np.asarray(ratio, float)
    return np.where(ratio <= 2.0, p_infinity / 3.4, ratio / 6.8)


def found_by(p_infinity: ArrayLike, ratio: ArrayLike, seconds: ArrayLike) -> Array:
    """Give the chance to have found an object in one view after a time [s].

    >>> round(float(found_by(1.0, 1.0, 3.4)), 3)
    0.632
    """
    rate = search_rate(p_infinity, ratio)
    return np.asarray(-np.asarray(p_infinity, float) * np.expm1(-rate * np.asarray(seconds, float)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Hold how a sector is searched, view by view.

    Attributes:
        views: Number of views that cover the sector.
        dwell: Time in each view [s].
        slew: Time to the next view [s].
    """

    views: int
    dwell: float
    slew: float

    @property
    def period(self) -> float:
        """Give the time of one pass [s]: how long nobody looks at a place, at most, plus dwell."""
        return self.views * (self.dwell + self.slew)

    def found_after(self, p_infinity: ArrayLike, ratio: ArrayLike, passes: int = 1) -> Array:
        """Give the chance to have found a still object after whole passes."""
        return found_by(p_infinity, ratio, passes * self.dwell)


def sweep(
    camera: CameraDesign,
    sector: float,
    *,
    zoom: str | float = "narrow",
    tilt: float = 0.0,
    dwell: float = 3.0,
    slew: float = 1.0,
    overlap: float = 0.1,
) -> Sweep:
    """Plan a step-stare search of a sector.

    Args:
        camera: The camera.
        sector: Angle to cover in azimuth [rad], up to 2π.
        zoom: As in :meth:`CameraDesign.focal`.
        tilt: Angle to cover in elevation [rad]; 0 for one row of views.
        dwell: Time that the observer has in each view [s].
        slew: Time from view to view [s].
        overlap: Share of a view that the next one repeats, 0…0.9.

    Raises:
        SenseError: An argument beyond its limits.
    """
    if not (0.0 < sector <= 2.0 * math.pi + 1e-9 and 0.0 <= tilt <= math.pi):
        raise SenseError(
            f"sector is {math.degrees(sector):g}°, tilt {math.degrees(tilt):g}°: expected up to "
            "360° and 0…180°"
        )
    if not (dwell > 0.0 and slew >= 0.0 and 0.0 <= overlap <= 0.9):
        raise SenseError(
            f"dwell {dwell:g} s, slew {slew:g} s, overlap {overlap:g}: expected above 0, 0 or "
            "more, and 0…0.9"
        )
    width, height = (angle * (1.0 - overlap) for angle in camera.fov(zoom))
    rows = max(1, math.ceil(tilt / height - 1e-9))
    return Sweep(views=math.ceil(sector / width - 1e-9) * rows, dwell=dwell, slew=slew)


def time_to_find(probability: float, p_infinity: float, ratio: float, plan: Sweep) -> float:
    """Give the time until a still object is found with a probability [s]; infinite when never.

    On average the first pass comes to the object half-way; this counts whole passes, the worst.
    """
    if not 0.0 < probability < 1.0:
        raise SenseError(f"probability is {probability:g}, expected above 0 and below 1")
    if probability >= p_infinity:
        return math.inf
    rate = float(search_rate(p_infinity, ratio))
    needed = -math.log1p(-probability / p_infinity) / rate
    return math.ceil(needed / plan.dwell - 1e-9) * plan.period
