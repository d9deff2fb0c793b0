"""How long from letting a dragged site go to the new numbers, on the whole border at 15″?

A node shows a plan of 60 sites (15 long-range to 100 km, 45 gap-fillers to 60 km) over the belt of
10 km inside the whole border, three classes, with its plan file. Sites stand on high ground near
random cells; the belt, not the choice, is what costs. Requests name places that nobody asked for
before. The browser's figures are from letting go to the figure on the page, in a headless
Chromium without a GPU.
"""

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from steppewatch.engine.border_file import load_border
from steppewatch.engine.terrain_window import file_terrain
from steppewatch.plan.belt import cells
from steppewatch.plan.rehearse.scenario import SitePlan
from steppewatch.plan.rehearse.stage import place_site
from steppewatch.plan.wanted import load_wanted

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
DEM = DATA / "terrain" / "mongolia_15s_dequantised.tif"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
SITES, MOVES = 60, 15
PATIENCE = 600.0
CLASSES = (("4x4", 2.0, 0.5), ("rider", 2.4, 0.3), ("walker", 1.2, 0.2))
PACKAGES = (
    ("long-range", "long-range-3d", 20, 100, 4.5e6),
    ("gap-filler", "gap-filler", 15, 60, 9e5),
)
PLAN = "[plan]\nbudget = 500_000_000\n" + "".join(
    [f'[[class]]\ntarget = "{t}"\nheight_m = {h}\nweight = {w}\n' for t, h, w in CLASSES]
    + [
        f'[[package]]\nid = "{i}"\nsensors = ["{s}"]\nmast_m = {m}\nmax_range_km = {r}\n'
        f"price = {p}\n"
        for i, s, m, r, p in PACKAGES
    ]
    + ['[[candidates]]\nkind = "hilltops"\n']
)


def make_folder(top: Path) -> tuple[Path, Path]:
    """Write a plan file, and a plan over its whole belt."""
    file, folder = top / "plan.toml", top / "plan"
    file.write_text(PLAN)
    folder.mkdir()
    border, terrain = load_border(), file_terrain(DEM)
    belt = cells(load_wanted(PLAN, "plan.toml", border), border, {})
    draw = random.Random(1)
    sites = []
    for number in range(SITES):
        at = draw.randrange(len(belt))
        near = SitePlan(
            id=f"hill-{number}", name="", lat=float(belt.lat[at]), lon=float(belt.lon[at]),
            seek_high=4_000.0,
        )  # fmt: skip
        found, kit = place_site(near, terrain, "bench"), PACKAGES[number % 4 > 0]
        sites.append(
            {"id": found.id, "lat_deg": float(np.degrees(found.lat)), "price": kit[4],
             "lon_deg": float(np.degrees(found.lon)), "mast_m": kit[2], "package": kit[0]}
        )  # fmt: skip
    weight = np.outer(belt.weight, [w for *_, w in CLASSES])
    np.savez(
        folder / "cells.npz", lat=belt.lat, lon=belt.lon, weight=weight,
        seen=np.zeros(weight.shape, np.int32), class_names=np.array([t for t, *_ in CLASSES]),
    )  # fmt: skip
    plan = {
        "format": "steppewatch-plan/1", "title": "Whole border", "share": 0.5, "sites": sites,
        "classes": [
            {"target": t, "height_m": h, "weight": w, "share": 0.5} for t, h, w in CLASSES
        ],
        "packages": [
            {"id": i, "price": p, "sensors": [s], "max_range_km": r} for i, s, _, r, p in PACKAGES
        ],
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan))
    return file, folder


def ask(address: str, sites: list[dict[str, Any]], **more: Any) -> float:
    """Evaluate a changed plan: seconds."""
    body = json.dumps({"sites": sites, **more}).encode()
    request = urllib.request.Request(  # noqa: S310 (our own address)
        f"{address}/api/v1/plans/0/evaluate", body, {"Content-Type": "application/json"}
    )
    begin = time.perf_counter()
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        answer.read()
    return time.perf_counter() - begin


