"""Open a file of detections or of truth, whatever its layout is (docs/fuse.md has the list)."""

from dataclasses import dataclass
from pathlib import Path

from steppewatch.engine.track_files_radar import TRUTH_KEYS, read_npz, read_scan_truth, read_scans
from steppewatch.engine.track_recording import Recording, Truth
from steppewatch.errors import EngineError
from steppewatch.records import Sensor

DETECTIONS = "detections (.npz, .csv or an ASTERIX recording; docs/fuse.md has the layouts)"
TRUTHS = "truth (.npz or .csv; docs/fuse.md has the layouts)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Say how a file is to be read.

    Attributes:
        doppler: Use range rates.
        sensors: Descriptions of the sensors in the file, by id or address.
        place: Latitude [rad], longitude [rad], height [m] of radars nobody described.
        date_ns: Midnight UTC of the day of raw ASTERIX recordings [ns].
        hide_identity: Take addresses, codes and callsigns away before tracking.
        window: Seconds of plots that are one step; None for the sensor's own scan.
    """

    doppler: bool = True
    sensors: tuple[Sensor, ...] = ()
    place: tuple[float, float, float] | None = None
    date_ns: int | None = None
    hide_identity: bool = False
    window: float | None = None


def read_detections(path: Path, reading: Reading) -> Recording:
    """Read what the sensors saw; of any truth in the same file nothing is read.

    Raises:
        EngineError: The file is missing, of no known layout, or broken.
    """
    kind = layout(path, DETECTIONS)
    if kind == "npz":
        data = read_npz(path, DETECTIONS, leave_out=TRUTH_KEYS)
        return read_scans(data, path.name, doppler=reading.doppler)
    raise EngineError(f"{path} has no known layout: expected {DETECTIONS}")


def read_truth(path: Path, recording: Recording, reading: Reading) -> Truth:  # noqa: ARG001
    """Read where things really were.

    Args:
        path: The file; it may be that of the detections.
        recording: The detections, for places and times that the truth leaves open.
        reading: As the detections were read.

    Raises:
        EngineError: The file is missing, of no known layout, broken, or holds no truth.
    """
    kind = layout(path, TRUTHS)
    if kind == "npz":
        data = read_npz(path, TRUTHS, leave_out=("det",))
        if "truth" in data:
            return read_scan_truth(data, path.name)
        raise EngineError(
            f"{path} has {', '.join(sorted(data)) or 'no arrays'} but no truth: expected truth "
            "(scans, targets, 6)"
        )
    raise EngineError(f"{path} has no known layout: expected {TRUTHS}")


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
    if b"," in text.splitlines()[0] and printable > 0.98 * len(text):
        return "csv"
    return "recording"
