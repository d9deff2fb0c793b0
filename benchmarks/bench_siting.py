"""How near the best possible are the sites of the whole border, proved in what time?

    python -m benchmarks siting                          all of it
    python -m benchmarks.bench_siting tiny peers         some parts, printed alone
    python -m benchmarks.bench_siting border=FILE.npz    the border's part on a covering problem

Border: plan files for the whole land border on the real 15″ elevation, 10,000 hilltops, three
classes; CPU seconds of one core, peak memory of a process of its own; the proof is checked again
from its files by a program that uses no solver. Tiny: 200 problems of at most 12 options with
budgets, limits, fixed and barred options against every choice there is. Peers: discs in the plane,
the same problems by spopt 0.7.0 (in a venv of its own, with CBC, its default, and with HiGHS) and
by HiGHS 1 thread on the whole programme; all of them must find the same value.
"""

import json
import math
import subprocess
import sys
import tempfile
import time
import venv
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize, sparse

from benchmarks.siting_border import CACHE, DEM
from steppewatch.plan.siting.arrays import proof_arrays, siting_of
from steppewatch.plan.siting.instance import Siting
from steppewatch.plan.siting.recheck import recheck
from steppewatch.plan.siting.solve import solve

ROOT = Path(__file__).resolve().parents[1]
PEER = Path(__file__).with_name("siting_peer.py")
WIDE, NARROW = (0.5, 1.2), (0.3, 0.6)  # discs that overlap much make hard problems
SIZES = (
    (100, 1_000, 10, WIDE),
    (300, 3_000, 15, WIDE),
    (1_000, 4_000, 60, NARROW),
    (2_000, 4_000, 100, NARROW),
)
SPOPT = "0.7.0"
PATIENCE = 120.0

Row = dict[str, Any]


def row(name: str, value: float, unit: str, note: str = "") -> Row:
    return {"name": name, "value": value, "unit": unit, "note": note}


def border(name: str) -> list[Row]:
    """Run one problem of the whole border in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.siting_border", name]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    got = json.loads(done.stdout.splitlines()[-1])
    size = f"{got['options']:,} options, {got['demands']:,} demands, {got['pairs']:,} pairs"
    title = {"single": "200 of 10,000 sites", "mixed": "four packages for 200 M"}.get(name, name)
    rows = [
        row(f"{title}: covered", 100.0 * got["value"], "%", f"{size}; {got['chosen']} chosen"),
        row(f"{title}: greedy alone", 100.0 * got["greedy"], "%", f"{got['greedy_s']:.1f} CPU s"),
        row(f"{title}: proven bound", 100.0 * got["bound"], "%", got["steps"]),
        row(f"{title}: proven gap", 100.0 * got["gap"], "%"),
        row(f"{title}: choosing and proving", got["cpu_s"], "CPU s"),
        row(
            f"{title}: peak memory", got["peak_mib"], "MiB",
            f"{got['before_mib']:,.0f} before, with the problem",
        ),
        row(
            f"{title}: checking the files", got["check_s"], "CPU s",
            f"{got['leaves']} leaves; {'passes' if got['check_ok'] else 'FAILS'}",
        ),
    ]  # fmt: skip
    if math.isfinite(got["made_s"]):
        note = "candidates, sights (kept from the last run where there are any), links"
        rows.append(row(f"{title}: making the problem", got["made_s"], "CPU s", note))
    return rows


def discs(seed: int, options: int, demands: int, number: int, radii: tuple[float, float]) -> Siting:
    """Draw options as discs over demands in the plane; so many may be taken."""
    rng = np.random.default_rng(seed)
    demand, option = rng.random((demands, 2)), rng.random((options, 2))
    reach = rng.uniform(*radii, options) / math.sqrt(math.pi * number)
    away = np.linalg.norm(option[:, None] - demand[None], axis=2)
    columns = [np.flatnonzero(a < r) for a, r in zip(away, reach, strict=True)]
    return siting_of(
        {
            "indptr": np.concatenate(([0], np.cumsum([len(c) for c in columns]))),
            "indices": np.concatenate(columns),
            "weights": rng.integers(1, 30, demands).astype(float),
            "costs": np.ones(options),
            "budget": float(number),
        },
        "discs",
    )


def tiny_problem(seed: int) -> Siting:
    """Draw at most 12 options, perhaps with money, a limit, one per site, fixed or barred."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 13)), int(rng.integers(1, 40))
    columns = [np.flatnonzero(rng.random(m) < rng.uniform(0.05, 0.5)) for _ in range(n)]
    each = 2 if seed % 4 == 3 else 1
    fixed = (np.arange(n) == 0) & (rng.random() < 0.3)
    return siting_of(
        {
            "indptr": np.concatenate(([0], np.cumsum([len(c) for c in columns]))),
            "indices": np.concatenate(columns),
            "weights": rng.integers(1, 20, m).astype(float) if seed % 3 else rng.random(m),
            "costs": np.where(fixed, 0.0, rng.integers(1, 10, n) if seed % 2 else 1.0),
            "budget": 15.0 if seed % 2 else 3.0,
            "site": np.arange(n) // each,
            "kind": np.arange(n) % each,
            "limits": np.array([2.0, np.inf][:each]) if seed % 4 == 3 else np.array([np.inf]),
            "fixed": fixed,
            "barred": (rng.random(n) < 0.1) & ~fixed,
        },
        "tiny",
    )


