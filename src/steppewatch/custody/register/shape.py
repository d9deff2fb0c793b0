"""The shape of each act's body: which keys it has and what they hold (``docs/custody-acts.md``)."""

from collections.abc import Mapping
from typing import Any

from steppewatch.custody.acts import Act

LONGEST, MOST = 4_000, 10_000
# A trailing "?" marks what may be missing.
SHAPES: Mapping[str, Mapping[str, str]] = {
    "propose": {"kind": "text", "body": "map"},
    "approve": {},
    "reject": {"why": "text"},
    "revoke": {"kid?": "bytes", "consent?": "name", "why": "text"},
    "register": {
        "maker": "name", "part": "name", "serial": "name", "title": "text", "agreement": "name",
        "arrangement": "name", "sensor?": "text", "parent?": "text",
    },
    "site": {
        "id": "name", "title": "text", "org": "name", "nation": "name", "lat_deg?": "number",
        "lon_deg?": "number",
    },
    "certify": {"site": "name", "until_ns": "moment"},
    "offer": {
        "items": "names", "to": "name", "site": "name", "purpose": "name", "consent?": "text",
        "return_by_ns?": "moment",
    },
    "accept": {"items": "names"},
    "decline": {"why": "text"},
    "move": {"items": "names", "site": "name"},
    "fit": {"part": "name", "into": "name"},
    "remove": {"part": "name", "site": "name"},
    "sighted": {"sightings": "maps"},
    "report": {"item": "name", "what": "name", "text": "text", "captured_ns": "moment"},
    "suspect": {"items": "names", "text": "text"},
    "inspect": {"items": "names", "text": "text"},
    "answer": {"text": "text", "refused": "flag"},
    "assure": {"consent": "name", "text": "text"},
    "allocate": {"consent": "name", "site": "name", "quantity": "moment"},
    "emergency": {"reason": "text", "areas": "names", "to": "names", "until_ns": "moment"},
    "review": {"text": "text", "justified": "flag"},
}  # fmt: skip
GOVERNED: Mapping[str, Mapping[str, str]] = {
    "organisation": {
        "id": "name", "title": "text", "nation": "name", "kind": "name", "part_of?": "text",
    },
    "enrol": {
        "id": "name", "name": "text", "org": "name", "roles": "names", "level": "moment",
        "key": "map", "nation?": "name", "replaces?": "text",
    },
    "agreement": {"text": "long"},
    "terminate": {"agreement": "name"},
    "consent": {
        "id": "name", "agreement": "name", "items": "names", "purpose": "name",
        "recipient": "name", "quantity": "moment", "from_ns": "moment", "until_ns": "moment",
        "case?": "text", "kinds?": "names", "temporary?": "flag",
    },
    "dispose": {"items": "names", "way": "text"},
    "reinstate": {"agreement": "name", "items": "names", "why": "text"},
    "narrow": {"agreement": "name", "arrangement": "name", "purposes": "texts"},
}  # fmt: skip
REFS = {"approve": 1, "reject": 1, "accept": 1, "decline": 1, "answer": 1, "review": 1}


def shape(act: Act) -> str | None:
    """Say what is wrong with an act's shape, or None."""
    wrong = _table(act.kind, act.body, SHAPES[act.kind])
    if wrong:
        return wrong
    if len(act.refs) != REFS.get(act.kind, len(act.refs)):
        return f"{act.kind} names {len(act.refs)} statements; expected {REFS[act.kind]}"
    if act.kind == "propose":
        kind, body = act.body["kind"], act.body["body"]
        if kind not in GOVERNED:
            return f"{kind!r} cannot be proposed; one of {', '.join(GOVERNED)} can"
        return _table(kind, body, GOVERNED[kind])
    if act.kind == "sighted":
        rows = act.body["sightings"]
        keys = {
            "item": "name", "site": "name", "captured_ns": "moment", "how": "name",
            "photo?": "bytes", "condition": "text",
        }  # fmt: skip
        return next((why for row in rows if (why := _table("sighted", row, keys))), None)
    return None


def _table(kind: str, body: Mapping[str, Any], wanted: Mapping[str, str]) -> str | None:
    names = {key.rstrip("?") for key in wanted}
    must = {key for key in wanted if not key.endswith("?")}
    if not must <= set(body) <= names:
        return f"{kind} has {', '.join(sorted(body)) or 'nothing'}; expected {', '.join(wanted)}"
    for key, what in wanted.items():
        name = key.rstrip("?")
        if name in body and not _fits(body[name], what):
            return f"{name} of {kind} is {str(body[name])[:60]!r}; expected a {what}"
    return None


def _fits(value: object, what: str) -> bool:
    if what in {"text", "long"}:
        return isinstance(value, str) and len(value) <= (LONGEST if what == "text" else 1 << 20)
    if what == "name":
        return isinstance(value, str) and 0 < len(value.strip()) == len(value) <= 200
    if what in {"names", "texts"}:
        return (
            isinstance(value, list)
            and (what == "texts" or bool(value))
            and len(value) <= MOST
            and len(set(map(str, value))) == len(value)
            and all(_fits(one, "name") for one in value)
        )
    if what == "moment":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
    if what == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if what == "maps":
        return isinstance(value, list) and 0 < len(value) <= MOST and all(map(_is_map, value))
    kinds = {"flag": bool, "bytes": bytes, "map": dict}
    return isinstance(value, kinds[what])


def _is_map(value: object) -> bool:
    return isinstance(value, dict)
