"""Under which ledger a run stands, and to whom it sends what that ledger lets go."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from steppewatch.cli.custody_keys import WHERE, signer_at

if TYPE_CHECKING:
    from steppewatch.engine.custody_egress import Address, Egress
    from steppewatch.engine.custody_hold import Hold

F = TypeVar("F", bound=Callable[..., Any])

FORM = re.compile(
    r"(?P<name>[\w .-]{1,32})=(?P<form>asterix|lines|tls):"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/\s\[\]]+):(?P<port>\d{1,5})@(?P<org>[\w.-]+)/(?P<purpose>[\w.-]+)"
)
SHAPE = "NAME=FORM:HOST:PORT@ORG/PURPOSE"
EXPECTED = (
    f"{SHAPE}, such as tokyo=asterix:192.0.2.7:8600@jp-mod/border-surveillance; "
    "FORM is asterix (CAT 062 over UDP), lines (JSON lines over TCP) or tls (the same over TLS)"
)
PORTS = range(1, 65536)


class Receiver(click.ParamType["tuple[Address, tuple[str, str]]"]):
    """Read where a partner listens, which organisation it is, and for what it receives."""

    name = SHAPE

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "tuple[Address, tuple[str, str]]":
        """Parse and check the limits."""
        from steppewatch.engine.custody_egress import Address

        if isinstance(value, tuple):
            return value
        found = FORM.fullmatch(str(value))
        if found is None or int(found["port"]) not in PORTS:
            self.fail(f"{value!r} names no receiver: expected {EXPECTED}", param, ctx)
        tls = None
        if found["form"] == "tls":
            import ssl

            tls = ssl.create_default_context()
        address = Address(
            name=found["name"],
            form="asterix" if found["form"] == "asterix" else "lines",
            host=found["host"].strip("[]"),
            port=int(found["port"]),
            tls=tls,
        )
        return address, (found["org"], found["purpose"])


def sending_options(command: F) -> F:
    """Add the options that say to whom a run sends, and by which ledger."""
    for option in reversed(
        [
            click.option(
                "--to",
                "receivers",
                type=Receiver(),
                metavar=SHAPE,
                multiple=True,
                help="Send this partner the tracks that the agreements of --custody let it have "
                "(docs/release.md). Repeatable.",
            ),
            click.option(
                "--custody",
                metavar="LEDGER",
                help="Ledger that decides what may go and seals what people do; its pages are "
                "served beside the picture.",
            ),
            click.option(
                "--log-key", help=f"The ledger's log key, to seal what was decided: {WHERE}."
            ),
            click.option(
                "--own",
                multiple=True,
                metavar="SENSOR",
                help="This sensor is the nation's own: no agreement binds it. Repeatable.",
            ),
            click.option(
                "--journal",
                type=click.Path(path_type=Path, file_okay=False),
                help="Folder of the decisions; beside the ledger by default.",
            ),
        ]
    ):
        command = option(command)
    return command


@contextlib.contextmanager
def custody_of(given: dict[str, Any]) -> "Iterator[Hold | None]":
    """Open the ledger that a run stands under; None where none is named.

    Raises:
        click.UsageError: The options do not fit together.
    """
    _check(given)
    if not given["custody"]:
        yield None
        return
    from steppewatch.engine.custody_deeds import DeedBook
    from steppewatch.engine.custody_hold import Hold
    from steppewatch.engine.custody_office import open_office
    from steppewatch.engine.custody_sending import sending

    receivers = given["receivers"]
    folder = given["journal"] or Path(f"{given['custody']}.release")
    with open_office(given["custody"], signer_at(given["log_key"])) as office:
        egress = sending(office, dict(receivers), given["own"], folder) if receivers else None
        folder.mkdir(parents=True, exist_ok=True)
        deeds = DeedBook(
            folder / "deeds", lambda body: office.say("deeds", body), office.register.deeds
        )
        for address, (org, purpose) in receivers:
            assert egress is not None  # noqa: S101 (there are receivers)
            stopped = egress.point.situation.partners[address.name].stopped
            print(f"to        {address.name}: {org}, {purpose}" + (f"; {stopped}" * bool(stopped)))
        print(f"journal   {folder}", flush=True)
        try:
            yield Hold(office=office, deeds=deeds, egress=egress)
        finally:
            deeds.close(office.now_ns())
            if egress is not None:
                _ended(egress)


def _ended(egress: "Egress") -> None:
    egress.close()
    for name, link in egress.door.links.items():
        lost = f", {link.lost} lost" if link.lost else ""
        print(f"{name}: {link.sent} messages sent{lost}, {link.withdrawn} withdrawn")


def _check(given: dict[str, Any]) -> None:
    receivers = given["receivers"]
    names = [address.name for address, _ in receivers]
    if receivers and not given["custody"]:
        raise click.UsageError(
            "--to without --custody: nothing leaves without a ledger of agreements that allows "
            "it; begin one with custody init, or make one to learn with custody demo"
        )
    if given["custody"] and not given["log_key"]:
        raise click.UsageError(
            "--custody without --log-key: each decision and deed is sealed into the ledger by its "
            "log key; name the key that custody init was given"
        )
    if len(set(names)) < len(names):
        raise click.UsageError(f"two receivers have one name: {', '.join(sorted(names))}")
    if "://" in (given["custody"] or "") and not given["journal"]:
        raise click.UsageError("this ledger is no file: name the --journal folder")
    if not given["custody"] and any(given[name] for name in ("log_key", "own", "journal")):
        raise click.UsageError(
            "--log-key, --own and --journal belong to a ledger: name it with --custody"
        )
