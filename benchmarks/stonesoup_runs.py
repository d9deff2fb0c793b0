"""Start Stone Soup in its own venv, keep what it tracked, and score it beside the tracker here.

Its tracks on a scene never change, so they are kept under the user's cache folder; times are
measured anew, both trackers in turn in one process.
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
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "steppewatch-peers"
RELEASE = "1.9.1"
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SPARSE: dict[str, Any] = {"q": 100.0, "hits": 3}
DENSE: dict[str, Any] = {"q": 50.0, "hits": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Name one run of Stone Soup.

    Attributes:
        name: Scene of one radar (``single.NAMES``).
        options: How it is drawn.
        doppler: Whether both trackers are given range rates.
        scans: How many are run.
        tuning: Stone Soup's settings that differ from its tuned defaults.
        source: Folder of another Stone Soup than the release, put before it; "" for none.
    """

    name: str
    options: Options
    doppler: bool = False
    scans: int = 60
    tuning: dict[str, Any] = field(default_factory=dict)
    source: str = ""

    def key(self) -> str:
        """Name the file that keeps its tracks."""
        told = json.dumps({**asdict(self), "release": RELEASE}, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def peer_python() -> Path:
    """Make the peer's venv when it is not there: Stone Soup, and what the tracker here needs."""
    python = CACHE / "stonesoup" / "bin" / "python"
    if not python.exists():
        venv.create(CACHE / "stonesoup", with_pip=True)
        wanted = [f"stonesoup=={RELEASE}", "numba>=0.61", "msgpack>=1.1"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


def run(job: Job, modes: tuple[str, ...] = ("default",)) -> dict[str, list[float]]:
    """Run both in turn; give CPU seconds per scan of each, and keep Stone Soup's tracks."""
    kept = tracks_file(job)
    kept.parent.mkdir(parents=True, exist_ok=True)
    asked = {**asdict(job), "modes": list(modes), "out": str(kept)}
    paths = [job.source] if job.source else []
    paths += [str(ROOT / "src"), str(ROOT)]
    settings = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)}
    settings["NUMBA_CACHE_DIR"] = str(CACHE / "numba")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "job.json"
        path.write_text(json.dumps(asked))
        done = subprocess.run(
            [str(peer_python()), "-m", "benchmarks.stonesoup_peer", str(path)],
            check=True, stdout=subprocess.PIPE, text=True, env=settings, cwd=ROOT,
        )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    spent = {name: [float(line[name]) for line in lines] for name in lines[0]}
    times_file(job).write_text(json.dumps(spent))
    return spent


def tracks_file(job: Job) -> Path:
    """Say where a job's tracks are kept."""
    return CACHE / "stonesoup-tracks" / f"{job.key()}.npz"


def times_file(job: Job) -> Path:
    """Say where the CPU seconds of a job's latest run are kept."""
    return CACHE / "stonesoup-tracks" / f"{job.key()}.json"


def their_moments(job: Job, scene: Scene) -> list[Moment]:
    """Read the kept tracks of a job, running it where there are none."""
    path = tracks_file(job)
    if not path.exists():
        run(job, ())
    return read_moments(path, scene)


def read_moments(path: Path, scene: Scene) -> list[Moment]:
    """Read kept tracks."""
    with np.load(path) as data:
        ids, plane, offset = data["id"], data["plane"].copy(), data["offset"]
    plane[:, 2] -= 30.0
    mean = from_plane(plane, local_frame(HOME_LAT, HOME_LON, scene.sensors[0].height))
    none = np.zeros((0, 6, 6))
    return [
        Moment(id=ids[a:b], mean=mean[a:b], cov=none)
        for a, b in itertools.pairwise(offset)
    ]
