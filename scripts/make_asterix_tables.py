"""Write the tables of ``wire/asterix/cat*.py`` from the machine-readable ASTERIX definitions.

The definitions (``*.ast``) are those of github.com/zoranbosnjak/asterix-specs (BSD-3-Clause,
notice in ``docs/asterix.md``), which restate the EUROCONTROL specifications. Only names, widths,
codings and units are taken over; the prose and the value tables stay where they are.

    python scripts/make_asterix_tables.py cat-1.32.ast [ref-1.13.ast] > table.txt

prints one category's table in the form that ``steppewatch.wire.asterix.table`` explains; paste it
between the quotes of ``TABLE``.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

WIDTH = 96
PROSE = {"definition", "remark", "description", "preamble", "table"}


@dataclass
class Line:
    """Hold one line of a definition and the lines that are indented below it."""

    text: str
    below: list["Line"] = field(default_factory=list)

    def drop_prose(self) -> None:
        """Forget what explains, keep what describes bits."""
        self.below = [b for b in self.below if b.text not in PROSE]
        for line in self.below:
            line.drop_prose()


def outline(text: str) -> Line:
    """Turn indentation into a tree."""
    root = Line("")
    stack = [(-1, root)]
    for raw in text.splitlines():
        if not raw.strip():
            continue
        depth = len(raw) - len(raw.lstrip())
        while stack[-1][0] >= depth:
            stack.pop()
        line = Line(raw.strip())
        stack[-1][1].below.append(line)
        stack.append((depth, line))
    root.drop_prose()
    return root


PLAIN = {
    "raw": "",
    "string octal": ":oct",
    "string ascii": ":ascii",
    "string icao": ":icao",
    "bds": ":hex",
    "bds 30": ":hex",
}


def coding(line: Line) -> str:
    """Translate how the bits of an element are read."""
    text = line.text
    if text in PLAIN:
        return PLAIN[text]
    if match := re.match(r'(un)?signed quantity (\S+) "([^"]*)"', text):
        return f":{'u' if match[1] else 'i'}*{match[2]}[{match[3]}]"
    if text.startswith("signed integer"):
        return ":i"
    if text.startswith("unsigned integer"):
        return ":u"
    if text.startswith("case"):
        first, second = (coding(branch.below[0]) for branch in line.below[:2])
        return f"{first}~{text.split('/')[-1]}{second.lstrip(':u')}"
    raise ValueError(f"no translation for the coding {text!r}")


def form(name: str, line: Line) -> str:
    """Translate one description of bits, named or not."""
    word, *rest = line.text.split()
    if word == "element":
        code = coding(line.below[0]) if line.below else ""
        if not code and int(rest[0]) > 16:
            code = ":hex"
        return f"{name}:{rest[0]}{code}"
    opening = {
        "group": "(",
        "extended": "fx(",
        "compound": "sub1(" if rest == ["1"] else "sub(",
        "repetitive": "repfx(" if rest == ["fx"] else "rep(",
        "explicit": "len",
    }[word]
    label = f"{name}=" if name and word != "group" else name
    if word == "explicit":
        return f"{label}len"
    return f"{label}{opening}{' '.join(parts(word, line))})"


def parts(word: str, line: Line) -> list[str]:
    """Translate what stands inside a group, extended, compound or repetitive form."""
    if word == "repetitive":
        return [form("", line.below[0])]
    found = []
    for part in line.below:
        if part.text == "-":
            found.append("|" if word == "extended" else "-")
        elif part.text.startswith("spare"):
            found.append(f"-:{part.text.split()[1]}")
        else:
            found.append(form(part.text.split()[0], part.below[0]))
    return found


def wrap(text: str) -> list[str]:
    """Break a long entry between its parts, indented."""
    lines, current = [], ""
    for word in text.split(" "):
        if current and len(current) + len(word) + 1 > WIDTH:
            lines.append(current)
            current = "    "
        current += (" " if current.strip() else "") + word
    return [*lines, current]


def main() -> None:
    """Print one category's table."""
    tree = outline(Path(sys.argv[1]).read_text("utf-8"))
    sections = {line.text: line for line in tree.below}
    expansion = ""
    if len(sys.argv) > 2:
        reserved = outline(Path(sys.argv[2]).read_text("utf-8"))
        body = next(line for line in reserved.below if line.text.startswith("compound"))
        expansion = form("", body)
    items = {line.text.split()[0]: line for line in sections["items"].below}
    for entry in sections["uap"].below:
        name = entry.text
        if name == "-":
            print("-")
            continue
        text = form("", items[name].below[0])
        if name == "RE" and expansion:
            text = f"len({expansion})"
        print("\n".join(wrap(f"{items[name].text} {text}")))


if __name__ == "__main__":
    main()
