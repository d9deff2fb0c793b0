"""``steppewatch custody prove``: what an agreement can never allow, shown by two solvers."""

import json
from pathlib import Path

import click


@click.command()
@click.argument("agreement", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--solver", "solvers", type=click.Choice(["z3", "cvc5"]), multiple=True)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def prove(agreement: Path, solvers: tuple[str, ...], *, as_json: bool) -> None:
    """Prove the safety properties of AGREEMENT.toml with both solvers."""
    from steppewatch.custody.agreement import read_agreement
    from steppewatch.custody.policy.decide import rules_of
    from steppewatch.custody.policy.prove import SOLVERS, proved

    read = read_agreement(agreement.read_text("utf-8"), agreement.name)
    proofs = proved(rules_of([read]), read, solvers or SOLVERS)
    failed = [proof for proof in proofs if not proof.proved]
    if as_json:
        rows = [
            {
                "property": proof.claim.name,
                "says": proof.claim.says,
                "kind": proof.claim.kind,
                "holds": dict(proof.found),
                "counterexample": proof.counterexample,
            }
            for proof in proofs
        ]
        click.echo(json.dumps({"agreement": read.id, "properties": rows}, indent=2))
    else:
        for proof in proofs:
            word = "proved" if proof.proved else "FAILS "
            click.echo(f"{word}  {proof.claim.name:<36} {proof.claim.says}")
            if proof.counterexample:
                click.echo(f"        case: {proof.counterexample}")
        click.echo(f"{len(proofs) - len(failed)} of {len(proofs)} properties hold")
    if failed:
        raise SystemExit(1)
