"""What composing one edition knows, and the findings it gathers on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from composer.issue.blocks import Article, ASurveiller, Audience, Block, Briefs, Edito, Masthead
from composer.issue.body import Body, Element, Paywall
from composer.issue.edition import PastIssue
from composer.issue.inline import Emphasis, Link, Span, Strong
from composer.issue.model import Issue
from composer.issue.printed import PrintedFigure, Signature, Spans
from composer.locale import Language, translate
from composer.newsroom.model import HOUSE_STYLE, THEME_STYLES, Newsroom, Publication, Style
from composer.source.document import Loc
from composer.source.finding import Finding, Problem, Severity


@dataclass
class Context:
    """One issue, for one audience. ``figures`` and ``signatures`` gather what the masthead prints at the end."""

    issue: Issue
    newsroom: Newsroom
    audience: Audience
    past: Sequence[PastIssue] = ()
    findings: list[Finding] = field(default_factory=list)
    figures: list[PrintedFigure] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.publication: Publication = self.newsroom.publications[self.issue.key.publication]
        self.language: Language = self.issue.key.language or self.publication.language
        self.publication = self.publication.in_language(self.language)
        self.folder: Path = (self.newsroom.root / self.issue.source.file).parent
        own = self.issue.front.style or Style()
        house = THEME_STYLES[self.publication.theme.name].over(HOUSE_STYLE)
        self.style: Style = own.over(self.publication.style.over(house))
        #: Credits stand together in the masthead, not in each caption; a machine is named beside its picture too.
        self.groups_credits: bool = any(
            isinstance(block, Masthead)
            and self.gets(block)
            and block.photo_credits == "auto"
            and self.style_of(block).credits == "grouped"
            for block in self.issue.front.blocks
        )
        self.anchors: Mapping[str, Spans] = dict(anchors(self.issue, self.audience))

    def say(self, message: str) -> str:
        """``message`` in the letter's language."""
        return translate(message, self.language)

    def gets(self, block: Block) -> bool:
        """Whether this audience gets ``block``."""
        return block.audience in ("all", self.audience)

    def style_of(self, block: Block, under: Style | None = None) -> Style:
        return (block.style or Style()).over(under or self.style)

    def add(
        self,
        code: str,
        message: str,
        loc: Loc,
        line: int = 0,
        severity: Severity = Severity.ERROR,
        suggestion: str | None = None,
    ) -> None:
        source = self.issue.source
        self.findings.append(source.finding(code, message, loc, line=line, severity=severity, suggestion=suggestion))

    def add_problem(self, problem: Problem, loc: Loc, line: int = 0) -> None:
        """A mistake in a text that is not the issue's, at the place that calls for it."""
        self.add(problem.code, problem.message, loc, line, problem.severity)

    def resolved(self, spans: Spans) -> Spans:
        """``spans`` whose references to blocks that this edition does not hold are plain words."""
        return tuple(self._resolved(spans))

    def _resolved(self, spans: Spans) -> Iterator[Span]:
        for span in spans:
            match span:
                case Link(url, children) if url.startswith("#") and url[1:] not in self.anchors:
                    yield from self._resolved(children)
                case Link(url, children):
                    yield Link(url, self.resolved(children))
                case Strong(children):
                    yield Strong(self.resolved(children))
                case Emphasis(children):
                    yield Emphasis(self.resolved(children))
                case _:
                    yield span


def readable(body: Body, audience: Audience) -> tuple[tuple[int, Element], ...]:
    """The elements of ``body`` that ``audience`` gets, each with its line: before ``===`` only, for free readers."""
    lines = body.lines or (0,) * len(body.elements)
    whole = tuple(zip(lines, body.elements, strict=True))
    if audience == "free":
        wall = next((n for n, (_, element) in enumerate(whole) if isinstance(element, Paywall)), len(whole))
        whole = whole[:wall]
    return tuple(
        (line, element)
        for line, element in whole
        if not isinstance(element, Paywall) and not (isinstance(element, Block) and not _for(element, audience))
    )


def is_cut(article: Article) -> bool:
    """Whether a line ``===`` stands in the article."""
    return any(isinstance(element, Paywall) for element in article.body)


def free_part(article: Article) -> tuple[tuple[int, Element], ...]:
    """What free readers get of the article's body: nothing where it is paid for and not cut."""
    if article.access == "paid" and not is_cut(article):
        return ()
    return readable(article.body, "free")


def locked(article: Article, audience: Audience) -> bool:
    """Whether a part of the article is kept from ``audience``."""
    return audience == "free" and (article.access == "paid" or is_cut(article))


def anchors(issue: Issue, audience: Audience) -> Iterator[tuple[str, Spans]]:
    """The ids that the edition for ``audience`` holds, each with the words that name it."""
    for block in issue.front.blocks:
        if not _for(block, audience):
            continue
        body: tuple[tuple[int, Element], ...] = ()
        match block:
            case Article():
                body = free_part(block) if audience == "free" else readable(block.body, audience)
                if block.id:
                    yield block.id, block.headline.spans
            case Edito():
                body = readable(block.body, audience)
                if block.id:
                    yield block.id, block.headline.spans
            case Briefs():
                yield from ((item.id, item.headline.spans) for item in block.items if item.id)
            case ASurveiller() if block.id:
                yield block.id, block.title.spans
            case _:
                pass
        for _, element in body:
            if isinstance(element, ASurveiller) and element.id:
                yield element.id, element.title.spans


def _for(block: Block, audience: Audience) -> bool:
    return block.audience in ("all", audience)
