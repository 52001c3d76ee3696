"""Checks between the files of a newsroom: bookings, slots, creatives, disclaimers, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date as Date
from pathlib import Path
from zoneinfo import ZoneInfo

from composer import clock
from composer.locale import gettext as _
from composer.newsroom.advertising import Mention, is_refused, mention_missing
from composer.newsroom.colour import CONTRAST
from composer.newsroom.model import Newsroom
from composer.newsroom.palette import failures
from composer.newsroom.sponsor import REGULATED, Booking, Sponsor
from composer.newsroom.unread import unknown_publication, unread_publications
from composer.newsroom.weekdays import comes_out, wrong_day
from composer.source import FileMissing, Finding, Loc, OutsideNewsroom, Severity, Source, inside
from composer.source.vocabulary import key_name, nearest_word, value_name


def crosscheck_publication(newsroom: Newsroom, name: str) -> list[Finding]:
    """Findings on a publication with a valid file: its theme, hours, dates, translations, biller and pictures."""
    checks = (_logos, _contrasts, _hours, _skipped, _translations, _billing, _welcome)
    return [finding for check in checks for finding in check(newsroom, name)]


def crosscheck_sponsors(newsroom: Newsroom) -> list[Finding]:
    """Findings on sponsors with valid files: their bookings and creatives.

    The sponsors remain usable: only an issue that prints an advertisement concerned is refused.
    """
    findings: list[Finding] = []
    taken: dict[tuple[str, Date, str], str] = {}
    for name, sponsor in newsroom.sponsors.items():
        source = newsroom.sources[f"config/sponsors/{name}.yaml"]
        findings += _creatives(newsroom, sponsor, source)
        for index, booking in enumerate(sponsor.bookings):
            findings += _booking(newsroom, sponsor, booking, source, ("bookings", index), taken)
    return findings


def _logos(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    source = newsroom.sources[f"config/publications/{name}.yaml"]
    theme = newsroom.publications[name].theme
    for key, file in (("logo", theme.logo), ("logo_dark", theme.logo_dark)):
        if file is not None:
            yield from _file(newsroom, source, file, ("theme", key))


def _hours(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    schedule = newsroom.publications[name].schedule
    if schedule.at not in schedule.window:
        message = _("{at} is outside the hours in which a letter may leave, {opens}-{closes}: nothing would ever leave")
        shown = message.format(
            at=f"{schedule.at:%H:%M}", opens=f"{schedule.window.opens:%H:%M}", closes=f"{schedule.window.closes:%H:%M}"
        )
        yield newsroom.sources[f"config/publications/{name}.yaml"].finding(
            "at-outside-window", shown, ("schedule", "at")
        )


def _skipped(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    """Report each date under ``skip``, today or later, on which nothing was due anyway: it may be a slip."""
    schedule, source = newsroom.publications[name].schedule, newsroom.sources[f"config/publications/{name}.yaml"]
    for index, date in enumerate(schedule.skip):
        if date >= _today(newsroom) and not comes_out(schedule, date):
            loc: Loc = ("schedule", "skip", index)
            yield source.finding("weekday", wrong_day(schedule, date), loc, severity=Severity.WARNING)


def _billing(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    """Remark on a publication that is sold without the biller's two doors: it leaves, and its own stay shut."""
    publication, keys = newsroom.publications[name], newsroom.settings.keys
    if not publication.lacks_billing:
        return
    message = _(
        "this publication is sold, and does not say where a contract is ended: its pages cannot show it, and nobody "
        "can join it by themselves before they do"
    )
    loc: Loc = next(((key,) for key in ("price", "trial") if getattr(publication, key)), ("translations",))
    billing, terminate, withdraw = (key_name(key, keys) for key in ("billing", "terminate", "withdraw"))
    line = f"{billing}: {{{terminate}: https://…, {withdraw}: https://…}}"
    source = newsroom.sources[f"config/publications/{name}.yaml"]
    yield source.finding("no-way-out-of-contract", message, loc, severity=Severity.WARNING, suggestion=line)


