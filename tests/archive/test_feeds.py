"""The feeds, by those who read them: RSS by feedparser, Atom by RFC 4287's grammar, JSON Feed by its own; and HTML."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import html5lib
import pytest
from lxml import etree

from composer.archive.feeds import ENTRIES
from tests.archive.support.sample_archive import SampleArchive, sample_archive, weeks
from tests.support.newsrooms import ISSUE

ATOM = "{http://www.w3.org/2005/Atom}"
AWKWARD = "Les « œufs » & <l’ail> ]]> – 1 < 2"

#: Written by us from the RFC, whose own text is the IETF's.
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def atom_faults(content: bytes) -> Iterator[str]:
    """What of ``content`` is not as RFC 4287 wants it: by its grammar, and by what no grammar says."""
    root = etree.fromstring(content)
    GRAMMAR.validate(root)
    yield from (f"line {each.line}: {each.message}" for each in GRAMMAR.error_log)
    ids = [each.findtext(f"{ATOM}id") or "" for each in (root, *root.iter(f"{ATOM}entry"))]
    if len(ids) != len(set(ids)):
        yield "an id is given twice (4.1.1)"
    yield from (f"id is {each} (4.2.6)" for each in ids if not re.match(r"[a-z][a-z0-9+.-]*:\S+$", each))
    if root.find(f"{ATOM}author") is None:
        yield "neither the feed nor each entry names an author (4.1.1)"
    links = Counter((each.get("rel"), each.get("type")) for each in root.findall(f"{ATOM}link"))
    if links[("self", "application/atom+xml")] != 1 or max(links.values()) > 1:
        yield "one link to itself, and one of a kind (4.1.1)"


def json_faults(feed: dict[str, Any]) -> Iterator[str]:
    """What of ``feed`` is not as https://jsonfeed.org/version/1.1 wants it."""
    if feed.get("version") != "https://jsonfeed.org/version/1.1" or not isinstance(feed.get("title"), str):
        yield "version and title"
    known = (
        "version title home_page_url feed_url description user_comment next_url icon favicon authors language expired "
        "hubs items"
    )
    yield from (f"unknown {key}" for key in feed if key not in known.split())
    items = feed.get("items")
    if not isinstance(items, list):
        yield "items"
        return
    of_items = (
        "id url external_url title content_html content_text summary image banner_image date_published date_modified "
        "authors tags language attachments"
    )
    for item in items:
        yield from (f"unknown {key} in an item" for key in item if key not in of_items.split())
        if not isinstance(item.get("id"), str) or not item["id"] or not ({"content_html", "content_text"} & set(item)):
            yield "an item has an id, and content"
        for key in ("date_published", "date_modified"):
            if key in item:
                datetime.fromisoformat(item[key])
    if len({item["id"] for item in items}) != len(items):
        yield "an id is given twice"


def sent(archive: SampleArchive, feed: str = "whole", count: int = 3) -> dict[str, str]:
    archive.configure(archive={"since": weeks(1)[0], "feed": feed}, tagline="Le port & ses digues")
    long = ISSUE.replace("le port respire.", f"le port respire. {'Il était temps, dit-on au bassin. ' * 15}")
    for number, date in enumerate(weeks(count)):
        archive.send(date, long.replace("{subject}", f'"{AWKWARD}, {number}"') if number < 2 else long)
    archive.look()
    return archive.files()


@pytest.fixture(scope="module")
def feed_of_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = sample_archive(tmp_path_factory.mktemp("feed") / "newsroom")
    made.send()
    made.look()
    yield made.files()["a/vendredi/atom.xml"]
    made.close()


