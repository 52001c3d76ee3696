"""The shipped configuration of nginx, in a real one, with the pages behind it."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from sqlalchemy import Engine, text

from composer.archive.site import SITE
from composer.newsroom import load_newsroom
from composer.public import app
from composer.returns.hooks.doors import hook_digests, hook_secret
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from composer.subscribers.tokens import copy_token
from tests.public.support.page_server import SECRET, serving
from tests.support.address_keys import open_database
from tests.support.doors import open_doors
from tests.support.newsrooms import png, write_newsroom
from tests.support.nginx import HOST, proxying

pytestmark = [pytest.mark.nginx, pytest.mark.slow]

PICTURE = "0123456789abcdef0123456789abcdef.png"


@dataclass
class Front:
    port: int
    trust: ssl.SSLContext
    engine: Engine
    token: str
    folder: Path

    def open(self, sent: str) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=40)
        connection = self.trust.wrap_socket(raw, server_hostname=HOST)
        connection.sendall(sent.format(token=self.token).encode())
        return connection

    def ask(self, line: str, *headers: str, body: str = "") -> tuple[int, str]:
        """Status, and the whole answer."""
        lines = [f"{line} HTTP/1.1", f"Host: {HOST}", "Connection: close", f"Content-Length: {len(body)}", *headers]
        with self.open("\r\n".join([*lines, "", body])) as connection:
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")
        return int(answer.split()[1]), answer

    @property
    def status(self) -> str:
        with self.engine.connect() as connection:
            return str(connection.execute(text("SELECT status FROM subscriptions")).scalar_one())


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    root = write_newsroom(
        tmp_path / "room", trusted_proxies=["127.0.0.1"], join=True, choices=True, hooks={"providers": ["brevo"]}
    )
    open_doors(root, "vendredi")
    (root / "var" / "media").mkdir(parents=True)
    (root / "var" / "media" / PICTURE).write_bytes(png())
    engine = open_database("sqlite:///var/filigrane.db", root, create=True)
    with engine.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form")
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    with ExitStack() as stack:
        room = load_newsroom(root)
        digests = hook_digests(room, (SECRET,))
        base = stack.enter_context(serving(app(engine, room, token_reader(SECRET), digests)))
        folder = tmp_path / "nginx"
        port = stack.enter_context(proxying(folder, int(base.rpartition(":")[2]), authority))
        yield Front(port, trust, engine, unsubscribe_token(number, SECRET), folder)
    engine.dispose()


def test_readers_look_and_leave_and_see_pictures(front: Front) -> None:
    code, page = front.ask("GET /u/{token}")
    assert code == 200
    assert "strict-transport-security" in page.lower()
    assert "referrer-policy: no-referrer" in page.lower()
    assert front.status == "active"
    assert [front.ask(f"GET /media/{PICTURE}")[0] for _ in range(2)] == [200, 200]
    assert front.ask("POST /u/{token}", body="List-Unsubscribe=One-Click")[0] == 200
    assert front.status == "unsubscribed"
    log = front.folder / "filigrane.left.log"
    for _ in range(100):  # it is written after the answer
        if not log.read_text():
            time.sleep(0.1)
    (line,) = log.read_text().splitlines()
    assert line.split()[1:] == ["200", "POST", f"/u/{front.token}"]
    assert front.token not in (front.folder / "error.log").read_text()


def test_letters_are_read_and_searched(front: Front, tmp_path: Path) -> None:
    page = tmp_path / "room" / SITE / "a" / "vendredi" / "2026-11-27" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>" + "Bonjour " * 100, encoding="utf-8")
    code, answer = front.ask("GET /a/vendredi/2026-11-27/")
    assert code == 200
    assert "Bonjour" in answer
    assert "x-robots-tag: all" in answer.lower()
    assert "content-encoding: gzip" in front.ask("GET /a/vendredi/2026-11-27/", "Accept-Encoding: gzip")[1].lower()
    assert front.ask("GET /a/vendredi/2026-11-27/", "If-None-Match: *")[0] == 304
    assert front.ask("GET /a/../../config/newsroom.yaml")[0] in (400, 404)
    for path in ("/search?q=x", "/robots.txt", "/sitemap.xml", "/a/vendredi/"):
        assert front.ask(f"GET {path}")[0] == 404, "this newsroom has no archive"
    assert front.ask("GET /about/legal/")[0] == 200
    assert front.ask("POST /a/vendredi/2026-11-27/")[0] == 405


def test_a_paid_copys_link_is_passed_on_and_never_kept_or_logged(front: Front) -> None:
    link = copy_token(1, 1, SECRET)
    for path in (f"/copy/{link}", f"/copy/{link}/", "/copy/x"):
        code, answer = front.ask(f"GET {path}")
        assert code == 404, "this newsroom has none"
        assert "content-security-policy" in answer.lower(), "the pages say so, not nginx"
    assert front.ask("GET /copy")[0] in (301, 404)
    assert link not in (front.folder / "error.log").read_text()
    assert link not in (front.folder / "filigrane.left.log").read_text()


def test_a_report_of_a_relays_operator_is_passed_on_as_long_as_it_may_be_and_never_logged(front: Front) -> None:
    secret = hook_secret(SECRET, "brevo", 1)
    assert front.ask(f"POST /hooks/brevo/{secret}", body=" " * 200_000)[0] == 200
    assert front.ask(f"POST /hooks/brevo/{secret}", body=" " * 300_000)[0] == 413
    assert front.ask(f"POST /hooks/brevo/{'a' * 26}", body="x")[0] == 404
    assert front.ask(f"GET /hooks/brevo/{secret}")[0] == 403
    assert secret not in (front.folder / "error.log").read_text()
    assert secret not in (front.folder / "filigrane.left.log").read_text()


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/media", "/u", "/wp-login.php", "/join/../healthz"])
def test_nothing_else_is_reached(front: Front, path: str) -> None:
    assert front.ask(f"GET {path}")[0] in (301, 404)  # nginx itself leads /u to /u/, where there is nothing
    assert front.ask(f"POST {path}")[0] in (301, 403)


def test_what_leads_nowhere_says_where_to_write(front: Front) -> None:
    code, answer = front.ask("GET /lettres/vendredi")
    assert code == 404
    assert "mailto:" in answer
    code, answer = front.ask("GET /")
    assert code == 302
    assert f"location: https://{HOST}/join\r\n" in answer.lower()


def test_the_doors_are_reached_and_every_request_there_counts(front: Front) -> None:
    code, page = front.ask("GET /join/vendredi")
    assert code == 200
    assert "frame-ancestors 'none'" in page
    for path in ("/join", "/join.json", "/join/vendredi/form"):
        assert front.ask(f"GET {path}")[0] == 200
    assert front.ask("GET /choices")[0] == 200
    assert "Content-Security-Policy" in front.ask("GET /address/x")[1].title()
    assert front.ask("GET /confirm/x")[0] == 404
    assert [front.ask(f"GET {path}")[0] for path in ("/joined", "/confirmx", "/choicesx")] == [404] * 3
    form = "Content-Type: application/x-www-form-urlencoded"
    asked = [front.ask("POST /join/vendredi", form, body="email=x")[0] for _ in range(80)]
    assert set(asked) == {422, 429}


def test_a_network_that_asks_too_often_is_refused_and_may_leave(front: Front) -> None:
    began = time.monotonic()
    asked = []
    while 429 not in asked and time.monotonic() - began < 60:
        with front.open(f"GET /u/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n" * 300) as connection:
            got = b""
            while got.count(b"HTTP/1.1 ") < 290 and (part := connection.recv(65536)):
                got += part
        asked = [int(answer[:3]) for answer in got.split(b"HTTP/1.1 ")[1:]]
    assert 404 in asked
    assert 429 in asked
    assert front.ask("POST /u/{token}", "X-Forwarded-For: 9.9.9.9", body="List-Unsubscribe=One-Click")[0] == 200


def test_half_a_body_is_never_passed_on(front: Front) -> None:
    with front.open("POST /u/{token} HTTP/1.1\r\nHost: lettre.example.org\r\nContent-Length: 26\r\n\r\nList") as half:
        assert half.recv(1000) == b"" or b" 408 " in half.recv(1000)
    assert front.status == "active"
