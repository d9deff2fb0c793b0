"""Compiled inner loops of the least visible height at chosen points, for many sites.

Rays go only where points are: the disk about a site is cut into sectors, and each sector with
points gets as many rays as its farthest point asks for. All rays of a sector advance together
over the terrain's own latitude-longitude grid; a geodesic's row and column are cubics in distance.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel, separate_kernel

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

NEAR_RAYS = 16  # of a sector near the mast
LANES = 8  # rays are counted in steps of so many: a vector register is never half empty
ONE, HALF = np.float32(1.0), np.float32(0.5)
FINE = 3  # samples in the last step before a point
NEAR, NEAR_PARTS = 16, 4  # near the mast a height weighs more: shorter steps
MIDDLE, MIDDLE_PARTS = 80, 2
NEXT = np.uint64(1)
LOWEST = np.float32(-1e30)
WALL = 1e12  # [m]: unknown ground stands so high that nothing is seen behind it
ABSURD = 1e6  # [m]


@separate_kernel
def offsets_of_points(
    site: Array, lat: Array, lon: Array, half_sin: Array, half_cos: Array, east: Array, north: Array
) -> None:
    """Give each point's place on the plane of azimuth and distance about a site.

    Gauss's middle-latitude formulae (Torge & Müller 2012, Geodesy, §6.3.3), the first terms: within
    3 m at 100 km.

    Args:
        site: Latitude, longitude [rad], sine and cosine of half its latitude, squared
            eccentricity, semi-major axis [m].
        lat: ``(n,)`` of the points [rad].
        lon: ``(n,)`` [rad].
        half_sin: ``(n,)`` sine of half the latitude.
        half_cos: ``(n,)`` cosine.
        east: ``(n,)`` out [m].
        north: ``(n,)`` out [m].
    """
    lat0, lon0, sin0, cos0, e2, a = site[0], site[1], site[2], site[3], site[4], site[5]
    for j in range(lat.shape[0]):
        turn = lon[j] - lon0
        sine = sin0 * half_cos[j] + cos0 * half_sin[j]
        cosine = cos0 * half_cos[j] - sin0 * half_sin[j]
        w2 = 1.0 - e2 * sine * sine
        prime = a / np.sqrt(w2)
        t2 = turn * turn
        x = prime * cosine * turn * (1.0 - (sine * sine * t2) / 24.0)
        y = prime * (1.0 - e2) / w2 * (lat[j] - lat0) * (1.0 - t2 / 8.0)
        half = 0.5 * turn * sine  # half the convergence of the meridians
        h2 = half * half
        s, c = half * (1.0 - h2 / 6.0), 1.0 - 0.5 * h2 + h2 * h2 / 24.0
        east[j] = x * c - y * s
        north[j] = y * c + x * s


@separate_kernel
def march(
    dem: Floats,
    cols: np.uint64,
    ways: Floats,
    rays: int,
    begin: int,
    end: int,
    shift: int,
    step: np.float32,
    antenna: np.float32,
    horizon: Floats,
) -> None:
    """Advance the rays of one sector and keep the steepest rise so far at every step.

    Args:
        dem: ``(rows × cols,)`` heights [m], unknown ones a wall.
        cols: Columns of the terrain.
        ways: ``(9, rays)`` row and column at the site, their three terms in distance each, and the
            bend [1/m]: r0, r1, r2, r3, c0, c1, c2, c3, bend.
        rays: How many, a multiple of ``LANES``.
        begin: Step at which the rays are; its row of ``horizon`` is set.
        end: Last step.
        shift: Row of a step in ``horizon``, less the step.
        step: Length of one [m].
        antenna: Height of the antenna [m].
        horizon: ``(> end + shift, ≥ rays)`` out, rise per metre.
    """
    r0, r1, r2, r3 = ways[0], ways[1], ways[2], ways[3]
    c0, c1, c2, c3 = ways[4], ways[5], ways[6], ways[7]
    bend = ways[8]
    for s in range(begin + 1, end + 1):
        before, after = horizon[s - 1 + shift], horizon[s + shift]
        for k in range(rays):
            after[k] = before[k]
        parts = NEAR_PARTS if s <= NEAR else MIDDLE_PARTS if s <= MIDDLE else 1
        for part in range(parts - 1, -1, -1):
            d = (np.float32(s) - np.float32(part) / np.float32(parts)) * step
            over = ONE / d
            for k in range(rays):
                row = r0[k] + d * (r1[k] + d * (r2[k] + d * r3[k]))
                col = c0[k] + d * (c1[k] + d * (c2[k] + d * c3[k]))
                top, left = np.int32(row), np.int32(col)
                down, right = row - np.float32(top), col - np.float32(left)
                place = np.uint64(np.uint32(top)) * cols + np.uint64(np.uint32(left))
                a, b = dem[place], dem[place + NEXT]
                c, e = dem[place + cols], dem[place + cols + NEXT]
                upper = a + right * (b - a)
                lower = c + right * (e - c)
                height = upper + down * (lower - upper)
                rise = (height - antenna) * over - bend[k] * d
                after[k] = max(after[k], rise)


@kernel
def bilinear(dem: Floats, cols: int, row: float, col: float) -> float:
    """Interpolate one height."""
    top, left = int(row), int(col)
    down, right = row - top, col - left
    p = top * cols + left
    upper = dem[p] + right * (dem[p + 1] - dem[p])
    lower = dem[p + cols] + right * (dem[p + cols + 1] - dem[p + cols])
    return float(upper + down * (lower - upper))


@kernel
def along_way(ways: Floats, first: int, left: int, part: float, d: float) -> float:
    """Give the row (``first`` 0) or column (4) at distance ``d`` between two rays."""
    k = left + 1
    one = ways[first + 1, left] + d * (ways[first + 2, left] + d * ways[first + 3, left])
    two = ways[first + 1, k] + d * (ways[first + 2, k] + d * ways[first + 3, k])
    return float(ways[first, left] + d * (one + part * (two - one)))


@kernel
def set_ways(
    first: float,
    between: float,
    rays: int,
    place: Array,
    curve: Array,
    ways: Floats,
) -> None:
    """Set rows, columns and bends of a sector's rays.

    Legendre's series of the geodesic (Torge & Müller 2012, §6.3.2) to the third order: within 1 m
    at 100 km.

    Args:
        first: Azimuth of the first ray [rad].
        between: Angle from one to the next [rad].
        rays: How many.
        place: Row and column of the site, radians per row.
        curve: Tangent of latitude, its cosine, second eccentricity × cosine squared (η²), radius of
            curvature in the prime vertical [m], and the bend to the east and to the north [1/m].
        ways: As of :func:`march`.
    """
    t, cosine, eta2, prime, bend_east, bend_north = (
        curve[0], curve[1], curve[2], curve[3], curve[4], curve[5],
    )  # fmt: skip
    v2, t2 = 1.0 + eta2, t * t
    for k in range(rays):
        u, v = np.cos(first + k * between), np.sin(first + k * between)
        lat1 = v2 * u / prime
        lat2 = -v2 * (t * v * v + 3.0 * eta2 * t * u * u) / (2.0 * prime**2)
        lat3 = (
            -v2
            * (
                (1.0 + 3.0 * t2 + eta2 - 9.0 * eta2 * t2) * u * v * v
                + 3.0 * eta2 * (1.0 - t2) * u**3
            )
            / (6.0 * prime**3)
        )
        lon1 = v / prime
        lon2 = t * u * v / prime**2
        lon3 = ((1.0 + 3.0 * t2 + eta2) * u * u * v - t2 * v**3) / (3.0 * prime**3)
        per = 1.0 / place[2]
        ways[0, k] = place[0]
        ways[1, k] = -lat1 * per
        ways[2, k] = -lat2 * per
        ways[3, k] = -lat3 * per
        ways[4, k] = place[1]
        ways[5, k] = lon1 * per / cosine
        ways[6, k] = lon2 * per / cosine
        ways[7, k] = lon3 * per / cosine
        ways[8, k] = bend_north * u * u + bend_east * v * v


@kernel
def sort_by_sector(
    east: Array,
    north: Array,
    reach: float,
    sectors: int,
    found: Numbers,
    azimuth: Array,
    distance: Array,
    starts: Numbers,
    order: Numbers,
) -> int:
    """Keep the points in reach, and order them by sector.

    Args:
        east: ``(n,)`` [m].
        north: ``(n,)`` [m].
        reach: [m].
        sectors: How many.
        found: ``(n,)`` out, numbers of the points in reach, rising.
        azimuth: ``(n,)`` out, of those, from −π [rad].
        distance: ``(n,)`` out [m].
        starts: ``(sectors + 1,)`` out, where each sector begins in ``order``.
        order: ``(n,)`` out, positions in ``found``.

    Returns:
        How many are in reach.
    """
    count = 0
    starts[:] = 0
    per = sectors / (2.0 * np.pi)
    for j in range(east.shape[0]):
        d2 = east[j] * east[j] + north[j] * north[j]
        if d2 <= reach * reach:
            found[count] = j
            azimuth[count] = np.arctan2(east[j], north[j])
            distance[count] = np.sqrt(d2)
            starts[min(int((azimuth[count] + np.pi) * per), sectors - 1) + 1] += 1
            count += 1
    for s in range(sectors):
        starts[s + 1] += starts[s]
    for i in range(count - 1, -1, -1):
        s = min(int((azimuth[i] + np.pi) * per), sectors - 1)
        starts[s + 1] -= 1
        order[starts[s + 1]] = i
    for s in range(sectors):
        starts[s] = starts[s + 1]
    starts[sectors] = count
    return count


@kernel
def spread(few: Floats, many: Floats, rays: int) -> None:
    """Interpolate the horizon of ``NEAR_RAYS`` rays to more rays over the same sector."""
    for k in range(rays):
        line = k * (NEAR_RAYS - 1) / (rays - 1)
        left = min(int(line), NEAR_RAYS - 2)
        many[k] = few[left] + (line - left) * (few[left + 1] - few[left])


@kernel
def points_in_reach(
    east: Array, north: Array, reach: float, found: Numbers, distance: Array
) -> int:
    """Keep the points in reach, as :func:`sort_by_sector` does; give how many there are."""
    count = 0
    for j in range(east.shape[0]):
        d2 = east[j] * east[j] + north[j] * north[j]
        if d2 <= reach * reach:
            found[count] = j
            distance[count] = np.sqrt(d2)
            count += 1
    return count


@kernel
def heights_of_site(
    dem: Floats,
    cols: int,
    place: Array,
    curve: Array,
    antenna: float,
    ground: Floats,
    spacing: float,
    step: float,
    found: Numbers,
    azimuth: Array,
    distance: Array,
    starts: Numbers,
    order: Numbers,
    ways: Floats,
    horizon: Floats,
    out: Floats,
) -> None:
    """Give the least visible height of the points in reach of one site.

    Args:
        dem: As of :func:`march`.
        cols: Columns of the terrain.
        place: As of :func:`set_ways`.
        curve: As of :func:`set_ways`.
        antenna: Height of the antenna [m].
        ground: ``(n,)`` ground at all points [m], unknown ones a wall.
        spacing: Of the rays at a sector's farthest point [m].
        step: Along the rays [m].
        found: From :func:`sort_by_sector`, as the next four.
        azimuth: [rad].
        distance: [m].
        starts: Sectors.
        order: Points of the sectors.
        ways: ``(18, most rays)`` scratch.
        horizon: ``(most steps + 2, most rays)`` scratch.
        out: ``(count,)`` metres above ground, infinite where it is not known.
    """
    sectors = starts.shape[0] - 1
    width = 2.0 * np.pi / sectors
    for sector in range(sectors):
        begin, end = starts[sector], starts[sector + 1]
        if begin == end:
            continue
        far = 0.0
        for i in range(begin, end):
            far = max(far, distance[order[i]])
        rays = int(np.ceil(width * far / spacing)) + 1
        rays = max((rays + LANES - 1) // LANES, 1) * LANES
        rays = min(rays, ways.shape[1])
        between = width / (rays - 1)
        steps = min(int(far / step), horizon.shape[0] - 2)
        first = -np.pi + sector * width
        # Near the mast a few rays are as dense as all are far out.
        split = min(steps, MIDDLE)
        apart = width / (NEAR_RAYS - 1)
        set_ways(first, apart, NEAR_RAYS, place, curve, ways[9:])
        horizon[0, :NEAR_RAYS] = LOWEST
        march(
            dem, np.uint64(cols), ways[9:], NEAR_RAYS, 0, split, 0, np.float32(step),
            np.float32(antenna), horizon,
        )  # fmt: skip
        if split < steps:
            set_ways(first, between, rays, place, curve, ways)
            spread(horizon[split], horizon[split + 1], rays)
            march(
                dem, np.uint64(cols), ways, rays, split, steps, 1, np.float32(step),
                np.float32(antenna), horizon,
            )  # fmt: skip
        for i in range(begin, end):
            n = order[i]
            d, z = distance[n], ground[found[n]]
            s = min(int(d / step), steps)
            own = ways if s > split else ways[9:]
            line = (azimuth[n] - first) / (between if s > split else apart)
            left = min(max(int(line), 0), (rays if s > split else NEAR_RAYS) - 2)
            part = line - left
            behind = horizon[s + 1] if s > split else horizon[s]
            rise = behind[left] + part * (behind[left + 1] - behind[left])
            bend = own[8, left]
            for fine in range(1, FINE + 1):  # the last step, on the point's own line
                near = d - fine * step / FINE
                if near <= 0.0:
                    break
                row = along_way(own, 0, left, part, near)
                col = along_way(own, 4, left, part, near)
                ahead = (bilinear(dem, cols, row, col) - antenna) / near - bend * near
                rise = max(rise, ahead)
            height = antenna + d * (rise + bend * d) - z
            if z > ABSURD or height > ABSURD:
                out[n] = np.inf
            else:
                out[n] = max(height, 0.0)
