"""Who is let into the studio: attempts from other sites, other programs and earlier keys."""

from __future__ import annotations

import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from composer.studio.access import cookie_name, new_token
from tests.studio.conftest import TOKEN

ISSUE = "/issue/vendredi/2026-11-27"
LETTER = "/letter/vendredi/2026-11-27"
#: Words of the newsroom that no refusal may hold.
PRIVATE = ("La digue", "vendredi", "2026-11-27", TOKEN)


@pytest.fixture
def port(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.fixture
def cookie(port: int) -> dict[str, str]:
    return {"cookie": f"{cookie_name(port)}={TOKEN}"}


def test_the_printed_address_gives_a_cookie_that_no_other_site_and_no_script_gets(url: str, port: int) -> None:
    entered = httpx.get(url, params={"key": TOKEN})
    assert entered.status_code == 200
    given = entered.headers["set-cookie"]
    assert given.startswith(f"{cookie_name(port)}={TOKEN};")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in given.split(";")}
    assert 'content="0;url=/issues"' in entered.text
    assert entered.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/issues", "/newsroom", "/newsroom/mailings", ISSUE, LETTER, "/changes", "/studio.js", "/x"]
)
def test_without_the_token_nothing_of_the_newsroom_is_shown(url: str, path: str) -> None:
    for parameters in ({}, {"key": ""}, {"key": TOKEN[:-1]}, {"key": f"{TOKEN}x"}, {"key": new_token()}, {"key": "é"}):
        refused = httpx.get(url + path, params=parameters)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
        assert not any(words in refused.text for words in PRIVATE)


def test_the_key_opens_the_first_page_only(url: str) -> None:
    assert httpx.get(url + ISSUE, params={"key": TOKEN}).status_code == 403


OTHERS = """
=
{name}
{name}=
{name}=x
{name}={token}x
{name}-x={token}
other={token}
é={token}
{name}="{token}
"""


@pytest.mark.parametrize("given", OTHERS.strip("\n").split("\n"))
def test_a_cookie_that_is_not_the_tokens_opens_nothing(url: str, port: int, given: str) -> None:
    header = given.format(name=cookie_name(port), token=TOKEN).encode()
    assert httpx.get(url + ISSUE, headers={b"cookie": header}).status_code == 403


def test_among_other_cookies_ours_is_found(url: str, cookie: dict[str, str]) -> None:
    others = {b"cookie": f"a=1; {cookie['cookie']}; b=é".encode()}
    assert httpx.get(url + ISSUE, headers=others).status_code == 200


HOSTS = "evil.example 127.0.0.1 localhost 127.0.0.1.evil.example 127.0.0.1:1 [::1] 0.0.0.0:{port}"


@pytest.mark.parametrize("host", ["", *HOSTS.split()])
def test_a_rebound_name_gets_nothing_even_with_the_token(
    url: str, port: int, cookie: dict[str, str], host: str
) -> None:
    named = {"host": host.format(port=port)}
    assert httpx.get(url + ISSUE, headers=cookie | named).status_code == 403
    assert httpx.get(url, params={"key": TOKEN}, headers=named).status_code == 403
    assert httpx.get(url + "/studio.css", headers=named).status_code == 403


def test_localhost_with_its_port_is_this_machine(url: str, port: int, cookie: dict[str, str]) -> None:
    assert httpx.get(url + ISSUE, headers=cookie | {"host": f"localhost:{port}"}).status_code == 200


ORIGINS = "null http://evil.example http://127.0.0.1 https://127.0.0.1:{port} http://localhost:{port}"


@pytest.mark.parametrize("origin", ORIGINS.split())
def test_another_origin_gets_nothing_even_with_the_token(
    url: str, port: int, cookie: dict[str, str], origin: str
) -> None:
    said = cookie | {"origin": origin.format(port=port)}
    for method in ("GET", "HEAD", "POST"):
        assert httpx.request(method, url + ISSUE, headers=said).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "unknown"])
def test_a_request_that_another_site_made_gets_nothing(url: str, cookie: dict[str, str], site: str) -> None:
    assert httpx.get(url + ISSUE, headers=cookie | {"sec-fetch-site": site}).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_an_act_that_does_not_say_its_origin_is_refused(url: str, cookie: dict[str, str], method: str) -> None:
    assert httpx.request(method, url + ISSUE, headers=cookie).status_code == 403


def test_two_studios_are_opened_by_two_keys() -> None:
    assert len({new_token() for _each in range(100)}) == 100
    assert len(new_token()) >= 43
    assert cookie_name(8017) != cookie_name(8018)


ELSEWHERE = """<!doctype html>
<a href="{url}/?key={token}">studio</a>
<form method="post" action="{url}{issue}" target="there"><button>send</button></form><iframe name="there"></iframe>
<iframe src="{url}{issue}"></iframe><img src="{url}{issue}"><script src="{url}/studio.js"></script>
<script>
fetch("{url}{issue}", {{credentials: "include"}}).then(answer => answer.text(), () => "shut")
  .then(words => document.title = words)
</script>"""


@pytest.mark.chromium
def test_a_browser_enters_by_the_printed_address_and_another_site_gets_nothing_of_it(url: str) -> None:
    """A page of another site shows the printed address as a link, and tries a form, a picture, a frame and a fetch."""
    from playwright.sync_api import sync_playwright  # only where Chromium is

    page = ELSEWHERE.format(url=url, token=TOKEN, issue=ISSUE)
    answered: list[tuple[str, int]] = []
    with _serving(page) as other, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened: Any = browser.new_page()
        opened.goto(f"{url}/?key={TOKEN}")
        opened.wait_for_url(f"{url}/issues")  # this browser holds the cookie from here on
        opened.goto("about:blank")  # the studio's own requests end here
        opened.on("response", lambda response: answered.append((response.url, response.status)))
        opened.goto(other)
        opened.wait_for_function("document.title == 'shut'")
        opened.get_by_text("send").click()
        opened.wait_for_timeout(500)
        tried = {address: status for address, status in answered if address.startswith(url)}
        assert tried.pop(f"{url}/studio.css", 200) == 200  # the refusal's own style
        assert url + ISSUE in tried
        assert set(tried.values()) == {403}
        opened.get_by_text("studio").click()
        opened.wait_for_url(f"{url}/issues")
        assert "La digue" in opened.content()
        browser.close()


class _serving:
    """``page`` at http://localhost, another site than 127.0.0.1, while the ``with`` lasts."""

    def __init__(self, page: str) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_words: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)

    def __enter__(self) -> str:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://localhost:{self._server.server_address[1]}/"

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
