"""From CAT 034 and CAT 065 records to what they say of a station's or a system's state.

I034/000 = 1 (north marker), 030, 041   rotation        I065/040 NOGO, OVL, TSV, PSS, STTN
I034/050 COM, PSR, SSR, MDS             state           I065/010, 030
I034/120 HGT, LAT, LON                  position
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.wire.asterix.columns import ABSENT, Columns

WANTS = (
    *("010/SAC", "010/SIC", "000", "030", "041", "050/COM/NOGO", "050/COM/OVLRDP"),
    *("050/COM/OVLXMT", "050/COM/MSC", "050/COM/TSV", "050/PSR/OVL", "050/PSR/MSC"),
    *("050/SSR/OVL", "050/SSR/MSC", "050/MDS/OVLSUR", "050/MDS/MSC"),
    *("120/HGT", "120/LAT", "120/LON"),
)
SYSTEM_WANTS = ("010/SAC", "010/SIC", "030", "040/NOGO", "040/OVL", "040/TSV")
NORTH_MARKER = 1
TROUBLES = {
    "050/COM/NOGO": "the station says its data must not be used",
    "050/COM/TSV": "the station's clock has no valid source",
    "050/COM/OVLRDP": "the station's plot processor is overloaded",
    "050/COM/OVLXMT": "the station's transmission is overloaded",
    "050/COM/MSC": "the station's monitoring is disconnected",
    "050/PSR/OVL": "the primary radar is overloaded",
    "050/PSR/MSC": "the primary radar's monitoring is disconnected",
    "050/SSR/OVL": "the secondary radar is overloaded",
    "050/SSR/MSC": "the secondary radar's monitoring is disconnected",
    "050/MDS/OVLSUR": "the Mode S radar is overloaded",
    "050/MDS/MSC": "the Mode S radar's monitoring is disconnected",
}
SYSTEM_TROUBLES = {
    "040/OVL": "the tracking system is overloaded",
    "040/TSV": "the tracking system's clock has no valid source",
}
RELEASES = ("", "degraded", "not connected", "unknown")


def complete(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records name their source."""
    return np.not_equal(columns.code("010/SAC"), ABSENT)


def trouble(columns: Columns, rows: NDArray[np.int64], held: str) -> str:
    """Give what the latest I034/050 among some records complains of, or what was held before."""
    told = rows[columns.code("050/COM/NOGO")[rows] != ABSENT]
    if not len(told):
        return held
    row = told[-1]
    return "; ".join(text for path, text in TROUBLES.items() if columns.code(path)[row] == 1)


def system_trouble(columns: Columns, rows: NDArray[np.int64], held: str) -> str:
    """Give what the latest I065/040 among some records complains of, or what was held before."""
    told = rows[columns.code("040/NOGO")[rows] != ABSENT]
    if not len(told):
        return held
    row = told[-1]
    release = RELEASES[columns.code("040/NOGO")[row]]
    found = [f"the tracking system is {release}"] if release else []
    found += [text for path, text in SYSTEM_TROUBLES.items() if columns.code(path)[row] == 1]
    return "; ".join(found)


def position(columns: Columns, rows: NDArray[np.int64]) -> tuple[float, float, float] | None:
    """Give latitude [rad], longitude [rad] and height [m] of the latest I034/120, if any."""
    told = rows[columns.code("120/LAT")[rows] != ABSENT]
    if not len(told):
        return None
    row = told[-1]
    lat, lon, height = (float(columns.value(f"120/{name}")[row]) for name in ("LAT", "LON", "HGT"))
    return float(np.radians(lat)), float(np.radians(lon)), height
