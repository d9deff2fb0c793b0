"""``steppewatch plan sites``: the best sites for the money, with a proof of how good they are."""

import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.plan.siting.instance import Siting
    from steppewatch.plan.siting.solve import Solution

SECONDS, GAP = 60.0, 0.001


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the plan and its proof.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.0),
    default=SECONDS,
    show_default=True,
    help="CPU time for choosing and proving.",
)
@click.option(
    "--gap",
    type=click.FloatRange(0.0, 1.0),
    default=GAP,
    show_default=True,
    help="Stop at this proven distance from the best possible.",
)
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--workers", type=click.IntRange(1), help="Processes for visibility; else all cores.")
@click.option("--dask", help="Address of a Dask cluster that works out visibility.")
@click.option("--next-budget", type=float, help="Money of a second purchase: compare two ways.")
@click.option("--curve/--no-curve", default=True, help="The trade-off of coverage against budget.")
def sites(
    plan: Path, out: Path | None, as_json: bool, seconds: float, gap: float, **given: Any
) -> None:
    """Choose the best sites of PLAN.toml, or of a covering problem (.npz), and prove how good.

    Example: steppewatch plan sites examples/plans/small.toml --out plan
    """
    if plan.suffix == ".npz":
        from steppewatch.engine.siting_files import load_siting

        _raw(plan, load_siting(plan), out, as_json=as_json, seconds=seconds, gap=gap)
        return
    from steppewatch.cli.plan_terrain import choose_on_terrain

    choose_on_terrain(plan, out, as_json=as_json, seconds=seconds, gap=gap, **given)


def _raw(
    plan: Path, siting: "Siting", out: Path | None, *, as_json: bool, seconds: float, gap: float
) -> None:
    from steppewatch.engine.siting_files import write_proof
    from steppewatch.engine.whole_file import make_folder

    begin = time.process_time()
    found = solved(siting, seconds=seconds, gap=gap, quiet=as_json)
    spent = time.process_time() - begin
    if out is not None:
        make_folder(out)
        write_proof(out, siting, found.chosen, found.tree)
    answer = figures(siting, found, spent) | {"source": plan.name}
    print(json.dumps(answer, indent=2) if as_json else sentence(answer))


def solved(
    siting: "Siting",
    *,
    seconds: float,
    gap: float,
    quiet: bool,
    packages: "Sequence[str]" = (),
) -> "Solution":
    """Choose, and tell on the terminal how it goes."""
    from steppewatch.plan.siting.solve import solve

    begin = time.process_time()

    def tell(step: str, value: float, bound: float) -> None:
        if not quiet:
            gone = time.process_time() - begin
            known = f"value {value:g}" + (f", bound {bound:g}" if bound < float("inf") else "")
            print(f"{gone:6.1f} s  {step}: {known}", file=sys.stderr)

    return solve(
        siting, seconds=seconds, gap=gap, clock=time.process_time, tell=tell, packages=packages
    )


def figures(siting: "Siting", found: "Solution", cpu_s: float) -> dict[str, Any]:
    """Give what the acceptance interface asks, and what explains it."""
    total = float(siting.weights.sum())
    return {
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap if math.isfinite(found.gap) else None,
        "cpu_s": round(cpu_s, 3),
        "share": found.value / total if total else 0.0,
        "bound_share": found.bound / total if total else 0.0,
        "spent": float(siting.costs[found.chosen].sum()),
        "budget": siting.budget,
        "options": siting.options,
        "demands": siting.demands,
        "covered_pairs": len(siting.indices),
        "leaves": len(found.tree.prices),
        "chosen": [int(i) for i in found.chosen],
        "steps": list(found.steps),
    }


def sentence(answer: dict[str, Any]) -> str:
    """Say it in words."""
    within = (
        "nothing is covered, so there is no share to tell"
        if answer["gap"] is None
        else f"within {answer['gap']:.3%} of the best possible"
    )
    return (
        f"{len(answer['chosen'])} of {answer['options']} options for {answer['spent']:,.6g} of "
        f"{answer['budget']:,.6g}\n"
        f"covered: {answer['value']:,.6g} ({answer['share']:.2%} of the weight)\n"
        f"proven:  no choice covers more than {answer['bound']:,.6g} "
        f"({answer['bound_share']:.2%}): {within}\n"
        f"CPU time {answer['cpu_s']:.1f} s"
    )
