"""From CAT 021 records to position reports: what aircraft say of themselves.

    I021/010, 080, 040 ATP   station, address      I021/145, 140        flight level, height
    I021/071, 073, 077       time, the first told  I021/160, 157, 155   velocity and climb
    I021/131, 130            position, WGS 84      I021/090, 210        quality, and by which rule
    I021/070, 170, 020       Mode 3/A, callsign, emitter category

The quality number says within which circle the position lies: 95 % for NACp and NUCp, all but
10⁻⁷ for NIC (RTCA DO-260B §2.2.3.2.7.1 and appendix N; ED-102A); σ per axis follows from the
Rayleigh distribution. Heights are taken as they come, the barometric one first, as plots have it.
Reports of field monitors, simulated and test targets, and what the station itself holds for wrong
(suspect, failed check of range, jump or decoding) are left out: ``SensorStatus.messages`` counts
them, ``detections`` does not.
"""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TargetClass
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.plots import FLIGHT_LEVEL, FOOT, NM, callsigns
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation

WANTS = (
    *("010/SAC", "010/SIC", "040/ATP", "040/RAB", "040/GBS", "040/SIM", "040/TST", "040/CL"),
    *("040/IPC", "040/NOGO", "040/CPR", "040/LDPJ", "040/RCF", "071", "073", "077"),
    *("130/LAT", "130/LON", "131/LAT", "131/LON", "080", "140", "145", "070/MODE3A", "170"),
    *("090/NUCRNACV", "090/NUCPNIC", "090/NACP", "090/GVA", "210/VN"),
    *("155/BVR", "157/GVR", "160/GS", "160/TA", "020", "016"),
)
NO_HEIGHT_SIGMA = 5_000.0
UNKNOWN_SIGMA = 500.0  # no quality was told
LEAST_SIGMA = 5.0  # antenna, time stamp and rounding, however good the receiver
CIRCLE_95, CIRCLE_SURE = math.sqrt(-2.0 * math.log(0.05)), math.sqrt(-2.0 * math.log(1e-7))
UNKNOWN = math.nan
# Radius of the circle [m] by number.
NACP = np.array(
    (UNKNOWN, 10 * NM, 4 * NM, 2 * NM, NM, NM / 2, 0.3 * NM, NM / 10, NM / 20, 30.0, 10.0, 3.0)
)
NUCP = np.array((UNKNOWN, 10 * NM, 5 * NM, NM, NM / 2, NM / 4, NM / 10, NM / 20, 10.0, 3.0))
NIC = np.array(
    (UNKNOWN, 20 * NM, 8 * NM, 4 * NM, 2 * NM, NM, 0.6 * NM, NM / 5, NM / 10, 75.0, 25.0, 7.5)
)
# σ by NUCr and NACv: across and upwards [m/s] (95 % figures of the same standard).
SPEED_SIGMA = np.array((5.0, 10.0 / CIRCLE_95, 3.0 / CIRCLE_95, 1.0 / CIRCLE_95, 0.3 / CIRCLE_95))
CLIMB_SIGMA = np.array((4.0, 15.2 / 1.96, 4.6 / 1.96, 1.5 / 1.96, 0.46 / 1.96))
NO_CLIMB_SIGMA = 8.0
# σ by GVA [m].
HEIGHT_SIGMA = np.array((100.0, 150.0 / 1.96, 45.0 / 1.96, 45.0 / 1.96))
OWN_ADDRESS = (0, 2)  # ATP: of an aircraft, of a surface vehicle
SUSPECT = 1
WRONG = ("040/RAB", "040/SIM", "040/TST", "040/IPC", "040/NOGO", "040/CPR", "040/LDPJ", "040/RCF")
SAID_OF_CLASS = 0.9
EMITTERS = {10: TargetClass.HELICOPTER, 13: TargetClass.SMALL_DRONE}
EMITTERS |= dict.fromkeys((20, 21), TargetClass.VEHICLE)
EMITTERS |= dict.fromkeys((*range(1, 7), 11, 12, 15), TargetClass.AIRCRAFT)


def ticks(columns: Columns) -> NDArray[np.int64]:
    """Give the time of day of each position [1/128 s], ``ABSENT`` where none is told."""
    out = columns.code("071")
    for path in ("073", "077"):
        out = np.where(out == ABSENT, columns.code(path), out)
    return out


