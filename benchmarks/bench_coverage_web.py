"""How long from a click on a hill to its coverage, cold and warm?

A node runs the example rehearsal, so that its tracker and its picture share the processor with
the coverage. Cold is the first request of a node that has just begun, once with an empty kernel
cache and once after ``steppewatch warm``. Warm requests name hills that nobody asked for before.
The browser's figure is from the click to the tinted map, in a headless Chromium without a GPU.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "examples" / "mountain-valley.toml"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 60.0
SITE = (49.9, 90.1)
HILLS = 9
CLASSES = ("gap-filler", "ground-surveillance", "long-range-3d")


@contextmanager
def node(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Run a rehearsal; give its address once the picture is live."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "steppewatch", "rehearse", str(SCENARIO), "--fresh"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**environment, "STEPPEWATCH_HOME": str(folder / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                urllib.request.urlopen(address + "/healthz", timeout=2.0).close()  # noqa: S310 (our own address)
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20.0)


def ask(
    address: str, lat: float, lon: float, sensor: str, path: str = "", more: str = ""
) -> tuple[float, int]:
    """Request one coverage: seconds, and bytes on the wire."""
    query = f"lat={lat:.4f}&lon={lon:.4f}&sensor={sensor}{more}"
    request = urllib.request.Request(  # noqa: S310 (our own address)
        f"{address}/api/v1/coverage{path}?{query}", headers={"Accept-Encoding": "gzip"}
    )
    begin = time.perf_counter()
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        size = len(answer.read())
    return time.perf_counter() - begin, size


def click(address: str) -> list[float]:
    """Click on hills in a real browser: milliseconds to the tinted map, each time."""
    took = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(address)
        page.locator(".track").first.wait_for(timeout=60_000)
        page.keyboard.press("o")
        page.get_by_text("Click the hill").wait_for()
        for number in range(HILLS):
            if number:
                page.keyboard.press("o")
            site = page.locator(".coverage-more dd").first
            before = site.text_content()
            begin = time.perf_counter()
            page.mouse.click(640 + 37 * number, 90 + 13 * number)
            while site.text_content() == before:
                if time.perf_counter() - begin > PATIENCE:
                    raise SystemExit(f"no coverage {PATIENCE:.0f} s after a click")
                page.wait_for_timeout(5)
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            took.append(1e3 * (time.perf_counter() - begin))
        browser.close()
    return took


def main() -> list[dict[str, Any]]:
    """Measure cold, warm and in the browser."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="steppewatch-coverage-") as scratch:
        folder = Path(scratch)
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "kernels")}
        with node(folder, environment) as address:
            cold, _ = ask(address, *SITE, CLASSES[0])
        rows.append(
            {"name": "first coverage, kernels not compiled", "value": cold, "unit": "s",
             "note": "beside a rehearsal that compiles its own"}
        )  # fmt: skip
        subprocess.run([sys.executable, "-m", "steppewatch", "warm"], check=True, env=environment)
        with node(folder, environment) as address:
            first, _ = ask(address, *SITE, CLASSES[0])
            rows.append({"name": "first coverage, after warm", "value": first, "unit": "s"})
            for sensor in CLASSES:
                asked = [
                    ask(address, SITE[0] + 0.017 * n, SITE[1] + 0.013 * n, sensor)
                    for n in range(1, HILLS + 1)
                ]
                seconds, sizes = zip(*asked, strict=True)
                rows.append(
                    {"name": f"another hill, {sensor}", "value": statistics.median(seconds),
                     "unit": "s", "note": f"median of {HILLS}, slowest {max(seconds):.2f} s, "
                     f"{statistics.median(sizes) / 1e3:.0f} kB on the wire"}
                )  # fmt: skip
            ask(address, *SITE, CLASSES[0])
            again, _ = ask(address, *SITE, CLASSES[0])
            rows.append({"name": "the same hill again", "value": 1e3 * again, "unit": "ms"})
            chances = [
                ask(
                    address, *SITE, CLASSES[0], "/detection",
                    f"&target=light-aircraft&height={100 * n}",
                )[0]
                for n in range(1, HILLS + 1)
            ]  # fmt: skip
            rows.append(
                {"name": "P(detect) at another height, same hill",
                 "value": statistics.median(chances), "unit": "s",
                 "note": f"median of {HILLS}, slowest {max(chances):.2f} s; gap-filler, "
                 "light aircraft"}
            )  # fmt: skip
            took = click(address)
            rows.append(
                {"name": "click to tinted map", "value": statistics.median(took), "unit": "ms",
                 "note": f"median of {HILLS} hills, slowest {max(took):.0f} ms; browser and node "
                 "on one machine"}
            )  # fmt: skip
    return rows


if __name__ == "__main__":
    for row in main():
        print(f"{row['name']}: {row['value']:.3g} {row['unit']} ({row.get('note', '')})")
