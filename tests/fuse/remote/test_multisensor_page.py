"""The page on many sensors begins with an example, and the example works."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "multisensor.md"


def test_the_pages_first_example_does_what_it_says(capsys):
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL).group(1)
    names = {}
    exec(code, names)  # noqa: S102
    told = capsys.readouterr().out
    assert told.startswith("1 track, ")
    assert int(told.split()[2]) >= 20
    assert list(names["picture"][0].id) == list(names["shared"].members["gid"])
