"""Read the ITU-R validation tables that stand beside the project."""

import csv

import numpy as np
import pytest

from conftest import REAL_DATA


def itu_table(name):
    """Give the columns of one table by name; skip where it is not here."""
    path = REAL_DATA / "oracles" / "itu" / name
    if not path.exists():
        pytest.skip(f"validation table {name} is not here")
    rows = list(csv.reader(path.read_text("latin-1").splitlines()))
    body = np.array([[float(v) for v in row] for row in rows[2:] if row])
    return dict(zip(rows[0], body.T, strict=True))
