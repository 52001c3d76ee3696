"""The way out, over a real socket: RFC 8058 and what people and scanners do."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text
from starlette.responses import HTMLResponse

from composer.database import connect
from composer.newsroom import load_newsroom
from composer.newsroom.environment import former_keys
from composer.public import app, pages
from composer.public.pages import kept, letter_page, page
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from tests.public.support.page_server import SECRET, serving
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.newsrooms import png, write_newsroom

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
PICTURE = "0123456789abcdef0123456789abcdef.png"


@dataclass
class Door:
    """The pages being served, and one reader who may leave by them."""

    client: httpx.Client
    engine: Engine
    root: Path
    token: str

    @property
    def status(self) -> str:
        with self.engine.connect() as connection:
            return str(connection.execute(text("SELECT status FROM subscriptions")).scalar_one())

    @property
    def by(self) -> str | None:
        with self.engine.connect() as connection:
            by: str | None = connection.execute(text("SELECT unsubscribed_by FROM subscriptions")).scalar_one()
            return by

    def whole(self) -> str:
        """Everything in the database: what must not change must not change anywhere."""
        return databases.dump(self.engine)


@pytest.fixture
def door(each_engine: str, tmp_path: Path) -> Iterator[Door]:
    newsroom = load_newsroom(write_newsroom(tmp_path))
    (tmp_path / "var" / "media").mkdir(parents=True)
    (tmp_path / "var" / "media" / PICTURE).write_bytes(png())
    (tmp_path / "var" / "secret.key").write_text("ab" * 32)
    engine = open_database(databases.url(tmp_path), tmp_path, create=True)
    with engine.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form", language="fr")
    with (
        serving(app(engine, newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield Door(client, engine, tmp_path, unsubscribe_token(number, SECRET))
    engine.dispose()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(door: Door, method: str) -> None:
    before = door.whole()
    answer = door.client.request(method, f"/u/{door.token}")
    assert answer.status_code == 200
    assert bool(answer.content) == (method == "GET")
    assert door.whole() == before


def test_the_page_speaks_the_readers_language_and_has_one_button(door: Door) -> None:
    page = door.client.get(f"/u/{door.token}")
    assert '<html lang="fr">' in page.text
    assert "L&#39;Estuaire du vendredi" in page.text
    assert "Ne plus recevoir" in page.text
    assert page.text.count("<button") == 1
    assert "<script" not in page.text
    assert "zoe" not in page.text  # a letter is forwarded with its link


@pytest.mark.parametrize(
    ("content", "kind", "by"),
    [
        (ONE_CLICK, "application/x-www-form-urlencoded", "one-click"),
        (MULTIPART, "multipart/form-data; boundary=x", "one-click"),
        ("from=page", "application/x-www-form-urlencoded", "page"),
        ("", None, "one-click"),
        ("{}", "application/json", "one-click"),
        ("\xff\x00", "nonsense", "one-click"),
    ],
)
def test_a_post_is_enough_whatever_its_body(door: Door, content: str, kind: str | None, by: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = door.client.post(f"/u/{door.token}", content=content.encode("latin-1"), headers=headers)
    assert answer.status_code == 200
    assert (door.status, door.by) == ("unsubscribed", by)
    assert "C’est fait" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_second_post_is_200_and_keeps_the_first_record(door: Door) -> None:
    answers = [door.client.post(f"/u/{door.token}", data={"from": "page"}) for _ in range(2)]
    door.client.post(f"/u/{door.token}", content=ONE_CLICK)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert door.by == "page"
    assert "C’est fait" in door.client.get(f"/u/{door.token}").text


@pytest.mark.slow
def test_posts_at_once_all_answer_200(door: Door) -> None:
    def leave(_: int) -> int:
        return httpx.post(f"{door.client.base_url}/u/{door.token}", content=ONE_CLICK, timeout=30).status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(leave, range(24))) == {200}
    assert door.status == "unsubscribed"


@pytest.mark.slow
def test_it_is_committed_before_it_is_answered(door: Door) -> None:
    """While the database is locked there is no answer; once there is one, it is on record."""
    done = threading.Event()

    def leave() -> None:
        door.client.post(f"/u/{door.token}", content=ONE_CLICK)
        done.set()

    with door.engine.begin() as connection:
        connection.execute(text("UPDATE subscriptions SET tier = 'free'"))
        thread = threading.Thread(target=leave)
        thread.start()
        assert not done.wait(0.5)
    assert done.wait(20)
    assert door.status == "unsubscribed"
    thread.join()


def test_a_locked_database_is_503_and_never_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = load_newsroom(write_newsroom(tmp_path))
    holder = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    with holder.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form")
    monkeypatch.setattr("composer.database.errors.PATIENCE", 0.1)
    impatient = connect("sqlite:///var/filigrane.db", tmp_path)

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app(impatient, newsroom, token_reader(SECRET)))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.post(f"/u/{unsubscribe_token(number, SECRET)}", content=ONE_CLICK)

    with holder.begin():
        answer = asyncio.run(post())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Nothing was changed" in answer.text
    holder.dispose()
    impatient.dispose()


def test_where_a_link_does_not_work_the_reply_addresses_are(tmp_path: Path) -> None:
    newsroom = load_newsroom(write_newsroom(tmp_path))
    named = {
        name: each.model_copy(update={"reply_to": f"{name}@example.org"})
        for name, each in newsroom.publications.items()
    }
    html = bytes(
        page("unknown", replace(newsroom, publications=named), letter_page(newsroom, None, None)).body
    ).decode()
    assert re.findall(r'href="mailto:([^"]+)"', html) == [f"{name}@example.org" for name in named]


def test_without_one_there_is_the_address_that_answers_go_to(tmp_path: Path) -> None:
    newsroom = load_newsroom(write_newsroom(tmp_path))
    assert {each.reply_to for each in newsroom.publications.values()} == {None}
    html = bytes(page("unknown", newsroom, letter_page(newsroom, None, None)).body).decode()
    assert re.findall(r'href="mailto:([^"]+)"', html) == [each.from_ for each in newsroom.publications.values()]


@pytest.mark.slow
@pytest.mark.parametrize("other", ["a" * 32, "x", "%00", "..%2f..%2fvar", "é", "a" * 5000, "%0d%0aSet-Cookie:%20a=b"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_is_not_ours_changes_nothing(door: Door, other: str, method: str) -> None:
    before = door.whole()
    answer = door.client.request(method, f"/u/{other}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert door.whole() == before


def test_a_page_that_says_the_same_to_all_is_rendered_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, rendered = [7.1], []
    monkeypatch.setattr(pages, "monotonic", lambda: seconds[0])

    def render(language: str) -> HTMLResponse:
        rendered.append(language)
        return HTMLResponse(f"{language} {len(rendered)}", 404, {"Content-Language": language})

    answer = kept(render)
    first, second = answer("fr"), answer("fr")
    assert (first.body, first.status_code) == (second.body, second.status_code) == (b"fr 1", 404)
    assert first.raw_headers == second.raw_headers
    assert first.raw_headers is not second.raw_headers
    assert (answer("en").body, answer("fr").body) == (b"en 2", b"fr 1")
    seconds[0] = 8.0
    assert answer("fr").body == b"fr 3"


def test_a_true_token_of_nobody_is_404(door: Door) -> None:
    assert door.client.post(f"/u/{unsubscribe_token(999, SECRET)}").status_code == 404
    assert door.client.post(f"/u/{unsubscribe_token(1, b'other' * 8)}").status_code == 404
    assert door.status == "active"


@pytest.mark.parametrize("path", ["/u", "/u/", "//u/{token}", "/U/{token}", "/u/{token}/x"])
def test_never_a_redirect(door: Door, path: str) -> None:
    for method in ("GET", "POST"):
        assert door.client.request(method, path.format(token=door.token)).status_code == 404
    assert door.status == "active"


@pytest.mark.parametrize("form", ["/u/{token}/", "/u/{token}.", "http://lettre.example.org/u/{token}"])
def test_a_link_as_mail_programs_bend_it_leads_out(door: Door, form: str) -> None:
    answer = asked(door, "POST", form.format(token=door.token))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert door.status == "unsubscribed"


def asked(door: Door, method: str, target: str, *headers: str) -> bytes:
    """The answer to a request of which no client changes the target."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Content-Length: 0", "Connection: close", *headers]
    with socket.create_connection((door.client.base_url.host, door.client.base_url.port or 0), timeout=30) as opened:
        opened.sendall("\r\n".join([*lines, "", ""]).encode())
        parts = iter(lambda: opened.recv(65536), b"")
        return b"".join(parts)


