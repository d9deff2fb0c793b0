"""Run inside a venv of its own: data blocks in hex in, what asterix-decoder (GPL) reads out.

Its package name clashes with that of libasterix, and its licence keeps it out of our own venv.
"""

import json
import sys

import asterix


def main() -> None:
    """Answer each block with a list of records, ``null`` where the decoder gives up."""
    answers = []
    for text in json.load(sys.stdin):
        try:
            answers.append(asterix.parse(bytes.fromhex(text), verbose=False))
        except Exception:  # noqa: BLE001 - whatever a peer raises is its answer
            answers.append(None)
    json.dump(answers, sys.stdout)


main()
