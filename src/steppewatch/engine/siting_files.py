"""Siting problems, choices and proofs as files: ``instance.npz``, ``certificate.npz``."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.whole_file import write_npz
from steppewatch.errors import EngineError
from steppewatch.plan.siting.arrays import arrays_of, proof_arrays, siting_of
from steppewatch.plan.siting.instance import Siting
from steppewatch.plan.siting.recheck import Verdict, recheck
from steppewatch.plan.siting.tree import Tree

INSTANCE, CERTIFICATE, PLAN = "instance.npz", "certificate.npz", "plan.json"
PROOF = (
    "chosen",
    "split",
    "zero",
    "one",
    "cover",
    "money",
    "limits",
    "pays",
    "twice",
    "walls",
    "spare_leaf",
    "spare_need",
    "spare_option",
    "spare_start",
    "spare_worth",
    "wall_site",
    "wall_start",
    "wall_members",
)
CLOSE = 1e-6
CLAIMS = ("value", "bound", "gap", "spent", "budget", "share", "bound_share")


def load_arrays(path: Path) -> dict[str, Any]:
    """Read every array of a file.

    Raises:
        EngineError: It cannot be read; a file that would run code when read is refused.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, AttributeError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): expected arrays written by numpy.savez"
        ) from error


def load_siting(path: Path) -> Siting:
    """Read a problem; raises EngineError or PlanError when it is none."""
    return siting_of(load_arrays(path), str(path))


def write_proof(folder: Path, siting: Siting, chosen: Any, tree: Tree) -> None:
    """Write the problem and the proof.

    Raises:
        EngineError: The folder cannot be written.
        StoreFullError: The disk is full.
    """
    write_npz(folder / INSTANCE, **arrays_of(siting))
    write_npz(folder / CERTIFICATE, chosen=np.asarray(chosen), **proof_arrays(tree))


def check_folder(folder: Path) -> tuple[Verdict, str]:
    """Recheck what ``plan sites --out FOLDER`` wrote; a plan's own figures are held against it.

    Returns:
        The verdict, and a sentence about ``plan.json``.

    Raises:
        EngineError: Something cannot be read.
        PlanError: It does not fit together.
    """
    siting = load_siting(folder / INSTANCE)
    proof = load_arrays(folder / CERTIFICATE)
    missing = [key for key in PROOF if key not in proof]
    if missing:
        raise EngineError(
            f"{folder / CERTIFICATE} has no array {', '.join(missing)}: it was not written by "
            "`plan sites`, or not whole"
        )
    chosen = np.asarray(proof["chosen"])
    if chosen.ndim != 1 or (chosen.size and not 0 <= chosen.min() <= chosen.max() < siting.options):
        raise EngineError(
            f"{folder / CERTIFICATE}: chosen names options that the problem of "
            f"{siting.options} has not"
        )
    verdict = recheck(siting, chosen.astype(np.int64), proof)
    path = folder / PLAN
    if not path.exists():
        return verdict, f"there is no {PLAN} to hold against it"
    faults = [
        f"{PLAN} says {key} {claim:.10g}, worked out anew it is {own:.10g}"
        for (key, claim), own in zip(
            _claims(path).items(), _figures(siting, chosen, verdict), strict=True
        )
        if claim != own and not abs(claim - own) <= CLOSE * max(abs(own), 1.0)
    ]
    told = f"{PLAN} says the same" if not faults else f"{PLAN} says otherwise"
    return replace(verdict, faults=verdict.faults + tuple(faults)), told


def _figures(siting: Siting, chosen: Any, verdict: Verdict) -> tuple[float, ...]:
    """Work out the figures of :data:`CLAIMS`, and the number of sites."""
    total, value, bound = float(siting.weights.sum()), verdict.value, verdict.bound
    gap = max(0.0, bound - value) / value if value else (np.inf if bound > 0.0 else 0.0)
    share, bound_share = (value / total, bound / total) if total else (0.0, 0.0)
    return value, bound, gap, verdict.spent, siting.budget, share, bound_share, float(len(chosen))


def _claims(path: Path) -> dict[str, float]:
    try:
        plan = json.loads(path.read_text("utf-8"))
        return {key: float(plan[key]) for key in CLAIMS} | {"sites": float(len(plan["sites"]))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"{path} cannot be read ({error!r}): expected the plan that `plan sites` wrote"
        ) from error
