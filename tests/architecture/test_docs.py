"""The documents tell the truth: examples run, verbs are documented, links lead somewhere."""

import doctest
import importlib
import os
import re
from pathlib import Path

import click
import pytest

from steppewatch.cli import COMMANDS, steppewatch

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name(path):
    return str(path.relative_to(ROOT))


def verbs():
    """Give every command line that a user can type: ``world add``, ``replay``…"""
    context = click.Context(steppewatch)
    for first in COMMANDS:
        command = steppewatch.get_command(context, first)
        if isinstance(command, click.Group):
            yield from (f"{first} {second}" for second in command.list_commands(context))
        else:
            yield first


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_examples_of_a_page_give_what_it_prints(page):
    failed, _ = doctest.testfile(
        str(page),
        module_relative=False,
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert failed == 0


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_links_of_a_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{name(page)} links to {target}"


def test_every_verb_of_the_command_line_is_documented():
    text = "\n".join(page.read_text() for page in PAGES)
    missing = [verb for verb in verbs() if f"steppewatch {verb}" not in text]
    assert not missing, f"no page mentions: {missing}"


def test_every_runtime_dependency_has_its_reason():
    project = (ROOT / "pyproject.toml").read_text()
    block = project.split("dependencies = [", 1)[1].split("]", 1)[0]
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    for package in re.findall(r'"([a-z0-9-]+)', block):
        assert f"| {package} |" in reasons, f"docs/dependencies.md lacks {package}"


def test_every_decision_is_in_the_index():
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    for page in (ROOT / "docs" / "adr").glob("0*.md"):
        assert page.name in index


def modules():
    return sorted((ROOT / "src" / "steppewatch").rglob("*.py"))


@pytest.mark.parametrize("module", [m for m in modules() if ">>>" in m.read_text()], ids=name)
def test_the_examples_in_the_source_give_what_they_print(module, monkeypatch):
    monkeypatch.setattr("os.environ", dict(os.environ))
    dotted = ".".join(module.relative_to(ROOT / "src").with_suffix("").parts)
    failed, _ = doctest.testmod(
        importlib.import_module(dotted.removesuffix(".__init__")),
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert failed == 0
