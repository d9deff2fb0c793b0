"""The ledger: signed statements in an append-only Merkle tree, and proofs about them."""

from steppewatch.custody.ledger.keys import MemorySigner, PublicKey, Signer
from steppewatch.custody.ledger.merkle import Frontier, Tree, leaf_hash
from steppewatch.custody.ledger.statement import Statement, read_statement, sign_act, signed_by

__all__ = [
    "Frontier",
    "MemorySigner",
    "PublicKey",
    "Signer",
    "Statement",
    "Tree",
    "leaf_hash",
    "read_statement",
    "sign_act",
    "signed_by",
]
