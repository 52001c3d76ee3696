"""What is counted of a letter, in words: signs, words and minutes, bytes by block, links, what free readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal, format_percent
from lxml import html as lxml_html

from composer import locale
from composer.issue.block import Audience
from composer.issue.edition import Edition
from composer.issue.inline import plain
from composer.issue.measure import in_all, measured
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.message.trial import DEAD_TOKEN
from composer.rendering.block_weights import block_weights
from composer.rendering.model import Rendering
from composer.source.vocabulary import BLOCK_NAMES, block_name
from composer.studio.proof import ProofLetter


@dataclass(frozen=True)
class BlockRow:
    """A block in the table of them: ``signs`` is empty where its words are not the newsroom's own."""

    name: str
    title: str
    signs: str
    kilobytes: str


@dataclass(frozen=True)
class LinkRow:
    words: str
    address: str


def share_given_away(editions: Mapping[Audience, Edition]) -> str | None:
    """What free readers get of the newsroom's words; None where that is all of them, or is not known."""
    if "free" not in editions or "paid" not in editions:
        return None
    free, paid = in_all(editions["free"]).signs, in_all(editions["paid"]).signs
    if free == paid or not paid:
        return None
    told = _("Free readers get {share}: {free} characters of {all}")
    share = format_percent(free / paid, locale=locale.language())
    return told.format(share=share, free=written_number(free), all=written_number(paid))


def length_line(edition: Edition) -> str:
    """Signs, words and minutes of a letter."""
    whole = in_all(edition)
    signs = ngettext("{n} character, spaces included", "{n} characters, spaces included", whole.signs)
    words = ngettext("{n} word", "{n} words", whole.words)
    minutes = ngettext("{n} minute to read", "{n} minutes to read", edition.minutes)
    counts = (signs.format(n=written_number(whole.signs)), words.format(n=written_number(whole.words)))
    return ", ".join((*counts, minutes.format(n=edition.minutes)))


def block_rows(letter: ProofLetter) -> list[BlockRow]:
    """Each block of the letter with its signs and bytes; last, what stands around them: heads, foot, style sheets."""
    edition = letter.edition
    weights = block_weights(edition, letter.newsroom)
    rows = []
    for block, weight in zip(edition.blocks, weights, strict=True):
        name = block_name(block.template, locale.language()) if block.template in BLOCK_NAMES else _("box")
        signs = written_number(measured(block).signs) if block.editorial else ""
        rows.append(BlockRow(name, _title(block), signs, _kilobytes(weight)))
    rest = len(letter.rendering.html.encode()) - sum(weights)
    return [*rows, BlockRow(_("around"), "", "", _kilobytes(max(0, rest)))]


def link_rows(rendering: Rendering) -> list[LinkRow]:
    """The links of the letter that lead out of it, in its order, each address once for the same words."""
    return list(dict.fromkeys(_links(rendering)))


def written_number(count: int) -> str:
    """``count`` as the newsroom's language writes it."""
    return format_decimal(count, locale=locale.language())


def _links(rendering: Rendering) -> Iterator[LinkRow]:
    for link in lxml_html.document_fromstring(rendering.html).iter("a"):
        address = str(link.get("href", ""))
        for sentinel in rendering.slots.values():
            address = address.replace(sentinel, DEAD_TOKEN)
        if address and not address.startswith("#"):
            pictures = " ".join(str(each.get("alt", "")) for each in link.iter("img"))
            yield LinkRow(" ".join("".join(map(str, link.itertext())).split()) or pictures, address)


def _title(block: object) -> str:
    for name in ("headline", "title", "label"):
        held = getattr(block, name, None)
        if held:
            return held if isinstance(held, str) else plain(held)
    return ""


def _kilobytes(size: int) -> str:
    return format_decimal(round(size / 1000, 1), locale=locale.language())
