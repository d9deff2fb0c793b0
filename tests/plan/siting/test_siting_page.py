"""The page on siting names every key, and its examples work."""

from pathlib import Path

import numpy as np
import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.plan.siting.arrays import NEEDED, arrays_of, siting_of
from steppewatch.plan.wanted import load_wanted
from steppewatch.plan.wanted.schema import PAGE, TABLES

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "siting.md").read_text("utf-8")
EXAMPLES = sorted((ROOT / "examples" / "plans").glob("*.toml"))


def test_messages_name_this_page():
    assert PAGE == "docs/siting.md"


@pytest.mark.parametrize("table", TABLES)
def test_every_key_and_every_choice_is_named(table):
    assert f"`[{table}]`" in TEXT or f"`[[{table}]]`" in TEXT
    for name, key in TABLES[table].items():
        assert f"`{name}`" in TEXT, f"{PAGE} lacks {table}.{name}"
        for choice in key.choices:
            assert f'"{choice}"' in TEXT, f"{PAGE} lacks {table}.{name} = {choice!r}"


def test_the_example_of_a_plan_works():
    example = TEXT.split("```toml\n")[1].split("```")[0]
    wanted = load_wanted(example, PAGE, load_border())
    assert wanted.budget == 4_000_000
    assert [package.id for package in wanted.packages] == ["ground"]


def test_the_example_of_a_covering_problem_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(TEXT.split("```python\n")[1].split("```")[0], {})  # noqa: S102 (our own page)
    siting = siting_of(np.load("problem.npz"), "problem.npz")
    assert (siting.options, siting.demands, siting.budget) == (3, 4, 2.0)


def test_every_array_of_a_problem_is_named():
    siting = siting_of(
        {
            "indptr": [0, 1], "indices": [0], "weights": [1.0], "costs": [1.0], "budget": 1.0,
            "chance": [0.5], "need_start": [0, 1], "need_rows": [0], "need_sensors": [1],
            "need_share": [0.0], "need_names": ["a"], "link_indptr": [0, 0], "link_indices": [],
            "gateway": [True],
        },
        "x",
    )  # fmt: skip
    for name in (*NEEDED, *arrays_of(siting)):
        assert f"`{name}`" in TEXT, name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_plan_of_notional_equipment(path):
    text = path.read_text("utf-8")
    assert "notional" in text
    assert load_wanted(text, path.name, load_border()).packages


def test_the_first_example_is_there():
    assert "examples/plans/southern-gobi.toml" in TEXT.split("```")[1]
    assert ROOT / "examples" / "plans" / "southern-gobi.toml" in EXAMPLES
