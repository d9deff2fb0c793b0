"""How long from a fresh clone, and from a second start, to a live picture with a track on it?

The cold start clones this checkout, and runs ``make demo`` with empty package, kernel and home
folders: creating the environment, downloading and installing every package, compiling every
kernel. The download depends on the line to the package index; the rest on the machine.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 600.0


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str) -> Any:
    """Get JSON from the node, or None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


def start(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    """Start the demo; give seconds to its address, a live picture, a track, a confirmed track."""
    port = free_port()
    begin = time.perf_counter()
    process = subprocess.Popen(
        ["make", "demo"],
        cwd=folder,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    moments: dict[str, float] = {}
    try:
        while "confirmed" not in moments:
            passed = time.perf_counter() - begin
            if passed > PATIENCE or process.poll() is not None:
                raise SystemExit(f"the demo did not come up: {moments} after {passed:.0f} s")
            health = ask(port, "/healthz")
            if health and health["state"] == "live":
                moments.setdefault("live", passed)
            found = ask(port, "/api/v1/tracks") if "live" in moments else None
            status = [f["properties"]["status"] for f in found["features"]] if found else []
            if status:
                moments.setdefault("track", passed)
            if any(status):
                moments["confirmed"] = passed
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    return moments


def main() -> list[dict[str, Any]]:
    """Measure one cold and three warm starts."""
    with tempfile.TemporaryDirectory(prefix="steppewatch-start-") as scratch:
        folder = Path(scratch) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        empty = Path(scratch) / "empty"
        empty.mkdir()
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("NUMBA", "VIRTUAL"))},
            "UV_CACHE_DIR": str(empty / "uv"),
            "PIP_CACHE_DIR": str(empty / "pip"),
            "STEPPEWATCH_HOME": str(empty / "home"),
        }
        cold = start(folder, environment)
        warm = [start(folder, environment) for _ in range(3)]
        size = sum(f.stat().st_size for f in (folder / ".venv").rglob("*") if f.is_file())
        shutil.rmtree(folder)
    best = {key: sorted(w[key] for w in warm)[1] for key in cold}
    words = {
        "live": "to a live picture (/healthz 200)",
        "track": "to the first track",
        "confirmed": "to the first confirmed track",
    }
    return [
        *({"name": f"cold start {w}", "value": cold[k], "unit": "s"} for k, w in words.items()),
        *(
            {"name": f"warm start {w}", "value": best[k], "unit": "s", "note": "median of 3"}
            for k, w in words.items()
        ),
        {"name": "installed size", "value": size / 1e6, "unit": "MB", "note": ".venv"},
    ]
