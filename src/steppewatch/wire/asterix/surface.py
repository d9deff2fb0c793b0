"""From CAT 010 records to plots of an airport's surface radar and places by multilateration.

    I010/010, 000, 020   station, message, type    I010/220, 245        address, callsign
    I010/140             time                      I010/202             velocity
    I010/040             range, azimuth            I010/090, 060        flight level, Mode 3/A
    I010/041, 042        position                  I010/500             accuracy

Cartesian places are east and north of the station's own reference point, which CAT 010 does not
tell: describe the station (``Settings.sensors``) or give ``Settings.fallback``.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import PlotKind, Sensor
from steppewatch.wire.asterix.adsb import NO_HEIGHT_SIGMA, turned
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.plots import FLIGHT_LEVEL, callsigns
from steppewatch.world.geodesy import (
    ecef_from_enu,
    ecef_from_geodetic,
    enu_rotation,
    geodetic_from_ecef,
    local_frame,
)

WANTS = (
    *("010/SAC", "010/SIC", "000", "020/TYP", "020/GBS", "020/SIM", "020/TST", "020/RAB", "140"),
    *("041/LAT", "041/LON", "040/RHO", "040/TH", "042/X", "042/Y", "202/VX", "202/VY"),
    *("170/CST", "060/V", "060/G", "060/MODE3A", "220", "245/CHR", "090/V", "090/G", "090/FL"),
    *("500/DEVX", "500/DEVY", "131"),
)
TARGET_REPORT = 1
PRIMARY = 3
PLACED = (0, 1, 2, 5)  # multilateration by SSR, by Mode S; ADS-B; multilateration by HF
ASSUMED_SIGMA = 5.0
SURFACE_SIGMA = 20.0  # how far an apron may lie above or below the reference point [m]
VELOCITY_SIGMA = 2.0
CLIMB_SIGMA = 2.0


def sound(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records hold what the specification demands, and could be true."""
    wanted = ("010/SAC", "000", "140")
    held = np.all([columns.code(path) != ABSENT for path in wanted], axis=0)
    return np.asarray(held & ~(columns.value("140") >= 86_400.0))


def targets(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records are reports of real targets, not coasted and not of a field monitor."""
    false = np.any([columns.code(f"020/{bit}") == 1 for bit in ("SIM", "TST", "RAB")], axis=0)
    real = (columns.code("000") == TARGET_REPORT) & ~false
    return np.asarray(real & (columns.code("170/CST") <= 0))


def plotted(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records are primary plots."""
    ranged = columns.code("040/RHO") != ABSENT
    return np.asarray(targets(columns) & ranged & (columns.code("020/TYP") == PRIMARY))


def placed(columns: Columns) -> NDArray[np.bool_]:
    """Tell which records are places worked out from a transponder's signals."""
    somewhere = (columns.code("041/LAT") != ABSENT) | (columns.code("042/X") != ABSENT)
    return np.asarray(targets(columns) & somewhere & np.isin(columns.code("020/TYP"), PLACED))


def plots(columns: Columns, rows: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    """Give the columns of :class:`steppewatch.records.DetectionBatch`, but for time."""
    return {
        "slant_range": columns.value("040/RHO")[rows],
        "azimuth": np.radians(columns.value("040/TH")[rows]),
        "kind": np.full(len(rows), PlotKind.PRIMARY, np.uint8),
        "snr_db": columns.value("131")[rows],
    }


def places(
    columns: Columns, rows: NDArray[np.int64], station: Sensor
) -> dict[str, NDArray[np.generic]]:
    """Give the columns of :class:`steppewatch.records.PositionReports`, but for time.

    Args:
        columns: Records of CAT 010, read with ``WANTS``.
        rows: ``(n,)`` which of them.
        station: Whose reference point ``x`` and ``y`` count from.
    """

    def value(path: str) -> NDArray[np.float64]:
        return columns.value(path)[rows]

    def code(path: str) -> NDArray[np.int64]:
        return columns.code(path)[rows]

    frame = local_frame(station.lat, station.lon, station.height)
    flat = np.stack((value("042/X"), value("042/Y"), np.zeros(len(rows))), axis=1)
    lat, lon, _ = geodetic_from_ecef(ecef_from_enu(np.nan_to_num(flat), frame))
    told = np.radians(value("041/LAT")), np.radians(value("041/LON"))
    world = np.isfinite(told[0]) & np.isnan(flat[:, 0])
    lat, lon = np.where(world, told[0], lat), np.where(world, told[1], lon)
    valid = (code("090/V") == 0) & (code("090/G") == 0)
    level = np.where(valid, value("090/FL") * FLIGHT_LEVEL, np.nan)
    flying = code("020/GBS") == 0
    level[~flying] = np.nan
    turn = enu_rotation(lat, lon)
    sigma = np.stack((value("500/DEVX"), value("500/DEVY")), axis=1)
    sigma = np.where(sigma > 0.0, sigma, ASSUMED_SIGMA)
    up = np.where(flying, NO_HEIGHT_SIGMA, SURFACE_SIGMA)
    velocity = np.stack((value("202/VX"), value("202/VY"), np.zeros(len(rows))), axis=1)
    slow = np.tile((VELOCITY_SIGMA, VELOCITY_SIGMA, CLIMB_SIGMA), (len(rows), 1))
    valid_code = (code("060/MODE3A") != ABSENT) & (code("060/V") == 0) & (code("060/G") == 0)
    height = np.where(flying, np.nan_to_num(level), station.height)
    return {
        "position": ecef_from_geodetic(lat, lon, height),
        "cov": turned(turn, np.concatenate((sigma, up[:, None]), axis=1)),
        "velocity": np.einsum("nij,ni->nj", turn, velocity),
        "velocity_cov": turned(turn, slow),
        "height": level,
        "mode_s": np.where(code("220") != ABSENT, code("220"), 0),
        "mode_3a": np.where(valid_code, code("060/MODE3A"), -1),
        "callsign": callsigns(code("245/CHR")),
    }
