"""The reference: decide a question with Cedar, and never permit because something went wrong.

Cedar skips a policy whose evaluation errs; a skipped forbid permits. So any error at all (a
reference that leads nowhere, an overflow, a missing attribute, a record of another kind, no
decision) is a denial and an alarm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cedarpy

from steppewatch.custody.agreement.model import Agreement
from steppewatch.custody.policy.compile import (
    HOUSE,
    Policy,
    checked,
    house_policies,
    policies_of,
    policy_json,
)
from steppewatch.custody.policy.library import schema_text
from steppewatch.custody.policy.question import ITEM_ACTIONS, RELEASE, Question
from steppewatch.custody.policy.store import asked
from steppewatch.custody.policy.stores import Stores
from steppewatch.errors import CustodyError

ALLOW: Final = "Allow"
DENY: Final = "Deny"


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why, for people: agreement, clause, where it stands, and a sentence."""

    agreement: str
    clause: str
    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Say whether it is allowed, why, and what went wrong while deciding (an alarm each)."""

    allowed: bool
    reasons: tuple[Reason, ...]
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold the compiled policies of agreements and house, validated against the schema.

    Attributes:
        policies: All of them, by id.
        agreements: Ids of the agreements that were compiled.
    """

    policies: Mapping[str, Policy]
    agreements: frozenset[str]
    handles: Mapping[tuple[str, str], Any] = field(repr=False, compare=False)
    schema: Any = field(repr=False, compare=False)
    stores: Stores = field(repr=False, compare=False)

    def asked_of(self, action: str, under: str) -> tuple[Policy, ...]:
        """Give the policies that can apply to an action under an agreement; the others cannot."""
        return tuple(
            policy
            for policy in self.policies.values()
            if policy.agreement in {HOUSE, under}
            and action in actions_of(policy.body)
            and _of_kind(policy.body, action)
        )


def rules_of(agreements: Iterable[Agreement]) -> Rules:
    """Compile agreements and put them beside the rules of the house.

    Raises:
        CustodyError: A clause does not compile or validate, or two agreements have one id.
    """
    every = tuple(agreements)
    names = frozenset(agreement.id for agreement in every)
    if len(names) != len(every) or HOUSE in names:
        raise CustodyError("two agreements have the same id, or one is called 'house'")
    found = list(house_policies())
    for agreement in every:
        found += policies_of(agreement)
    return rules_from(found, names)


def rules_from(policies: Iterable[Policy], agreements: Iterable[str]) -> Rules:
    """Make rules of policies that are already compiled.

    Raises:
        CustodyError: They do not fit the schema, or two have one id.
    """
    every = tuple(policies)
    table = {policy.id: policy for policy in every}
    if len(table) != len(every):
        raise CustodyError("two policies have the same id; each clause has an id of its own")
    checked(every, "the rules together")
    handles: dict[tuple[str, str], Any] = {}
    try:
        schema = cedarpy.Schema.from_str(schema_text())
        rules = Rules(table, frozenset(agreements), handles, schema, Stores(schema))
        for under in rules.agreements:
            for action in (*ITEM_ACTIONS, RELEASE):
                text = policy_json(rules.asked_of(action, under))
                handles[action, under] = cedarpy.PolicySet.from_json_str(text)
    except ValueError as error:
        raise CustodyError(f"the rules cannot be read by Cedar: {error}") from error
    return rules


def actions_of(body: Mapping[str, Any]) -> frozenset[str]:
    """Give the actions in a policy's scope."""
    scope = body["action"]
    if scope["op"] == "All":
        return frozenset((*ITEM_ACTIONS, RELEASE))
    return frozenset(
        entity["id"] for entity in scope.get("entities", [scope.get("entity", {"id": ""})])
    )


def _of_kind(body: Mapping[str, Any], action: str) -> bool:
    """Tell whether an action's principal and resource are of the kinds in a policy's scope."""
    who, what = ("Org", "Data") if action == RELEASE else ("Person", "Item")
    return bool(
        body["principal"].get("entity_type", who) == who
        and body["resource"].get("entity_type", what) == what
    )


def decide(rules: Rules, question: Question) -> Decision:
    """Decide a question under each agreement of its terms; each must allow it.

    Returns:
        Denied on any error, with an alarm for each. Allowed: a reason per agreement. Denied: the
        reasons of every agreement that denies.
    """
    try:
        terms = sorted(question.resource.terms)
    except (AttributeError, TypeError) as error:
        return _wrong("", f"the resource has no terms ({error})")
    if not terms:
        return _wrong("", "the resource is bound by no agreement, not even its nation's own rules")
    decisions = [_under(rules, question, term) for term in terms]
    allowed = all(decision.allowed for decision in decisions)
    return Decision(
        allowed,
        tuple(why for one in decisions if one.allowed is allowed for why in one.reasons),
        tuple(alarm for one in decisions for alarm in one.alarms),
    )


def _under(rules: Rules, question: Question, under: str) -> Decision:
    if under not in rules.agreements:
        return _wrong(str(under), f"agreement {under!r} is not among the rules")
    try:
        request, entities = asked(question, under)
        handle = rules.handles[question.action, under]
        result = cedarpy.is_authorized(request, handle, rules.stores.of(entities), rules.schema)
        errors, ids = result.diagnostics.errors, result.diagnostics.reasons
        answer = result.decision.value
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here must deny, not escape
        return _wrong(under, f"{type(error).__name__}: {error}")
    if errors:
        return _wrong(under, *map(str, errors))
    if answer not in {ALLOW, DENY} or (answer == ALLOW and not ids):
        return _wrong(under, f"Cedar gave {answer} for no reason")
    return Decision(answer == ALLOW, reasons_of(rules, under, ids, allowed=answer == ALLOW))


def reasons_of(
    rules: Rules, under: str, ids: Iterable[str], *, allowed: bool
) -> tuple[Reason, ...]:
    """Say in words what policies decided."""
    word = "allowed" if allowed else "withheld"
    found = tuple(
        Reason(
            under,
            policy.clause,
            policy.source,
            f"{word}: {policy.source} of {under}: {policy.says}"
            if policy.agreement != HOUSE
            else f"{word}: {policy.source}, under {under}: {policy.says}",
        )
        for policy in (rules.policies[name] for name in sorted(ids))
    )
    if found:
        return found
    return (Reason(under, "", "", f"{word}: nothing in {under} allows it"),)


def _wrong(under: str, *told: str) -> Decision:
    sentence = f"withheld: it could not be decided under {under or 'any agreement'}"
    return Decision(False, (Reason(under, "", "", sentence),), told)
