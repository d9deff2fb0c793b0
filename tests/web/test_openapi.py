"""The OpenAPI document names every request that is answered, and what comes back is as it says."""

import dataclasses
import re

import httpx
import numpy as np
import pytest
from starlette.routing import Route

from steppewatch.web import Custody, Plans
from steppewatch.web.api import Api
from steppewatch.web.coverage import Coverages
from steppewatch.web.openapi import WHY, document
from steppewatch.web.release import Releases

T0 = 1_700_000_000_000_000_000
TYPES = {"integer": int, "number": (int, float), "string": str, "boolean": bool, "array": list,
         "object": dict, "null": type(None)}  # fmt: skip


def fits(value, schema, where="answer"):
    """Say where a value is other than its schema; None where it fits."""
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(isinstance(value, TYPES[kind]) for kind in kinds):
        return f"{where} is {value!r}, expected {kinds}"
    if isinstance(value, bool) and "boolean" not in kinds:
        return f"{where} is {value!r}, expected {kinds}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is {value!r}, expected one of {schema['enum']}"
    if isinstance(value, dict) and "properties" in schema:
        if set(value) != set(schema["properties"]):
            return f"{where} has {sorted(value)}"
        inner = ((value[k], s, f"{where}.{k}") for k, s in schema["properties"].items())
    elif isinstance(value, list) and "items" in schema:
        inner = ((v, schema["items"], f"{where}[{i}]") for i, v in enumerate(value))
    else:
        return None
    return next((fault for fault in (fits(*each) for each in inner) if fault), None)


def test_every_route_stands_in_the_document_with_its_method_and_none_besides(hub):
    coverages = Coverages(hub)
    try:
        routes = [*Api(hub).routes(), *coverages.routes(), *Plans().routes()]
        routes += [*Custody().routes(), *Releases().routes()]
    finally:
        coverages.close()
    assert all(isinstance(route, Route) for route in routes)
    answered = {
        (re.sub(r":\w+}", "}", route.path), method.lower())
        for route in routes
        for method in route.methods - {"HEAD"}
    } | {("/terrain/{z}/{x}/{y}.png", "get")}
    paths = document()["paths"]
    assert {(path, method) for path in paths for method in paths[path]} == answered


def test_every_parameter_of_a_path_is_described():
    for path, methods in document()["paths"].items():
        for request in methods.values():
            named = {p["name"] for p in request["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


def test_the_node_gives_the_document_and_its_version(server):
    told = httpx.get(f"{server.address}/api/v1/openapi.json").json()
    assert told == document()
    assert told["openapi"].startswith("3.1")


@pytest.mark.parametrize("says", [True, False])
def test_why_answers_as_the_document_says(server, hub, tracks, says):
    batch = tracks(45.5, 102.25)
    if says:
        batch = dataclasses.replace(
            batch, class_prob=np.full((1, 8), 0.125, "f4"), sensors=("r1",),
            seen_by=np.ones((1, 1), bool), hidden=np.ones(1, bool), why_ns=batch.seen_ns,
            why_sensor=np.zeros(1, "i4"), why_plot=np.ones(1, "i4"),
            why_weight=np.ones(1, "f4"), why_method=np.full(1, 3, "u1"),
        )  # fmt: skip
    hub.publish([batch], T0)
    told = httpx.get(f"{server.address}/api/v1/tracks/1/why").json()
    assert fits(told, WHY) is None
    assert told["said"] is says
    assert fits({**told, "status": "ended"}, WHY) == (
        "answer.status is 'ended', expected one of ['tentative', 'confirmed', 'coasting']"
    )
