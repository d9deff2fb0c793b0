"""What a wave loses over edges and over real ground: Recommendation ITU-R P.526-15.

A single edge is Fresnel's problem with one number, ν. A whole profile is replaced by Bullington's
one edge (§4.5.1); the delta method (§4.5.4) corrects that by what the same construction misses on
a smooth earth of the same path. Loss is one-way, in decibels, never below zero.

All functions broadcast over leading axes, so that many links or raster cells are one call. NaN
heights give NaN: loss over unknown ground is unknown.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.propagation.ground import GROUNDS, Ground
from steppewatch.sense.propagation.smooth_earth import smooth_earth_db

Array = NDArray[np.float64]

LIT = -0.78  # ν below which an edge takes nothing (P.526-15, eq. 31)


def knife_edge_db(nu: ArrayLike) -> Array:
    """Give the loss of a single knife edge, by the closed form of P.526-15 eq. 31 [dB].

    Args:
        nu: Fresnel parameter, any shape; positive where the edge stands above the line.

    >>> knife_edge_db([0.0, 1.0]).round(3).tolist()
    [6.033, 13.926]
    """
    nu = np.asarray(nu, float)
    rise = np.maximum(nu, LIT) - 0.1
    loss = 6.9 + 20.0 * np.log10(np.hypot(rise, 1.0) + rise)
    return np.where(nu <= LIT, 0.0, loss)


def knife_edge_exact_db(nu: ArrayLike) -> Array:
    """Give the loss of a knife edge by Fresnel's integrals [dB], ripples of the lit side included.

    P.526-15 eq. 30. Negative where the edge's wave adds to the direct one.

    >>> knife_edge_exact_db([-1.0, 0.0, 1.0, 3.0]).round(3).tolist()
    [-1.001, 6.021, 13.864, 22.522]
    """
    from scipy.special import fresnel  # noqa: PLC0415 (slow to import)

    s, c = fresnel(np.asarray(nu, float))
    return np.asarray(-20.0 * np.log10(np.hypot(1.0 - c - s, c - s) / 2.0))


def fresnel_nu(d1: ArrayLike, d2: ArrayLike, height: ArrayLike, wavelength: float) -> Array:
    """Give ν of an edge: ``h √(2 (d₁ + d₂)/(λ d₁ d₂))`` (P.526-15, eq. 26).

    Args:
        d1: From one end to the edge [m].
        d2: From the edge to the other end [m].
        height: Of the edge above the straight line between the ends [m], negative below it.
        wavelength: [m].
    """
    d1, d2 = np.asarray(d1, float), np.asarray(d2, float)
    return np.asarray(np.asarray(height, float) * np.sqrt(2.0 * (d1 + d2) / (wavelength * d1 * d2)))


def edge_loss_db(d1: ArrayLike, d2: ArrayLike, height: ArrayLike, wavelength: float) -> Array:
    """Give the one-way loss of one edge [dB]: a target behind a ridge, or a whole raster of them.

    For a radar count it twice. Arguments as :func:`fresnel_nu`; ``height`` is over the line on
    the bent-ray earth (curvature with the site's k taken off before).

    >>> float(edge_loss_db(10e3, 10e3, 0.0, 0.1).round(3))
    6.033
    """
    return knife_edge_db(fresnel_nu(d1, d2, height, wavelength))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullington:
    """Hold Bullington's replacement of a profile.

    Attributes:
        loss_db: ``(...)`` one-way loss [dB].
        nu: ``(...)`` Fresnel parameter of the one edge, the worst point of a path in sight.
        edge: ``(...)`` distance of that edge from the first end [m].
        in_sight: ``(...)`` True where the ends see each other.
    """

    loss_db: Array
    nu: Array
    edge: Array
    in_sight: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaBullington:
    """Hold the delta-Bullington loss and its three parts, all ``(...)`` [dB], one-way.

    Attributes:
        loss_db: ``profile_db + max(sphere_db − smooth_db, 0)``.
        profile_db: Bullington over the real profile.
        smooth_db: Bullington over the smooth surface fitted to the profile.
        sphere_db: Spherical-earth diffraction over that surface.
        bullington: The edge that replaces the real profile.
    """

    loss_db: Array
    profile_db: Array
    smooth_db: Array
    sphere_db: Array
    bullington: Bullington


def bullington(
    distance: ArrayLike,
    heights: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    wavelength: float,
    effective_radius: float,
) -> Bullington:
    """Replace a profile by one edge (P.526-15, §4.5.1).

    Args:
        distance: ``(..., n)`` along the path from its start [m], rising from 0; n is 3 or more.
        heights: ``(..., n)`` ground with its cover [m above the datum].
        start: ``(...)`` antenna at the start [m above the datum].
        end: ``(...)`` antenna at the end [m above the datum].
        wavelength: [m].
        effective_radius: Of the earth, ``k a`` [m].

    Raises:
        SenseError: The profile is no profile.
    """
    distance, heights, start, end = _profile(distance, heights, start, end)
    far = distance[..., -1]
    d = distance[..., 1:-1]
    rest = far[..., None] - d
    bulge = heights[..., 1:-1] + d * rest / (2.0 * effective_radius)
    here, there = start[..., None], end[..., None]
    up = ((bulge - here) / d).max(axis=-1)
    down = ((bulge - there) / rest).max(axis=-1)
    slope = (end - start) / far
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = (end - start + down * far) / (up + down)
        left = far - cut
        above = start + up * cut - (start * left + end * cut) / far
        hidden = above * np.sqrt(2.0 * far / (wavelength * cut * left))
    each = (bulge - (here * rest + there * d) / far[..., None]) * np.sqrt(
        2.0 * far[..., None] / (wavelength * d * rest)
    )
    worst = np.argmax(each, axis=-1)
    in_sight = up < slope
    known = np.isfinite(up)
    nu = np.where(in_sight, each.max(axis=-1), np.where(known, hidden, np.nan))
    at = np.take_along_axis(d, worst[..., None], axis=-1)[..., 0]
    knife = knife_edge_db(nu)
    return Bullington(
        loss_db=knife - np.expm1(-knife / 6.0) * (10.0 + 2e-5 * far),
        nu=nu,
        edge=np.where(in_sight, at, np.where(known, cut, np.nan)),
        in_sight=in_sight & known,
    )


def delta_bullington(
    distance: ArrayLike,
    heights: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    wavelength: float,
    effective_radius: float,
    *,
    vertical: bool = True,
    ground: Ground | None = None,
    cover: ArrayLike = 0.0,
    water_share: float = 0.0,
) -> DeltaBullington:
    """Give the diffraction loss over a profile by the delta-Bullington method (P.526-15, §4.5.4).

    Args:
        distance: ``(..., n)`` along the path from its start [m], rising from 0; n is 3 or more.
        heights: ``(..., n)`` bare ground [m above the datum].
        start: ``(...)`` antenna at the start [m above the datum].
        end: ``(...)`` antenna at the end [m above the datum].
        wavelength: [m].
        effective_radius: Of the earth, ``k a`` [m].
        vertical: Polarisation; matters over smooth ground below about 300 MHz.
        ground: Kind of ground; average land when None.
        cover: ``(..., n)`` height of trees and houses between the ends [m]; it hides, but does
            not count as ground. At the two ends it is left out (P.1812-6, §3.2).
        water_share: Share of the path over the sea, 0 to 1.

    Raises:
        SenseError: The profile is no profile.
    """
    distance, heights, start, end = _profile(distance, heights, start, end)
    tops = heights + np.asarray(cover, float)
    tops[..., 0], tops[..., -1] = heights[..., 0], heights[..., -1]
    real = bullington(distance, tops, start, end, wavelength, effective_radius)
    low, high = smooth_surface(distance, heights, start, end)
    above = start - low, end - high
    smooth = bullington(
        distance, np.where(np.isfinite(heights), 0.0, np.nan), *above, wavelength, effective_radius
    )
    sphere = smooth_earth_db(
        distance[..., -1],
        *above,
        wavelength,
        effective_radius,
        vertical=vertical,
        ground=GROUNDS["land"] if ground is None else ground,
        water_share=water_share,
    )
    return DeltaBullington(
        loss_db=real.loss_db + np.maximum(sphere - smooth.loss_db, 0.0),
        profile_db=real.loss_db,
        smooth_db=smooth.loss_db,
        sphere_db=sphere,
        bullington=real,
    )


def smooth_surface(
    distance: ArrayLike, heights: ArrayLike, start: ArrayLike, end: ArrayLike
) -> tuple[Array, Array]:
    """Fit the smooth surface that counts for diffraction (P.526-15, §4.5.3).

    Args:
        distance: ``(..., n)`` [m].
        heights: ``(..., n)`` bare ground [m above the datum].
        start: ``(...)`` antenna at the start [m above the datum].
        end: ``(...)`` antenna at the end [m above the datum].

    Returns:
        ``(...)`` height of the surface under the two ends [m above the datum], never above the
        ground there.
    """
    distance, heights, start, end = _profile(distance, heights, start, end)
    far = distance[..., -1]
    d0, d1 = distance[..., :-1], distance[..., 1:]
    h0, h1 = heights[..., :-1], heights[..., 1:]
    area = ((d1 - d0) * (h1 + h0)).sum(axis=-1)
    moment = ((d1 - d0) * (h1 * (2.0 * d1 + d0) + h0 * (d1 + 2.0 * d0))).sum(axis=-1)
    low = (2.0 * area * far - moment) / far**2
    high = (moment - area * far) / far**2
    d = distance[..., 1:-1]
    rest = far[..., None] - d
    over = heights[..., 1:-1] - (start[..., None] * rest + end[..., None] * d) / far[..., None]
    worst = over.max(axis=-1)
    near, away = (over / d).max(axis=-1), (over / rest).max(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(worst > 0.0, near / (near + away), 0.0)
    lower = np.maximum(worst, 0.0)
    low, high = low - lower * share, high - lower * (1.0 - share)
    return np.minimum(low, heights[..., 0]), np.minimum(high, heights[..., -1])


def _profile(
    distance: ArrayLike, heights: ArrayLike, start: ArrayLike, end: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    """Check a profile and give it as arrays of one shape."""
    distance, heights = np.broadcast_arrays(np.asarray(distance, float), np.asarray(heights, float))
    points = distance.shape[-1] if distance.ndim else 0
    if points < 3:
        raise SenseError(f"a profile of {points} points, expected 3 or more: the ends, and between")
    if not (np.all(distance[..., 0] == 0.0) and np.all(np.diff(distance, axis=-1) > 0.0)):
        raise SenseError(
            f"profile distances run from {float(distance.flat[0]):g} m to "
            f"{float(distance[..., -1].max()):g} m, expected to start at 0 and rise at every point"
        )
    shape = distance.shape[:-1]
    start, end = (np.broadcast_to(np.asarray(v, float), shape) for v in (start, end))
    return distance, heights, start, end


def effective_radius(k: float, radius: float = 6_371_000.0) -> float:
    """Give the earth's effective radius [m] of a factor k.

    Raises:
        SenseError: ``k`` is none of real air.
    """
    if not (math.isfinite(k) and 0.3 <= k <= 1e6):
        raise SenseError(f"k is {k:g}, expected 0.3 to 1e6; Mongolian summits have about 1.27")
    return k * radius
