"""Visibility of many masts: the same bits however it runs, and never worked out twice."""

import errno
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from steppewatch.engine import whole_file
from steppewatch.engine.visibility_dask import on_dask
from steppewatch.engine.visibility_farm import here, in_processes, visibility
from steppewatch.engine.visibility_store import VisibilityStore
from steppewatch.engine.visibility_work import FileSource, pack, unpack
from steppewatch.errors import EngineError, StoreFullError
from steppewatch.sense.viewshed.cut import boxes_of_rays, ground_about
from steppewatch.sense.viewshed.points import Masts, Points, least_heights

STEP = 1.0 / 240.0  # degrees: 15″
NORTH, WEST, ROWS, COLS = 50.0, 98.0, 720, 1200
K = 1.27


def hills(seed=3):
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(ROWS // 12 + 2, COLS // 12 + 2)) * 150.0
    return np.kron(coarse, np.ones((12, 12)))[:ROWS, :COLS].astype(np.float32) + 1_300.0


def write_dem(path, heights):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=ROWS,
        width=COLS,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(WEST, NORTH, STEP, STEP),
        nodata=-9999.0,
    ) as dataset:
        dataset.write(heights, 1)
    return path


def some_masts(count=12):
    rng = np.random.default_rng(4)
    return Masts(
        lat=np.radians(rng.uniform(47.6, 49.4, count)),
        lon=np.radians(rng.uniform(98.5, 102.5, count)),
        height=np.full(count, 20.0),
        reach=np.full(count, 15e3),
    )


def some_points(count=4_000):
    rng = np.random.default_rng(5)
    return Points(
        lat=np.radians(rng.uniform(47.4, 49.6, count)),
        lon=np.sort(np.radians(rng.uniform(98.2, 102.8, count))),
    )


@pytest.fixture
def dem(tmp_path):
    return write_dem(tmp_path / "dem.tif", hills())


class Counted:
    """Run pieces here, and count the masts that were worked out."""

    def __init__(self, stop_after=None):
        self.fresh, self.stop_after = 0, stop_after

    def __call__(self, pieces):
        for number, answer in enumerate(here(pieces)):
            if number == self.stop_after:
                raise KeyboardInterrupt
            self.fresh += sum(h is not None for h in answer.heights)
            yield answer


def ask(dem, store=None, run=here):
    return visibility(FileSource(path=dem), some_points(), some_masts(), K, store=store, run=run)


def test_heights_are_those_of_the_kernel_rounded_up(dem):
    masts, points = some_masts(), some_points()
    found = ask(dem)
    boxes = boxes_of_rays(points, masts, found)
    ground = ground_about(FileSource(path=dem).open(), boxes)
    exact = least_heights(ground, points, masts, K)
    assert found.indptr.tolist() == exact.indptr.tolist()
    assert found.indices.tolist() == exact.indices.tolist()
    assert found.indices.size > 300
    assert (found.height >= exact.height - 0.1).all()
    assert (found.height - exact.height).max() < 0.25


def test_a_pool_gives_the_same_bits(dem):
    np.testing.assert_array_equal(ask(dem).height, ask(dem, run=in_processes(2)).height)


def test_what_is_stored_is_not_worked_out_again(dem, tmp_path):
    first, second = Counted(), Counted()
    one = ask(dem, tmp_path / "store", first)
    two = ask(dem, tmp_path / "store", second)
    assert (first.fresh, second.fresh) == (12, 0)
    np.testing.assert_array_equal(one.height, two.height)
    assert len(VisibilityStore(tmp_path / "store")) == 12


def test_a_changed_elevation_invalidates_only_the_masts_that_it_touches(dem, tmp_path):
    ask(dem, tmp_path / "store")
    masts = some_masts()
    changed = hills()
    row = int((NORTH - np.degrees(masts.lat[0])) / STEP)
    col = int((np.degrees(masts.lon[0]) - WEST) / STEP)
    changed[row - 4 : row - 1, col - 4 : col + 4] += 400.0
    other = write_dem(tmp_path / "other.tif", changed)
    counted = Counted()
    again = ask(other, tmp_path / "store", counted)
    assert 1 <= counted.fresh < 12
    np.testing.assert_array_equal(again.height, ask(other).height)
    assert not np.array_equal(again.height, ask(dem).height)


