"""``steppewatch custody verify | verifier | export``: let a stranger check the ledger."""

import sys
from pathlib import Path

import click


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Check a whole ledger from public keys alone."""
    from steppewatch.engine import custody_stranger

    sys.exit(custody_stranger.main(list(arguments)))


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it; else printed.")
def verifier(out: Path | None) -> None:
    """Hand out the verifier as one file that needs nothing of Steppewatch."""
    from steppewatch.engine.custody_stranger_file import stranger_file
    from steppewatch.engine.whole_file import whole_file

    text = stranger_file()
    if out is None:
        print(text, end="")
        return
    with whole_file(out) as stream:
        stream.write(text.encode())
    print(f"{out}: run it with Python 3.11 or later and the package cryptography")


@click.command()
@click.argument("ledger")
@click.argument("out", type=click.Path(path_type=Path))
def export(ledger: str, out: Path) -> None:
    """Write LEDGER to OUT as one file that a stranger can check."""
    from steppewatch.engine.custody_ledger import opened
    from steppewatch.engine.custody_ledger_export import export_ledger

    with opened(ledger, make=False) as held:
        print(f"{out}: {export_ledger(held, out)} statements, root {held.root().hex()}")
