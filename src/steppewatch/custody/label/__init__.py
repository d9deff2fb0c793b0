"""Labels: who may see a thing, for what, how exactly; and what derived things inherit."""

from steppewatch.custody.label.label import (
    NOBODY,
    Label,
    as_json,
    digest,
    from_object,
    label_of,
    no_looser,
    own,
    packed,
    strictest,
    to_object,
)

__all__ = [
    "NOBODY",
    "Label",
    "as_json",
    "digest",
    "from_object",
    "label_of",
    "no_looser",
    "own",
    "packed",
    "strictest",
    "to_object",
]
