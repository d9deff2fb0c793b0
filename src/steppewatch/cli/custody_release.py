"""``steppewatch custody release``: what was released or withheld, why, and the proof of it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def release() -> None:
    """Look into the journal of release decisions."""


@release.command()
@click.argument("folder", type=FOLDER)
@click.option("--to", "name", default="", help="Only this partner.")
@click.option("--track", type=int, help="Only this track.")
@click.option("--withheld", is_flag=True, help="Only what was withheld.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def decisions(folder: Path, name: str, track: int | None, *, withheld: bool, as_json: bool) -> None:
    """List the decisions in a journal FOLDER: why was this withheld on that day?

    Example: steppewatch custody release decisions border.journal --to tokyo --withheld
    """
    for key, content in _decisions(folder):
        if name and content["to"] != name:
            continue
        if track is not None and track not in {number for _, number in content["tracks"]}:
            continue
        if withheld and content["verdict"] != "withheld":
            continue
        told = {**content, "id": key, "label": content["label"].hex()}
        if as_json:
            print(json.dumps(told))
            continue
        tracks = ", ".join(str(number) for _, number in content["tracks"])
        print(f"{content['at_ns']}  {content['to']}  {content['verdict']}  tracks {tracks}")
        print(f"  {key}")
        for why in content["why"]:
            print(f"  {why}")


@release.command()
@click.argument("folder", type=FOLDER)
@click.argument("decision")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File for the proof.")
def prove(folder: Path, decision: str, out: Path) -> None:
    """Write the proof of one DECISION (its id in hex) for a stranger.

    The file holds the record, its place, its audit path (RFC 9162) and the root that the act
    ``journal`` of the ledger holds for its interval.

    Example: steppewatch custody release prove border.journal 5f0c… --out proof.json
    """
    from steppewatch.custody.ledger.journal import journal_root, show
    from steppewatch.custody.release.decisions import record_id
    from steppewatch.engine.custody_release_journal import stored
    from steppewatch.errors import EngineError

    for path in sorted(folder.rglob("*.journal")):
        records = list(stored(path))
        for index, data in enumerate(records):
            if record_id(data).hex() == decision:
                shown = show(records, index)
                proof = {name: _plain(getattr(shown, name)) for name in shown.__slots__}
                proof |= {"root": journal_root(records).hex(), "journal": path.name}
                try:
                    out.write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
                except OSError as error:
                    raise EngineError(f"cannot write {out} ({error}): give another file") from error
                print(f"record {index} of {len(records)} in {path.name}, root {proof['root']}")
                return
    raise EngineError(f"no decision {decision} in {folder}: `custody release decisions` lists them")


def _decisions(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from steppewatch.custody.release.decisions import read, record_id
    from steppewatch.engine.custody_release_journal import stored

    for path in sorted(folder.rglob("*.journal")):
        for data in stored(path):
            content = read(data)
            if content["what"] == "decision":
                yield record_id(data).hex(), content


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value
