"""Compile agreements to Cedar: clause, given values, interval and agreement make a policy.

Every policy of an agreement holds only for questions asked under it (``context.under``) and in
its clause's interval; what does not survive holds only until the agreement has ended. This is put
around the clause in Cedar's JSON form, so that no text of a clause can escape from it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cedarpy

from steppewatch.custody.agreement.model import FOREVER, Agreement, Clause, Interval, ReleaseRule
from steppewatch.custody.policy.library import house, literal, schema_text, texts, written
from steppewatch.errors import CustodyError

HOUSE = "house"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Hold one compiled policy.

    Attributes:
        id: ``"<agreement>/<clause>/<part>"``, or ``"house/<name>"``.
        permits: It permits; else it forbids.
        agreement: Id of the agreement; ``"house"`` for a rule of the house.
        clause: Id of the clause or release rule.
        source: Where it stands in which text.
        says: Why something is allowed or withheld by it, for people.
        body: Cedar's JSON form.
    """

    id: str
    permits: bool
    agreement: str
    clause: str
    source: str
    says: str
    body: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Give the policy in Cedar's own words."""
        return cedar_text([self])


def house_policies() -> tuple[Policy, ...]:
    """Give the rules of the house, which no agreement can loosen."""
    return tuple(
        Policy(
            id=body["annotations"]["id"],
            permits=body["effect"] == "permit",
            agreement=HOUSE,
            clause=body["annotations"]["id"].removeprefix("house/"),
            source="rules of the house",
            says=body["annotations"]["says"],
            body=body,
        )
        for body in _bodies(house(), HOUSE)
    )


def policies_of(agreement: Agreement) -> tuple[Policy, ...]:
    """Compile an agreement's clauses and release rules.

    Raises:
        CustodyError: A clause is unknown, misses a value, is no Cedar or does not fit the schema;
            with the agreement's and the clause's id.
    """
    found: list[Policy] = []
    for clause in agreement.clauses:
        where = f"{agreement.id}, clause {clause.id}"
        text = clause.text or written(clause.rule, clause.variant, clause.given, where)
        made = _bound(agreement, clause, text, where)
        checked(made, where)
        found += made
    for rule in agreement.releases:
        where = f"{agreement.id}, release rule {rule.id}"
        made = [_release(agreement, rule, where)]
        checked(made, where)
        found += made
    return tuple(found)


def checked(policies: Iterable[Policy], where: str) -> None:
    """Refuse policies that do not fit the schema.

    Raises:
        CustodyError: With what does not fit.
    """
    try:
        result = cedarpy.validate_policies(cedar_text(policies), schema_text())
    except ValueError as error:
        raise CustodyError(f"{where}: not Cedar: {error}") from error
    if not result.validation_passed:
        told = "; ".join(str(error.error) for error in result.errors)
        raise CustodyError(f"{where}: does not fit the schema: {told}")


def cedar_text(policies: Iterable[Policy]) -> str:
    """Write policies in Cedar's own words."""
    return cedarpy.policies_from_json_str(policy_json(policies))


def policy_json(policies: Iterable[Policy]) -> str:
    """Write policies in Cedar's JSON form, under their ids."""
    rows = {policy.id: policy.body for policy in policies}
    return json.dumps({"templates": {}, "staticPolicies": rows, "templateLinks": []})


def _bodies(text: str, where: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise CustodyError(f"{where}: not Cedar: {error}") from error
    if content["templates"]:
        raise CustodyError(f"{where}: holds a template; expected whole policies")
    rows: dict[str, dict[str, Any]] = content["staticPolicies"]
    if not rows:
        raise CustodyError(f"{where}: holds no policy")
    return [rows[key] for key in sorted(rows, key=lambda key: int(key.removeprefix("policy")))]


def _bound(agreement: Agreement, clause: Clause, text: str, where: str) -> list[Policy]:
    found = []
    for number, body in enumerate(_bodies(text, where), 1):
        told = body.get("annotations", {})
        part = told.get("part") or str(number)
        found.append(
            Policy(
                id=f"{agreement.id}/{clause.id}/{part}",
                permits=body["effect"] == "permit",
                agreement=agreement.id,
                clause=clause.id,
                source=clause.source,
                says=told.get("says") or "a clause written out in the agreement says so",
                body=_within(body, agreement.id, clause.interval, survives=clause.survives),
            )
        )
    if len({policy.id for policy in found}) != len(found):
        raise CustodyError(f"{where}: two policies are the same part; give each another @part")
    return found


def _within(
    body: dict[str, Any], agreement: str, interval: Interval, *, survives: bool
) -> dict[str, Any]:
    """Put agreement, interval and end before a policy's own conditions."""
    context = {"Var": "context"}
    under = {".": {"left": context, "attr": "under"}}
    now = {".": {"left": context, "attr": "now"}}
    entity = {"Value": {"__entity": {"type": "Agreement", "id": agreement}}}
    before: list[dict[str, Any]] = [{"==": {"left": under, "right": entity}}]
    if interval.from_ns > 0:
        before.append({">=": {"left": now, "right": {"Value": interval.from_ns}}})
    if interval.until_ns < FOREVER:
        before.append({"<": {"left": now, "right": {"Value": interval.until_ns}}})
    if not survives:
        before.append({"!": {"arg": {".": {"left": under, "attr": "ended"}}}})
    scope: dict[str, Any] = {}
    for name in ("principal", "resource"):
        scope[name], told = _kind_alone(name, body[name])
        before += told
    conditions = [{"kind": "when", "body": condition} for condition in before]
    return {**body, **scope, "conditions": conditions + body["conditions"]}


def _kind_alone(name: str, scope: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Leave only a kind (``is``) in a scope and make conditions of the rest.

    Arrays and formula read conditions, so that no part of a policy may stand elsewhere.
    """
    var = {"Var": name}
    op = scope["op"]
    if op == "All":
        return {"op": "All"}, []
    if op == "is":
        kind = {"op": "is", "entity_type": scope["entity_type"]}
        inner = scope.get("in")
        return kind, [_related("in", var, inner["entity"])] if inner else []
    return {"op": "All"}, [_related(op, var, scope["entity"])]


def _related(op: str, left: dict[str, Any], entity: Mapping[str, Any]) -> dict[str, Any]:
    return {op: {"left": left, "right": {"Value": {"__entity": dict(entity)}}}}


def _release(agreement: Agreement, rule: ReleaseRule, where: str) -> Policy:
    terms = [
        f"{texts(rule.to, where, 'Org')}.contains(principal)",
        f"{texts(rule.purposes, where)}.contains(context.purpose)",
        f"{texts(rule.kinds, where)}.contains(resource.kind)",
        f"resource.level <= {int(rule.level_max)}",
        f"resource.precision_m >= {int(rule.precision_m)}",
        f"resource.age_s >= {int(rule.delay_s)}",
        f"resource.age_s <= {int(rule.keep_s)}",
        f"{texts(rule.caveats, where)}.containsAll(resource.caveats)",
    ]
    if rule.targets:
        terms.append(f"{texts(rule.targets, where)}.contains(resource.target)")
    if rule.areas:
        terms.append(f"resource.areas.containsAny({texts(rule.areas, where)})")
    if rule.emergency:
        terms.append("context.emergency")
    says = literal(f"release rule {rule.id} lets it go", where)
    text = (
        f'@says({says}) permit (principal, action == Action::"release", resource) '
        f"when {{ {' && '.join(terms)} }};"
    )
    clause = Clause(
        id=f"release.{rule.id}", rule="", variant="", source=rule.source, interval=rule.interval
    )
    return _bound(agreement, clause, text, where)[0]
