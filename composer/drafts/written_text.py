"""Pieces as lines of the grammar. What it cannot hold stands behind a mark that ``check`` refuses, words and all."""

from __future__ import annotations

from collections.abc import Callable

from composer import locale
from composer.drafts.passage import DraftRun, Runs, plain_runs
from composer.drafts.piece import DraftPiece, NoPlace
from composer.issue.addresses import is_address
from composer.issue.blocks import body
from composer.issue.body import (
    LEAST_COLUMNS,
    MOST_COLUMNS,
    Asterism,
    Citation,
    Crosshead,
    Element,
    Paragraph,
    Paywall,
    Point,
    Points,
)
from composer.issue.inline import Spans, Text, plain
from composer.issue.revision.element_lines import NewBox, lines_of
from composer.issue.revision.letters import EMPHASIS, STRONG, InlineMark, MarkedLetter, link_mark, nested
from composer.issue.revision.model import Unwritable
from composer.issue.revision.sentence_markdown import in_field, in_paragraph, markdown_of
from composer.issue.unplaced import unplaced_mark
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.finding import Severity

#: How little of the marks of a passage is kept, where more cannot be written.
_LESS: tuple[Callable[[DraftRun], DraftRun], ...] = (
    lambda run: run,
    lambda run: DraftRun(run.text, False, False, run.href),
    lambda run: DraftRun(run.text),
    lambda run: DraftRun(run.text.replace("\n", " ")),
)


def spans_of_runs(runs: Runs) -> Spans:
    """``runs`` as a sentence; an address that a letter may not link to is left out."""
    letters: list[MarkedLetter] = []
    for run in runs:
        marks: set[InlineMark] = set()
        if run.strong:
            marks.add(STRONG)
        if run.em:
            marks.add(EMPHASIS)
        if is_kept_link(run.href):
            marks.add(link_mark(run.href))
        for letter in run.text:
            kind = "break" if letter == "\n" else "text"
            letters.append(MarkedLetter(letter, kind, frozenset(marks)))  # type: ignore[arg-type] # reason: one of two
    return nested(letters)


def is_kept_link(href: str) -> bool:
    """Whether a letter may lead there; ``#id`` names a block here, and is none of a document's."""
    return bool(href) and not href.startswith("#") and is_address(href)


def kept_spans(runs: Runs, *, field: bool = False) -> Spans | None:
    """``runs`` with the marks that the grammar can write; None where it cannot write the words."""
    read = in_field if field else in_paragraph
    for less in _LESS[3:] if field and "\n" in plain_runs(runs) else _LESS:
        spans = spans_of_runs(tuple(map(less, runs)))
        try:
            markdown_of(spans, read)
        except Unwritable:
            continue
        return spans
    return None


def field_text(runs: Runs) -> str | None:
    """The Markdown of a field of one line; None where it cannot be written."""
    spans = kept_spans(tuple(run.with_text(run.text.replace("\n", " ")) for run in runs), field=True)
    return markdown_of(spans, in_field) if spans else None


def bold_text(runs: Runs) -> str | None:
    """The Markdown of a line in bold, with its links where that can be written; None where even its words cannot."""
    for keep in (True, False):
        bold = (DraftRun(" ".join(run.text.split("\n")), True, False, run.href if keep else "") for run in runs)
        spans = spans_of_runs(tuple(bold))
        try:
            text = markdown_of(spans, in_paragraph)
        except Unwritable:
            continue
        if text.startswith("**") and text.endswith("**") and "**" not in text[2:-2] and not text.endswith("\\**"):
            return text
    return None


