"""The pages where readers join, over a real socket: what they show, write and refuse; the daemon's side answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, select
from starlette.applications import Starlette
from starlette.routing import Mount

from composer.database import read_only
from composer.locale import translate
from composer.public import app
from composer.public.form import CONSENT, TROUBLES, door_form, source_page
from composer.subscribers import read_address, subscribe, token_reader
from composer.subscribers.tables import requests
from tests.public.support.answering import answering
from tests.public.support.page_server import SECRET, serving
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.doors import ZOE, OpenHouse, open_doors, open_house
from tests.support.newsrooms import write_newsroom

pytestmark = pytest.mark.usefixtures("each_engine")
SITE = "https://www.journal.example"


@dataclass
class Doorstep:
    """The pages being served, and what a reader types."""

    client: httpx.Client
    house: OpenHouse

    def mark(self, path: str = "/join/vendredi") -> str:
        found = re.search(r'name="form" value="([^"]+)"', self.client.get(path).text)
        assert found is not None
        return found[1]

    def send(self, path: str = "/join/vendredi", email: str = ZOE, **more: object) -> httpx.Response:
        fields: dict[str, object] = {"email": email, "form": self.mark(path)} | more
        return self.client.post(path, data=fields)

    def asked(self) -> list[tuple[str | None, str | None, str | None]]:
        """Address, letters and page of each request that waits."""
        with read_only(self.house.engine).connect() as connection:
            rows = connection.execute(select(requests).order_by(requests.c.at)).all()
        return [(row.email, row.letters, row.page) for row in rows]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    made = open_house(tmp_path)
    open_doors(tmp_path, "vendredi", origins=[SITE], roles="refuse", refused_domains=["jetable.example"])
    yield made
    made.engine.dispose()


@pytest.fixture
def step(house: OpenHouse) -> Iterator[Doorstep]:
    with (
        serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield Doorstep(client, house)


def test_a_form_becomes_a_row_and_the_page_says_where_to_look(step: Doorstep) -> None:
    answer = step.send()
    assert answer.status_code == 200
    assert "Regardez dans votre boîte" in answer.text
    assert step.asked() == [(ZOE, "vendredi", "https://lettre.example.org/join/vendredi")]


def test_the_house_offers_every_open_letter_and_ticks_none(step: Doorstep) -> None:
    page = step.client.get("/join?language=fr").text
    assert page.count('type="checkbox"') == 2
    assert " checked" not in page
    assert step.send("/join", letters=[]).status_code == 422
    assert step.send("/join", letters=["samedi", "vendredi", "none"]).status_code == 200
    assert step.asked() == [(ZOE, "samedi vendredi", "https://lettre.example.org/join")]


def test_known_or_not_the_row_and_the_page_are_the_same(step: Doorstep) -> None:
    with step.house.engine.begin() as connection:
        subscribe(connection, read_address(ZOE), "vendredi", source="salon")
    known, unknown = step.send(), step.send(email="lea@example.org")
    assert known.text.replace(ZOE, "X") == unknown.text.replace("lea@example.org", "X")
    first, second = step.asked()
    assert first[1:] == second[1:]


def test_what_is_shut_is_not_there(step: Doorstep) -> None:
    open_doors(step.house.root, "samedi", open=False)
    with serving(app(step.house.engine, step.house.newsroom, token_reader(SECRET))) as base:
        for path in ("/join/samedi", "/join/samedi/form", "/join/none", "/join/none/form"):
            assert httpx.get(base + path).status_code == 404
            assert httpx.post(base + path, data={"email": ZOE}).status_code == 404


def test_without_a_word_in_the_configuration_no_door_is_open(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path / "shut")
    shut = OpenHouse(root, open_database(databases.url(root), root, create=True))
    with serving(app(shut.engine, shut.newsroom, token_reader(SECRET))) as base:
        for path in ("/join", "/join/vendredi", "/join/vendredi/form", "/join.json"):
            assert httpx.get(base + path).status_code == 404
            assert httpx.post(base + path, data={"email": ZOE}).status_code == 404
    shut.engine.dispose()


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "Tapez une adresse"),
        ("zoe", "Tapez une adresse"),
        ("zoé@example.org", "Tapez une adresse"),
        ("webmaster@example.org", "celle d’une fonction"),
        ("zoe@jetable.example", "Les boîtes de ce genre"),
        ("zoe@sub.Jetable.example", "Les boîtes de ce genre"),
    ],
)
def test_a_trouble_is_said_at_its_field_and_what_was_typed_stays(step: Doorstep, email: str, said: str) -> None:
    answer = step.send(email=email)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{email}"' in answer.text
    assert step.asked() == []


def test_a_mistyped_domain_is_asked_about_once(step: Doorstep) -> None:
    answer = step.send(email="zoe@gmial.com")
    assert answer.status_code == 422
    assert 'name="email" value="zoe@gmail.com"' in answer.text
    assert 'name="sure" value="zoe@gmial.com"' in answer.text
    assert step.send(email="zoe@gmial.com", sure="zoe@gmial.com").status_code == 200
    assert step.send(email="zoe@gmail.com", sure="zoe@gmial.com").status_code == 200
    assert [row[0] for row in step.asked()] == ["zoe@gmial.com", "zoe@gmail.com"]


def test_who_fills_in_what_people_do_not_see_writes_nothing(step: Doorstep) -> None:
    answer = step.send(website="https://spam.example")
    assert answer.status_code == 200
    assert step.asked() == []


def test_words_that_changed_since_are_shown_again(step: Doorstep) -> None:
    answer = step.send(form="1:" + "0" * 32)
    assert answer.status_code == 422
    assert "ont changé" in answer.text
    assert step.asked() == []


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://lettre.example.org"}, True),
        ({}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://lettre.example.org.evil.example"}, False),
    ],
)
def test_a_form_of_another_site_is_not_taken(step: Doorstep, headers: dict[str, str], taken: bool) -> None:
    data = {"email": ZOE, "form": step.mark()}
    answer = step.client.post("/join/vendredi", data=data, headers=headers)
    assert (answer.status_code == 200) == taken
    assert bool(step.asked()) == taken


def test_only_the_form_for_a_frame_may_be_framed_and_by_listed_sites(step: Doorstep) -> None:
    for path in ("/join", "/join/vendredi", "/join/samedi/form", "/confirm/x", "/u/x"):
        answer = step.client.get(path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
    for answer in (step.client.get("/join/vendredi/form"), step.send("/join/vendredi/form", email="x")):
        assert f"frame-ancestors {SITE}" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
    page = step.client.get("/join/vendredi/form", headers={"Referer": f"{SITE}/une?token=secret"})
    found = re.search(r'name="page" value="([^"]+)"', page.text)
    assert found is not None
    assert step.send("/join/vendredi/form", page=found[1]).status_code == 200
    assert step.asked() == [(ZOE, "vendredi", f"{SITE}/une")]


@pytest.mark.parametrize("path", ["/join", "/join/vendredi", "/join/vendredi/form", "/confirm/" + "a" * 32, "/join/x"])
def test_every_page_is_closed_and_small(step: Doorstep, path: str) -> None:
    answer = step.client.get(path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.text
    assert "set-cookie" not in answer.headers
    assert len(answer.content) <= 60_000
    assert not re.search(r'(?:src|href)="(?!https://lettre\.example\.org/|mailto:)', answer.text)


@pytest.mark.parametrize(("language", "said"), [("fr", "Recevoir cette lettre"), ("en", "Receive this letter")])
def test_it_speaks_both_languages_to_the_end(step: Doorstep, language: str, said: str) -> None:
    path = f"/join/vendredi?language={language}"
    assert said in step.client.get(path).text
    step.send(path)
    step.house.answer()
    assert ("asked for this address" in step.house.text()) == (language == "en")
    page = step.client.get(f"/confirm/{step.house.token()}")
    assert f'<html lang="{language}">' in page.text


def test_every_trouble_and_the_consent_have_their_french() -> None:
    assert all(translate(text, "fr") != text for text in (*TROUBLES.values(), CONSENT))


@pytest.mark.slow
def test_looking_at_the_link_changes_nothing_and_the_button_subscribes(step: Doorstep) -> None:
    step.send("/join?language=fr", letters=["samedi", "vendredi"])
    step.house.answer()
    path = f"/confirm/{step.house.token()}"
    for method in ("GET", "HEAD"):
        assert step.client.request(method, path).status_code == 200
    assert step.client.get(path + "/").status_code == 200  # as mail programs bend it
    assert step.house.readers() == {}
    assert "zoe" not in step.client.get(path).text
    with answering(step.house):
        answer = step.client.post(path)
    assert "l’inscription est prise" in answer.text
    assert set(step.house.readers().values()) == {"active"}
    assert len(step.house.readers()) == 2
    assert "l’inscription est prise" in step.client.get(path).text
    assert "l’inscription est prise" in step.client.post(path).text


def test_you_are_subscribed_is_said_once_it_is_so(step: Doorstep, monkeypatch: pytest.MonkeyPatch) -> None:
    """No daemon answers: the page says that the answer is recorded, and no more."""
    monkeypatch.setattr("composer.public.waiting.PATIENT", 0.4)
    token = step.house.join()
    answer = step.client.post(f"/confirm/{token}")
    assert answer.status_code == 200
    assert "Votre réponse est enregistrée" in answer.text
    assert "inscription est prise" not in answer.text
    assert step.house.readers() == {}
    step.house.answer()
    assert "inscription est prise" in step.client.get(f"/confirm/{token}").text


@pytest.mark.parametrize("token", ["a" * 32, "x", "%00", "..%2f..", "é", "a" * 5000, "%0d%0aSet-Cookie:%20a=b"])
def test_a_link_of_nobody_is_404_and_writes_nothing(step: Doorstep, token: str) -> None:
    for method in ("GET", "POST"):
        assert step.client.request(method, f"/confirm/{token}").status_code in (404, 400)
    assert step.asked() == []


def test_a_flood_is_refused_by_network_and_in_all(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("composer.public.networks.SIGNUP_BURST", 5.0)
    monkeypatch.setattr("composer.public.networks.SIGNUP_RATE", 0.0)
    form = door_form(house.newsroom, "vendredi", None)
    assert form is not None
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        data = {"email": ZOE, "form": form.mark}
        answers = [httpx.post(f"{base}/join/vendredi", data=data).status_code for _ in range(8)]
    assert answers == [200] * 5 + [429] * 3


def test_where_too_many_wait_the_page_says_try_again(step: Doorstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.subscribers.requests.MOST_REQUESTS", 1)
    assert step.send().status_code == 200
    answer = step.send()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Réessayez dans une minute." in answer.text


def test_it_works_below_any_path(house: OpenHouse) -> None:
    pages = Starlette(routes=[Mount("/nos/lettres", app(house.engine, house.newsroom, token_reader(SECRET)))])
    form = door_form(house.newsroom, "vendredi", None)
    assert form is not None
    with serving(pages) as base:
        assert httpx.get(f"{base}/nos/lettres/join/vendredi").status_code == 200
        data = {"email": ZOE, "form": form.mark}
        assert httpx.post(f"{base}/nos/lettres/join/vendredi", data=data).status_code == 200
        house.answer()
        token = house.token()
        assert "Confirmez" in httpx.get(f"{base}/nos/lettres/confirm/{token}").text


def test_the_source_page_is_a_web_address_and_short() -> None:
    assert source_page("https://user:pass@www.journal.example/une?token=x#y") == "https://www.journal.example/une"
    assert [source_page(each) for each in ("", "javascript:alert(1)", "http://", "x\n", "https://[::1")] == [""] * 5
    assert len(source_page("https://www.journal.example/" + "a" * 5000)) == 300


class TestJson:
    """The same for a script of a listed site."""

    def offered(self, step: Doorstep, **headers: str) -> httpx.Response:
        return step.client.get("/join.json", headers=headers)

    def post(self, step: Doorstep, sent: object, **headers: str) -> httpx.Response:
        return step.client.post("/join.json", json=sent, headers=headers)

    def form(self, step: Doorstep) -> str:
        letters = {each["id"]: each for each in self.offered(step).json()["letters"]}
        return str(letters["vendredi"]["form"])

    def test_a_listed_site_may_ask_and_is_named(self, step: Doorstep) -> None:
        answer = self.offered(step, Origin=SITE)
        assert [each["id"] for each in answer.json()["letters"]] == ["vendredi"]
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        sent = {"email": ZOE, "letters": ["vendredi"], "form": self.form(step)}
        taken = self.post(step, sent, Origin=SITE)
        assert (taken.status_code, taken.json()) == (202, {"status": "asked"})
        assert step.asked() == [(ZOE, "vendredi", f"{SITE}")]
        asks = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
        before = step.client.options("/join.json", headers=asks)
        assert (before.status_code, before.headers["Access-Control-Allow-Origin"]) == (204, SITE)

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{SITE}.evil.example", SITE + ":8443"])
    def test_no_other_site_may(self, step: Doorstep, origin: str) -> None:
        sent = {"email": ZOE, "letters": ["vendredi"], "form": self.form(step)}
        for answer in (
            self.offered(step, Origin=origin),
            self.post(step, sent, Origin=origin),
            step.client.options("/join.json", headers={"Origin": origin}),
        ):
            assert answer.status_code == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert step.asked() == []

    def test_a_listed_site_may_ask_for_its_own_letters_alone(self, step: Doorstep) -> None:
        sent = {"email": ZOE, "letters": ["samedi"], "form": self.form(step)}
        assert self.post(step, sent, Origin=SITE).json() == {"error": "letters"}

    def test_troubles_have_a_code_and_a_sentence(self, step: Doorstep) -> None:
        sent = {"email": "zoe@gmial.com", "letters": ["vendredi"], "form": self.form(step)}
        answer = self.post(step, sent)
        assert answer.status_code == 422
        assert (answer.json()["error"], answer.json()["meant"]) == ("mistyped", "zoe@gmail.com")
        assert self.post(step, sent | {"form": "1:x", "email": ZOE}).json()["error"] == "words"

    @pytest.mark.parametrize(
        "content", ["", "{", "[" * 16_000, '"x"', "[]", '{"email": 3}', '{"letters": [1]}', "\x00"]
    )
    def test_what_is_no_form_is_no_500(self, step: Doorstep, content: str) -> None:
        answer = step.client.post("/join.json", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)
        assert step.asked() == []

    def test_a_plain_form_of_any_site_is_no_json(self, step: Doorstep) -> None:
        answer = step.client.post("/join.json", content="{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 415


@pytest.mark.slow
def test_time_tells_nothing_about_an_address(step: Doorstep) -> None:
    """The statements that the pages run are the same for a known address and an unknown one."""
    with step.house.engine.begin() as connection:
        subscribe(connection, read_address(ZOE), "vendredi", source="salon")
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(re.sub(r"\d+", "", statement))

    event.listen(step.house.engine, "before_cursor_execute", note)
    counted: list[list[str]] = []
    for address in (ZOE, "lea@example.org"):
        said.clear()
        step.send(email=address)
        counted.append(list(said))
    event.remove(step.house.engine, "before_cursor_execute", note)
    assert counted[0] == counted[1] != []
