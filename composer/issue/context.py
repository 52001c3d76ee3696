"""State of composing one edition, and the findings made meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from composer.issue.block import Audience, Block
from composer.issue.inline import Emphasis, Inline, Link, Span, Spans, Strong
from composer.issue.key import IssueKey, PastIssue
from composer.issue.marked import anchors
from composer.issue.resolved import Resolved, Signature
from composer.locale import Language, translate
from composer.newsroom.model import HOUSE_STYLE, THEME_STYLES, Newsroom, Publication, Style
from composer.source.document import Loc, Source
from composer.source.finding import Finding, Problem, Severity, respelled


@dataclass
class Context:
    """One issue, for one audience. ``figures`` and ``signatures`` collect what the masthead prints at the end."""

    key: IssueKey
    source: Source
    blocks: Sequence[Block]
    own_style: Style | None
    newsroom: Newsroom
    audience: Audience
    past: Sequence[PastIssue] = ()
    findings: list[Finding] = field(default_factory=list)
    figures: list[Resolved] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    pictures: Mapping[str, object] = field(default_factory=dict)  #: what the issue says of each picture, by its file
    #: Each sentence of the issue that was resolved, and what was made of it.
    made: list[tuple[Spans, Spans]] = field(default_factory=list)
    #: Credits are grouped in the masthead, not in captions; an AI credit is printed beside its picture too.
    groups_credits: bool = False

    def __post_init__(self) -> None:
        self.publication: Publication = self.newsroom.publications[self.key.publication]
        self.language: Language = self.key.language or self.publication.language
        self.publication = self.publication.in_language(self.language)
        self.folder: Path = (self.newsroom.root / self.source.file).parent
        own = self.own_style or Style()
        house = THEME_STYLES[self.publication.theme.name].over(HOUSE_STYLE)
        self.style: Style = own.over(self.publication.style.over(house))
        self.anchors: Mapping[str, Spans] = self.anchors_for(self.audience)

    def anchors_for(self, audience: Audience) -> Mapping[str, Spans]:
        """The ids in the edition for ``audience``, each with the words that name it."""
        return dict(pair for each in self.blocks if each.is_for(audience) for pair in anchors(each, audience))

    def say(self, message: str) -> str:
        """Translate ``message`` to the letter's language."""
        return translate(message, self.language)

    def label(self, given: str | None, otherwise: str | None = None) -> str | None:
        """The label given, or ``otherwise`` in the letter's language; None where ``none`` takes it away."""
        if given == "none":
            return None
        return given or (self.say(otherwise) if otherwise else None)

    def style_of(self, block: Block, under: Style | None = None) -> Style:
        return (block.style or Style()).over(under or self.style)

    def add(
        self,
        code: str,
        message: str,
        loc: Loc,
        line: int | None = None,
        severity: Severity = Severity.ERROR,
        suggestion: str | None = None,
        meant: tuple[str, str | None] = ("", None),
    ) -> None:
        """``meant``: a word of the line, and the one that was probably meant."""
        found = self.source.finding(code, message, loc, line=line, severity=severity, suggestion=suggestion)
        self.findings.append(respelled(found, *meant) if meant[1] else found)

    def add_problem(self, problem: Problem, loc: Loc, line: int | None = None) -> None:
        """Report a mistake in a text from another file, at the place in the issue that uses it."""
        self.add(problem.code, problem.message, loc, line, problem.severity)

    def resolved(self, spans: Spans) -> Spans:
        """Replace references to blocks that this edition does not hold by plain words."""
        found = tuple(self._resolved(spans))
        self.made.append((spans, found))
        return found

    def sentence(self, text: Inline | None) -> Spans:
        """The resolved spans of a field; empty where it is not given."""
        return self.resolved(text.spans) if text else ()

    def inline(self, text: Inline) -> Inline:
        """``text`` with its spans resolved."""
        return replace(text, spans=self.resolved(text.spans))

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
