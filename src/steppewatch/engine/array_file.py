"""Write arrays to a NumPy file whole, or not at all."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.terrain_store import disk_errors


def write_npz(path: Path, **arrays: Any) -> None:
    """Write named arrays as ``.npz``; a killed process or a full disk leaves what was there.

    Raises:
        StoreFullError: The disk is full.
        EngineError: The place cannot be written.
    """
    scratch = path.with_name(f".{path.name}-{os.getpid()}.part")
    with disk_errors(path):
        try:
            with scratch.open("wb") as stream:
                np.savez(stream, **arrays)
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