@pytest.mark.parametrize(("asks", "status"), [("bytes=a-b", 400), ("bytes=99999999-", 416), ("bytes=0-3", 206)])
def test_every_answer_about_a_range_is_guarded(door: Door, asks: str, status: int) -> None:
    answer = door.client.get(f"/media/{PICTURE}", headers={"Range": asks})
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


def test_one_network_may_ask_so_often_and_leave_always(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.public.networks.REQUEST_BURST", 5.0)
    monkeypatch.setattr("composer.public.networks.RATE", 0.0)
    newsroom = load_newsroom(write_newsroom(tmp_path, trusted_proxies=["127.0.0.1"]))
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    with engine.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form", language="fr")
    mine, other = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.8"}
    with serving(app(engine, newsroom, token_reader(SECRET))) as base, httpx.Client(base_url=base) as client:
        statuses = [client.get("/none", headers=mine).status_code for _ in range(6)]
        assert statuses == [404] * 5 + [429]
        refused = client.post("/u/none", headers=mine)
        assert (refused.status_code, refused.headers["X-Content-Type-Options"]) == (429, "nosniff")
        assert client.get("/none", headers=other).status_code == 404
        assert client.get("/none").status_code == 404  # of no reader: the proxy's own
        assert client.post(f"/u/{unsubscribe_token(number, SECRET)}", headers=mine).status_code == 200
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405(door: Door, method: str) -> None:
    answer = door.client.request(method, f"/u/{door.token}")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert door.status == "active"


def test_a_huge_body_is_not_read(door: Door) -> None:
    answer = door.client.post(f"/u/{door.token}", content=b"a" * (1 << 20))
    assert answer.status_code == 413
    assert door.status == "active"


def test_where_a_post_comes_from_does_not_matter(door: Door) -> None:
    headers = {"Origin": "https://mail.example", "Referer": "https://mail.example/", "Sec-Fetch-Site": "cross-site"}
    assert door.client.post(f"/u/{door.token}", content=ONE_CLICK, headers=headers).status_code == 200
    assert door.status == "unsubscribed"


@pytest.mark.parametrize("path", ["/u/{token}", "/u/nonsense", f"/media/{PICTURE}", "/media/x", "/healthz", "/none"])
def test_every_answer_is_guarded(door: Door, path: str) -> None:
    answer = door.client.get(path.format(token=door.token))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "server" not in answer.headers


def test_a_page_may_load_nothing_and_is_kept_nowhere(door: Door) -> None:
    answer = door.client.get(f"/u/{door.token}")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"(?:src|href)=", answer.text)


