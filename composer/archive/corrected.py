"""A page corrected after its letter was sent: other words where wrong ones stood, and a dated note that says so.

The frozen letter is never changed. A correction that the letter itself printed is of another letter, and changes
nothing here.

BUGS: words are found within one run of text: not where a part of them is bold or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import partial
from html import escape

from lxml import etree

from composer.errors import Refused
from composer.issue.dates import written_date
from composer.issue.model import Correction
from composer.issue.typography import ruleset, set_text
from composer.locale import gettext as _
from composer.locale import translate
from composer.newsroom.model import Newsroom

_BLANK = "[ \u00a0\u202f\n]+"


@dataclass(frozen=True)
class PageCorrection:
    """``was`` stood in the letter, its page says ``now``; ``why`` is the sentence that says why."""

    date: Date
    was: str
    now: str
    why: str


def page_corrections(
    newsroom: Newsroom, publication: str, language: str, corrections: Sequence[Correction]
) -> tuple[PageCorrection, ...]:
    """Those that change a page, with the typography of the letter."""
    rules = ruleset(newsroom.publications[publication], language, tuple(newsroom.lexicon.names))

    def set_in_type(text: str) -> str:
        return text if rules.profile is None else set_text(text, rules)

    return tuple(
        PageCorrection(each.date, set_in_type(each.was), set_in_type(each.now), set_in_type(each.text.plain))
        for each in corrections
        if each.was is not None and each.now is not None
    )


def correct(body: etree._Element, corrections: Sequence[PageCorrection]) -> list[PageCorrection]:
    """Change the words of ``body``, and return the corrections made.

    Raises ``Refused`` where the words that are to change do not stand there, or stand there more than once.
    """
    printed = " ".join("".join(str(part) for part in body.itertext()).split())
    made = []
    for correction in corrections:
        if " ".join(correction.why.split()) in printed:
            continue  # the letter's own, about another one
        pattern = _pattern(correction.was)
        places = [place for place in _places(body) for _match in pattern.finditer(place[2])]
        if len(places) != 1:
            message = _(
                "corrections: give words that stand once in the letter that was sent, in one run of text; “{was}” does "
                "so this often: {count}"
            )
            raise Refused(message.format(was=correction.was, count=len(places)))
        element, name, text = places[0]
        start, end = next(pattern.finditer(text)).span()
        setattr(element, name, text[:start] + correction.now + text[end:])
        made.append(correction)
    return made


def corrected_title(subject: str, made: Sequence[PageCorrection]) -> str:
    """The subject, with the corrections made in the page that stand in it too: the page prints it as its title."""
    for each in made:
        found = [*_pattern(each.was).finditer(subject)]
        if len(found) == 1:
            subject = subject[: found[0].start()] + each.now + subject[found[0].end() :]
    return subject


def correction_notes(made: Sequence[PageCorrection], language: str) -> list[str]:
    """One sentence a correction, as HTML without an element of its own around it."""
    say = partial(translate, language=language)
    texts = []
    for each in made:
        told = say("Corrected on {date}: “{was}” stood here; it reads “{now}”.")
        day = written_date(each.date, "fr" if language == "fr" else "en", "long", weekday=False)
        texts.append(escape(f"{told.format(date=day, was=each.was, now=each.now)} {each.why}", quote=False))
    return texts


def _places(body: etree._Element) -> Iterator[tuple[etree._Element, str, str]]:
    """Each run of text: its element, ``text`` or ``tail``, and the words."""
    for element in body.iter(etree.Element):
        if element.tag in ("style", "script"):
            continue
        if element.text:
            yield element, "text", element.text
        if element is not body and element.tail:
            yield element, "tail", element.tail


def _pattern(was: str) -> re.Pattern[str]:
    words = (re.escape(word).replace("'", "’").replace("’", "['’]") for word in was.split())
    return re.compile(_BLANK.join(words))
