"""Run one peer's viewshed on a saved window and print its CPU times; started by bench_viewshed.

    python viewshed_peers.py PEER WINDOW.npy OUT.npy MAST K CELL REPEATS [LIBRARY]

PEER is ``gdal`` (the C function ``GDALViewshedGenerate`` of LIBRARY, in ground mode), ``xrspatial``
or ``grass`` (its own program, target 100 m above ground). OUT gets metres above ground, or 1 and 0
for seen and hidden. Runs under interpreters that have the peer alone, so it imports nothing of
ours.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RADIUS, GDAL_RADIUS = 6_371_008.7714, 6_378_137.0
TARGET = 100.0
MIN_HEIGHT_ABOVE_GROUND, EDGE, FLOAT32, WRITE, READ = 3, 2, 6, 1, 0

PLANE = (
    'PROJCS["plane",GEOGCS["globe",DATUM["globe",SPHEROID["globe",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["scale_factor",1],UNIT["metre",1]]'
)

Run = Callable[[], np.ndarray]


def gdal(heights: np.ndarray, mast: float, k: float, cell: float, library: str) -> Run:
    """Call GDAL's own function on a raster in memory."""
    lib = ctypes.CDLL(library)
    pointer, number = ctypes.c_void_p, ctypes.c_double
    for name in ("GDALGetDriverByName", "GDALCreate", "GDALGetRasterBand", "GDALViewshedGenerate"):
        getattr(lib, name).restype = pointer
    lib.GDALAllRegister()
    n = len(heights)
    driver = pointer(lib.GDALGetDriverByName(b"MEM"))
    source = pointer(lib.GDALCreate(driver, b"", n, n, 1, FLOAT32, None))
    lib.GDALSetProjection(source, PLANE.encode())  # without one it leaves the earth flat
    lib.GDALSetGeoTransform(source, (number * 6)(0.0, cell, 0.0, 0.0, 0.0, -cell))
    band = pointer(lib.GDALGetRasterBand(source, 1))

    def transfer(target: pointer, way: int, array: np.ndarray) -> None:
        size = array.shape
        data = array.ctypes.data_as(pointer)
        args = (0, 0, size[1], size[0], data, size[1], size[0], FLOAT32, 0, 0)
        if lib.GDALRasterIO(target, way, *args):
            raise SystemExit("GDAL did not transfer the raster")

    transfer(band, WRITE, heights)
    middle = (n // 2 + 0.5) * cell
    curvature = GDAL_RADIUS / (k * RADIUS)

    def run() -> np.ndarray:
        made = lib.GDALViewshedGenerate(
            band, b"MEM", b"", None, number(middle), number(-middle), number(mast), number(0.0),
            number(255.0), number(0.0), number(0.0), number(-1.0), number(curvature), EDGE,
            number(n // 2 * cell), None, None, MIN_HEIGHT_ABOVE_GROUND, None,
        )  # fmt: skip
        found = pointer(made)
        shape = (lib.GDALGetRasterYSize(found), lib.GDALGetRasterXSize(found))
        out = np.empty(shape, np.float32)
        run.read = lambda: transfer(pointer(lib.GDALGetRasterBand(found, 1)), READ, out)
        return out

    return run


def xrspatial(heights: np.ndarray, mast: float, k: float, cell: float, _: str) -> Run:
    """Call xarray-spatial; it knows no curvature, so the earth's fall is taken off first."""
    import xarray  # noqa: PLC0415 (this peer's interpreter alone has it)
    from xrspatial import viewshed  # noqa: PLC0415

    size = len(heights) // 2
    away = np.arange(-size, size + 1) * cell
    fall = (away[:, None] ** 2 + away**2) / (2.0 * k * RADIUS)
    raster = xarray.DataArray(
        (heights - fall).astype(np.float64), dims=["y", "x"], coords={"y": away[::-1], "x": away}
    )
    return lambda: (
        viewshed(raster, x=0.0, y=0.0, observer_elev=mast, target_elev=TARGET).values >= 0.0
    ).astype(np.float32)


def grass(heights: np.ndarray, mast: float, k: float, cell: float, _: str) -> Run:
    """Call GRASS's r.viewshed in a project of its own, target 100 m above ground."""
    folder = Path(tempfile.mkdtemp())
    n = len(heights)
    heights.astype("<f4").tofile(folder / "dem.bin")
    middle = n * cell / 2.0
    script = folder / "run.sh"
    script.write_text(
        f"set -e\n"
        f"r.in.bin -f input={folder}/dem.bin output=dem bytes=4 north={n * cell} south=0 "
        f"east={n * cell} west=0 rows={n} cols={n} --q\n"
        f"g.region raster=dem\n"
        f"/usr/bin/time -f '%U %S %M' -o {folder}/time r.viewshed -b -c -r input=dem output=seen "
        f"coordinates={middle},{middle} observer_elevation={mast} target_elevation={TARGET} "
        f"max_distance={n // 2 * cell} refraction_coeff={1.0 - 1.0 / k} memory=8000 --q\n"
        f"r.out.bin -f input=seen output={folder}/out.bin bytes=4 null=0 --q\n"
    )

    def run() -> np.ndarray:
        subprocess.run(
            ["grass", "--tmp-location", "EPSG:32611", "--exec", "bash", str(script)],
            check=True, capture_output=True,
        )  # fmt: skip
        user, system, kib = (float(v) for v in (folder / "time").read_text().split())
        run.cpu, run.memory = user + system, kib / 1024.0
        return np.fromfile(folder / "out.bin", "<f4").reshape(n, n)

    return run


def main() -> None:
    """Time the peer, keep its answer."""
    peer, window, out, mast, k, cell, repeats, *library = sys.argv[1:]
    heights = np.load(window)
    maker = {"gdal": gdal, "xrspatial": xrspatial, "grass": grass}[peer]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = maker(heights, float(mast), float(k), float(cell), *(library or [""]))
    times = []
    for _ in range(int(repeats)):
        start = time.process_time()
        found = run()
        times.append(getattr(run, "cpu", time.process_time() - start))
    getattr(run, "read", lambda: None)()
    np.save(out, found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = getattr(run, "memory", (peak - before) / 1024.0)
    print(json.dumps({"cpu": times, "memory_mib": memory, "pid": os.getpid()}))


if __name__ == "__main__":
    main()
