"""Delta-Bullington against the step-by-step logs of ITU-R P.1812's validation examples."""

import csv
from pathlib import Path

import numpy as np
import pytest

from steppewatch.sense.propagation.diffraction import delta_bullington, smooth_surface

CASES = Path(__file__).resolve().parents[4] / "shared" / "data" / "oracles" / "p1812" / "tests"
LOGS = sorted((CASES / "validation_results").glob("*_log.csv"))
C_P1812 = 2.998e8  # the speed of light that the Recommendation counts with [m/s]
EARTH = 6_371e3

pytestmark = pytest.mark.skipif(not LOGS, reason="the P.1812 examples are not beside the project")


def read_log(path):
    rows = (row for row in csv.reader(path.read_text().splitlines()) if len(row) > 3)
    return {row[0].split("(")[0].strip(): float(row[3]) for row in rows if number(row[3])}


def number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_profile(path):
    """Distance [m], ground [m], cover [m], share of the path over the sea."""
    lines = path.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("Number of Points"))
    count = int(lines[first].split(",")[1])
    rows = np.array(
        [[float(v) for v in line.split(",")[:5]] for line in lines[first + 1 :][:count]]
    )
    return rows[:, 0] * 1e3, rows[:, 1], rows[:, 3]


def case(log_path):
    said = read_log(log_path)
    name = log_path.name.removesuffix("_log.csv").rpartition("_")[0]
    distance, ground, cover = read_profile(CASES / "validation_profiles" / f"{name}.csv")
    return said, distance, ground, cover


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem.removesuffix("_log"))
def test_every_intermediate_value_agrees_to_a_thousandth_of_a_decibel(path):
    said, distance, ground, cover = case(path)
    start, end = said["hts"], said["hrs"]
    surface = smooth_surface(distance, ground, start, end)
    assert surface[0] == pytest.approx(said["hstd"], abs=1e-4)
    assert surface[1] == pytest.approx(said["hsrd"], abs=1e-4)
    kind = {"vertical": said["pol"] == 2, "cover": cover, "water_share": said["w"]}
    wavelength = C_P1812 / said["f"] / 1e9
    # The logs keep the parts of the last call: the radius exceeded for β0 % of time, k = 3.
    found = delta_bullington(distance, ground, start, end, wavelength, 3.0 * EARTH, **kind)
    assert found.profile_db == pytest.approx(said["Lbulla"], abs=1e-3)
    assert found.smooth_db == pytest.approx(said["Lbulls"], abs=1e-3)
    assert found.sphere_db == pytest.approx(said["Ldsph"], abs=1e-3)
    assert found.loss_db == pytest.approx(said["Ldb"], abs=1e-3)
    median = delta_bullington(distance, ground, start, end, wavelength, said["ae"] * 1e3, **kind)
    assert median.loss_db == pytest.approx(said["Ld50"], abs=1e-3)
