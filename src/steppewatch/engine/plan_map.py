"""Pictures of a plan: the map of the border, the trade-off curve, the border unrolled.

Drawn for paper. Colours are apart for every kind of colour sight (Okabe & Ito 2008); text from
files is written as it stands and never read as mathematics.
"""

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.plan_report_read import Cells, Plan
from steppewatch.world.border import Border
from steppewatch.world.geodesy import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, FAINT, LAND, PAPER = "#1d262b", "#5c6a72", "#c9d1d4", "#f3efe4", "#ffffff"
ALL, SOME, NONE = "#2b8c84", "#9fd0c6", "#d55e00"
BOUND = "#8a8f94"
FIXED_EDGE = "#f0e442"
# One mark for each package, so that no colour is needed to tell them apart.
MARKS = ("^", "o", "s", "D", "v", "P", "h", "X")
MARK_COLOURS = ("#12365c", "#7a1f5c", "#1b1b1b", "#5a4a00", "#0b5d1e", "#6b1d0d", "#333399", "#444")
MOST_NUMBERS = 70
LEAST_POINT = 2.4  # side of a drawn cell [points]
DOTS = 170
NAMES = {"RU": "Russia", "CN": "China"}


def plain(text: str) -> str:
    """Keep matplotlib from reading a text as mathematics."""
    return text.replace("$", r"\$")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """Hold a conformal map plane about a plan [km], and what it must show.

    Attributes:
        project: PROJ's transformation of longitude and latitude [deg].
        west: Left edge [km].
        east: Right edge.
        south: Lower edge.
        north: Upper edge.
    """

    project: Any
    west: float
    east: float
    south: float
    north: float

    @property
    def tall(self) -> float:
        """Give its height over its width."""
        return (self.north - self.south) / (self.east - self.west)

    def unplace(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Give latitudes and longitudes [rad] of places of the plane [km]."""
        lon, lat = self.project(x * 1e3, y * 1e3, inverse=True)
        return np.radians(lat), np.radians(lon)

    def place(self, lat: Any, lon: Any) -> tuple[Array, Array]:
        """Project latitudes and longitudes [rad] to the plane [km]."""
        x, y = self.project(np.degrees(lon), np.degrees(lat))
        return np.asarray(x) / 1e3, np.asarray(y) / 1e3


def sheet_of(plan: Plan, cells: Cells | None) -> Sheet:
    """Lay the plane: Lambert's conformal cone about everything that the plan has."""
    from pyproj import Proj  # noqa: PLC0415 (slow to import)

    lat = np.array([s.lat for s in plan.sites], float)
    lon = np.array([s.lon for s in plan.sites], float)
    if cells is not None:
        lat, lon = np.concatenate((lat, cells.lat)), np.concatenate((lon, cells.lon))
    if lat.size == 0:
        lat, lon = np.radians([41.6, 52.1]), np.radians([87.7, 119.9])  # the country
    middle = np.degrees(0.5 * (lat.min() + lat.max())), np.degrees(0.5 * (lon.min() + lon.max()))
    half = max(np.degrees(lat.max() - lat.min()) / 3.0, 0.5)
    low, high = np.clip((middle[0] - half, middle[0] + half), -85.0, 85.0)
    cone = Proj(proj="lcc", lat_1=low, lat_2=high, lat_0=middle[0], lon_0=middle[1], ellps="WGS84")
    bare = Sheet(project=cone, west=0.0, east=1.0, south=0.0, north=1.0)
    x, y = bare.place(lat, lon)
    margin = 0.04 * max(float(np.ptp(x)), float(np.ptp(y)), 20.0) + 4.0
    # Neither a thin strip nor taller than half a page: a map needs its surroundings.
    spare = max(0.0, 0.34 * float(np.ptp(x)) - float(np.ptp(y))) / 2.0 + margin
    wide = max(0.0, float(np.ptp(y)) / 0.72 - float(np.ptp(x))) / 2.0 + margin
    return Sheet(
        project=cone,
        west=float(x.min()) - wide,
        east=float(x.max()) + wide,
        south=float(y.min()) - spare,
        north=float(y.max()) + spare,
    )


def draw_map(axes: "Axes", plan: Plan, cells: Cells | None, border: Border, sheet: Sheet) -> None:
    """Draw belt, border, links and sites; the axes should have the sheet's proportions."""
    axes.set_facecolor(PAPER)
    _country(axes, border, sheet)
    _neighbours(axes, border, sheet)
    if cells is not None:
        _belt(axes, cells, sheet)
    _links(axes, plan, sheet)
    _sites(axes, plan, sheet)
    _scale_bar(axes, sheet)
    axes.set_xlim(sheet.west, sheet.east)
    axes.set_ylim(sheet.south, sheet.north)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def draw_curve(axes: "Axes", plan: Plan) -> None:
    """Draw what each budget buys, and what no choice can pass."""
    money = np.array([p.budget for p in plan.curve]) / 1e6
    share = np.array([p.share for p in plan.curve]) * 100.0
    bound = np.array([p.bound_share for p in plan.curve]) * 100.0
    axes.fill_between(money, share, bound, color=BOUND, alpha=0.25, lw=0.0)
    axes.plot(money, bound, "--", color=BOUND, lw=1.2)
    axes.plot(money, share, "-o", color=ALL, lw=1.8, ms=3.5)
    axes.axvline(plan.spent / 1e6, color=FAINT, lw=0.8, zorder=0)
    axes.plot(plan.spent / 1e6, plan.share * 100.0, "D", color=NONE, ms=7, zorder=4)
    axes.annotate(
        f"this plan: {plan.share:.1%}".replace("%", " %"),
        (plan.spent / 1e6, plan.share * 100.0),
        (-8, -16),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=INK,
    )
    third = money.size // 3
    axes.annotate("proven limit", (money[third], bound[third]), (-6, 6), ha="right",
                  textcoords="offset points", fontsize=8.5, color=SOFT)  # fmt: skip
    axes.set_ylim(max(0.0, min(share.min() - 5.0, 95.0)), min(103.0, bound.max() + 6.0))
    axes.set_xlim(left=0.0)
    axes.set_xlabel(plain(f"budget, million {plan.currency}"), color=SOFT)
    axes.set_ylabel("seen, % of the weight", color=SOFT)
    _light(axes)


def draw_unrolled(axes: "Axes", lengths: tuple[float, ...], shares: tuple[Array, ...]) -> None:
    """Draw the share seen along one border: bars from the west, dark where little is seen.

    Args:
        axes: Where.
        lengths: Whole length [m], and the length of a bar [m].
        shares: ``(bars,)`` shares 0…1, NaN where nothing is watched.
    """
    whole, step = lengths
    for share in shares:
        middle = (np.arange(share.size) + 0.5) * step / 1e3
        known = np.isfinite(share)
        filled = np.where(known, share, 0.0) * 100.0
        axes.bar(middle, filled, step / 1e3, color=ALL, lw=0.0)
        axes.bar(middle[known], 100.0 - filled[known], step / 1e3, filled[known], color=NONE,
                 alpha=0.75, lw=0.0)  # fmt: skip
    axes.set_xlim(0.0, whole / 1e3)
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks([0, 50, 100])
    _light(axes)


def png(figure: "Figure") -> bytes:
    """Give a figure as PNG."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DOTS, facecolor=PAPER)
    return stream.getvalue()


def new_figure(width: float, height: float) -> "Figure":
    """Make an empty figure [inch]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 (slow, seldom)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), dpi=DOTS)
    FigureCanvasAgg(figure)
    return figure


