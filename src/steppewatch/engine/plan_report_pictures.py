"""The report's pictures, made once, and laid out by HTML and PDF."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.engine.plan_map import (
    MOST_NUMBERS,
    NAMES,
    SOFT,
    draw_curve,
    draw_map,
    draw_unrolled,
    legend,
    new_figure,
    plain,
    png,
    sheet_of,
)
from steppewatch.engine.plan_report_belt import belt_of
from steppewatch.engine.plan_report_read import Cells, Plan
from steppewatch.world.border import Border
from steppewatch.world.geodesy import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE = 9.2  # [inch]
BARS = (5e3, 10e3, 25e3)  # lengths of a bar of the unrolled border [m]
MOST_BARS = 330


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Hold one picture: its place in the report, what it shows, and its bytes."""

    name: str
    caption: str
    png: bytes


def pictures(plan: Plan, cells: Cells | None, border: Border) -> Iterator[Picture]:
    """Draw what the plan allows: a map, a curve, the border unrolled."""
    sites = f"The {len(plan.sites)} sites" + (" and the belt they watch." if cells else ".")
    numbers = " Numbers are those of the table of sites." if len(plan.sites) <= MOST_NUMBERS else ""
    yield Picture(name="map", caption=sites + numbers, png=png(_map(plan, cells, border)))
    if len(plan.curve) > 1:
        figure = new_figure(WIDE, 2.9)
        draw_curve(figure.add_axes((0.075, 0.17, 0.905, 0.8)), plan)
        yield Picture(
            name="curve",
            caption="What each budget sees at best (line), and the limit that no choice can pass "
            "(dashed). The best plan lies in the grey.",
            png=png(figure),
        )
    if cells is not None:
        yield from _unrolled(cells, border)


def _map(plan: Plan, cells: Cells | None, border: Border) -> "Figure":
    sheet = sheet_of(plan, cells)
    tall = WIDE * min(sheet.tall, 1.25)
    foot = 0.55
    figure = new_figure(WIDE, tall + foot)
    axes = figure.add_axes((0.004, foot / (tall + foot), 0.992, 1.0 - foot / (tall + foot) - 0.004))
    draw_map(axes, plan, cells, border, sheet)
    legend(axes, plan, 6)
    return figure


def _unrolled(cells: Cells, border: Border) -> Iterator[Picture]:
    fine = belt_of(cells.lat, cells.lon, border, BARS[0])
    watched = np.unique(fine.piece).size
    step = next((b for b in BARS if watched * BARS[0] <= MOST_BARS * b), BARS[-1])
    belt = fine if step == BARS[0] else belt_of(cells.lat, cells.lon, border, step)
    seen: Array = (cells.seen > 0).astype(float)
    share = belt.shares(cells.weight.sum(axis=1), _parts(cells.weight, seen))
    rows = [
        (line, share[line.first : line.first + line.count])
        for line in belt.lines
        if np.isfinite(share[line.first : line.first + line.count]).any()
    ]
    if not rows:
        return
    tall = 1.15 * len(rows) + 0.35
    figure = new_figure(WIDE, tall)
    for i, (line, part) in enumerate(rows):
        bottom = (0.35 + 1.15 * (len(rows) - 1 - i) + 0.16) / tall
        axes = figure.add_axes((0.075, bottom, 0.905, 0.72 / tall))
        draw_unrolled(axes, (line.length, belt.step), (part,))
        known = np.flatnonzero(np.isfinite(part)) * belt.step / 1e3
        if known.size * belt.step < 0.5 * line.length:
            axes.set_xlim(known[0] - 5.0, known[-1] + belt.step / 1e3 + 5.0)
        name = NAMES.get(line.neighbour, line.neighbour)
        axes.set_title(plain(name), fontsize=9, loc="left", pad=4)
        axes.set_ylabel("seen, %", fontsize=8, color=SOFT)
        if i == len(rows) - 1:
            axes.set_xlabel("kilometre of the border, from the west", fontsize=8, color=SOFT)
    yield Picture(
        name="border",
        caption=f"The border unrolled, in pieces of {belt.step / 1e3:g} km: seen in green, not "
        "seen in orange, all classes together by their weight.",
        png=png(figure),
    )


def _parts(weight: Array, seen: Array) -> Array:
    whole = weight.sum(axis=1)
    part = (weight * seen).sum(axis=1)
    return np.asarray(np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0.0))
