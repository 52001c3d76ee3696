"""Split a body into runs, each laid out by one component.

Many paragraphs go into one ``mj-text``: each component costs some two hundred bytes of tables, and Gmail cuts letters
at 102 KB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from composer.issue.blocks.figure import ResolvedFigure
from composer.issue.body import Asterism, Citation, Crosshead, Paragraph, Points
from composer.issue.inline import Span
from composer.issue.marked import Anchor, marked
from composer.issue.resolved import Resolved, ResolvedBody, ResolvedElement
from composer.newsroom.model import Style
from composer.rendering.sentence_marks import without_marks


@dataclass(frozen=True)
class RunIn:
    """A crosshead in bold at the beginning of its paragraph."""

    crosshead: tuple[Span, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Run:
    """Consecutive paragraphs, crossheads and points (``prose``), or one component (its template's name)."""

    name: str
    elements: tuple[ResolvedElement | RunIn | Resolved, ...]


#: Most MJML in one section, in characters; a longer block gets a section of its own.
SECTION = 6000

#: Element of prose → its name in the body's template.
PROSE_NAMES: dict[type, str] = {
    Paragraph: "paragraph",
    Crosshead: "crosshead",
    Points: "points",
    Citation: "citation",
    Asterism: "asterism",
    RunIn: "run-in",
    ResolvedFigure: "aside",
}


def kind(element: ResolvedElement | RunIn) -> str:
    return PROSE_NAMES[type(element)]


def _is_prose(element: ResolvedElement | RunIn, following: ResolvedElement | RunIn | None) -> bool:
    """True for text, and for a small picture with a text after it, beside which it stands."""
    if isinstance(element, ResolvedFigure):
        return element.size == "small" and stands_beside(following)
    return type(element) in PROSE_NAMES


def stands_beside(following: object) -> bool:
    """Whether a small picture stands beside ``following``, what comes after it: a text, no box, no other picture."""
    return type(following) in (Paragraph, Crosshead, RunIn, Points, Citation)


def runs(body: ResolvedBody, style: Style) -> list[Run]:
    """Split ``body`` into runs; crossheads run in with the next paragraph where ``style`` asks for it.

    A small picture begins one, below the picture before it: side by side they would leave no room for the text.
    """
    found: list[Run] = []
    prose: list[ResolvedElement | RunIn] = []
    elements = tuple(_run_in(body)) if style.crossheads == "run-in" else body
    for element, following in zip(elements, [*elements[1:], None], strict=False):
        is_prose = _is_prose(element, following)
        if prose and not (is_prose and not isinstance(element, ResolvedFigure)):
            found.append(Run("prose", tuple(prose)))
            prose = []
        if is_prose:
            prose.append(element)
            continue
        assert isinstance(element, Resolved)
        found.append(Run(element.template, (element,)))
    if prose:
        found.append(Run("prose", tuple(prose)))
    return found


def _run_in(body: Sequence[ResolvedElement]) -> Iterator[ResolvedElement | RunIn]:
    waiting: Crosshead | None = None
    for element in body:
        if waiting is not None and isinstance(element, Paragraph):
            yield RunIn(waiting.spans, element.spans)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if isinstance(element, Crosshead):
            waiting = element
        else:
            yield element
    if waiting is not None:
        yield waiting


def sections(blocks: Mapping[str, str]) -> list[list[str]]:
    """Group blocks' marks into sections: each costs 1 KB, but Word breaks a table taller than about two pages."""
    found: list[list[str]] = [[]]
    size = 0
    for mark, block in blocks.items():
        length = len(without_marks(block))
        if found[-1] and size + length > SECTION:
            found.append([])
            size = 0
        found[-1].append(mark)
        size += length
    return found


def link_targets(blocks: Sequence[Resolved]) -> frozenset[str]:
    """The ids in this edition that a link may lead to."""
    return frozenset(each.value for each in marked(tuple(blocks), Anchor))
