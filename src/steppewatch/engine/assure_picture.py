"""Pictures of an assurance: the border unrolled, measure by measure, and the tornado."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.coverage_picture import save
from steppewatch.engine.plan_map import FAINT, INK, NAMES, SOFT, new_figure, plain
from steppewatch.plan.assure.assurance import MEASURES

if TYPE_CHECKING:
    from pathlib import Path

    from steppewatch.engine.assure_files import Findings

WIDE = 11.0  # [inch]
ROW, GAP, HEAD, FOOT = 0.22, 0.62, 0.75, 0.7  # [inch]
SAID = {
    "detected": "detected before the line",
    "tracked": "tracked in time",
    "looked": "class told by a drone",
    "met": "met by a patrol",
}
MOST_BARS = 12


def draw_border(found: Findings, path: Path) -> Path:
    """Draw every measure and class along the border, one panel for each neighbour and direction.

    Raises:
        EngineError: The place cannot be written.
    """
    board = found.problem.board
    panels = [
        (way, int(neighbour))
        for way, paths in enumerate(board.paths)
        for neighbour in np.unique(paths.neighbour)
    ]
    kinds = len(board.case.classes)
    tall = len(panels) * (len(MEASURES) * kinds * ROW + GAP) + HEAD + FOOT
    figure = new_figure(WIDE, tall)
    image = None
    for number, (way, neighbour) in enumerate(panels):
        rows, edges, names = _strips(found, way, neighbour)
        top = HEAD + number * (len(MEASURES) * kinds * ROW + GAP)
        high = len(rows) * ROW
        axes = figure.add_axes((0.2, 1.0 - (top + high) / tall, 0.77, high / tall))
        image = axes.pcolormesh(
            edges, np.arange(len(rows) + 1), rows, cmap="viridis", vmin=0.0, vmax=1.0
        )
        axes.invert_yaxis()
        axes.set_yticks(np.arange(len(rows)) + 0.5, [plain(n) for n in names], fontsize=6)
        for line in range(kinds, len(rows), kinds):
            axes.axhline(line, color="white", lw=1.5)
        line_name = found.problem.border.lines[neighbour].neighbour
        direction = "into" if board.paths[way].inward else "out of"
        axes.set_title(
            f"{NAMES.get(line_name, line_name)}, crossings {direction} the country",
            fontsize=8, loc="left", color=INK,
        )  # fmt: skip
        axes.tick_params(labelsize=6, color=FAINT)
        axes.set_xlabel("kilometre of the border, from the west", fontsize=6, color=SOFT)
    figure.text(0.02, 1.0 - 0.3 / tall, plain(_title(found)), fontsize=10, color=INK)
    figure.text(0.02, 1.0 - 0.5 / tall, plain(_foot(found)), fontsize=6.5, color=SOFT)
    if image is not None:
        bar = figure.add_axes((0.2, 0.22 / tall, 0.3, 0.1 / tall))
        figure.colorbar(image, cax=bar, orientation="horizontal").ax.tick_params(labelsize=6)
        figure.text(0.52, 0.2 / tall, "probability", fontsize=6.5, color=SOFT)
    save(figure, path)
    return path


def _strips(found: Findings, way: int, neighbour: int) -> tuple[Any, Any, list[str]]:
    """Give rows (measure by class) over the posts of one neighbour, their edges [km], names."""
    board = found.problem.board
    paths, one = board.paths[way], found.answer.each[way]
    mine = np.flatnonzero(paths.neighbour == neighbour)
    mine = mine[np.argsort(paths.along[mine])]
    hours = np.array([c.share for c in board.case.conditions])
    edges, columns = [float(paths.along[mine[0]])], []
    for post in mine.tolist():
        if paths.along[post] > edges[-1] + 1.0:  # between sections nothing was asked
            edges.append(float(paths.along[post]))
            columns.append(-1)
        edges.append(float(paths.along[post] + paths.length[post]))
        columns.append(post)
    rows, names = [], []
    for m in MEASURES:
        for c, kind in enumerate(board.case.classes):
            value = one.of(m)[:, c, :] @ (hours / hours.sum())
            rows.append([np.nan if p < 0 else float(value[p]) for p in columns])
            names.append(f"{SAID[m]}: {kind.target}" if c == 0 else kind.target)
    return np.ma.masked_invalid(np.array(rows)), np.array(edges) / 1e3, names


def draw_tornado(found: Findings, path: Path) -> Path:
    """Draw what each parameter moves, a column for each measure; raises as :func:`draw_border`."""
    swings = found.swings[:MOST_BARS]
    tall = 0.3 * max(len(swings), 1) + 1.4
    figure = new_figure(WIDE, tall)
    wide = 0.76 / len(MEASURES)
    for number, m in enumerate(MEASURES):
        axes = figure.add_axes(
            (0.22 + number * wide, 0.55 / tall, wide - 0.02, (tall - 1.35) / tall)
        )
        base = found.base[m]
        for row, one in enumerate(swings):
            for value, colour, label in zip(
                one.means, ("#d55e00", "#2b8c84"), (one.low, one.high), strict=True
            ):
                moved = value[m] - base
                axes.barh(row, moved, left=base, height=0.62, color=colour)
                if abs(moved) > 1e-4:
                    axes.annotate(
                        plain(label), (base + moved, row), (2 if moved > 0 else -2, 0),
                        textcoords="offset points", va="center", fontsize=5,
                        ha="left" if moved > 0 else "right", color=SOFT,
                    )  # fmt: skip
        axes.axvline(base, color=INK, lw=0.8)
        axes.invert_yaxis()
        axes.margins(x=0.35)
        axes.set_yticks(range(len(swings)), [plain(s.name) for s in swings], fontsize=6.5)
        if number:
            axes.set_yticklabels([])
        axes.tick_params(axis="x", labelsize=6, color=FAINT)
        axes.set_title(f"{SAID[m]}: {base:.3f}", fontsize=7.5, color=INK)
    figure.text(0.02, 1.0 - 0.3 / tall, plain(_title(found)), fontsize=10, color=INK)
    figure.text(
        0.02, 0.12 / tall,
        "mean over border, classes and conditions; each parameter at its low (orange) and high "
        "(green) value, all others as they are",
        fontsize=6.5, color=SOFT,
    )  # fmt: skip
    save(figure, path)
    return path


def _title(found: Findings) -> str:
    wanted = found.problem.wanted
    return f"Assurance: {wanted.title or wanted.source}"


def _foot(found: Findings) -> str:
    board, info = found.problem.board, found.problem.terrain.describe()
    hours = ", ".join(f"{c.name} {c.share:.0%}" for c in board.case.conditions)
    return (
        f"mean over hours and weathers ({hours}); tracked {board.case.track_time / 60:.0f} min "
        f"before the line; terrain: {info.label}"
    )
