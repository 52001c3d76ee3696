"""The search through the public pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from datetime import date as Date
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import yaml
from lxml import html
from structlog.testing import capture_logs

from composer.archive.reading import LetterReading
from composer.archive.search import write_index
from composer.archive.sent import SentLetter
from composer.archive.site import INDEX
from composer.archive.store import ArchiveStore
from composer.issue.key import IssueKey
from composer.newsroom import load_newsroom
from composer.public import app
from composer.subscribers import token_reader
from tests.public.support.page_server import SECRET, serving
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

OPEN = ("vendredi",)


class Searched:
    def __init__(self, base: str) -> None:
        self.address = urlsplit(base).netloc

    def __call__(self, query: str) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection(self.address, timeout=10)
        connection.request("GET", f"/search{query}")
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def newsroom_folder(folder: Path, opened: tuple[str, ...] = OPEN) -> Path:
    root = write_newsroom(folder)
    for name in opened:
        path = root / "config" / "publications" / f"{name}.yaml"
        held = yaml.safe_load(path.read_text(encoding="utf-8")) | {"archive": Date(2026, 11, 1)}
        path.write_text(yaml.safe_dump(held, allow_unicode=True, sort_keys=False), encoding="utf-8")
    store = ArchiveStore(None)
    for number in range(1, 31):
        for name in ("vendredi", "samedi"):
            key = IssueKey(name, Date(2026, 11, number))
            letter = SentLetter(number, number, key, "fr", True, datetime(2026, 11, number, tzinfo=UTC), None)
            reading = LetterReading(f"La digue, {number}", "<b>", "", "", "", "Le port respire.", None, ())
            store.put(letter, str(key.date), "", reading)
    (root / INDEX).parent.mkdir(parents=True)
    write_index(store, root / INDEX)
    store.close()
    return root


@pytest.fixture
def searched(tmp_path: Path) -> Iterator[Searched]:
    root = newsroom_folder(tmp_path / "newsroom")
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    with serving(app(engine, load_newsroom(root), token_reader(SECRET))) as base:
        yield Searched(base)
    engine.dispose()


def links(content: str) -> list[str]:
    found = html.document_fromstring(content).xpath("//ul[@class='letters']//a/@href")
    assert isinstance(found, list)
    return [str(each) for each in found]


def test_letters_are_found_a_page_at_a_time_and_only_those_that_stand_on_the_web(searched: Searched) -> None:
    status, headers, content = searched("?q=digues")
    assert status == 200
    assert "Letters found: 30." in content
    assert links(content) == [f"a/vendredi/2026-11-{day}/" for day in range(30, 20, -1)]
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert "script-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    last = searched("?q=digues&page=3")[2]
    assert links(last)[-1] == "a/vendredi/2026-11-01/"
    assert 'href="search?q=digues&amp;page=2"' in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize(
    "query",
    [
        "?q=<script>alert(1)</script>",
        "?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "?q=%00",
        "?q=%ff%fe",
        "?q=%ED%A0%80",
        "?q=" + "%C3%A9" * 900,
        "?q=digue&page=-1",
        "?q=digue&page=99999999999999999999",
        "?q=digue&page=x",
        "?q=digue&page=%D9%A3",
        "?q=digue&in=samedi",
        "?q=digue&in=../../etc",
        "?q=digue&in=vendredi&in=samedi",
        "?q=a&q=b&q=c",
        "?q=NEAR(digue+port)",
        "?q=title:digue",
        "?q=" + "+".join(f"mot{n}" for n in range(300)),
        "?" + "&".join(f"x{n}=1" for n in range(300)),
        "",
        "?q=",
    ],
)
def test_whatever_is_asked_is_a_page_without_a_script(searched: Searched, query: str) -> None:
    status, _headers, content = searched(query)
    assert status == 200
    assert "<script" not in content
    assert all(link.startswith("a/vendredi/") for link in links(content))


def test_a_newsroom_without_an_archive_has_no_search(tmp_path: Path) -> None:
    root = newsroom_folder(tmp_path / "newsroom", opened=())
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    with serving(app(engine, load_newsroom(root), token_reader(SECRET))) as base:
        assert Searched(base)("?q=digue")[0] == 404
    engine.dispose()


def test_an_index_that_cannot_be_read_is_said_to_the_operator_and_to_the_reader(tmp_path: Path) -> None:
    root = newsroom_folder(tmp_path / "newsroom")
    (root / INDEX).write_bytes(b"no database" * 1000)
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    with serving(app(engine, load_newsroom(root), token_reader(SECRET))) as base, capture_logs() as logged:
        assert [Searched(base)("?q=digue")[0] for _ in range(3)] == [503, 503, 503]
    assert [line["event"] for line in logged] == ["search-index-unread"]
    engine.dispose()


def test_a_template_that_fails_does_not_end_the_search(tmp_path: Path) -> None:
    root = newsroom_folder(tmp_path / "newsroom")
    (root / "templates" / "archive").mkdir(parents=True)
    (root / "templates" / "archive" / "search.html.j2").write_text("{{ nothing.of.it }}", encoding="utf-8")
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    with serving(app(engine, load_newsroom(root), token_reader(SECRET))) as base:
        assert links(Searched(base)(f"?q={quote('digue')}")[2])
    engine.dispose()
