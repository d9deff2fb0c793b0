"""Run the benchmarks and write their figures into ``docs/benchmarks.md``.

    python -m benchmarks                    all of them
    python -m benchmarks asterix stream     some of them; the others keep their last figures

Each ``bench_<name>.py`` offers ``main() -> list[dict]`` with ``name``, ``value``, ``unit`` and
perhaps ``note``; the first line of its docstring is the question that it answers.
"""

import datetime as dt
import importlib
import os
import platform
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Measured by `make bench`; each table names its machine and day. Single runs on shared machines
move by some ten per cent; ratios inside one table are steadier than absolute figures.
"""


def processor() -> str:
    """Name the processor and how many of it there are."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        model = re.search(r"model name\s*: (.+)", text)
        name = model.group(1) if model else platform.processor()
    except OSError:
        name = platform.processor()
    return f"{name}, {os.cpu_count()} cores"


def table(name: str) -> str:
    """Run one benchmark and lay out its figures."""
    module = importlib.import_module(f"benchmarks.bench_{name}")
    rows = module.main()
    question = (module.__doc__ or name).strip().splitlines()[0]
    lines = [
        f"## {name}",
        "",
        question,
        "",
        "| measure | value | unit | note |",
        "|---|---:|---|---|",
    ]
    for row in rows:
        value = row["value"]
        shown = (
            f"{value:,.4g}" if isinstance(value, float) and abs(value) < 1e4 else f"{value:,.0f}"
        )
        lines.append(f"| {row['name']} | {shown} | {row['unit']} | {row.get('note', '')} |")
    day = dt.datetime.now(dt.UTC).date().isoformat()
    python = platform.python_version()
    lines += ["", f"{processor()}; Python {python}; {day}; `python -m benchmarks {name}`.", ""]
    return "\n".join(lines)


def main() -> None:
    """Run what was asked for and rewrite the page."""
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    wanted = sys.argv[1:] or known
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"no benchmark is called {sorted(unknown)}; there are {known}")
    old = PAGE.read_text() if PAGE.exists() else ""
    sections = dict(
        re.findall(r"^(?=## (\S+)\n)(## .*?)(?=^## |\Z)", old, re.MULTILINE | re.DOTALL)
    )
    for name in wanted:
        print(f"{name}…", flush=True)
        sections[name] = table(name)
        body = "\n".join(sections[key].rstrip() + "\n" for key in sorted(sections))
        PAGE.write_text(f"{HEAD}\n{body}")
    print(f"figures are in {PAGE.name}")


if __name__ == "__main__":
    main()
