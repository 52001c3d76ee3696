"""Signatures: resolve bylines by the publication's directory of people."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from composer.issue.context import Context
from composer.issue.inline import Break, Span, Spans
from composer.issue.markdown import inline
from composer.issue.marked import Signs
from composer.issue.resolved import Signature
from composer.newsroom.model import Person, Strict
from composer.newsroom.values import Identifier, Prose


class Byline(Strict):
    name: Prose = Field(description="Name as signed")
    role: Prose | None = Field(None, description="What the author does")
    short: Prose | None = Field(None, description="Short form of the role")


#: A person's identifier in the publication's directory.
PersonId = Annotated[Identifier, Signs()]

#: A person's identifier, or the name of a person not in the directory.
BylineText = Annotated[Prose, Signs()]

#: One signature, or several.
Bylines = BylineText | Byline | tuple[BylineText | Byline, ...]

#: Can only be an identifier: a name would have a capital or a space.
LOOKS_LIKE_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")


def signatures(context: Context, bylines: Bylines | None) -> tuple[Signature, ...]:
    """The signatures, in order; also collected for the masthead's biographies."""
    if bylines is None:
        return ()
    several = bylines if isinstance(bylines, tuple) else (bylines,)
    found = [_signature(context, each) for each in several]
    before = {each.name for each in context.signatures}
    context.signatures += found
    return tuple(
        replace(
            each, said=(each.short or each.role) if len(found) > 1 or each.name in before else each.role or each.short
        )
        for each in found
    )


def first_person(context: Context) -> Bylines | None:
    """The byline of an edito without one: the publication's first person."""
    return next(iter(context.publication.people), None)


def signature(person: Person) -> Signature:
    return Signature(person.name, person.role, person.short, standing_paragraphs(person.bio), person.email)


def _signature(context: Context, byline: str | Byline) -> Signature:
    if isinstance(byline, Byline):
        return Signature(byline.name, byline.role, byline.short)
    people = context.publication.people
    if byline in people:
        return signature(people[byline])
    return Signature(byline)


def standing_paragraphs(text: str | None) -> Spans:
    """Standing text of several paragraphs of inline Markdown, two breaks between them."""
    spans: list[Span] = []
    for paragraph in re.split(r"\n[ \t]*\n", (text or "").strip()):
        words = inline(paragraph).spans
        spans += [Break(), Break(), *words] if spans else words
    return tuple(spans)