def mark_of(plan: Plan, package: str) -> tuple[str, str]:
    """Give mark and colour of a package."""
    names = [p.id for p in plan.packages]
    at = names.index(package) if package in names else len(names)
    return MARKS[at % len(MARKS)], MARK_COLOURS[at % len(MARK_COLOURS)]


def legend(axes: "Axes", plan: Plan, columns: int) -> None:
    """Write the key below a map."""
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    shown: list[Any] = [
        Patch(color=ALL, label="belt seen, every class"),
        Patch(color=SOME, label="seen, some classes"),
        Patch(color=NONE, label="not seen"),
        Line2D([], [], color=INK, lw=1.2, label="border"),
    ]
    for package in sorted({s.package for s in plan.sites}):
        mark, colour = mark_of(plan, package)
        label = plain(package) if package else "site"
        shown.append(
            Line2D([], [], ls="", marker=mark, color=colour, mec="white", ms=8, label=label)
        )
    if any(s.fixed for s in plan.sites):
        shown.append(Line2D([], [], ls="", marker="o", color=INK, mec=FIXED_EDGE, mew=1.6, ms=8,
                            label="stands already"))  # fmt: skip
    if any(s.links for s in plan.sites):
        shown.append(Line2D([], [], color="#4566a8", lw=0.9, label="radio link"))
    axes.legend(
        handles=shown,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.01),
        ncol=columns,
        fontsize=8,
        frameon=False,
        handletextpad=0.6,
        columnspacing=1.6,
    )


