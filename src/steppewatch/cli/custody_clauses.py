"""``steppewatch custody clauses``: the clause library, and an agreement in Cedar's words."""

import json
from pathlib import Path

import click


@click.command()
@click.argument(
    "agreement", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print the library as JSON.")
def clauses(agreement: Path | None, *, as_json: bool) -> None:
    """List the clause library, or print AGREEMENT.toml as compiled policies."""
    from steppewatch.custody.agreement import read_agreement
    from steppewatch.custody.policy.compile import (
        cedar_text,
        house_policies,
        policies_of,
    )
    from steppewatch.custody.policy.library import clauses as library

    if agreement is not None:
        read = read_agreement(agreement.read_text("utf-8"), agreement.name)
        click.echo(cedar_text((*house_policies(), *policies_of(read))))
        return
    if as_json:
        rows = [
            {
                "name": one.name,
                "title": one.title,
                "rules": list(one.rules),
                "given": dict(one.given),
            }
            for one in library().values()
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for one in library().values():
        needs = f"  given: {', '.join(one.given)}" if one.given else ""
        click.echo(f"{one.name:<22} {one.title}{needs}")
