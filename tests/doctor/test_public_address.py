"""The readers' address: our own pages on a socket, and what may stand in their place."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from sqlalchemy import select

from composer import locale
from composer.doctor.lookups import NotAnswered
from composer.doctor.public_address import look_at_public_address
from composer.newsroom.model import Newsroom
from composer.public import app
from composer.subscribers.tables import requests, subscriptions
from composer.subscribers.tokens import token_reader
from tests.doctor.support.zone import newsroom_of_zone
from tests.public.support.page_server import SECRET, serving
from tests.support.address_keys import open_database


def at(newsroom: Newsroom, url: str) -> Newsroom:
    settings = newsroom.settings.model_copy(update={"public_url": url})
    return Newsroom(**{**vars(newsroom), "settings": settings})


@contextmanager
def answering(
    status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A web server that gives the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http{'s' if tls else ''}://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def test_our_own_pages_answer_and_a_post_changes_nothing(tmp_path: Path) -> None:
    newsroom = newsroom_of_zone(tmp_path)
    engine = open_database(newsroom.settings.database, newsroom.root, create=True)
    with serving(app(engine, newsroom, token_reader(SECRET))) as base:
        found = look_at_public_address(at(newsroom, base))
    assert (found.faults, "takes a one-click" in found.says) == ((), True)
    with engine.connect() as connection:
        assert connection.execute(select(subscriptions)).all() == []
        assert connection.execute(select(requests)).all() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("status", "headers"),
    [(301, {"Location": "https://www.example.org/"}), (200, {}), (404, {}), (403, {}), (502, {}), (405, {})],
)
def test_what_is_not_the_pages_is_told_with_what_it_answered(
    status: int, headers: dict[str, str], tmp_path: Path
) -> None:
    locale.use("en")
    with answering(status, b"Gazette d&#39;essai", headers) as url:
        (fault,) = look_at_public_address(at(newsroom_of_zone(tmp_path), url)).faults
    assert (fault.code, fault.demand) == ("public-address", "one-click")
    assert f"is answered {status} by something that is not the readers" in fault.says


def test_nothing_there_is_not_known_and_no_fault(tmp_path: Path) -> None:
    with answering(404) as url:
        pass
    with pytest.raises(NotAnswered, match="does not answer this host"):
        look_at_public_address(at(newsroom_of_zone(tmp_path), url))


def test_an_answer_an_octet_at_a_time_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.doctor.public_address._WHOLE", 0.5)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _peer = server.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(NotAnswered):
                look_at_public_address(at(newsroom_of_zone(tmp_path), f"http://127.0.0.1:{server.getsockname()[1]}"))
        finally:
            over.set()
            thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize(("days", "code"), [(90, None), (3, "public-certificate")])
def test_the_certificate_is_verified_and_its_end_told(
    trusted: bool, days: int, code: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = datetime.now(UTC) + timedelta(days=days, hours=1)
    authority.issue_cert("localhost", not_after=ends).configure_cert(context)
    if trusted:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    page = b"<title>Gazette d&#39;essai</title>"
    with answering(404, page, {"Referrer-Policy": "no-referrer"}, context) as url:
        found = look_at_public_address(at(newsroom_of_zone(tmp_path / "newsroom"), url))
    codes = [fault.code for fault in found.faults]
    assert codes == ([code] if trusted and code else [] if trusted else ["public-certificate"])