def seen_parts(cells: Cells) -> Array:
    """Give of each cell the share of its classes' weight that is seen ``(n,)``; NaN weightless."""
    whole = cells.weight.sum(axis=1)
    seen = np.where(cells.seen > 0, cells.weight, 0.0).sum(axis=1)
    return np.asarray(np.divide(seen, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0))


def _country(axes: "Axes", border: Border, sheet: Sheet) -> None:
    width = 1.2 if sheet.east - sheet.west < 1_000.0 else 0.7
    for line in border.lines:
        x, y = sheet.place(line.lat, line.lon)
        axes.plot(x, y, "-", color=INK, lw=width, zorder=3, solid_joinstyle="round")
    ring = _ring(border)
    x, y = sheet.place(*ring)
    axes.fill(x, y, color=LAND, lw=0.0, zorder=0)


def _neighbours(axes: "Axes", border: Border, sheet: Sheet) -> None:
    """Write each neighbour's name where there is most room outside the border."""
    part = np.linspace(0.03, 0.97, 33)
    wide, high = sheet.east - sheet.west, sheet.north - sheet.south
    x, y = np.meshgrid(sheet.west + part * wide, sheet.south + part * high)
    lat, lon = sheet.unplace(x.ravel(), y.ravel())
    fix = border.locate(lat, lon)
    # A name is some seven times as wide as it is high.
    side = np.minimum(x.ravel() - sheet.west, sheet.east - x.ravel()) / 3.5
    edge = np.minimum(side, np.minimum(y.ravel() - sheet.south, sheet.north - y.ravel()))
    room = np.minimum(-fix.distance / 1e3, edge)
    for number, line in enumerate(border.lines):
        free = np.where(fix.neighbour == number, room, -np.inf)
        best = int(np.argmax(free))
        if free[best] > 0.02 * wide:
            name = " ".join(NAMES.get(line.neighbour, line.neighbour).upper())
            axes.text(x.ravel()[best], y.ravel()[best], plain(name), ha="center", va="center",
                      fontsize=9, color="#9aa5ab", zorder=0.5)  # fmt: skip


def _ring(border: Border) -> tuple[Array, Array]:
    """Join the neighbours' lines into one ring, each run from the end of the last."""
    parts = [(line.lat, line.lon) for line in border.lines]
    ring = parts.pop(0)
    while parts:
        end = ring[0][-1], ring[1][-1]
        far = [
            (math.hypot(lat[at] - end[0], lon[at] - end[1]), i, at)
            for i, (lat, lon) in enumerate(parts)
            for at in (0, -1)
        ]
        _, i, at = min(far)
        lat, lon = parts.pop(i)
        step = 1 if at == 0 else -1
        ring = np.concatenate((ring[0], lat[::step])), np.concatenate((ring[1], lon[::step]))
    return ring


