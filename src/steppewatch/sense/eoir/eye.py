"""What the observer's eye needs: the contrast threshold, and what noise adds to it.

Barten 1992 (Proc. SPIE 1666, 57) gives the naked eye; Vollmerhausen & Jacobs 2004 (*The Targeting
Task Performance (TTP) Metric*, AMSEL-NV-TR-230) add the camera's blur and noise.
"""

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.eoir import optics
from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.world.geodesy import Array

ALPHA = 169.6  # calibration of the effect of display noise [√Hz]: Vollmerhausen & Jacobs 2004
CYCLES_PER_DEGREE = np.pi / 180.0


def sensitivity(frequency: ArrayLike, luminance: float, width_deg: float) -> Array:
    """Give the eye's contrast sensitivity (1/threshold).

    Args:
        frequency: Cycles per degree at the eye, above 0.
        luminance: Of the display [cd/m²].
        width_deg: Size of the picture at the eye [degree].
    """
    u = np.asarray(frequency, float)
    a = 540.0 * (1.0 + 0.7 / luminance) ** -0.2 / (1.0 + 12.0 / (width_deg * (1.0 + u / 3.0) ** 2))
    b = 0.3 * (1.0 + 100.0 / luminance) ** 0.15
    growth = np.exp(np.minimum(b * u, 600.0))
    return np.asarray(a * u / growth * np.sqrt(1.0 + 0.06 * growth))


def noise_passed(frequency: ArrayLike, ifov: float) -> Array:
    """Give the share of white pixel noise that disturbs a pattern of ``frequency`` [cycles/rad].

    Across the bars the eye looks through an octave-wide filter, ``exp(−2.2 ln²)``; along them
    through the display's pixels; nothing beyond the Nyquist frequency. Dimensionless, 0…1.
    """
    frequency = np.asarray(frequency, float)
    step = 1.0 / 512.0
    half = (np.arange(256) + 0.5) * step  # cycles per pixel, up to Nyquist
    shown = np.sinc(half) ** 2
    ratio = np.log(half / (frequency[..., None] * ifov))
    across = 2.0 * step * (np.exp(-4.4 * ratio**2) * shown).sum(axis=-1)
    along = 2.0 * step * shown.sum()
    return np.asarray(across * along)


def system_threshold(
    frequency: ArrayLike,
    camera: CameraDesign,
    zoom: str | float = "narrow",
    air: ArrayLike = 1.0,
) -> Array:
    """Give the contrast that a pattern must have to be seen through a camera.

    ``CTF_sys = CTF_eye(ν/M) / MTF · √(1 + α² n² Q / F)`` with the magnification M of the display,
    the noise n of a pixel as a share of full contrast, the share Q of it that disturbs, and the
    frame rate F. Infinite where the MTF is 0.

    Args:
        frequency: Cycles per radian of object angle, above 0.
        camera: The camera.
        zoom: As in :meth:`CameraDesign.focal`.
        air: MTF of the air at these frequencies, broadcast.
    """
    frequency = np.asarray(frequency, float)
    magnification = camera.display_angle / camera.fov(zoom)[0]
    eye = sensitivity(
        frequency / magnification * CYCLES_PER_DEGREE,
        camera.display_luminance,
        float(np.degrees(camera.display_angle)),
    )
    noise = camera.noise / camera.scene_contrast
    disturbed = noise_passed(frequency, camera.ifov(zoom))
    rise = np.sqrt(1.0 + ALPHA**2 * noise**2 * disturbed / camera.frame_rate)
    with np.errstate(divide="ignore"):
        return np.asarray(rise / (eye * optics.system(frequency, camera, zoom) * np.asarray(air)))
