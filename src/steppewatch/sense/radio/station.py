"""What stands at the two ends of a radio link, checked: no absurd figure goes further."""

import math
from dataclasses import dataclass

from steppewatch.errors import SenseError
from steppewatch.sense.propagation.ground import GROUNDS, SPEED_OF_LIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Hold one end of a link.

    Attributes:
        lat: Latitude [rad].
        lon: Longitude [rad].
        mast: Antenna above ground [m].
        name: For people.
    """

    lat: float
    lon: float
    mast: float
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a place that is none of this earth, and masts that nobody builds."""
        who = f"station {self.name!r}" if self.name else "station"
        for field, value, low, high, unit, remedy in (
            ("latitude", math.degrees(self.lat), -82.0, 82.0, "°", "is the longitude first?"),
            ("longitude", math.degrees(self.lon), -180.0, 180.0, "°", "is the longitude first?"),
            ("mast", self.mast, 0.5, 500.0, " m", "count from the ground, not from sea level"),
        ):
            _within(who, field, value, low, high, unit, remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """Hold the equipment of a link, alike in both directions but for the antennas.

    Attributes:
        frequency: [Hz].
        power_dbm: Of the transmitter [dBm].
        gain_a_db: Of the first antenna towards the other [dBi].
        gain_b_db: Of the second antenna [dBi].
        sensitivity_dbm: Least power at the receiver's input that still serves [dBm].
        feeder_db: Loss of cables and filters, both ends together [dB].
        vertical: Polarisation.
        reserve_db: Margin that a sound link keeps for fading, snow, bad pointing and age [dB].
        ground: Kind of ground under the path, a name of ``propagation.ground.GROUNDS``.
    """

    frequency: float
    power_dbm: float
    gain_a_db: float
    gain_b_db: float
    sensitivity_dbm: float
    feeder_db: float = 0.0
    vertical: bool = True
    reserve_db: float = 10.0
    ground: str = "land"

    def __post_init__(self) -> None:
        """Refuse figures that no equipment has."""
        for field, value, low, high, unit, remedy in (
            ("frequency", self.frequency / 1e6, 30.0, 100e3, " MHz", "is it in MHz?"),
            ("power", self.power_dbm, -30.0, 80.0, " dBm", "1 W is 30 dBm"),
            ("gain a", self.gain_a_db, -20.0, 60.0, " dBi", "a whip has 2, a 1 m dish at 6 GHz 33"),
            ("gain b", self.gain_b_db, -20.0, 60.0, " dBi", "a whip has 2, a 1 m dish at 6 GHz 33"),
            (
                "sensitivity",
                self.sensitivity_dbm,
                -160.0,
                -20.0,
                " dBm",
                "it is negative: -90, say",
            ),
            ("feeder loss", self.feeder_db, 0.0, 40.0, " dB", "a loss is positive"),
            (
                "reserve",
                self.reserve_db,
                0.0,
                60.0,
                " dB",
                "10 dB serves short links, 20 long ones",
            ),
        ):
            _within("radio", field, value, low, high, unit, remedy)
        if self.ground not in GROUNDS:
            raise SenseError(f"radio: ground is {self.ground!r}, expected {', '.join(GROUNDS)}")

    @property
    def wavelength(self) -> float:
        """Give the wavelength in vacuum [m]."""
        return SPEED_OF_LIGHT / self.frequency


def _within(
    who: str, field: str, value: float, low: float, high: float, unit: str, remedy: str
) -> None:
    if not low <= value <= high:
        raise SenseError(
            f"{who}: {field} is {value:g}{unit}, expected {low:g} to {high:g}{unit}; {remedy}"
        )
