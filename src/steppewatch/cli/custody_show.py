"""``steppewatch custody show``, ``report``, ``labels``, ``taskable``: out of the ledger."""

import csv
import datetime as dt
import html
import io
import json
import time
from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path, dir_okay=False)
PARTS = (
    "due", "items", "consents", "proposals", "notices", "refusals", "persons", "organisations",
    "sites", "inspections", "offers", "emergencies",
)  # fmt: skip
BRIEF = {
    "items": ("uid", "state", "holder", "site", "suspended"),
    "consents": ("id", "recipient", "purpose", "quantity", "used", "witnessed", "revoked"),
    "proposals": ("kind", "by", "approved", "state", "needs", "leaf"),
    "notices": ("position", "to", "kind", "text"),
    "refusals": ("position", "by", "kind", "why"),
    "persons": ("id", "name", "org", "nation", "roles", "level"),
    "organisations": ("id", "title", "nation", "kind", "part_of"),
    "sites": ("id", "title", "org", "certified_until_ns"),
    "inspections": ("by", "items", "due_ns", "answered", "refused"),
    "offers": ("giver", "to", "items", "state", "leaf"),
    "emergencies": ("by", "to", "until_ns", "review"),
    "due": ("what", "about", "of", "due_ns", "late"),
}
CODE = "steppewatch:item:"


@click.command()
@click.argument("ledger")
@click.argument("part", type=click.Choice(PARTS), default="due")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def show(ledger: str, part: str, *, as_json: bool) -> None:
    """Show a part of LEDGER: what is due, items, consents, proposals, notices, clocks.

    Example: steppewatch custody show custody.db items
    """
    from steppewatch.engine.custody_office import open_office
    from steppewatch.web.custody.shown import plain

    with open_office(ledger) as office:
        register = office.register
        found: Any = office.due() if part == "due" else getattr(register, part)
        rows = [plain(one) for one in (found.values() if isinstance(found, dict) else found)]
        head = f"{ledger}: {register.size} statements, {register.witnessed['size']} witnessed"
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    print(head)
    print("  ".join(BRIEF[part]))
    for row in rows:
        print("  ".join(_short(name, row.get(name)) for name in BRIEF[part]))
    if not rows:
        print(f"no {part}")


@click.command()
@click.argument("ledger")
@click.argument("which", type=click.Choice(("transfers", "end-use")))
@click.option("--year", type=int, help="Calendar year; this one by default.")
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON; else its rows.")
def report(ledger: str, which: str, year: int | None, *, as_json: bool) -> None:
    """Make a yearly report of LEDGER alone: transfers (ATT, UNROCA) or end-use.

    Example: steppewatch custody report custody.db end-use --json > end-use.json
    """
    from steppewatch.custody.report import REPORTS
    from steppewatch.engine.custody_office import open_office

    with open_office(ledger) as office:
        wanted = year or dt.datetime.now(dt.UTC).year
        told = REPORTS[which](office.register, wanted, office.now_ns())
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    rows: Any = told["rows" if which == "transfers" else "items"]
    stream = io.StringIO()
    if rows:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(stream.getvalue(), end="")


@click.command()
@click.argument("ledger")
@click.option("--out", type=FILE, required=True, help="HTML page to print.")
def labels(ledger: str, out: Path) -> None:
    """Write a page of QR labels for every item of LEDGER, to print and stick on.

    Example: steppewatch custody labels custody.db --out labels.html
    """
    import segno

    from steppewatch.engine.custody_office import open_office
    from steppewatch.engine.whole_file import whole_file

    with open_office(ledger) as office:
        items = list(office.register.items.values())
    cards = "".join(
        f"<figure>{segno.make(CODE + one.uid, error='q').svg_inline(scale=3)}"
        f"<figcaption><b>{html.escape(one.uid)}</b><br>{html.escape(one.title)}</figcaption>"
        "</figure>"
        for one in items
    )
    style = (
        "body{font:12px sans-serif}figure{display:inline-block;margin:4mm;text-align:center;"
        "page-break-inside:avoid}"
    )
    page = f"<!doctype html><meta charset=utf-8><title>Labels</title><style>{style}</style>{cards}"
    with whole_file(out) as stream:
        stream.write(page.encode())
    print(f"{out}: {len(items)} labels")


@click.command()
@click.argument("ledger")
@click.argument("item")
@click.option("--purpose", required=True, help="What for; 'recover' brings it home.")
@click.option("--by", required=True, help="Id of the person who decides.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def taskable(ledger: str, item: str, purpose: str, by: str, *, as_json: bool) -> None:
    """Say whether ITEM may be tasked now, and why or why not (exit status 1).

    Example: steppewatch custody taskable custody.db EX/UAV-EO/0001 --purpose training --by bat
    """
    from steppewatch.command.tasking import taskable as asked
    from steppewatch.engine.custody_office import open_office

    with open_office(ledger) as office:
        standing = asked(item, purpose, by, time.time_ns(), [office.authority()])
    if as_json:
        print(json.dumps({"taskable": standing.can, "reasons": list(standing.reasons)}))
    else:
        print("taskable" if standing.can else "not taskable")
        for reason in standing.reasons:
            print(f"  {reason}")
    if not standing.can:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("ledger")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def audit(ledger: str, *, as_json: bool) -> None:
    """Decide every act of LEDGER again, as of its place, by signature, register and rules.

    Finds what was put into the ledger past the office. Exit status 1 if there is any.

    Example: steppewatch custody audit custody.db
    """
    from steppewatch.engine.custody_audit import audit_ledger
    from steppewatch.engine.custody_ledger import opened

    with opened(ledger, make=False) as held:
        wrong, size = audit_ledger(held), held.size
    if as_json:
        print(json.dumps([{"position": position, "why": why} for position, why in wrong]))
    else:
        for position, why in wrong:
            print(f"{position}  {why}")
        print(f"{size} statements decided again; {len(wrong)} should not be there")
    if wrong:
        raise click.exceptions.Exit(1)


def _short(name: str, value: object) -> str:
    if name.endswith("_ns") and isinstance(value, int):
        if not 0 < value < 4_000_000_000_000_000_000:
            return "—"
        return dt.datetime.fromtimestamp(value / 1e9, dt.UTC).strftime("%Y-%m-%d")
    if isinstance(value, list):
        return ",".join(map(str, value)) or "—"
    return str(value) if value not in ("", None) else "—"
