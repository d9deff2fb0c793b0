"""Draw a radio link: the ground, the bent ray over it and the first Fresnel zone about the ray."""

from pathlib import Path

import numpy as np

from steppewatch.errors import EngineError
from steppewatch.sense.radio import Link
from steppewatch.sense.radio.link import CLEAR

GROUND, RAY, ZONE, UNKNOWN = "#8a7f70", "#1f4e8c", "#7fa7d6", "#c23b3b"


def draw_link(link: Link, path: Path) -> None:
    """Write a picture of a link's profile.

    Args:
        link: The link.
        path: File to write; its ending says the format (png, svg, pdf).

    Raises:
        EngineError: The file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 (slow to import)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(11.0, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    km = link.distance / 1e3
    floor = np.nanmin(link.ground) if np.isfinite(link.ground).any() else 0.0
    low = floor - 0.05 * max(float(np.nanmax(link.line, initial=floor + 50.0)) - floor, 20.0)
    axes.fill_between(km, low, link.ground, color=GROUND, lw=0, label="ground")
    for start, end in link.unknown:
        axes.axvspan(start / 1e3, end / 1e3, color=UNKNOWN, alpha=0.3, lw=0, label="unknown")
    axes.fill_between(
        km, link.line - link.zone, link.line + link.zone, color=ZONE, alpha=0.35, lw=0,
        label="first Fresnel zone",
    )  # fmt: skip
    axes.plot(km, link.line - CLEAR * link.zone, color=ZONE, lw=0.8, ls="--", label="60 % of it")
    axes.plot(km, link.line, color=RAY, lw=1.4, label=f"ray, k = {link.atmosphere.k:.2f}")
    for index, station in ((0, link.a), (-1, link.b)):
        axes.plot([km[index]] * 2, [link.ground[index], link.line[index]], color="black", lw=2.0)
        axes.annotate(
            station.name or "ab"[index], (km[index], link.line[index]), ha="center", va="bottom"
        )
    if np.isfinite(link.fresnel):
        at = link.fresnel_at / 1e3
        axes.axvline(at, color=RAY, lw=0.6, ls=":")
        axes.annotate(
            f"{link.fresnel:.2f} of the zone", (at, 0.97), xycoords=("data", "axes fraction"),
            ha="center", va="top", fontsize=8,
        )  # fmt: skip
    axes.set_ylim(bottom=low)
    axes.margins(x=0.02)
    axes.set_xlabel("km along the ground")
    axes.set_ylabel(f"m above datum ({link.terrain.datum})")
    axes.set_title(
        f"{link.radio.frequency / 1e6:g} MHz: {link.verdict}\n{link.terrain.label}", fontsize=9
    )
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    axes.legend(handles.values(), handles.keys(), fontsize=8, loc="best")
    try:
        figure.savefig(path, dpi=130)
    except (OSError, ValueError) as error:
        raise EngineError(
            f"{path} cannot be written ({error}): give a .png, .svg or .pdf in a folder you own"
        ) from error
