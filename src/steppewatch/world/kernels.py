"""Compiled loops of the world: short geodesics, tile sampling, the nearest border leg, relief.

Arrays and scalars only; results are written into the last arguments. The synthetic relief's noise
uses integer arithmetic that stays below 2⁶³, so it gives the same bits compiled and interpreted.
"""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel
from steppewatch.world.geodesy import ECCENTRICITY_SQ, SECOND_ECCENTRICITY_SQ, SEMI_MAJOR, Array

Heights = NDArray[np.float32]
Indices = NDArray[np.int64]

TILE = (
    256  # cells on a side of a tile; it stores one more row and column, shared with its neighbours
)
GROUP = 32  # border legs under one bounding sphere
_TURN = 2.0 * math.pi
_GRAD_X = np.cos(np.arange(256) * (_TURN / 256))
_GRAD_Y = np.sin(np.arange(256) * (_TURN / 256))
_OWN = 0.45 * np.cos((np.arange(256) * 97 % 256) * (_TURN / 256))
# The look of the relief: how much slopes calm the finer octaves, how strong each octave is beside
# the one before, how far slopes drag it along (gullies), and 1 / standard deviation of the sum
# (measured over 1 M places).
EASE, GAIN, WARP, SPREAD = 0.6, 0.55, 0.05, 3.39


@kernel
def _short(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float, float]:
    """Turn a chord into an arc with Euler's radius at the middle: distance, azimuth, radius.

    Euler's formula: Rapp 1991, "Geometric Geodesy" I, §3.5. Longitudes enter as a difference, so
    nothing happens at the antimeridian.
    """
    sin1, cos1, sin2, cos2 = math.sin(lat1), math.cos(lat1), math.sin(lat2), math.cos(lat2)
    sin_d, cos_d = math.sin(lon2 - lon1), math.cos(lon2 - lon1)
    normal1 = SEMI_MAJOR / math.sqrt(1.0 - ECCENTRICITY_SQ * sin1 * sin1)
    normal2 = SEMI_MAJOR / math.sqrt(1.0 - ECCENTRICITY_SQ * sin2 * sin2)
    dx = normal2 * cos2 * cos_d - normal1 * cos1
    dy = normal2 * cos2 * sin_d
    dz = (1.0 - ECCENTRICITY_SQ) * (normal2 * sin2 - normal1 * sin1)
    chord = math.sqrt(dx * dx + dy * dy + dz * dz)
    azimuth = math.atan2(dy, cos1 * dz - sin1 * dx) % _TURN
    lon_mid = math.atan2(cos2 * sin_d, cos1 + cos2 * cos_d)
    sin_l, cos_l = math.sin(lon_mid), math.cos(lon_mid)
    sin_m, cos_m = math.sin(0.5 * (lat1 + lat2)), math.cos(0.5 * (lat1 + lat2))
    east = dy * cos_l - dx * sin_l
    north = cos_m * dz - sin_m * (dx * cos_l + dy * sin_l)
    across = east * east + north * north
    share = north * north / across if across > 0.0 else 0.0
    normal = SEMI_MAJOR / math.sqrt(1.0 - ECCENTRICITY_SQ * sin_m * sin_m)
    radius = normal / (1.0 + SECOND_ECCENTRICITY_SQ * cos_m * cos_m * share)
    return 2.0 * radius * math.asin(min(1.0, 0.5 * chord / radius)), azimuth, radius


@kernel
def short_inverse(
    lat1: Array, lon1: Array, lat2: Array, lon2: Array, distance: Array, azimuth: Array
) -> None:
    """Measure ``(n,)`` short lines: distance [m] and azimuth at the start [rad]."""
    for i in range(lat1.size):
        distance[i], azimuth[i], _ = _short(lat1[i], lon1[i], lat2[i], lon2[i])


