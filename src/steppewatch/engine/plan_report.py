"""Write a plan's report: what a minister can read, as HTML and as PDF."""

import warnings
from pathlib import Path

from steppewatch import __version__
from steppewatch.engine.border_file import load_border
from steppewatch.engine.plan_report_assured import read_assured
from steppewatch.engine.plan_report_html import page
from steppewatch.engine.plan_report_pdf import pdf
from steppewatch.engine.plan_report_pictures import pictures
from steppewatch.engine.plan_report_read import read_cells, read_plan
from steppewatch.engine.plan_report_words import tell
from steppewatch.engine.whole_file import whole_file


def write_report(folder: Path) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.pdf`` beside a plan.

    Args:
        folder: Holds ``plan.json`` and, where there is terrain, ``cells.npz``; with
            ``assurance.json`` beside them, as ``plan assure --out`` writes it, the report tells
            what a crossing meets.

    Returns:
        The two files. Each is written whole or not at all, and carries no date: equal plans give
        equal reports.

    Raises:
        EngineError: The plan cannot be read, or the files cannot be written.
        StoreFullError: The disk is full.
    """
    plan, cells = read_plan(folder), read_cells(folder)
    story, made_by = tell(plan, read_assured(folder)), f"Steppewatch {__version__}"
    with warnings.catch_warnings():
        # A script that the fonts lack is drawn as boxes in the PDF; the HTML has it all.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        drawn = tuple(pictures(plan, cells, load_border()))
        book = pdf(story, drawn, made_by)
    html, paper = folder / "report.html", folder / "report.pdf"
    with whole_file(html) as stream:
        stream.write(page(story, drawn, made_by).encode("utf-8"))
    with whole_file(paper) as stream:
        stream.write(book)
    return html, paper
