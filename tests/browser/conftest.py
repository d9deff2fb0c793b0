"""A real rehearsal and a real Chromium, for every journey."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 150.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every journey, and skip it with the reason where no browser is."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.browser)
            missing = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")
            item.add_marker(missing)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The journey is about the picture: kernels that still compile would hold it up for seconds.
    subprocess.run([sys.executable, "-m", "steppewatch", "warm"], check=True, capture_output=True)
    home = tmp_path_factory.mktemp("home")
    log = home / "node.log"
    command = [sys.executable, "-m", "steppewatch", "rehearse"]
    command += [str(ROOT / "examples" / "mountain-valley.toml"), "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            env={**os.environ, "STEPPEWATCH_HOME": str(home)},
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_until_live(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(20.0)


def wait_until_live(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address + "healthz", timeout=2.0) as answer:  # noqa: S310 (our own node)
                assert json.load(answer)["state"] == "live"
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"not live after {START_SECONDS} s: {log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
