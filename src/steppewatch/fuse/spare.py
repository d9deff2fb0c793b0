"""Memory of states that nobody holds any more, used again.

Fresh memory costs more than what is written into it: the system clears it page by page as it is
first touched. What stands in a used one means nothing, so who gets which changes no track.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = 16
"""As many as the states that late reports may ask for, and some."""
LEAST = 1 << 17
"""Smaller ones (words) come from the allocator's own store, touched before."""
FREE = 2
"""References to a memory that nobody holds but who asks: a name, and the question's argument."""

_known: deque[NDArray[np.int64]] = deque(maxlen=KEPT)


def memory_of(words: int) -> NDArray[np.int64]:
    """Give a memory of so many words that nobody else holds; what stands in it means nothing."""
    if words < LEAST:
        return np.empty(words, np.int64)
    for _ in range(KEPT):
        try:
            memory = _known.popleft()
        except IndexError:
            break
        free = len(memory) == words and sys.getrefcount(memory) <= FREE
        _known.append(memory)
        if free:
            return memory
    memory = np.empty(words, np.int64)
    _known.append(memory)
    return memory
