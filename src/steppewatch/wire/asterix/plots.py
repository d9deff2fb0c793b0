"""From CAT 048 records to detections.

    I048/010 SAC, SIC      which radar           I048/090 FL (V, G)   height
    I048/140               time                  I048/110             height of a 3-D radar
    I048/020 TYP, SIM …    kind; what to leave   I048/120 CAL         range rate
    I048/040 RHO, THETA    range, azimuth        I048/130 PAM, SAM    amplitude
    I048/070 (V, G)        Mode 3/A              I048/220, 240        address, callsign
    I048/230 STAT          on the ground, or not

A range beyond 256 NM (I048/020 ERR) is read from the Reserved Expansion Field. Codes that their
validity bits call invalid or garbled are left out. Aircraft that say that they are on the ground
and tell no height are taken to be as high as the radar. Reports without a detection (coasted
tracks), of field monitors, of simulated or test targets make no detection.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import PlotKind
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.records import ICAO, records
from steppewatch.world.geodesy import MEAN_RADIUS

WANTS = (
    *("010/SAC", "010/SIC", "140", "020/TYP", "020/SIM", "020/RAB", "020/TST", "020/ERR"),
    *("040/RHO", "040/THETA", "070/V", "070/G", "070/MODE3A", "090/V", "090/G", "090/FL"),
    *("110/3DH", "120/CAL/D", "120/CAL/CAL", "130/SAM", "130/PAM", "220", "240"),
    "230/STAT",
)
NM = 1852.0
FOOT = 0.3048
FLIGHT_LEVEL = 100.0 * FOOT
GROUNDED = (1, 3)  # I048/230 STAT: on the ground, without and with an alert
# Radars that compute heights bend their beams on a sphere of four thirds of the earth's radius.
BENT_RADIUS = MEAN_RADIUS * 4.0 / 3.0
KINDS = np.array(
    [
        PlotKind.UNKNOWN,
        PlotKind.PRIMARY,
        PlotKind.SECONDARY,
        PlotKind.COMBINED,
        PlotKind.SECONDARY,
        PlotKind.SECONDARY,
        PlotKind.COMBINED,
        PlotKind.COMBINED,
    ],
    np.uint8,
)
LETTERS = np.frombuffer(ICAO.encode(), np.uint8)


def complete(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records hold what the specification demands of every one: 010, 140, 020."""
    wanted = ("010/SAC", "140", "020/TYP")
    return np.all([columns.code(path) != ABSENT for path in wanted], axis=0)  # type: ignore[no-any-return]


def sound(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records are complete and could be true: a day has 86,400 s."""
    return complete(columns) & ~(columns.value("140") >= 86_400.0)


def detected(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records are detections of real targets."""
    keep: NDArray[np.bool_] = (
        sound(columns)
        & (columns.code("020/TYP") > 0)
        & (columns.code("040/RHO") != ABSENT)
        & (columns.code("020/RAB") != 1)
        & (columns.code("020/SIM") != 1)
        & (columns.code("020/TST") != 1)
    )
    return keep


def measurements(
    columns: Columns, rows: NDArray[np.int64], sensor_height: float
) -> dict[str, NDArray[np.generic]]:
    """Give the columns of a detection batch, but for time, of some records.

    Args:
        columns: Records of CAT 048, read with ``WANTS``.
        rows: ``(n,)`` which of them.
        sensor_height: Of the radar [m].

    Returns:
        Columns as in :class:`steppewatch.records.DetectionBatch`.
    """

    def value(path: str) -> NDArray[np.float64]:
        return columns.value(path)[rows]

    def code(path: str) -> NDArray[np.int64]:
        return columns.code(path)[rows]

    slant_range = value("040/RHO") * NM
    for k in np.flatnonzero(code("020/ERR") == 1).tolist():
        slant_range[k] = _extended_range(columns, int(rows[k]), slant_range[k])
    valid_height = (code("090/V") == 0) & (code("090/G") == 0)
    unknown_height = np.where(np.isin(code("230/STAT"), GROUNDED), sensor_height, np.nan)
    valid_code = (code("070/V") == 0) & (code("070/G") == 0)
    kind = KINDS[code("020/TYP")]
    amplitude = np.where(kind == PlotKind.PRIMARY, np.nan, value("130/SAM"))
    primary = value("130/PAM")
    has_address = code("220") != ABSENT
    return {
        "slant_range": slant_range,
        "azimuth": np.radians(value("040/THETA")),
        "elevation": _elevation(value("110/3DH") * FOOT, slant_range, sensor_height),
        "range_rate": np.where(code("120/CAL/D") == 0, value("120/CAL/CAL"), np.nan),
        "height": np.where(valid_height, value("090/FL") * FLIGHT_LEVEL, unknown_height),
        "snr_db": np.where(np.isnan(primary), amplitude, primary),
        "kind": kind,
        "mode_s": np.where(has_address, code("220"), 0),
        "mode_3a": np.where(valid_code, code("070/MODE3A"), -1),
        "callsign": callsigns(code("240")),
    }


def callsigns(codes: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Spell 48-bit aircraft identifications, ``(n,)``, without trailing blanks; ``S8``.

    One with a code that is no letter (ICAO Annex 10 vol. IV, table 3-8), or of zeros alone, which
    transponders send before anyone set it, counts as not given.

    >>> callsigns(np.array([0x10C23565A820])).tolist()
    [b'DLH5YZ']
    """
    shifts = np.arange(42, -1, -6)
    letters = LETTERS[(codes[:, None] >> shifts) & 63]
    # NumPy drops trailing zero octets of a byte string: blanks at the end become such.
    blank = np.cumprod((letters == ord(" "))[:, ::-1], axis=1)[:, ::-1].astype(np.bool_)
    unset = (letters == ord("?")).any(axis=1) | (letters == ord("0")).all(axis=1)
    letters = np.where(blank | (unset | (codes == ABSENT))[:, None], 0, letters)
    return np.ascontiguousarray(letters, np.uint8).view("S8").reshape(len(codes))


def _extended_range(columns: Columns, row: int, otherwise: float) -> float:
    """Give the range [m] beyond 256 NM, which stands in the Reserved Expansion Field."""
    at = int(columns.offset[row])
    whole = columns.data[at : at + int(columns.length[row])].tobytes()
    length = (len(whole) + 3).to_bytes(2, "big")
    (found,) = records(b"\x30" + length + whole)
    field = found.get("I048/RE")
    return field["ERR"] * NM if isinstance(field, dict) and "ERR" in field else otherwise


def _elevation(
    height: NDArray[np.float64], slant_range: NDArray[np.float64], sensor_height: float
) -> NDArray[np.float64]:
    """Undo the height computation of a 3-D radar (Skolnik 2008, §8.2: 4/3 earth radius)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        centre, target = BENT_RADIUS + sensor_height, BENT_RADIUS + height
        sine = (target**2 - centre**2 - slant_range**2) / (2.0 * centre * slant_range)
        return np.where(np.abs(sine) <= 1.0, np.arcsin(np.clip(sine, -1.0, 1.0)), np.nan)
