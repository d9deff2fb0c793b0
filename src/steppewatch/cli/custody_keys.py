"""``steppewatch custody key``: make and show signing keys."""

import json
import os
from pathlib import Path

import click

from steppewatch.custody.ledger.keys import PublicKey, Signer

PASSWORD = "STEPPEWATCH_KEY_PASSWORD"  # noqa: S105  (the variable's name)
WHERE = "a sealed file, pkcs11:LABEL?module=…&token=…, or agent:KID"


def asked_password() -> str:
    """Take the password or PIN from the environment, else from the terminal."""
    given = os.environ.get(PASSWORD)
    return given if given is not None else click.prompt("Password or PIN", hide_input=True)


def signer_at(where: str) -> Signer:
    """Open the key that an option names."""
    from steppewatch.engine.custody_keys import open_signer

    return open_signer(where, asked_password)


def public_text(key: PublicKey) -> str:
    """Give a public key as JSON, in the form in which acts carry it, and its name."""
    return json.dumps({"alg": key.alg, "public": key.public.hex(), "kid": key.kid.hex()})


def read_public(path: Path) -> PublicKey:
    """Read what ``custody key show`` wrote.

    Raises:
        click.ClickException: It is no public key.
    """
    from steppewatch.errors import CustodyError

    try:
        said = json.loads(path.read_text("utf-8"))
        return PublicKey(said["alg"], bytes.fromhex(said["public"]))
    except (OSError, ValueError, KeyError, TypeError, CustodyError) as error:
        raise click.ClickException(
            f"{path} is no public key ({error}): write one with custody key show"
        ) from error


@click.group()
def key() -> None:
    """Make signing keys, and show their public halves."""


@key.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--alg", type=click.Choice(["EdDSA", "ES256"]), default="EdDSA", show_default=True)
def new(path: Path, alg: str) -> None:
    """Make a key in a file, sealed with a password (asked, or STEPPEWATCH_KEY_PASSWORD)."""
    from steppewatch.engine.custody_keys import make_key_file

    print(public_text(make_key_file(path, asked_password(), alg).key))


@key.command()
@click.argument("where")
def show(where: str) -> None:
    """Show a key's public half as JSON. WHERE: a file, pkcs11:…, or agent:KID."""
    print(public_text(signer_at(where).key))
