"""How many frames a second does the picture draw, with 1,000 and with 10,000 moving tracks?

A headless Chromium without a GPU (what an outpost's thin client is) shows the built front end,
fed through the real stream protocol by ``stream_source.py``; every animation frame is counted.
"""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

SOURCE = Path(__file__).with_name("stream_source.py")
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WARM_UP_SECONDS = 4.0
MEASURE_SECONDS = 10.0
# Name, tracks, keys pressed before measuring (s: symbols always, twice: points always).
CASES = (
    ("1,000 tracks, automatic", 1_000, ""),
    ("1,000 tracks, all as symbols", 1_000, "s"),
    ("10,000 tracks, automatic", 10_000, ""),
)
COUNT_FRAMES = """
(seconds) => new Promise((resolve) => {
  const gaps = [];
  let first = 0, last = 0;
  const beat = (now) => {
    if (last) gaps.push(now - last); else first = now;
    last = now;
    if (now - first < seconds * 1000) requestAnimationFrame(beat);
    else {
      gaps.sort((a, b) => a - b);
      const at = (share) => gaps[Math.floor(share * (gaps.length - 1))];
      resolve([gaps.length / ((last - first) / 1000), at(0.95), gaps.at(-1)]);
    }
  };
  requestAnimationFrame(beat);
})
"""


@contextmanager
def source(tracks: int) -> Iterator[str]:
    """Run the load source on a free port; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(SOURCE), "--tracks", str(tracks), "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        address = f"http://127.0.0.1:{port}/"
        deadline = time.monotonic() + 20.0
        while True:
            try:
                urllib.request.urlopen(address + "healthz", timeout=1.0).close()  # noqa: S310 (our own address)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10.0)


def measure(browser: Browser, name: str, tracks: int, keys: str) -> list[dict[str, Any]]:
    """Count the animation frames of one case."""
    with source(tracks) as address:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(address)
        page.get_by_text(f"{tracks} tracks", exact=True).wait_for()
        for key in keys:
            page.keyboard.press(key)
        time.sleep(WARM_UP_SECONDS)
        fps, p95, worst = page.evaluate(COUNT_FRAMES, MEASURE_SECONDS)
        page.close()
    note = (
        "animation frames of the page, headless Chromium, no GPU, 1366×768, 10 messages/s with "
        f"news of 30 % of the tracks each; longest {worst:.0f} ms"
    )
    return [
        {"name": f"picture, {name}", "value": round(fps, 1), "unit": "frames/s", "note": note},
        {"name": f"picture, {name}, p95", "value": round(p95, 1), "unit": "ms", "note": note},
    ]


def main() -> list[dict[str, Any]]:
    """Measure all cases."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        rows = [row for case in CASES for row in measure(browser, *case)]
        browser.close()
    return rows


if __name__ == "__main__":
    for row in main():
        print(f"{row['name']}: {row['value']} {row['unit']} ({row['note']})")
