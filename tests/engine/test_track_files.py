"""Recordings as detections and as truth: what a real airfield's multilateration says."""

import math

import numpy as np
import pytest

from steppewatch.engine.track_files import Reading, read_detections, read_truth
from steppewatch.engine.track_files_asterix import Feed, truth_by_reports
from steppewatch.errors import EngineError
from steppewatch.records import Origin, position_reports
from steppewatch.world.geodesy import ecef_from_geodetic

LEBL = (math.radians(41.2971), math.radians(2.0785), 10.0)


def feed(address, *, up=5.0):
    n = len(address)
    place = ecef_from_geodetic(np.full(n, 0.72), 0.036 + 1e-5 * np.arange(n), np.full(n, 20.0))
    reports = position_reports(
        "mlat", Origin(feed="test"), 10**9 * np.arange(1, n + 1), place,
        np.tile(np.diag([25.0, 25.0, up**2]), (n, 1, 1)), mode_s=np.array(address, np.uint32),
    )  # fmt: skip
    return Feed(sensors=(), plots=(), tracks=(), reporters=(), reports=(reports,))


def test_positions_with_one_address_are_one_target():
    truth = truth_by_reports(feed([0xABC, 0x123, 0, 0xABC, 0x123]))
    assert truth.names == ("000123", "000ABC")
    assert truth.target.tolist() == [0, 0, 1, 1]
    assert truth.time_ns.tolist() == [2 * 10**9, 5 * 10**9, 10**9, 4 * 10**9]
    assert truth.gap == 30.0
    assert not truth.flat


def test_positions_unsure_of_height_are_scored_in_the_plane():
    assert truth_by_reports(feed([1, 1], up=500.0)).flat


def test_positions_without_addresses_are_no_truth():
    with pytest.raises(EngineError, match="no position has an address"):
        truth_by_reports(feed([0, 0]))


@pytest.mark.nightly
def test_an_airfield_s_multilateration_names_its_targets_and_its_radar_gives_plots(real_data):
    folder = real_data("asterix/barcelona-surface")
    reading = Reading(place=LEBL, horizontal=True)
    truth = read_truth(folder / "201002-lebl-080001_mlat.ast", reading)
    # 69 addresses, of which six are the airfield's own monitors (I010/020 RAB): no targets.
    assert len(truth.names) == 63
    assert truth.flat
    radar = read_detections(folder / "201002-lebl-080001_smr.ast", reading)
    assert 37_000 < radar.plots <= 38_309
