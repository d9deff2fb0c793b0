"""Stores and clauses with something broken in them: nothing becomes allowed, no error escapes."""

from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from steppewatch.custody.policy import decide as reference
from steppewatch.custody.policy.chance import UNDER, known, question
from steppewatch.custody.policy.compile import policies_of
from steppewatch.custody.policy.decide import Rules, decide
from steppewatch.custody.policy.library import clauses
from steppewatch.custody.policy.specimen import specimen
from steppewatch.custody.policy.store import asked
from steppewatch.errors import CustodyError


def spoilt(chance: Random, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave an entity or a needed attribute out, or put something of another kind into one."""
    found = deepcopy(rows)
    row = chance.choice(found)
    kind = chance.choice(("entity", "attribute", "value"))
    if kind == "entity":
        found.remove(row)
        return found
    name = chance.choice([one for one in row["attrs"] if one != "arrangement"])
    if kind == "attribute":
        del row["attrs"][name]
    else:
        row["attrs"][name] = chance.choice((None, 1.5, 1 << 70, {"a": 1}, [[1]]))
    return found


@pytest.mark.parametrize("cases", [1_000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_nothing_denied_becomes_allowed_by_a_broken_store(
    specimen_rules: Rules, monkeypatch: pytest.MonkeyPatch, cases: int
) -> None:
    chance = Random(30)
    alarms = 0
    for _ in range(cases):
        one = question(chance, known(chance))
        sound = decide(specimen_rules, one)
        request, rows = asked(one, UNDER)
        broken = spoilt(chance, rows)
        with monkeypatch.context() as patch:
            patch.setattr(reference, "asked", lambda *_: (request, broken))  # noqa: B023
            found = decide(specimen_rules, one)
        assert sound.allowed or not found.allowed
        assert not (found.allowed and found.alarms)
        alarms += bool(found.alarms)
        assert decide(specimen_rules, one) == sound  # what was broken is not kept
    assert alarms > cases // 2


@pytest.mark.parametrize("cases", [200, pytest.param(3_000, marks=pytest.mark.nightly)])
def test_a_broken_clause_is_refused_with_its_id_or_is_sound_cedar(cases: int) -> None:
    chance = Random(31)
    agreement = specimen()
    texts = [one.text for one in clauses().values() if "{{" not in one.text]
    refused = 0
    for _ in range(cases):
        text = chance.choice(texts)
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(("", "}", '"', "\x00", "context.")) + text[at + 5 :]
        wild = replace(agreement.clauses[0], id="99", text=text)
        try:
            policies_of(replace(agreement, clauses=(wild,), releases=()))
        except CustodyError as error:
            refused += 1
            assert "clause 99" in str(error)  # noqa: PT017 - some texts are sound
    assert refused > cases // 2
