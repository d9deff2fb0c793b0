"""An agreement file: each slip is refused with its line; the shipped examples are one."""

from importlib.resources import files
from pathlib import Path

import pytest

from steppewatch.custody.agreement import read_agreement
from steppewatch.custody.policy.decide import rules_of
from steppewatch.engine.custody_demo import EXAMPLES, example
from steppewatch.errors import CustodyError

ROOT = Path(__file__).parents[2] / "examples" / "agreements"


def line_of(text, part):
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


SLIPS = {  # what is wrong: (old, new, a piece of the line that is named, what is said)
    "unknown-key": ('title = "3-D surveillance radar"', 'titel = "x"', "titel", "titel"),
    "no-moment": ('confirmed = "2025-02-10T00:00:00Z"', 'confirmed = "soon"', "confirmed", "soon"),
    "until-first": (
        'from = "2025-03-01T00:00:00Z"',
        'from = "2025-03-01T00:00:00Z"\nuntil = "2024-01-01T00:00:00Z"',
        'until = "2024', "after 'from'",
    ),
    "quantity": ("quantity = 20", "quantity = 0", "quantity = 0", "0"),
    "quantity-text": ("quantity = 20", 'quantity = "20"', 'quantity = "20"', "20"),
    "unknown-body": ('holder = "mn-gabp"', 'holder = "mn-gapb"', "mn-gapb", "mn-gabp"),
    "unknown-project": (
        'project = "border-watch"', 'project = "border"', '"border"', "border-watch",
    ),
    "unknown-purpose": (
        'purposes = ["border-surveillance", "search-and-rescue"]\nnamed',
        'purposes = ["combat"]\nnamed', '"combat"]', "combat",
    ),
    "named-nobody": ('"mn-mod", "mn-service"]', '"mn-mod", "nobody"]', '"nobody"', "nobody"),
    "kind": ('kind = "contractor"', 'kind = "firm"', 'kind = "firm"', "contractor"),
    "area": (
        "[[51.0, 87.5], [51.0, 95.0], [47.5, 95.0], [47.5, 87.5]]", "[[51.0, 87.5]]",
        "[[51.0, 87.5]]", "three or more corners",
    ),
    "area-far": ("[51.0, 95.0], [47.5", "[91.0, 95.0], [47.5", "91.0", "outside"),
    "release-area": ('areas = ["western-belt"]', 'areas = ["east"]', '"east"', "western-belt"),
    "rule-and-text": (
        'rule = "approval"', 'rule = "approval"\ntext = "permit(principal, action, resource);"',
        'rule = "approval"', "not both",
    ),
    "act": ('act = "consent"', 'act = "consents"', '"consents"', "consent"),
    "persons": ("persons = 2", "persons = 0", "persons = 0", "0"),
    "deadline": ("inspection = 30", "inspection = -1", "inspection = -1", "-1"),
    "hours": ("emergency_hours = 24", "emergency_hours = 10000", "10000", "10000"),
    "flag": ("emergency = true", 'emergency = "yes"', 'emergency = "yes"', "yes"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_refused_with_file_and_line(slip):
    old, new, piece, said = SLIPS[slip]
    text = example("jp-mn")
    assert old in text
    text = text.replace(old, new, 1)
    with pytest.raises(CustodyError) as caught:
        read_agreement(text, "treaty.toml")
    assert f"treaty.toml:{line_of(text, piece)}:" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "mn-haulier"', 'id = "mn-service"'),
        ('id = "3.2-remote"', 'id = "3.2"'),
        ('id = "neighbour-rescue"', 'id = "donor"'),
    ],
)
def test_an_id_that_is_used_twice_is_refused(old, new):
    text = example("jp-mn").replace(old, new, 1)
    with pytest.raises(CustodyError, match=r"treaty.toml:\d+: .* used before"):
        read_agreement(text, "treaty.toml")


def test_an_unknown_table_and_what_is_no_toml_are_refused():
    with pytest.raises(CustodyError, match=r"treaty\.toml"):
        read_agreement(example("jp-mn") + "\n[[clauze]]\nid = 'x'\n", "treaty.toml")
    with pytest.raises(CustodyError, match=r"treaty\.toml"):
        read_agreement("[agreement\n", "treaty.toml")
    with pytest.raises(CustodyError, match=r"treaty\.toml"):
        read_agreement("", "treaty.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('variant = "certified"', 'variant = "certificate"', "clause 5.1"),
        ("given = { days = 180 }", "", "days"),
        ("given = { days = 180 }", "given = { days = 0 }", "1 … 36525"),
        ("given = { days = 180 }", "given = { days = 180, more = 1 }", "more"),
        ('rule = "storage"\nvariant = "certified"', 'text = "permit(everybody)"', "clause 5.1"),
        (
            'rule = "storage"\nvariant = "certified"',
            "text = 'permit(principal, action, resource) when { context.nothing };'", "schema",
        ),
    ],
)  # fmt: skip
def test_a_clause_that_the_library_does_not_know_is_refused(old, new, said):
    text = example("jp-mn").replace(old, new, 1)
    agreement = read_agreement(text, "treaty.toml")
    with pytest.raises(CustodyError) as caught:
        rules_of([agreement])
    assert said in str(caught.value)


def test_the_examples_to_read_are_those_that_are_shipped():
    shipped = files("steppewatch.custody") / "data" / "examples"
    names = sorted(one.name for one in shipped.iterdir() if one.name.endswith(".toml"))
    assert names == sorted(f"{name}.toml" for name in EXAMPLES)
    assert names == sorted(one.name for one in ROOT.glob("*.toml"))
    for name in names:
        assert (ROOT / name).read_text("utf-8") == (shipped / name).read_text("utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_compiles_and_is_kept_word_for_word(name):
    agreement = read_agreement(example(name), name)
    assert agreement.text == example(name)
    assert rules_of([agreement])
