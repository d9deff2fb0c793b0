"""The dark list: stretches of the border that nobody sees well enough, the worst first."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.network import Cover, Network, combine
from steppewatch.world import geodesic
from steppewatch.world.border import Border, Posts
from steppewatch.world.geodesy import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Name a part of the border: neighbour, from and to [m along its segment]."""

    neighbour: str
    start: float = 0.0
    end: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hold one dark stretch.

    Attributes:
        neighbour: Whose border.
        start: Metres along that segment where it begins.
        end: Where it ends.
        worst: Lowest combined probability on it, 0 where unknown.
        fewest: Fewest sensors that see a post of it.
        unknown: Share of its posts where terrain is unknown, 0…1.
        lat: Latitude of its middle [rad].
        lon: Longitude [rad].
        nearest: Name of the sensor whose site is nearest to the middle, ``""`` when there is none.
        distance: To that site [m].
    """

    neighbour: str
    start: float
    end: float
    worst: float
    fewest: int
    unknown: float
    lat: float
    lon: float
    nearest: str
    distance: float

    @property
    def length(self) -> float:
        """Give the length [m]."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Hold how well the border is watched.

    Attributes:
        stretches: The dark list, longest first, then by the worst probability.
        length: Border looked at [m].
        dark: Of that, dark [m].
        unknown: Of the dark, with unknown terrain [m].
        every: Distance between posts [m].
        required: Combined probability that counts.
        sensors: Sensors that must each reach it (1: the combined probability must).
        sections: Parts of the border that were looked at.
    """

    stretches: tuple[Stretch, ...]
    length: float
    dark: float
    unknown: float
    every: float
    required: float
    sensors: int
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BorderPosts:
    """Hold posts along the border, each standing for the line up to where its piece ends.

    Attributes:
        posts: Neighbour, metres along and place of each.
        ends: ``(n,)`` metres along at which each piece ends.
        every: Distance between posts [m].
        sections: Parts of the border on which they stand.
    """

    posts: Posts
    ends: Array
    every: float
    sections: tuple[Section, ...]


def border_watch(
    border: Border,
    covers: Iterable[Cover],
    *,
    required: float = 0.5,
    sensors: int = 1,
    every: float = 250.0,
    sections: Sequence[Section] = (),
) -> Watch:
    """Walk along the border and list what is dark: posts, tally and list in one go.

    Args:
        border: The line.
        covers: What each sensor sees at the height and for the class in question.
        required: Probability.
        sensors: How many must see it.
        every: Distance between posts [m].
        sections: Parts of the border; all of it when empty.

    Raises:
        SenseError: A section that is not on the border, or a count below 1.
    """
    along = border_posts(border, every, sections)
    found = combine(covers, along.posts.lat, along.posts.lon, required=required)
    return dark_list(border, along, found, sensors=sensors)


def dark_list(border: Border, along: BorderPosts, found: Network, *, sensors: int = 1) -> Watch:
    """List what is dark along the border.

    A post is dark where the combined probability is below the required one, or, with ``sensors``
    above 1, where fewer sensors than that reach it each. Unknown is dark.

    Args:
        border: The line.
        along: Posts on it.
        found: What all sensors see at these posts.
        sensors: How many must see it.

    Raises:
        SenseError: A count below 1.
    """
    if sensors < 1:
        raise SenseError(f"{sensors} sensors required: expected 1 or more")
    value, needed = (
        (found.combined, found.required) if sensors == 1 else (found.count, float(sensors))
    )
    # Float32 rounds 0.5 + 1e-9 down to 0.5: a hair of grace keeps "exactly enough" bright.
    dark = ~(value >= needed - 1e-6)
    lengths = along.ends - along.posts.along
    stretches = [_stretch(border, along, found, group) for group in _runs(dark, along)]
    stretches.sort(key=lambda s: (-round(s.length, 3), s.worst, s.neighbour, s.start))
    return Watch(
        stretches=tuple(stretches),
        length=float(lengths.sum()),
        dark=float(lengths[dark].sum()),
        unknown=float(lengths[np.isnan(found.combined)].sum()),
        every=along.every,
        required=found.required,
        sensors=sensors,
        sections=along.sections,
    )


def border_posts(border: Border, every: float, sections: Sequence[Section] = ()) -> BorderPosts:
    """Set posts along the border.

    Args:
        border: The line.
        every: Distance between posts [m].
        sections: Parts of the border; all of it when empty.

    Raises:
        SenseError: A section that is not on the border, or no distance.
    """
    parts = sections or [Section(neighbour=line.neighbour) for line in border.lines]
    known = [line.neighbour for line in border.lines]
    whole: list[Section] = []
    columns: list[tuple[NDArray[np.int64], Array, Array, Array, Array]] = []
    if not every > 0.0:
        raise SenseError(f"posts every {every:g} m: expected a distance above 0")
    for part in parts:
        if part.neighbour not in known:
            raise SenseError(f"border with {part.neighbour!r}: there is {', '.join(known)}")
        length = border.line(part.neighbour).length
        end = min(part.end, length)
        if not 0.0 <= part.start < end:
            raise SenseError(
                f"border {part.neighbour} km {part.start / 1e3:g}…{part.end / 1e3:g}: this segment "
                f"runs from km 0 to km {length / 1e3:.3f}"
            )
        whole.append(Section(neighbour=part.neighbour, start=part.start, end=end))
        along = np.arange(part.start, end, every)
        lat, lon = border.point_at(part.neighbour, along)
        number = np.full(along.shape, known.index(part.neighbour), np.int64)
        columns.append((number, along, lat, lon, np.append(along[1:], end)))
    number, along, lat, lon, ends = (np.concatenate(c) for c in zip(*columns, strict=True))
    posts = Posts(neighbour=number, along=along, lat=lat, lon=lon)
    return BorderPosts(posts=posts, ends=ends, every=every, sections=tuple(whole))


def _runs(dark: NDArray[np.bool_], along: BorderPosts) -> list[slice]:
    """Find neighbouring dark posts: slices."""
    posts = along.posts
    runs = []
    start = -1
    for i, gone in enumerate(dark.tolist()):
        joined = (
            i > 0
            and start >= 0
            and posts.neighbour[i] == posts.neighbour[i - 1]
            and posts.along[i] == along.ends[i - 1]
        )
        if start >= 0 and not (gone and joined):
            runs.append(slice(start, i))
            start = -1
        if gone and start < 0:
            start = i
    if start >= 0:
        runs.append(slice(start, len(dark)))
    return runs


def _stretch(border: Border, along: BorderPosts, found: Network, group: slice) -> Stretch:
    posts = along.posts
    neighbour = border.lines[int(posts.neighbour[group.start])].neighbour
    start, end = float(posts.along[group.start]), float(along.ends[group.stop - 1])
    lat, lon = (float(v) for v in border.point_at(neighbour, 0.5 * (start + end)))
    chance = found.combined[group]
    nearest, distance = "", math.nan
    if found.sites:
        names, lats, lons = zip(*found.sites, strict=True)
        far = geodesic.inverse(lat, lon, np.array(lats), np.array(lons))[0]
        nearest, distance = names[int(np.argmin(far))], float(far.min())
    return Stretch(
        neighbour=neighbour,
        start=start,
        end=end,
        worst=float(np.nan_to_num(chance, nan=0.0).min()),
        fewest=int(np.nan_to_num(found.count[group], nan=0.0).min()),
        unknown=float(np.isnan(chance).mean()),
        lat=lat,
        lon=lon,
        nearest=nearest,
        distance=distance,
    )
