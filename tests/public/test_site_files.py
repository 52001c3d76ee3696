"""The archive's files through the public pages: those files, and nothing else of the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from composer.archive.site import SITE
from composer.newsroom import load_newsroom
from composer.public import app
from composer.subscribers import token_reader
from tests.public.support.page_server import SECRET, serving
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

PAGE = """<!DOCTYPE html>
<html><head><meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;none&#39;">
<title>x</title></head><body>Bonjour</body></html>"""


class Asked:
    """A site on a real socket."""

    def __init__(self, base: str, site: Path) -> None:
        self.address = urlsplit(base).netloc
        self.site = site

    def __call__(self, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.address, timeout=10)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer, content


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    root = write_newsroom(tmp_path / "newsroom")
    site = root / SITE
    (site / "a" / "vendredi" / "2026-11-27").mkdir(parents=True)
    (site / "a" / "vendredi" / "2026-11-27" / "index.html").write_text(PAGE, encoding="utf-8")
    (site / "a" / "vendredi" / "rss.xml").write_text("<rss/>", encoding="utf-8")
    (site / "a" / "vendredi" / "feed.json").write_text("{}", encoding="utf-8")
    (site / "robots.txt").write_text("User-agent: *\n", encoding="utf-8")
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    with serving(app(engine, load_newsroom(root), token_reader(SECRET))) as base:
        yield Asked(base, site)
    engine.dispose()


def test_a_page_is_answered_with_its_own_policy(ask: Asked) -> None:
    answer, content = ask("/a/vendredi/2026-11-27/")
    assert (answer.status, content) == (200, PAGE)
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["X-Robots-Tag"] == "all"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert ask("/a/vendredi/2026-11-27/", "HEAD")[1] == ""
    assert ask("/a/vendredi/2026-11-27/index.html")[1] == PAGE


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a/vendredi/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/a/vendredi/feed.json", "application/feed+json"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_has_its_type(ask: Asked, path: str, kind: str) -> None:
    assert ask(path)[0].headers["Content-Type"] == kind


def test_what_the_client_has_is_not_sent_again(ask: Asked) -> None:
    first, _ = ask("/a/vendredi/2026-11-27/")
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    for known in ({"If_None_Match": tag}, {"If_None_Match": f'"x", W/{tag}'}, {"If_Modified_Since": changed}):
        answer, content = ask("/a/vendredi/2026-11-27/", **known)
        assert (answer.status, content) == (304, "")
    for other in (
        {"If_None_Match": '"x"'},
        {"If_Modified_Since": "yesterday"},
        {"If_None_Match": '"x"', "If_Modified_Since": changed},
    ):
        assert ask("/a/vendredi/2026-11-27/", **other)[0].status == 200


def test_a_page_that_changes_is_answered_as_it_is(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.public.site_files.UNCHECKED", 0.0)
    page = ask.site / "a" / "vendredi" / "2026-11-27" / "index.html"
    assert ask("/a/vendredi/2026-11-27/")[1] == PAGE
    page.write_text("<html>autre", encoding="utf-8")
    answer, content = ask("/a/vendredi/2026-11-27/")
    assert content == "<html>autre"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    page.unlink()
    assert ask("/a/vendredi/2026-11-27/")[0].status == 404


def test_a_folder_without_its_slash_leads_to_public_url_and_nowhere_else(ask: Asked) -> None:
    answer, _ = ask("/a/vendredi/2026-11-27", Host="evil.example")
    assert answer.status == 308
    assert answer.headers["Location"] == "https://lettre.example.org/a/vendredi/2026-11-27/"


@pytest.mark.parametrize(
    "path",
    [
        "/a/../../../config/newsroom.yaml",
        "/a/..%2f..%2f..%2fconfig%2fnewsroom.yaml",
        "/a/%2e%2e/%2e%2e/filigrane.db",
        "/a//etc/passwd",
        "/a/vendredi//2026-11-27/",
        "/a/.hidden",
        "/a/vendredi/link.html",
        "/a/linked/index.html",
        "/a/pipe",
        "/a/vendredi/",
        "/a/vendredi",
        "/a/vendredi/2026-11-27/index.html/",
        "/a/x%00.html",
        "/a/" + "x" * 3000,
        "/a/%C3%A9",
        "/a//evil.example/",
        "/about/",
        "/sitemap.xml",
    ],
)
def test_nothing_else_of_the_disk_is_answered(ask: Asked, path: str) -> None:
    (ask.site / "a" / ".hidden").write_text("x", encoding="utf-8")
    (ask.site / "a" / "vendredi" / "link.html").symlink_to("/etc/hostname")
    (ask.site / "a" / "linked").symlink_to(ask.site / "a" / "vendredi" / "2026-11-27")
    os.mkfifo(ask.site / "a" / "pipe")
    answer, content = ask(path)
    assert answer.status == 404, content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_pages_are_only_read(ask: Asked, method: str) -> None:
    assert ask("/a/vendredi/2026-11-27/", method)[0].status == 405


def test_what_is_absent_has_the_site_s_own_words(ask: Asked) -> None:
    (ask.site / "404.html").write_text(PAGE.replace("Bonjour", "Rien ici"), encoding="utf-8")
    answer, content = ask("/a/nowhere/")
    assert answer.status == 404
    assert "Rien ici" in content
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_memory_holds_no_more_than_its_bound(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.public.site_files._KEPT", 100)
    for _ in range(2):
        assert [ask(path)[0].status for path in ("/a/vendredi/2026-11-27/", "/robots.txt")] == [200, 200]
