"""RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 of a publication's latest letters, each with the same entries."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from composer.archive.pages import Shelf, base
from composer.archive.store import ArchivedLetter
from composer.archive.words import opening_of
from composer.locale import translate
from composer.newsroom.model import Newsroom

#: Letters in a feed.
ENTRIES = 20

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DUBLIN = "http://purl.org/dc/elements/1.1/"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class FeedEntry:
    """One letter: ``content`` is HTML, whole or its opening, as the publication wants it."""

    letter: ArchivedLetter
    address: str
    content: str

    @property
    def updated(self) -> datetime:
        return self.letter.changed_at or self.letter.sent_at


def entries_of(newsroom: Newsroom, shelf: Shelf, content: Callable[[str], str]) -> list[FeedEntry]:
    """The latest letters first; ``content`` gives a letter's by its path."""
    archive = shelf.publication.archive
    opening = archive is not None and archive.feed == "opening"
    found = []
    for letter in list(reversed(shelf.letters))[:ENTRIES]:
        address, inner = base(newsroom) + letter.path, content(letter.path)
        if opening:
            on = translate("Read on: {title}", shelf.language).format(title=letter.title)
            link = etree.Element("a", href=address)
            link.text = on
            inner = f"{opening_of(inner)}\n<p>{etree.tostring(link, encoding='unicode', method='html')}</p>"
        found.append(FeedEntry(letter, address, inner))
    return found


def rss(newsroom: Newsroom, shelf: Shelf, entries: list[FeedEntry]) -> bytes:
    """RSS 2.0.11, with the whole text in ``content:encoded`` (the content module of RSS 1.0)."""
    names = {"atom": _ATOM, "content": _CONTENT, "dc": _DUBLIN}
    root = etree.Element("rss", version="2.0", nsmap=names)
    channel = etree.SubElement(root, "channel")
    address = base(newsroom) + shelf.path
    _text(channel, "title", shelf.publication.title)
    _text(channel, "link", address)
    _text(channel, "description", shelf.publication.tagline or shelf.publication.title)
    _text(channel, "language", shelf.language)
    if entries:
        _text(channel, "lastBuildDate", format_datetime(entries[0].updated))
    etree.SubElement(channel, f"{{{_ATOM}}}link", href=f"{address}rss.xml", rel="self", type="application/rss+xml")
    for entry in entries:
        item = etree.SubElement(channel, "item")
        _text(item, "title", entry.letter.title)
        _text(item, "link", entry.address)
        _text(item, "guid", entry.address).set("isPermaLink", "true")
        _text(item, "pubDate", format_datetime(entry.letter.sent_at))
        _text(item, f"{{{_DUBLIN}}}creator", shelf.publication.title)
        _text(item, "description", entry.letter.description)
        _text(item, f"{{{_CONTENT}}}encoded", entry.content)
    return _document(root)


def atom(newsroom: Newsroom, shelf: Shelf, entries: list[FeedEntry]) -> bytes:
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item] # reason: lxml's own way to say it
    root.set(_XML_LANG, shelf.language)
    address = base(newsroom) + shelf.path

    def put(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
        element = _text(parent, f"{{{_ATOM}}}{name}", text)
        for key, value in attributes.items():
            element.set(key, value)

    put(root, "id", address)
    put(root, "title", shelf.publication.title)
    if shelf.publication.tagline:
        put(root, "subtitle", shelf.publication.tagline)
    latest = max((entry.updated for entry in entries), default=datetime.fromisoformat("1970-01-01T00:00:00+00:00"))
    put(root, "updated", _instant(latest))
    etree.SubElement(root, f"{{{_ATOM}}}link", rel="self", type="application/atom+xml", href=f"{address}atom.xml")
    etree.SubElement(root, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=address)
    author = etree.SubElement(root, f"{{{_ATOM}}}author")
    put(author, "name", shelf.publication.title)
    for entry in entries:
        item = etree.SubElement(root, f"{{{_ATOM}}}entry")
        put(item, "id", entry.address)
        put(item, "title", entry.letter.title)
        put(item, "published", _instant(entry.letter.sent_at))
        put(item, "updated", _instant(entry.updated))
        etree.SubElement(item, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=entry.address)
        put(item, "summary", entry.letter.description, type="text")
        put(item, "content", entry.content, type="html")
    return _document(root)


def json_feed(newsroom: Newsroom, shelf: Shelf, entries: list[FeedEntry]) -> bytes:
    address = base(newsroom) + shelf.path
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": shelf.publication.title,
        "home_page_url": address,
        "feed_url": f"{address}feed.json",
        "language": shelf.language,
        "authors": [{"name": shelf.publication.title}],
        "items": [
            {
                "id": entry.address,
                "url": entry.address,
                "title": entry.letter.title,
                "summary": entry.letter.description,
                "content_html": entry.content,
                "date_published": _instant(entry.letter.sent_at),
                "date_modified": _instant(entry.updated),
                "language": shelf.language,
            }
            for entry in entries
        ],
    }
    if shelf.publication.tagline:
        feed["description"] = shelf.publication.tagline
    for item, entry in zip(feed["items"], entries, strict=True):
        if entry.letter.image is not None:
            item["image"] = f"{base(newsroom)}media/{entry.letter.image.name}"  # type: ignore[index] # reason: made above
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


#: File → what makes it.
FEED_FILES = {"rss.xml": rss, "atom.xml": atom, "feed.json": json_feed}


def sitemap(addresses: list[tuple[str, datetime | None]]) -> bytes:
    """The sitemaps protocol: at most 50,000 addresses, the rest is left out."""
    root = etree.Element("urlset", nsmap={None: _SITEMAP})  # type: ignore[dict-item] # reason: as above
    for address, changed in addresses[:50_000]:
        item = etree.SubElement(root, "url")
        _text(item, "loc", address)
        if changed is not None:
            _text(item, "lastmod", _instant(changed))
    return _document(root)


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = _allowed(text)
    return element


def _allowed(text: str) -> str:
    """``text`` without what XML 1.0 cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or " " <= sign < "\ufffe" or sign > "\uffff")


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _document(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
