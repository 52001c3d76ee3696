"""The characters of a Markdown sentence, each with its position in the source.

``sentence`` uses the same parser; here, text tokens also record where they began.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from composer.issue.inline_markdown import MARKDOWN


@dataclass(frozen=True)
class Piece:
    """Characters under ``depth`` marks; character ``i`` of a text stands at ``start + i``.

    Code is not text; the characters of a ``fixed`` text (a break, a bare address) do not match the source one by one.
    """

    text: str
    start: int
    depth: int
    kind: Literal["text", "fixed", "code"] = "text"
    linked: bool = False  #: among the words of a link


class _Placing(StateInline):
    """A parser state that records where pending text began, and sets it on its text tokens."""

    began = 0

    def append_pending(self, text: str) -> None:
        if not self.pending:
            self.began = self.pos
        super().append_pending(text)

    def pushPending(self) -> Token:
        token = super().pushPending()
        token.meta["began"] = self.began
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        token.meta.setdefault("began", self.pos)
        return token


def pieces(content: str) -> Iterator[Piece]:
    """The characters of ``content``, one paragraph of inline Markdown, in order."""
    tokens: list[Token] = []
    state = _Placing(content, MARKDOWN, {"content": content, "stray": []}, tokens)
    MARKDOWN.inline.tokenize(state)
    for rule in MARKDOWN.inline.ruler2.getRules(""):
        if rule.__name__ != "fragments_join":
            rule(state)
    depth = links = 0
    for token in state.tokens:
        links += token.nesting if token.type.startswith("link_") else 0
        began = token.meta.get("began", 0)
        match token.type:
            case "text":
                typed = content.startswith(token.content, began)
                yield Piece(token.content, began, depth, "text" if typed else "fixed", linked=links > 0)
            case "text_special":
                yield Piece(token.content, began + len(token.markup) - len(token.content), depth, linked=links > 0)
            case "softbreak":
                yield Piece(" ", began, depth, "fixed")
            case "hardbreak":
                yield Piece("\n", began, depth, "fixed")
            case "image":
                yield Piece(token.content, began, depth, "fixed")
            case "code_inline":
                yield Piece(token.content, began, depth, "code")
            case _:
                depth += token.nesting
