"""How fast and how exact is the minimum visible height, beside GDAL, GRASS and xarray-spatial?

On the 90 m twin (Nevada, UTM 11N), antenna 20 m above ground, k = 4/3, one process, median CPU
time of the computation alone; ours and GDAL in turn. Errors are against the exact method (every
crossing of every sight line), at 100 m above ground. GDAL 3.12 comes from the wheel of pyogrio and
runs in a venv of its own, as does xarray-spatial; Debian's GDAL and GRASS run where they are
installed (``apt-get install libgdal32 grass-core time``). A peer that is not here is named.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject

from steppewatch.sense.viewshed import Viewshed, plane_window, visible_height

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
DEM = DATA / "terrain" / "basin_range_3s.tif"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "steppewatch-peers"
PEER = Path(__file__).with_name("viewshed_peers.py")
DEBIAN_GDAL = Path("/usr/lib/x86_64-linux-gnu/libgdal.so.32")
CELL, MAST, K, SIDE, LAYER = 90.0, 20.0, 4.0 / 3.0, 4_801, 100.0
SMALL, LARGE, SITES, TURNS = 500, 2_000, 8, 7

Row = dict[str, Any]


def twin() -> np.ndarray:
    """Project the real 3″ elevation to 90 m cells about 38° N 117° W."""
    corner = from_origin(500_000 - SIDE // 2 * CELL, 4_205_790 + SIDE // 2 * CELL, CELL, CELL)
    out = np.full((SIDE, SIDE), np.nan, np.float32)
    with rasterio.open(DEM) as source:
        reproject(
            rasterio.band(source, 1), out, dst_transform=corner, dst_crs="EPSG:32611",
            dst_nodata=np.nan, resampling=Resampling.bilinear,
        )  # fmt: skip
    return out


def cut(dem: np.ndarray, row: int, col: int, size: int) -> np.ndarray:
    return np.ascontiguousarray(dem[row - size : row + size + 1, col - size : col + size + 1])


def ours(heights: np.ndarray, **how: Any) -> Viewshed:
    return visible_height(plane_window(heights, CELL), MAST, K, **how)


def peer_python() -> Path:
    """Make the peers' venv when it is not there."""
    python = CACHE / "viewshed" / "bin" / "python"
    if not python.exists():
        venv.create(CACHE / "viewshed", with_pip=True)
        wanted = ["pyogrio==0.13.0", "xarray-spatial==0.5.3", "numba"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


def libraries(python: Path) -> dict[str, Path]:
    """Find the GDAL libraries to set beside ours."""
    bundled = sorted(python.parents[1].glob("lib/*/site-packages/pyogrio.libs/libgdal*"))
    found = {"GDAL 3.12 (pyogrio's wheel)": bundled[0]} if bundled else {}
    if DEBIAN_GDAL.exists():
        found["GDAL 3.6 (Debian)"] = DEBIAN_GDAL
    return found


def run_peer(python: Path, name: str, window: Path, repeats: int, library: Path | str = "") -> Any:
    """Run a peer once; give CPU seconds, MiB and its raster."""
    out = window.with_name(f"{name}.npy")
    command = [python, PEER, name, window, out, MAST, K, CELL, repeats, library]
    done = subprocess.run([str(v) for v in command], check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return said["cpu"], said["memory_mib"], np.load(out)


def cpu_of(heights: np.ndarray, turns: int) -> list[float]:
    times = []
    for _ in range(turns):
        start = time.process_time()
        ours(heights)
        times.append(time.process_time() - start)
    return times


def errors(found: np.ndarray, exact: np.ndarray) -> tuple[float, float, float]:
    """Give the share of wrong cells [%], median and 99th percentile of the height error [m]."""
    known = np.isfinite(exact)
    off = np.abs(found - exact)[known]
    wrong = ((found <= LAYER) != (exact <= LAYER))[known].mean()
    return 100.0 * float(wrong), float(np.median(off)), float(np.percentile(off, 99))


def row(name: str, value: float, unit: str, note: str = "") -> Row:
    return {"name": name, "value": value, "unit": unit, "note": note}


def against_gdal(dem: np.ndarray, python: Path, folder: Path, size: int) -> list[Row]:
    """Time ours and each GDAL in turn on one window; errors of GDAL on the small one."""
    heights = cut(dem, SIDE // 2, SIDE // 2, size)
    np.save(folder / "window.npy", heights)
    ours(heights)
    mine: list[float] = []
    theirs: dict[str, list[float]] = {}
    rasters = {}
    for _ in range(3):
        for name, library in libraries(python).items():
            mine += cpu_of(heights, 5)
            cpu, _, rasters[name] = run_peer(python, "gdal", folder / "window.npy", 5, library)
            theirs.setdefault(name, []).extend(cpu)
    median = float(np.median(mine or cpu_of(heights, TURNS)))
    cells = f"{np.isfinite(ours(heights).min_height).sum() / 1e6:.1f} M cells"
    rows = [row(f"R = {size}: Steppewatch", median * 1e3, "ms", cells)]
    exact = ours(heights, method="exact").min_height if size == SMALL else None
    for name, cpu in theirs.items():
        other = float(np.median(cpu))
        note = ""
        if exact is not None:
            wrong, middle, worst = errors(rasters[name], exact)
            note = f"wrong {wrong:.2f} %, error median {middle:.1f} m, p99 {worst:.0f} m"
        rows.append(row(f"R = {size}: {name}, ground mode", other * 1e3, "ms", note))
        rows.append(row(f"R = {size}: {name} / Steppewatch", other / median, "times"))
    return rows


def accuracy(dem: np.ndarray) -> list[Row]:
    """Compare the sweep with the exact method at eight drawn sites, and once far out."""
    rng = np.random.default_rng(1)
    places = rng.integers(SMALL + 1, SIDE - SMALL - 1, (SITES, 2)).tolist()
    found = []
    for r, c in places:
        heights = cut(dem, r, c, SMALL)
        found.append(errors(ours(heights).min_height, ours(heights, method="exact").min_height))
    worst = np.max(found, axis=0)
    rows = [
        row("R = 500, worst of 8 sites: wrong cells", worst[0], "%"),
        row("R = 500, worst of 8 sites: median error", worst[1], "m"),
        row("R = 500, worst of 8 sites: p99 error", worst[2], "m"),
    ]
    heights = cut(dem, SIDE // 2, SIDE // 2, LARGE)
    start = time.process_time()
    exact = ours(heights, method="exact").min_height
    spent = time.process_time() - start
    wrong, middle, far = errors(ours(heights).min_height, exact)
    rows.append(row("R = 2000, one site: wrong cells", wrong, "%"))
    rows.append(row("R = 2000, one site: median error", middle, "m", f"p99 {far:.2f} m"))
    rows.append(row("R = 2000: the exact method", spent, "s"))
    return rows


def slow_peers(dem: np.ndarray, python: Path, folder: Path) -> list[Row]:
    """Run GRASS and xarray-spatial once where they are."""
    heights = cut(dem, SIDE // 2, SIDE // 2, LARGE)
    np.save(folder / "large.npy", heights)
    ours(heights)
    mine = float(np.median(cpu_of(heights, TURNS)))
    rows = []
    for name in ("grass", "xrspatial"):
        try:
            cpu, memory, _ = run_peer(python, name, folder / "large.npy", 1)
        except (subprocess.CalledProcessError, FileNotFoundError):
            rows.append(row(f"R = 2000: {name}", float("nan"), "s", "not here"))
            continue
        rows.append(row(f"R = 2000: {name}", cpu[0], "s", f"{memory:.0f} MiB"))
        rows.append(row(f"R = 2000: {name} / Steppewatch", cpu[0] / mine, "times"))
    return rows


def threads_and_memory(dem: np.ndarray) -> list[Row]:
    """Measure two threads against one, and the memory of a 250 km radius."""
    heights = cut(dem, SIDE // 2, SIDE // 2, LARGE)
    ours(heights)
    pairs = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(15):
            start = time.perf_counter()
            ours(heights)
            middle = time.perf_counter()
            ours(heights, run=pool.map)
            pairs.append((middle - start) / (time.perf_counter() - middle))
    size = 2_778
    code = (
        "import re\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from steppewatch.sense.viewshed import plane_window, visible_height\n"
        "def mib(name):\n"
        "    text = Path('/proc/self/status').read_text()\n"
        "    return int(re.search(name + r':\\s+(\\d+)', text).group(1)) / 1024\n"
        "visible_height(plane_window(np.zeros((5, 5), np.float32), 1.0), 1.0, 1.3)\n"
        "Path('/proc/self/clear_refs').write_text('5')\n"  # forget the peak so far
        "before = mib('VmRSS')\n"
        f"n = 2 * {size} + 1\n"
        "visible_height(plane_window(np.ones((n, n), np.float32), 90.0), 20.0, 1.3)\n"
        "print(mib('VmHWM') - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    window = (2 * size + 1) ** 2 * 4 / 2**20
    note = f"window {window:.0f} MiB and result together"
    return [
        row("R = 2000: two threads against one, wall time", float(np.median(pairs)), "times"),
        row("250 km at 90 m (24 M cells): memory above an idle process", float(done.stdout), "MiB",
            note),
    ]  # fmt: skip


def main() -> list[Row]:
    """Measure all; without the real elevation there is nothing to say."""
    if not DEM.exists():
        return [row("real elevation", float("nan"), "", f"{DEM.name} is absent")]
    dem, python = twin(), peer_python()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        return [
            *against_gdal(dem, python, folder, SMALL),
            *against_gdal(dem, python, folder, LARGE),
            *accuracy(dem),
            *slow_peers(dem, python, folder),
            *threads_and_memory(dem),
        ]
