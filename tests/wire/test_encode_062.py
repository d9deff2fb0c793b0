"""Tracks that we write are read back as what they were."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.errors import WireError
from steppewatch.wire.asterix.encode_062 import LONGEST_BLOCK, SystemTrack, blocks_062
from steppewatch.wire.asterix.records import records

speed = st.floats(-1_000, 1_000)
sigma = st.floats(0, 1e5)
tracks = st.builds(
    SystemTrack,
    number=st.integers(0, 65_535),
    time_ns=st.integers(0, 1 << 61),
    lat=st.floats(-1.57, 1.57),
    lon=st.floats(-3.14, 3.14),
    height=st.floats(-400, 30_000) | st.just(math.nan),
    velocity=st.tuples(speed, speed, st.floats(-100, 100)),
    sigma=st.tuples(sigma, sigma, sigma, sigma, sigma, sigma),
    coasting=st.booleans(),
    ended=st.booleans(),
    mode_s=st.integers(0, (1 << 24) - 1),
    mode_3a=st.integers(-1, 4095),
    callsign=st.sampled_from([b"", b"MGL123", b"ABCDEFGH", b"b@d"]),
)


@settings(deadline=None)
@given(st.lists(tracks, min_size=1, max_size=60))
def test_what_is_written_is_read_back(told):
    blocks = blocks_062(told, 25, 100)
    assert all(len(block) <= LONGEST_BLOCK for block in blocks)
    read = [record for block in blocks for record in records(block)]
    assert len(read) == len(told)
    for track, found in zip(told, read, strict=True):
        assert found["I062/010"] == {"SAC": 25, "SIC": 100}
        assert found["I062/040"] == track.number
        assert found["I062/105"]["LAT"] == pytest.approx(math.degrees(track.lat), abs=3e-6)
        assert found["I062/105"]["LON"] == pytest.approx(math.degrees(track.lon), abs=6e-6)
        assert found["I062/070"] == pytest.approx(
            track.time_ns % 86_400_000_000_000 / 1e9, abs=0.01
        )
        assert found["I062/185"]["VX"] == pytest.approx(track.velocity[0], abs=0.126)
        assert found["I062/185"]["VY"] == pytest.approx(track.velocity[1], abs=0.126)
        assert found["I062/080"].get("TSE", 0) == track.ended
        assert found["I062/080"].get("CST", 0) == track.coasting
        assert ("I062/130" in found) == math.isfinite(track.height)
        if math.isfinite(track.height):
            assert found["I062/130"] * 0.3048 == pytest.approx(track.height, abs=1.0)
        assert ("I062/380" in found) == (track.mode_s > 0)
        assert ("I062/060" in found) == (track.mode_3a >= 0)
        assert ("I062/245" in found) == (track.callsign not in {b"", b"b@d"})
        told_sigma = found["I062/500"]["APC"]["X"]
        assert told_sigma >= min(track.sigma[0], 32_767.5)
        assert told_sigma > 0


def test_a_callsign_is_read_back_as_text():
    one = SystemTrack(
        number=1, time_ns=0, lat=0.8, lon=1.8, height=0.0, velocity=(0.0, 0.0, 0.0),
        sigma=(1.0,) * 6, callsign=b"MGL123",
    )  # fmt: skip
    (found,) = records(blocks_062([one], 1, 2)[0])
    assert found["I062/245"]["CHR"].strip() == "MGL123"


@pytest.mark.parametrize("wrong", [{"number": 65_536}, {"lat": math.nan}, {"lon": 4.0}])
def test_what_cat_062_cannot_hold_is_refused(wrong):
    good = {
        "number": 1, "time_ns": 0, "lat": 0.8, "lon": 1.8, "height": 0.0,
        "velocity": (0.0, 0.0, 0.0), "sigma": (1.0,) * 6,
    }  # fmt: skip
    with pytest.raises(WireError):
        blocks_062([SystemTrack(**{**good, **wrong})], 1, 2)
