"""How many times faster than life can a scenario be rehearsed (sense and truth, no tracker)?

python -m benchmarks.bench_rehearse [SCENARIO] [SECONDS]
"""

import sys
import time
from pathlib import Path

from steppewatch.engine.border_file import load_border
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.plan import rehearse
from steppewatch.records import DetectionBatch

DEFAULT = Path(__file__).resolve().parents[1] / "examples" / "dense-airspace.toml"


def main() -> None:
    """Rehearse at ten steps a second of scenario time and print the CPU seconds."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 120
    scenario = rehearse.load(path.read_text("utf-8"), path.name, load_border())
    begin = time.process_time()
    population = rehearse.populate(scenario, open_terrain())
    stage = rehearse.stage(scenario, open_terrain(), population)
    laid = time.process_time()
    state, plots = stage.initial, 0
    marks = []
    for i in range(20 * seconds + 1):
        if i % (10 * seconds) == 0:
            marks.append(time.process_time())
        state, said = stage.step(state, (), scenario.start_ns + i * 100_000_000)
        plots += sum(len(m) for m in said if isinstance(m, DetectionBatch))
    cold, warm = marks[1] - marks[0], marks[2] - marks[1]
    print(f"{path.name}: {len(population)} movers, {len(scenario.sensors)} sensors, {plots} plots")
    print(f"laid out in {laid - begin:.2f} CPU s")
    print(f"first {seconds} s (horizons are built): {seconds / cold:.0f} times real time")
    print(f"next {seconds} s: {seconds / warm:.0f} times real time")


if __name__ == "__main__":
    main()
