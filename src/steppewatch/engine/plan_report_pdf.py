"""The report as PDF, A4 upright, set with matplotlib alone."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from steppewatch.engine.plan_map import FAINT, INK, SOFT, new_figure, plain
from steppewatch.engine.plan_report_html import FIGURES
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

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE, TALL = 8.27, 11.69  # A4 [inch]
LEFT, RIGHT, TOP, BOTTOM = 0.8, 0.8, 0.8, 0.85
RED = "#c00000"
SERIF, SANS = "DejaVu Serif", "DejaVu Sans"
# Parts of the width that a table's columns take.
WIDTHS = {
    SITE_HEAD: (0.045, 0.125, 0.125, 0.265, 0.085, 0.155, 0.2),
    PACKAGE_HEAD: (0.2, 0.24, 0.1, 0.08, 0.18, 0.2),
    SECTION_HEAD: (0.4, 0.2, 0.2, 0.2),
    CLASS_HEAD: (0.34, 0.3, 0.16, 0.2),
    ASSURED_HEAD: (0.28, 0.18, 0.18, 0.18, 0.18),
    SHORT_HEAD: (0.2, 0.1, 0.1, 0.11, 0.09, 0.4),
    LOSS_HEAD: (0.6, 0.2, 0.2),
}


class Pages:
    """Set text, pictures and tables from the top of a page to its bottom, then on the next."""

    def __init__(self, foot: str) -> None:
        from matplotlib.backends.backend_agg import RendererAgg  # noqa: PLC0415

        self.figures: list[Figure] = []
        self._foot = foot
        self._measure: Any = RendererAgg(10, 10, 72)  # type: ignore[no-untyped-call]
        self._y = 0.0
        self.turn()

    @property
    def width(self) -> float:
        """Give the width of the text [inch]."""
        return WIDE - LEFT - RIGHT

    def turn(self) -> None:
        """Begin a page."""
        figure = new_figure(WIDE, TALL)
        self.figures.append(figure)
        self._y = TALL - TOP
        number = str(len(self.figures))
        _put(figure, LEFT, 0.48, self._foot, size=7, color=SOFT)
        _put(figure, WIDE - RIGHT, 0.48, number, size=7, color=SOFT, ha="right")

    def need(self, height: float) -> None:
        """Turn the page unless so much room [inch] is left."""
        if self._y - height < BOTTOM:
            self.turn()

    def skip(self, height: float) -> None:
        """Leave room [inch]."""
        self._y -= height

    def text(self, text: str, size: float, *, lead: float = 1.42, **style: Any) -> None:
        """Set a paragraph over the whole width."""
        line = size * lead / 72.0
        family, weight = style.get("family", SERIF), style.get("weight", "normal")
        for words in self.wrap(text, size, self.width, family, weight):
            self.need(line)
            self._y -= line
            _put(self.figures[-1], LEFT, self._y + 0.25 * line, words, size=size, **style)

    def heading(self, text: str, room: float = 1.3) -> None:
        """Set a heading, never alone at the foot of a page: with so much below it [inch]."""
        self.need(room)
        self.skip(0.24)
        self.text(text, 13.0, weight="bold")
        self.skip(0.07)

    def picture(self, picture: Picture, heading: str) -> None:
        """Set a picture over the whole width, with its heading and its caption."""
        from matplotlib import image  # noqa: PLC0415

        pixels = image.imread(io.BytesIO(picture.png), format="png")
        tall = self.width * pixels.shape[0] / pixels.shape[1]
        if heading:
            self.heading(heading, tall + 0.85)
        shrink = min(1.0, (TALL - TOP - BOTTOM - 0.5) / tall)
        self.need(tall * shrink + 0.4)
        self._y -= tall * shrink
        axes = self.figures[-1].add_axes(
            (LEFT / WIDE, self._y / TALL, self.width * shrink / WIDE, tall * shrink / TALL)
        )
        axes.imshow(pixels, interpolation="antialiased", aspect="auto")
        axes.set_axis_off()
        self.skip(0.04)
        self.text(picture.caption, 7.5, family=SANS, color=SOFT)
        self.skip(0.08)

    def table(self, head: Row, rows: Sequence[Row]) -> None:
        """Set a table; its head stands on every page."""
        parts = WIDTHS[head]
        starts = [LEFT + self.width * sum(parts[:i]) for i in range(len(parts))]
        columns = [
            (start, self.width * part - 0.12, name in FIGURES)
            for start, part, name in zip(starts, parts, head, strict=True)
        ]
        self._row(head, columns, weight="bold", color=SOFT)
        for row in rows:
            lines = max(
                len(self.wrap(cell, 7.5, wide, SANS))
                for cell, (_, wide, _) in zip(row, columns, strict=True)
            )
            if self._y - lines * 0.148 - 0.06 < BOTTOM:
                self.turn()
                self._row(head, columns, weight="bold", color=SOFT)
            self._row(row, columns, color=INK)

    def wrap(
        self, text: str, size: float, width: float, family: str, weight: str = "normal"
    ) -> list[str]:
        """Break a text into lines no wider than a width [inch]."""
        from matplotlib.font_manager import FontProperties  # noqa: PLC0415

        font = FontProperties(family=[family, "DejaVu Sans"], size=size, weight=weight)

        def wide(words: str) -> float:
            return float(self._measure.get_text_width_height_descent(words, font, False)[0]) / 72.0

        lines, line = [], ""
        for word in _cut(text.split(" "), lambda part: wide(part) <= width):
            tried = f"{line} {word}" if line else word
            if line and wide(tried) > width:
                lines.append(line)
                tried = word
            line = tried
        return [*lines, line]

    def _row(self, cells: Row, columns: Sequence[tuple[float, float, bool]], **style: Any) -> None:
        wrapped = [
            self.wrap(cell, 7.5, wide, SANS)
            for cell, (_, wide, _) in zip(cells, columns, strict=True)
        ]
        figure, line = self.figures[-1], 0.148
        for lines, (start, wide, number) in zip(wrapped, columns, strict=True):
            for i, words in enumerate(lines):
                x = start + wide if number else start
                y = self._y - (i + 1) * line + 0.03
                _put(figure, x, y, words, size=7.5, family=SANS,
                     ha="right" if number else "left", **style)  # fmt: skip
        self._y -= line * max(len(lines) for lines in wrapped) + 0.03
        _rule(figure, self._y, WIDE - RIGHT)
        self._y -= 0.03


def pdf(story: Story, pictures: Sequence[Picture], made_by: str) -> bytes:
    """Lay out a story with its pictures as a PDF.

    Args:
        story: The words.
        pictures: With their captions.
        made_by: For the foot of each page.
    """
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415

    shown = {picture.name: picture for picture in pictures}
    pages = Pages(f"{story.title[:70]} · {made_by}")
    pages.text(story.title, 21.0, lead=1.25, weight="bold")
    source = f"Siting plan from {story.source}" if story.source else "Siting plan"
    pages.text(source, 8.0, family=SANS, color=SOFT)
    pages.skip(0.16)
    for text in story.cautions:
        pages.text(text, 9.5, family=SANS, color=RED, weight="bold")
        pages.skip(0.14)
    pages.text(story.answer, 11.5, lead=1.5)
    pages.skip(0.1)
    _facts(pages, story)
    for name, heading in (
        ("map", ""),
        ("curve", "What each budget buys"),
        ("border", "Along the border"),
    ):
        if name in shown:
            pages.picture(shown[name], heading)
    if story.assured:
        pages.heading("What a crossing meets")
        pages.text(story.assured, 9.5)
        pages.skip(0.08)
        pages.table(ASSURED_HEAD, story.assured_classes)
    for heading, head, rows in (
        ("Where that falls short most", SHORT_HEAD, story.assured_stretches),
        ("By stretch", SECTION_HEAD, story.sections),
        ("By class of target", CLASS_HEAD, story.classes),
        ("What is bought", PACKAGE_HEAD, story.packages),
        ("The sites", SITE_HEAD, story.sites),
    ):
        if rows:
            pages.heading(heading)
            pages.table(head, rows)
    pages.heading("If one site is lost")
    pages.text(story.robust, 9.5)
    if story.losses:
        pages.skip(0.08)
        pages.table(LOSS_HEAD, story.losses)
    pages.heading("How this was worked out")
    for text in story.method:
        pages.text(text, 9.5)
        pages.skip(0.07)
    if story.warnings:
        pages.heading("Warnings")
        for text in story.warnings:
            pages.text(f"• {text}", 9.5)
    stream = io.BytesIO()
    about = {"Title": story.title, "Creator": made_by, "CreationDate": None}
    with PdfPages(stream, metadata=about) as book:
        for figure in pages.figures:
            book.savefig(figure)
    return stream.getvalue()


def _cut(words: Iterable[str], fits: Callable[[str], bool]) -> Iterator[str]:
    """Cut words that are wider than their column."""
    for word in words:
        rest = word
        while len(rest) > 1 and not fits(rest):
            keep = next((n for n in range(len(rest) - 1, 1, -1) if fits(rest[:n])), 1)
            yield rest[:keep]
            rest = rest[keep:]
        yield rest


def _facts(pages: Pages, story: Story) -> None:
    pages.need(0.8)
    figure, y = pages.figures[-1], pages._y  # noqa: SLF001 (the same module)
    _rule(figure, y, WIDE - RIGHT)
    whole = sum(max(len(value) * 1.7, len(label)) + 3.0 for label, value in story.facts)
    x = LEFT
    for label, value in story.facts:
        _put(figure, x, y - 0.34, value, size=12.5)
        _put(figure, x, y - 0.53, label, size=7.5, family=SANS, color=SOFT)
        x += pages.width * (max(len(value) * 1.7, len(label)) + 3.0) / whole
    _rule(figure, y - 0.66, WIDE - RIGHT)
    pages.skip(0.8)


def _put(figure: "Figure", x: float, y: float, text: str, *, size: float, **style: Any) -> None:
    style.setdefault("family", SERIF)
    style.setdefault("color", INK)
    style["family"] = [style["family"], "DejaVu Sans"]
    figure.text(x / WIDE, y / TALL, plain(text), fontsize=size, va="baseline", **style)


def _rule(figure: "Figure", y: float, right: float) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    line = Line2D([LEFT / WIDE, right / WIDE], [y / TALL, y / TALL], color=FAINT, lw=0.6)
    figure.add_artist(line)
