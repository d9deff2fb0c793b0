"""Write a ledger out as one file that a stranger can carry away and check.

| part | content |
|---|---|
| first line | ``steppewatch-log-1`` and a line feed |
| then, each | one byte ``S`` (statement, in order) or ``K`` (checkpoint, co-signature) |
| | length, 4 bytes, the largest first |
| | so many bytes |
"""

from pathlib import Path

from steppewatch.engine.custody_ledger import Ledger
from steppewatch.engine.whole_file import whole_file

MAGIC = b"steppewatch-log-1\n"


def export_ledger(ledger: Ledger, out: Path) -> int:
    """Write all statements and what is kept beside them; give the number of statements.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The file cannot be written, or the ledger not be read.
    """
    count = 0
    with whole_file(out) as stream:
        stream.write(MAGIC)
        for _, data in ledger.entries():
            stream.write(b"S" + len(data).to_bytes(4) + data)
            count += 1
        for _, _, data in ledger.kept():
            stream.write(b"K" + len(data).to_bytes(4) + data)
    return count
