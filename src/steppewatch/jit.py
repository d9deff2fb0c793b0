"""The only door to numba (docs/adr/0005).

Kernels are decorated with :func:`kernel` (serial, releases the GIL, cached on disk). A kernel
takes arrays and scalars, writes into out-arrays, raises nothing and allocates nothing in its
loop; a plain-numpy oracle stands beside it in the tests. With ``NUMBA_DISABLE_JIT=1`` the same
functions run as plain Python, which is how the tests see into them.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit, prange

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["kernel", "prange"]


def kernel(function: F) -> F:
    """Compile a serial kernel: cached on disk, GIL released, IEEE arithmetic (no fastmath)."""
    return cast("F", njit(cache=True, nogil=True, fastmath=False)(function))
