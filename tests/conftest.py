"""What every test may ask for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Give the path of a real recording or elevation file, or skip, saying which one is absent."""

    def find(name: str) -> Path:
        path = REAL_DATA / name
        if not path.exists():
            pytest.skip(f"real data absent: {name} (set STEPPEWATCH_REAL_DATA to where it is)")
        return path

    return find
