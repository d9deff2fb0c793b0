"""``steppewatch wire``: look into recordings and messages."""

import gzip
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from steppewatch.errors import EngineError, WireError


@click.group()
def wire() -> None:
    """Look into recordings and messages."""


@wire.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each record.")
@click.option("--category", type=int, help="Show this category alone, for example 48.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many records.")
def show(file: Path, as_json: bool, category: int | None, limit: int | None) -> None:
    """Decode the ASTERIX records of FILE: pcap, pcapng or raw data blocks, perhaps gzipped.

    Items stand under their standard names, in the specification's units. What could not be read
    is summed up at the end, on the standard error stream.

    Example: steppewatch wire show monday.pcap --category 48 --limit 10
    """
    from steppewatch.wire.asterix import records

    counts: Counter[str] = Counter()
    shown = 0
    for time_ns, source, block in _blocks(_read(file), file.name, counts):
        if category is not None and block[0] != category:
            continue
        found = records(block)
        try:
            for items in found:
                line = {"category": block[0], "time": _iso(time_ns), "source": source, **items}
                print(json.dumps(line, ensure_ascii=False) if as_json else _text(line))
                shown += 1
                if shown == limit:
                    _sum_up(counts, shown)
                    return
        except WireError as error:
            counts[str(error)] += 1
    _sum_up(counts, shown)
    if not shown:
        sys.exit(1)


def _read(file: Path) -> bytes:
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        raise EngineError(
            f"cannot read {file} ({error}): expected a recording (pcap, pcapng or .ast, maybe .gz)"
        ) from error


def _blocks(data: bytes, name: str, counts: Counter[str]) -> Iterator[tuple[int, str, bytes]]:
    """Give time of reception [ns] (0 for none), source and bytes of each data block."""
    from steppewatch.engine.pcap import CaptureError, is_capture, read_capture
    from steppewatch.wire.asterix import cut

    if not is_capture(data):
        found, garbage = cut(data, resync=True)
        yield from ((0, name, data[at : at + length]) for at, length, _ in found)
        counts["octets that are no data block"] += garbage
        return
    try:
        for packet in read_capture(data, name):
            found, garbage = cut(packet.data, resync=False)
            for at, length, _ in found:
                yield packet.time_ns, packet.source, packet.data[at : at + length]
            counts["octets that are no data block"] += garbage
    except CaptureError as error:
        counts[str(error)] += 1


def _iso(time_ns: int) -> str | None:
    if not time_ns:
        return None
    whole = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{time_ns % 1_000_000_000:09d}Z"


def _text(line: dict[str, Any]) -> str:
    """Lay one record out for reading: a head line, then an item a line."""
    head = f"CAT {line['category']:03}  {line['time'] or ''}  {line['source']}"
    names = [name for name in line if name not in {"category", "time", "source"}]
    return "\n".join([head, *(f"  {name:9} {_plain(line[name])}" for name in names)])


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return " | ".join(_plain(inner) for inner in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _sum_up(counts: Counter[str], shown: int) -> None:
    print(f"{shown} records", file=sys.stderr)
    for text, count in counts.most_common():
        if count:
            print(f"{count} × {text}", file=sys.stderr)
