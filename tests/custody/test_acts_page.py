"""The page of acts tells every kind and every key that the register takes."""

from pathlib import Path

import pytest

from steppewatch.custody.register.shape import GOVERNED, SHAPES

PAGE = (Path(__file__).parents[2] / "docs" / "custody-acts.md").read_text("utf-8")


@pytest.mark.parametrize(("kind", "keys"), [*SHAPES.items(), *GOVERNED.items()])
def test_the_page_has_a_row_with_every_key_of(kind, keys):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    assert [key for key in keys if f"`{key}`" not in row] == []
