"""A folder as ``plan sites`` leaves it, made by hand: a stretch of the border, five sites."""

import json
from pathlib import Path

import numpy as np

from steppewatch.engine.border_file import load_border
from steppewatch.world import geodesic

NAMES = ("4x4", "walker")
WEIGHTS = (0.7, 0.3)


def make_plan(folder: Path, **changes) -> Path:
    """Write ``plan.json`` and ``cells.npz``; ``changes`` replace entries of the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    border = load_border()
    km = np.arange(400.0, 640.0, 1.0)
    depth = np.arange(0.5, 10.0, 1.0)
    line_lat, line_lon = border.point_at("CN", km * 1e3)
    lat, lon = _inside(border, line_lat, line_lon, depth)
    rng = np.random.default_rng(3)
    posts = [(420.0, 25.0), (470.0, 30.0), (520.0, 22.0), (560.0, 28.0), (610.0, 20.0)]
    seen = np.zeros((lat.size, 2), np.int32)
    places = []
    for at, reach in posts:
        p_lat, p_lon = border.point_at("CN", at * 1e3)
        s_lat, s_lon = _inside(border, p_lat[None], p_lon[None], np.array([6.0]))
        places.append((float(s_lat[0]), float(s_lon[0]), at, reach))
        away, _, _ = geodesic.inverse(s_lat[0], s_lon[0], lat, lon)
        for c, part in enumerate((1.0, 0.6)):
            seen[:, c] += (away < part * reach * 1e3) & (rng.random(lat.size) < 0.96)
    weight = np.outer(np.ones(lat.size), WEIGHTS)
    share = float(((seen > 0) * weight).sum() / weight.sum())
    np.savez(
        folder / "cells.npz", lat=lat, lon=lon, weight=weight, seen=seen,
        class_names=np.array(NAMES),
    )  # fmt: skip
    plan = {**_plan(share, places, seen, weight), **changes}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return folder


def _inside(border, lat, lon, depth_km):
    """Step from border points into the country: cells of every depth."""
    out_lat, out_lon = [], []
    for d in depth_km * 1e3:
        best = None
        for azimuth in np.radians(np.arange(0.0, 360.0, 30.0)):
            a, b = geodesic.direct(lat, lon, np.full(lat.shape, azimuth), np.full(lat.shape, d))
            fix = border.locate(a, b).distance
            if best is None:
                best = [fix, a, b]
            else:
                better = fix > best[0]
                best = [
                    np.where(better, new, old) for new, old in zip((fix, a, b), best, strict=True)
                ]
        out_lat.append(best[1])
        out_lon.append(best[2])
    return np.concatenate(out_lat), np.concatenate(out_lon)


def _plan(share, places, seen, weight):
    sites = [
        {
            "id": f"hill-{n}", "lat_deg": np.degrees(lat), "lon_deg": np.degrees(lon),
            "ground_m": 1400.0 + n, "mast_m": 20, "package": ("gap-filler", "long-range")[n % 2],
            "price": (900_000, 4_500_000)[n % 2], "fixed": n == 4, "relay": False,
            "adds": 0.2 - 0.02 * n, "alone": 0.22, "rank": n + 1, "border": "CN", "km": at,
            "inside_km": 6.0, "links": [f"hill-{n - 1}"] if n else [],
            "alternatives": [
                {"id": f"hill-{n}7", "package": "gap-filler", "lat_deg": np.degrees(lat) + 0.1,
                 "lon_deg": np.degrees(lon), "loses": 0.003 * n},
            ],
        }
        for n, (lat, lon, at, _) in enumerate(places)
    ]  # fmt: skip
    spent = sum(s["price"] for s in sites if not s["fixed"])
    return {
        "format": "steppewatch-plan/1", "title": "Southern border 2027", "source": "plan.toml",
        "currency": "USD", "value": share * weight.sum(), "bound": (share + 0.004) * weight.sum(),
        "gap": 0.004 / (share + 0.004), "cpu_s": 12.3, "share": share, "bound_share": share + 0.004,
        "total_weight": float(weight.sum()), "budget": 15_000_000, "spent": spent,
        "terrain": "a terrain made for tests, 15″", "synthetic": True,
        "method": "lazy greedy, swaps, HiGHS on 600 columns, Lagrangian bound",
        "warnings": ["3 candidates stand on low ground: 15″ data overstates what they see"],
        "packages": [
            {"id": "long-range", "price": 4_500_000, "most": 7, "bought": 2,
             "sensors": ["long-range-3d"]},
            {"id": "gap-filler", "price": 900_000, "most": None, "bought": 3,
             "sensors": ["gap-filler"]},
        ],
        "classes": [
            {"target": name, "height_m": 2.0, "weight": w,
             "share": float((seen[:, c] > 0).mean())}
            for c, (name, w) in enumerate(zip(NAMES, WEIGHTS, strict=True))
        ],
        "sites": sites,
        "curve": [
            {"budget": 1e6 * b, "share": share * (1 - np.exp(-b / 3.5)) / (1 - np.exp(-3.0)),
             "bound_share": min(1.0, 0.004 + share * (1 - np.exp(-b / 3.2)) / (1 - np.exp(-3.1))),
             "sites": b // 2}
            for b in range(1, 16, 2)
        ],
        "robust": [{"lost": s["id"], "share": share - s["adds"]} for s in sites],
        "sections": [
            {"border": "CN", "from_km": k, "to_km": k + 60, "share": 0.5 + 0.1 * i}
            for i, k in enumerate(range(400, 640, 60))
        ],
    }  # fmt: skip
