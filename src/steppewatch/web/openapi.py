"""The HTTP API in the words of OpenAPI 3.1, for programs that read it instead of docs/stream.md."""

from typing import Any

from steppewatch import __version__

Schema = dict[str, Any]

_NUMBER: Schema = {"type": ["number", "null"]}
_WHOLE: Schema = {"type": "integer"}
_TEXT: Schema = {"type": "string"}
_YES_NO: Schema = {"type": "boolean"}
_ANY: Schema = {"type": "object"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _told(schema: Schema, words: str) -> Schema:
    return {**schema, "description": words}


WHY = _object(
    key=_told(_WHOLE, "number of the track in this node's picture"),
    id=_told(_WHOLE, "the tracker's own number of it"),
    feed=_told(_WHOLE, "0 own tracker, 1 foreign, 2 joint picture"),
    now_ns=_told(_WHOLE, "the picture's time [ns UTC]"),
    status={"type": "string", "enum": ["tentative", "confirmed", "coasting"]},
    existence=_told(_NUMBER, "probability that it is a real thing"),
    hidden=_told(_YES_NO, "no sensor could be expected to see it now"),
    said=_told(_YES_NO, "false: its tracker gives no reasons"),
    nothing=_told(_NUMBER, "probability that it is no real thing, as the classes count it"),
    classes=_list(_object(**{"class": _TEXT, "probability": {"type": "number"}})),
    trackers=_told(_list(_TEXT), "trackers that contribute to a joint track; else empty"),
    sensors=_told(_list(_object(id=_TEXT, name=_TEXT)), "who holds it now"),
    plots=_told(
        _list(
            _object(
                time_ns=_WHOLE,
                age=_told({"type": "number"}, "seconds before now_ns"),
                sensor=_TEXT,
                sensor_name=_TEXT,
                plot=_told(_WHOLE, "row in its sensor's batch"),
                weight=_told({"type": "number"}, "probability that it was this track's"),
                method={"type": "string", "enum": ["alone", "gnn", "lbp", "mht", "unknown"]},
            )
        ),
        "its latest plots, the newest first, at most 6",
    ),
)
_COVERAGE = ("lon", "lat", "sensor", "mast", "of", "range", "k", "season", "screen")


def document() -> dict[str, Any]:
    """Describe every request that the node answers but the front end's own files."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Steppewatch: the picture",
            "version": __version__,
            "description": "Degrees, metres, nanoseconds UTC; errors say what was, what should be "
            "and what to do. The live stream is GET /ws (docs/stream.md).",
        },
        "paths": {
            "/healthz": {"get": _get("whether the picture is live", _ANY, failures=(503,))},
            "/api/v1/openapi.json": {"get": _get("this document", _ANY)},
            "/api/v1/info": {"get": _get("what this node shows", _ANY)},
            "/api/v1/tracks": {"get": _get("current tracks, GeoJSON", _ANY, kind=_GEO)},
            "/api/v1/tracks/{key}/why": {
                "get": _get(
                    "why a track is believed", WHY, path={"key": _WHOLE}, failures=(404,)
                )
            },
            "/api/v1/sites": {"get": _get("sites, sensors and how those are", _ANY)},
            "/api/v1/border": {"get": _get("the border in view, GeoJSON", _ANY, kind=_GEO)},
            "/api/v1/alerts": {"get": _get("alerts, newest first", _object(alerts=_list(_ANY)))},
            "/api/v1/alerts/{id}/acknowledge": {
                "post": {
                    **_get(
                        "take an alert in a person's name; answered when it is stored", _ANY,
                        path={"id": _TEXT}, failures=(400, 404, 413, 415, 503),
                    ),
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _object(by=_TEXT)}},
                    },
                }
            },
            "/api/v1/coverage": {
                "get": _get(
                    "what a sensor there would see, in msgpack", _ANY, kind=_MSGPACK,
                    query=_COVERAGE, failures=(400, 404, 409, 422, 503),
                )
            },
            "/api/v1/coverage/detection": {
                "get": _get(
                    "how probably it is detected, in msgpack", _ANY, kind=_MSGPACK,
                    query=(*(name for name in _COVERAGE if name != "of"), "target", "height"),
                    failures=(400, 404, 409, 422, 503),
                )
            },
            "/api/v1/coverage/sensors": {
                "get": _get("what can be stood on a hill, and what comes there", _ANY)
            },
            **plan_paths(),
            **custody_paths(),
            **release_paths(),
            "/terrain/{z}/{x}/{y}.png": {
                "get": _get(
                    "shaded relief, a 256 px Web Mercator tile", {}, kind="image/png",
                    path={"z": _WHOLE, "x": _WHOLE, "y": _WHOLE}, failures=(404,),
                )
            },
        },
    }  # fmt: skip


def plan_paths() -> dict[str, Any]:
    """Describe the planner's requests (docs/planning-picture.md)."""
    placed = _object(id=_TEXT, lat={"type": "number"}, lon={"type": "number"}, package=_TEXT)
    changed: Schema = {
        "type": "object",
        "properties": {
            "sites": _list(placed),
            "moved": _TEXT,
            "seek_high": {"type": "number"},
            "assure": _YES_NO,
        },
        "required": ["sites"],
    }
    named = {
        **changed,
        "properties": {**changed["properties"], "name": _TEXT},
        "required": ["sites", "name"],
    }
    failures = (400, 404, 413, 415, 422, 503)

    def post(words: str, body: Schema, kind: str, failures: tuple[int, ...]) -> dict[str, Any]:
        asked = {"required": True, "content": {"application/json": {"schema": body}}}
        told = _get(words, _ANY, kind=kind, path={"number": _WHOLE}, failures=failures)
        return {"post": {**told, "requestBody": asked}}

    at = "/api/v1/plans/{number}"
    return {
        "/api/v1/plans": {
            "get": _get(
                "the siting plans that this node shows",
                _object(plans=_list(_ANY), save=_YES_NO, fault=_TEXT),
            )
        },
        at: {
            "get": _get(
                "one plan and the ground it watches, in msgpack", _ANY, kind=_MSGPACK,
                path={"number": _WHOLE}, failures=(404,),
            )
        },
        f"{at}/evaluate": post(
            "what a changed plan sees, in msgpack", changed, _MSGPACK, failures
        ),
        f"{at}/file": post("a changed plan as plan.json", changed, "application/json", failures),
        f"{at}/save": post(
            "keep a changed plan in a folder of its own", named, "application/json",
            (403, *failures),
        ),
    }  # fmt: skip


def custody_paths() -> dict[str, Any]:
    """Describe the custody office's requests (docs/custody.md): acts come signed."""
    at = "/api/v1/custody"

    def get(words: str, *names: str) -> dict[str, Any]:
        return {"get": _get(words, _ANY, path=dict.fromkeys(names, _TEXT), failures=(404,))}

    def post(words: str, schema: Schema, failures: tuple[int, ...], *kinds: str) -> dict[str, Any]:
        content: dict[str, Any] = {kind: {"schema": {}} for kind in kinds}
        told = _get(words, schema, failures=failures)
        return {"post": {**told, "requestBody": {"required": True, "content": content}}}

    taken = _object(position=_WHOLE, leaf=_TEXT)
    drawn = _get("a text as a QR code", {}, kind="image/svg+xml", query=("text",), failures=(400,))
    return {
        f"{at}/state": {
            "get": _get(
                "persons, items, sites, consents, clocks, and how the ledger stands; for whom "
                "knows it at its present size, the clocks alone", _ANY, query=("known",),
                failures=(404,),
            )
        },
        f"{at}/cases": get("the cases, and what waits for whom"),
        f"{at}/cases/{{case}}": get("everything about a case", "case"),
        f"{at}/items/{{uid}}": get("everything about an item, with its history", "uid"),
        f"{at}/ledger/{{position}}": {
            "get": _get(
                "a statement, and the way from its leaf to the root", _ANY,
                path={"position": _WHOLE}, failures=(404,),
            )
        },
        f"{at}/acts": post(
            "take a signed act; what is refused comes back in words",
            taken, (404, 413, 415, 422, 503), "application/cose",
        ),
        f"{at}/photos": post(
            "keep a photograph under its hash", _object(sha256=_TEXT), (403, 413, 415, 503),
            "image/jpeg", "image/png", "image/webp",
        ),
        f"{at}/code": {"get": drawn},
    }  # fmt: skip


def release_paths() -> dict[str, Any]:
    """Describe the requests about what partners are shown (docs/release.md)."""
    at = "/api/v1/release"
    seen = _object(
        to=_TEXT, now_ns=_WHOLE, shown=_list(_ANY), withheld=_list(_ANY), reasons={"type": "object"}
    )
    switched = _object(name=_TEXT, paused=_YES_NO)

    def switch(words: str) -> dict[str, Any]:
        return {"post": _get(words, switched, path={"name": _TEXT}, failures=(404,))}

    return {
        f"{at}/partners": {"get": _get("the partners, and how their links are", _ANY)},
        f"{at}/preview": {
            "get": _get(
                "what a partner would see now, and why not the rest", seen, query=("to",),
                failures=(404,),
            )
        },
        f"{at}/partners/{{name}}/pause": switch("stop one partner's link at once"),
        f"{at}/partners/{{name}}/resume": switch("let one partner's link go on"),
    }  # fmt: skip


_GEO, _MSGPACK = "application/geo+json", "application/msgpack"


def _get(
    words: str,
    schema: Schema,
    *,
    kind: str = "application/json",
    path: dict[str, Schema] | None = None,
    query: tuple[str, ...] = (),
    failures: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Describe one request: what it asks for, what it takes, what comes back."""
    error = {"application/json": {"schema": _object(error=_TEXT)}}
    taken = [
        {"name": name, "in": "path", "required": True, "schema": known}
        for name, known in (path or {}).items()
    ] + [{"name": name, "in": "query", "schema": _TEXT} for name in query]
    return {
        "summary": words,
        "parameters": taken,
        "responses": {
            "200": {"description": words, "content": {kind: {"schema": schema}}},
            **{
                str(code): {"description": "what was, what should be, what to do", "content": error}
                for code in failures
            },
        },
    }
