"""What a house says of itself stands where an address is asked for, with letters on the web or without; and where the
bare address leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from composer.archive.site import SITE
from composer.database import read_only
from composer.public import app
from composer.subscribers import token_reader, unsubscribe_token
from composer.subscribers.requests import count_requests
from tests.public.support.page_server import SECRET, serving
from tests.support.doors import ZOE, OpenHouse, open_doors, open_house
from tests.support.newsrooms import configure, write_newsroom


@contextmanager
def visited(house: OpenHouse, below: str = "") -> Iterator[httpx.Client]:
    pages = app(house.engine, house.newsroom, token_reader(SECRET))
    with (
        serving(Starlette(routes=[Mount(below, pages)]) if below else pages) as base,
        httpx.Client(base_url=base) as client,
    ):
        yield client


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    made = open_house(tmp_path)
    yield made
    made.engine.dispose()


def words(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_every_door_leads_to_what_is_kept(house: OpenHouse) -> None:
    open_doors(house.root, "vendredi", origins=["https://www.journal.example"])
    with visited(house) as client:
        for path in ("/join", "/join/vendredi", "/join/vendredi/form", "/choices", "/confirm/x"):
            page = client.get(path).text
            (link,) = re.findall(r'<a href="https://lettre\.example\.org(/about/privacy/[a-z/]*)"([^>]*)>', page)
            assert ('target="_blank"' in link[1]) == path.endswith("form"), "no page of ours but the form is in a frame"
            told = client.get(link[0])
            assert told.status_code == 200
            assert told.headers["X-Robots-Tag"] == "all"
            assert "script-src 'none'" in told.headers["Content-Security-Policy"]
            assert 'href="../../' in told.text, "back to where letters are asked for"
        assert client.get("/join.json").json()["privacy"] == "https://lettre.example.org/about/privacy/"
        assert client.get("/join.json?language=fr").json()["privacy"].endswith("/about/privacy/fr/")


def test_it_says_what_becomes_of_a_request_and_of_an_address(house: OpenHouse) -> None:
    write_newsroom(house.root, join=True, retention={"former_readers": "30 months"})
    open_doors(house.root, "vendredi")
    with visited(house) as client:
        english, french = (words(client.get(f"/about/privacy/{own}")) for own in ("", "fr/"))
    assert "not confirmed is erased after 30 days" in english
    assert "for 30 months after its reader left the last one" in english
    assert "effacée au bout de 30 jours" in french
    assert "puis 30 mois après que la personne" in french


def test_without_a_limit_it_says_so(house: OpenHouse) -> None:
    write_newsroom(house.root, join=True, retention={"former_readers": "never"})
    open_doors(house.root, "vendredi")
    with visited(house) as client:
        assert "until somebody asks to erase it" in words(client.get("/about/privacy/"))


def test_what_the_daemon_wrote_goes_first(house: OpenHouse) -> None:
    written = house.root / SITE / "about" / "legal" / "index.html"
    written.parent.mkdir(parents=True)
    written.write_text("<html>as it was written")
    with visited(house) as client:
        assert client.get("/about/legal/").text == "<html>as it was written"


def test_only_what_is_there_is_answered(house: OpenHouse) -> None:
    with visited(house) as client:
        led = client.get("/about/privacy", follow_redirects=False)
        assert (led.status_code, led.headers["Location"]) == (308, "https://lettre.example.org/about/privacy/")
        assert client.head("/about/privacy/").status_code == 200
        assert client.post("/about/privacy/").status_code == 405
        for path in (
            "/about/ownership/",
            "/about/",
            "/about/privacy/de/",
            "/about/../config/newsroom.yaml",
            "/about//evil.example/",
        ):
            assert client.get(path, follow_redirects=False).status_code == 404, path


def test_a_house_that_is_shut_says_nothing_of_itself(house: OpenHouse) -> None:
    write_newsroom(house.root)
    configure(house.root, "vendredi", join=False)
    configure(house.root, "samedi", join=False)
    with visited(house) as client:
        assert client.get("/about/privacy/").status_code == 404
        assert "/about/" not in client.get("/u/x").text
        assert client.get("/").status_code == 404


def test_a_door_without_a_letter_behind_it_is_offered_nowhere(house: OpenHouse) -> None:
    for letter in ("vendredi", "samedi"):
        configure(house.root, letter, join=False)
    with visited(house) as client:
        assert client.get("/join").status_code == 404
        assert "/join" not in client.get("/nothing").text


def test_a_template_of_the_newsroom_that_fails_is_replaced(house: OpenHouse) -> None:
    own = house.root / "templates" / "archive" / "statement.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text("{{ nothing.there }}")
    with visited(house) as client:
        assert client.get("/about/privacy/").status_code == 200


@pytest.mark.parametrize(
    ("house_door", "letters", "leads"),
    [
        (True, ("vendredi", "samedi"), "/join"),
        (False, ("vendredi",), "/join/vendredi"),
        (False, ("vendredi", "samedi"), None),
    ],
)
def test_the_bare_address_leads_to_the_door(
    house: OpenHouse, house_door: bool, letters: tuple[str, ...], leads: str | None
) -> None:
    write_newsroom(house.root, join=house_door)
    for letter in ("vendredi", "samedi"):
        configure(house.root, letter, join=letter in letters)
    with visited(house) as client:
        answer = client.get("/", follow_redirects=False)
        assert answer.headers.get("Location") == (leads and f"https://lettre.example.org{leads}")
        assert answer.status_code == (302 if leads else 404)
        assert answer.headers["Cache-Control"] == "no-store"


def test_it_leads_to_the_letters_where_they_are_read_online(house: OpenHouse) -> None:
    page = house.root / SITE / "a" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>")
    with visited(house) as client:
        led = client.get("/", follow_redirects=False, headers={"Host": "evil.example"})
        assert led.headers["Location"] == "https://lettre.example.org/a/"


@pytest.mark.parametrize("path", ["/join/", "/choices/", "/join/vendredi/", "/join."])
def test_a_slash_too_many_is_no_other_page(house: OpenHouse, path: str) -> None:
    with visited(house) as client:
        assert client.get(path, follow_redirects=False).status_code == (404 if path == "/join." else 200)


def test_a_link_that_is_posted_over_and_over_is_one_request(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """No daemon runs: what one link may add is bounded, so that it keeps no other reader from the doors."""
    monkeypatch.setattr("composer.public.waiting.PATIENT", 0.0)
    house.confirm(house.join())
    _former, new = house.move("zoe.neuve@example.org", house.choices())
    paths = [f"/confirm/{house.join('lea@example.org')}", f"/address/{new}"]
    with visited(house) as client:
        for path in paths:
            assert [client.post(path).status_code for _ in range(3)] == [200] * 3
        with read_only(house.engine).connect() as connection:
            assert count_requests(connection) == 2
    house.answer()
    assert house.readers()["lea@example.org", "vendredi"] == "active"


def test_all_of_it_stands_below_any_path(house: OpenHouse) -> None:
    page = house.root / SITE / "a" / "vendredi" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>the letters")
    house.confirm(house.join())
    with visited(house, "/nos/lettres") as client:
        assert client.get("/nos/lettres/a/vendredi/").text == "<html>the letters"
        led = client.get("/nos/lettres/a/vendredi", follow_redirects=False)
        assert led.headers["Location"] == "https://lettre.example.org/a/vendredi/", "the address that readers have"
        assert client.get("/nos/lettres/about/privacy/").status_code == 200
        assert client.get("/nos/lettres/join/").status_code == 200
        assert client.get("/nos/lettres/", follow_redirects=False).status_code == 302
        assert client.post(f"/nos/lettres/u/{unsubscribe_token(1, SECRET)}/").status_code == 200
    assert house.readers() == {(ZOE, "vendredi"): "unsubscribed"}