@kernel
def section_points(
    lat1: Array, lon1: Array, lat2: Array, lon2: Array, lat: Array, lon: Array, distance: Array
) -> None:
    """Divide ``(m,)`` lines evenly: project points of each chord down on the ellipsoid ``(m, n)``.

    One step of Bowring 1985 is exact to nanometres this close to the ellipsoid.
    """
    count = lat.shape[1]
    semi_minor = SEMI_MAJOR * math.sqrt(1.0 - ECCENTRICITY_SQ)
    for i in range(lat1.size):
        length, _, radius = _short(lat1[i], lon1[i], lat2[i], lon2[i])
        sin1, cos1, sin2, cos2 = (
            math.sin(lat1[i]),
            math.cos(lat1[i]),
            math.sin(lat2[i]),
            math.cos(lat2[i]),
        )
        sin_d, cos_d = math.sin(lon2[i] - lon1[i]), math.cos(lon2[i] - lon1[i])
        normal1 = SEMI_MAJOR / math.sqrt(1.0 - ECCENTRICITY_SQ * sin1 * sin1)
        normal2 = SEMI_MAJOR / math.sqrt(1.0 - ECCENTRICITY_SQ * sin2 * sin2)
        x1, z1 = normal1 * cos1, (1.0 - ECCENTRICITY_SQ) * normal1 * sin1
        dx, dy = normal2 * cos2 * cos_d - x1, normal2 * cos2 * sin_d
        dz = (1.0 - ECCENTRICITY_SQ) * normal2 * sin2 - z1
        half = 0.5 * length / radius
        for k in range(count):
            share = k / (count - 1)
            distance[i, k] = share * length
            if half > 1e-9:
                share = 0.5 + 0.5 * math.tan((2.0 * share - 1.0) * half) / math.tan(half)
            x, y, z = x1 + share * dx, share * dy, z1 + share * dz
            across = math.sqrt(x * x + y * y)
            reduced = math.atan2(z * SEMI_MAJOR, across * semi_minor)
            sin_r, cos_r = math.sin(reduced), math.cos(reduced)
            lat[i, k] = math.atan2(
                z + SECOND_ECCENTRICITY_SQ * semi_minor * sin_r * sin_r * sin_r,
                across - ECCENTRICITY_SQ * SEMI_MAJOR * cos_r * cos_r * cos_r,
            )
            lon[i, k] = lon1[i] + math.atan2(y, x)


