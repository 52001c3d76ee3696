"""Pages in which a house presents itself and says what it keeps. They say what the configuration knows, no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import get_args

from composer.archive.pages import SPOKEN, PageTemplates, base, contacts, up_from
from composer.locale import Language, translate
from composer.newsroom.legal import Legal
from composer.newsroom.model import Newsroom, Publication
from composer.newsroom.public_paths import open_letters, shown_publications
from composer.newsroom.theme import Theme
from composer.outbox.queue import MESSAGE_KEPT
from composer.rendering.imprint import legal_lines
from composer.source.vocabulary import key_name
from composer.subscribers.signups import LINK_LASTS


@dataclass(frozen=True)
class StatementPart:
    """``paragraphs`` are lists of lines; a line that is an address of mail becomes a link."""

    title: str | None
    paragraphs: list[list[str]]


Translated = Callable[[str], str]


def open_publications(newsroom: Newsroom) -> list[Publication]:
    """Those with letters on the web."""
    return [each for each in newsroom.publications.values() if each.archive is not None]


def statement_path(name: str, language: str, own: str) -> str:
    """The folder of a statement page below ``public_url``."""
    return f"about/{name}/" if language == own else f"about/{name}/{language}/"


def statement_links(newsroom: Newsroom) -> dict[str, tuple[tuple[str, str], ...]]:
    """By language: the heading and the path of each page that there is."""
    own = newsroom.settings.language
    return {
        language: tuple(
            (translate(_HEADINGS[name], language), statement_path(name, language, own)) for name in _there(newsroom)
        )
        for language in get_args(Language)
    }


def privacy_path(newsroom: Newsroom, language: str | None) -> str:
    """The page that says what is kept, in ``language``, or in the house's."""
    own = newsroom.settings.language
    return statement_path("privacy", language or own, own)


def statement_pages(newsroom: Newsroom, pages: PageTemplates, above: str) -> dict[str, Callable[[], bytes]]:
    """Path of each page → what makes it. ``above``: the path of the page to which they lead back; empty for none."""
    own = newsroom.settings.language
    found: dict[str, Callable[[], bytes]] = {}
    for language in get_args(Language):
        (other,) = (each for each in get_args(Language) if each != language)
        for name in _there(newsroom):
            heading, parts = (
                translate(_HEADINGS[name], language),
                _CONTENTS[name](newsroom, partial(translate, language=language)),
            )
            path = statement_path(name, language, own)
            found[path] = partial(
                pages.page,
                "statement",
                path,
                language,
                Theme(),
                title=newsroom.settings.name,
                heading=heading,
                parts=parts,
                address=base(newsroom) + path,
                above=up_from(path) + above if above else "",
                other=up_from(path) + statement_path(name, other, own),
                other_language=other,
                other_words=SPOKEN[other],
            )
    return found


def gaps(newsroom: Newsroom) -> list[str]:
    """The keys that the pages would need and that the configuration leaves out, as its files call them."""
    keys = newsroom.settings.keys
    found = []
    for name, publication in newsroom.publications.items():
        if publication.archive is None:
            continue
        legal = publication.legal
        for field in ("registration", "phone", "email", "editor"):
            if getattr(legal, field) is None:
                key = f"{key_name('legal', keys)}.{key_name(field, keys)}"
                found.append(f"config/publications/{name}.yaml: {key}")
    ownership = newsroom.settings.ownership
    for field in ("owners", "beneficial_owners", "public_advertising"):
        if ownership is None or not getattr(ownership, field):
            key = f"{key_name('ownership', keys)}.{key_name(field, keys, 'Ownership')}"
            found.append(f"config/newsroom.yaml: {key}")
    return found


def _there(newsroom: Newsroom) -> tuple[str, ...]:
    """Names of the pages that there are: none of a house of which strangers see nothing."""
    if not shown_publications(newsroom):
        return ()
    known = newsroom.settings.ownership
    owned = known is not None and (known.owners or known.beneficial_owners or known.public_advertising)
    return tuple(name for name in _HEADINGS if name != "ownership" or owned)


def _legal(newsroom: Newsroom, _: Translated) -> list[StatementPart]:
    """One part for each notice, with the publications that it is of."""
    notices: dict[Legal, list[str]] = {}
    for publication in shown_publications(newsroom):
        notices.setdefault(publication.legal, []).append(publication.title)
    return [
        StatementPart(", ".join(titles), [[line] for line in legal_lines(legal, _)])
        for legal, titles in notices.items()
    ]


