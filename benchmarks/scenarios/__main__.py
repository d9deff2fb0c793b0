"""Write a scene of one radar into a file that ``steppewatch fuse run`` reads.

python -m benchmarks.scenarios NAME --seed S --out FILE.npz [--n N] [--pd P] …
"""

import argparse
from pathlib import Path

from benchmarks.scenarios.files import save
from benchmarks.scenarios.single import NAMES, Options, make


def main() -> None:
    """Draw and write one scene."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenarios", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n", type=int, default=100, help="targets")
    parser.add_argument("--scans", type=int, default=60)
    parser.add_argument("--period", type=float, default=5.0, help="seconds of a scan")
    parser.add_argument("--pd", type=float, default=0.9, help="detection probability")
    parser.add_argument("--clutter", type=float, help="false alarms per scan for each target")
    given = vars(parser.parse_args())
    name, out = given.pop("name"), given.pop("out")
    save(out, make(name, Options(**given)))
    print(f"{out}: {name}, {given['n']} targets, {given['scans']} scans, seed {given['seed']}")


if __name__ == "__main__":
    main()
