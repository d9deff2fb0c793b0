"""Draw a vertical cut through a radar's coverage (a Blake chart) as PNG."""

import math
from pathlib import Path

import numpy as np

from steppewatch.engine.coverage_picture import (
    CHANCE_STEPS,
    FAINT,
    INK,
    Words,
    foot,
    save,
    write_words,
)
from steppewatch.sense.coverage.vertical import VerticalCut

WIDE, CHART, HEAD, SCALE = 11.0, 4.5, 0.95, 0.5  # [inch]
EARTH, SHADOW = "#8a7763", "#d5d8dc"


def draw_cut(path: Path, cut: VerticalCut, words: Words) -> None:
    """Draw a cut: probability in colours, rays, the ground and its shadow.

    Args:
        path: PNG to write.
        cut: The cut.
        words: What is written on it.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The place cannot be written.
    """
    from matplotlib import colormaps  # noqa: PLC0415 (slow to import)
    from matplotlib.colors import BoundaryNorm, ListedColormap  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    below = foot(words, WIDE) + SCALE
    tall = below + CHART + HEAD
    low, high = below / tall, CHART / tall
    figure = Figure(figsize=(WIDE, tall))
    axes = figure.add_axes((0.08, low, 0.83, high))
    x, y = cut.distance / 1e3, cut.height / 1e3
    bottom, top = float(y[0]), float(y[-1])
    shadow = np.minimum(cut.seen_from / 1e3, top)
    axes.fill_between(x, bottom, np.nan_to_num(shadow, nan=top), color=SHADOW, lw=0)
    unknown = np.isnan(cut.seen_from)
    if unknown.any():
        axes.fill_between(
            x, bottom, top, where=unknown, facecolor="#c9ccd0", hatch="////", lw=0, zorder=3
        )
    count = len(CHANCE_STEPS) - 1
    shades = ListedColormap(colormaps["viridis"](np.linspace(0.1, 0.98, count)))
    lit = np.ma.masked_invalid(np.where(cut.pd < CHANCE_STEPS[0], np.nan, cut.pd))
    image = axes.pcolormesh(
        x, y, lit, cmap=shades, norm=BoundaryNorm(list(CHANCE_STEPS), count), alpha=0.85,
        shading="nearest", rasterized=True,
    )  # fmt: skip
    for angle, height in cut.rays:
        up = height / 1e3
        inside = (up >= bottom) & (up <= top)
        if inside.sum() < 2:
            continue
        axes.plot(x[inside], up[inside], color=INK, lw=0.5, alpha=0.55, ls=(0, (6, 4)))
        last = np.flatnonzero(inside)[-1]
        out_at_top = last < len(x) - 1
        axes.text(
            x[last], top if out_at_top else up[last], f" {math.degrees(angle):g}°", fontsize=7,
            color=INK, va="bottom" if out_at_top else "center", ha="left", clip_on=False,
        )  # fmt: skip
    axes.fill_between(x, bottom, cut.ground / 1e3, color=EARTH, lw=0, zorder=4)
    axes.plot(x, np.minimum(cut.seen_from / 1e3, top), color="#a33b00", lw=0.9, zorder=5)
    axes.set_xlim(0.0, float(x[-1]))
    axes.set_ylim(bottom, top)
    axes.set_xlabel("km along the ground", fontsize=9, color=INK)
    axes.set_ylabel("km above sea level", fontsize=9, color=INK)
    axes.tick_params(labelsize=8, colors=INK)
    axes.grid(visible=True, color=FAINT, alpha=0.2, lw=0.5)
    bar = figure.colorbar(image, cax=figure.add_axes((0.945, low, 0.012, high)))
    bar.set_ticks(list(CHANCE_STEPS))
    bar.set_label("P(detect) in one scan", fontsize=8.5, color=INK)
    bar.ax.tick_params(labelsize=8, colors=INK)
    write_words(figure, words)
    save(figure, path)
