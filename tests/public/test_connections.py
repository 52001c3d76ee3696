"""Connections that are held open: they end, and keep nobody out."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from select import select
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from composer.newsroom import load_newsroom
from composer.public import app
from composer.public.connections import Bounds, ConnectionTable
from composer.public.tally import RareEvent
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from tests.public.support.page_server import SECRET, serving
from tests.support.address_keys import open_database
from tests.support.newsrooms import png, write_newsroom

QUICK = Bounds(connections=6, head=0.5, body=0.5, answer=10.0)
PICTURE = "0123456789abcdef0123456789abcdef.png"


class Pages:
    """The pages with one reader, on a port."""

    def __init__(self, root: Path) -> None:
        (root / "var" / "media").mkdir(parents=True)
        (root / "var" / "media" / PICTURE).write_bytes(png())
        self.newsroom = load_newsroom(write_newsroom(root))
        self.engine = open_database("sqlite:///var/filigrane.db", root, create=True)
        with self.engine.begin() as connection:
            self.number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form")
        self.app = app(self.engine, self.newsroom, token_reader(SECRET))
        self.token = unsubscribe_token(self.number, SECRET)
        self.port = 0

    def open(self, sent: str = "") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(sent.format(token=self.token).encode())
        return connection

    def ask(self, sent: str) -> bytes:
        with self.open(sent) as connection:
            return everything(connection)

    @property
    def status(self) -> str:
        with self.engine.connect() as connection:
            return str(connection.execute(text("SELECT status FROM subscriptions")).scalar_one())


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


ONE_CLICK = (
    "POST /u/{token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 26\r\n\r\nList-Unsubscribe=One-Click"
)
HALF_BODY = "POST /u/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList"
HALF_HEAD = "GET /u/x HT"


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    pages = Pages(tmp_path)
    with serving(pages.app, QUICK) as base:
        pages.port = int(base.rpartition(":")[2])
        yield pages
    pages.engine.dispose()


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ("", b""),
        (HALF_HEAD, b"HTTP/1.1 408 "),
        (HALF_BODY, b"HTTP/1.1 408 "),
        ("POST /u/x HTTP/1.1\r\n", b"HTTP/1.1 408 "),
    ],
)
def test_what_never_comes_is_not_waited_for(pages: Pages, sent: str, answer: bytes) -> None:
    began = time.monotonic()
    got = pages.ask(sent)
    assert QUICK.head * 0.8 < time.monotonic() - began < 10
    assert got.startswith(answer)
    assert bool(got) == bool(answer)
    assert pages.status == "active"


@pytest.mark.parametrize("path", ["/none", "/u/x", "/u/{token}/back", "/hooks/postmark/x"])
def test_a_refusal_reaches_the_visitor_whose_body_comes_after_its_head(pages: Pages, path: str) -> None:
    """A connection closed with bytes unread is reset, and what was answered is lost on its way (RFC 9112, 9.6)."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 26\r\n\r\n"
    with pages.open(head) as connection:
        assert not select([connection], [], [], 0.2)[0], "answered, and closed, before the body came"
        connection.sendall(b"List-Unsubscribe=One-Click")
        got = everything(connection)
    assert re.match(rb"HTTP/1.1 (4\d\d|200) ", got), got


def test_bytes_one_by_one_renew_no_deadline(pages: Pages) -> None:
    began = time.monotonic()
    with pages.open("GET /u/x HTTP/1.1\r\n") as connection, suppress(OSError):
        while time.monotonic() - began < 20:
            time.sleep(0.1)
            connection.sendall(b"X: y\r\n")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("sent", ["", HALF_HEAD, HALF_BODY.replace("{token}", "x" * 32)])
def test_held_connections_give_way_to_a_one_click_post(pages: Pages, sent: str) -> None:
    with capture_logs() as lines:
        held = [pages.open(sent) for _ in range(3 * QUICK.connections)]
        assert pages.ask(ONE_CLICK).startswith(b"HTTP/1.1 200 ")
    assert pages.status == "unsubscribed"
    exhausted = [line for line in lines if line["event"] == "connections-exhausted"]
    assert len(exhausted) == 1
    assert exhausted[0]["open"] == QUICK.connections + 1
    for connection in held:
        connection.close()


def test_a_valid_post_whose_body_is_on_its_way_is_not_given_up_for_silent_ones(pages: Pages) -> None:
    with pages.open(HALF_BODY) as connection:
        time.sleep(0.1)
        held = [pages.open() for _ in range(3 * QUICK.connections)]
        connection.sendall(b"-Unsubscribe=One-Click")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert pages.status == "unsubscribed"
    for each in held:
        each.close()


def test_a_connection_serves_one_request_after_the_other(pages: Pages) -> None:
    twice = f"GET /media/{PICTURE} HTTP/1.1\r\nHost: x\r\n\r\n" * 2
    with pages.open(twice + twice.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)) as connection:
        assert everything(connection).count(b"HTTP/1.1 200 ") == 3


def test_malformed_requests_are_refused_with_every_header_and_told_once(pages: Pages) -> None:
    with capture_logs() as lines:
        for _ in range(5):
            got = pages.ask("GET / HTTP/1.1\r\nbroken\r\n\r\n")
            assert got.startswith(b"HTTP/1.1 400 ")
            assert b"\r\nx-content-type-options: nosniff\r\n" in got
            assert b"\r\ncontent-security-policy: default-src 'none'\r\n" in got
    assert [line["event"] for line in lines] == ["malformed-requests"]


def test_a_request_to_upgrade_is_an_ordinary_one(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    asked = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert pages.ask(asked).startswith(b"HTTP/1.1 200 ")
    assert caplog.records == []


class Held:
    """A connection as far as the table looks at it."""

    def __init__(self, phase: str, *, kept: bool = False, stalled: bool = False) -> None:
        self.phase, self.kept, self.closed = phase, kept, False
        self.flow, self.transport = SimpleNamespace(write_paused=stalled), self

    def abort(self) -> None:
        self.closed = True


def crowd(*held: Held, connections: int = 100, per_network: int = 100, address: str = "192.0.2.1") -> list[bool]:
    """Which of them are closed, when they come one after the other."""
    table = ConnectionTable(Bounds(connections, per_network), lambda address: address or None)
    for each in held:
        table.add(cast(Any, each), address)
    return [each.closed for each in held]


def test_the_order_of_closing() -> None:
    busy, stalled, due = Held("answer"), Held("answer", stalled=True), Held("body", kept=True)
    body, old, new = Held("body"), Held("head"), Held("head")
    assert crowd(busy, stalled, due, body, old, new, connections=5) == [False, False, False, False, True, False]
    assert crowd(busy, stalled, due, body, Held("head"), connections=4) == [False, False, False, True, False]
    assert crowd(busy, stalled, due, Held("head"), connections=3) == [False, True, False, False]
    assert crowd(busy, due, Held("head"), connections=2) == [False, True, False]
    assert crowd(Held("answer"), Held("answer"), Held("head"), connections=2) == [False, False, True]


def test_a_network_gives_way_to_itself_before_others_do() -> None:
    assert crowd(Held("head"), Held("head"), Held("head"), per_network=2) == [True, False, False]
    assert crowd(Held("head"), Held("head"), Held("head"), per_network=2, address="") == [False] * 3


def test_an_event_is_told_at_once_and_then_once_a_while_with_how_often() -> None:
    event = RareEvent(seconds=0.2)
    assert [event.happened() for _ in range(5)] == [1, 0, 0, 0, 0]
    time.sleep(0.25)
    assert event.happened() == 5
