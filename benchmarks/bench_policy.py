"""How fast are custody's decisions, do three evaluators agree, and are broken policies noticed?

    python -m benchmarks policy                     all of it (about half an hour; a million cases)
    python -m benchmarks.bench_policy speed proofs  some parts, printed alone

Speed: the reference (Cedar) on questions that are all different; bulk release of 16 partners.
Agree: a million random questions decided by Cedar, by arrays and by the solver's own formula.
Mutants: each compiled policy broken in each place; noticed by a property (z3). Mutants that the
solver shows to allow exactly what the sound policies allow are counted apart.
"""

import sys
import time
from random import Random
from typing import Any

import numpy as np

from steppewatch.custody.policy.bulk import BulkRules, Columns
from steppewatch.custody.policy.chance import NOW, known, question
from steppewatch.custody.policy.claims import properties_of
from steppewatch.custody.policy.decide import actions_of, decide, rules_of
from steppewatch.custody.policy.differ import compared
from steppewatch.custody.policy.mutants import differs, mutants_of, noticed
from steppewatch.custody.policy.prove import proved
from steppewatch.custody.policy.question import DataFacts, Known, OrgFacts
from steppewatch.custody.policy.specimen import specimen

Row = dict[str, Any]
CASES = 1_000_000
WORLD = 5_000


def row(name: str, value: float, unit: str, note: str = "") -> Row:
    return {"name": name, "value": value, "unit": unit, "note": note}


def speed() -> list[Row]:
    """Time the reference on different questions, and the bulk evaluator."""
    rules = rules_of([specimen()])
    chance = Random(1)
    told = known(chance)
    asked = [question(chance, told) for _ in range(6_000)]
    took = []
    for one in asked:
        began = time.perf_counter()
        decide(rules, one)
        took.append(time.perf_counter() - began)
    rows = [
        row("reference, every question new", len(took) / sum(took), "decisions/s"),
        row("reference, p99", float(np.quantile(took, 0.99)) * 1e3, "ms"),
    ]
    return rows + _bulk(rules, chance, told)


def _bulk(rules: Any, chance: Random, told: Known) -> list[Row]:
    orgs = dict(told.orgs) | {
        f"p{n}": OrgFacts(id=f"p{n}", nation=("AA", "BB", "ZZ")[n % 3]) for n in range(15)
    }
    partners = [orgs["aa-mod"], *(orgs[f"p{n}"] for n in range(15))]
    told = Known(orgs=orgs, agreements=told.agreements)
    data = [question(chance, told).resource for _ in range(400)]
    labels = [one for one in data if isinstance(one, DataFacts)][:50]
    bulk = BulkRules(rules)
    held = bulk.labels(labels)
    plan = bulk.plan(partners, held, told, "border")
    found = []
    for size in (1, 100, 1000):
        at = [chance.randrange(len(labels)) for _ in range(size)]
        columns = Columns(
            label=np.array(at),
            target=plan.targets([labels[n].target for n in at]),
            areas=plan.areas([labels[n].areas for n in at]),
            age_s=np.array([labels[n].age_s for n in at]),
            precision_m=np.array([labels[n].precision_m for n in at]),
        )
        took = []
        for _ in range(400):
            began = time.perf_counter()
            bulk.release(partners, held, columns, told, now_ns=NOW, purpose="border")
            took.append(time.perf_counter() - began)
        middle = float(np.median(took))
        found.append(row(f"bulk, 16 × {size}", 16 * size / middle, "decisions/s"))
        found.append(row(f"bulk, 16 × {size}, one call", middle * 1e6, "µs"))
    return found


def proofs() -> list[Row]:
    """Time the proofs by each solver."""
    found = []
    for variant in ("consent", "flat"):
        agreement = specimen(variant=variant)
        rules = rules_of([agreement])
        for solver in ("z3", "cvc5"):
            began = time.perf_counter()
            done = proved(rules, agreement, (solver,))
            took = time.perf_counter() - began
            note = f"{variant}: {sum(one.proved for one in done)} of {len(done)} proved"
            found.append(row(f"properties by {solver}", took, "s", note))
    return found


def agree() -> list[Row]:
    """Compare the three evaluators on a million random questions."""
    both = [rules_of([specimen(variant=variant)]) for variant in ("consent", "flat")]
    chance = Random(20_261_127)
    cases = allowed = differing = 0
    while cases < CASES:
        for rules in both:
            found = compared(rules, chance, 1, WORLD)
            cases, allowed = cases + found.cases, allowed + found.allowed
            differing += found.differing
    return [
        row("random questions, three evaluators", cases, "", "both variants"),
        row("of them allowed", 100 * allowed / cases, "%"),
        row("disagreements", differing, ""),
    ]


def mutants() -> list[Row]:
    """Break every policy in every place."""
    agreement = specimen()
    rules = rules_of([agreement])
    every = properties_of(agreement)
    count = {"all": 0, "killed": 0, "loosening": 0, "loosening killed": 0, "same": 0}
    for policy in rules.policies.values():
        actions = sorted(actions_of(policy.body))
        for mutant in mutants_of(policy):
            killed, more, less = "", False, False
            for action in actions:
                sound = rules.asked_of(action, agreement.id)
                looser, stricter = differs(mutant, sound, agreement)
                more, less = more or looser, less or stricter
                if (looser or stricter) and not killed:
                    wanted = [one for one in every if one.action == action]
                    killed = noticed(mutant, sound, agreement, wanted)
            if not (more or less):
                count["same"] += 1
                continue
            count["all"] += 1
            count["killed"] += bool(killed)
            count["loosening"] += more
            count["loosening killed"] += bool(more and killed)
            if not killed:
                print(f"lives: {policy.id}: {mutant.done}; allows more: {more}", file=sys.stderr)
    share = 100 * count["killed"] / count["all"]
    loose = 100 * count["loosening killed"] / count["loosening"]
    return [
        row("mutants noticed by a property", share, "%", f"{count['killed']} of {count['all']}"),
        row(
            "of them loosening",
            loose,
            "%",
            f"{count['loosening killed']} of {count['loosening']}; {count['same']} allow the same",
        ),
    ]


PARTS = {"speed": speed, "proofs": proofs, "agree": agree, "mutants": mutants}


def main() -> list[Row]:
    return [one for part in PARTS.values() for one in part()]


if __name__ == "__main__":
    for name in sys.argv[1:] or list(PARTS):
        for one in PARTS[name]():
            print(one["name"], one["value"], one["unit"], one["note"])
