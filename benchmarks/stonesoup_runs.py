"""Start Stone Soup in its own venv, keep what it tracked, and read it back.

Its tracks on a scene never change, so they are kept in a folder outside the project (option
``--keep``, else ``STEPPEWATCH_PEERS``, else the user's cache) and a long bench can be run in
pieces. Times are of runs where both trackers took each scan in turn in one process; they are kept
with a fingerprint of the tracker's source, so that a later tree does not borrow them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import tempfile
import venv
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.fuse_play import Moment
from benchmarks.scenarios.scene import HOME_LAT, HOME_LON, Scene, from_plane
from steppewatch.world.geodesy import local_frame

if TYPE_CHECKING:
    from benchmarks.scenarios.single import Options

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "peers.lock"
RELEASE = "1.9.1"
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
SPARSE: dict[str, Any] = {"q": 100.0, "hits": 3}
DENSE: dict[str, Any] = {"q": 50.0, "hits": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Name one run of Stone Soup.

    Attributes:
        name: Scene of one radar (``single.NAMES``), or a file of the shared format.
        options: How it is drawn; None for a file.
        doppler: Whether both trackers are given range rates.
        tuning: Stone Soup's settings that differ from its tuned defaults.
        source: Folder of another Stone Soup than the release, put before it; "" for none.
    """

    name: str
    options: Options | None
    doppler: bool = False
    tuning: dict[str, Any] = field(default_factory=dict)
    source: str = ""

    def key(self) -> str:
        """Name the files that keep its tracks and its times."""
        told = json.dumps({**asdict(self), "release": RELEASE}, sort_keys=True)
        label = Path(self.name).stem
        if self.options:
            label += f"-n{self.options.n}-seed{self.options.seed}"
        rates = "-doppler" if self.doppler else ""
        return f"{label}{rates}-{hashlib.sha256(told.encode()).hexdigest()[:10]}"


def keep() -> Path:
    """Say in which folder the venv and the kept runs are."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(os.environ.get("STEPPEWATCH_PEERS", cache / "steppewatch-peers"))


def peer_python() -> Path:
    """Make the peer's venv when it is not there: Stone Soup, and what the tracker here needs.

    Raises:
        SystemExit: Where it cannot be installed; says why.
    """
    home = keep() / "stonesoup"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True, clear=True)
        asked = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes"]
        done = subprocess.run(
            [*asked, "--disable-pip-version-check", "-r", str(LOCK)],
            check=False, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            raise SystemExit(
                f"Stone Soup {RELEASE} could not be installed from {LOCK.name} into {home}: "
                f"{''.join(last)}. This bench needs a package index that pip can reach; without "
                "one, copy a folder where it was installed and name it by STEPPEWATCH_PEERS."
            )
        (home / "ready").write_text(RELEASE)
    return python


def run(job: Job, scans: int, modes: tuple[str, ...] = ("default",)) -> dict[str, list[float]]:
    """Run both in turn; give CPU seconds per scan of each, and keep them and the tracks."""
    kept = tracks_file(job)
    kept.parent.mkdir(parents=True, exist_ok=True)
    told = {**asdict(job), "scans": scans, "modes": list(modes), "out": str(kept)}
    settings = {**os.environ, **ONE_THREAD, "NUMBA_CACHE_DIR": str(keep() / "numba")}
    paths = [job.source] if job.source else []
    settings["PYTHONPATH"] = os.pathsep.join([*paths, str(ROOT / "src"), str(ROOT)])
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "job.json"
        path.write_text(json.dumps(told))
        tree = fingerprint()
        done = subprocess.run(
            [str(peer_python()), "-m", "benchmarks.stonesoup_peer", str(path)],
            check=True, stdout=subprocess.PIPE, text=True, env=settings, cwd=ROOT,
        )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    spent = {name: [float(line[name]) for line in lines] for name in lines[0]}
    times_file(job).write_text(json.dumps({"tree": tree, "spent": spent}))
    return spent


def fingerprint() -> str:
    """Give a short name of the tracker's source as it is now."""
    told = hashlib.sha256()
    for path in sorted((ROOT / "src" / "steppewatch" / "fuse").rglob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:12]


def tracks_file(job: Job) -> Path:
    """Say where a job's tracks are kept."""
    return keep() / "stonesoup-tracks" / f"{job.key()}.npz"


def times_file(job: Job) -> Path:
    """Say where the CPU seconds of a job's latest run are kept."""
    return keep() / "stonesoup-tracks" / f"{job.key()}.json"


def kept_scans(job: Job) -> int:
    """Count the scans that are kept."""
    path = tracks_file(job)
    if not path.exists():
        return 0
    with np.load(path) as data:
        return len(data["offset"]) - 1


def kept_times(job: Job) -> tuple[bool, dict[str, list[float]]]:
    """Give the latest CPU seconds per scan, and whether they are of the tracker as it is now."""
    path = times_file(job)
    if not path.exists():
        return False, {}
    told = json.loads(path.read_text())
    return told["tree"] == fingerprint(), told["spent"]


def their_moments(job: Job, scene: Scene) -> list[Moment]:
    """Read the kept tracks of a job, as many scans as there are, at most the scene's."""
    with np.load(tracks_file(job)) as data:
        ids, plane, offset = data["id"], data["plane"].copy(), data["offset"]
    plane[:, 2] -= scene.site["mast"]
    mean = from_plane(plane, local_frame(HOME_LAT, HOME_LON, scene.sensors[0].height))
    none = np.zeros((0, 6, 6))
    spans = itertools.islice(itertools.pairwise(offset), len(scene.times_ns))
    return [Moment(id=ids[a:b], mean=mean[a:b], cov=none) for a, b in spans]
