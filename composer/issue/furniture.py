"""The text around the blocks: dateline, greeting, preheader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from composer.issue.context import Context
from composer.issue.dates import written_date
from composer.issue.files import sealed_before
from composer.issue.inline import plain
from composer.issue.resolved import LeadBlock, Reference, Resolved
from composer.issue.welcome import is_welcome
from composer.locale import gettext as _
from composer.source.vocabulary import key_name

_PLACEHOLDER = re.compile(r"\{(date|title)\}")


def date_line(context: Context) -> str:
    """The dateline, capitalised; none of a letter that welcomes, which is read on any day."""
    if is_welcome(context.newsroom, context.key):
        return ""
    words = written_date(context.key.date, context.language, context.style.dates)
    return words[:1].upper() + words[1:]


def number(context: Context, given: int | Literal["auto"] | None) -> int | None:
    """The number of the issue. ``auto`` adds to the publication's ``first_number`` the issues sealed before this one.

    An approval freezes it; an edition in another language has that of its original.
    """
    if given != "auto":
        return given
    if context.publication.first_number is None:
        keys = context.newsroom.settings.keys
        message = _(
            "{auto} counts from the publication's {first}, which its file does not give: write “{first}: 1” there"
        )
        name = f"{key_name('number', keys, 'Front')}: auto"
        context.add("first-number", message.format(auto=name, first=key_name("first_number", keys)), ("number",))
        return None
    before = sealed_before(context.newsroom.root, context.key)
    welcoming = {step.letter for step in context.publication.welcome}
    return context.publication.first_number + sum("-".join(filter(None, each)) not in welcoming for each in before)


def greeting(context: Context) -> str | None:
    """The publication's greeting with its date and title filled in; other braces are text.

    None in a letter that welcomes where the greeting says the date."""
    if context.publication.greeting is None:
        return None
    if "{date}" in context.publication.greeting and is_welcome(context.newsroom, context.key):
        return None
    values = {
        "date": written_date(context.key.date, context.language, context.style.dates),
        "title": context.publication.title,
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], context.publication.greeting)


def preheader(
    context: Context, also: Iterable[Reference], summary: Iterable[Reference], blocks: Iterable[Resolved]
) -> str:
    """The default preheader, where the editor gave none: the first words that tell what the letter contains."""
    separator = context.style.separator or " • "
    for items in (also, summary):
        words = separator.join(plain(item.spans) for item in items)
        if words:
            return words
    for block in blocks:
        if isinstance(block, LeadBlock):
            return plain(block.standfirst) or plain(block.headline)
    return ""
