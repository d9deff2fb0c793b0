"""From CAT 062 records to tracks in ECEF.

    I062/010, 040   system and track number     I062/135, 136, 130   height
    I062/070        time                        I062/220             climb
    I062/105        position, WGS 84            I062/500             accuracy
    I062/185        velocity, east and north    I062/080             status, end of track
    I062/060, 380/ADR, 380/ID, 245              Mode 3/A, Mode S address, callsign

Accuracy that is not told is assumed (``SIGMAS``). The system's y-axis is taken for north. Heights
are taken as they come (``docs/conventions.md``); the barometric one first, as plots have it.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TargetClass, TrackStatus
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.plots import FLIGHT_LEVEL, FOOT, callsigns
from steppewatch.world.geodesy import MEAN_RADIUS, ecef_from_geodetic, enu_rotation

WANTS = (
    *("010/SAC", "010/SIC", "040", "070", "105/LAT", "105/LON", "185/VX", "185/VY"),
    *("135/CTB", "136", "130", "220", "060/V", "060/G", "060/MODE3A", "380/ADR", "380/ID"),
    *("245/CHR", "380/EMC", "080/CNF", "080/SIM", "080/TSE", "080/CST"),
    *("500/APC/X", "500/APC/Y", "500/APW/LAT", "500/APW/LON", "500/AGA", "500/ABA"),
    *("500/ATV/X", "500/ATV/Y", "500/ARC"),
)
# Assumed standard deviations: east, north, up [m], then of the velocity [m/s].
SIGMAS = np.array([200.0, 200.0, 150.0, 10.0, 10.0, 5.0])
NO_HEIGHT_SIGMA = 5_000.0
# Emitter categories of I062/380 EMC.
ROTORCRAFT, UNMANNED = 10, 13


def complete(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records hold what the specification demands of every one: 010, 040, 070, 080."""
    wanted = ("010/SAC", "040", "070", "080/CNF")
    return np.all([columns.code(path) != ABSENT for path in wanted], axis=0)  # type: ignore[no-any-return]


def sound(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records could be true: a day has 86,400 s, a latitude ends at 90°."""
    tod, lat, lon = columns.value("070"), columns.value("105/LAT"), columns.value("105/LON")
    bad = (tod >= 86_400.0) | (np.abs(lat) > 90.0) | (np.abs(lon) > 180.0)
    return complete(columns) & ~bad


def states(
    columns: Columns, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give ECEF mean ``(n, 6)`` [m, m/s] and covariance ``(n, 6, 6)`` of some records."""

    def value(path: str) -> NDArray[np.float64]:
        return columns.value(path)[rows]

    lat, lon = np.radians(value("105/LAT")), np.radians(value("105/LON"))
    height = _first(
        value("135/CTB") * FLIGHT_LEVEL, value("136") * FLIGHT_LEVEL, value("130") * FOOT
    )
    turn = enu_rotation(lat, lon)
    velocity = np.stack((value("185/VX"), value("185/VY"), value("220") * FOOT / 60.0), axis=-1)
    mean = np.empty((len(rows), 6))
    mean[:, :3] = ecef_from_geodetic(lat, lon, np.nan_to_num(height))
    mean[:, 3:] = np.einsum("nij,ni->nj", turn, np.nan_to_num(velocity))
    up = _first(value("500/ABA") * FLIGHT_LEVEL, value("500/AGA") * FOOT)
    sigma = np.stack(
        (
            _first(
                value("500/APC/X"),
                np.radians(value("500/APW/LON")) * MEAN_RADIUS * np.cos(lat),
            ),
            _first(value("500/APC/Y"), np.radians(value("500/APW/LAT")) * MEAN_RADIUS),
            np.where(np.isnan(height), NO_HEIGHT_SIGMA, up),
            value("500/ATV/X"),
            value("500/ATV/Y"),
            value("500/ARC") * FOOT / 60.0,
        ),
        axis=-1,
    )
    # An accuracy of 0 means "finer than the smallest step", never "perfect".
    sigma = np.where(sigma > 0.0, sigma, SIGMAS)
    cov = np.zeros((len(rows), 6, 6))
    for part in (slice(0, 3), slice(3, 6)):
        cov[:, part, part] = np.einsum("nki,nk,nkj->nij", turn, sigma[:, part] ** 2, turn)
    return mean, cov


def attributes(columns: Columns, rows: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    """Give status, existence, target, mode_s, mode_3a and callsign of some records."""

    def code(path: str) -> NDArray[np.int64]:
        return columns.code(path)[rows]

    status = np.full(len(rows), TrackStatus.CONFIRMED, np.uint8)
    status[code("080/CNF") == 1] = TrackStatus.TENTATIVE
    status[code("080/CST") == 1] = TrackStatus.COASTING
    status[code("080/TSE") == 1] = TrackStatus.ENDED
    address, mode_3a = code("380/ADR"), code("060/MODE3A")
    valid = (mode_3a != ABSENT) & (code("060/V") == 0) & (code("060/G") == 0)
    target = np.full(len(rows), TargetClass.UNKNOWN, np.uint8)
    target[(address != ABSENT) | valid] = TargetClass.AIRCRAFT
    target[code("380/EMC") == ROTORCRAFT] = TargetClass.HELICOPTER
    target[code("380/EMC") == UNMANNED] = TargetClass.SMALL_DRONE
    told = code("380/ID")
    return {
        "status": status,
        "existence": np.where(status == TrackStatus.TENTATIVE, 0.5, 1.0).astype(np.float32),
        "target": target,
        "mode_s": np.where(address != ABSENT, address, 0).astype(np.uint32),
        "mode_3a": np.where(valid, mode_3a, -1).astype(np.int32),
        "callsign": callsigns(np.where(told != ABSENT, told, code("245/CHR"))),
    }


def _first(*columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take each row from the first column that has it."""
    chosen = columns[0]
    for column in columns[1:]:
        chosen = np.where(np.isnan(chosen), column, chosen)
    return chosen