def test_a_picture_is_served_for_ever(door: Door) -> None:
    answer = door.client.get(f"/media/{PICTURE}")
    assert answer.content == png()
    assert answer.headers["Content-Type"] == "image/png"
    assert "immutable" in answer.headers["Cache-Control"]
    assert door.client.head(f"/media/{PICTURE}").status_code == 200


def test_an_event_is_served_for_calendars(door: Door) -> None:
    name = PICTURE.replace("png", "ics")
    (door.root / "var" / "media" / name).write_bytes(b"BEGIN:VCALENDAR\r\n")
    answer = door.client.get(f"/media/{name}")
    assert (answer.status_code, answer.content) == (200, b"BEGIN:VCALENDAR\r\n")
    assert answer.headers["Content-Type"].startswith("text/calendar")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "../secret.key", "..%2fsecret.key", "%2e%2e/secret.key", "..%5csecret.key", "....//secret.key",
        f"{PICTURE}%0a", f"{PICTURE}%00", f"{PICTURE}/", f"/{PICTURE}", PICTURE.upper(), PICTURE.replace("png", "svg"),
        "0123456789abcdef0123456789abcdee.png", "", "%2fetc%2fpasswd",
    ],
)  # fmt: skip
def test_nothing_but_pictures_is_served(door: Door, name: str) -> None:
    answer = door.client.get(f"/media/{name}")
    assert answer.status_code == 404
    assert b"abab" not in answer.content