class BodyLines:
    """The text of a block as it grows, element by element, an empty line between two; keys in ``language``."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._elements: list[list[str]] = []
        self._open: list[tuple[str, Point]] = []  # points that follow one another

    def __bool__(self) -> bool:
        return bool(self._elements or self._open)

    @property
    def text(self) -> str:
        self._close()
        return "\n\n".join("\n".join(lines) for lines in self._elements)

    def add(self, piece: DraftPiece) -> None:
        """Write ``piece``, a paragraph or any other element of a text."""
        if piece.role in ("point", "numbered"):
            spans = kept_spans(_single(piece.runs))
            lead = kept_spans(_single(piece.lead)) if piece.lead else None
            if spans is not None and (lead is not None or not piece.lead):
                if self._open and self._open[-1][0] != piece.role:
                    self._close()
                self._open.append((piece.role, Point(spans, lead)))
                return
        self._close()
        element = self._element(piece)
        if element is None or not self._put(element):
            self.unplace(piece if piece.role == "unplaced" else piece.unplaced("raw"))

    def unplace(self, piece: DraftPiece) -> None:
        """Write words that have no place, behind their mark."""
        self._close()
        words = " ".join(plain_runs((*piece.lead, DraftRun(" "), *piece.runs)).split())
        for row in piece.rows:
            words = " ".join([*words.split(), *(part for cell in row for part in (*plain_runs(cell).split(), "–"))])
        mark = unplaced_mark(why_unplaced(piece.why or "raw"), locale.language())
        spans = kept_spans((DraftRun(f"{mark} {words}".rstrip(" –")),))
        lines = (
            markdown_of(spans).split("\n") if spans else [mark, *(f"`{each}`" for each in [words.replace("`", "'")])]
        )
        self._elements.append(lines)

    def _element(self, piece: DraftPiece) -> Element | NewBox | None:
        if piece.role == "table":
            return self._table(piece)
        if piece.role in ("rule", "paywall"):
            return Asterism() if piece.role == "rule" else Paywall()
        if piece.role == "unplaced":
            return None
        spans = kept_spans(piece.runs)
        match piece.role:
            case "a_surveiller" | "en_filigrane" | "insight":
                return self._box(piece)
            case "citation":
                return Citation((spans,)) if spans else None
            case "crosshead":
                single = kept_spans(_single(piece.runs))
                return Crosshead(single) if single else None
            case _:
                return Paragraph(spans) if spans else None

    def _box(self, piece: DraftPiece) -> NewBox | None:
        title, text = field_text(piece.lead), kept_spans(piece.runs) if piece.runs else None
        if title is None or text is None:
            return None
        options = {"label": piece.named or _("Box")} if piece.role == "insight" else {}
        return NewBox(piece.role, title, options, tuple(markdown_of(text).split("\n")))

    def _table(self, piece: DraftPiece) -> NewBox | None:
        rows = piece.rows
        if len(rows) < 2 or {len(row) for row in rows} - {*range(LEAST_COLUMNS, MOST_COLUMNS + 1)}:
            return None
        if len({len(row) for row in rows}) > 1:
            return None
        lines = []
        for row in rows:
            cells = [field_text(cell) if plain_runs(cell).strip() else "" for cell in row]
            if any(cell is None for cell in cells):
                return None
            lines.append("| " + " | ".join((cell or "").replace("|", "\\|") for cell in cells) + " |")
        return NewBox("table", "", {}, tuple(lines))

    def _close(self) -> None:
        if self._open:
            points, self._open = self._open, []
            items = tuple(point for _role, point in points)
            if not self._put(Points(items, points[0][0] == "numbered")):
                for item in items:
                    lead = (*(item.lead or ()), Text(" "))
                    runs = (DraftRun(plain((*lead, *item.spans))),)
                    self.unplace(DraftPiece("unplaced", runs, why="raw"))

    def _put(self, element: Element | NewBox) -> bool:
        """Whether its lines are read as it, and were added."""
        try:
            lines = lines_of(element, self._language)
        except Unwritable:
            return False
        read = body("\n".join(lines))
        if len(read.elements) != 1 or any(each.severity is Severity.ERROR for each in read.problems):
            return False
        self._elements.append(lines)
        return True


def _single(runs: Runs) -> Runs:
    return tuple(run.with_text(run.text.replace("\n", " ")) for run in runs)


def why_unplaced(why: NoPlace) -> str:
    """What the words were, for people."""
    return {
        "hidden": _("hidden text"),
        "footnote": _("footnote"),
        "equation": _("equation"),
        "picture": _("picture"),
        "unread": _("text that the reader of documents dropped"),
        "raw": _("text that the grammar cannot write"),
        "opening": _("line above the first text"),
        "advertisement": _("advertisement, for config/sponsors"),
        "closing": _("line below the last text"),
        "cut": _("mark of a cut"),
        "headline": _("headline to write"),
        "text": _("text to write"),
        "table": _("table"),
        "subject": _("subject"),
        "footing": _("name of a section"),
    }[why]
