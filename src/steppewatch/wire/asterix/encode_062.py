"""Write system tracks as CAT 062, edition 1.21: what we can fill truthfully, and no more.

    I062/010  data source              I062/060  Mode 3/A, where known
    I062/070  time of day [1/128 s]    I062/380  address (ADR), where known
    I062/105  place, WGS 84            I062/245  callsign, where known
    I062/185  velocity east, north     I062/130  geometric height
    I062/040  track number             I062/220  climb
    I062/080  status                   I062/500  accuracy: APC, AGA, ATV, ARC

The presence bits come from the same table as the decoder's (:mod:`.cat062`). Height and climb are
left out where they do not fit; a track whose place is not finite is refused.
Source: EUROCONTROL-SPEC-0149-9.
"""

import math
from dataclasses import dataclass

from steppewatch.errors import WireError
from steppewatch.wire.asterix.cat062 import CAT062

LONGEST_BLOCK = 1_400  # [byte]; fits one datagram on an Ethernet
FOOT = 0.3048  # [m]
DAY_S = 86_400
_LSB = 180.0 / (1 << 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTrack:
    """Hold one track to be written.

    Attributes:
        number: Track number, 0 … 65535.
        time_ns: Moment described [ns UTC].
        lat, lon: Place on WGS 84 [rad].
        height: Above the ellipsoid [m]; NaN for not told.
        velocity: East, north, up [m/s].
        sigma: Standard deviations: east, north, up [m], then of the velocity [m/s].
        coasting, ended: Its state.
        mode_s: Address; 0 not known. mode_3a: −1 not known. callsign: empty not known.
    """

    number: int
    time_ns: int
    lat: float
    lon: float
    height: float
    velocity: tuple[float, float, float]
    sigma: tuple[float, float, float, float, float, float]
    coasting: bool = False
    ended: bool = False
    mode_s: int = 0
    mode_3a: int = -1
    callsign: bytes = b""


def blocks_062(tracks: list[SystemTrack], sac: int, sic: int) -> list[bytes]:
    """Write tracks into data blocks of at most ``LONGEST_BLOCK`` bytes.

    Raises:
        WireError: A track cannot be written: a number, place or source out of range.

    >>> one = SystemTrack(number=7, time_ns=0, lat=0.8, lon=1.8, height=900.0,
    ...     velocity=(1.0, 2.0, 0.0), sigma=(9.0, 9.0, 9.0, 1.0, 1.0, 1.0))
    >>> blocks_062([one], 25, 100)[0][:3].hex()
    '3e0029'
    """
    out: list[bytes] = []
    body = b""
    for track in tracks:
        record = _record(track, sac, sic)
        if len(body) + len(record) + 3 > LONGEST_BLOCK:
            out.append(_block(body))
            body = b""
        body += record
    return [*out, _block(body)] if body else out


def _block(body: bytes) -> bytes:
    return bytes([CAT062.number]) + (len(body) + 3).to_bytes(2, "big") + body


def _record(track: SystemTrack, sac: int, sic: int) -> bytes:
    if not (0 <= sac < 256 and 0 <= sic < 256 and 0 <= track.number < 65_536):
        raise WireError(f"source {sac}/{sic} or track number {track.number} does not fit CAT 062")
    lat, lon = math.degrees(track.lat), math.degrees(track.lon)
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0 and all(map(math.isfinite, track.velocity))):
        raise WireError(f"a track at {lat}, {lon} moving {track.velocity} cannot be written")
    tod = (track.time_ns % (DAY_S * 1_000_000_000)) * 128 // 1_000_000_000
    east, north, up = track.velocity
    items = {
        "010": bytes([sac, sic]),
        "070": tod.to_bytes(3, "big"),
        "105": _signed(lat / _LSB, 32) + _signed(min(lon / _LSB, 2**25 - 1), 32),
        "185": _signed(east * 4.0, 16) + _signed(north * 4.0, 16),
        "040": track.number.to_bytes(2, "big"),
        "080": _status(track),
        "500": _accuracy(track.sigma),
    }
    if math.isfinite(track.height) and -457.0 <= track.height <= 45_720.0:
        items["130"] = _signed(track.height / (6.25 * FOOT), 16)
    climb = up * 60.0 / (6.25 * FOOT)
    if abs(climb) < 1 << 15:
        items["220"] = _signed(climb, 16)
    if 0 <= track.mode_3a < 1 << 12:
        items["060"] = track.mode_3a.to_bytes(2, "big")
    if 0 < track.mode_s < 1 << 24:
        items["380"] = bytes([0x80]) + track.mode_s.to_bytes(3, "big")
    text = _callsign(track.callsign)
    if text:
        items["245"] = b"\x80" + text  # STI 2: not downlinked from the target
    return _presence(items) + b"".join(items[name] for name in sorted(items, key=_place))


def _place(name: str) -> int:
    return CAT062.index[f"I062/{name}"]


def _presence(items: dict[str, bytes]) -> bytes:
    """Give the field specification: seven presence bits an octet, then whether one more follows."""
    places = [_place(name) for name in items]
    octets = bytearray(max(places) // 7 + 1)
    for place in places:
        octets[place // 7] |= 0x80 >> place % 7
    for k in range(len(octets) - 1):
        octets[k] |= 1
    return bytes(octets)


def _status(track: SystemTrack) -> bytes:
    """Give I062/080: confirmed, height source "no source"; TSE at the end, CST while coasting."""
    first, second, fourth = 0, 0x40 if track.ended else 0, 0x80 if track.coasting else 0
    if fourth:
        return bytes([first | 1, second | 1, 1, fourth])
    return bytes([first | 1, second]) if second else bytes([first])


def _accuracy(sigma: tuple[float, ...]) -> bytes:
    """Give I062/500 with APC, AGA, ATV and ARC; each rounded up, never to "perfect"."""
    presence = bytes([0b10001011, 0b10000000])  # APC, AGA, ATV, more; ARC
    feet = 6.25 * FOOT
    return (
        presence
        + _up(sigma[0] * 2.0, 16)
        + _up(sigma[1] * 2.0, 16)
        + _up(sigma[2] / feet, 8)
        + _up(sigma[3] * 4.0, 8)
        + _up(sigma[4] * 4.0, 8)
        + _up(sigma[5] * 60.0 / feet, 8)
    )


def _up(value: float, bits: int) -> bytes:
    top = (1 << bits) - 1
    number = top if not math.isfinite(value) else min(max(math.ceil(value), 1), top)
    return number.to_bytes(bits // 8, "big")


def _signed(value: float, bits: int) -> bytes:
    limit = 1 << bits - 1
    return max(-limit, min(round(value), limit - 1)).to_bytes(bits // 8, "big", signed=True)


def _callsign(text: bytes) -> bytes:
    """Give eight characters of six bits (ICAO Annex 10): A–Z, digits, space."""
    letters = text.decode("ascii", "replace").rstrip("\0 ").upper()
    if not letters or not all(c.isascii() and (c.isalnum() or c == " ") for c in letters):
        return b""
    word = 0
    for letter in letters[:8].ljust(8):
        word = word << 6 | (ord(letter) & 0x3F)
    return word.to_bytes(6, "big")
