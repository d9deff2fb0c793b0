"""The tree against an independent implementation (scitt-cose) and against its own proofs."""

import hashlib

import pytest
import scitt_cose
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.custody.ledger.merkle import (
    Frontier,
    Tree,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from steppewatch.errors import CustodyError

ENTRIES = [b"entry %d" % i for i in range(70)]
TREE = Tree([leaf_hash(entry) for entry in ENTRIES])
HEX = [entry.hex() for entry in ENTRIES]


def test_roots_and_proofs_are_those_of_scitt_cose_at_every_size():
    for size in range(1, 34):
        assert TREE.root(size).hex() == scitt_cose.merkle_root(HEX[:size])
        for index in range(size):
            theirs = scitt_cose.inclusion_proof(HEX[:size], index)
            assert [step.hex() for step in TREE.inclusion(index, size)] == theirs
        for old in range(1, size + 1):
            theirs = scitt_cose.consistency_proof(HEX, old, size)
            assert [step.hex() for step in TREE.consistency(old, size)] == theirs


def test_the_empty_tree_has_the_hash_of_nothing():
    assert Tree().root() == hashlib.sha256(b"").digest()


@settings(deadline=None)
@given(st.integers(1, 70), st.data())
def test_a_proof_holds_for_its_leaf_and_for_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, root = TREE.inclusion(index, size), TREE.root(size)
    assert verify_inclusion(leaf_hash(ENTRIES[index]), index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not verify_inclusion(leaf_hash(ENTRIES[index]), index, size, [*proof, root], root)
    if proof:
        assert not verify_inclusion(leaf_hash(ENTRIES[index]), index, size, proof[1:], root)
    for other in range(size):
        if other != index:
            assert not verify_inclusion(leaf_hash(ENTRIES[index]), other, size, proof, root)


@settings(deadline=None)
@given(st.integers(1, 70), st.data())
def test_consistency_holds_only_between_its_two_roots(new, data):
    old = data.draw(st.integers(1, new))
    proof = TREE.consistency(old, new)
    assert verify_consistency(old, new, TREE.root(old), TREE.root(new), proof)
    assert not verify_consistency(old, new, bytes(32), TREE.root(new), proof)
    assert not verify_consistency(old, new, TREE.root(old), bytes(32), proof)
    assert not verify_consistency(old, new, TREE.root(old), TREE.root(new), [*proof, bytes(32)])


def test_the_right_edge_alone_gives_the_same_roots():
    edge = Frontier()
    for size, entry in enumerate(ENTRIES, 1):
        edge.append(leaf_hash(entry))
        assert edge.root() == TREE.root(size)


def test_what_is_not_in_the_tree_is_refused():
    with pytest.raises(CustodyError, match="no entry 70"):
        TREE.inclusion(70, 70)
    with pytest.raises(CustodyError, match="size of 71"):
        TREE.root(71)
    with pytest.raises(CustodyError, match="expected 0 < old"):
        TREE.consistency(0, 5)
    with pytest.raises(CustodyError, match="whole subtrees"):
        Frontier(3, [bytes(32)])
