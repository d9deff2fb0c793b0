"""The border as a line with kilometres: which side, how far, at which kilometre.

The legs between the vertices are geodesics. Kilometres run along each neighbour's segment from
its western end (``docs/conventions.md``); inside they are metres, ``along``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world import geodesic, kernels
from steppewatch.world.geodesy import Array, ecef_from_geodetic, enu_rotation, geodetic_from_ecef

PIECE = 2_000.0  # metres: a chord this long lies 8 cm below its geodesic at most

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BorderLine:
    """Hold one neighbour's segment.

    Attributes:
        neighbour: Country code, ``"RU"`` or ``"CN"``.
        lat: ``(n,)`` latitudes of the vertices from west to east [rad].
        lon: ``(n,)`` longitudes [rad].
        along: ``(n,)`` geodesic metres from the western end.
    """

    neighbour: str
    lat: Array
    lon: Array
    along: Array

    @property
    def length(self) -> float:
        """Give the whole length [m]."""
        return float(self.along[-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posts:
    """Hold kilometre posts: neighbour index ``(n,)``, metres along, position [rad]."""

    neighbour: Codes
    along: Array
    lat: Array
    lon: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BorderFix:
    """Say where places lie relative to the border; every array is ``(...)`` as the query.

    Attributes:
        distance: To the nearest point of the border [m], positive inside the country.
        neighbour: Index into ``Border.lines`` of the segment that is nearest.
        along: Metres along that segment to the nearest point.
        bearing: From the place to the nearest point [rad, 0…2π].
        lat: Latitude of the nearest point [rad].
        lon: Longitude of the nearest point [rad].
    """

    distance: Array
    neighbour: Codes
    along: Array
    bearing: Array
    lat: Array
    lon: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Border:
    """Hold the segments and the pieces that :meth:`locate` searches.

    Attributes:
        lines: One segment for each neighbour; together they close a ring around the country.
    """

    lines: tuple[BorderLine, ...]
    _ring: "_Ring"

    def line(self, neighbour: str) -> BorderLine:
        """Give the segment of one neighbour."""
        for line in self.lines:
            if line.neighbour == neighbour:
                return line
        known = ", ".join(line.neighbour for line in self.lines)
        raise WorldError(f"no border segment with neighbour {neighbour!r}: there is {known}")

    def point_at(self, neighbour: str, along: ArrayLike) -> tuple[Array, Array]:
        """Find latitude and longitude [rad] so many metres along a segment."""
        line = self.line(neighbour)
        along = np.asarray(along, float)
        if not np.all((along >= 0.0) & (along <= line.length)):
            raise WorldError(
                f"border point {neighbour} km {np.nanmin(along) / 1e3:g}…{np.nanmax(along) / 1e3:g}"
                f": this segment runs from km 0 to km {line.length / 1e3:.3f}"
            )
        leg = np.clip(np.searchsorted(line.along, along, "right") - 1, 0, line.lat.size - 2)
        _, azimuth, _ = geodesic.inverse(
            line.lat[leg], line.lon[leg], line.lat[leg + 1], line.lon[leg + 1]
        )
        return geodesic.direct(line.lat[leg], line.lon[leg], azimuth, along - line.along[leg])

    def posts(self, every: float) -> Posts:
        """Put a post at the western end of each segment and every so many metres from there."""
        if not every > 0.0:
            raise WorldError(f"border posts every {every} m: give a distance above 0")
        parts = []
        for index, line in enumerate(self.lines):
            along = np.arange(0.0, line.length, every)
            lat, lon = self.point_at(line.neighbour, along)
            parts.append((np.full(along.shape, index), along, lat, lon))
        neighbour, along, lat, lon = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Posts(neighbour=neighbour, along=along, lat=lat, lon=lon)

    def locate(self, lat: ArrayLike, lon: ArrayLike) -> BorderFix:
        """Find the nearest point of the border to each place [rad], broadcast.

        Within 0.2 m of the exact answer up to 500 km from the border; NaN in, NaN out.
        """
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        ring, shape = self._ring, lat.shape
        known = np.isfinite(lat) & np.isfinite(lon)
        place = ecef_from_geodetic(np.where(known, lat, 0.0), np.where(known, lon, 0.0)).reshape(
            -1, 3
        )
        piece, share = np.empty(len(place), np.int64), np.empty(len(place))
        kernels.nearest_leg(place, ring.starts, ring.steps, ring.centres, ring.radii, piece, share)
        chord = ring.starts[piece] + share[:, None] * ring.steps[piece]
        foot_lat, foot_lon, _ = geodetic_from_ecef(chord)
        foot = ecef_from_geodetic(foot_lat, foot_lon)
        inward = ring.inward[piece]
        corner = (share <= 0.0) | (share >= 1.0)
        beside = np.where(share <= 0.0, piece - 1, (piece + 1) % len(ring.starts))
        inward = np.where(corner[:, None], inward + ring.inward[beside], inward)
        side = np.where(((place - foot) * inward).sum(axis=-1) >= 0.0, 1.0, -1.0)
        flat_lat, flat_lon = lat.ravel(), lon.ravel()
        distance, bearing = geodesic.short_inverse(flat_lat, flat_lon, foot_lat, foot_lon)
        along = ring.along[piece] + share * (ring.along_end[piece] - ring.along[piece])
        hole = ~known.ravel()
        for column in (distance, bearing, along, foot_lat, foot_lon):
            column[hole] = np.nan
        return BorderFix(
            distance=(side * distance).reshape(shape),
            neighbour=np.where(hole, -1, ring.line[piece]).reshape(shape),
            along=along.reshape(shape),
            bearing=bearing.reshape(shape),
            lat=foot_lat.reshape(shape),
            lon=foot_lon.reshape(shape),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ring:
    """Hold the pieces (at most ``PIECE`` long) of the closed ring, interior on one side."""

    starts: Array
    steps: Array
    inward: Array
    line: Codes
    along: Array
    along_end: Array
    centres: Array
    radii: Array


def parse(collection: Any) -> Border:
    """Read the border from GeoJSON: one ``LineString`` for each neighbour, which close a ring.

    Each feature carries ``properties.neighbour``; the ends of the segments must coincide.
    """
    try:
        lines = tuple(_line(feature) for feature in collection["features"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise WorldError(
            f"border GeoJSON cannot be read ({error!r}): expected a FeatureCollection of "
            "LineStrings, each with properties.neighbour and two or more positions in degrees"
        ) from error
    return Border(lines=lines, _ring=_close(lines))


def _line(feature: Any) -> BorderLine:
    if feature["geometry"]["type"] != "LineString":
        raise ValueError(feature["geometry"]["type"])
    points = np.radians(np.array(feature["geometry"]["coordinates"], float)[:, :2])
    if len(points) < 2 or not np.isfinite(points).all() or np.abs(points[:, 1]).max() > np.pi / 2:
        raise ValueError("positions")
    if points[0, 0] > points[-1, 0]:
        points = points[::-1]
    lon, lat = points[:, 0].copy(), points[:, 1].copy()
    along = geodesic.lengths_along(lat, lon)
    return BorderLine(
        neighbour=str(feature["properties"]["neighbour"]), lat=lat, lon=lon, along=along
    )


def _close(lines: tuple[BorderLine, ...]) -> _Ring:
    """Chain the segments to a ring, cut it into pieces and find which side is inside."""
    turned = _chain(lines)
    columns = [_pieces(lines[i], i, backwards=back) for i, back in turned]
    lat, lon, line, along, along_end = (np.concatenate(c) for c in zip(*columns, strict=True))
    starts = ecef_from_geodetic(lat, lon)
    steps = np.roll(starts, -1, axis=0) - starts
    up = enu_rotation(lat, lon)[:, 2]
    right = np.cross(steps, up)
    right /= np.linalg.norm(right, axis=-1, keepdims=True)
    # Shoelace formula on latitude and longitude: negative when the ring runs clockwise.
    area = float(np.sum(lon * np.roll(lat, -1) - np.roll(lon, -1) * lat))
    groups = [slice(i, i + kernels.GROUP) for i in range(0, len(starts), kernels.GROUP)]
    ends = starts + steps
    centres = np.stack([0.5 * (starts[g].mean(axis=0) + ends[g].mean(axis=0)) for g in groups])
    radii = np.array(
        [
            np.linalg.norm(np.concatenate((starts[g], ends[g])) - c, axis=-1).max()
            for g, c in zip(groups, centres, strict=True)
        ]
    )
    return _Ring(
        starts=starts,
        steps=steps,
        inward=right if area < 0.0 else -right,
        line=line,
        along=along,
        along_end=along_end,
        centres=centres,
        radii=radii,
    )


def _chain(lines: tuple[BorderLine, ...]) -> list[tuple[int, bool]]:
    """Order the segments head to tail: index, and whether to run it backwards."""
    if not lines:
        raise WorldError("border GeoJSON holds no segments: expected one LineString per neighbour")
    order = [(0, False)]
    here, home = _end(lines[0], -1), _end(lines[0], 0)
    left = list(range(1, len(lines)))
    while left:
        for i in left:
            if here in (_end(lines[i], 0), _end(lines[i], -1)):
                back = here == _end(lines[i], -1)
                order.append((i, back))
                here = _end(lines[i], 0 if back else -1)
                left.remove(i)
                break
        else:
            break
    if left or here != home:
        raise WorldError(
            "border segments do not close a ring: the end of each must be the start of the next, "
            "to 1e-5°, or it cannot be said which side is inside"
        )
    return order


def _end(line: BorderLine, which: int) -> tuple[float, float]:
    """Give an end of a segment, rounded so that equal places compare equal."""
    return (
        round(float(np.degrees(line.lat[which])), 5),
        round(float(np.degrees(line.lon[which])), 5),
    )


def _pieces(line: BorderLine, index: int, *, backwards: bool) -> tuple[Array, ...]:
    """Cut a segment into pieces: latitude, longitude, line index, metres at start and at end."""
    legs = np.diff(line.along)
    parts = np.maximum(1, np.ceil(legs / PIECE).astype(int))
    leg = np.repeat(np.arange(legs.size), parts)
    share = np.concatenate([np.arange(p) / p for p in parts])
    lat, lon = geodesic.interpolate(
        line.lat[leg], line.lon[leg], line.lat[leg + 1], line.lon[leg + 1], share
    )
    lat, lon = np.append(lat, line.lat[-1]), np.append(lon, line.lon[-1])
    along = np.append(line.along[leg] + share * legs[leg], line.length)
    if backwards:
        lat, lon, along = lat[::-1], lon[::-1], along[::-1]
    return lat[:-1], lon[:-1], np.full(leg.size, index), along[:-1], along[1:]
