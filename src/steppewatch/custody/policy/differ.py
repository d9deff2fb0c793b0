"""Compare the three evaluators on random cases: Cedar, arrays, and the solver's formula."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

import cedarpy
import numpy as np

from steppewatch.custody.policy.bulk import judged
from steppewatch.custody.policy.chance import UNDER, joined, known, question
from steppewatch.custody.policy.columns import Asked, Names, Tables, context_columns
from steppewatch.custody.policy.decide import ALLOW, Rules
from steppewatch.custody.policy.store import asked
from steppewatch.custody.policy.walk import allowed_formula, walked


@dataclass(frozen=True, slots=True)
class Compared:
    """Count cases, those that Cedar allows, and those in which some evaluator disagrees."""

    cases: int
    allowed: int
    differing: int


def compared(rules: Rules, chance: Random, worlds: int, size: int) -> Compared:
    """Compare the evaluators on ``worlds * size`` random questions under the specimen."""
    cases = allowed = differing = 0
    for _ in range(worlds):
        told = known(chance)
        by_action: dict[str, list[Any]] = {}
        for _ in range(size):
            one = question(chance, told)
            by_action.setdefault(one.action, []).append(asked(one, UNDER))
        for action, rows in by_action.items():
            found = three(rules, action, rows)
            cases += len(rows)
            allowed += int(found[0].sum())
            differing += int(((found[0] != found[1]) | (found[0] != found[2])).sum())
    return Compared(cases, allowed, differing)


def three(rules: Rules, action: str, rows: list[Any]) -> tuple[Any, Any, Any]:
    """Decide requests of one action by Cedar, by arrays and by the formula; ``(n,)`` each."""
    entities = joined(rows)
    requests = [request for request, _ in rows]
    store = cedarpy.Entities.from_json_str(json.dumps(entities), rules.schema)
    results = cedarpy.is_authorized_batch(
        requests, rules.handles[action, UNDER], store, rules.schema
    )
    cedar = np.array(
        [one.decision.value == ALLOW and not one.diagnostics.errors for one in results]
    )
    policies = rules.asked_of(action, UNDER)
    names = Names()
    formula = allowed_formula(policies, names)
    for policy in policies:
        names.add_all(policy.agreement)
    _intern_sets(entities, names)
    tables = Tables(names, entities)
    given: dict[Any, Any] = context_columns(
        [request["context"] for request in requests], names, tables.words
    )
    for key in ("principal", "resource"):
        given[(key,)] = np.array(
            [names.numbers[one[key]["type"], one[key]["id"]] for one in requests], np.int64
        )
    columns = Asked(tables, given)
    bulk, _ = judged(policies, columns, (len(rows),))
    return cedar, bulk, np.broadcast_to(walked(formula, columns), bulk.shape).astype(bool)


def _intern_sets(entities: list[dict[str, Any]], names: Names) -> None:
    """Number what stands in sets first, so that every set fits the formula's one word."""
    for row in entities:
        for value in row["attrs"].values():
            if isinstance(value, list):
                names.add_all(value)
    for row in entities:
        if row["uid"]["type"] in {"Org", "Agreement", "Nation"}:
            names.add(row["uid"]["type"], row["uid"]["id"])
