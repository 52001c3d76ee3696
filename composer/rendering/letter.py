"""An Edition → its Rendering: Jinja2 → MJML → HTML → premailer; and the text part, from the same Edition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields
from datetime import date as Date
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from composer.issue.blocks.agenda import ResolvedEvent
from composer.issue.blocks.links import ResolvedLinks
from composer.issue.dates import written_date
from composer.issue.edition import Edition
from composer.issue.inline import Spans, plain
from composer.issue.resolved import Reference, Resolved
from composer.issue.typography import ruleset
from composer.locale import gettext as _
from composer.locale import translate
from composer.newsroom.model import Newsroom, Typography
from composer.newsroom.palette import palette
from composer.newsroom.public_paths import LEAVE, absolute
from composer.rendering import link_text, mjml, opening, plaintext, spans
from composer.rendering.cache import Cache
from composer.rendering.ical import ical
from composer.rendering.imprint import legal_lines
from composer.rendering.inlining import inline_styles
from composer.rendering.layout import Run, kind, link_targets, runs, sections
from composer.rendering.media import Pictures
from composer.rendering.model import Rendering, SlotName
from composer.rendering.sentence_marks import between_marks, without_marks
from composer.rendering.templates import environment, refresh, write
from composer.source.paths import inside

#: The skeleton of the HTML part.
LETTER = "letter.mjml.j2"

#: The cache folder in the newsroom. Disposable, and never read as source.
CACHE = "var/cache"


def render(edition: Edition, newsroom: Newsroom) -> Rendering:
    """The letter as ``edition``'s readers get it, except for the tokens in its links.

    Raises ``Refused`` for a template that fails and, all at once, for the pictures that mail clients do not show.
    """
    return render_marked(edition, newsroom, {})[0]


def render_marked(edition: Edition, newsroom: Newsroom, numbers: Mapping[int, int]) -> tuple[Rendering, str]:
    """The letter, and its HTML with marks around the sentences in ``numbers``: ``id`` of a sentence → its number.

    Raises as ``render`` does.
    """
    letter = LetterTemplate(edition, newsroom, numbers)
    blocks = letter.blocks()
    digest = sha256(_written(edition, [*map(without_marks, blocks)]).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    sentinels: dict[SlotName, str] = {"unsubscribe": f"UNSUBSCRIBE{digest}", "paid_copy": f"PAIDCOPY{digest}"}
    unsubscribe_url = f"{absolute(newsroom, LEAVE)}{sentinels['unsubscribe']}"
    paid_copy_url = f"{edition.paid_copy}{sentinels['paid_copy']}" if edition.paid_copy else None
    document = letter.document(blocks, unsubscribe_url, paid_copy_url)
    letter.pictures.check()
    marked = inline_styles(mjml.html(document, LETTER), letter.css(), letter.cache)
    html = without_marks(marked)
    text = letter.text(unsubscribe_url, paid_copy_url)
    if not any(sentinels["paid_copy"] in part for part in (html, text)):
        del sentinels["paid_copy"]
    rendering = Rendering(
        subject=edition.subject,
        preheader=edition.preheader,
        html=html,
        text=text,
        slots=sentinels,
        media=letter.pictures.media(),
        rights=letter.pictures.rights,
        files=tuple(letter.pictures.files),
    )
    return rendering, marked


def _written(edition: Edition, blocks: list[str]) -> str:
    """All text of this letter: the sentinel contains its digest, so it cannot occur in it."""
    house = edition.publication
    # Whole blocks and publications would add file paths and settings that no letter shows.
    left_out = (
        "blocks",
        "publication",
        *(name for name in ("online", "join", "paid_copy") if getattr(edition, name) is None),
    )
    around = [getattr(edition, field.name) for field in fields(edition) if field.name not in left_out]
    return "\0".join([repr((around, house.title, house.tagline, house.subscribe_url, house.legal)), *blocks])


class LetterTemplate:
    """Renders the templates of one letter."""

    def __init__(self, edition: Edition, newsroom: Newsroom, numbers: Mapping[int, int] = MappingProxyType({})) -> None:
        publication = edition.publication
        self.edition = edition
        self.jinja = environment(newsroom.root)
        refresh(self.jinja)
        self.cache = Cache(newsroom.root / CACHE)
        self.public_url = newsroom.settings.public_url
        self.pictures = Pictures(self.public_url, newsroom.root, self.cache)
        self.notes = plaintext.Notes()
        targets = link_targets(edition.blocks)
        word = partial(_word, edition.language, ruleset(publication, edition.language).profile)
        held = {block.template: block for block in edition.blocks}
        context: dict[str, Any] = {
            "edition": edition,
            "publication": publication,
            "palette": palette(publication.theme),
            "text_fonts": _fonts(publication.theme.text_fonts),
            "label_fonts": _fonts(publication.theme.label_fonts),
            "style": edition.style,
            "lead": opening.lead_of(edition),
            "once": opening.titled_once(edition),
            "also": opening.left_to_name(edition, edition.also),
            "summary": opening.left_to_name(edition, edition.summary),
            "masthead": held.get("masthead"),
            "card": held.get("teasers"),
            "level": 2,
            "t": word,
            "colon": word(": "),
            "date": partial(_date, edition),
            "calendar": self._calendar,
            "glue": glue,
            "parted": partial(_parted, edition.style.separator or " • "),
            "plain": plain,
            "runs": runs,
            "kind": kind,
            "following": None,
            "preceding": None,
            "further": partial(_further, edition),
            "legal_lines": legal_lines(publication.legal, word),
        }
        words_only: Callable[..., Markup] = partial(spans.html, links=False)
        title: Callable[..., Markup] = partial(spans.title, anchors=targets)
        sentence = _sentences(targets, numbers)
        if numbers:
            words_only, title = (_marking(each, numbers) for each in (words_only, title))
        self.for_mjml = context | {
            "picture": self.pictures.place,
            "logo": _logo(newsroom, publication.theme.logo),
            "logo_dark": _logo(newsroom, publication.theme.logo_dark),
            "spans": sentence,
            "unseen": link_text.unseen,
            "words_only": words_only,
            "title": title,
            "named": spans.name,
            "paragraphs": spans.paragraphs,
            "leads": partial(spans.leads_somewhere, anchors=targets),
        }
        self.for_text = context | {
            "words": self.notes.words,
            "link": self.notes.link,
            "reference": self.notes.reference,
            "take_notes": self.notes.take,
            "columns": self.notes.columns,
            "wrap": plaintext.wrap,
            "underline": plaintext.underline,
        }

    def _calendar(self, event: ResolvedEvent) -> str:
        """The address of the event's file for calendars, which goes into the letter's media."""
        content = ical(event, self.edition.key, self.public_url)
        return self.pictures.publish(content, "ics", "text/calendar")

    def blocks(self) -> list[str]:
        """Each block as checked MJML, so that a mistake is reported with its block."""
        return [
            mjml.fragment(write(self.jinja, name, self.for_mjml | own, where), f"{name}, {where}")
            for own, name, where in self._blocks(".mjml.j2")
        ]

    def _text_blocks(self) -> Iterator[str]:
        """Generated one by one as the letter's template asks for them: notes are numbered in reading order."""
        for own, name, where in self._blocks(".txt.j2"):
            text = plaintext.tidy(write(self.jinja, name, self.for_text | own, where))
            yield f"{text}\n\n{self.notes.take()}".rstrip()

    def _blocks(self, suffix: str) -> list[tuple[dict[str, Any], str, str]]:
        """For each block: its template's own variables, the template's name, and the block's name in messages."""
        blocks = self.edition.blocks
        runs = [Run(block.template, (block,)) for block in blocks]
        return [
            (
                {"block": block, "preceding": before, "following": after},
                f"blocks/{run.name}{suffix}",
                _where(number, block),
            )
            for number, (block, run, before, after) in enumerate(
                zip(blocks, runs, [None, *runs], [*runs[1:], None], strict=False), 1
            )
        ]

    def document(self, blocks: list[str], unsubscribe_url: str, paid_copy_url: str | None = None) -> str:
        """The whole letter as checked MJML, with ``blocks``, which are already checked, inserted."""
        marks = {mjml.mark_slots(number): block for number, block in enumerate(blocks)}
        links = {"unsubscribe_url": unsubscribe_url, "paid_copy_url": paid_copy_url}
        stacked = any(' stack"' in block for block in blocks)
        context = self.for_mjml | links | {"sections": sections(marks), "stacked": stacked}
        whole = mjml.fragment(write(self.jinja, LETTER, context, _("the letter itself")), LETTER)
        return mjml.filled(whole, marks)

    def css(self) -> str:
        """The CSS rules to write on each element."""
        return write(self.jinja, "style.css.j2", self.for_mjml, _("the letter itself"))

    def text(self, unsubscribe_url: str, paid_copy_url: str | None = None) -> str:
        links = {"unsubscribe_url": unsubscribe_url, "paid_copy_url": paid_copy_url}
        context = self.for_text | links | {"blocks": self._text_blocks()}
        return plaintext.tidy(write(self.jinja, "letter.txt.j2", context, _("the letter itself"))) + "\n"


