"""The budget of a radio link, line by line, so that a pocket calculator can check it.

The values of the lines marked ``adds`` sum to the received power; losses stand with a minus. Each
formula holds the numbers that go into it.
"""

import math

from steppewatch.sense.propagation.diffraction import knife_edge_db
from steppewatch.sense.radar.budget import BudgetLine
from steppewatch.sense.radio.link import CLEAR, Link

EQUIPMENT, PLACE = "equipment", "place"


def link_budget(link: Link) -> tuple[BudgetLine, ...]:
    """Lay a link out in lines: the path, what adds to the received power, and the margin.

    Args:
        link: From :func:`steppewatch.sense.radio.link.link`.
    """
    return _path(link) + _power(link)


def _path(link: Link) -> tuple[BudgetLine, ...]:
    k, at = link.atmosphere.k, link.fresnel_at
    far = float(link.distance[-1])
    low, high = (float(v) for v in (link.line[0], link.line[-1]))
    zone = math.sqrt(link.radio.wavelength * at * (far - at) / far) if at > 0.0 else math.nan
    return (
        BudgetLine(
            name="distance",
            value=far / 1e3,
            unit="km",
            formula="along the ground, ellipsoid",
            source=PLACE,
        ),
        BudgetLine(
            name="antenna a",
            value=low,
            unit="m",
            formula=f"ground {link.ground[0]:.2f} + mast {link.a.mast:g}",
            source=PLACE,
        ),
        BudgetLine(
            name="antenna b",
            value=high,
            unit="m",
            formula=f"ground {link.ground[-1]:.2f} + mast {link.b.mast:g}",
            source=PLACE,
        ),
        BudgetLine(
            name="effective earth k",
            value=k,
            unit="",
            formula=f"157/(157 + dN/dh), dN/dh = {link.atmosphere.gradient:.2f} N/km",
            source="given" if link.atmosphere.k_given else "ITU-R P.453, P.834",
        ),
        BudgetLine(
            name="smallest clearance",
            value=link.clearance,
            unit="m",
            formula=f"ray less ground, at {link.clearance_at / 1e3:.3f} km from a",
            source=PLACE,
        ),
        BudgetLine(
            name="Fresnel clearance",
            value=link.fresnel,
            unit="of the zone",
            formula=(
                f"{link.fresnel * zone:.2f} m / √(λ d₁ d₂/d) = {zone:.2f} m, at {at / 1e3:.3f} km "
                f"from a; wanted {CLEAR:g}"
            ),
            source="ITU-R P.526, §2",
        ),
    )


def _power(link: Link) -> tuple[BudgetLine, ...]:
    radio, bent = link.radio, link.diffraction
    nu, knife = float(bent.bullington.nu), float(knife_edge_db(bent.bullington.nu))
    far = float(link.distance[-1]) / 1e3
    given = (
        ("transmitter", radio.power_dbm, "dBm"),
        ("gain a", radio.gain_a_db, "dBi"),
        ("gain b", radio.gain_b_db, "dBi"),
        ("feeders", 0.0 - radio.feeder_db, "dB"),
    )
    adds = [
        BudgetLine(name=name, value=v, unit=unit, formula="given", source=EQUIPMENT, adds=True)
        for name, v, unit in given
    ]
    rain = "no rain asked for"
    if link.atmosphere.rain_rate > 0.0:
        rain = f"{link.atmosphere.rain_rate:.1f} mm/h over {link.atmosphere.rain_percent:g} % of"
        rain += " a year"
    adds += [
        BudgetLine(
            name="free space",
            value=0.0 - link.free_space_db,
            unit="dB",
            formula=f"−20 log(4π · {link.slant:.1f} m / {radio.wavelength:.6f} m)",
            source="ITU-R P.525",
            adds=True,
        ),
        BudgetLine(
            name="diffraction",
            value=0.0 - float(bent.loss_db),
            unit="dB",
            formula=(
                f"−({float(bent.profile_db):.3f} + max({float(bent.sphere_db):.3f} − "
                f"{float(bent.smooth_db):.3f}, 0)): profile, and what the earth's curve adds"
            ),
            source="ITU-R P.526-15, §4.5",
            adds=True,
        ),
        BudgetLine(
            name="gas",
            value=0.0 - link.gas_db,
            unit="dB",
            formula=f"oxygen and vapour over {link.slant / 1e3:.2f} km",
            source="ITU-R P.676-13",
            adds=True,
        ),
        BudgetLine(
            name="rain",
            value=0.0 - link.rain_db,
            unit="dB",
            formula=rain,
            source="ITU-R P.838-3, P.530",
            adds=True,
        ),
    ]
    edge = BudgetLine(
        name="of which the edge",
        value=float(bent.profile_db),
        unit="dB",
        formula=(
            f"J(ν = {nu:.3f}) = {knife:.3f} at {float(bent.bullington.edge) / 1e3:.3f} km, "
            f"+ (1 − exp(−J/6)) · (10 + 0.02 · {far:.3f})"
        ),
        source="ITU-R P.526-15, eqs. 31, 52",
    )
    return (
        *adds,
        edge,
        BudgetLine(
            name="received",
            value=link.received_dbm,
            unit="dBm",
            formula="sum of the lines that add",
            source="",
        ),
        BudgetLine(
            name="margin",
            value=link.margin_db,
            unit="dB",
            formula=f"received − ({radio.sensitivity_dbm:g} dBm); wanted {radio.reserve_db:g}",
            source="",
        ),
    )
