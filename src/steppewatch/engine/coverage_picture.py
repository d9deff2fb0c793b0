"""The map of a coverage: shaded relief, contours, range rings, and what is seen, in one picture.

Drawn for paper and for a screen in daylight. What nobody knows is hatched and never coloured.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.whole_file import whole_file
from steppewatch.sense.viewshed import Window
from steppewatch.world.geodesy import Array
from steppewatch.world.terrain import Heights

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS = 1_200  # cells drawn at most, a side
LIGHT_FROM, LIGHT_HIGH = math.radians(315.0), math.radians(45.0)
INK, FAINT, PAPER = "#22262b", "#6b7178", "#ffffff"
# Steps of viridis: even in lightness, and apart for every kind of colour sight.
HEIGHT_STEPS_M = (0.0, 50.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0)
CHANCE_STEPS = (0.1, 0.3, 0.5, 0.8, 0.9, 1.0)
CONTOUR_STEPS_M = (20.0, 50.0, 100.0, 200.0, 500.0)
WIDE, MAP, HEAD, SCALE = 9.6, 8.3, 0.85, 1.2  # of the map's sheet [inch]
FOOT, FOOTER_LINE, WARNING_LINE = 0.13, 0.15, 0.17  # [inch]
RING_STEPS_KM = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Hold what is written on a picture.

    Attributes:
        title: Above.
        subtitle: Under the title, smaller.
        footer: Lines below: what the picture rests on.
        warnings: Lines that must not be missed.
    """

    title: str
    subtitle: str
    footer: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def draw_heights(path: Path, least: Heights, window: Window, words: Words) -> None:
    """Draw from how high above the ground each cell is seen; raises as ``whole_file``."""
    _draw(path, least, window, words, HEIGHT_STEPS_M, "seen from this height above ground, m", True)


def draw_chance(
    path: Path,
    chance: Heights,
    window: Window,
    words: Words,
    caption: str = "P(detect) in one scan",
) -> None:
    """Draw a probability of detection, from 0.1 on; raises as ``whole_file``."""
    # Exactly 1 would lie above the last step, which is left clear.
    sure = np.minimum(chance, np.float32(0.9999))
    _draw(path, sure, window, words, CHANCE_STEPS, caption, False)


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG, whole or not at all."""
    with whole_file(path) as stream:
        figure.savefig(stream, format="png", dpi=130, facecolor=PAPER, metadata={"Software": ""})


def _draw(
    path: Path,
    values: Heights,
    window: Window,
    words: Words,
    steps: Sequence[float],
    caption: str,
    low_is_good: bool,
) -> None:
    from matplotlib import colormaps  # noqa: PLC0415 (slow to import)
    from matplotlib.colors import BoundaryNorm, ListedColormap  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    skip = max(1, math.ceil(len(values) / PIXELS))
    shown, ground = values[::skip, ::skip], window.heights[::skip, ::skip]
    half = (window.size + 0.5) * window.cell / 1e3
    side = np.linspace(-1.0, 1.0, len(ground))
    ground = np.where(np.hypot(side[:, None], side) <= 1.0, ground, np.float32(np.nan))
    extent = (-half, half, -half, half)
    below = foot(words, WIDE)
    tall = below + SCALE + MAP + HEAD
    figure = Figure(figsize=(WIDE, tall))
    axes = figure.add_axes((0.1, (below + SCALE) / tall, MAP / WIDE, MAP / tall))
    axes.set_facecolor("#e9eaeb")
    axes.imshow(_relief(ground, window.cell * skip), cmap="gray", vmin=0, vmax=1, extent=extent)
    count = len(steps) - 1
    shades = colormaps["viridis"](np.linspace(0.98, 0.1, count))
    colours = ListedColormap(shades if low_is_good else shades[::-1]).with_extremes(
        under=(0, 0, 0, 0), over=(0, 0, 0, 0)
    )
    ceiling = shown.copy()
    with np.errstate(invalid="ignore"):
        ceiling[shown == 0.0] = 1e-6 if low_is_good else -1.0
    image = axes.imshow(
        np.ma.masked_invalid(ceiling),
        cmap=colours,
        norm=BoundaryNorm(list(steps), count),
        extent=extent,
        alpha=0.62,
        interpolation="nearest",
    )
    _contours(axes, ground, extent)
    _hatch_unknown(axes, shown, extent, half)
    _rings(axes, half)
    _frame(axes, half)
    bar = figure.colorbar(
        image, cax=figure.add_axes((0.1, (below + 0.47) / tall, 0.54, 0.17 / tall)),
        orientation="horizontal", ticks=list(steps),
    )  # fmt: skip
    _key(figure, (below + 0.55) / tall, low_is_good)
    bar.ax.set_xticklabels([f"{s:g}" for s in steps])
    bar.set_label(caption, color=INK, fontsize=9)
    bar.ax.tick_params(labelsize=8, colors=INK)
    write_words(figure, words)
    save(figure, path)


def _key(figure: "Figure", level: float, low_is_good: bool) -> None:
    """Say what is left without colour."""
    from matplotlib.patches import Patch  # noqa: PLC0415 (slow to import)

    bare = "hidden up to 10 km" if low_is_good else "less, or hidden"
    figure.legend(
        handles=[
            Patch(facecolor="#cfd1d3", edgecolor=FAINT, lw=0.5, label=bare),
            Patch(facecolor="#c9ccd0", edgecolor=INK, lw=0.5, hatch="//////", label="unknown"),
        ],
        loc="center left", bbox_to_anchor=(0.67, level), ncols=2, frameon=False, fontsize=8.5,
        labelcolor=INK, handlelength=1.8, columnspacing=1.4,
    )  # fmt: skip


def write_words(figure: "Figure", words: Words) -> None:
    """Write title, footer and warnings into a figure's margins."""
    tall = figure.get_figheight()
    figure.text(0.08, 1.0 - 0.40 / tall, words.title, fontsize=15, weight="bold", color=INK)
    figure.text(0.08, 1.0 - 0.66 / tall, words.subtitle, fontsize=9.5, color=FAINT)
    y = FOOT
    footer, warnings = _lines(words, figure.get_figwidth())
    for line in reversed(footer):
        figure.text(0.08, y / tall, line, fontsize=7.5, color=FAINT)
        y += FOOTER_LINE
    for line in reversed(warnings):
        figure.text(0.08, y / tall, line, fontsize=8, color="#a33b00", weight="bold")
        y += WARNING_LINE


