"""Memory is used again only when nobody holds it."""

import numpy as np

from steppewatch.fuse import spare


def test_memory_that_someone_holds_is_not_given_out_again():
    words = spare.LEAST + 8
    held = [spare.memory_of(words) for _ in range(3 * spare.KEPT)]
    assert len({memory.ctypes.data for memory in held}) == len(held)
    for number, memory in enumerate(held):
        memory[:] = number
    assert [int(memory[-1]) for memory in held] == list(range(len(held)))


def test_a_view_holds_the_memory_that_it_is_of():
    memory = spare.memory_of(spare.LEAST + 16)
    view = np.ndarray((4,), np.int64, memory, 64)[1:3]
    address = memory.ctypes.data
    del memory
    assert spare.memory_of(spare.LEAST + 16).ctypes.data != address
    assert len(view) == 2


def test_memory_let_go_is_given_out_again_to_who_asks_for_as_much():
    memory = spare.memory_of(spare.LEAST + 24)
    address = memory.ctypes.data
    del memory
    other = spare.memory_of(spare.LEAST + 32)
    assert other.ctypes.data != address
    assert spare.memory_of(spare.LEAST + 24).ctypes.data == address
