"""The house keeps its walls, sizes and names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "steppewatch"
MODULES = sorted(SOURCE.rglob("*.py"))
OURS = [
    *MODULES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
    *sorted((ROOT / "scripts").rglob("*.py")),
    *sorted((ROOT / "frontend" / "src").rglob("*.ts")),
    *sorted((ROOT / "frontend" / "src").rglob("*.css")),
]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "impl"}
CEILING = 400


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", OURS, ids=name)
def test_no_file_is_longer_than_the_ceiling(path):
    lines = len(path.read_text().splitlines())
    assert lines <= CEILING, f"{name(path)} has {lines} lines: make it a folder"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_has_an_empty_name(path):
    words = set(path.relative_to(SOURCE).with_suffix("").parts)
    assert not words & EMPTY_NAMES, f"{name(path)}: name it after what it is in the trade"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)} has no docstring"


def test_no_two_modules_import_each_other_in_a_circle_and_no_room_looks_down():
    """import-linter holds the contracts of pyproject.toml, exhaustively."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_engine_logs(path):
    if path.relative_to(SOURCE).parts[0] in {"engine", "cli"}:
        return
    assert not re.search(r"^\s*(import logging|from logging)", path.read_text(), re.MULTILINE)


def test_help_answers_without_numba_numpy_or_scipy():
    """The command line must answer in a moment: it imports nothing heavy."""
    code = (
        "import sys; sys.argv = ['steppewatch', '--help']\n"
        "from steppewatch.cli import steppewatch\n"
        "try:\n    steppewatch()\n"
        "except SystemExit: pass\n"
        "heavy = {'numba', 'numpy', 'scipy', 'rasterio', 'starlette'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_nothing_in_the_project_is_tied_to_one_machine():
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    home = re.compile(r"/(?:root|home/[a-z]+|Users/[A-Za-z]+)/")
    for path in tracked:
        if not path or path.startswith("src/steppewatch/web/static/"):
            continue
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found = home.search(text)
        assert found is None, f"{path} names a private folder: {found.group(0)}"
