"""``steppewatch custody witness``: co-sign checkpoints, over files that a person carries."""

import time
from pathlib import Path

import click

from steppewatch.cli.custody_keys import WHERE, read_public, signer_at

FILE = click.Path(path_type=Path)
THERE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def witness() -> None:
    """Confirm a ledger's checkpoints from another state."""


@witness.command()
@click.argument("state", type=FILE)
@click.option("--id", "name", required=True, help="The witness's id in the log's genesis.")
@click.option("--log", required=True, help="Name of the log.")
@click.option("--log-key", type=THERE, required=True, help="What key show wrote for the log.")
def init(state: Path, name: str, log: str, log_key: Path) -> None:
    """Begin a witness's memory of one log in the file STATE."""
    from steppewatch.engine.custody_witness import make_witness

    make_witness(state, name, log, read_public(log_key))
    print(f"{state}: witness {name} of log {log}; never restore an old copy of it")


@witness.command()
@click.argument("ledger")
@click.argument("request", type=FILE)
@click.option("--key", required=True, help=f"The log's key: {WHERE}.")
def ask(ledger: str, request: Path, key: str) -> None:
    """Write a REQUEST to witnesses: a checkpoint of LEDGER and proofs from earlier ones."""
    from steppewatch.engine.custody_ledger import opened
    from steppewatch.engine.custody_witness import make_request
    from steppewatch.engine.whole_file import whole_file

    with opened(ledger, make=False) as held:
        data, size = make_request(held, signer_at(key), time.time_ns()), held.size
    with whole_file(request) as stream:
        stream.write(data)
    print(f"{request}: a checkpoint of {size} entries; carry it to the witnesses")


@witness.command()
@click.argument("state", type=THERE)
@click.argument("request", type=THERE)
@click.argument("answer", type=FILE)
@click.option("--key", required=True, help=f"The witness's key: {WHERE}.")
def cosign(state: Path, request: Path, answer: Path, key: str) -> None:
    """Co-sign REQUEST if it goes on from what STATE remembers; write ANSWER."""
    from steppewatch.engine.custody_witness import answer_request
    from steppewatch.engine.whole_file import whole_file

    data = answer_request(state, request.read_bytes(), signer_at(key), time.time_ns())
    with whole_file(answer) as stream:
        stream.write(data)
    print(f"{answer}: co-signed; carry it back")


@witness.command()
@click.argument("ledger")
@click.argument("answers", type=THERE, nargs=-1, required=True)
@click.option("--key", required=True, help=f"The log's key: {WHERE}.")
def seal(ledger: str, answers: tuple[Path, ...], key: str) -> None:
    """Take ANSWERS into LEDGER: the act after which consents before the checkpoint count."""
    from steppewatch.engine.custody_ledger import opened
    from steppewatch.engine.custody_witness import seal_answers

    with opened(ledger, make=False) as held:
        size = seal_answers(
            held, [path.read_bytes() for path in answers], signer_at(key), time.time_ns()
        )
    print(f"the first {size} entries are witnessed")


@witness.command()
@click.argument("one", type=THERE)
@click.argument("other", type=THERE)
@click.option("--log-key", type=THERE, required=True, help="What key show wrote for the log.")
def compare(one: Path, other: Path, log_key: Path) -> None:
    """Compare two requests that two witnesses received: do they prove a fork?"""
    from steppewatch.engine.custody_witness import compare_requests

    said = compare_requests(one.read_bytes(), other.read_bytes(), read_public(log_key))
    print(said or "no fork is proved: same root, or different sizes")
    raise SystemExit(1 if said else 0)
