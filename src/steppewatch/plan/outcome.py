"""A solved plan in the words of its file: ``plan.json``, for reports, maps and later steps."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.plan.assemble import Table
from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.greedy import joined
from steppewatch.plan.siting.instance import Siting
from steppewatch.plan.siting.solve import Solution
from steppewatch.plan.siting.study import Part, Point
from steppewatch.plan.wanted import Wanted
from steppewatch.world.border import Border

FORMAT = "steppewatch-plan/1"
SECTION = 100_000.0  # [m] of border in one line of the table of sections


def outcome(
    wanted: Wanted,
    border: Border,
    siting: Siting,
    table: Table,
    found: Solution,
    *,
    board: Board,
    parts: Sequence[Part],
    points: Sequence[Point],
    cpu_s: float,
    about: dict[str, Any],
) -> dict[str, Any]:
    """Put a solved plan into plain data.

    Args:
        wanted: The plan file.
        border: For kilometres.
        siting: Its problem.
        table: Names of options and demands.
        found: The choice and its proof.
        board: The choice on a board.
        parts: What each option is worth.
        points: The trade-off against budget.
        cpu_s: Time for choosing and proving.
        about: Terrain, whether it is synthetic, warnings.
    """
    total = max(float(siting.weights.sum()), 1e-300)
    bought = np.bincount(siting.kind[found.chosen], minlength=len(wanted.packages))
    return {
        "format": FORMAT,
        "title": wanted.title,
        "source": wanted.source,
        "currency": wanted.currency,
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap if math.isfinite(found.gap) else None,
        "cpu_s": round(cpu_s, 3),
        "share": found.value / total,
        "bound_share": found.bound / total,
        "total_weight": total,
        "budget": siting.budget,
        "spent": float(siting.costs[found.chosen].sum()),
        **about,
        "method": "; ".join(found.steps),
        "score": wanted.score,
        "required": wanted.required,
        "packages": [
            {
                "id": package.id,
                "price": package.price,
                "most": package.most,
                "bought": int(number),
                "sensors": list(package.sensors),
                "mast_m": package.mast,
                **({} if package.max_range is None else {"max_range_km": package.max_range / 1e3}),
            }
            for package, number in zip(wanted.packages, bought, strict=True)
        ],
        "classes": _classes(wanted, siting, table, board),
        "sites": _sites(wanted, border, siting, table, parts, total),
        "curve": [
            {
                "budget": p.budget,
                "share": p.value / total,
                "bound_share": min(1.0, p.bound / total),
                "sites": p.options,
            }
            for p in points
        ],
        "robust": [
            {"lost": table.sites.ids[siting.site[p.option]], "share": p.left / total}
            for p in sorted(parts, key=lambda p: p.left)
        ],
        "sections": _sections(border, table, siting, board),
    }


def cells_of(wanted: Wanted, siting: Siting, table: Table, board: Board) -> dict[str, Any]:
    """Give the arrays of ``cells.npz``: where, weight, how many chosen options cover each."""
    shape = len(wanted.classes), len(table.cells)
    return {
        "lat": table.cells.lat,
        "lon": table.cells.lon,
        "weight": siting.weights.reshape(shape).T,
        "seen": board.count.reshape(shape).T.astype(np.int32),
        "class_names": np.array([one.target for one in wanted.classes]),
    }


def _covered(siting: Siting, board: Board) -> NDArray[np.float64]:
    """Give the weight covered of each demand ``(m,)``."""
    return np.asarray(siting.weights * board.seen())


def _classes(wanted: Wanted, siting: Siting, table: Table, board: Board) -> list[dict[str, Any]]:
    covered = _covered(siting, board)
    found = []
    for number, one in enumerate(wanted.classes):
        own = table.target == number
        found.append(
            {
                "target": one.target,
                "height_m": one.height,
                "weight": one.weight,
                "share": float(covered[own].sum() / max(siting.weights[own].sum(), 1e-300)),
            }
        )
    return found


def _sections(border: Border, table: Table, siting: Siting, board: Board) -> list[dict[str, Any]]:
    covered = _covered(siting, board)
    piece = (table.cells.along[table.cell] // SECTION).astype(np.int64)
    neighbour = table.cells.neighbour[table.cell]
    found = []
    for side, line in enumerate(border.lines):
        for number in np.unique(piece[neighbour == side]):
            own = (neighbour == side) & (piece == number)
            weight = float(siting.weights[own].sum())
            if weight > 0.0:
                found.append(
                    {
                        "border": line.neighbour,
                        "from_km": float(number) * SECTION / 1e3,
                        "to_km": min(float(number + 1) * SECTION, line.length) / 1e3,
                        "share": float(covered[own].sum()) / weight,
                    }
                )
    return found


def _sites(
    wanted: Wanted,
    border: Border,
    siting: Siting,
    table: Table,
    parts: Sequence[Part],
    total: float,
) -> list[dict[str, Any]]:
    sites = table.sites
    chosen = np.array([part.option for part in parts], int)
    where = siting.site[chosen]
    fix = border.locate(sites.lat[where], sites.lon[where])
    onward = _onward(siting, where)
    rank = np.empty(len(parts), int)
    rank[np.argsort([-part.adds for part in parts], kind="stable")] = np.arange(len(parts))
    found = []
    for number, part in enumerate(parts):
        site = int(where[number])
        package = wanted.packages[int(siting.kind[part.option])]
        side = int(fix.neighbour[number])
        found.append(
            {
                "id": sites.ids[site],
                **_place(table, site),
                "mast_m": package.mast,
                "package": package.id,
                "price": float(siting.costs[part.option]),
                "fixed": bool(siting.fixed[part.option]),
                "relay": not package.sensors,
                "gateway": bool(siting.links is not None and siting.links.gateway[site]),
                "adds": part.adds / total,
                "alone": part.alone / total,
                "rank": int(rank[number]) + 1,
                "border": border.lines[side].neighbour if side >= 0 else None,
                "km": round(float(fix.along[number]) / 1e3, 3),
                "inside_km": round(float(fix.distance[number]) / 1e3, 3),
                "links": [sites.ids[onward[site]]] if site in onward else [],
                "alternatives": [
                    {
                        "id": sites.ids[siting.site[other.option]],
                        "package": wanted.packages[int(siting.kind[other.option])].id,
                        **_place(table, int(siting.site[other.option])),
                        "loses": other.loses / total,
                    }
                    for other in part.instead
                ],
            }
        )
    return sorted(found, key=lambda one: one["rank"])


def _place(table: Table, site: int) -> dict[str, float]:
    sites = table.sites
    return {
        "lat_deg": round(math.degrees(float(sites.lat[site])), 6),
        "lon_deg": round(math.degrees(float(sites.lon[site])), 6),
        "ground_m": round(float(sites.ground[site]), 1),
    }


def _onward(siting: Siting, used: NDArray[np.int32]) -> dict[int, int]:
    """Say over which other used site each one reaches a gateway, by the fewest links."""
    links = siting.links
    if links is None:
        return {}
    flags = np.zeros(siting.sites, bool)
    flags[used] = True
    here = joined(siting, flags)
    ready = [int(s) for s in np.unique(used) if links.gateway[s] and here[s]]
    known, onward = set(ready), {}
    for site in ready:
        for near in links.indices[links.indptr[site] : links.indptr[site + 1]].tolist():
            if flags[near] and near not in known:
                known.add(near)
                onward[near] = site
                ready.append(near)
    return onward