def _welcome(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    """Remark on a letter of the welcome path that there is not yet, and on a path that no reader can begin."""
    publication, source = newsroom.publications[name], newsroom.sources[f"config/publications/{name}.yaml"]
    keys = newsroom.settings.keys
    for index, step in enumerate(publication.welcome):
        if not (newsroom.root / "issues" / name / f"{step.letter}.yaml").is_file():
            message = _("there is no issue {letter} yet: until it is approved, no new reader gets it or what follows")
            told = message.format(letter=step.letter)
            better = f"filigrane new {name}/{step.letter}"
            loc: Loc = ("welcome", index)
            yield source.finding("welcome-letter", told, loc, severity=Severity.WARNING, suggestion=better)
    if publication.welcome and (publication.join is None or not publication.join.open):
        message = _("nobody can join this publication by themselves, and letters that welcome leave for nobody else")
        line = f"{key_name('join', keys)}: true"
        yield source.finding("welcome-unused", message, ("welcome",), severity=Severity.WARNING, suggestion=line)


def _contrasts(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    source = newsroom.sources[f"config/publications/{name}.yaml"]
    for failure in failures(newsroom.publications[name].theme):
        token, under = (key_name(key, newsroom.settings.keys) for key in (failure.token, failure.under))
        message = _(
            "{token} {colour} on {under} {ground}: the contrast is {ratio}:1, and {least}:1 is needed to read it"
        )
        shown = message.format(
            token=token,
            colour=failure.colour,
            under=under,
            ground=failure.ground,
            ratio=f"{int(failure.ratio * 100) / 100:.2f}",  # truncated: rounding could show 4.50 for a ratio below 4.5
            least=CONTRAST,
        )
        given = [key for key in (failure.token, failure.under) if ("theme", key) in source.marks]
        loc: Loc = ("theme", given[0]) if given else ("theme",)
        line = f'  {token}: "{failure.better}"' if failure.better else None
        yield source.finding("low-contrast", shown, loc, suggestion=line)


def _translations(newsroom: Newsroom, name: str) -> Iterator[Finding]:
    source, publication = newsroom.sources[f"config/publications/{name}.yaml"], newsroom.publications[name]
    for language, words in publication.translations.items():
        loc: Loc = ("translations", language)
        if language == publication.language:
            message = _("this publication is written in “{language}”: its own words stand above")
            yield source.finding("own-language", message.format(language=language), loc)
        for person in words.people:
            if person not in publication.people:
                message = _("nobody is called “{name}” in the publication's people").format(name=person)
                yield source.finding(
                    "unknown-person", message + _or(person, publication.people), (*loc, "people", person)
                )


def _file(newsroom: Newsroom, source: Source, name: str, loc: Loc) -> Iterator[Finding]:
    folder = newsroom.root / Path(source.file).parent
    try:
        inside(newsroom.root, folder, name)
    except (OutsideNewsroom, FileMissing) as error:
        yield source.finding(error.code, str(error), loc)


def _creatives(newsroom: Newsroom, sponsor: Sponsor, source: Source) -> Iterator[Finding]:
    if is_refused(sponsor.category):
        message = _("no political advertisement is printed for now: take this sponsor out")
        yield source.finding("political-advertisement", message, ("category",))
        return
    for name, creative in sponsor.creatives.items():
        if sponsor.category in REGULATED and not (creative.disclaimer or "").strip():
            message = _("the category “{category}” needs a disclaimer by law: add it to the creative “{creative}”")
            category = value_name(sponsor.category, newsroom.settings.keys)
            shown = message.format(category=category, creative=name)
            yield source.finding("missing-disclaimer", shown, ("creatives", name))
        else:
            yield from _mentions(newsroom, sponsor, source, name)
        if creative.image is not None:
            for key, file in (("src", creative.image.src), ("dark", creative.image.dark)):
                if file is not None:
                    yield from _file(newsroom, source, file, ("creatives", name, "image", key))


def _mentions(newsroom: Newsroom, sponsor: Sponsor, source: Source, name: str) -> Iterator[Finding]:
    """Report each legal mention that the creative ``name`` lacks on a date that it is booked for, today or later."""
    today = _today(newsroom)
    missing: dict[Mention, Date] = {}
    for booking in sorted(sponsor.bookings, key=lambda each: each.date):
        if booking.creative != name or booking.date < today:
            continue
        publication = newsroom.publications.get(booking.publication)
        slot = publication.slots.get(booking.slot) if publication else None
        form = slot.form if slot else "full"
        asked = mention_missing(sponsor.category, sponsor.creatives[name], form, booking.date)
        if asked is not None:
            missing.setdefault(asked, booking.date)
    for asked, date in missing.items():
        message = _("the creative “{creative}” must print these words on {date}: “{words}” ({law})").format(
            creative=name, date=date.isoformat(), words=asked.words, law=asked.law
        )
        yield source.finding("wrong-disclaimer", message, ("creatives", name, "disclaimer"))


def _today(newsroom: Newsroom) -> Date:
    return clock.now().astimezone(ZoneInfo(newsroom.settings.timezone)).date()


def _booking(
    newsroom: Newsroom,
    sponsor: Sponsor,
    booking: Booking,
    source: Source,
    loc: Loc,
    taken: dict[tuple[str, Date, str], str],
) -> Iterator[Finding]:
    publication = newsroom.publications.get(booking.publication)
    if publication is None and booking.publication in unread_publications(newsroom):
        pass  # its file has errors: its slots are unknown
    elif publication is None:
        message = unknown_publication(booking.publication, newsroom.publications)
        yield source.finding("unknown-publication", message, (*loc, "publication"))
    elif booking.slot not in publication.slots:
        message = _("the publication {publication} has no slot “{name}”")
        message = message.format(publication=booking.publication, name=booking.slot)
        yield source.finding("unknown-slot", message + _or(booking.slot, publication.slots), (*loc, "slot"))
    creative = sponsor.creatives.get(booking.creative)
    if creative is None:
        message = _("there is no creative “{name}” in this file").format(name=booking.creative)
        yield source.finding("unknown-creative", message + _or(booking.creative, sponsor.creatives), (*loc, "creative"))
    elif creative.valid_until is not None and creative.valid_until < booking.date:
        message = _("the creative “{name}” is valid until {until} only").format(
            name=booking.creative, until=creative.valid_until.isoformat()
        )
        yield source.finding("expired-creative", message, (*loc, "date"))
    place = (booking.publication, booking.date, booking.slot)
    if place in taken:
        message = _("this slot is already sold for that date: {place}").format(place=taken[place])
        yield source.finding("double-booking", message, loc)
    taken.setdefault(place, str(source.place(loc)))


def _or(word: str, words: Iterable[str]) -> str:
    near = nearest_word(word, words)
    return _("; did you mean {better}?").format(better=near) if near else ""
