"""The report as one HTML file: no scripts, no network, pictures inside; prints on A4."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from steppewatch.engine.plan_report_pictures import Picture
from steppewatch.engine.plan_report_words import (
    ASSURED_HEAD,
    CLASS_HEAD,
    LOSS_HEAD,
    PACKAGE_HEAD,
    SECTION_HEAD,
    SHORT_HEAD,
    SITE_HEAD,
    Row,
    Story,
)

STYLE = """
:root { --ink: #1d262b; --soft: #5c6a72; --line: #d5dcdf; --seen: #2b8c84; --not: #b34700;
  color-scheme: light; }
* { box-sizing: border-box; }
html { background: #eceff0; }
body { max-width: 60rem; margin: 2rem auto; padding: 3.2rem 4rem 3.6rem; background: #fff;
  color: var(--ink); font: 17px/1.55 Charter, "Bitstream Charter", "Source Serif 4", Cambria,
  Georgia, "DejaVu Serif", serif; box-shadow: 0 1px 12px rgb(20 40 50 / 14%); }
h1 { margin: 0; font-size: 2.2rem; line-height: 1.15; letter-spacing: -0.01em;
  overflow-wrap: anywhere; }
h2 { margin: 2.6rem 0 0.7rem; font-size: 1.28rem; line-height: 1.25; break-after: avoid; }
p { margin: 0 0 0.8rem; max-width: 44rem; }
.source, figcaption, .facts dt, th, footer, .small { color: var(--soft);
  font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
.source { margin: 0.35rem 0 1.6rem; font-size: 0.86rem; overflow-wrap: anywhere; }
.answer { max-width: none; font-size: 1.22rem; line-height: 1.5; }
.caution { max-width: none; margin: 0 0 1.4rem; padding: 0.7rem 1rem; border: 2px solid #c00000;
  color: #c00000; font-weight: 700; }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 2.6rem; margin: 1.6rem 0 0.6rem;
  padding: 1rem 0; border: solid var(--line); border-width: 1px 0; }
.facts div { display: flex; flex-direction: column-reverse; }
.facts dt { font-size: 0.8rem; }
.facts dd { margin: 0; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
figure { margin: 1.4rem 0; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; }
figcaption { margin-top: 0.3rem; font-size: 0.84rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font: 0.84rem/1.4 system-ui, "Segoe UI", Roboto,
  "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
th { padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1.5px solid var(--ink); font-weight: 600;
  text-align: left; vertical-align: bottom; }
td { padding: 0.32rem 0.8rem 0.32rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.long { overflow-wrap: anywhere; }
.tight { white-space: nowrap; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.number { text-align: right; white-space: nowrap; }
.halves { display: grid; grid-template-columns: 1fr 1fr; gap: 0 3rem; }
.halves h2 { margin-top: 1.6rem; }
ul { max-width: 44rem; padding-left: 1.2rem; }
footer { margin-top: 2.6rem; padding-top: 0.8rem; border-top: 1px solid var(--line);
  font-size: 0.8rem; }
@page { size: A4; margin: 16mm 15mm 18mm; }
@media print { html { background: none; } body { max-width: none; margin: 0; padding: 0;
  box-shadow: none; font-size: 10.5pt; } .wide { overflow: visible; } }
@media (max-width: 46rem) { body { margin: 0; padding: 1.4rem; } .halves { display: block; } }
"""
LONG_WORD = 24
# Headings of columns that hold figures.
FIGURES = frozenset(
    {"No", "From km", "To km", "Seen", "Still seen", "Loss", "Adds", "Price", "Bought", "Limit",
     "Price each", "Together", "Weight", "Height above ground", "Detected", "Tracked",
     "Class told", "Met"}
)  # fmt: skip


def page(story: Story, pictures: Sequence[Picture], made_by: str) -> str:
    """Lay out a story with its pictures as one page.

    Args:
        story: The words; every text is escaped here.
        pictures: With their captions; where a picture stands follows from its name.
        made_by: For the foot.
    """
    shown = {picture.name: picture for picture in pictures}
    source = f'<p class="source">Siting plan from {escape(story.source)}</p>'
    parts = [
        f"<h1>{escape(story.title)}</h1>",
        source if story.source else '<p class="source">Siting plan</p>',
        *(f'<p class="caution">{escape(text)}</p>' for text in story.cautions),
        f'<p class="answer">{escape(story.answer)}</p>',
        _facts(story.facts),
        _figure(shown.get("map")),
        *_told("What each budget buys", "", _figure(shown.get("curve"))),
        *_told("Along the border", "", _figure(shown.get("border"))),
        '<div class="halves">',
        *_section("By stretch", SECTION_HEAD, story.sections),
        *_section("By class of target", CLASS_HEAD, story.classes),
        "</div>",
        *_assured(story),
        *_section("What is bought", PACKAGE_HEAD, story.packages),
        *_section("The sites", SITE_HEAD, story.sites),
        "<h2>If one site is lost</h2>",
        f"<p>{escape(story.robust)}</p>",
        _table(LOSS_HEAD, story.losses),
        "<h2>How this was worked out</h2>",
        *(f"<p>{escape(text)}</p>" for text in story.method),
        *_warnings(story.warnings),
        f"<footer>{escape(made_by)}</footer>",
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(story.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    shown = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in facts)
    return f'<dl class="facts">{shown}</dl>'


def _figure(picture: Picture | None) -> str:
    if picture is None:
        return ""
    data = base64.b64encode(picture.png).decode("ascii")
    return (
        f'<figure><img alt="{escape(picture.caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )


def _told(heading: str, text: str, figure: str) -> list[str]:
    if not figure:
        return []
    return [f"<h2>{escape(heading)}</h2>", f"<p>{escape(text)}</p>" if text else "", figure]


def _section(heading: str, head: Row, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    return [f"<div><h2>{escape(heading)}</h2>", _table(head, rows), "</div>"]


def _table(head: Row, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    kinds = [' class="number"' if name in FIGURES else "" for name in head]
    top = "".join(f"<th{k}>{escape(name)}</th>" for k, name in zip(kinds, head, strict=True))
    lines = (
        "<tr>" + "".join(_cell(k, cell) for k, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _assured(story: Story) -> list[str]:
    if not story.assured:
        return []
    return [
        "<h2>What a crossing meets</h2>",
        f"<p>{escape(story.assured)}</p>",
        _table(ASSURED_HEAD, story.assured_classes),
        *_section("Where that falls short most", SHORT_HEAD, story.assured_stretches),
    ]


def _cell(kind: str, text: str) -> str:
    if max(map(len, text.split()), default=0) > LONG_WORD:
        kind = ' class="long"'
    elif not kind and " " not in text:
        kind = ' class="tight"'
    return f"<td{kind}>{escape(text)}</td>"


def _warnings(warnings: Sequence[str]) -> list[str]:
    if not warnings:
        return []
    listed = "".join(f"<li>{escape(text)}</li>" for text in warnings)
    return ["<h2>Warnings</h2>", f"<ul>{listed}</ul>"]