def every_choice(siting: Siting) -> float:
    """Give the best value of all choices that keep the conditions."""
    bits = np.array(list(product((False, True), repeat=siting.options)), bool)
    keeps = (bits @ siting.costs <= siting.budget) & (bits | ~siting.fixed).all(axis=1)
    keeps &= ~(bits & siting.barred).any(axis=1)
    for site in range(siting.sites):
        keeps &= bits[:, siting.site == site].sum(axis=1) <= 1
    for kind, most in enumerate(siting.limits):
        keeps &= bits[:, siting.kind == kind].sum(axis=1) <= most
    bits = bits[keeps]
    owner = np.repeat(np.arange(siting.options), np.diff(siting.indptr))
    covers = np.zeros((siting.options, siting.demands), bool)
    covers[owner, siting.indices] = True
    return float(((bits.astype(int) @ covers.astype(int) > 0) @ siting.weights).max())


def tiny() -> list[Row]:
    """Solve 200 problems, and hold value, bound and the checker's word against every choice."""
    best = gaps = passes = sound = 0
    begin = time.process_time()
    brute = 0.0
    for seed in range(200):
        siting = tiny_problem(seed)
        start = time.process_time()
        wanted = every_choice(siting)
        brute += time.process_time() - start
        found = solve(siting, seconds=20.0, clock=time.process_time)
        verdict = recheck(siting, found.chosen, proof_arrays(found.tree))
        best += bool(np.isclose(found.value, wanted, rtol=1e-9))
        gaps += bool(found.gap <= 1e-6)
        sound += bool(min(found.bound, verdict.bound) >= wanted * (1.0 - 1e-9))
        passes += not verdict.faults
    ours = time.process_time() - begin - brute
    return [
        row("200 tiny problems: the best of all choices found", best, "of 200"),
        row("200 tiny problems: proved the best (gap ≤ 1e-6)", gaps, "of 200"),
        row("200 tiny problems: bounds at or above the best", sound, "of 200"),
        row("200 tiny problems: proofs that the checker passes", passes, "of 200"),
        row("200 tiny problems: all, with checking", ours, "CPU s"),
    ]


def whole_programme(siting: Siting) -> tuple[float, float, bool]:
    """Solve max Σ w y, y ≤ Σ x, Σ x ≤ B in one piece; give value, CPU seconds, whether done."""
    n, m = siting.options, siting.demands
    begin = time.process_time()
    cover = sparse.csc_matrix(
        (np.ones(len(siting.indices)), siting.indices, siting.indptr), shape=(m, n)
    )
    money = sparse.hstack([sparse.csr_matrix(siting.costs), sparse.csr_matrix((1, m))])
    found = optimize.milp(
        np.concatenate((np.zeros(n), -siting.weights)),
        constraints=optimize.LinearConstraint(
            sparse.vstack([sparse.hstack([-cover, sparse.identity(m)]), money]),
            -np.inf,
            np.concatenate((np.zeros(m), [siting.budget])),
        ),
        integrality=np.concatenate((np.ones(n), np.zeros(m))),
        bounds=optimize.Bounds(0.0, 1.0),
        options={"mip_rel_gap": 0.0, "time_limit": PATIENCE},
    )
    value = -float(found.fun) if found.x is not None else math.nan
    return value, time.process_time() - begin, found.status == 0


