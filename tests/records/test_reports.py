"""Reports and bearings survive their binary form, and say what was not given."""

import numpy as np
import pytest

from steppewatch.errors import RecordError
from steppewatch.records import (
    Look,
    Origin,
    TargetClass,
    bearing_batch,
    decode,
    encode,
    position_reports,
)

ORIGIN = Origin(sensor="adsb-1", feed="test")


def three(**more):
    return position_reports(
        "adsb-1", ORIGIN, [1, 2, 3], np.ones((3, 3)), np.tile(np.eye(3), (3, 1, 1)), **more
    )


def test_reports_come_back_from_bytes_unchanged():
    sent = three(
        mode_s=[1, 2, 3],
        callsign=[b"A", b"B", b"C"],
        class_prob=np.full((3, len(TargetClass)), 0.125),
    )
    back = decode(encode(sent))
    np.testing.assert_array_equal(back.mode_s, sent.mode_s)
    np.testing.assert_array_equal(back.cov, sent.cov)
    np.testing.assert_array_equal(back.class_prob, sent.class_prob)
    assert back.origin == ORIGIN
    assert len(back) == 3


def test_what_a_source_does_not_say_is_marked_as_not_given():
    batch = three()
    assert np.isnan(batch.velocity).all()
    assert np.isnan(batch.velocity_cov).all()
    assert np.isnan(batch.height).all()
    assert (batch.mode_s == 0).all()
    assert (batch.mode_3a == -1).all()
    assert batch.class_prob.shape == (3, 0)


def test_bearings_and_their_look_come_back_from_bytes():
    look = Look(
        time_ns=7, platform=np.arange(3.0), azimuth=1.0, width=0.5, elevation=0.0, tallness=0.2,
        reach=5_000.0,
    )  # fmt: skip
    sent = bearing_batch("eo", ORIGIN, [7, 7], np.zeros((2, 3)), [1.0, 1.1], [1e-3] * 2, look=look)
    back = decode(encode(sent))
    np.testing.assert_array_equal(back.azimuth, sent.azimuth)
    assert np.isnan(back.elevation).all()
    assert back.look.reach == 5_000.0
    assert decode(encode(bearing_batch("eo", ORIGIN, [], np.zeros((0, 3)), [], []))).look is None


@pytest.mark.parametrize("wrong", [{"height": [1.0]}, {"heigth": [1.0] * 3}])
def test_a_wrong_length_or_name_is_refused(wrong):
    with pytest.raises(RecordError, match="column"):
        three(**wrong)
    with pytest.raises(RecordError, match="class_prob"):
        three(class_prob=np.ones((3, 2)))
