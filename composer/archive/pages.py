"""The pages of the archive: HTML without a script, in the publication's language, type and colours."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup

from composer.archive.reading import LetterReading
from composer.archive.sent import SentLetter
from composer.archive.store import ArchivedLetter
from composer.issue.dates import written_date
from composer.issue.online import ONLINE, online_path
from composer.locale import translate
from composer.newsroom.model import Newsroom, Publication, Theme
from composer.newsroom.palette import palette
from composer.newsroom.public_paths import shown_publications
from composer.rendering.overrides import has_overrides
from composer.rendering.templates import jinja_for, shipped, write

#: Names of languages, each in itself.
SPOKEN = {"fr": "Français", "en": "English"}

#: The feeds of a publication: media type, file.
FEEDS = (
    ("application/rss+xml", "rss.xml"),
    ("application/atom+xml", "atom.xml"),
    ("application/feed+json", "feed.json"),
)

#: Where letters are searched, below ``public_url``.
SEARCH = "search"

#: Letters on the first page of a publication.
LATEST = 20


@dataclass(frozen=True)
class Shelf:
    """A publication in one language: its letters, the oldest first. ``path`` is its folder below ``public_url``."""

    name: str
    publication: Publication
    language: str
    path: str
    letters: tuple[ArchivedLetter, ...]

    @property
    def translated(self) -> bool:
        """Whether it is in another language than the publication's own."""
        return self.path != online_path(self.name)

    @property
    def years(self) -> list[int]:
        """The latest first."""
        return sorted({each.date.year for each in self.letters}, reverse=True)

    def of_year(self, year: int) -> list[ArchivedLetter]:
        """The latest first."""
        return [each for each in reversed(self.letters) if each.date.year == year]


def shelf_of(newsroom: Newsroom, name: str, language: str, letters: tuple[ArchivedLetter, ...]) -> Shelf:
    spoken = newsroom.publications[name].in_language(language)
    return Shelf(name, spoken, language, shelf_path(newsroom, name, language), letters)


def shelf_path(newsroom: Newsroom, name: str, language: str) -> str:
    """The folder of a publication's letters in ``language``, below ``public_url``."""
    return online_path(name, language="" if language == newsroom.publications[name].language else language)


def base(newsroom: Newsroom) -> str:
    """``public_url``, with a slash at its end."""
    return newsroom.settings.public_url.rstrip("/") + "/"


def up_from(path: str) -> str:
    """Leads from the page at ``path`` to ``public_url``: pages work in any folder, and behind any path."""
    return "../" * path.count("/")


def contacts(newsroom: Newsroom) -> list[str]:
    """Where to write about letters that are read online or asked for at a door, each address once."""
    those = [each.legal.email or each.reply_to or each.from_ for each in shown_publications(newsroom)]
    return list(dict.fromkeys(those))


