"""Records of decisions are deterministic CBOR, however they were put together."""

import cbor2
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.custody.release.decisions import decision, read, record_id, tracks_of

TEXT = st.text(max_size=30)
NUMBER = st.integers(0, 2**63 - 1)


@settings(deadline=None)
@given(
    said=st.fixed_dictionaries({
        "at_ns": NUMBER, "to": TEXT, "org": TEXT, "purpose": TEXT, "version": NUMBER,
        "verdict": st.sampled_from(["allowed", "withheld"]), "label": st.binary(max_size=32),
        "rules": st.lists(TEXT, max_size=3), "why": st.lists(TEXT, max_size=3),
        "kind": TEXT, "precision_m": NUMBER, "age_s": NUMBER,
    }),
    feed=TEXT,
    numbers=st.lists(NUMBER, max_size=30),
)  # fmt: skip
def test_a_decision_put_together_of_parts_is_the_record_encoded_whole(said, feed, numbers):
    made = decision(**said, tracks=tracks_of(feed, numbers))
    whole = {"what": "decision", **said, "tracks": [[feed, number] for number in numbers]}
    assert made.data == cbor2.dumps(whole, canonical=True)
    assert read(made.data) == whole
    assert (made.id, made.verdict, made.count) == (
        record_id(made.data), said["verdict"], len(numbers),
    )  # fmt: skip
