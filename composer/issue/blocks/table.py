"""A table of two to four columns, in live text; a column of figures may be drawn as bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.body import Row
from composer.issue.context import Context
from composer.issue.field_types import InlineText, TableText
from composer.issue.figures import MISSING, FigureCell, figure
from composer.issue.inline import Spans, plain
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.source.finding import Severity

#: Pixels of a letter, between two columns, and across the paper of a telephone and of a desk.
_LETTER, _GAP, _PAPER, _DESK = 8, 16, 354, 592


class Table(Block):
    type: Literal["table"] = "table"
    main = "rows"
    french = "tableau"
    described = "A table of two to four columns, with bars where they tell more"
    boxed = Boxed("title", "rows", ("source", "bars", "audience"))
    french_keys: ClassVar[Mapping[str, str]] = {"rows": "lignes", "bars": "barres"}
    french_values: ClassVar[Mapping[str, str]] = {"yes": "oui", "no": "non"}

    rows: TableText = Field(description="Lines, cells parted by |; the first names the columns")
    title: InlineText | None = Field(None, description="Title of the table")
    source: InlineText | None = Field(None, description="Where it comes from")
    bars: Literal["yes", "no"] | None = Field(
        None, description="A bar for each figure of the last column that has figures"
    )


@dataclass(frozen=True)
class ResolvedTable(Resolved):
    """``right``: whether each column holds figures. ``bars``: of each line of ``rows``, in per cent; none: no bars.

    ``wide``: a telephone has no room for it; ``wider``: nor has a desk, unless its words are broken. ``shares``: of
    each column, in per cent, by its longest word: where the desk has room, none is broken, though one may be.
    """

    template = "table"

    head: Row
    rows: tuple[Row, ...]
    right: tuple[bool, ...]
    title: Spans = ()
    source: Spans = ()
    bars: tuple[int, ...] = ()
    wide: bool = False
    wider: bool = False
    shares: tuple[int, ...] = ()


def resolve(context: Context, block: Table, at: BlockPosition) -> ResolvedTable | None:
    found = [Row(tuple(context.resolved(cell) for cell in each.cells)) for each in block.rows if isinstance(each, Row)]
    if not found:  # a mistake of the file, reported there
        return None
    head, rows = found[0], tuple(found[1:])
    columns = [[plain(row.cells[number]).strip() for row in rows] for number in range(len(head.cells))]
    figures = [[figure(words, context.language) for words in column] for column in columns]
    right = tuple(
        any(held) and all(each or words.casefold() in MISSING for each, words in zip(held, column, strict=True))
        for held, column in zip(figures, columns, strict=True)
    )
    named = [[plain(name), *cells] for name, cells in zip(head.cells, columns, strict=True)]
    widths = _widths(context, named, right, at)
    width = sum(widths)
    bars: tuple[int, ...] = ()
    if block.bars == "yes":
        drawn = next((held for held, is_right in zip(figures[:0:-1], right[:0:-1], strict=True) if is_right), [])
        bars = _bars(context, drawn, at)
    title, source = context.sentence(block.title), context.sentence(block.source)
    shares = tuple(100 * each // width for each in widths) if _PAPER < width <= _DESK else ()
    return ResolvedTable(head, rows, right, title, source, bars, width > _PAPER, width > _DESK, shares)


def _bars(context: Context, figures: list[FigureCell | None], at: BlockPosition) -> tuple[int, ...]:
    """The bar of each figure, in per cent of the greatest; none, with a finding, where they cannot be compared."""
    given = [each for each in figures if each is not None]
    units = sorted({each.unit for each in given})
    why = ""
    if not given:
        why = _("there is no column of figures after the first one: a bar draws a figure")
    elif len(units) > 1:
        why = _("bars compare figures of one unit, and here are {units}").format(units=", ".join(units))
    elif min(each.value for each in given) < 0 or max(each.value for each in given) == 0:
        why = _("bars draw figures that are zero or more: a negative one has no length")
    if why:
        context.add("table-bars", why, at.of("bars"), at.line)
        return ()
    most = max(each.value for each in given)
    return tuple(0 if each is None else max(round(100 * each.value / most), 1 if each.value else 0) for each in figures)


def _widths(context: Context, columns: list[list[str]], right: tuple[bool, ...], at: BlockPosition) -> list[int]:
    """Pixels that the longest word of each column, or figures whole, takes with the space before it.

    More than a telephone has are said: there, each line is printed as a list.
    """
    widths: list[int] = []
    for is_right, (name, *cells) in zip(right, columns, strict=True):
        whole = [*name.split(" "), *(cells if is_right else " ".join(cells).split(" "))]
        widths.append(_LETTER * max(map(len, whole)) + (_GAP if widths else 0))
    if (width := sum(widths)) > _PAPER:
        message = _(
            "a telephone shows some {most} letters a line, and this table needs {wanted}: there, each line is printed "
            "as a list; to keep its columns, shorten its words"
        )
        message = message.format(most=_PAPER // _LETTER, wanted=width // _LETTER)
        context.add("table-wide", message, at.of("rows"), at.line, Severity.WARNING)
    return widths


TABLE = BlockType(Table, ResolvedTable, resolve)