def peer_python() -> Path | str:
    """Make the peer's venv when it is not there; say why where that fails."""
    home = CACHE / f"spopt-{SPOPT}"
    python = home / "bin" / "python"
    if (home / "ready").exists():
        return python
    try:
        venv.create(home, with_pip=True, clear=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", f"spopt=={SPOPT}", "pulp", "highspy"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        return f"spopt {SPOPT} could not be installed: {str(error.stderr).strip()[-200:]}"
    (home / "ready").write_text(SPOPT)
    return python


def run_peer(python: Path, path: Path, solver: str) -> dict[str, float] | None:
    """Let spopt solve a problem; None where it takes longer than :data:`PATIENCE`."""
    try:
        done = subprocess.run(
            [str(python), str(PEER), str(path), solver],
            check=True, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    got: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return got


def peers() -> list[Row]:
    """Solve discs of four sizes by all; times as CPU seconds, proof to the end."""
    python = peer_python()
    rows: list[Row] = []
    if isinstance(python, str):
        rows.append(row("spopt", math.nan, "", f"skipped: {python}"))
    solve(discs(0, 50, 200, 5, WIDE), seconds=9.0, clock=time.process_time)  # warm
    for size in SIZES:
        siting = discs(1, *size)
        kind = "wide" if size[3] == WIDE else "narrow"
        title = f"{size[2]} of {size[0]:,} {kind} discs, {size[1]:,} demands"
        begin = time.process_time()
        found = solve(siting, seconds=PATIENCE, clock=time.process_time)
        ours = time.process_time() - begin
        note = f"value {found.value:,.0f}, gap {found.gap:.2%}, {len(found.tree.prices)} leaves"
        rows.append(row(f"{title}: steppewatch", ours, "CPU s", note))
        value, spent, done = whole_programme(siting)
        rows.append(
            row(f"{title}: whole programme", spent, "CPU s", told(value, found.value, done))
        )
        if isinstance(python, Path):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "problem.npz"
                np.savez(
                    path, indptr=siting.indptr, indices=siting.indices, weights=siting.weights,
                    costs=siting.costs, budget=siting.budget,
                )  # fmt: skip
                rows += [
                    peer_row(f"{title}: spopt, {solver}", python, path, solver, found)
                    for solver in ("cbc", "highs")
                ]
    return rows


def peer_row(name: str, python: Path, path: Path, solver: str, found: Any) -> Row:
    got = run_peer(python, path, solver)
    if got is None:
        return row(name, PATIENCE, "s", "stopped, not done")
    note = told(got["value"], found.value, done=True)
    return row(name, got["cpu_s"], "CPU s", f"{note}; {got['built_s']:.1f} to build")


def told(value: float, ours: float, done: bool) -> str:
    if not done:
        return f"stopped, not done; value {value:,.0f}"
    return "same value" if math.isclose(value, ours, rel_tol=1e-7) else f"OTHER value {value:,.6g}"


def main() -> list[Row]:
    """Run all parts; the border's where the real elevation is at hand."""
    rows = tiny() + peers()
    if DEM.is_file():
        rows = border("single") + border("mixed") + rows
    else:
        rows.append(row("whole border", math.nan, "", "skipped: the real elevation is absent"))
    return rows


if __name__ == "__main__":
    for part in sys.argv[1:] or ["tiny", "peers"]:
        asked, _, which = part.partition("=")
        got = border(which) if asked == "border" else {"tiny": tiny, "peers": peers}[asked]()
        for line in got:
            print(f"{line['name']}: {line['value']:,.6g} {line['unit']}  {line['note']}")
