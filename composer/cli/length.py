"""The length of an issue, in signs and words, as ``filigrane check`` tells it."""

from __future__ import annotations

from collections.abc import Iterator

from babel.numbers import format_decimal

from composer.issue.block import Audience
from composer.issue.edition import Edition
from composer.issue.measure import Measure, by_block, in_all
from composer.locale import gettext as _
from composer.locale import language, ngettext
from composer.newsroom.length import Length, LengthRange
from composer.source.vocabulary import BLOCK_NAMES, block_name


def length_json(editions: dict[Audience, Edition]) -> dict[str, object] | None:
    """The signs and words of each edition, of the blocks of the whole one, and what the publication asks for."""
    if "paid" not in editions:
        return None
    edition = editions["paid"]
    asked = edition.publication.length or Length.model_construct(signs=None, words=None)
    each = {
        name: {"signs": (of := in_all(other)).signs, "words": of.words, "minutes": other.minutes}
        for name, other in editions.items()
    }
    bounds = {name: None if value is None else [value.least, value.most] for name, value in asked}
    return {"editions": each, "blocks": [each.as_json() for each in by_block(edition)], "asked": bounds}


def length_lines(editions: dict[Audience, Edition], table: bool) -> Iterator[str]:
    """A line for the whole edition, with what free readers get where that is less; a table of its blocks, if asked."""
    if "paid" not in editions:
        return
    edition = editions["paid"]
    if table:
        yield from _table(edition)
    all_of_it = in_all(edition)
    minutes = ngettext("{n} minute to read", "{n} minutes to read", edition.minutes).format(n=edition.minutes)
    line = f"{_counts(all_of_it)}, {minutes}"
    if asked := _asked(edition.publication.length, all_of_it):
        line = f"{line} ({asked})"
    yield line
    if "free" in editions and (free := in_all(editions["free"])) != all_of_it:
        yield _("to free readers: {counts}").format(counts=_counts(free))


def _counts(measure: Measure) -> str:
    signs = ngettext("{n} character, spaces included", "{n} characters, spaces included", measure.signs)
    words = ngettext("{n} word", "{n} words", measure.words)
    return f"{signs.format(n=_number(measure.signs))}, {words.format(n=_number(measure.words))}"


def _asked(length: Length | None, measure: Measure) -> str:
    if length is None:
        return ""
    parts = []
    if length.signs is not None:
        asks = _("the publication asks for {range} characters").format(range=_range(length.signs))
        parts.append(_beyond(asks, length.signs, measure.signs))
    if length.words is not None:
        asks = _("the publication asks for {range} words").format(range=_range(length.words))
        parts.append(_beyond(asks, length.words, measure.words))
    return _("; ").join(parts)


def _range(bounds: LengthRange) -> str:
    if not bounds.least:
        return _("at most {most}").format(most=_number(bounds.most))
    return _("{least} to {most}").format(least=_number(bounds.least), most=_number(bounds.most))


def _beyond(asks: str, bounds: LengthRange, number: int) -> str:
    if number in bounds:
        return asks
    if number > bounds.most:
        return _("{asks}: too many by {n}").format(asks=asks, n=_number(number - bounds.most))
    return _("{asks}: too few by {n}").format(asks=asks, n=_number(bounds.least - number))


def _table(edition: Edition) -> Iterator[str]:
    for measure in by_block(edition):
        name = measure.block or ""
        shown = block_name(name, language()) if name in BLOCK_NAMES else _("box")
        yield f"{_number(measure.signs):>10} {_number(measure.words):>7}  {shown}  {measure.title}".rstrip()
    yield f"{_('characters'):>10} {_('words'):>7}"


def _number(number: int) -> str:
    return format_decimal(number, locale=language())
