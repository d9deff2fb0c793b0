"""Draw a network: how many sensors see each place, and where the border is dark."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.terrain_store import disk_errors
from steppewatch.sense.coverage.dark import Watch
from steppewatch.sense.coverage.network import Frame, Network
from steppewatch.world.border import Border
from steppewatch.world.geodesy import MEAN_RADIUS, Array
from steppewatch.world.terrain import Heights

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Apart for every kind of colour sight (Okabe & Ito 2008): one, two, three, four or more sensors.
COUNT_COLOURS = ("#56B4E9", "#0072B2", "#009E73", "#F0E442")
DARK, BRIGHT = "#D55E00", "#000000"
SUN_AZIMUTH, SUN_HEIGHT = math.radians(315.0), math.radians(40.0)
INCHES, DOTS = 11.0, 120
MOST_NAMES, MOST_DOTS = 30, 1_500


def draw_network(
    path: Path,
    frame: Frame,
    found: Network,
    watch: Watch,
    border: Border,
    heights: Heights,
    notes: tuple[str, ...],
) -> None:
    """Write a picture (PNG).

    Args:
        path: File to write.
        frame: The map's cells.
        found: What all sensors see there.
        watch: The dark list.
        border: The line.
        heights: ``(r, c)`` ground over the frame, of any number of cells [m], NaN unknown.
        notes: Lines of text below the map: what was asked, terrain, caution.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 (slow, seldom)
    from matplotlib.figure import Figure  # noqa: PLC0415

    tall = (frame.north - frame.south) / (frame.east - frame.west)
    tall /= math.cos(0.5 * (frame.north + frame.south))
    figure = Figure(figsize=(INCHES, min(max(INCHES * tall, 4.0), 16.0) + 1.6), dpi=DOTS)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.07, 0.17, 0.9, 0.77))
    west, east, south, north = (
        math.degrees(v) for v in (frame.west, frame.east, frame.south, frame.north)
    )
    extent = (west, east, south, north)
    axes.imshow(hillshade(heights, frame), extent=extent, cmap="gray", vmin=-0.3, vmax=1.1)
    thin = max(1, max(found.count.shape) // MOST_DOTS)
    axes.imshow(counted(found.count[::thin, ::thin]), extent=extent, interpolation="nearest")
    _unknown(axes, found.count[::thin, ::thin], extent)
    _border(axes, border, watch)
    _sites(axes, found)
    axes.set_aspect(1.0 / math.cos(0.5 * (frame.north + frame.south)))
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    axes.set_xlabel("longitude, degrees")
    axes.set_ylabel("latitude, degrees")
    axes.set_title(notes[0], fontsize=11, loc="left")
    _legend(axes)
    figure.text(0.07, 0.02, "\n".join(notes[1:]), fontsize=8, va="bottom")
    with disk_errors(path):
        figure.savefig(path, format="png")


def hillshade(heights: Heights, frame: Frame) -> Array:
    """Light the ground from the north-west: ``(r, c)`` 0…1, NaN where unknown."""
    rows, cols = heights.shape
    if min(rows, cols) < 2:
        return np.full(heights.shape, 0.7)
    step_y = (frame.north - frame.south) / rows * MEAN_RADIUS
    lat = np.linspace(frame.north, frame.south, rows)[:, None]
    step_x = (frame.east - frame.west) / cols * MEAN_RADIUS * np.cos(lat)
    down, right = np.gradient(heights.astype(np.float64))
    north, east = -down / step_y, right / step_x
    # Steep enough to be seen: one slope in a hundred is steeper than one in two.
    steep = np.nanpercentile(np.hypot(north, east), 99) if np.isfinite(north).any() else 0.0
    north, east = (v * 0.5 / max(steep, 1e-3) for v in (north, east))
    normal = np.sqrt(1.0 + north**2 + east**2)
    sun_north, sun_east = np.cos(SUN_AZIMUTH), np.sin(SUN_AZIMUTH)
    light = math.sin(SUN_HEIGHT) - math.cos(SUN_HEIGHT) * (north * sun_north + east * sun_east)
    return np.asarray(np.clip(light / normal, 0.0, 1.0))


def counted(count: Heights) -> NDArray[np.uint8]:
    """Colour a count: ``(r, c, 4)`` red, green, blue, opacity 0…255; clear where nobody sees."""
    from matplotlib.colors import to_rgb  # noqa: PLC0415

    known = np.nan_to_num(count, nan=0.0)
    rank = np.clip(known.astype(int), 0, len(COUNT_COLOURS))
    table = np.array([(1.0, 1.0, 1.0, 0.0), *((*to_rgb(c), 0.55) for c in COUNT_COLOURS)])
    return np.asarray((table * 255.0).astype(np.uint8)[rank])


def _sites(axes: "Axes", found: Network) -> None:
    """Mark the sites, sensors of one site under one mark."""
    places: dict[tuple[float, float], list[str]] = {}
    for name, lat, lon in found.sites:
        places.setdefault((math.degrees(lon), math.degrees(lat)), []).append(name)
    for number, (place, names) in enumerate(places.items()):
        axes.plot(*place, "^", color="white", mec="black", ms=7)
        if number < MOST_NAMES:
            text = "\n".join(names)
            axes.annotate(text, place, (5, 5), textcoords="offset points", fontsize=7)


def _unknown(axes: "Axes", count: Heights, extent: tuple[float, float, float, float]) -> None:
    """Hatch what nobody knows, so that it is never taken for dark or covered."""
    gone = np.isnan(count).astype(float)
    if gone.any() and min(gone.shape) > 1:
        axes.contourf(
            gone[::-1],
            levels=[0.5, 1.5],
            extent=extent,
            hatches=["////"],
            colors=["#BBBBBB"],
            alpha=0.5,
        )


def _border(axes: "Axes", border: Border, watch: Watch) -> None:
    for line in border.lines:
        axes.plot(np.degrees(line.lon), np.degrees(line.lat), ":", color=BRIGHT, lw=1.0)
    for part in watch.sections:
        _along(axes, border, (part.neighbour, part.start, part.end), color=BRIGHT, lw=2.0)
    for one in watch.stretches:
        _along(axes, border, (one.neighbour, one.start, one.end), color=DARK, lw=4.0, alpha=0.9)


def _along(axes: "Axes", border: Border, part: tuple[str, float, float], **style: Any) -> None:
    neighbour, start, end = part
    line = border.line(neighbour)
    inside = line.along[(line.along > start) & (line.along < end)]
    along = np.concatenate(([start], inside, [min(end, line.length)]))
    lat, lon = border.point_at(neighbour, along)
    axes.plot(np.degrees(lon), np.degrees(lat), "-", **style)


def _legend(axes: "Axes") -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    words = ("seen by 1", "by 2", "by 3", "by 4 or more")
    shown: list[Any] = [
        Patch(color=colour, alpha=0.55, label=word)
        for colour, word in zip(COUNT_COLOURS, words, strict=True)
    ]
    shown += [
        Patch(facecolor="#BBBBBB", hatch="////", label="unknown: never covered"),
        Line2D([], [], color=DARK, lw=4.0, label="dark border"),
        Line2D([], [], color=BRIGHT, lw=2.0, label="border that is seen"),
        Line2D([], [], color=BRIGHT, lw=1.0, ls=":", label="border, not asked about"),
    ]
    axes.legend(handles=shown, loc="upper left", fontsize=8, framealpha=0.9)
