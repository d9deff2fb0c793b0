"""``steppewatch custody init``, ``demo``, ``act``, ``submit``: into the ledger."""

import json
import os
import time
from pathlib import Path
from typing import Any

import click

from steppewatch.cli.custody_keys import WHERE, signer_at
from steppewatch.errors import CustodyError

FILE = click.Path(path_type=Path, dir_okay=False)
THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
LOG_KEY = click.option("--log-key", help=f"The log's key, so that refusals are recorded: {WHERE}.")
HEX = "hex:"


@click.command()
@click.argument("ledger")
@click.argument("genesis", type=THERE)
@click.option("--key", required=True, help=f"The log's key: {WHERE}.")
def init(ledger: str, genesis: Path, key: str) -> None:
    """Begin LEDGER with GENESIS (JSON): organisations, first persons, witnesses, their keys.

    Example: steppewatch custody init custody.db genesis.json --key log.pem
    """
    from steppewatch.engine.custody_office import found_ledger

    found_ledger(ledger, _body(genesis.read_text("utf-8"), genesis.name), signer_at(key), now())
    print(f"{ledger}: begun; next: steppewatch custody act {ledger} propose …")


@click.command()
@click.argument("ledger", type=FILE)
def demo(ledger: Path) -> None:
    """Make LEDGER with made-up persons, items and handovers, to learn and to show.

    Its keys come of a seed that everybody knows: they protect nothing.
    """
    from steppewatch.engine import custody_demo
    from steppewatch.engine.custody_office import open_office

    if ledger.exists():
        raise CustodyError(f"{ledger} exists: name another file")
    custody_demo.begin_demo(str(ledger), now())
    with open_office(str(ledger), custody_demo.demo_key("log")) as office:
        items = custody_demo.play(custody_demo.agreements(office))
        print(f"{ledger}: {office.register.size} statements, {len(items)} items handed over")
    print(f"look      steppewatch custody show {ledger}")
    print(f"check     steppewatch custody verify {ledger}")
    print(f"pages     steppewatch custody serve {ledger}")


@click.command()
@click.argument("ledger")
@click.argument("kind")
@click.argument("body", nargs=-1, metavar="[KEY=VALUE | BODY.json]…")
@click.option("--by", required=True, help="Id of the person who declares it.")
@click.option("--key", required=True, help=f"That person's key: {WHERE}.")
@click.option("--ref", "refs", multiple=True, help="Leaf (hex) of a statement that it answers.")
@click.option("--out", type=FILE, help="Only sign, into this file; submit it later.")
@LOG_KEY
def act(
    ledger: str,
    kind: str,
    body: tuple[str, ...],
    by: str,
    key: str,
    refs: tuple[str, ...],
    out: Path | None,
    log_key: str | None,
) -> None:
    """Sign an act and submit it to LEDGER. docs/custody-acts.md lists the kinds.

    Values are JSON where they can be, else text; ``hex:…`` is bytes, ``@FILE`` a file's text.

    Example: steppewatch custody act custody.db move items='["EX/SR-3D/0001"]' site=depot
    --by bat --key bat.pem
    """
    from steppewatch.custody.acts import Act
    from steppewatch.custody.ledger import sign_act
    from steppewatch.engine.whole_file import whole_file

    try:
        named = tuple(bytes.fromhex(ref) for ref in refs)
    except ValueError:
        raise CustodyError("--ref is not a leaf in hex, as submit and show print it") from None
    declared = Act(
        kind=kind, by=by, at_ns=now(), body=_read(body), refs=named, nonce=os.urandom(16)
    )
    data = sign_act(declared, signer_at(key), by)
    if out is None:
        _submit(ledger, [data], log_key)
        return
    with whole_file(out) as stream:
        stream.write(data)
    print(f"{out}: signed; steppewatch custody submit {ledger} {out}")


@click.command()
@click.argument("ledger")
@click.argument("acts", type=THERE, nargs=-1, required=True)
@LOG_KEY
def submit(ledger: str, acts: tuple[Path, ...], log_key: str | None) -> None:
    """Submit signed ACTS, such as those captured offline, to LEDGER, one by one.

    One that is refused does not stop the others; the exit status is 1 then.
    """
    _submit(ledger, [path.read_bytes() for path in acts], log_key)


def now() -> int:
    """Tell the time [ns UTC]."""
    return time.time_ns()


def _submit(ledger: str, batch: list[bytes], log_key: str | None) -> None:
    from steppewatch.engine.custody_office import open_office

    refused = 0
    with open_office(ledger, signer_at(log_key) if log_key else None) as office:
        for data in batch:
            try:
                receipt = office.submit(data)
            except CustodyError as error:
                refused += 1
                print(f"refused   {error}")
            else:
                print(f"taken     position {receipt.position}, leaf {receipt.leaf.hex()}")
    if refused:
        raise click.exceptions.Exit(1)


def _read(given: tuple[str, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for word in given:
        name, mark, value = word.partition("=")
        if mark:
            body[name] = _value(value)
            continue
        try:
            text = Path(word).read_text("utf-8")
        except OSError as error:
            raise CustodyError(f"{word!r} is neither KEY=VALUE nor a file ({error})") from error
        body |= _body(text, word)
    return body


def _value(text: str) -> Any:
    if text.startswith("@"):
        try:
            return Path(text[1:]).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CustodyError(f"{text[1:]} cannot be read as text: {error}") from error
    try:
        return _bytes(json.loads(text))
    except json.JSONDecodeError:
        return _bytes(text)


def _body(text: str, name: str) -> dict[str, Any]:
    try:
        body = _bytes(json.loads(text))
    except json.JSONDecodeError as error:
        raise CustodyError(f"{name} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise CustodyError(f"{name} is not a JSON object of an act's body")
    return body


def _bytes(value: Any) -> Any:
    """Turn ``hex:…`` texts, and a key's public half, into bytes."""
    if isinstance(value, dict):
        found = {key: _bytes(item) for key, item in value.items()}
        if set(found) >= {"alg", "public"} and isinstance(found["public"], str):
            found = {"alg": found["alg"], "public": _hex(found["public"])}
        return found
    if isinstance(value, list):
        return [_bytes(item) for item in value]
    if isinstance(value, str) and value.startswith(HEX):
        return _hex(value.removeprefix(HEX))
    return value


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise CustodyError(f"{text[:40]!r} is not hex") from None
