"""How late is a track when 8 radars and 20 drones report 20,000 targets, and what takes the time?

    python -m benchmarks capacity
    python -m benchmarks.bench_capacity --n 5000 --radars 8 --drones 20 --tick 0.05 --profile

Radars of 5 s deliver 32 sectors a turn, drones two frames a second; all go through the one stage
in simulated real time. A server wakes when a message arrives or when it is done, takes all that
has arrived by then in one step, and is busy for the CPU seconds that the step took. Plot → track
is from the moment a plot's message arrives to the moment its step is done; the plots of a sector
are up to 156 ms old when it arrives, which no tracker can help. The first 20 s, in which all
tracks begin, are left out. RSS is the whole process's, with the scene in it.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios.border import Border, make
from steppewatch import fuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.scenarios.scene import Scene
    from steppewatch.records import Stage

SETTLED = 20.0
LIMIT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Hold what a server did after the tracks had settled.

    Attributes:
        wait: For each plot, seconds from its arrival to the end of its step.
        busy: CPU seconds of the steps for each second that passed.
        step: CPU seconds of each step.
        plots: A second.
        messages: A second.
        held: Tracks at the end, tentative ones too.
        confirmed: Tracks at the end.
    """

    wait: np.ndarray[Any, np.dtype[np.float64]]
    busy: float
    step: np.ndarray[Any, np.dtype[np.float64]]
    plots: float
    messages: float
    held: int
    confirmed: int


def serve(
    scene: Scene, *, tick: float = 0.0, stage: Stage[Any] | None = None, most: float = 1e9
) -> Load:
    """Serve a scene's messages in simulated real time.

    Args:
        scene: Steps of single messages, by arrival.
        tick: The server wakes at most once in so many seconds.
        stage: The tracker.
        most: Give up when it has used so many CPU seconds.
    """
    tracker = stage or fuse.stage()
    begin = scene.steps[0][0]
    state = tracker.step(tracker.initial, list(scene.sensors), begin)[0]
    arrivals = [(1e-9 * (when - begin), m) for when, messages in scene.steps for m in messages]
    free, spent, first = 0.0, 0.0, 0
    waits, steps, plots, settled = [], [], 0, 0
    while first < len(arrivals) and spent < most:
        wake = max(free, arrivals[first][0])
        wake = np.ceil(wake / tick) * tick if tick else wake
        last = first
        while last < len(arrivals) and arrivals[last][0] <= wake:
            last += 1
        before = time.thread_time()
        state, _ = tracker.step(
            state, [m for _, m in arrivals[first:last]], begin + int(wake * 1e9)
        )
        took = time.thread_time() - before
        free, spent = wake + took, spent + took
        if wake >= SETTLED:
            steps.append(took)
            settled += last - first
            for when, message in arrivals[first:last]:
                waits.append(np.full(len(message), free - when))  # type: ignore[arg-type]
                plots += len(message)  # type: ignore[arg-type]
        first = last
    passed = max(arrivals[first - 1][0] - SETTLED, 1e-9)
    picture = fuse_play.picture(state, begin + int(free * 1e9), fuse.TrackerSettings())
    return Load(
        wait=np.concatenate(waits) if waits else np.full(1, np.inf),
        busy=float(np.sum(steps)) / passed,
        step=np.array(steps or [np.inf]),
        plots=plots / passed,
        messages=settled / passed,
        held=len(state),
        confirmed=len(picture.id),
    )


def rows_of(name: str, load: Load) -> list[dict[str, object]]:
    """Lay out one load."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    p99 = float(np.percentile(load.wait, 99))
    note = (
        f"{load.confirmed:,} confirmed tracks of {load.held:,} held, {load.plots:,.0f} plots/s in "
        f"{load.messages:.0f} messages/s; median {1e3 * np.median(load.wait):.0f} ms; "
        f"wanted {1e3 * LIMIT:.0f} ms"
    )
    return [
        {"name": f"{name}: plot → track, p99", "value": 1e3 * p99, "unit": "ms", "note": note},
        {
            "name": f"{name}: one core busy", "value": 100.0 * load.busy, "unit": "%",
            "note": f"{1e3 * np.median(load.step):.1f} ms a step (median), "
            f"{1e3 * np.percentile(load.step, 99):.1f} ms (p99)",
        },
        {"name": f"{name}: memory", "value": memory, "unit": "GiB", "note": "peak RSS"},
    ]  # fmt: skip


def warm(tick: float) -> None:
    """Compile all kernels on a small border."""
    serve(make(Border(n=200, radars=2, drones=2, radius=30e3, seconds=30.0)), tick=tick)


def main(
    sizes: Sequence[int] = (5_000, 20_000, 50_000), tick: float = 0.05
) -> list[dict[str, object]]:
    """Measure at some sizes, whole scans of density as in the sparse scenes and above."""
    warm(tick)
    rows = []
    for n in sizes:
        scene = make(Border(n=n, seconds=SETTLED + 20.0, seed=1000))
        rows += rows_of(f"{n:,} targets", serve(scene, tick=tick))
    return rows


def profile(how: Border, tick: float) -> None:
    """Say which functions take the time."""
    warm(tick)
    scene = make(how)
    watch = cProfile.Profile(time.thread_time)
    watch.enable()
    load = serve(scene, tick=tick)
    watch.disable()
    pstats.Stats(watch).sort_stats("tottime").print_stats(28)
    for row in rows_of(f"{how.n:,} targets", load):
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_capacity")
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--radars", type=int, default=8)
    parser.add_argument("--drones", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=SETTLED + 10.0)
    parser.add_argument("--tick", type=float, default=0.05, help="seconds between wake-ups")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    chosen = Border(
        n=given.n, radars=given.radars, drones=given.drones, seconds=given.seconds, seed=1000
    )
    if given.profile:
        profile(chosen, given.tick)
    else:
        warm(given.tick)
        for line in rows_of(f"{given.n:,} targets", serve(make(chosen), tick=given.tick)):
            sys.stdout.write(f"{line}\n")