def _privacy(newsroom: Newsroom, _: Translated) -> list[StatementPart]:
    where_to_write, retention = contacts(newsroom), newsroom.settings.retention
    publishers = list(
        dict.fromkeys(f"{each.legal.publisher}, {each.legal.address}" for each in shown_publications(newsroom))
    )
    kept = [
        _(
            "Of who receives a letter: the address, the name where it was given, the letters chosen, their language "
            "and edition, when and how they were asked for, and until when they are paid for."
        ),
        _(
            "Of each letter sent: whether the mail server it was handed to took it, what that server answered, and "
            "whether the letter came back."
        ),
        _("Of who reads these pages: nothing. They set no cookie, run no script and count no visit."),
        _("No letter holds an invisible picture or a link that counts: whether a letter was opened is not known here."),
    ]
    if open_letters(newsroom):
        kept.insert(
            0,
            _(
                "Of who asks for a letter at a form: the address, the letters, the words that were seen, the page and "
                "the time. One message asks to confirm; nothing else is sent before that."
            ),
        )
    long = []
    if open_letters(newsroom):
        text = _("A request that is not confirmed is erased after {days} days, and so is the message that asked.")
        long.append(text.format(days=round(max(LINK_LASTS, MESSAGE_KEPT) / 86400)))
    if retention.former_readers is None:
        long.append(_("An address is kept, also after its reader left every letter, until somebody asks to erase it."))
    else:
        text = _(
            "An address is kept as long as it receives a letter, and for {months} months after its reader left the "
            "last one."
        )
        long.append(text.format(months=retention.former_readers))
    if retention.addresses is None:
        long.append(_("The record of letters sent is kept with its addresses until somebody asks for it to be erased."))
    else:
        text = _("Addresses leave the record of a letter sent {months} months after it.")
        long.append(text.format(months=retention.addresses))
        if retention.rows is not None:
            text = _("What is left of it becomes mere counts after {months} months.")
            long.append(text.format(months=retention.rows))
    long.append(_("Of who left or asked to be forgotten, a mark stays that keeps letters from being sent there again."))
    rights = [
        _(
            "You may ask what is held about you, have it corrected or erased, and leave at any time by the link at the "
            "end of each letter. You may complain to the authority that watches over personal data in your country; in "
            "France it is the CNIL."
        )
    ]
    return [
        StatementPart(_("Who answers for it"), [[each] for each in publishers]),
        StatementPart(_("What is kept"), [[each] for each in kept]),
        StatementPart(_("For how long"), [[each] for each in long]),
        StatementPart(_("What you may ask"), [rights, where_to_write]),
    ]


def _accessibility(newsroom: Newsroom, _: Translated) -> list[StatementPart]:
    made = [
        _(
            "Letters and pages are made to be read by everybody: titles in their order, a description of each picture "
            "that says something, links that say where they lead, a contrast of 4.5 to 1 at least between text and "
            "ground, by day and by night, and nothing that needs a script or a mouse."
        ),
        _("A program checks each letter before it is approved. Nobody has audited these pages."),
    ]
    ask = [_("If something keeps you from reading, tell us:"), *contacts(newsroom)]
    return [StatementPart(None, [*([each] for each in made), ask])]


def _ownership(newsroom: Newsroom, _: Translated) -> list[StatementPart]:
    """Regulation (EU) 2024/1083, article 6, paragraph 1."""
    known = newsroom.settings.ownership
    assert known is not None  # else there is no such page
    publishers = list(
        dict.fromkeys(f"{each.legal.publisher}, {each.legal.address}" for each in shown_publications(newsroom))
    )
    parts = [StatementPart(_("The publisher"), [[each] for each in [*publishers, *contacts(newsroom)]])]
    if known.owners:
        parts.append(StatementPart(_("Owners, direct or indirect"), [list(known.owners)]))
    if known.beneficial_owners:
        parts.append(StatementPart(_("Beneficial owners"), [list(known.beneficial_owners)]))
    if known.public_advertising:
        parts.append(StatementPart(_("Advertising by public bodies"), [[known.public_advertising]]))
    return parts


#: Name of each page → its heading, in their order.
_HEADINGS = {
    "legal": "Legal notice",
    "privacy": "Privacy",
    "accessibility": "Accessibility",
    "ownership": "Who owns us",
}
_CONTENTS = {"legal": _legal, "privacy": _privacy, "accessibility": _accessibility, "ownership": _ownership}
