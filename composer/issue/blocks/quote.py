"""A pull quote: words of a source, set large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.body import Body
from composer.issue.context import Context
from composer.issue.field_types import InlineText, SmallText
from composer.issue.inline import Spans
from composer.issue.markdown import body, inline
from composer.issue.quoted import unquoted
from composer.issue.resolve_body import resolved_text
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.values import Prose
from composer.source.late_pattern import late


class Quote(Block):
    type: Literal["quote"] = "quote"
    main = "text"
    french = "citation"
    described = "A pull quote: words of a source, set large"
    boxed = Boxed("author", "text", ("source", "audience"))

    text: SmallText = Field(description="The words quoted")
    author: Prose | None = Field(None, description="Who said it")
    source: InlineText | None = Field(None, description="Where")


@dataclass(frozen=True)
class ResolvedQuote(Resolved):
    """``marked``: its words have their own quotation marks, and are printed without others."""

    template = "quote"

    text: ResolvedBody
    author: Prose | None = None
    source: Spans = ()
    marked: bool = False


def resolve(context: Context, block: Quote, at: BlockPosition) -> ResolvedQuote:
    words, author = (block.text, block.author.lstrip(_DASHES)) if block.author else signed(block.text)
    text, marked = unquoted(resolved_text(context, words))
    return ResolvedQuote(text, author, context.sentence(block.source), marked)


#: Typed before a name, and printed by the letter where it has one.
_DASHES = "–—― \u00a0"
#: The speaker, typed beside the words.
_BESIDE = late(
    r"\s*(?P<words>[«“\"].+[»”\"][.,]?)[ \u00a0]*(?:[–—―]|--)[ \u00a0]*(?P<author>[^\s–—―«“][^\n«“]{0,120}?)\s*"
)
#: The speaker, typed under the words after a dash.
_SIGNATURE = late(r"\s*(?:[–—―]|--)[ \u00a0\u202f]*(?P<author>[^\s–—―][^\n]{0,120}?)\s*")


def signed(text: Body) -> tuple[Body, Prose | None]:
    """``text`` without its last line, where that says after a dash who speaks; and who. A dialogue has other dashes."""
    if (beside := _BESIDE.fullmatch(text.source)) is not None:
        return body(beside["words"]), inline(beside["author"]).plain
    lines = text.source.rstrip().split("\n")
    found = _SIGNATURE.fullmatch(lines[-1]) if len(lines) > 1 else None
    if found is None or any(_SIGNATURE.match(line) for line in lines[:-1]):
        return text, None
    return body("\n".join(lines[:-1])), inline(found["author"]).plain


QUOTE = BlockType(Quote, ResolvedQuote, resolve)