def by_request(address: str, folder: Path, pid: int) -> dict[str, list[float]]:
    """Move sites one after the other, each from the plan as it was."""
    raw = json.loads((folder / "plan.json").read_text())["sites"]
    sites = [
        {"id": s["id"], "lat": s["lat_deg"], "lon": s["lon_deg"], "package": s["package"]}
        for s in raw
    ]
    took: dict[str, list[float]] = {"gap-filler": [], "long-range": [], "assurance": [], "cpu": []}
    for number in range(MOVES):
        for kit in ("gap-filler", "long-range"):
            at = [i for i, s in enumerate(sites) if s["package"] == kit][number]
            moved = [dict(site) for site in sites]
            moved[at]["lat"] += 0.01
            begin = processor(pid)
            took[kit].append(
                ask(address, moved, moved=moved[at]["id"], seek_high=800.0, assure=False)
            )
            if kit == "gap-filler":
                took["assurance"].append(ask(address, moved))
                took["cpu"].append(processor(pid) - begin)
    return took


def by_hand(page: Page) -> tuple[list[float], list[float]]:
    """Drag gap-fillers in the browser: seconds to the new share, and to the new assurance."""
    seen, assured = [], []
    page.locator(".plan-sites summary").click()
    names = page.locator(".plan-sites li", has_text="gap-filler").locator("button")
    undo = page.get_by_role("button", name="Undo")
    for number in range(8):
        names.nth(number).click()
        page.wait_for_timeout(1_200)
        box = page.locator(".board").bounding_box() or {}
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 20, y + 15)
        page.mouse.move(x + 40, y + 30)
        page.wait_for_timeout(600)
        begin = time.perf_counter()
        page.mouse.up()
        while undo.is_disabled():
            time.sleep(0.005)
        seen.append(time.perf_counter() - begin)
        while "Working" in page.locator(".plan-assured").inner_text():
            time.sleep(0.005)
        assured.append(time.perf_counter() - begin)
        undo.click()
    return seen, assured


def main() -> list[dict[str, Any]]:
    if not DEM.exists():
        return [{"name": "skipped", "value": 0, "unit": "", "note": "no 15″ elevation here"}]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as top:
        file, folder = make_folder(Path(top))
        command = [sys.executable, "-m", "steppewatch", "plan", "show", str(folder), "--plan"]
        command += [str(file), "--dem", str(DEM), "--port", str(port)]
        node = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            survey = wait(address, node)
            took = by_request(address, folder, node.pid)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                page.goto(f"{address}/plan.html")
                page.locator(".plan-share").wait_for(timeout=60_000)
                seen, assured = by_hand(page)
                browser.close()
        finally:
            node.terminate()
            node.wait(20.0)
    median = {name: 1e3 * statistics.median(values) for name, values in took.items()}
    worst = {name: 1e3 * max(values) for name, values in took.items()}
    many = f"median of {MOVES} moves"
    return [
        row("one gap-filler moved: seen share", median["gap-filler"], f"HTTP, {many}"),
        row("the same, slowest", worst["gap-filler"], ""),
        row("one long-range radar moved", median["long-range"], f"HTTP, {many}"),
        row("assurance after that (gap-filler)", median["assurance"], f"HTTP, {many}"),
        row("the same, slowest", worst["assurance"], ""),
        row("processor time of both", median["cpu"], "of the node, whatever else the machine does"),
        row("hand to new share on the page", 1e3 * statistics.median(seen), "Chromium, 8 drags"),
        row("hand to new assurance", 1e3 * statistics.median(assured), "Chromium, 8 drags"),
        {"name": "survey of the plan at the start", "value": survey, "unit": "s",
         "note": f"{SITES} sites, then their assurance together, once"},
    ]  # fmt: skip


def processor(pid: int) -> float:
    """Give the processor time that a process has used [s]."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def row(name: str, value: float, note: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": "ms", "note": note}


def wait(address: str, node: "subprocess.Popen[bytes]") -> float:
    """Wait until all sites were surveyed: seconds."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < PATIENCE:
        try:
            with urllib.request.urlopen(f"{address}/api/v1/plans", timeout=30.0) as found:  # noqa: S310
                if all(p["surveyed"] == p["steps"] for p in json.load(found)["plans"]):
                    return time.perf_counter() - begin
        except OSError:
            if node.poll() is not None:
                raise
        time.sleep(0.2)
    raise TimeoutError("not surveyed")


if __name__ == "__main__":
    for one in main():
        print(one)
