"""Pictures of a scored run: GOSPA over time and its parts, tracks over the truth, consistency."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.whole_file import make_folder, whole_file
from steppewatch.fuse.score import Report, Series
from steppewatch.fuse.score.consistency import bounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito 2008: apart for every kind of colour sight.
LOCAL, MISSED, FALSE, LINE = "#56b4e9", "#e69f00", "#cc79a7", "#22262b"
BAND, SECOND, GRID = "#009e73", "#d55e00", "#d7dade"
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#117733")


def draw_run(
    folder: Path,
    title: str,
    report: Report,
    truth: Series,
    tracks: Series,
    surprise: tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> list[Path]:
    """Draw a run's scores as PNG files.

    Args:
        folder: Where to; it is made if need be.
        title: What was tracked, and how.
        report: The scores.
        truth: The targets, in the frame of the tracks [m].
        tracks: The tracks.
        surprise: NIS of the k moments: sums, numbers of components, numbers of innovations; None
            where they were not measured.

    Returns:
        The files.

    Raises:
        EngineError: The folder cannot be written.
    """
    make_folder(folder)
    names = ("gospa", "parts", "tracks", "consistency")
    sheets = (
        _gospa(title, report),
        _parts(title, report),
        _map(title, truth, tracks),
        _consistency(title, report, surprise),
    )
    paths = []
    for name, figure in zip(names, sheets, strict=True):
        paths.append(folder / f"{name}.png")
        with whole_file(paths[-1]) as stream:
            figure.savefig(stream, format="png", dpi=120, metadata={"Software": ""})
    return paths


def _sheet(title: str, rows: int = 1, height: float = 4.6) -> tuple["Figure", list["Axes"]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 (slow to import)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(9.6, height * (1.0 + 0.6 * (rows - 1))), layout="constrained")
    FigureCanvasAgg(figure)
    axes = np.atleast_1d(figure.subplots(rows, 1, sharex=rows > 1)).tolist()
    axes[0].set_title(title, fontsize=10, loc="left")
    for one in axes:
        one.grid(color=GRID, lw=0.6)
        one.set_axisbelow(True)
        one.margins(x=0.0)
    return figure, axes


def _gospa(title: str, report: Report) -> "Figure":
    figure, (above, below) = _sheet(title, 2, 3.6)
    line = report.timeline
    above.plot(line.time, line.gospa, color=LINE, lw=1.3, label="GOSPA")
    above.plot(line.time, line.ospa, color=HUES[0], lw=1.0, label="OSPA")
    if np.isfinite(line.ospa2).any():
        above.plot(line.time, line.ospa2, color=SECOND, lw=1.0, ls="--", label="OSPA(2)")
    above.axhline(report.gospa, color=LINE, lw=0.7, ls=":")
    above.set_ylabel(f"m (cut off at {report.cut_off:g} m)")
    above.set_ylim(bottom=0.0)
    skipped = len(line.time) - report.moments
    if 0 < skipped < len(line.time):
        for one in (above, below):
            one.axvspan(line.time[0], line.time[skipped], color=GRID, alpha=0.5, lw=0)
    below.plot(line.time, line.targets, color=LINE, lw=1.3, label="targets")
    below.plot(line.time, line.tracks, color=HUES[0], lw=1.0, label="tracks")
    below.plot(line.time, line.held, color=BAND, lw=1.0, ls="--", label="targets held")
    below.set_ylim(bottom=0.0)
    below.set_xlabel("s (grey: not in the means)")
    for one in (above, below):
        one.legend(fontsize=8, loc="best", frameon=False)
    return figure


def _parts(title: str, report: Report) -> "Figure":
    figure, (axes,) = _sheet(f"{title}\nGOSPA² and what it is made of")
    line = report.timeline
    axes.stackplot(
        line.time,
        line.localisation / 1e6,
        line.missed / 1e6,
        line.false / 1e6,
        colors=(LOCAL, MISSED, FALSE),
        labels=("localisation", "missed targets", "false tracks"),
        lw=0,
    )
    axes.set_ylabel("km²")
    axes.set_xlabel("s")
    axes.legend(fontsize=8, loc="best", frameon=False)
    return figure


def _map(title: str, truth: Series, tracks: Series) -> "Figure":
    figure, (axes,) = _sheet(
        f"{title}\ntruth grey and wide, tracks coloured, △ where one began", 1, 9.0
    )
    for _, path in _paths(truth):
        axes.plot(path[:, 0] / 1e3, path[:, 1] / 1e3, color="#b8bdc3", lw=2.6, zorder=1)
    for name, path in _paths(tracks):
        hue = HUES[name % len(HUES)]
        axes.plot(path[:, 0] / 1e3, path[:, 1] / 1e3, color=hue, lw=0.9, zorder=2)
        axes.plot(path[0, 0] / 1e3, path[0, 1] / 1e3, marker="^", ms=3.0, color=hue, zorder=3)
    axes.margins(0.03)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("km east")
    axes.set_ylabel("km north")
    return figure


def _paths(rows: Series) -> list[tuple[int, NDArray[np.float64]]]:
    """Give the way of each target or track, NaN where it was away for some moments."""
    order = np.argsort(rows.name, kind="stable")
    moment = rows.moment()[order]
    name, place = rows.name[order], rows.position[order, :2]
    found = []
    for part in np.split(np.arange(len(order)), np.flatnonzero(np.diff(name)) + 1):
        if len(part):
            away = np.flatnonzero(np.diff(moment[part]) > 1) + 1
            path = np.insert(place[part], away, math.nan, axis=0)
            found.append((int(name[part[0]]), path))
    return found


def _consistency(title: str, report: Report, surprise: Any) -> "Figure":
    both = surprise is not None and bool((surprise[2] > 0).any())
    figure, axes = _sheet(title, 2 if both else 1, 3.6 if both else 4.6)
    line = report.timeline
    parts = report.nees[0].components if report.nees else 6
    known = np.isfinite(line.nees)
    _against(
        axes[0], line.time[known], line.nees[known], line.held[known], parts,
        f"NEES per component (of {parts})",
    )  # fmt: skip
    if both:
        total, components, count = surprise
        some = count > 0
        each = round(float(components[some].sum() / count[some].sum()))
        _against(
            axes[1], line.time[some], total[some] / components[some], count[some], max(each, 1),
            "NIS per component",
        )  # fmt: skip
    axes[-1].set_xlabel("s (green: 95 % bounds of a consistent tracker, errors independent)")
    return figure


def _against(
    axes: "Axes",
    time: NDArray[np.float64],
    value: NDArray[np.float64],
    count: NDArray[np.int64],
    parts: int,
    what: str,
) -> None:
    """Draw normalised squared errors over their chi-square bounds."""
    if not len(time):
        axes.text(0.5, 0.5, f"{what}: nothing to measure", transform=axes.transAxes, ha="center")
        return
    low, high = bounds(np.maximum(count, 1), parts)
    axes.fill_between(time, low, high, color=BAND, alpha=0.3, lw=0)
    axes.axhline(1.0, color=BAND, lw=0.8)
    axes.plot(time, value, color=LINE, lw=1.1)
    axes.set_ylabel(what)
    axes.set_ylim(0.0, max(2.0, 1.1 * float(np.nanpercentile(value, 98))))
