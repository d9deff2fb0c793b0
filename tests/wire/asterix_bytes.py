"""Build ASTERIX bytes by hand: the tests' own encoder, which knows no table."""


def presence(numbers: list[int]) -> bytes:
    """Encode a presence field (FSPEC) with the given numbers, counted from 1, set."""
    octets = bytearray(max(1, -(-max(numbers, default=1) // 7)))
    for number in numbers:
        octets[(number - 1) // 7] |= 0x80 >> ((number - 1) % 7)
    for k in range(len(octets) - 1):
        octets[k] |= 1
    return bytes(octets)


def record(items: dict[int, bytes]) -> bytes:
    """Encode a record from items by their field reference number."""
    return presence(sorted(items)) + b"".join(items[number] for number in sorted(items))


def block(category: int, *records: bytes) -> bytes:
    """Encode a data block."""
    body = b"".join(records)
    return bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body


def plot(
    tod: float = 1000.0,
    rho: float = 100.0,
    theta: float = 90.0,
    *,
    source: tuple[int, int] = (25, 12),
    typ: int = 5,
    level: float | None = 350.0,
    **more: bytes,
) -> bytes:
    """Encode a CAT 048 record; ``more`` are items by ``f<number>``."""
    items = {
        1: bytes(source),
        2: round(tod * 128).to_bytes(3, "big"),
        3: bytes([typ << 5]),
        4: round(rho * 256).to_bytes(2, "big") + round(theta / 360 * 65536).to_bytes(2, "big"),
    }
    if level is not None:
        items[6] = (round(level * 4) & 0x3FFF).to_bytes(2, "big")
    items |= {int(name[1:]): value for name, value in more.items()}
    return record(items)


def north(tod: float, *, source: tuple[int, int] = (25, 12), **more: bytes) -> bytes:
    """Encode a CAT 034 north marker."""
    items = {1: bytes(source), 2: b"\x01", 3: round(tod * 128).to_bytes(3, "big")}
    return record(items | {int(name[1:]): value for name, value in more.items()})


def track(
    tod: float,
    number: int,
    lat: float = 47.0,
    lon: float = 107.0,
    *,
    status: bytes = b"\x00",
    source: tuple[int, int] = (25, 100),
    **more: bytes,
) -> bytes:
    """Encode a CAT 062 record with position, velocity (100, 0) m/s and FL 100."""
    items = {
        1: bytes(source),
        4: round(tod * 128).to_bytes(3, "big"),
        5: round(lat / 180 * 2**25).to_bytes(4, "big", signed=True)
        + round(lon / 180 * 2**25).to_bytes(4, "big", signed=True),
        7: (400).to_bytes(2, "big") + (0).to_bytes(2, "big"),
        12: number.to_bytes(2, "big"),
        13: status,
        17: (400).to_bytes(2, "big"),
    }
    return record(items | {int(name[1:]): value for name, value in more.items()})
