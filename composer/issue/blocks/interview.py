"""An interview: an article of questions and answers, which are told apart by their type.

A question is a crosshead, or the words in bold that begin a paragraph and end a sentence, or those in italics that
begin one and ask. Its answer follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.blocks.article import Article, ResolvedArticle, resolve_article
from composer.issue.body import Body, Crosshead, Paragraph
from composer.issue.context import Context
from composer.issue.inline import Emphasis, Spans, Strong, Text, plain
from composer.issue.resolved import ResolvedBody, ResolvedElement
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.values import Prose
from composer.source.late_pattern import late

#: What ends a question: other words in bold are the beginning of an answer.
_ENDS = ("?", "!", ".", "…", "»", "”")


class Interview(Article):
    type: Literal["interview"] = "interview"  # type: ignore[assignment] # reason: the name is the one thing replaced
    french = "entretien"
    described = "Questions and answers, set apart"
    french_keys: ClassVar[Mapping[str, str]] = {"who": "avec"}

    who: Prose | None = Field(None, description="Who answers, and what they do")


@dataclass(frozen=True)
class ResolvedInterview(ResolvedArticle):
    """The questions of ``body`` are its crossheads."""

    template = "interview"

    who: Prose | None = None


def resolve(context: Context, block: Interview, at: BlockPosition) -> ResolvedInterview:
    made = resolve_article(context, block, at)
    held = {each.name: getattr(made, each.name) for each in fields(made)}
    return ResolvedInterview(
        **held
        | {
            "label": made.label or context.say("Interview"),
            "body": tuple(_asked(made.body)),
            "style": made.style.model_copy(update={"crossheads": block.crossheads or "own-line"}),
            "who": _who(context, block.who),
        }
    )


def _who(context: Context, who: str | None) -> str | None:
    """The name and the role of the publication's person with this identifier; else the words themselves."""
    person = context.publication.people.get(who or "")
    return who if person is None else ", ".join(filter(None, [person.name, person.role]))


def has_question(body: Body) -> bool:
    """Whether any element of ``body`` is, or begins with, a question as an interview recognizes it."""
    for element in body.elements:
        match element:
            case Crosshead():
                return True
            case Paragraph((Strong() | Emphasis() as first, *answer)) if _asks(first, tuple(answer)):
                return True
            case _:
                pass
    return False


def _asked(body: ResolvedBody) -> Iterator[ResolvedElement]:
    """The elements of ``body``, the words in bold that begin a paragraph taken out of it, as a crosshead."""
    for element in body:
        match element:
            case Paragraph((Strong(question) | Emphasis(question) as first, *answer)) if _asks(first, tuple(answer)):
                yield Crosshead(question)
                if answer and isinstance(answer[0], Text):
                    answer[0] = Text(answer[0].text.lstrip())
                if plain(tuple(answer)).strip():
                    yield Paragraph(tuple(answer))
            case _:
                yield element


#: Who speaks, by their initials.
_INITIALS = late(r"(?:[A-ZÀ-Þ]\.[ \u00a0-]?){1,4}")


def _asks(first: Strong | Emphasis, answer: Spans) -> bool:
    """True if the words that begin a paragraph are a question; in italics they may be something else, and must ask."""
    words = plain(first.children).rstrip()
    if isinstance(first, Emphasis):
        return words.rstrip("»” \u00a0\u202f").endswith("?")
    if plain(answer).lstrip()[:1] == ":" or _INITIALS.fullmatch(words):
        return False
    return not answer or words.endswith(_ENDS)


INTERVIEW = BlockType(Interview, ResolvedInterview, resolve)
