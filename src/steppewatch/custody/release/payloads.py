"""The bytes that a partner gets: CAT 062 blocks, or lines of JSON. Pure; nothing is sent here."""

import json
import math

from steppewatch.custody.release.shown import Shown
from steppewatch.errors import CustodyError
from steppewatch.records import TargetClass, TrackStatus
from steppewatch.wire.asterix.encode_062 import SystemTrack, blocks_062

NUMBERS = 65_536


class Numbering:
    """Number the tracks of one partner in the order in which it first sees them.

    Our own ids would tell how many tracks were withheld.
    """

    def __init__(self, first: int = 1) -> None:
        self._numbers: dict[int, int] = {}
        self._next = first

    def of(self, track: int) -> int:
        """Give the partner's number of our track."""
        found = self._numbers.get(track)
        if found is None:
            found = self._numbers[track] = self._next
            self._next += 1
        return found

    def forget(self, track: int) -> None:
        """Let go of a track that ended; its number is not used again until all were."""
        self._numbers.pop(track, None)


def payloads(shown: Shown, form: str, numbers: Numbering, source: tuple[int, int]) -> list[bytes]:
    """Write what a partner is shown.

    Args:
        shown: Rounded already.
        form: ``"asterix"`` or ``"lines"``.
        numbers: The partner's own numbering.
        source: SAC and SIC by which the partner knows us.
    """
    if form == "asterix":
        out = blocks_062([_system(shown, k, numbers) for k in range(len(shown))], *source)
    elif form == "lines":
        rows = [json.dumps(_line(shown, k, numbers), allow_nan=False) for k in range(len(shown))]
        out = [("\n".join(rows) + "\n").encode()] if rows else []
    else:
        raise CustodyError(f"a partner's form is {form!r}; expected 'asterix' or 'lines'")
    for k in range(len(shown)):
        if shown.status[k] == TrackStatus.ENDED:
            numbers.forget(int(shown.id[k]))
    return out


def _system(shown: Shown, k: int, numbers: Numbering) -> SystemTrack:
    east, north, up = shown.velocity[k].tolist()
    s = shown.sigma[k].tolist()
    return SystemTrack(
        number=numbers.of(int(shown.id[k])) % NUMBERS,
        time_ns=int(shown.time_ns[k]),
        lat=float(shown.lat[k]),
        lon=float(shown.lon[k]),
        height=float(shown.height[k]),
        velocity=(east, north, up),
        sigma=(s[0], s[1], s[2], s[3], s[4], s[5]),
        coasting=bool(shown.status[k] == TrackStatus.COASTING),
        ended=bool(shown.status[k] == TrackStatus.ENDED),
        mode_s=int(shown.mode_s[k]),
        mode_3a=int(shown.mode_3a[k]),
        callsign=bytes(shown.callsign[k]),
    )


def line(shown: Shown, k: int, number: int) -> dict[str, object]:
    """Describe one track in the words of the lines format (``docs/release.md``)."""
    east, north, up = (round(v, 2) for v in shown.velocity[k].tolist())
    return {
        "track": number,
        "time_ns": int(shown.time_ns[k]),
        "lat": round(math.degrees(shown.lat[k]), 7),
        "lon": round(math.degrees(shown.lon[k]), 7),
        "height": round(float(shown.height[k]), 1),
        "velocity": [east, north, up],
        "sigma": [round(v, 2) for v in shown.sigma[k].tolist()],
        "status": TrackStatus(int(shown.status[k])).name.lower(),
        "target": TargetClass(int(shown.target[k])).name.lower(),
        "mode_s": int(shown.mode_s[k]) or None,
        "callsign": bytes(shown.callsign[k]).decode("ascii", "replace") or None,
        "precision_m": int(shown.precision_m[k]),
    }


def _line(shown: Shown, k: int, numbers: Numbering) -> dict[str, object]:
    return line(shown, k, numbers.of(int(shown.id[k])))
