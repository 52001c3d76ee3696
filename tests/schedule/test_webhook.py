"""The webhook: what it is told, and what it cannot make us do. Real sockets, real certificates."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme

import composer.schedule.webhook as room
from composer.approval.freeze import unapprove
from composer.errors import OutsideWorld
from composer.newsroom.model import Settings
from composer.schedule.webhook import MOST_FETCHED, call_out, fetch_bounded
from tests.schedule.support.sample_hour import Hour


@dataclass
class Hook:
    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, str, dict[str, Any] | None]] = field(default_factory=list)
    body: bytes = b""


@contextmanager
def listening(tls: ssl.SSLContext | None = None) -> Iterator[Hook]:
    """A web server on loopback that keeps what it is told."""
    hook = Hook()

    class Keeper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: dict[str, Any] | None) -> None:
            hook.said.append((self.command, self.path, body))
            self.send_response(hook.status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(hook.body)

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Keeper) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        hook.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield hook
        server.shutdown()
        thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as hook:
        yield hook


@pytest.mark.slow
def test_alerts_and_reminders_are_posted_once(hour: Hour, hook: Hook) -> None:
    hour.write(webhook=f"http://127.0.0.1:{hook.port}/alerte?cle=1")
    unapprove(hour.friday)
    for instant in ("2026-11-26 20:00", "2026-11-26 20:00:30", "2026-11-27 07:00", "2026-11-27 07:00:30"):
        hour.at(instant)
    (_, path, reminder), (_, _, held) = hook.said
    assert path == "/alerte?cle=1"
    assert reminder is not None
    assert set(reminder) == {"newsroom", "kind", "publication", "date", "mailing", "subject", "text", "at"}
    assert held is not None
    assert [reminder["kind"], held["kind"]] == ["reminder", "held"]
    assert (held["publication"], held["date"], held["at"]) == ("vendredi", "2026-11-27", "2026-11-27T06:00:00+00:00")
    assert len(hour.relay.messages) == 2


def test_a_webhook_that_fails_is_called_again_and_the_email_is_not_sent_again(hour: Hour, hook: Hook) -> None:
    hour.write(webhook=f"http://127.0.0.1:{hook.port}/")
    unapprove(hour.friday)
    hook.status = 500
    hour.at("2026-11-27 07:00")
    hook.status = 200
    hour.at("2026-11-27 07:01")
    hour.at("2026-11-27 07:02")
    assert len(hook.said) == 2
    assert len(hour.relay.messages) == 1


def test_a_webhook_set_later_does_not_hear_of_the_past(hour: Hour, hook: Hook) -> None:
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    hour.write(webhook=f"http://127.0.0.1:{hook.port}/")
    hour.at("2026-11-27 07:01")
    assert hook.said == []


def test_no_redirect_is_followed(hook: Hook) -> None:
    hook.status, hook.headers = 302, {"Location": f"http://127.0.0.1:{hook.port}/ailleurs"}
    with pytest.raises(OutsideWorld, match="302"):
        call_out(f"http://127.0.0.1:{hook.port}/ici", {})
    assert [path for _, path, _ in hook.said] == ["/ici"]


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "::1", "::ffff:10.0.0.1", "fd00::1", "0.0.0.0"],
)
def test_a_name_that_leads_into_a_private_network_is_not_called(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it says one thing when looked at and another when called: it is looked up once."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("called"))
    with pytest.raises(OutsideWorld, match="private network"):
        call_out("https://alertes.example/", {})
    assert asked == ["alertes.example"]


def test_the_certificate_is_verified() -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with listening(server) as hook:
        with pytest.raises(OutsideWorld, match=r"(?i)certificate"):
            call_out(f"https://localhost:{hook.port}/", {"kind": "held"})
        with pytest.raises(OutsideWorld, match=r"(?i)certificate"):
            call_out(f"https://127.0.0.1:{hook.port}/", {"kind": "held"}, trusting)
        assert hook.said == []
        call_out(f"https://localhost:{hook.port}/", {"kind": "held"}, trusting)
        assert hook.said == [("POST", "/", {"kind": "held"})]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_drips_has_no_more_than_its_time(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SECONDS", 0.5)
    done = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            for _ in range(1000):
                try:
                    connection.sendall(b"\x16" if scheme == "https" else b"H")
                except OSError:
                    break
                if done.wait(0.1):
                    break

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        with pytest.raises(OutsideWorld):
            call_out(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", {})
        done.set()
        thread.join()


def test_what_is_secret_in_the_address_is_not_told() -> None:
    with pytest.raises(OutsideWorld) as told:
        call_out("http://127.0.0.1:1/secret?jeton=secret")
    assert "secret" not in str(told.value)


def test_clear_text_is_for_this_machine_only() -> None:
    with pytest.raises(ValueError, match="https"):
        Settings.model_validate({"name": "x", "public_url": "https://x.example", "webhook": "http://x.example/"})


def test_a_machine_that_is_not_found_under_its_own_name_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: [elsewhere])
    with pytest.raises(OutsideWorld, match="does not lead to this machine"):
        call_out("https://localhost/", None)


def test_what_is_fetched_is_bounded_verified_and_never_elsewhere() -> None:
    """As a certificate of Amazon's is fetched: over TLS, no redirect, no more than a certificate's length."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with listening(server) as hook:
        url = f"https://localhost:{hook.port}/x.pem"
        hook.status, hook.body = 200, b"-----BEGIN CERTIFICATE-----"
        assert fetch_bounded(url, trusting) == hook.body
        with pytest.raises(OutsideWorld, match=r"(?i)certificate"):
            fetch_bounded(url)
        hook.body = b"x" * MOST_FETCHED
        assert len(fetch_bounded(url, trusting)) == MOST_FETCHED
        hook.body = b"x" * (MOST_FETCHED + 1)
        with pytest.raises(OutsideWorld, match=str(MOST_FETCHED)):
            fetch_bounded(url, trusting)
        hook.status, hook.body = 302, b""
        with pytest.raises(OutsideWorld, match="302"):
            fetch_bounded(url, trusting)
