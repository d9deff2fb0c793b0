"""Records survive their binary form unchanged, and hostile bytes break nothing."""

import contextlib
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from steppewatch.errors import RecordError
from steppewatch.records import (
    Alert,
    Health,
    Origin,
    SensorStatus,
    Severity,
    TrackBatch,
    decode,
    detection_batch,
    encode,
)

ORIGIN = Origin(sensor="radar-1", feed="test", label="agreement-7")
GOLDEN = bytes.fromhex(
    "84a15fa86f726967696e2f31a673656e736f72a172a466656564a166a56c6162656ca36f776e"
)


def tracks(n: int) -> TrackBatch:
    generator = np.random.default_rng(n)
    return TrackBatch(
        time_ns=np.arange(n, dtype=np.int64),
        id=np.arange(n, dtype=np.int64),
        mean=generator.normal(size=(n, 6)),
        cov=generator.normal(size=(n, 6, 6)),
        status=np.ones(n, np.uint8),
        existence=np.ones(n, np.float32),
        target=np.zeros(n, np.uint8),
        born_ns=np.zeros(n, np.int64),
        seen_ns=np.zeros(n, np.int64),
        hits=np.ones(n, np.uint32),
        mode_s=np.zeros(n, np.uint32),
        mode_3a=np.full(n, -1, np.int32),
        callsign=np.full(n, b"MGL1", "S8"),
        origin=ORIGIN,
    )


def same(a, b):
    assert type(a) is type(b)
    for field in fields(a):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        elif left == left:  # noqa: PLR0124  (NaN is not itself)
            assert left == right


@pytest.mark.parametrize(
    "message",
    [
        tracks(0),
        tracks(17),
        detection_batch("radar-1", ORIGIN, np.arange(3), np.ones(3), np.zeros(3)),
        SensorStatus(sensor="radar-1", time_ns=2**62, health=Health.SILENT, origin=ORIGIN),
        Alert(
            id="a", time_ns=1, rule="r", severity=Severity.WARNING, text="Энэ — 报警", origin=ORIGIN
        ),
    ],
)
def test_a_record_comes_back_as_it_was(message):
    same(message, decode(encode(message)))


def test_the_form_is_the_documented_one_byte_for_byte():
    assert encode(Origin(sensor="r", feed="f")) == GOLDEN
    assert encode(np.array([1, 2], "<u2")) == bytes.fromhex("c70d01 01 03 3c7532 02000000 01000200")


@given(
    hnp.arrays(
        st.sampled_from(["<f8", "<f4", "<i8", "<u4", "|u1", "|S8", "|b1", ">i2"]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_every_array_comes_back_with_its_shape_type_and_values(array):
    back = decode(encode(array))
    assert back.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(back, array)
    assert not back.flags.writeable


@settings(max_examples=500)
@given(st.data())
def test_damaged_records_raise_our_error_and_no_other(data):
    good = bytearray(encode(tracks(2)))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    for damaged in (bytes(good), bytes(good[:cut])):
        with contextlib.suppress(RecordError):
            decode(damaged)


@given(st.binary(max_size=200))
def test_foreign_bytes_raise_our_error_and_no_other(data):
    with contextlib.suppress(RecordError):
        decode(data)


def test_an_unknown_record_is_named_in_the_error():
    with pytest.raises(RecordError, match="'weapon/1' is unknown"):
        decode(bytes.fromhex("81a15f") + b"\xa8weapon/1")


def test_an_array_that_claims_more_than_it_holds_is_refused():
    with pytest.raises(RecordError, match="needs 8000 bytes, has 8"):
        decode(b"\xc7\x11\x01\x01\x03<f8\xe8\x03\x00\x00" + bytes(8))


def test_object_arrays_are_refused():
    with pytest.raises(RecordError, match="a record holds booleans, numbers"):
        encode(np.array([object()]))


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(RecordError, match=r"column elevation has shape \(2,\), expected \(3,\)"):
        detection_batch("r", ORIGIN, np.arange(3), np.ones(3), np.ones(3), elevation=np.ones(2))
