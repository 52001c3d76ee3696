"""Inline Markdown as a small tree of everything a sentence can contain.

There is no HTML in it: markup characters that are not Markdown stay text. The HTML and the text part are both made
from this tree, so they cannot differ in content.
"""

from __future__ import annotations

from dataclasses import dataclass

from composer.source.finding import Problem


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Break:
    """A line break the editor asked for."""


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Strong:
    children: tuple[Span, ...]


@dataclass(frozen=True)
class Emphasis:
    children: tuple[Span, ...]


@dataclass(frozen=True)
class Link:
    """``url`` is http, https, mailto or tel; or ``#id``, a block of the same issue."""

    url: str
    children: tuple[Span, ...]


Span = Text | Break | Code | Strong | Emphasis | Link

#: A sentence of inline Markdown, parsed.
Spans = tuple[Span, ...]


def plain(spans: tuple[Span, ...]) -> str:
    """The words without markup."""
    parts: list[str] = []
    for span in spans:
        match span:
            case Text(text) | Code(text):
                parts.append(text)
            case Break():
                parts.append(" ")
            case Strong(children) | Emphasis(children) | Link(_, children):
                parts.append(plain(children))
    return "".join(parts)


@dataclass(frozen=True)
class Inline:
    """A sentence of inline Markdown: ``source`` as written, ``spans`` parsed."""

    source: str
    spans: tuple[Span, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def plain(self) -> str:
        return plain(self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)
