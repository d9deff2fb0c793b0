"""Open a file of detections or of truth, whatever its layout is (docs/fuse.md has the list)."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steppewatch.engine import track_files_asterix as feeds
from steppewatch.engine.track_files_plots import recording_of
from steppewatch.engine.track_files_radar import TRUTH_KEYS, read_npz, read_scan_truth, read_scans
from steppewatch.engine.track_files_sensor import commented_sensors
from steppewatch.engine.track_files_table import read_csv, table_of
from steppewatch.engine.track_files_truth import truth_of
from steppewatch.engine.track_recording import Recording, Truth
from steppewatch.errors import EngineError
from steppewatch.records import Sensor
from steppewatch.wire import asterix

DETECTIONS = "detections (.npz, .csv or an ASTERIX recording; docs/fuse.md has the layouts)"
TRUTHS = "truth (.npz, .csv or an ASTERIX recording; docs/fuse.md has the layouts)"
Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Say how a file is to be read.

    Attributes:
        doppler: Use range rates.
        installed: Radars by their address, for ASTERIX.
        told: Sensors by their id, for columns (keys of ``track_files_sensor.KEYS``).
        place: Latitude [rad], longitude [rad], height [m] of sensors nobody described, and origin
            of x, y, z.
        date_ns: Midnight UTC of the day of raw ASTERIX recordings [ns].
        hide_identity: Take addresses, codes and callsigns away before tracking.
        window: Seconds of plots that are one step; None for the sensors' own scan.
        horizontal: Score horizontal distances alone, whether or not the truth has heights.
        renames: Our name of a column → the file's.
    """

    doppler: bool = True
    installed: tuple[Sensor, ...] = ()
    told: tuple[dict[str, Any], ...] = ()
    place: Place | None = None
    date_ns: int | None = None
    hide_identity: bool = False
    window: float | None = None
    horizontal: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)


def read_detections(path: Path, reading: Reading) -> Recording:
    """Read what the sensors saw; of any truth in the same file nothing is read.

    Raises:
        EngineError: The file is missing, of no known layout, or broken.
    """
    found = _detections(path, reading)
    if not found.scans:
        raise EngineError(f"{path} holds no detection that could be used: expected {DETECTIONS}")
    return found


def _detections(path: Path, reading: Reading) -> Recording:
    kind = layout(path, DETECTIONS)
    if kind == "recording":
        feed = _feed(path, reading)
        return feeds.recording_of(
            feed,
            path.name,
            reading.window,
            doppler=reading.doppler,
            hide=reading.hide_identity,
        )
    if kind == "npz":
        data = read_npz(path, DETECTIONS, leave_out=TRUTH_KEYS)
        if not _is_table(data):
            return read_scans(data, path.name, doppler=reading.doppler)
        table = table_of(path, data, reading.renames)
    else:
        table = read_csv(path, reading.renames)
    return recording_of(
        table,
        reading.told or commented_sensors(table.comments, path.name),
        reading.place,
        reading.window,
        doppler=reading.doppler,
        hide_identity=reading.hide_identity,
    )


def read_truth(path: Path, reading: Reading) -> Truth:
    """Read where things really were.

    Args:
        path: The file; it may be that of the detections.
        reading: As the detections were read.

    Raises:
        EngineError: The file is missing, of no known layout, broken, or holds no truth.
    """
    found = _truth(path, reading)
    return dataclasses.replace(found, flat=True) if reading.horizontal else found


def _truth(path: Path, reading: Reading) -> Truth:
    kind = layout(path, TRUTHS)
    if kind == "csv":
        return truth_of(read_csv(path, reading.renames), reading.place)
    if kind == "recording":
        feed = _feed(path, reading)
        if feed.plots and not feed.reports:
            return feeds.truth_by_address(feed)
        return (
            feeds.truth_by_reports(feed) if feed.reports else feeds.truth_by_tracks(feed, path.name)
        )
    data = read_npz(path, TRUTHS, leave_out=("det",))
    if "truth" in data:
        return read_scan_truth(data, path.name)
    if _is_table(data):
        return truth_of(table_of(path, data, reading.renames), reading.place)
    raise EngineError(
        f"{path} has {', '.join(sorted(data)) or 'no arrays'} but no truth: expected truth "
        "(scans, targets, 6), or columns time, id, and lat_deg, lon_deg or x, y"
    )


def _feed(path: Path, reading: Reading) -> feeds.Feed:
    settings = asterix.Settings(
        sensors=reading.installed,
        fallback=reading.place,
        fallback_told=reading.place is not None,
    )
    return feeds.hear(path, settings, reading.date_ns)


def _is_table(data: Mapping[str, Any]) -> bool:
    """Tell columns from scans: they have times, and no ``det``."""
    return "det" not in data and bool({"time", "time_ns", "time_s"} & set(data))


def layout(path: Path, wanted: str) -> str:
    """Tell ``npz``, ``csv`` or ``recording`` by how the file begins.

    Raises:
        EngineError: It cannot be opened, or is empty.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise EngineError(
            f"cannot read {path} ({error.strerror or error}): expected {wanted}"
        ) from error
    if not head:
        raise EngineError(f"{path} is empty: expected {wanted}")
    if head[:2] == b"PK":
        return "npz"
    text = head.removeprefix(b"\xef\xbb\xbf")
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte >= 128 for byte in text)
    header = next((line for line in text.splitlines() if not line.startswith(b"#")), b",")
    if b"," in header and printable > 0.98 * len(text):
        return "csv"
    return "recording"
