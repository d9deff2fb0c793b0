"""How ground answers a radio wave: permittivity and conductivity of Recommendation ITU-R P.527.

The figures are the typical ones of P.527-6 (Attachment, Figure 24) at low frequency, and of
P.526-15 for average land. Above some gigahertz the water in the ground lags behind the wave:
water itself follows Debye's two relaxations (P.527-6, §5.1.1); in moist ground the part of the
permittivity above that of dry ground does the same (*assumed*; wet ground at 10 GHz then
has 20 − 12j).
"""

from dataclasses import dataclass

from steppewatch.errors import SenseError

SPEED_OF_LIGHT = 299_792_458.0
WAVE_IMPEDANCE_60 = 59.958_491_6  # Z₀/2π [Ω]: relative loss is 60 λ σ in every textbook
DRY = 3.0  # permittivity of soil without water
WATER_TEMPERATURE = 283.15  # [K], 10 °C, assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Hold the electrical figures of a kind of ground.

    Attributes:
        name: For people.
        permittivity: Relative, at low frequency.
        conductivity: [S/m].
        source: Where the figures come from.
    """

    name: str
    permittivity: float
    conductivity: float
    source: str

    def __post_init__(self) -> None:
        """Refuse ground that no earth has."""
        for field, value, low, high, unit in (
            ("permittivity", self.permittivity, 1.0, 100.0, ""),
            ("conductivity", self.conductivity, 0.0, 10.0, " S/m"),
        ):
            if not low <= value <= high:
                raise SenseError(
                    f"ground {self.name!r}: {field} is {value:g}{unit}, expected {low:g} to "
                    f"{high:g}{unit}; wet ground has 30 and 0.01 S/m"
                )


_TYPICAL = "ITU-R P.527-6, Figure 24, typical"
GROUNDS = {
    ground.name: ground
    for ground in (
        Ground(name="dry", permittivity=DRY, conductivity=1e-4, source=_TYPICAL + " very dry"),
        Ground(name="medium", permittivity=15.0, conductivity=1e-3, source=_TYPICAL + " medium"),
        Ground(name="land", permittivity=22.0, conductivity=3e-3, source="ITU-R P.526-15, §3.1"),
        Ground(name="wet", permittivity=30.0, conductivity=1e-2, source=_TYPICAL + " wet"),
        Ground(name="snow", permittivity=3.0, conductivity=3e-5, source=_TYPICAL + " ice"),
        Ground(name="water", permittivity=80.0, conductivity=3e-3, source=_TYPICAL + " fresh"),
        Ground(name="sea", permittivity=80.0, conductivity=5.0, source="ITU-R P.526-15, §3.1"),
    )
}


def find_ground(name: str) -> Ground:
    """Give the ground of a name.

    Raises:
        SenseError: There is none of that name.
    """
    if name not in GROUNDS:
        raise SenseError(f"ground is {name!r}, expected one of {', '.join(GROUNDS)}")
    return GROUNDS[name]


def water_permittivity(frequency: float, temperature: float = WATER_TEMPERATURE) -> complex:
    """Give the complex permittivity of pure water (P.527-6, eqs. 5–13; as P.840-8, eqs. 4–9).

    Args:
        frequency: [Hz].
        temperature: [K].

    >>> round(water_permittivity(1e6, 293.15).real, 1)
    80.1
    """
    f, theta = frequency / 1e9, 300.0 / temperature - 1.0
    static = 77.66 + 103.3 * theta
    middle, high = 0.0671 * static, 3.52
    first = 20.20 - 146.0 * theta + 316.0 * theta**2
    second = 39.8 * first
    return (
        (static - middle) / (1.0 + 1j * f / first)
        + (middle - high) / (1.0 + 1j * f / second)
        + high
    )


def complex_permittivity(ground: Ground, frequency: float) -> complex:
    """Give the complex relative permittivity ``ε′ − jε″`` of ground, conduction included.

    Args:
        ground: Kind of ground.
        frequency: [Hz].

    >>> eps = complex_permittivity(GROUNDS["wet"], 100e6)
    >>> round(eps.real, 1), round(-eps.imag, 1)
    (30.0, 2.0)
    """
    wavelength = SPEED_OF_LIGHT / frequency
    base = min(ground.permittivity, DRY)
    lag = water_permittivity(frequency) / water_permittivity(0.0)
    loss = WAVE_IMPEDANCE_60 * wavelength * ground.conductivity
    return base + (ground.permittivity - base) * lag - 1j * loss
