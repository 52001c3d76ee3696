"""Pictures are published when a mailing opens, and asked for at public_url, and nowhere else, before it leaves."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from composer.approval.model import Sealed
from composer.approval.verify import verdict
from composer.errors import OutsideWorld
from composer.schedule import pictures
from composer.schedule.manual import open_now
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY, png, write_issue

FIGURE = """\
subject: {subject}
blocks:
  - edito:
      headline: La digue tiendra
      body: Le chantier de la digue avance.
  - figure:
      src: digue.png
      alt: La digue à marée basse
      credit: {{photo: Odile Ferrand}}
  - masthead: auto
"""


@dataclass
class Pages:
    """A web server on loopback; it serves the newsroom's var/media, or answers what a test says."""

    root: Path
    port: int = 0
    answers: tuple[int, dict[str, str], bytes] | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def pages(hour: Hour) -> Iterator[Pages]:
    pages = Pages(hour.root)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.asked.append(self.path)
            path = pages.root / "var" / "media" / self.path.rpartition("/")[2]
            status, headers, body = pages.answers or (
                (200, {"Content-Type": "image/png"}, path.read_bytes()) if path.is_file() else (404, {}, b"")
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        pages.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield pages
        server.shutdown()
        thread.join()


@pytest.fixture
def illustrated(hour: Hour, pages: Pages) -> Hour:
    """Friday's issue has a picture, and public_url leads to the pages."""
    hour.settings["public_url"] = f"{pages.url}/lettres/"
    hour.write()
    path = write_issue(hour.root, "vendredi", FRIDAY, FIGURE)
    (path.parent / "digue.png").write_bytes(png())
    hour.approve(path)
    return hour


def _name(hour: Hour) -> str:
    found = verdict(hour.friday, hour.newsroom)
    assert isinstance(found, Sealed)
    (name,) = found.seal.media
    return name


@pytest.mark.slow
def test_a_letter_leaves_once_its_pictures_were_seen(illustrated: Hour, pages: Pages) -> None:
    assert [event.state for event in illustrated.at("2026-11-27 07:00")] == ["mailed"]
    assert pages.asked == [f"/lettres/media/{_name(illustrated)}"]
    assert (illustrated.root / "var" / "media" / _name(illustrated)).is_file()
    assert illustrated.queued == READERS
    assert illustrated.relay.messages == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["text/calendar; charset=utf-8", "image/png"])
def test_the_events_of_an_agenda_are_looked_for_as_pictures_are(hour: Hour, pages: Pages, kind: str) -> None:
    hour.settings["public_url"] = f"{pages.url}/lettres/"
    hour.write()
    event = "- agenda:\n  - {{date: 2026-12-15, title: La digue}}\n"
    hour.approve(
        write_issue(hour.root, "vendredi", FRIDAY, f"subject: Un\npreheader: Deux\nblocks:\n{event}- masthead: auto\n")
    )
    assert _name(hour).endswith(".ics")
    pages.answers = (200, {"Content-Type": kind}, b"BEGIN:VCALENDAR\r\n")
    states = ["mailed"] if kind.startswith("text/") else ["held", "alerted"]
    assert [event.state for event in hour.at("2026-11-27 07:00")] == states


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((404, {}, b""), "404 Not Found"),
        ((200, {"Content-Type": "text/html"}, b"<h1>Sign in</h1>"), "no picture (text/html)"),
        ((200, {"Content-Type": "image/png"}, b""), "no picture"),
        ((302, {"Location": "/elsewhere"}, b""), "302 Found"),
    ],
)
def test_a_letter_whose_pictures_nobody_serves_is_held_and_somebody_is_told(
    answers: tuple[int, dict[str, str], bytes], why: str, illustrated: Hour, pages: Pages
) -> None:
    pages.answers = answers
    assert [event.state for event in illustrated.at("2026-11-27 07:00")] == ["held", "alerted"]
    assert illustrated.state() == ("held", "media-unreachable")
    assert illustrated.mailings == []
    assert why in illustrated.relay.last()
    assert "verify_pictures: false" in illustrated.relay.last()
    assert len(pages.asked) == 1  # a redirect leads anywhere: it is not followed

    pages.answers = None
    assert [event.state for event in illustrated.at("2026-11-27 07:01")] == ["mailed"]
    assert illustrated.queued == READERS
    assert len(illustrated.relay.messages) == 1