def glue(separator: str) -> str:
    """``separator`` with a no-break space before its mark: a line never begins with a bullet or a colon."""
    return "\u00a0" + separator[1:] if separator.startswith(" ") else separator


def _fonts(names: tuple[str, ...]) -> str:
    return ",".join(f"'{name}'" if " " in name else name for name in names)


def _sentences(targets: Set[str], numbers: Mapping[int, int]) -> Callable[..., Markup]:
    """The templates' ``spans`` function, which knows the item and the block around a sentence."""

    @pass_context
    def sentence(context: Context, words: Spans) -> Markup:
        html = spans.html(words, targets, headline=link_text.about(context.get("item"), context.get("block")))
        return between_marks(html, numbers[id(words)]) if id(words) in numbers else html

    return sentence


def _marking(write_words: Callable[..., Markup], numbers: Mapping[int, int]) -> Callable[..., Markup]:
    """``write_words``, with marks around the sentences in ``numbers``."""

    def write_marked(words: Spans | str, **how: Any) -> Markup:
        html = write_words(words, **how)
        return between_marks(html, numbers[id(words)]) if id(words) in numbers else html

    return write_marked


def _parted(separator: str, caption: Spans) -> str:
    """What stands between a caption and its credit: the separator, unless the caption ends with a stop of its own."""
    return " " if plain(caption).rstrip(' \u00a0\u202f»”"’)').endswith((".", "!", "?", "…")) else glue(separator)


