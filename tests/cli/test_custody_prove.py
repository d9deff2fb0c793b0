"""``custody prove`` and ``custody clauses`` on the worked example, sound and loosened."""

import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from steppewatch.cli.custody_clauses import clauses
from steppewatch.cli.custody_prove import prove

EXAMPLE = resources.files("steppewatch.custody").joinpath("data", "examples", "jp-mn.toml")
LOOSE = """[[clause]]
id = "99"
source = "nowhere"
text = 'permit (principal, action == Action::"lend", resource);'

[[area]]"""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.toml"
    path.write_text(EXAMPLE.read_text("utf-8"), "utf-8")
    return path


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    path = tmp_path / "loose.toml"
    path.write_text(EXAMPLE.read_text("utf-8").replace("[[area]]", LOOSE, 1), "utf-8")
    return path


def test_every_property_of_the_worked_example_is_proved_by_both_solvers(sound: Path) -> None:
    pytest.importorskip("z3")
    pytest.importorskip("cvc5")
    found = CliRunner().invoke(prove, [str(sound), "--json"])
    rows = json.loads(found.output)["properties"]
    assert found.exit_code == 0
    assert len(rows) >= 60
    assert all(row["holds"] == {"z3": True, "cvc5": True} for row in rows)


def test_a_loosened_copy_fails_and_is_told_which_property_with_a_case(loose: Path) -> None:
    pytest.importorskip("z3")
    found = CliRunner().invoke(prove, [str(loose), "--solver", "z3"])
    assert found.exit_code == 1
    failed = [line for line in found.output.splitlines() if line.startswith("FAILS")]
    assert any("routes/only/lend" in line for line in failed)
    assert all("/lend " in line for line in failed)
    assert "context.under = jp-mn" in found.output


def test_clauses_prints_the_library_and_an_agreement_as_policies(sound: Path) -> None:
    library = json.loads(CliRunner().invoke(clauses, ["--json"]).output)
    assert "third-party.consent" in {row["name"] for row in library}
    told = CliRunner().invoke(clauses, [str(sound)])
    assert told.exit_code == 0
    assert 'Agreement::"jp-mn"' in told.output
    assert "forbid" in told.output