@pytest.mark.parametrize("feed", ["whole", "opening"])
def test_feeds_are_as_their_readers_want_them(archive: SampleArchive, feed: str) -> None:
    files = sent(archive, feed)
    assert list(atom_faults(files["a/vendredi/atom.xml"].encode())) == []
    assert list(json_faults(json.loads(files["a/vendredi/feed.json"]))) == []
    for name in ("rss.xml", "atom.xml"):
        parsed = feedparser.parse(files[f"a/vendredi/{name}"].encode())
        assert not parsed.bozo, parsed.get("bozo_exception")
        assert parsed.feed.title == "L'Estuaire du vendredi"
        assert [entry.link for entry in parsed.entries] == [
            f"https://lettre.example.org/a/vendredi/{date}/" for date in reversed(weeks(3))
        ]
        assert parsed.entries[1].title.replace("\u00a0", " ") == f"{AWKWARD}, 1"
        assert parsed.entries[0].published_parsed[:5] == (2026, 12, 11, 6, 0)
        (content,) = parsed.entries[0].content
        assert ("Les étals reviennent sous la halle." in content.value) == (feed == "whole")
        assert ("Lire la suite" in content.value) == (feed == "opening")
        assert "Le chantier de la digue" in content.value
    assert parsed.version == "atom10"


def test_the_three_say_the_same(archive: SampleArchive) -> None:
    files = sent(archive)
    items = json.loads(files["a/vendredi/feed.json"])["items"]
    for name in ("rss.xml", "atom.xml"):
        root = etree.fromstring(files[f"a/vendredi/{name}"].encode())
        path = f".//{ATOM}content" if name == "atom.xml" else ".//{http://purl.org/rss/1.0/modules/content/}encoded"
        assert [each.text for each in root.iterfind(path)] == [item["content_html"] for item in items]


@pytest.mark.slow
def test_a_feed_holds_the_latest_letters_and_no_more(archive: SampleArchive) -> None:
    archive.configure(archive={"since": weeks(1)[0]})
    for date in weeks(ENTRIES + 2):
        archive.send(date)
    archive.look()
    items = json.loads(archive.files()["a/vendredi/feed.json"])["items"]
    assert len(items) == ENTRIES
    assert items[0]["url"].endswith(f"/{weeks(ENTRIES + 2)[-1]}/")


def test_the_content_of_a_feed_is_plain(archive: SampleArchive) -> None:
    content = json.loads(sent(archive)["a/vendredi/feed.json"])["items"][0]["content_html"]
    assert set(re.findall(r"<([a-z0-9]+)", content)) <= {"p", "h2", "h3", "strong", "em", "a", "ul", "li", "br", "img"}
    assert "class=" not in content
    assert "L'Estuaire du vendredi" not in content, "no nameplate"
    assert "subscribed" not in content, "no foot"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<updated>2026-11-27T06:00:00Z</updated>", "<updated>27 November</updated>"),
        ("<title>L", "<title>Two</title><title>L"),
        ("<name>", "<nickname/><name>"),
        ('rel="self"', 'rel="self" priority="1"'),
        ('<content type="html">', '<content type="html"><p/>'),
        ("<entry>", "<feed/><entry>"),
        ("<author>", '<author xmlns="http://www.w3.org/1999/xhtml">'),
        ("/2026-11-27/</id>", "/</id>"),
    ],
)
def test_the_grammar_finds_what_is_wrong(feed_of_one: str, right: str, wrong: str) -> None:
    assert right in feed_of_one
    assert list(atom_faults(feed_of_one.encode())) == []
    assert list(atom_faults(feed_of_one.replace(right, wrong, 1).encode()))


def test_every_page_is_html_without_an_error(archive: SampleArchive) -> None:
    archive.settings(ownership={"owners": ["Les amis"], "public_advertising": "2025: none"})
    pages = {path: text for path, text in sent(archive, count=2).items() if path.endswith(".html")}
    assert len(pages) > 10
    for path, text in pages.items():
        parser = html5lib.HTMLParser(strict=True)
        parser.parse(text)
        assert parser.errors == [], path
        assert len(text.encode()) <= 60 * 1024, path


def test_the_sitemap_names_every_page_of_letters(archive: SampleArchive) -> None:
    files = sent(archive, count=2)
    root = etree.fromstring(files["sitemap.xml"].encode())
    places = [each.text for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert places == [
        *(f"https://lettre.example.org/a/vendredi/{date}/" for date in weeks(2)),
        "https://lettre.example.org/a/vendredi/",
    ]
    assert "Sitemap: https://lettre.example.org/sitemap.xml\n" in files["robots.txt"]
