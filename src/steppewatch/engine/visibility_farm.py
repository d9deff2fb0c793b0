"""Work out what thousands of masts see: in parallel, stored, resumable, with time left."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.visibility_store import VisibilityStore, asked_digests
from steppewatch.engine.visibility_work import (
    UNKNOWN,
    Answer,
    Piece,
    Stored,
    TerrainSource,
    unpack,
    work,
)
from steppewatch.errors import EngineError
from steppewatch.sense.viewshed.cut import boxes_of_rays, groups, some
from steppewatch.sense.viewshed.points import (
    LeastHeights,
    Masts,
    Points,
    in_reach,
    reach_in_angle,
)
from steppewatch.world.geodesy import Array

Progress = Callable[[int, int, float], None]
Run = Callable[[Sequence[Piece]], Iterator[Answer]]


def visibility(
    source: TerrainSource,
    points: Points,
    masts: Masts,
    k: float,
    *,
    store: Path | None = None,
    run: Run | None = None,
    progress: Progress | None = None,
) -> LeastHeights:
    """Find from how high above the ground each mast sees each point in its reach.

    The answer is the same bits whatever runs it; heights are rounded up to an eighth of a metre.

    Args:
        source: Where the terrain is.
        points: Places.
        masts: Where to look from.
        k: Effective earth radius factor.
        store: Folder that keeps what was worked out; None keeps nothing.
        run: Runs the pieces, in any order; :func:`in_processes` with all processors when None.
        progress: Told masts done, masts in all, and seconds left (NaN when not known).

    Raises:
        StoreFullError: The disk is full; what was stored is intact and the run resumes.
        EngineError: The terrain or the store cannot be read.
    """
    run = in_processes() if run is None else run
    near = in_reach(points, masts)
    asked = asked_digests(points, masts, k, near)
    kept = None if store is None else VisibilityStore(store)
    heights = np.full(near.indices.size, UNKNOWN, np.uint16)
    boxes = boxes_of_rays(points, masts, near)
    resolution = source.open().describe().resolution
    pieces = [
        _piece(source, points, masts, boxes, k, group, asked, kept)
        for group in groups(masts, resolution)
    ]
    begun, done, fresh = time.monotonic(), 0, 0
    for answer in run(pieces):
        fresh += _take(answer, asked, kept, near, heights)
        done += len(answer.numbers)
        if progress is not None:
            spent = time.monotonic() - begun
            progress(done, len(masts), spent / done * (len(masts) - done))
    return LeastHeights(
        indptr=near.indptr, indices=near.indices, height=unpack(heights), distance=near.distance
    )


def here(pieces: Sequence[Piece]) -> Iterator[Answer]:
    """Run the pieces in this process, one after the other."""
    return map(work, pieces)


def in_processes(workers: int | None = None) -> Run:
    """Run the pieces in a pool of processes.

    The kernels are compiled (or their cache is read) here first, so that no two workers compile
    the same; workers are spawned, which is safe beside threads.

    Args:
        workers: How many; as many as processors when None. One runs in this process.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers

    def run(pieces: Sequence[Piece]) -> Iterator[Answer]:
        if count <= 1 or len(pieces) <= 1:
            yield from here(pieces)
            return
        yield work(pieces[0])  # warms the cache
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            try:
                waiting = [pool.submit(work, piece) for piece in pieces[1:]]
                for future in as_completed(waiting):
                    yield future.result()
            except BrokenExecutor as error:
                raise EngineError(
                    f"a process that worked out visibility ended by itself ({error}); was it "
                    "killed, or is memory short? What was stored is kept: run again, with fewer "
                    "--workers. A script of your own needs `if __name__ == '__main__':`"
                ) from error
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    return run


def _piece(
    source: TerrainSource,
    points: Points,
    masts: Masts,
    boxes: Array,
    k: float,
    group: NDArray[np.int64],
    asked: Sequence[bytes],
    kept: VisibilityStore | None,
) -> Piece:
    """Ask for one group, with the points that may be in its reach."""
    chosen = some(masts, group)
    _, wide = reach_in_angle(chosen.lat, chosen.reach)
    first = int(np.searchsorted(points.lon, (chosen.lon - wide).min()))
    last = int(np.searchsorted(points.lon, (chosen.lon + wide).max(), "right"))
    none: frozenset[bytes] = frozenset()
    return Piece(
        source=source,
        numbers=group,
        masts=chosen,
        boxes=boxes[group],
        points=Points(lat=points.lat[first:last], lon=points.lon[first:last]),
        k=k,
        known=tuple(none if kept is None else kept.known(asked[i]) for i in group.tolist()),
    )


def _take(
    answer: Answer,
    asked: Sequence[bytes],
    kept: VisibilityStore | None,
    near: LeastHeights,
    out: Stored,
) -> int:
    """Put one answer where it belongs, and into the store; count the masts worked out afresh."""
    fresh: list[tuple[bytes, bytes, Stored]] = []
    for number, ground, heights in zip(
        answer.numbers.tolist(), answer.ground, answer.heights, strict=True
    ):
        part = slice(int(near.indptr[number]), int(near.indptr[number + 1]))
        if heights is not None:
            fresh.append((asked[number], ground, heights))
            out[part] = heights
        elif kept is not None:
            out[part] = kept.get(asked[number], ground)
    if fresh and kept is not None:
        kept.put(*zip(*fresh, strict=True))
    return len(fresh)