class PageTemplates:
    """Renders the pages of one newsroom. ``legal`` are the statement pages: words and path, by language.

    ``searchable``: something answers at ``SEARCH``; files alone cannot. ``shipped_only``: without the newsroom's own
    templates.
    """

    def __init__(
        self,
        newsroom: Newsroom,
        legal: Mapping[str, tuple[tuple[str, str], ...]],
        *,
        searchable: bool,
        shipped_only: bool = False,
    ) -> None:
        self.newsroom = newsroom
        self._searchable = searchable
        self._legal = legal
        root = shipped().parent if shipped_only else newsroom.root
        self._jinja = _environment(root, has_overrides(root, shipped()))
        self._zone = ZoneInfo(newsroom.settings.timezone)
        #: Leads to ``public_url`` from any page of its host.
        self.root = urlsplit(base(newsroom)).path

    def letter(
        self,
        letter: ArchivedLetter,
        kept: tuple[str, str],
        shelf: Shelf,
        others: Mapping[str, str],
        around: tuple[ArchivedLetter | None, ArchivedLetter | None],
    ) -> bytes:
        """The page of ``letter``; ``kept`` is its style and body, ``others`` the path of it in each language."""
        up, root = up_from(letter.path), base(self.newsroom)
        style, body = kept
        before, after = ({"href": up + each.path, "title": each.title} if each else None for each in around)
        published = letter.sent_at.astimezone(self._zone).isoformat()
        changed = letter.changed_at.astimezone(self._zone).isoformat() if letter.changed_at else None
        image = f"{root}media/{letter.image.name}" if letter.image else None
        return self.page(
            "letter",
            letter.path,
            shelf.language,
            shelf.publication.theme,
            style,
            title=shelf.publication.title,
            letter=letter,
            body=Markup(body),  # noqa: S704 # reason: made by our templates, escaped there, and frozen
            address=root + letter.path,
            others={language: root + path for language, path in sorted(others.items())}.items()
            if len(others) > 1
            else (),
            spoken=SPOKEN,
            feeds=self._feeds(shelf, letter.path),
            shelf=shelf,
            index=up + shelf.path,
            before=before,
            after=after,
            published=published,
            changed=changed,
            image=image,
            described=self._described(letter, shelf, published, changed, image),
        )

    def paid_copy(self, letter: SentLetter, reading: LetterReading, until: datetime) -> bytes:
        """The page of a paid edition, which opens ``until`` then. It is the same for each reader, and at any address.

        Nothing of it is for indexes, previews or feeds.
        """
        publication = self.newsroom.publications[letter.key.publication].in_language(letter.language)
        last = until.astimezone(self._zone)
        day = written_date(last.date(), "fr" if letter.language == "fr" else "en", "long", weekday=False)
        return self.page(
            "paid",
            letter.path,
            letter.language,
            publication.theme,
            reading.style,
            up=self.root,
            title=publication.title,
            subject=reading.title,
            body=Markup(reading.body),  # noqa: S704 # reason: made by our templates, escaped there, and frozen
            index=self.root + shelf_path(self.newsroom, letter.key.publication, letter.language),
            free=self.root + letter.path,
            day=day.replace(" ", "\u00a0"),
            hour=f"{last:%H:%M}",
        )

    def index(self, shelf: Shelf, year: int | None = None, alike: tuple[Shelf, ...] = ()) -> bytes:
        """The latest letters of ``shelf``, or all of ``year``; ``alike`` is the publication in other languages."""
        path = shelf.path if year is None else year_path(shelf, year)
        listed = shelf.of_year(year) if year is not None else list(reversed(shelf.letters))[:LATEST]
        up = up_from(path)
        return self.page(
            "index",
            path,
            shelf.language,
            shelf.publication.theme,
            title=shelf.publication.title,
            tagline=shelf.publication.tagline,
            year=year,
            address=base(self.newsroom) + path,
            feeds=self._feeds(shelf, path),
            shelf=shelf,
            above=up + (ONLINE + "/" if year is None else shelf.path),
            above_words=self.newsroom.settings.name if year is None else shelf.publication.title,
            others=[(each.language, SPOKEN[each.language], up + each.path) for each in alike],
            letters=[
                {
                    "day": day_of_letter(each.date, shelf.language),
                    "href": up + each.path,
                    "title": each.title,
                    "description": each.description,
                }
                for each in listed
            ],
            years=[{"year": each, "href": up + year_path(shelf, each)} for each in shelf.years] if year is None else (),
        )

    def house(
        self, shelves: list[Shelf], name: str = "house", path: str = ONLINE + "/", up: str | None = None
    ) -> bytes:
        """The publications of ``shelves``: the page above them all, or the one that stands for a page that is not."""
        language = self.newsroom.settings.language
        up = up_from(path) if up is None else up
        return self.page(
            name,
            path,
            language,
            Theme(),
            title=self.newsroom.settings.name,
            address=base(self.newsroom) + path,
            contacts=contacts(self.newsroom),
            up=up,
            publications=[
                {
                    "title": shelf.publication.title,
                    "tagline": shelf.publication.tagline,
                    "language": shelf.language,
                    "spoken": SPOKEN[shelf.language] if shelf.translated else None,
                    "href": up + shelf.path,
                    "latest": day_of_letter(shelf.letters[-1].date, shelf.language) if shelf.letters else None,
                }
                for shelf in shelves
            ],
        )

    def page(
        self, name: str, path: str, language: str, theme: Theme, style: str = "", up: str | None = None, **given: Any
    ) -> bytes:
        """``templates/archive/<name>.html.j2`` for the page at ``path``. Raises ``Refused`` where the template fails.

        ``style`` goes before the frame's own rules.
        """
        up = up_from(path) if up is None else up
        where = path or "/"
        context = {
            "colours": palette(theme),
            "text_fonts": Markup(_fonts(theme.text_fonts)),  # noqa: S704 # reason: names out of a list of ours
            "label_fonts": Markup(_fonts(theme.label_fonts)),  # noqa: S704 # reason: as above
            "width": theme.width,
        }
        sheet = f"{style}\n{write(self._jinja, 'archive/style.css.j2', context, where)}"
        words = partial(translate, language=language)
        shelf = given.get("shelf")
        legal = self._legal.get(language) or self._legal.get(self.newsroom.settings.language) or ()
        feeds = [(kind, up + (shelf.path if shelf else "") + file) for kind, file in FEEDS] if shelf else []
        given |= {
            "_": words,
            "language": language,
            "search": up + SEARCH + (f"?in={shelf.name}" if shelf else "") if self._searchable else None,
            "policy": policy_of(sheet),
            "style": Markup(sheet),  # noqa: S704 # reason: colours, numbers and names of fonts; or the letter's own
            "links": [
                [(words(_FEED_WORDS[kind]), address) for kind, address in feeds],
                [(said, up + where_to) for said, where_to in legal],
            ],
        }
        return write(self._jinja, f"archive/{name}.html.j2", given, where).encode()

    def _feeds(self, shelf: Shelf, path: str) -> list[tuple[str, str, str]]:
        up = up_from(path)
        return [
            (kind, f"{shelf.publication.title} · {_FEED_WORDS[kind]}", up + shelf.path + file) for kind, file in FEEDS
        ]

    def _described(
        self, letter: ArchivedLetter, shelf: Shelf, published: str, changed: str | None, image: str | None
    ) -> Markup:
        """schema.org's NewsArticle as JSON-LD, in which no ``<`` stands: nothing in it can end its element."""
        root = base(self.newsroom)
        house = {"@type": "Organization", "name": shelf.publication.legal.publisher}
        about = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": letter.title,
            "description": letter.description,
            "url": root + letter.path,
            "mainEntityOfPage": root + letter.path,
            "datePublished": published,
            "dateModified": changed or published,
            "inLanguage": letter.language,
            "isAccessibleForFree": True,
            "author": {"@type": "Organization", "name": shelf.publication.title, "url": root + shelf.path},
            "publisher": house,
            "isPartOf": {"@type": "Periodical", "name": shelf.publication.title, "url": root + shelf.path},
        }
        if image:
            about["image"] = [image]
        text = json.dumps(about, ensure_ascii=False)
        for sign in "<>&":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return Markup(text)  # noqa: S704 # reason: escaped for its element just above


#: What a feed's link says.
_FEED_WORDS = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
}


def year_path(shelf: Shelf, year: int) -> str:
    own = shelf.path.removeprefix(f"{ONLINE}/{shelf.name}/").rstrip("/")
    return online_path(shelf.name, str(year), own)


def policy_of(sheet: str) -> str:
    """The page's policy: its own style sheet and the pictures beside it; no script, and nothing from elsewhere."""
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'"
    )


def day_of_letter(day: Date, language: str) -> str:
    """« Samedi 28 novembre 2026 »."""
    said = written_date(day, "fr" if language == "fr" else "en", "long", weekday=True)
    return said[:1].upper() + said[1:]


def _fonts(names: tuple[str, ...]) -> str:
    return ",".join(f"'{name}'" if " " in name else name for name in names)


@lru_cache(maxsize=4)
def _environment(root: Path, overridden: bool) -> Environment:
    return jinja_for(root, autoescape=True)
