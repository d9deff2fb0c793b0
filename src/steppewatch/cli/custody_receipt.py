"""``steppewatch custody receipt``: proof that one statement is in the ledger (RFC 9942)."""

import time
from pathlib import Path

import click

from steppewatch.cli.custody_keys import WHERE, signer_at


@click.command()
@click.argument("ledger")
@click.argument("position", type=click.IntRange(min=0))
@click.option("--key", required=True, help=f"The log's key: {WHERE}.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The receipt's file.")
@click.option("--statement", type=click.Path(path_type=Path), help="Write the statement here too.")
def receipt(ledger: str, position: int, key: str, out: Path, statement: Path | None) -> None:
    """Sign the receipt of the statement at POSITION of LEDGER."""
    from steppewatch.custody.ledger.receipt import inclusion_receipt
    from steppewatch.engine.custody_ledger import opened
    from steppewatch.engine.custody_witness import log_name
    from steppewatch.engine.whole_file import whole_file

    signer = signer_at(key)
    with opened(ledger, make=False) as held:
        data, size = held.entry(position), held.size
        proof = held.inclusion(position, size)
        made = inclusion_receipt(
            data, position, size, proof, log_name(held), time.time_ns(), signer
        )
    for path, content in ((out, made), (statement, data)):
        if path is not None:
            with whole_file(path) as stream:
                stream.write(content)
    print(f"{out}: statement {position} of {size}, {len(made)} bytes")
