"""Links over ground that a pencil can check."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.propagation.diffraction import edge_loss_db
from steppewatch.sense.radio import Station, link, link_budget
from steppewatch.world.atmosphere import gas_loss_db, standard_atmosphere

K = 1.27
RADIUS = K * 6_371_008.8


def test_over_a_plain_clearance_and_free_space_are_the_textbooks(strip, ends, radio):
    found = link(strip(lambda x: 1_300.0 + 0.0 * x), *ends(20e3, 60.0, 60.0), radio(), k=K)
    # The bulge in the middle: d²/8ka; free space: 32.45 + 20 log MHz + 20 log km.
    assert found.clearance == pytest.approx(60.0 - 20e3**2 / (8.0 * RADIUS), abs=0.05)
    assert found.clearance_at == pytest.approx(10e3, abs=60.0)
    textbook = 32.4478 + 20 * math.log10(400.0) + 20 * math.log10(20.0)
    assert found.free_space_db == pytest.approx(textbook, abs=1e-3)
    assert found.line_of_sight
    assert found.fresnel == pytest.approx(
        (60.0 - 20e3**2 / (8.0 * RADIUS)) / math.sqrt(0.749481 * 5e3), abs=2e-3
    )
    assert found.clear
    assert found.diffraction.loss_db == 0.0
    assert found.feasible
    assert found.verdict.startswith("feasible: in sight and clear")


def test_the_air_of_the_path_bends_the_ray_not_four_thirds(strip, ends, radio, place):
    plain = strip(lambda x: 1_300.0 + 0.0 * x)
    own = link(plain, *ends(20e3), radio())
    assert own.atmosphere.k != pytest.approx(4.0 / 3.0, abs=1e-3)
    assert not own.atmosphere.k_given
    bad, good = (link(plain, *ends(20e3), radio(), k=k) for k in (0.7, 2.0))
    assert bad.clearance < own.clearance < good.clearance
    assert bad.atmosphere.k_given
    high = link(plain, place(1.0, 48.0, 20.0), place(1.2, 48.0, 20.0), radio())
    assert high.atmosphere.k < own.atmosphere.k


def ridge(height, at):
    return lambda x: np.where(np.abs(x - at) < 30.0, height, 0.0)


def test_a_ridge_hides_and_costs_what_one_edge_costs(strip, ends, radio):
    found = link(strip(ridge(200.0, 8e3)), *ends(20e3), radio(), k=K)
    assert not found.line_of_sight
    bulge = 8e3 * 12e3 / (2.0 * RADIUS)
    assert found.clearance == pytest.approx(20.0 - bulge - 200.0, abs=0.2)
    edge = float(edge_loss_db(8e3, 12e3, 180.0 + bulge, radio().wavelength))
    expected = edge + (1.0 - math.exp(-edge / 6.0)) * 10.4
    assert found.diffraction.profile_db == pytest.approx(expected, abs=0.05)
    assert found.diffraction.bullington.edge == pytest.approx(8e3, abs=60.0)
    assert "hidden" in found.verdict


def test_sixty_per_cent_of_the_zone_is_the_border_of_clear(strip, ends, radio):
    zone = math.sqrt(radio().wavelength * 10e3 / 2.0 * 0.5)
    bulge = 10e3**2 / (8.0 * RADIUS)
    for share, clear in ((0.57, False), (0.63, True)):
        height = 40.0 - bulge - share * zone
        found = link(strip(ridge(height, 5e3)), *ends(10e3, 40.0, 40.0), radio(), k=K)
        assert found.fresnel == pytest.approx(share, abs=0.005)
        assert found.line_of_sight
        assert found.clear is clear


def test_unknown_ground_is_no_feasible_link(strip, ends, radio):
    def holed(x):
        return np.where((x > 6e3) & (x < 7e3), np.nan, 0.0)

    found = link(strip(holed), *ends(20e3, 90.0, 90.0), radio(), k=K)
    assert not found.feasible
    assert not found.line_of_sight
    assert not found.clear
    assert math.isnan(found.margin_db)
    ((start, end),) = found.unknown
    assert (start, end) == pytest.approx((6e3, 7e3), abs=60.0)
    assert "unknown on 1.0 km" in found.verdict
    assert any("unknown from 5.99 to 7.03 km" in note for note in found.notes)


def test_a_site_on_unknown_ground_has_no_height_to_stand_on(strip, ends, radio):
    found = link(strip(lambda x: np.where(x < 100.0, np.nan, 5.0)), *ends(20e3), radio())
    assert not found.feasible
    assert math.isnan(found.clearance)
    assert "unknown" in found.verdict


def test_a_link_is_the_same_from_both_ends(strip, ends, radio):
    hills = strip(lambda x: 100.0 * np.sin(x / 900.0) + 40.0 * np.cos(x / 300.0))
    a, b = ends(23e3, 12.0, 35.0)
    there, back = link(hills, a, b, radio(), k=K), link(hills, b, a, radio(), k=K)
    assert back.loss_db == pytest.approx(there.loss_db, abs=0.02)
    assert back.clearance == pytest.approx(there.clearance, abs=0.01)


def test_the_margin_must_reach_the_reserve(strip, ends, radio):
    plain = strip(lambda x: 0.0 * x)
    margin = link(plain, *ends(20e3, 60.0, 60.0), radio(), k=K).margin_db
    for reserve, feasible in ((margin - 0.1, True), (margin + 0.1, False)):
        found = link(plain, *ends(20e3, 60.0, 60.0), radio(reserve_db=reserve), k=K)
        assert found.feasible is feasible


def test_rain_weakens_a_microwave_link_as_p838_says(strip, ends, radio):
    plain = strip(lambda x: 0.0 * x)
    wet = dataclasses.replace(
        standard_atmosphere(), rain_rate=30.0, rain_percent=0.01, rain_height=3_000.0
    )
    dry = link(plain, *ends(10e3, 40.0, 40.0), radio(10e3), atmosphere=standard_atmosphere())
    rainy = link(plain, *ends(10e3, 40.0, 40.0), radio(10e3), atmosphere=wet)
    specific = 0.0112919 * 30.0**1.2156  # P.838-3 at 10 GHz, vertical [dB/km]
    # P.530-13, §2.4.1: it rains so hard in cells of 35 exp(−0.015 R) km.
    share = 1.0 / (1.0 + 10.0 / (35.0 * math.exp(-0.45)))
    assert rainy.rain_db == pytest.approx(specific * 10.0 * share, rel=2e-3)
    assert dry.margin_db - rainy.margin_db == pytest.approx(rainy.rain_db)
    assert link(plain, *ends(10e3), radio(400.0), atmosphere=wet).rain_db == 0.0


def test_gas_is_p676s_at_sea_level(strip, ends, radio):
    found = link(
        strip(lambda x: 0.0 * x), *ends(40e3, 100.0, 100.0), radio(10e3),
        atmosphere=standard_atmosphere(),
    )  # fmt: skip
    # 0.01420 dB/km in dry air of 1013 hPa and 7.5 g/m³ (P.676-13, 10 GHz); the ray runs at some
    # 90 m, where both are a few per cent less.
    assert found.gas_db == pytest.approx(0.0142 * 40.0, rel=0.05)
    # And it is what a radar's ray of the same length and direction loses.
    down = -40e3 / (2.0 * found.atmosphere.k * 6.371e6)
    radars = gas_loss_db(standard_atmosphere(), 10e9, 100.0, 40e3, down)
    assert found.gas_db == pytest.approx(float(radars), rel=0.01)


def test_a_calculator_reproduces_the_budget(strip, ends, radio):
    found = link(strip(ridge(90.0, 8e3)), *ends(20e3), radio(feeder_db=3.0), k=K)
    lines = {line.name: line for line in link_budget(found)}
    total = sum(line.value for line in lines.values() if line.adds)
    assert lines["received"].value == pytest.approx(total, abs=1e-9)
    assert lines["margin"].value == pytest.approx(total + 100.0, abs=1e-9)
    text = lines["free space"].formula
    slant, wavelength = (float(part.split(" m")[0]) for part in text.split("· ")[1].split(" / "))
    assert lines["free space"].value == pytest.approx(
        -20 * math.log10(4 * math.pi * slant / wavelength), abs=1e-3
    )
    parts = [float(v) for v in lines["diffraction"].formula.replace("max(", "").strip("−(").
             replace("−", "+").replace(", 0)", "").split(")")[0].split(" + ")]  # fmt: skip
    assert lines["diffraction"].value == pytest.approx(
        -(parts[0] + max(parts[1] - parts[2], 0.0)), abs=2e-3
    )
    gradient = float(lines["effective earth k"].formula.split("= ")[1].split()[0])
    assert lines["effective earth k"].value == pytest.approx(157 / (157 + gradient), abs=1e-3)


def test_invented_and_coarse_terrain_are_named(strip, ends, radio):
    flat = strip(lambda x: 0.0 * x, spacing=463.0, synthetic=True)
    notes = " ".join(link(flat, *ends(20e3), radio()).notes)
    assert "invented" in notes
    assert "463 m" in notes


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"mhz": 0.4}, "frequency is 0.4 MHz, expected 30 to 100000 MHz"),
        ({"power_dbm": 5_000.0}, "power is 5000 dBm"),
        ({"gain_a_db": math.nan}, "gain a is nan dBi"),
        ({"sensitivity_dbm": 90.0}, "sensitivity is 90 dBm.*negative"),
        ({"feeder_db": -3.0}, "feeder loss is -3 dB.*positive"),
        ({"reserve_db": -1.0}, "reserve is -1 dB"),
        ({"ground": "moon"}, "ground is 'moon', expected dry"),
    ],
)
def test_equipment_that_nobody_has_is_refused(radio, changes, complaint):
    with pytest.raises(SenseError, match=complaint):
        radio(**changes)


def test_places_and_air_that_cannot_be_are_refused(strip, ends, radio):
    plain = strip(lambda x: 0.0 * x)
    with pytest.raises(SenseError, match=r"mast is -3 m"):
        Station(lat=0.8, lon=1.8, mast=-3.0)
    with pytest.raises(SenseError, match=r"latitude is 106.3.*longitude first"):
        Station(lat=math.radians(106.3), lon=math.radians(50.2), mast=10.0)
    with pytest.raises(SenseError, match=r"0.000 km apart"):
        link(plain, *ends(0.0), radio())
    with pytest.raises(SenseError, match=r"450.000 km apart"):
        link(plain, *ends(450e3), radio())
    with pytest.raises(SenseError, match=r"k is 0, expected 0.3"):
        link(plain, *ends(20e3), radio(), k=0.0)
    with pytest.raises(SenseError, match=r"rain percentage is 50 %"):
        link(plain, *ends(20e3), radio(), rain_percent=50.0)
