"""Advertisements: from a slot and a date to the booked creative, with its legal mention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.blocks.figure import picture
from composer.issue.context import Context
from composer.issue.markdown import body
from composer.issue.resolve_body import resolved_text
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.advertising import is_refused, mention_missing
from composer.newsroom.model import SlotForm
from composer.newsroom.sponsor import REGULATED, Creative, Sponsor
from composer.newsroom.unread import unread_sentence, unread_sponsors
from composer.newsroom.values import HttpUrl, Identifier, Named, SlotId, Verbatim
from composer.source.document import Loc
from composer.source.finding import Severity
from composer.source.vocabulary import key_name, nearest_word

#: ``advertiser/creative``.
CreativeName = Annotated[str, Named("creative")]


class SponsorSlot(Block):
    """A slot for an advertisement. The creative comes from the booking for the issue's date."""

    type: Literal["sponsor"] = "sponsor"
    main = "slot"
    french = "publicite"
    described = "An advertisement: the creative booked for this slot and this date"
    role = "aside"
    all_or_nothing = True

    slot: SlotId = Field(description="Slot of the publication; the creative comes from its booking")
    creative: CreativeName | None = Field(
        None, pattern=r"^[a-z0-9_-]+/[a-z0-9_-]+$", description="advertiser/creative, in place of the booked one"
    )


@dataclass(frozen=True)
class ResolvedSponsor(Resolved):
    """``mention`` is the legal mention, « Publicité · Un message de X », printed in HTML and in text.

    It is in the letter's language; the rest is in ``language``, which is None where it is the letter's too.
    """

    template = "sponsor"
    editorial = False
    advertisement = True

    slot: Identifier
    form: SlotForm
    advertiser: Verbatim
    mention: Verbatim
    headline: Verbatim
    body: ResolvedBody = ()
    image: Path | None = None
    image_dark: Path | None = None
    image_alt: Verbatim = ""
    image_ai: Verbatim | None = None
    button_text: Verbatim | None = None
    button_url: HttpUrl | None = None
    disclaimer: Verbatim | None = None
    creative: CreativeName = ""
    language: Language | None = None


def resolve(context: Context, block: SponsorSlot, at: BlockPosition) -> ResolvedSponsor | None:
    """The advertisement printed in the slot; None, with findings, where none may be."""
    loc = at.loc
    slot = context.publication.slots.get(block.slot)
    if slot is None:
        message = _("the publication has no slot “{slot}”").format(slot=block.slot)
        near = nearest_word(block.slot, context.publication.slots)
        if near is not None:
            message += _("; did you mean {name}?").format(name=near)
        elif context.publication.slots:
            message += _(": there are {names}").format(names=", ".join(context.publication.slots))
        context.add("unknown-slot", message, (*loc, "slot"), meant=(block.slot, near))
        return None
    name = _overridden(context, block, loc) if block.creative else _booked(context, block, loc)
    if name is None:
        return None
    advertiser = context.newsroom.sponsors[name[0]]
    creative = advertiser.creatives[name[1]]
    if not _lawful(context, name, slot.form, loc):
        return None
    image = dark = None
    folder = context.newsroom.root / "config" / "sponsors"
    if creative.image is not None:
        image = picture(context, creative.image.src, folder, (*loc, "slot"))
        dark = picture(context, creative.image.dark, folder, (*loc, "slot")) if creative.image.dark else None
    text = body(creative.body or "")
    for problem in text.problems:
        if problem.severity is Severity.ERROR:
            context.add_problem(problem, (*loc, "slot"))
    return ResolvedSponsor(
        slot=block.slot,
        form=slot.form,
        advertiser=advertiser.advertiser,
        mention=mention(context, advertiser, slot.form),
        headline=creative.headline,
        body=resolved_text(context, text),
        image=image,
        image_dark=dark,
        image_alt=creative.image.alt if creative.image else "",
        image_ai=_said_of_ai(context, creative),
        button_text=creative.button.text if creative.button else None,
        button_url=creative.button.url if creative.button else None,
        disclaimer=creative.disclaimer,
        creative="/".join(name),
        language=_foreign(context, creative),
    )


def _said_of_ai(context: Context, creative: Creative) -> str | None:
    """What is printed below a picture that a model made, in the letter's language; None for any other."""
    model = creative.image.ai if creative.image else None
    return context.say("AI-generated image ({model})").format(model=model) if model else None


def _foreign(context: Context, creative: Creative) -> Language | None:
    """The language of the advertisement if it differs from the letter's, else None."""
    own = context.newsroom.publications[context.key.publication].language
    written = creative.language or own
    return None if written == context.language else written