def _word(language: str, profile: Typography | None, message: str) -> str:
    """A template's own word, with the publication's spaces at colons, high marks and guillemets."""
    said = translate(message, language)
    if profile is None:
        return said
    closed = (("colon", "\u00a0:"), ("high_marks", "\u00a0?"), ("guillemets", "«\u00a0"), ("guillemets", "\u00a0»"))
    for setting, spaced in closed:
        if getattr(profile, setting) == "none":
            said = said.replace(spaced, spaced.strip("\u00a0"))
    return said


def _date(edition: Edition, day: Date, *, weekday: bool = False) -> str:
    return written_date(day, edition.language, edition.style.dates, weekday=weekday)


def _further(edition: Edition, items: tuple[Reference, ...]) -> ResolvedLinks:
    return ResolvedLinks(translate("Further reading", edition.language), edition.style.marker or "–", items)


def _logo(newsroom: Newsroom, name: str | None) -> Path | None:
    return inside(newsroom.root, newsroom.root / "config" / "publications", name) if name else None


def _where(number: int, block: Resolved) -> str:
    headline = getattr(block, "headline", None) or getattr(block, "title", None)
    named = plain(headline) if isinstance(headline, tuple) else headline or getattr(block, "label", None)
    name = block.template
    if named:
        return _("block {number} ({name}, “{title}”)").format(number=number, name=name, title=named)
    return _("block {number} ({name})").format(number=number, name=name)
