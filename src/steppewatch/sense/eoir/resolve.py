"""How fine a pattern a camera resolves at a contrast and a range, tabulated for fast looks.

Two measures of one curve, the system's contrast threshold CTF(ν):

* Johnson: the highest frequency whose threshold is met [cycles/rad];
* TTP: ``∫ √(C / CTF(ν)) dν`` over all frequencies whose threshold is met (Vollmerhausen & Jacobs
  2004) [cycles/rad].

No frequency above Nyquist (half a cycle per pixel) counts. Both depend on contrast and, through
turbulence, on range; one table per camera, zoom and turbulence answers whole maps.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.eoir import optics
from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.sense.eoir.eye import system_threshold
from steppewatch.world.geodesy import Array

FREQUENCIES, CONTRASTS, RANGES = 400, 161, 49
LEAST_CONTRAST = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolution:
    """Hold the table; rows ln contrast, columns ln range, both even steps.

    Attributes:
        first_contrast: ln of the first row.
        step_contrast: Step of the rows.
        first_range: ln of the first column [ln m].
        step_range: Step of the columns.
        limit: ``(r, c)`` highest frequency resolved [cycles/rad].
        metric: ``(r, c)`` TTP integral [cycles/rad].
    """

    first_contrast: float
    step_contrast: float
    first_range: float
    step_range: float
    limit: Array
    metric: Array

    def at(self, table: Array, contrast: ArrayLike, slant_range: ArrayLike) -> Array:
        """Interpolate ``limit`` or ``metric`` bilinearly; clamped at the ends, NaN stays NaN.

        Against direct integration: within 1 % of the metric (the tests say how close).
        """
        shape = np.broadcast_shapes(np.shape(contrast), np.shape(slant_range))
        contrast = np.broadcast_to(np.asarray(contrast, float), shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            row = (np.log(contrast) - self.first_contrast) / self.step_contrast
            column = (np.log(np.asarray(slant_range, float)) - self.first_range) / self.step_range
        unknown = np.isnan(row) | np.isnan(column)
        row = np.clip(np.where(unknown, 0.0, row), 0.0, table.shape[0] - 1.0)
        column = np.clip(np.where(unknown, 0.0, column), 0.0, table.shape[1] - 1.0)
        i = np.minimum(row.astype(np.intp), table.shape[0] - 2)
        j = np.minimum(column.astype(np.intp), table.shape[1] - 2)
        u, v = row - i, column - j
        low = table[i, j] * (1.0 - v) + table[i, j + 1] * v
        high = table[i + 1, j] * (1.0 - v) + table[i + 1, j + 1] * v
        return np.where(unknown, np.nan, low * (1.0 - u) + high * u)


def measure(threshold: Array, frequency: Array, contrast: float) -> tuple[float, float]:
    """Give Johnson's limit and the TTP integral [cycles/rad] of one threshold curve.

    Args:
        threshold: ``(n,)`` contrast threshold, rising from some frequency on.
        frequency: ``(n,)`` cycles per radian, ascending.
        contrast: Contrast of the object at the camera, 0…1.
    """
    met = np.nonzero(threshold <= contrast)[0]
    if met.size == 0:
        return 0.0, 0.0
    last = int(met[-1])
    limit = float(frequency[last])
    if last + 1 < frequency.size and np.isfinite(threshold[last + 1]):
        # Between two samples ln CTF is nearly straight: step to where it meets the contrast.
        rise = np.log(threshold[last + 1] / threshold[last])
        share = np.log(contrast / threshold[last]) / rise
        limit += float(share * (frequency[last + 1] - frequency[last]))
    excess = np.sqrt(np.where(threshold <= contrast, contrast / threshold, 0.0))
    tail = 0.5 * (limit - float(frequency[last])) * (1.0 + float(excess[last]))
    return limit, float(np.trapezoid(excess[: last + 1], frequency[: last + 1])) + tail


@lru_cache(maxsize=32)
def resolution(camera: CameraDesign, zoom: str | float, cn2: float) -> Resolution:
    """Tabulate what a camera resolves; remembered for each camera, zoom and turbulence.

    Args:
        camera: The camera.
        zoom: As in :meth:`CameraDesign.focal`.
        cn2: Mean turbulence on the path [m^(−2/3)].
    """
    nyquist = 0.5 / camera.ifov(zoom)
    frequency = nyquist * (np.arange(FREQUENCIES) + 1.0) / FREQUENCIES
    clear = system_threshold(frequency, camera, zoom)
    contrasts = np.linspace(np.log(LEAST_CONTRAST), 0.0, CONTRASTS)
    ranges = np.linspace(np.log(50.0), np.log(100_000.0), RANGES if cn2 > 0.0 else 2)
    wavelength = camera.band.wavelength
    limit, metric = np.empty((2, contrasts.size, ranges.size))
    for j, distance in enumerate(np.exp(ranges)):
        r0 = optics.coherence_diameter(wavelength, cn2, distance)
        with np.errstate(divide="ignore", over="ignore"):
            threshold = clear / optics.turbulence(frequency, wavelength, r0)
        for i, contrast in enumerate(np.exp(contrasts)):
            limit[i, j], metric[i, j] = measure(threshold, frequency, float(contrast))
    return Resolution(
        first_contrast=float(contrasts[0]),
        step_contrast=float(contrasts[1] - contrasts[0]),
        first_range=float(ranges[0]),
        step_range=float(ranges[1] - ranges[0]),
        limit=limit,
        metric=metric,
    )
