"""Write a file whole, or not at all: a killed process or a full disk leaves what was there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from steppewatch.engine.terrain_store import disk_errors


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Lend a stream; the file takes its name when all has reached the disk.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The place cannot be written.
    """
    scratch = path.with_name(f".{path.name}-{os.getpid()}.part")
    with disk_errors(path):
        try:
            with scratch.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)


def write_npz(path: Path, **arrays: Any) -> None:
    """Write named arrays as ``.npz``; raises as :func:`whole_file`."""
    with whole_file(path) as stream:
        np.savez(stream, **arrays)


def make_folder(path: Path) -> Path:
    """Make a folder for results, with its parents; raises as :func:`whole_file`."""
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    return path
