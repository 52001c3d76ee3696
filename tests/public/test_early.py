"""While no sign-up may be taken, one is refused before it is read, and nothing else is."""

from __future__ import annotations

import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from composer.public import TokenBucket
from composer.public.pages import HEADERS
from tests.public.support.page_server import serving


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Says which request it is."""
    request = Request(scope, receive)
    await PlainTextResponse(f"{request.method} {request.url.path}")(scope, receive, send)


@pytest.fixture
def emptied() -> TokenBucket:
    bucket = TokenBucket()
    while bucket.admits():
        pass
    return bucket


def asked(address: str, method: str, path: str) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request(method, path, body=b"email=a%40example.org" if method == "POST" else None)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), dict(answer.getheaders())
    connection.close()
    return found


def frozen(bucket: TokenBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token comes back meanwhile."""
    monkeypatch.setattr(bucket, "_rate", 0.0)
    assert bucket.is_empty


def test_a_signup_is_refused_with_every_header(emptied: TokenBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen(emptied, monkeypatch)
    with serving(pages, signup_limit=emptied) as address:
        for path, said in (("/join", "Too Many Requests"), ("/join/vendredi", "Too Many Requests")):
            status, body, headers = asked(address, "POST", path)
            assert (status, body) == (429, said)
            assert HEADERS.items() <= headers.items()
            assert (headers["Retry-After"], headers["Connection"]) == ("30", "close")
        status, body, headers = asked(address, "POST", "/join.json")
        assert (status, body) == (429, '{"error":"too-many"}')
        assert HEADERS.items() <= headers.items()


def test_nothing_else_is(emptied: TokenBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen(emptied, monkeypatch)
    others = [
        ("GET", "/join/vendredi"),
        ("POST", "/u/token"),
        ("POST", "/joined"),
        ("POST", "/confirm/x"),
        ("GET", "/"),
    ]
    with serving(pages, signup_limit=emptied) as address:
        for method, path in others:
            assert asked(address, method, path)[:2] == (200, f"{method} {path}")


def test_a_signup_is_read_while_some_may_be_taken() -> None:
    with serving(pages, signup_limit=TokenBucket()) as address:
        assert asked(address, "POST", "/join/vendredi")[:2] == (200, "POST /join/vendredi")


def test_a_head_in_pieces_is_the_application_s(emptied: TokenBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen(emptied, monkeypatch)
    with serving(pages, signup_limit=emptied) as address:
        host, port = urlsplit(address).netloc.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"PO")
            client.sendall(b"ST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            answer = b""
            while some := client.recv(4096):
                answer += some
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 429"))  # by the pieces that arrive; the application limits it
