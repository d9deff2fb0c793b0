"""The ITU-R validation tables that stand beside the project."""

import csv

import numpy as np
import pytest


@pytest.fixture
def itu_table(real_data):
    """Give the columns of one table by name; skip where it is not here."""

    def read(name):
        path = real_data(f"oracles/itu/{name}")
        rows = list(csv.reader(path.read_text("latin-1").splitlines()))
        body = np.array([[float(v) for v in row] for row in rows[2:] if row])
        return dict(zip(rows[0], body.T, strict=True))

    return read
