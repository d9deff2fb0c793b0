"""``steppewatch plan check``: work a plan's value and bound out again, without any solver."""

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def check(folder: Path, as_json: bool) -> None:
    """Recheck the proof in FOLDER, written by `plan sites --out FOLDER`; status 1 if it fails."""
    from steppewatch.engine.siting_files import check_folder

    verdict, told = check_folder(folder)
    gap = max(0.0, verdict.bound - verdict.value) / verdict.value if verdict.value else 0.0
    answer = {
        "ok": not verdict.faults,
        "value": verdict.value,
        "bound": verdict.bound,
        "gap": gap,
        "spent": verdict.spent,
        "leaves": verdict.leaves,
        "faults": list(verdict.faults),
    }
    if as_json:
        print(json.dumps(answer, indent=2))
    else:
        print(f"value {verdict.value:,.10g}, bound {verdict.bound:,.10g}: gap {gap:.4%}")
        print(f"worked out anew from {folder} ({verdict.leaves} leaves), no solver; {told}")
        for fault in verdict.faults:
            print(f"WRONG: {fault}")
    if verdict.faults:
        sys.exit(1)