@pytest.mark.slow
def test_nobody_at_the_address_holds_it(illustrated: Hour, pages: Pages) -> None:
    illustrated.write(public_url="http://127.0.0.1:1")
    illustrated.approve(illustrated.friday)
    illustrated.at("2026-11-27 07:00")
    assert illustrated.state() == ("held", "media-unreachable")
    assert "nothing answers on this port" in illustrated.relay.last()
    assert pages.asked == []


def test_an_address_that_is_silent_holds_it(illustrated: Hour, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        illustrated.write(public_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        illustrated.approve(illustrated.friday)
        illustrated.at("2026-11-27 07:00")
    assert illustrated.state() == ("held", "media-unreachable")
    assert "no answer within 0 s" in illustrated.relay.last()


def test_all_pictures_together_have_no_more_than_their_time(
    illustrated: Hour, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "WHOLE", 0.0)
    illustrated.at("2026-11-27 07:00")
    assert illustrated.state() == ("held", "media-unreachable")
    assert "its pictures together took longer" in illustrated.relay.last()
    assert pages.asked == []
    monkeypatch.undo()
    illustrated.at("2026-11-27 07:01")
    assert illustrated.state() == ("mailed", None)


@pytest.mark.slow
def test_who_cannot_reach_the_public_address_says_so_and_it_leaves(illustrated: Hour, pages: Pages) -> None:
    pages.answers = (404, {}, b"")
    illustrated.write(verify_pictures=False)
    illustrated.at("2026-11-27 07:00")
    assert illustrated.state() == ("mailed", None)
    assert pages.asked == []


def test_no_proxy_of_the_environment_answers_for_it(
    illustrated: Hour, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    illustrated.at("2026-11-27 07:00")
    assert illustrated.state() == ("mailed", None)


@pytest.mark.slow
def test_an_address_changed_after_the_approval_holds_it(illustrated: Hour, pages: Pages) -> None:
    illustrated.write(public_url=f"{pages.url}/nouvelles")
    illustrated.at("2026-11-27 07:00")
    assert illustrated.state() == ("held", "public-url-changed")
    assert "public_url changed after the approval" in illustrated.relay.last()
    assert pages.asked == []


@pytest.mark.slow
def test_a_wrong_address_that_is_mended_is_told_to_need_another_approval(illustrated: Hour, pages: Pages) -> None:
    illustrated.write(public_url="http://127.0.0.1:1")
    illustrated.approve(illustrated.friday)
    illustrated.at("2026-11-27 07:00")
    assert "mend it and approve vendredi/2026-11-27 again" in illustrated.relay.last().replace("\n", " ")
    illustrated.write(public_url=pages.url)
    illustrated.at("2026-11-27 07:01")
    assert illustrated.state() == ("held", "public-url-changed")
    assert len(illustrated.relay.messages) == 2
    assert "filigrane approve vendredi/2026-11-27 --by NAME" in illustrated.relay.last()
    illustrated.approve(illustrated.friday)
    assert [event.state for event in illustrated.at("2026-11-27 07:02")] == ["mailed"]


def test_a_letter_without_pictures_asks_nobody(hour: Hour, pages: Pages) -> None:
    hour.settings["public_url"] = pages.url
    hour.write()
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("mailed", None)
    assert pages.asked == []


def test_sending_by_hand_is_refused_with_the_reason(illustrated: Hour, pages: Pages) -> None:
    pages.answers = (503, {}, b"")
    with pytest.raises(OutsideWorld, match="503 Service Unavailable"):
        open_now(paris("2026-11-26 20:00"), illustrated.friday, illustrated.newsroom, illustrated.engine, SECRET)
    assert illustrated.mailings == []
    pages.answers = None
    assert open_now(paris("2026-11-26 20:01"), illustrated.friday, illustrated.newsroom, illustrated.engine, SECRET)


@pytest.mark.slow
@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_is_verified(
    trusted: bool, illustrated: Hour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(png())

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        illustrated.write(public_url=f"https://localhost:{server.server_port}")
        illustrated.approve(illustrated.friday)
        illustrated.at("2026-11-27 07:00")
        server.shutdown()
        thread.join()
    assert illustrated.state() == (("mailed", None) if trusted else ("held", "media-unreachable"))
    if not trusted:
        assert "CERTIFICATE_VERIFY_FAILED" in illustrated.relay.last()
