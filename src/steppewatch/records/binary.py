"""The one binary form of records: on the bus between processes, in the store, to the browser.

A record is a msgpack map ``{"_": "<name>/<version>", field: value, …}``. Scalars, strings, bytes,
tuples and string-keyed maps are msgpack's own; a numpy array is ext type 1:

    byte 0        number of dimensions d
    byte 1        length s of the dtype string
    2 … 2+s       numpy dtype string, little-endian or byte-sized (``<f8``, ``|u1``, ``|S8``)
    …             d × uint32 little-endian, the shape
    rest          the elements, C order

``docs/records.md`` documents it for readers in other languages. Decoding checks name, version,
fields and array sizes, so that hostile or foreign bytes raise :class:`RecordError` and no more.
"""

import dataclasses
import math
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

import msgpack
import numpy as np

from steppewatch.errors import RecordError

R = TypeVar("R")

ARRAY_EXT = 1
MAX_DIMENSIONS = 4

_by_name: dict[str, type[Any]] = {}
_tags: dict[type[Any], str] = {}


def record(name: str, version: int = 1) -> Callable[[type[R]], type[R]]:
    """Give a frozen dataclass its binary name, so that it can be encoded and decoded.

    Args:
        name: Short name, unique in the house, for example ``"tracks"``.
        version: Raised whenever a field changes its meaning.
    """

    def register(cls: type[R]) -> type[R]:
        tag = f"{name}/{version}"
        if tag in _by_name:
            raise RecordError(f"two records claim the binary name {tag!r}: rename one of them")
        _by_name[tag] = cls
        _tags[cls] = tag
        return cls

    return register


def encode(message: object) -> bytes:
    """Encode one record (or a plain value made of records, arrays and scalars) to bytes."""
    packed: bytes = msgpack.packb(message, default=_default, use_bin_type=True)
    return packed


def decode(data: bytes) -> Any:
    """Decode what :func:`encode` made.

    Raises:
        RecordError: The bytes are not a record of a known name and version, or are damaged.
    """
    try:
        return msgpack.unpackb(data, ext_hook=_ext, object_hook=_object, use_list=False, raw=False)
    except RecordError:
        raise
    except (ValueError, TypeError, IndexError, struct.error, msgpack.UnpackException) as error:
        raise RecordError(
            f"{len(data)} bytes are not a record ({error}); expected the form of docs/records.md"
        ) from error


def _default(value: object) -> object:
    if isinstance(value, np.ndarray):
        return msgpack.ExtType(ARRAY_EXT, _array_bytes(value))
    if isinstance(value, IntEnum | np.integer):
        return int(value)
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.bool_):
        return bool(value)
    tag = _tags.get(type(value))
    if tag is None:
        raise RecordError(f"{type(value).__name__} has no binary name: decorate it with @record")
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}  # type: ignore[arg-type]
    return {"_": tag, **fields}


def _array_bytes(array: np.ndarray[Any, Any]) -> bytes:
    if array.dtype.kind not in "biufS" or array.ndim > MAX_DIMENSIONS:
        raise RecordError(
            f"array of {array.dtype}, {array.ndim} dimensions: a record holds booleans, numbers or "
            f"fixed byte strings in at most {MAX_DIMENSIONS} dimensions"
        )
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    dtype = array.dtype.str.encode()
    head = struct.pack(
        f"<BB{len(dtype)}s{array.ndim}I", array.ndim, len(dtype), dtype, *array.shape
    )
    return head + array.tobytes()


def _ext(code: int, data: bytes) -> object:
    if code != ARRAY_EXT:
        raise RecordError(f"msgpack ext type {code} is unknown; only {ARRAY_EXT} (array) is used")
    dimensions, length = data[0], data[1]
    name = data[2 : 2 + length].decode("ascii")
    if dimensions > MAX_DIMENSIONS or name[:1] not in "<|" or name[1:2] not in tuple("biufS"):
        raise RecordError(f"array of dtype {name!r} in {dimensions} dimensions is not allowed")
    dtype = np.dtype(name)
    start = 2 + length + 4 * dimensions
    shape = struct.unpack(f"<{dimensions}I", data[2 + length : start])
    count = math.prod(shape)
    if dtype.itemsize == 0 or len(data) - start != count * dtype.itemsize:
        raise RecordError(
            f"array {name}{shape} needs {count * dtype.itemsize} bytes, has {len(data) - start}"
        )
    # A view on the message: read-only, because a message never changes after it is sent.
    return np.frombuffer(data, dtype, count, start).reshape(shape)


def _object(value: dict[str, Any]) -> object:
    tag = value.pop("_", None)
    if tag is None:
        return value
    cls = _by_name.get(tag) if isinstance(tag, str) else None
    if cls is None:
        raise RecordError(f"record {tag!r} is unknown here; known: {', '.join(sorted(_by_name))}")
    try:
        return cls(**value)
    except TypeError as error:
        raise RecordError(f"record {tag!r} has wrong fields: {error}") from error
