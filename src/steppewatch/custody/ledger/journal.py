"""Journals: thousands of decisions a second, one signed root of them in the ledger.

Release decisions are too many to sign each. A node keeps them and puts an act ``journal`` (or
``deeds``, for room ``command``) with their Merkle root into the ledger, once a second at most. A
stranger is shown one decision by its bytes, an audit path, and that act.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steppewatch.custody.ledger.merkle import Tree, leaf_hash, verify_inclusion
from steppewatch.errors import CustodyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Hold what a stranger needs beside the ledger: one record, and its way to the root."""

    record: bytes
    index: int
    count: int
    proof: tuple[bytes, ...]


def journal_root(records: Sequence[bytes]) -> bytes:
    """Give the root of an interval's records, in their order."""
    return Tree([leaf_hash(record) for record in records]).root()


def journal_body(
    records: Sequence[bytes], from_ns: int, until_ns: int, **counts: int
) -> Mapping[str, Any]:
    """Give the body of an act ``journal`` (counts ``allowed``, ``withheld``) or ``deeds``.

    Raises:
        CustodyError: The interval is empty.
    """
    if until_ns <= from_ns:
        raise CustodyError(f"a journal runs from {from_ns} to {until_ns} ns; expected a later end")
    return {
        "from_ns": from_ns,
        "until_ns": until_ns,
        "root": journal_root(records),
        "count": len(records),
        **counts,
    }


def show(records: Sequence[bytes], index: int) -> Shown:
    """Prove one record out of an interval's.

    Raises:
        CustodyError: There is no such record.
    """
    tree = Tree([leaf_hash(record) for record in records])
    return Shown(
        record=records[index] if 0 <= index < len(records) else b"",
        index=index,
        count=tree.size,
        proof=tuple(tree.inclusion(index, tree.size)),
    )


def is_in_journal(shown: Shown, body: Mapping[str, Any]) -> bool:
    """Tell whether a record belongs to the journal whose act has this body."""
    root = body.get("root")
    return (
        isinstance(root, bytes)
        and body.get("count") == shown.count
        and verify_inclusion(leaf_hash(shown.record), shown.index, shown.count, shown.proof, root)
    )