def test_a_link_in_the_folder_leads_nowhere(door: Door) -> None:
    name = "f" * 32 + ".png"
    (door.root / "var" / "media" / name).symlink_to(door.root / "var" / "secret.key")
    assert door.client.get(f"/media/{name}").status_code == 404


def test_a_sign_of_life(door: Door) -> None:
    assert door.client.get("/healthz").text == "ok"


def test_no_token_and_no_address_in_the_logs(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        door.client.get(f"/u/{door.token}")
        door.client.post(f"/u/{door.token}", content=ONE_CLICK)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [record for record in ours if door.token in record.getMessage() or "zoe" in record.getMessage()]


@pytest.mark.slow
def test_links_signed_with_a_former_key_still_lead_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = load_newsroom(write_newsroom(tmp_path))
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    with engine.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form", language="fr")
    old = unsubscribe_token(number, b"o" * 32)
    for former, status in (("", 404), (f"{'ab' * 32}, {(b'o' * 32).hex()}", 200)):
        monkeypatch.setenv("FILIGRANE_FORMER_KEYS", former)
        with serving(app(engine, newsroom, token_reader(SECRET, *former_keys()))) as base:
            assert httpx.post(f"{base}/u/{old}", content=ONE_CLICK).status_code == status
    engine.dispose()


def test_a_template_of_the_newsroom_runs_no_code_and_hinders_nobody(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails in the sandbox; the shipped page is shown, and the reader leaves."""
    folder = door.root / "templates" / "public"
    folder.mkdir(parents=True)
    (folder / "unknown.html.j2").write_text("{{ cycler.__init__.__globals__.os.popen('id').read() }}")
    (folder / "leave.html.j2").write_text("Notre page. {{ title }}")
    (folder / "left.html.j2").symlink_to("/etc/passwd")
    answer = door.client.get("/u/x")
    assert (answer.status_code, "uid=" in answer.text) == (404, False)
    assert door.client.get(f"/u/{door.token}").text.startswith("Notre page. ")
    left = door.client.post(f"/u/{door.token}", content="from=page")
    assert (left.status_code, "root:" in left.text, door.status) == (200, False, "unsubscribed")


@pytest.mark.parametrize("wanted", ["bytes=9999999-", "nonsense", "bytes=5-2"])
def test_an_answer_to_a_bad_range_says_no_more_than_the_others(door: Door, wanted: str) -> None:
    answer = door.client.get(f"/media/{PICTURE}", headers={"Range": wanted})
    assert answer.status_code in (400, 416)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Referrer-Policy" in answer.headers


def test_malformed_requests_do_not_fill_the_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    host, port = door.client.base_url.host, door.client.base_url.port
    for _time in range(20):
        with socket.create_connection((host, port or 0), 10) as sock:
            sock.sendall(b"\x16\x03\x01 no request\r\n\r\n")
            assert b"400" in sock.recv(4096)
        door.client.get("/healthz", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    said = [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"]
    assert len(said) <= 2
    assert not [line for line in said if "pip install" in line]
