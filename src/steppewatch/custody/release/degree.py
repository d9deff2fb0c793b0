"""How exactly, how late and how long a partner may be shown a thing: the release rules, read.

Each agreement that binds the thing must have a rule that fits; the strictest of the chosen rules
and the label itself bound what is shown. The policy engine then decides on the result; this module
alone opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from steppewatch.custody.agreement.model import Agreement, ReleaseRule
from steppewatch.custody.label.label import UNVOUCHED, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Ask for one kind of thing to be shown to one receiver.

    Attributes:
        to: Organisation.
        purpose: For which.
        kind: ``"track"``, ``"image"``, ``"alert"`` or ``"export"``.
        target: Name of ``records.TargetClass`` in small letters.
        areas: Areas in which it lies.
        emergency: A declared emergency covers it.
    """

    to: str
    purpose: str
    kind: str = "track"
    target: str = "unknown"
    areas: frozenset[str] = frozenset()
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Degree:
    """Say how a thing is shown: rounded to ``precision_m``, aged ``delay_s`` to ``keep_s``.

    ``rules`` names the release rules by which, ``"<agreement>/<rule>"``.
    """

    precision_m: int
    delay_s: int
    keep_s: int
    rules: tuple[str, ...]


def degree_of(
    agreements: Mapping[str, Agreement], label: Label, asked: Asked, now_ns: int
) -> Degree | str:
    """Choose the rules by which a thing could be shown; a sentence when there are none."""
    if label.closed:
        if UNVOUCHED in label.caveats or not (label.originators and label.terms):
            return "nobody knows every source that it was made of"
        return "its source is suspended" if label.suspended else "its label names no receiver"
    if asked.to not in label.releasable:
        return f"its label does not let it go to {asked.to}"
    chosen: list[tuple[str, ReleaseRule]] = []
    for term in label.terms:
        agreement = agreements.get(term)
        if agreement is None:
            return f"agreement {term} that binds it is not in the ledger"
        told = [(rule, _against(rule, label, asked, now_ns)) for rule in agreement.releases]
        fit = [rule for rule, why in told if not why]
        if not fit:
            return _nearest(term, told, asked.to)
        chosen.append((term, min(fit, key=lambda r: (r.delay_s, r.precision_m, -r.keep_s, r.id))))
    rules = [rule for _, rule in chosen]
    degree = Degree(
        precision_m=max(label.precision_m, *(rule.precision_m for rule in rules)),
        delay_s=max(label.delay_s, *(rule.delay_s for rule in rules)),
        keep_s=min(label.keep_s, *(rule.keep_s for rule in rules)),
        rules=tuple(f"{term}/{rule.id}" for term, rule in chosen),
    )
    if degree.delay_s > degree.keep_s:
        return f"it may be shown only after {degree.delay_s} s, yet not after {degree.keep_s} s"
    return degree


def _against(rule: ReleaseRule, label: Label, asked: Asked, now_ns: int) -> str:
    """Say what stands against a rule; ``""`` for nothing. The order is that of telling."""
    checks = (
        (asked.to in rule.to, f"names no {asked.to}"),
        (rule.interval.holds(now_ns), "is not in force now"),
        (not rule.emergency or asked.emergency, "holds only in a declared emergency"),
        (asked.kind in rule.kinds, f"shows no {asked.kind}"),
        (asked.purpose in rule.purposes, f"is not for purpose {asked.purpose}"),
        (
            asked.purpose in label.purposes,
            f"is for more than the label's purposes: {asked.purpose}",
        ),
        (not rule.targets or asked.target in rule.targets, f"shows no {asked.target}"),
        (not rule.areas or bool(asked.areas & set(rule.areas)), "does not cover this place"),
        (
            label.areas is None or bool(asked.areas & set(label.areas)),
            "is bound by the label's areas",
        ),
        (label.level <= rule.level_max, f"ends at level {rule.level_max}, this is {label.level}"),
        (set(label.caveats) <= set(rule.caveats), f"does not lift {', '.join(label.caveats)}"),
    )
    return next((why for holds, why in checks if not holds), "")


def _nearest(term: str, told: list[tuple[ReleaseRule, str]], to: str) -> str:
    """Tell of the rule that names the receiver and failed; the one that came furthest first."""
    near = [(rule, why) for rule, why in told if to in rule.to]
    if not near:
        return f"no release rule of {term} names {to}"
    return "; ".join(f"rule {rule.id} of {term} {why}" for rule, why in near[:3])
