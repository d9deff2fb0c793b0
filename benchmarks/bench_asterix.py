"""How fast is ASTERIX read, beside the decoders that others wrote, in one run?

The recordings are real ones where they are at hand (``STEPPEWATCH_REAL_DATA``), else one radar
plot over and over. Peers run in venvs of their own under the user's cache folder, because their
package names clash. All times are CPU seconds of one process, the best of three passes.
"""

import json
import math
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.pcap import read_capture
from steppewatch.wire import asterix
from steppewatch.wire.asterix import plots, records, service
from steppewatch.wire.asterix.columns import find_blocks, program, read_columns

if TYPE_CHECKING:
    from steppewatch.records import Packet

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data")) / "asterix"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "steppewatch-peers"
PLOT = bytes.fromhex(
    "300047fff702148138406de030a7ba34080405c8fe1804c9072a0a044a08eb48f534c75820"
    "03c84e4270a8000040801b97332004d650df49e72f201401600783"
)
NS = 1_000_000_000
WANTS = {34: service.WANTS, 48: plots.WANTS}
PASSES = 3
# What each peer does with the whole recording: `data` is its bytes, `count` the records found.
PEERS = {
    "asterix-decoder": "import asterix\ndef run(): return len(asterix.parse(data, verbose=False))",
    "asterix4py": (
        "from asterix4py import AsterixParser\n"
        "def run(): return len(AsterixParser(data).get_result())"
    ),
    "libasterix": (
        "from asterix import base, generated as g\n"
        "cats = {34: g.Cat_034_1_29, 48: g.Cat_048_1_32}\n"
        "def run():\n"
        "    at = count = 0\n"
        "    while at < len(data):\n"
        "        end = at + int.from_bytes(data[at + 1 : at + 3], 'big')\n"
        "        block = base.RawDatablock.parse(base.Bits.from_bytes(data[at:end]))[0]\n"
        "        found = cats[block.get_category()].cv_uap.parse(block.get_raw_records())\n"
        "        count, at = count + len(found), end\n"
        "    return count"
    ),
}
TIMED = """
import json, sys, time
data = sys.stdin.buffer.read()
{body}
best = 1e9
for _ in range({passes}):
    start = time.process_time()
    count = run()
    best = min(best, time.process_time() - start)
print(json.dumps([count, best]))
"""


def recordings() -> dict[str, bytes]:
    """Give the recordings as data blocks one after another."""
    found = {}
    barcelona = DATA / "barcelona-radar-cat048-20min.ast"
    croatia = DATA / "croatia-control" / "cat_034_048.pcap"
    if barcelona.exists():
        found["en-route radar, CAT 048"] = barcelona.read_bytes()
    if croatia.exists():
        packets = read_capture(croatia.read_bytes(), croatia.name)
        found["seven radars, CAT 034 + 048"] = b"".join(p.data for p in packets) * 20
    if not found:
        one = PLOT[:1] + len(PLOT).to_bytes(2, "big") + PLOT[3:]
        found["one plot, repeated"] = one * 10_000
    return found


def timed(function: Callable[[], int]) -> tuple[int, float]:
    """Give the number of records, and the CPU seconds of the fastest pass."""
    function()
    best, count = math.inf, 0
    for _ in range(PASSES):
        start = time.process_time()
        count = function()
        best = min(best, time.process_time() - start)
    return count, best


def by_columns(data: bytes) -> int:
    """Read as the tracker wants it: SI columns of every detection."""
    octets = np.frombuffer(data, np.uint8)
    blocks, _, _ = find_blocks(octets, np.array([0, len(data)]), resync=True)
    count = 0
    for number, wants in WANTS.items():
        columns = read_columns(octets, blocks[blocks[:, 2] == number], program(number, wants))
        count += len(columns)
        if number == 48:
            plots.measurements(columns, np.flatnonzero(plots.detected(columns)), 0.0)
    return count


def by_dicts(data: bytes) -> int:
    """Read every item of every record, for people."""
    return sum(1 for at, length, _ in asterix.blocks(data) for _ in records(data[at : at + length]))


def by_stage(data: bytes) -> int:
    """Read as a busy node does: fifty blocks a tick, sensors, health and all."""
    packets = asterix.packets_from_raw(data, "bench", 19_000 * 86_400 * NS)
    stage = asterix.stage()
    state = stage.initial
    for first in range(0, len(packets), 50):
        some: list[Packet] = packets[first : first + 50]
        state, _ = stage.step(state, some, some[-1].time_ns)
    return sum(source.messages for source in state.sources.values())


def by_peer(name: str, data: bytes) -> tuple[int, float, str]:
    """Let a peer read the recording in its own venv; a note says why it could not."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    try:
        if not (folder / "ready").exists():
            venv.create(folder, with_pip=True, clear=True)
            wanted = [name, "setuptools<80"]
            subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
            (folder / "ready").touch()
        script = TIMED.format(body=PEERS[name], passes=PASSES)
        done = subprocess.run(
            [python, "-c", script], input=data, capture_output=True, check=True, timeout=600
        )
        count, seconds = json.loads(done.stdout.decode().splitlines()[-1])
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or b"").decode().strip().splitlines()
        return 0, math.inf, f"fails: {reason[-1][:60] if reason else 'not installed'}"
    except (subprocess.SubprocessError, OSError) as error:
        return 0, math.inf, f"not run: {error}"
    return count, seconds, ""


def main() -> list[dict[str, Any]]:
    """Measure ours and theirs on each recording."""
    rows: list[dict[str, Any]] = []

    def add(name: str, data: bytes, count: int, seconds: float, note: str) -> None:
        rows.append({"name": name, "value": count / seconds, "unit": "records/s", "note": note})
        speed = len(data) / seconds / 1e6
        rows.append({"name": name, "value": speed, "unit": "MB/s", "note": ""})

    for title, data in recordings().items():
        copies = data * max(1, 4_000_000 // len(data))
        for name, function, some in (
            ("columns for the tracker", by_columns, copies),
            ("every item as dicts", by_dicts, data),
            ("the whole stage, 50 blocks a tick", by_stage, data),
        ):
            count, seconds = timed(lambda run=function, some=some: run(some))
            add(f"{title}: Steppewatch, {name}", some, count, seconds, f"{count} records")
        for name in PEERS:
            count, seconds, note = by_peer(name, data)
            told = " (structure, without values)" if name == "libasterix" else ""
            add(f"{title}: {name}{told}", data, count, seconds, note or f"{count} records")
    return rows


if __name__ == "__main__":
    for row in main():
        print(
            f"{row['name']:70} {row['value']:12,.1f} {row['unit']}  {row['note']}", file=sys.stderr
        )
