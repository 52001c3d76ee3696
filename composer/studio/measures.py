"""What is counted of a letter, in words: signs, words and minutes, what free readers get of it."""

from __future__ import annotations

from collections.abc import Mapping

from babel.numbers import format_decimal, format_percent

from composer import locale
from composer.issue.block import Audience
from composer.issue.edition import Edition
from composer.issue.measure import in_all
from composer.locale import gettext as _


def share_given_away(editions: Mapping[Audience, Edition]) -> str | None:
    """What free readers get of the newsroom's words; None where that is all of them, or is not known."""
    if "free" not in editions or "paid" not in editions:
        return None
    free, paid = in_all(editions["free"]).signs, in_all(editions["paid"]).signs
    if free == paid or not paid:
        return None
    told = _("Free readers get {share}: {free} signs of {all}")
    share = format_percent(free / paid, locale=locale.language())
    return told.format(share=share, free=number(free), all=number(paid))


def number(count: int) -> str:
    """``count`` as the newsroom's language writes it."""
    return format_decimal(count, locale=locale.language())