def foot(words: Words, width: float) -> float:
    """Say how much room the lines below a picture take [inch], for a figure's width [inch]."""
    footer, warnings = _lines(words, width)
    return FOOT + FOOTER_LINE * len(footer) + WARNING_LINE * len(warnings)


def _lines(words: Words, width: float) -> tuple[list[str], list[str]]:
    """Break footer and warnings into lines that a figure has room for."""
    wide, bold = int(16.0 * width), int(13.0 * width)
    footer = [part for line in words.footer for part in textwrap.wrap(line, wide)]
    warnings = [
        part
        for line in words.warnings
        for part in textwrap.wrap(line, bold, initial_indent="! ", subsequent_indent="   ")
    ]
    return footer, warnings


def _relief(ground: Heights, cell: float) -> Array:
    """Shade ground lit from the north-west: ``(r, c)`` 0…1, 0.9 where it is unknown."""
    down, right = np.gradient(ground, cell)
    steep = 2.0 if cell < 300.0 else 4.0
    slope = np.arctan(steep * np.hypot(right, down))
    aspect = np.arctan2(-right, down)
    lit = np.sin(LIGHT_HIGH) * np.cos(slope) + np.cos(LIGHT_HIGH) * np.sin(slope) * np.cos(
        LIGHT_FROM - aspect
    )
    return np.asarray(np.nan_to_num(0.25 + 0.75 * np.clip(lit, 0.0, 1.0), nan=0.9))


def _contours(axes: "Axes", ground: Heights, extent: tuple[float, float, float, float]) -> None:
    known = ground[np.isfinite(ground)]
    if known.size == 0 or np.ptp(known) < 1.0:
        return
    span = float(np.percentile(known, 98) - np.percentile(known, 2))
    step = min(CONTOUR_STEPS_M, key=lambda s: abs(span / s - 10.0))
    levels = np.arange(math.floor(known.min() / step), math.ceil(known.max() / step) + 1) * step
    coarse = max(1, len(ground) // 400)
    lines = axes.contour(
        ground[::coarse, ::coarse], levels=levels, extent=extent, origin="upper",
        colors="#3a2f26", linewidths=0.35, alpha=0.55,
    )  # fmt: skip
    axes.clabel(lines, list(lines.levels)[::2], fontsize=5.5, fmt="%d", inline_spacing=1)


def _hatch_unknown(
    axes: "Axes", shown: Heights, extent: tuple[float, float, float, float], half: float
) -> None:
    """Hatch what is unknown inside the range; beyond it the paper stays bare."""
    side = np.linspace(-half, half, len(shown))
    inside = np.hypot(side[:, None], side[None, :]) <= half * (1.0 - 1.0 / len(shown))
    unknown = np.isnan(shown) & inside
    if not unknown.any():
        return
    axes.contourf(
        unknown[::-1].astype(float), levels=[0.5, 1.5], extent=extent, colors=["#c9ccd0"],
        hatches=["////"], alpha=0.9,
    )  # fmt: skip


def _rings(axes: "Axes", half: float) -> None:
    step = next((s for s in RING_STEPS_KM if half / s <= 6.5), RING_STEPS_KM[-1])
    turn = np.linspace(0.0, 2.0 * np.pi, 361)
    for ring in np.arange(step, half, step):
        axes.plot(ring * np.sin(turn), ring * np.cos(turn), color=INK, lw=0.6, alpha=0.7)
        axes.text(
            0.0, ring, f"{ring:g} km", fontsize=7, color=INK, ha="center", va="center",
            bbox={"boxstyle": "round,pad=0.15", "fc": PAPER, "ec": "none", "alpha": 0.8},
        )  # fmt: skip
    axes.plot(half * np.sin(turn), half * np.cos(turn), color=INK, lw=1.1)


def _frame(axes: "Axes", half: float) -> None:
    style: dict[str, Any] = {"fontsize": 9, "color": INK}
    axes.plot(0.0, 0.0, marker="^", ms=10, mfc="#d9480f", mec=PAPER, mew=1.2)
    axes.annotate(
        "N", xy=(0.965, 0.985), xytext=(0.965, 0.925), xycoords="axes fraction",
        ha="center", va="center", fontsize=11, weight="bold", color=INK,
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2},
    )  # fmt: skip
    axes.set_xlim(-half, half)
    axes.set_ylim(-half, half)
    axes.set_aspect("equal")
    axes.set_xlabel("km east of the site", **style)
    axes.set_ylabel("km north of the site", **style)
    axes.tick_params(labelsize=8, colors=INK)
    for spine in axes.spines.values():
        spine.set_color(FAINT)