def _belt(axes: "Axes", cells: Cells, sheet: Sheet) -> None:
    x, y = sheet.place(cells.lat, cells.lon)
    part = seen_parts(cells)
    points = axes.get_window_extent().width * 72.0 / axes.figure.dpi
    side = max(LEAST_POINT, 1.15 * _spacing(x, y) * points / (sheet.east - sheet.west))
    for colour, chosen in (
        (ALL, part >= 1.0 - 1e-9),
        (SOME, (part > 0.0) & (part < 1.0 - 1e-9)),
        (NONE, part == 0.0),  # on top: what is not seen must not be missed
    ):
        axes.scatter(
            x[chosen], y[chosen], s=side**2, c=colour, marker="s", linewidths=0.0, zorder=1,
            rasterized=True,
        )  # fmt: skip


def _spacing(x: Array, y: Array) -> float:
    """Give the usual distance between neighbouring cells [km]."""
    from scipy.spatial import cKDTree  # noqa: PLC0415

    if x.size < 2:
        return 1.0
    some = slice(None, None, max(1, x.size // 2_000))
    gone = cKDTree(np.column_stack((x, y)))
    near, _ = gone.query(np.column_stack((x[some], y[some])), k=2)
    return float(np.median(near[:, 1]))


def _links(axes: "Axes", plan: Plan, sheet: Sheet) -> None:
    places = {s.id: sheet.place(s.lat, s.lon) for s in plan.sites}
    drawn = set()
    for site in plan.sites:
        for other in site.links:
            pair = frozenset((site.id, other))
            if other in places and pair not in drawn:
                drawn.add(pair)
                (x0, y0), (x1, y1) = places[site.id], places[other]
                axes.plot([x0, x1], [y0, y1], "-", color="#4566a8", lw=0.9, alpha=0.8, zorder=3.5)


def _sites(axes: "Axes", plan: Plan, sheet: Sheet) -> None:
    size = 9.0 if len(plan.sites) <= 30 else 6.5 if len(plan.sites) <= 100 else 5.0
    for number, site in enumerate(plan.sites, 1):
        x, y = (float(v) for v in sheet.place(site.lat, site.lon))
        mark, colour = mark_of(plan, site.package)
        edge = FIXED_EDGE if site.fixed else "white"
        axes.plot(x, y, mark, color=colour, mec=edge, mew=1.5 if site.fixed else 0.8, ms=size,
                  zorder=5)  # fmt: skip
        if len(plan.sites) <= MOST_NUMBERS:
            axes.annotate(
                str(number), (x, y), (0.62 * size, 0.5 * size), textcoords="offset points",
                fontsize=7.5, color=INK, zorder=6, path_effects=_halo(),
            )  # fmt: skip


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    return [withStroke(linewidth=2.2, foreground="white")]


def _scale_bar(axes: "Axes", sheet: Sheet) -> None:
    wide = sheet.east - sheet.west
    steps = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
    length = max((s for s in steps if s <= 0.22 * wide), default=steps[0])
    x, y = sheet.west + 0.02 * wide, sheet.south + 0.03 * (sheet.north - sheet.south)
    axes.plot([x, x + length], [y, y], "-", color=INK, lw=2.0, zorder=6, solid_capstyle="butt")
    axes.annotate(f"{length:g} km", (x + length / 2.0, y), (0, 4), textcoords="offset points",
                  ha="center", fontsize=8, color=INK, path_effects=_halo(), zorder=6)  # fmt: skip


def _light(axes: "Axes") -> None:
    axes.tick_params(labelsize=8, colors=SOFT)
    axes.grid(axis="y", color=FAINT, lw=0.5, alpha=0.7)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name in {"left", "bottom"})
        spine.set_color(FAINT)
