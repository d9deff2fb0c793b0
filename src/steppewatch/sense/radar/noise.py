"""System noise temperature by Blake's method: T_s = T_a + T_r + L_r T_e.

The antenna sees sky and ground, the receiving line shines by its loss, the receiver adds its own;
all referred to the antenna's terminals. Source: Blake, NRL Report 6930 (1969), ch. 5,
and NRL Report 7010 (1969), ch. 5; IEEE's standard temperature T₀ = 290 K. The sky is the galaxy
behind the shining air: 3,050 K at 100 MHz, falling with f^2.5 (Blake's mean galactic level), the
cosmic 2.7 K, and air of 275 K (ITU-R P.618, mean radiating temperature).
"""

from dataclasses import dataclass

from steppewatch.sense.radar.design import RadarDesign

STANDARD = 290.0  # [K]
COSMIC = 2.7  # [K]
AIR = 275.0  # [K]
GALACTIC = 3_050.0  # [K] at 100 MHz
GROUND_SHARE = 0.124  # of the pattern looks at ground of 290 K: the 36 K and 0.876 of Blake


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Hold the parts of the system noise temperature [K], at the antenna's terminals.

    Attributes:
        sky: Of the sky in the beam.
        antenna: After ground and the antenna's own loss.
        line: Of the receiving line.
        receiver: At the receiver's input.
        line_loss: Of the receiving line, as a ratio.
    """

    sky: float
    antenna: float
    line: float
    receiver: float
    line_loss: float

    @property
    def system(self) -> float:
        """Give T_s = T_a + T_r + L_r T_e [K]."""
        return self.antenna + self.line + self.line_loss * self.receiver


def sky_temperature(frequency: float, gas_loss_db: float) -> float:
    """Give the noise temperature of the sky [K].

    Args:
        frequency: Carrier [Hz].
        gas_loss_db: One-way loss between antenna and space [dB].
    """
    through = float(10.0 ** (-gas_loss_db / 10.0))
    behind = GALACTIC * (1e8 / frequency) ** 2.5 + COSMIC
    return float(behind * through + AIR * (1.0 - through))


def antenna_temperature(sky: float, loss_db: float) -> float:
    """Give T_a = (0.876 T_sky − 254)/L_a + 290 [K] (Blake 1969, ch. 5).

    Args:
        sky: Noise temperature of the sky [K].
        loss_db: Ohmic loss of the antenna [dB].

    >>> round(antenna_temperature(100.0, 0.0), 1)  # 0.876 · 100 + 36
    123.6
    """
    outside = (1.0 - GROUND_SHARE) * sky + GROUND_SHARE * STANDARD
    return float((outside - STANDARD) / 10.0 ** (loss_db / 10.0) + STANDARD)


def receiver_temperature(noise_figure_db: float) -> float:
    """Give T_e = 290 (F − 1) [K].

    >>> round(receiver_temperature(3.0103))
    290
    """
    return float(STANDARD * (10.0 ** (noise_figure_db / 10.0) - 1.0))


def beam_noise(design: RadarDesign, sky_loss_db: float) -> Noise:
    """Give the noise of a radar whose beam looks through ``sky_loss_db`` of gas into space."""
    sky = sky_temperature(design.frequency, sky_loss_db)
    line_loss = 10.0 ** (design.receive_loss_db / 10.0)
    return Noise(
        sky=sky,
        antenna=antenna_temperature(sky, design.antenna_loss_db),
        line=STANDARD * (line_loss - 1.0),
        receiver=receiver_temperature(design.noise_figure_db),
        line_loss=line_loss,
    )