@kernel
def count_tiles(row: Array, col: Array, first_row: int, first_col: int, counts: Indices) -> None:
    """Count the points in each tile; a point that is NaN is in none."""
    for i in range(row.size):
        if row[i] == row[i] and col[i] == col[i]:
            counts[int(row[i]) // TILE - first_row, int(col[i]) // TILE - first_col] += 1


@kernel
def sample_tiles(
    row: Array,
    col: Array,
    first_row: int,
    first_col: int,
    slots: Indices,
    pool: Heights,
    out: Array,
) -> None:
    """Interpolate bilinearly where the tile is in the pool; leave ``out`` as it is elsewhere.

    A neighbour of weight zero is not looked at: a hole beside an exact node does not spread.
    """
    for i in range(row.size):
        if not (row[i] == row[i] and col[i] == col[i]):
            continue
        r, c = int(row[i]), int(col[i])
        tile_row, tile_col = r // TILE, c // TILE
        slot = slots[tile_row - first_row, tile_col - first_col]
        if slot < 0:
            continue
        down, right = row[i] - r, col[i] - c
        r, c = r - tile_row * TILE, c - tile_col * TILE
        r1, c1 = (r + 1 if down > 0.0 else r), (c + 1 if right > 0.0 else c)
        top = pool[slot, r, c] * (1.0 - right) + pool[slot, r, c1] * right
        bottom = pool[slot, r1, c] * (1.0 - right) + pool[slot, r1, c1] * right
        out[i] = top * (1.0 - down) + bottom * down


@kernel
def nearest_leg(
    points: Array,
    starts: Array,
    steps: Array,
    centres: Array,
    radii: Array,
    leg: Indices,
    fraction: Array,
) -> None:
    """Find the nearest of many straight legs to each point, skipping groups that are too far.

    Args:
        points: ``(n, 3)`` ECEF [m].
        starts: ``(m, 3)`` ECEF of the legs' starts.
        steps: ``(m, 3)`` from start to end.
        centres: ``(g, 3)`` of the spheres around each ``GROUP`` legs.
        radii: ``(g,)`` of these spheres [m].
        leg: ``(n,)`` out: index of the nearest leg.
        fraction: ``(n,)`` out: where on it, 0…1.
    """
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        best = np.inf
        first, closest = 0, np.inf
        for g in range(radii.size):
            gx, gy, gz = x - centres[g, 0], y - centres[g, 1], z - centres[g, 2]
            reach = math.sqrt(gx * gx + gy * gy + gz * gz) + radii[g]
            if reach < closest:
                first, closest = g, reach
        for turn in range(-1, radii.size):
            g = first if turn < 0 else turn
            if turn == first:
                continue
            gx, gy, gz = x - centres[g, 0], y - centres[g, 1], z - centres[g, 2]
            if math.sqrt(gx * gx + gy * gy + gz * gz) - radii[g] > math.sqrt(best):
                continue
            for k in range(g * GROUP, min((g + 1) * GROUP, starts.shape[0])):
                px, py, pz = x - starts[k, 0], y - starts[k, 1], z - starts[k, 2]
                ux, uy, uz = steps[k, 0], steps[k, 1], steps[k, 2]
                t = (px * ux + py * uy + pz * uz) / (ux * ux + uy * uy + uz * uz)
                t = min(1.0, max(0.0, t))
                px, py, pz = px - t * ux, py - t * uy, pz - t * uz
                square = px * px + py * py + pz * pz
                if square < best:
                    best, leg[i], fraction[i] = square, k, t


@kernel
def _mix(key: int) -> int:
    """Scramble an integer into 0…255 (multiply and xorshift, 31 bits)."""
    key &= 0x7FFFFFFF
    key = ((key ^ (key >> 15)) * 0x2C1B3C6D) & 0x7FFFFFFF
    key = ((key ^ (key >> 12)) * 0x297A2D39) & 0x7FFFFFFF
    return (key ^ (key >> 15)) & 0xFF


@kernel
def _noise(u: float, v: float, count: int, seed: int) -> tuple[float, float, float]:
    """Evaluate gradient noise and its derivatives by u and v (Perlin 2002), periodic in u."""
    i, j = math.floor(u), math.floor(v)
    x, y = u - i, v - j
    left = int(i) % count
    right = left + 1 if left + 1 < count else 0
    a, b = left * 0x1F123BB5, right * 0x1F123BB5
    c, d = int(j) * 0x2545F491 + seed, (int(j) + 1) * 0x2545F491 + seed
    k0, k1, k2, k3 = _mix(a ^ c), _mix(b ^ c), _mix(a ^ d), _mix(b ^ d)
    gx0, gx1, gx2, gx3 = _GRAD_X[k0], _GRAD_X[k1], _GRAD_X[k2], _GRAD_X[k3]
    gy0, gy1, gy2, gy3 = _GRAD_Y[k0], _GRAD_Y[k1], _GRAD_Y[k2], _GRAD_Y[k3]
    # A value of the corner's own joins in: without, the noise is 0 at every corner and its ridges
    # show the lattice.
    f0, f1 = _OWN[k0] + gx0 * x + gy0 * y, _OWN[k1] + gx1 * (x - 1.0) + gy1 * y
    f2, f3 = _OWN[k2] + gx2 * x + gy2 * (y - 1.0), _OWN[k3] + gx3 * (x - 1.0) + gy3 * (y - 1.0)
    sx, sy = x * x * x * (x * (6.0 * x - 15.0) + 10.0), y * y * y * (y * (6.0 * y - 15.0) + 10.0)
    rise_x, rise_y = x * (x - 1.0), y * (y - 1.0)
    rise_x, rise_y = 30.0 * rise_x * rise_x, 30.0 * rise_y * rise_y
    f10, f20, twist = f1 - f0, f2 - f0, f0 - f1 - f2 + f3
    both = sx * sy
    value = f0 + sx * f10 + sy * f20 + both * twist
    du = gx0 + sx * (gx1 - gx0) + sy * (gx2 - gx0) + both * (gx0 - gx1 - gx2 + gx3)
    dv = gy0 + sx * (gy1 - gy0) + sy * (gy2 - gy0) + both * (gy0 - gy1 - gy2 + gy3)
    return value, du + rise_x * (f10 + sy * twist), dv + rise_y * (f20 + sx * twist)


@kernel
def _spline(t: float) -> tuple[float, float, float, float]:
    """Give the four weights of the uniform cubic B-spline."""
    s = 1.0 - t
    return (
        s * s * s / 6.0,
        (t * t * (3.0 * t - 6.0) + 4.0) / 6.0,
        (s * s * (3.0 * s - 6.0) + 4.0) / 6.0,
        t * t * t / 6.0,
    )


@kernel
def _relief(
    lat: float,
    lon: float,
    north: float,
    west: float,
    step: float,
    smooth: Array,
    rough: Array,
    weights: Array,
    count: int,
    seed: int,
) -> float:
    """Add eroded-looking detail to the smooth coarse relief at one place.

    A sum of octaves in which steep ground calms what is finer (after Quilez 2008, "Value noise
    derivatives") and drags it across the slope, so that ridges fray into gullies and valleys
    stay smooth.
    """
    y, x = (north - lat) / step, (lon - west) / step
    i, j = int(y), int(x)
    wy, wx = _spline(y - i), _spline(x - j)
    height = amplitude = 0.0
    for k in range(4):
        line = line_rough = 0.0
        for m in range(4):
            line += wx[m] * smooth[i - 1 + k, j - 1 + m]
            line_rough += wx[m] * rough[i - 1 + k, j - 1 + m]
        height += wy[k] * line
        amplitude += wy[k] * line_rough
    if amplitude <= 0.0:
        return height
    scale = count / _TURN
    u, v = (lon + math.pi) * scale, math.atanh(math.sin(lat)) * scale
    total = slope_u = slope_v = 0.0
    strength, octave_scale = 1.0, 1.0
    for k in range(weights.size):
        if weights[k] <= 0.0:
            break
        n, du, dv = _noise(
            (u + WARP * slope_v) * octave_scale + 0.37 * k,
            (v - WARP * slope_u) * octave_scale + 0.61 * k,
            count << k,
            seed + 0x3504F333 * k,
        )
        slope_u += du * EASE
        slope_v += dv * EASE
        total += weights[k] * strength * n / (1.0 + slope_u * slope_u + slope_v * slope_v)
        strength *= GAIN
        octave_scale *= 2.0
    return height + amplitude * total * SPREAD


@kernel
def relief_grid(
    lat: Array,
    lon: Array,
    north: float,
    west: float,
    step: float,
    smooth: Array,
    rough: Array,
    weights: Array,
    count: int,
    seed: int,
    out: Heights,
) -> None:
    """Evaluate the relief where rows ``lat (r,)`` and columns ``lon (c,)`` cross: ``(r, c)``.

    Args:
        lat: Latitudes of the rows [rad].
        lon: Longitudes of the columns [rad].
        north: Latitude of the first row of the coarse fields [rad].
        west: Longitude of their first column [rad].
        step: Their spacing [rad].
        smooth: Spline coefficients of the coarse heights [m]; two cells of margin all round.
        rough: Spline coefficients of the detail's standard deviation [m].
        weights: Share of each octave, 0…1, coarse to fine; the first 0 ends the sum.
        count: Noise cells around the globe in the first octave.
        seed: Any integer of 31 bits.
        out: ``(r, c)`` heights [m].
    """
    for i in range(lat.size):
        for j in range(lon.size):
            out[i, j] = _relief(
                lat[i], lon[j], north, west, step, smooth, rough, weights, count, seed
            )


@kernel
def relief_points(
    row: Array,
    col: Array,
    spacing: float,
    north: float,
    west: float,
    step: float,
    smooth: Array,
    rough: Array,
    weights: Array,
    count: int,
    seed: int,
    out: Array,
) -> None:
    """Interpolate between the four nodes around each point of the fine grid (rows from 90° N).

    Gives the same bits as :func:`relief_grid` followed by :func:`sample_tiles`.
    """
    for i in range(row.size):
        r, c = int(row[i]), int(col[i])
        down, right = row[i] - r, col[i] - c
        lat0, lat1 = 0.5 * math.pi - r * spacing, 0.5 * math.pi - (r + 1) * spacing
        lon0, lon1 = c * spacing - math.pi, (c + 1) * spacing - math.pi
        args = (north, west, step, smooth, rough, weights, count, seed)
        h00 = np.float32(_relief(lat0, lon0, *args))
        h01 = np.float32(_relief(lat0, lon1, *args))
        h10 = np.float32(_relief(lat1, lon0, *args))
        h11 = np.float32(_relief(lat1, lon1, *args))
        top = h00 * (1.0 - right) + h01 * right
        bottom = h10 * (1.0 - right) + h11 * right
        out[i] = top * (1.0 - down) + bottom * down
