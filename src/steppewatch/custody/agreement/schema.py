"""The tables and keys of an agreement file, and which acts need several signatures."""

from collections.abc import Mapping

from steppewatch.written import Key

PAGE = "docs/agreements.md"
# What no person does alone: see docs/custody.md.
GOVERNED = (
    "organisation", "enrol", "agreement", "terminate", "consent", "dispose", "reinstate", "narrow",
)  # fmt: skip
BODIES = ("government", "contractor", "international")
KINDS = ("track", "image", "alert", "export")
_TIMES = {"from": Key("time", None), "until": Key("time", None)}


def _days(usual: int) -> Key:
    return Key("integer", usual, low=1, high=36_525)


TABLES: Mapping[str, Mapping[str, Key]] = {
    "agreement": {
        "id": Key("text"), "title": Key("text"), "origin": Key("text"), "recipient": Key("text"),
        "source": Key("text"), **_TIMES,
    },
    "organisation": {
        "id": Key("text"), "title": Key("text"), "nation": Key("text"),
        "kind": Key("text", "government", choices=BODIES), "part_of": Key("text", ""),
    },
    "project": {
        "id": Key("text"), "title": Key("text"), "purposes": Key("list"), "confirmed": Key("time"),
    },
    "arrangement": {
        "id": Key("text"), "project": Key("text"), "giver": Key("text"), "holder": Key("text"),
        "purposes": Key("list"), "named": Key("list", ()), **_TIMES,
    },
    "lot": {
        "arrangement": Key("text"), "maker": Key("text"), "part": Key("text"),
        "title": Key("text"), "quantity": Key("integer", low=1, high=1_000_000),
        "monitored": Key("text", "enhanced", choices=("enhanced", "routine")),
        "level": Key("integer", 0, low=0, high=3),
    },
    "clause": {
        "id": Key("text"), "rule": Key("text", ""), "variant": Key("text", ""),
        "source": Key("text"), "survives": Key("flag", False), "given": Key("table", {}),
        "text": Key("text", ""), **_TIMES,
    },
    "area": {"id": Key("text"), "corners_deg": Key("list")},
    "release": {
        "id": Key("text"), "to": Key("list"), "purposes": Key("list"),
        "kinds": Key("list", ("track",)), "targets": Key("list", ()), "areas": Key("list", ()),
        "level_max": Key("integer", 0, low=0, high=3),
        "precision_m": Key("integer", 0, low=0, high=1_000_000),
        "delay_s": Key("integer", 0, low=0, high=31_557_600),
        "keep_s": Key("integer", 86_400, low=1, high=315_576_000),
        "caveats": Key("list", ()), "source": Key("text", ""),
        "emergency": Key("flag", False), **_TIMES,
    },
    "needed": {
        "act": Key("text", choices=GOVERNED), "persons": Key("integer", 2, low=1, high=9),
        "organisations": Key("integer", 2, low=1, high=9), "origin": Key("flag", True),
        "role": Key("text", "authority"),
    },
    "deadlines": {
        "first_inventory": _days(90), "inventory": _days(365),
        "inspection": _days(30), "report": _days(7),
        "records": _days(3653),
        "emergency_hours": Key("integer", 24, low=1, high=168),
    },
}  # fmt: skip
