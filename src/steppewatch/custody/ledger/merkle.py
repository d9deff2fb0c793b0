"""The Merkle tree of RFC 9162 (§2.1) with SHA-256: roots, inclusion and consistency proofs.

Hashes of whole subtrees are kept by level: ``node(level, index)`` covers the leaves
``index · 2^level … (index + 1) · 2^level``. They never change once they exist, so any root or
proof of any earlier size takes O(log n) of them.
"""

import hashlib
from collections.abc import Callable, Sequence

from steppewatch.errors import CustodyError

EMPTY = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Give the hash of an entry: SHA-256(0x00 ‖ entry), 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of two neighbours: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """Keep only the right edge of the tree: enough to append and to know the root.

    Args:
        size: Number of leaves so far.
        peaks: Hashes of the whole subtrees that the size is made of, the largest first; one for
            each set bit of ``size``.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if size < 0 or len(peaks) != size.bit_count():
            raise CustodyError(f"a tree of {size} leaves has not {len(peaks)} whole subtrees")
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; give the ``(level, index, hash)`` of all subtrees that became whole."""
        level, index, top = 0, self.size, leaf
        made = [(level, index, top)]
        while index & 1:
            top = node_hash(self.peaks.pop(), top)
            level, index = level + 1, index >> 1
            made.append((level, index, top))
        self.peaks.append(top)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Give the root, 32 bytes."""
        return _bagged(self.peaks)


class Tree:
    """Keep all whole subtrees in memory.

    >>> tree = Tree([leaf_hash(bytes([i])) for i in range(7)])
    >>> proof = tree.inclusion(3, 7)
    >>> verify_inclusion(leaf_hash(bytes([3])), 3, 7, proof, tree.root())
    True
    """

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._frontier = Frontier()
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """Give the number of leaves."""
        return self._frontier.size

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash; give its position."""
        for level, _, value in self._frontier.append(leaf):
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(value)
        return self.size - 1

    def node(self, level: int, index: int) -> bytes:
        """Give the hash of one whole subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Give the root at some size; now, if none is given."""
        wanted = self.size if size is None else size
        _inside(wanted, self.size)
        return root_at(self.node, wanted)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the proof that the leaf at ``index`` is in the tree of ``size`` leaves."""
        _inside(size, self.size)
        return inclusion(self.node, index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Give the proof that the tree of ``new`` leaves goes on from that of ``old``."""
        _inside(new, self.size)
        return consistency(self.node, old, new)


def root_at(node: Node, size: int) -> bytes:
    """Give the root of the first ``size`` leaves."""
    return _bagged([node(level, index) for level, index in _peaks(size)])


def peaks_at(node: Node, size: int) -> list[bytes]:
    """Give the hashes of the whole subtrees that make up ``size`` leaves, the largest first."""
    return [node(level, index) for level, index in _peaks(size)]


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """Give the audit path of a leaf (RFC 9162, §2.1.3.1).

    Raises:
        CustodyError: There is no such leaf in a tree of this size.
    """
    if not 0 <= index < size:
        raise CustodyError(f"a log of {size} entries has no entry {index}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(node, middle, high))
            high = middle
        else:
            path.append(_range(node, low, middle))
            low = middle
    return path[::-1]


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """Give the proof that ``new`` leaves begin with ``old`` leaves (RFC 9162, §2.1.4.1).

    Raises:
        CustodyError: The sizes are not ``0 < old <= new``.
    """
    if not 0 < old <= new:
        raise CustodyError(f"no proof leads from {old} entries to {new}; expected 0 < old ≤ new")
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(node, middle, high))
            high = middle
        else:
            path.append(_range(node, low, middle))
            low, whole = middle, False
    if not whole:
        path.append(_range(node, low, high))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Check an audit path (RFC 9162, §2.1.3.2)."""
    return root_from(leaf, index, size, proof) == root


def root_from(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Work out the root that an audit path leads to; None for a path of a wrong length."""
    if not 0 <= index < size:
        return None
    here, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0 or len(step) != 32:
            return None
        if here & 1 or here == last:
            value = node_hash(step, value)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            value = node_hash(value, step)
        here, last = here >> 1, last >> 1
    return value if last == 0 else None


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Check that a log only grew from one root to another (RFC 9162, §2.1.4.2)."""
    if not 0 < old <= new or any(len(step) != 32 for step in proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            after = node_hash(after, step)
        here, last = here >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _bagged(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY
    top = peaks[-1]
    for peak in reversed(peaks[:-1]):
        top = node_hash(peak, top)
    return top


def _peaks(size: int, low: int = 0) -> list[tuple[int, int]]:
    """Name the whole subtrees that make up ``size`` leaves from ``low`` on, left to right."""
    found = []
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, low >> level))
            low += 1 << level
    return found


def _range(node: Node, low: int, high: int) -> bytes:
    return _bagged([node(level, index) for level, index in _peaks(high - low, low)])


def _split(n: int) -> int:
    """Give the largest power of two below ``n``."""
    return 1 << (n - 1).bit_length() - 1


def _inside(size: int, limit: int) -> None:
    if not 0 <= size <= limit:
        raise CustodyError(f"the log has {limit} entries; a size of {size} is not among them")
