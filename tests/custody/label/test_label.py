"""What a thing inherits from its parents, and how a label is written down."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.custody.label import (
    NOBODY,
    Label,
    as_json,
    from_object,
    label_of,
    no_looser,
    own,
    packed,
    strictest,
    to_object,
)
from steppewatch.errors import CustodyError
from steppewatch.records.binary import decode, encode

names = st.lists(st.sampled_from("abcde"), max_size=4).map(tuple)
labels = st.builds(
    Label,
    originators=names,
    terms=names,
    releasable=names,
    purposes=names,
    areas=st.none() | names,
    level=st.integers(0, 3),
    precision_m=st.integers(0, 5000),
    delay_s=st.integers(0, 7200),
    keep_s=st.integers(0, (1 << 31) - 1),
    projects=names,
    caveats=names,
    suspended=st.booleans(),
)
calm = settings(deadline=None)


@calm
@given(labels, labels, labels)
def test_the_order_and_grouping_of_parents_do_not_matter(a, b, c):
    assert strictest([a, b]) == strictest([b, a])
    assert strictest([strictest([a, b]), c]) == strictest([a, strictest([b, c])])
    assert strictest([a, a]) == a == strictest([a])


@calm
@given(st.lists(labels, min_size=1, max_size=5))
def test_a_child_is_never_looser_than_any_parent(parents):
    child = strictest(parents)
    for parent in parents:
        assert no_looser(child, parent)
        assert set(child.releasable) <= set(parent.releasable)
        assert set(child.purposes) <= set(parent.purposes)
        assert set(child.terms) >= set(parent.terms)
        assert set(child.caveats) >= set(parent.caveats)
        assert parent.areas is None or set(child.areas) <= set(parent.areas)
        assert child.level >= parent.level
        assert child.precision_m >= parent.precision_m
        assert child.delay_s >= parent.delay_s
        assert child.keep_s <= parent.keep_s
        assert child.suspended >= parent.suspended
        assert child.closed >= parent.closed


@calm
@given(st.lists(labels, max_size=4), labels)
def test_one_more_parent_never_opens_anything(parents, more):
    assert no_looser(strictest([*parents, more, NOBODY]), strictest([*parents, NOBODY]))


def test_what_comes_from_nowhere_goes_nowhere():
    assert strictest([]) == NOBODY
    assert NOBODY.closed
    assert strictest([NOBODY, own("MN", "mn-bgd", ["jp-mod"], ["border"])]).closed


@calm
@given(labels)
def test_a_label_survives_its_json_cbor_and_record_forms(label):
    assert from_object(to_object(label)) == label
    assert label_of(packed(label)) == label
    assert decode(encode(label)) == label
    assert as_json(label).startswith("{")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("terms", "jp-mn"),
        ("terms", ("",)),
        ("releasable", (3,)),
        ("level", 4),
        ("level", True),
        ("precision_m", -1),
        ("delay_s", 1.5),
        ("suspended", 0),
    ],
)
def test_what_no_label_can_say_is_refused(field, value):
    with pytest.raises(CustodyError):
        Label(**{"originators": ("a",), "terms": ("b",), field: value})


@calm
@given(labels, st.data())
def test_a_label_without_a_field_or_with_another_is_refused(label, data):
    content = to_object(label)
    name = data.draw(st.sampled_from(sorted(content)))
    with pytest.raises(CustodyError):
        from_object({k: v for k, v in content.items() if k != name})
    with pytest.raises(CustodyError):
        from_object({**content, "more": 1})


@calm
@given(st.binary(max_size=60))
def test_bytes_that_are_no_label_raise_only_our_error(data):
    with pytest.raises(CustodyError):
        label_of(data)