def sound(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records name station, time and address and could be true."""
    lat, lon = degrees(columns)
    when = ticks(columns)
    told = (columns.code("010/SAC") != ABSENT) & (columns.code("080") != ABSENT)
    bad = (when == ABSENT) | (when >= 86_400 * 128) | (np.abs(lat) > 90.0) | (np.abs(lon) > 180.0)
    return np.asarray(told & ~bad)


def degrees(columns: Columns) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give latitude and longitude [°], the finer ones first, NaN where none are told."""
    lat, lon = columns.value("131/LAT"), columns.value("131/LON")
    coarse = np.isnan(lat)
    lat = np.where(coarse, columns.value("130/LAT"), lat)
    return lat, np.where(coarse, columns.value("130/LON"), lon)


def usable(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records place a real aircraft, as far as their station knows."""
    wrong = np.any([columns.code(path) == 1 for path in WRONG], axis=0)
    placed = ~np.isnan(degrees(columns)[0])
    return np.asarray(~wrong & placed & (columns.code("040/CL") != SUSPECT))


def sigma(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give σ per horizontal axis ``(n,)`` [m] by NACp, else by NUCp or NIC of the MOPS version."""

    def radius(path: str, table: NDArray[np.float64]) -> NDArray[np.float64]:
        code = columns.code(path)[rows]
        known = (code >= 0) & (code < len(table))
        return np.where(known, table[np.where(known, code, 0)], math.nan)

    first = columns.code("210/VN")[rows] <= 0
    by_number = np.where(
        first,
        radius("090/NUCPNIC", NUCP) / CIRCLE_95,
        radius("090/NUCPNIC", NIC) / CIRCLE_SURE,
    )
    by_accuracy = radius("090/NACP", NACP) / CIRCLE_95
    out = np.where(np.isnan(by_accuracy) | first, by_number, by_accuracy)
    return np.maximum(np.where(np.isnan(out), UNKNOWN_SIGMA, out), LEAST_SIGMA)


def measurements(columns: Columns, rows: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    """Give the columns of :class:`steppewatch.records.PositionReports`, but for time."""

    def value(path: str) -> NDArray[np.float64]:
        return columns.value(path)[rows]

    def code(path: str) -> NDArray[np.int64]:
        return columns.code(path)[rows]

    lat, lon = (np.radians(part[rows]) for part in degrees(columns))
    level, geometric = value("145") * FLIGHT_LEVEL, value("140") * FOOT
    bare = np.isfinite(level) | np.isnan(geometric)
    height = np.where(bare, np.nan_to_num(level), geometric)
    gva = HEIGHT_SIGMA[np.clip(code("090/GVA"), 0, 3)]
    up = np.where(bare, NO_HEIGHT_SIGMA, gva)
    turn = enu_rotation(lat, lon)
    across = sigma(columns, rows)
    velocity, velocity_sigma = _motion(columns, rows)
    moved = np.einsum("nij,ni->nj", turn, velocity)
    return {
        "position": ecef_from_geodetic(lat, lon, height),
        "cov": turned(turn, np.stack((across, across, up), axis=1)),
        "velocity": moved,
        "velocity_cov": turned(turn, velocity_sigma),
        "height": level,
        "mode_s": np.where(np.isin(code("040/ATP"), (*OWN_ADDRESS, ABSENT)), code("080"), 0),
        "mode_3a": np.where(code("070/MODE3A") != ABSENT, code("070/MODE3A"), -1),
        "callsign": callsigns(code("170")),
        "class_prob": _classes(code("020")),
    }


def turned(turn: NDArray[np.float64], sigmas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give covariances in ECEF ``(n, 3, 3)`` of standard deviations east, north, up ``(n, 3)``."""
    return np.asarray(np.einsum("nki,nk,nkj->nij", turn, np.square(sigmas), turn))


def period(columns: Columns, rows: NDArray[np.int64]) -> float:
    """Give the seconds between two reports of one aircraft, by I021/016; NaN if nobody says."""
    told = columns.value("016")[rows]
    told = told[told > 0.0]
    return float(told[-1]) if len(told) else math.nan


def _motion(
    columns: Columns, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give velocity east, north, up ``(n, 3)`` and its σ; NaN where no ground vector is told."""

    def value(path: str) -> NDArray[np.float64]:
        return columns.value(path)[rows]

    speed, course = value("160/GS") * NM, np.radians(value("160/TA"))
    climb = value("157/GVR")
    climb = np.where(np.isnan(climb), value("155/BVR"), climb) * FOOT / 60.0
    silent = np.isnan(climb)
    velocity = np.stack(
        (speed * np.sin(course), speed * np.cos(course), np.nan_to_num(climb)), axis=1
    )
    velocity[np.isnan(speed)] = np.nan
    number = np.clip(columns.code("090/NUCRNACV")[rows], 0, len(SPEED_SIGMA) - 1)
    across = SPEED_SIGMA[number]
    up = np.where(silent, NO_CLIMB_SIGMA, CLIMB_SIGMA[number])
    return velocity, np.stack((across, across, up), axis=1)


def _classes(emitter: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give class probabilities ``(n, 8)`` by emitter category; ``(n, 0)`` where none is told."""
    told = np.array([EMITTERS.get(int(one), TargetClass.UNKNOWN) for one in emitter], np.int64)
    if not told.any():
        return np.zeros((len(emitter), 0), np.float32)
    classes = len(TargetClass)
    out = np.full((len(emitter), classes), 1.0 / classes, np.float32)
    known = np.flatnonzero(told)
    out[known] = (1.0 - SAID_OF_CLASS) / (classes - 1)
    out[known, told[known]] = SAID_OF_CLASS
    return out