def mention(context: Context, advertiser: Sponsor, form: str) -> str:
    """The legal mention (law of 21 June 2004, art. 20: an advertisement must be identified, with its advertiser)."""
    if advertiser.mention == "communique":
        words = "Advertorial · Presented by {name}" if form == "small" else "Advertorial · A message from {name}"
    else:
        words = "Advertisement · Presented by {name}" if form == "small" else "Advertisement · A message from {name}"
    return context.say(words).format(name=advertiser.advertiser)


def _booked(context: Context, block: SponsorSlot, loc: Loc) -> tuple[str, str] | None:
    key = context.key
    booked = [
        (name, booking.creative)
        for name, each in context.newsroom.sponsors.items()
        for booking in each.bookings
        if (booking.publication, booking.date, booking.slot) == (key.publication, key.date, block.slot)
    ]
    if len(booked) == 1:
        return booked[0] if _known(context, booked[0], (*loc, "slot")) else None
    if booked:
        message = _("the slot “{slot}” is sold twice on {date}: to {names}").format(
            slot=block.slot, date=key.date.isoformat(), names=", ".join(name for name, _creative in booked)
        )
        context.add("double-booking", message, (*loc, "slot"))
        return None
    if unread := unread_sponsors(context.newsroom):
        message = _("who booked the slot “{slot}” is not known: {why}")
        context.add(
            "sponsor-unread", message.format(slot=block.slot, why=unread_sentence(*unread.values())), (*loc, "slot")
        )
        return None
    message = _(
        "nothing is booked in the slot “{slot}” of {publication} on {date}: under {bookings} of the advertiser's file, "
        "config/sponsors/….yaml, write “{booking}”, or take this block out"
    )
    said = partial(key_name, language=context.newsroom.settings.keys)
    date, names = key.date.isoformat(), ("publication", "date", "slot")
    values = zip(map(said, names), (key.publication, date, block.slot), strict=True)
    pairs = ", ".join(f"{name}: {value}" for name, value in values)
    booking = f"- {{{pairs}, {said('creative')}: …}}"
    told = message.format(
        slot=block.slot, publication=key.publication, date=date, bookings=said("bookings"), booking=booking
    )
    context.add("unbooked-slot", told, (*loc, "slot"))
    return None


def _overridden(context: Context, block: SponsorSlot, loc: Loc) -> tuple[str, str] | None:
    advertiser, _slash, creative = (block.creative or "").partition("/")
    return (advertiser, creative) if _known(context, (advertiser, creative), (*loc, "creative")) else None


def _known(context: Context, name: tuple[str, str], loc: Loc) -> bool:
    advertiser = context.newsroom.sponsors.get(name[0])
    if advertiser is not None and name[1] in advertiser.creatives:
        return True
    if (unread := unread_sponsors(context.newsroom).get(name[0])) is not None:
        context.add("sponsor-unread", unread_sentence(unread), loc)
        return False
    message = _("there is no creative “{creative}” in config/sponsors").format(creative="/".join(name))
    every = [f"{each}/{creative}" for each, it in context.newsroom.sponsors.items() for creative in it.creatives]
    near = nearest_word("/".join(name), every)
    if near is not None:
        message += _("; did you mean {name}?").format(name=near)
    elif every:
        message += _(": there are {names}").format(names=", ".join(sorted(every)))
    context.add("unknown-creative", message, loc, meant=("/".join(name), near))
    return False


def _lawful(context: Context, name: tuple[str, str], form: SlotForm, loc: Loc) -> bool:
    advertiser = context.newsroom.sponsors[name[0]]
    creative = advertiser.creatives[name[1]]
    at = (*loc, "creative") if (*loc, "creative") in context.source.marks else (*loc, "slot")
    before = len(context.findings)
    if creative.valid_until is not None and creative.valid_until < context.key.date:
        message = _("the advertisement {creative} may not be printed after {date}").format(
            creative="/".join(name), date=creative.valid_until.isoformat()
        )
        context.add("expired-creative", message, at)
    if is_refused(advertiser.category):
        message = _("the advertisement {creative} is not printed: no political advertisement is, for now")
        context.add("political-advertisement", message.format(creative="/".join(name)), at)
    elif advertiser.category in REGULATED and not (creative.disclaimer or "").strip():
        message = _("the advertisement {creative} needs its legal disclaimer: the category “{category}” is regulated")
        context.add("missing-disclaimer", message.format(creative="/".join(name), category=advertiser.category), at)
    elif (asked := mention_missing(advertiser.category, creative, form, context.key.date)) is not None:
        message = _("the advertisement {creative} must print these words on {date}: “{words}” ({law})").format(
            creative="/".join(name), date=context.key.date.isoformat(), words=asked.words, law=asked.law
        )
        context.add("wrong-disclaimer", message, at)
    return len(context.findings) == before


SPONSOR = BlockType(SponsorSlot, ResolvedSponsor, resolve)