def test_a_stopped_run_keeps_what_it_did(dem, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        ask(dem, tmp_path / "store", Counted(stop_after=1))
    kept = len(VisibilityStore(tmp_path / "store"))
    assert 0 < kept < 12
    rest = Counted()
    found = ask(dem, tmp_path / "store", rest)
    assert rest.fresh == 12 - kept
    np.testing.assert_array_equal(found.height, ask(dem).height)


def test_a_killed_process_resumes(dem, tmp_path):
    store = tmp_path / "store"
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "import test_visibility_farm as t\n"
        "from pathlib import Path\n"
        "def slow(pieces):\n"
        "    for answer in t.here(pieces):\n"
        "        yield answer\n"
        "        time.sleep(60)\n"
        "t.ask(Path(sys.argv[2]), Path(sys.argv[3]), slow)\n"
    )
    folder = os.path.dirname(__file__)  # noqa: PTH120
    process = subprocess.Popen([sys.executable, "-c", code, folder, str(dem), str(store)])
    try:
        for _ in range(600):
            if list(store.glob("batch-*.npz")):
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    kept = len(VisibilityStore(store))
    assert 0 < kept < 12
    rest = Counted()
    found = ask(dem, store, rest)
    assert rest.fresh == 12 - kept
    np.testing.assert_array_equal(found.height, ask(dem).height)


def test_a_full_disk_is_said_and_nothing_is_lost(dem, tmp_path, monkeypatch):
    store = tmp_path / "store"
    with pytest.raises(KeyboardInterrupt):
        ask(dem, store, Counted(stop_after=1))
    kept = len(VisibilityStore(store))

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(whole_file.os, "fsync", full)
        with pytest.raises(StoreFullError, match="what was there is intact"):
            ask(dem, store)
    assert len(VisibilityStore(store)) == kept
    assert not list(store.glob(".*"))
    np.testing.assert_array_equal(ask(dem, store).height, ask(dem).height)


def test_a_damaged_batch_is_left_aside_and_worked_out_anew(dem, tmp_path):
    store = tmp_path / "store"
    ask(dem, store)
    batch = next(store.glob("batch-*.npz"))
    batch.write_bytes(batch.read_bytes()[:100])
    assert VisibilityStore(store).damaged == [batch]
    counted = Counted()
    np.testing.assert_array_equal(ask(dem, store, counted).height, ask(dem).height)
    assert 0 < counted.fresh < 12
    assert not VisibilityStore(store).damaged


def test_a_batch_damaged_within_is_refused(dem, tmp_path):
    store = tmp_path / "store"
    ask(dem, store)
    for batch in store.glob("batch-*.npz"):
        with np.load(batch) as arrays:
            kept = dict(arrays)
        kept["heights"] = kept["heights"][:10]
        np.savez(batch, **kept)
    with pytest.raises(EngineError, match="delete it"):
        ask(dem, store)


def test_unknown_ground_stays_unknown_through_the_store(tmp_path):
    heights = hills()
    heights[:, :] = -9999.0
    empty = write_dem(tmp_path / "empty.tif", heights)
    found = ask(empty, tmp_path / "store")
    assert found.height.size
    assert np.isinf(found.height).all()
    assert np.isinf(ask(empty, tmp_path / "store").height).all()


def test_progress_is_told_with_time_left(dem):
    said = []
    visibility(
        FileSource(path=dem),
        some_points(),
        some_masts(),
        K,
        run=here,
        progress=lambda *figures: said.append(figures),
    )
    assert [done for done, _, _ in said] == sorted(done for done, _, _ in said)
    assert said[-1][:2] == (12, 12)
    assert said[-1][2] == 0.0


def test_heights_are_rounded_up_and_capped():
    height = np.array([0.0, 0.01, 1.9, 8_191.7, 50_000.0, np.inf], np.float32)
    assert unpack(pack(height)).tolist() == [0.0, 0.125, 2.0, 8_191.75, 8_191.75, np.inf]


@pytest.mark.nightly
def test_a_dask_cluster_gives_the_same_bits(dem):
    distributed = pytest.importorskip("distributed")

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        found = ask(dem, run=on_dask(cluster.scheduler_address))
    np.testing.assert_array_equal(found.height, ask(dem).height)


def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    distributed = pytest.importorskip("distributed")

    def nobody(*_args, **_kwargs):
        raise OSError("Timed out")

    monkeypatch.setattr(distributed, "Client", nobody)
    with pytest.raises(EngineError, match=r"no Dask scheduler answers at tcp://nowhere:1"):
        on_dask("tcp://nowhere:1")


class KillsWorkers:
    """Open the terrain in the process that made this; end any other at once."""

    def __init__(self, path):
        self.path, self.home_process = path, os.getpid()

    def open(self):
        if os.getpid() != self.home_process:
            os._exit(9)
        return FileSource(path=self.path).open()


def test_a_worker_that_ends_by_itself_is_told_and_what_was_stored_stays(dem, tmp_path):
    store = tmp_path / "store"
    with pytest.raises(EngineError, match=r"ended by itself.*run again, with fewer --workers"):
        visibility(
            KillsWorkers(dem), some_points(), some_masts(), K, store=store, run=in_processes(2)
        )
    masts = []
    visibility(
        FileSource(path=dem),
        some_points(),
        some_masts(),
        K,
        store=store,
        run=here,
        progress=lambda done, _, __: masts.append(done),
    )
    assert masts[-1] == 12
