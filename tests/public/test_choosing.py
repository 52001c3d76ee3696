"""The pages of readers' choices, over a real socket: what they show, write and refuse; the daemon's side answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import select

from composer.database import read_only
from composer.public import app
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from composer.subscribers.tables import requests
from tests.public.support.answering import answering
from tests.public.support.page_server import SECRET, serving
from tests.support.doors import ZOE, OpenHouse, open_house

CHECKED = re.compile(r'value="([a-z]+)" id="[a-z-]+" checked')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    made = open_house(tmp_path)
    with made.engine.begin() as connection:
        subscribe(connection, read_address(ZOE), "vendredi", source="salon", tier="paid", name="Zoé Secrète")
    yield made
    made.engine.dispose()


@pytest.fixture
def client(house: OpenHouse) -> Iterator[httpx.Client]:
    with (
        serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as made,
    ):
        yield made


def token_of(page: httpx.Response) -> str:
    found = re.search(r'action="/choices/([\w-]{32})"', page.text)
    assert found is not None
    return found[1]


def test_known_or_not_the_row_and_the_page_are_the_same(house: OpenHouse, client: httpx.Client) -> None:
    known, unknown = (client.post("/choices", data={"email": each}) for each in (ZOE, "lea@example.org"))
    assert known.status_code == 200
    assert known.text.replace(ZOE, "X") == unknown.text.replace("lea@example.org", "X")
    with read_only(house.engine).connect() as connection:
        rows = connection.execute(select(requests).order_by(requests.c.at)).all()
    assert [(row.kind, row.email, row.language) for row in rows] == [
        ("link", ZOE, "en"),
        ("link", "lea@example.org", "en"),
    ]


def test_what_is_no_address_and_what_fills_in_every_field_write_no_row(house: OpenHouse, client: httpx.Client) -> None:
    wrong = client.post("/choices?language=fr", data={"email": "<b>zoe"})
    assert (wrong.status_code, "&lt;b&gt;zoe" in wrong.text, "Tapez une adresse" in wrong.text) == (422, True, True)
    assert client.post("/choices", data={"email": ZOE, "website": "x"}).status_code == 200
    crossed = client.post("/choices", data={"email": ZOE}, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403
    with read_only(house.engine).connect() as connection:
        assert connection.execute(select(requests)).all() == []


def test_the_page_shows_this_reader_alone_and_looking_changes_nothing(house: OpenHouse, client: httpx.Client) -> None:
    token = house.choices()
    pages = [client.get(f"/choices/{token}") for _ in range(2)]
    assert pages[0].text == pages[1].text
    assert pages[0].headers["Cache-Control"] == "no-store"
    assert pages[0].headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in pages[0].headers["Content-Security-Policy"]
    assert CHECKED.findall(pages[0].text) == ["vendredi"]
    assert "(l’édition payante)" in pages[0].text
    assert "Secrète" not in pages[0].text
    assert ZOE not in pages[0].text
    assert len(pages[0].content) < 60_000


def test_choices_are_saved_one_act_a_token(house: OpenHouse, client: httpx.Client) -> None:
    first = house.choices()
    with answering(house):
        saved = client.post(f"/choices/{first}", data={"act": "save", "letters": "samedi", "pause": "month"})
        assert CHECKED.findall(saved.text) == ["samedi", "month"]
        assert "Voici vos choix" in saved.text
        assert client.post(f"/choices/{first}", data={"act": "leave"}).status_code == 404
        left = client.post(f"/choices/{token_of(saved)}", data={"act": "leave"})
    assert "plus aucune de nos lettres" in left.text
    assert set(house.readers().values()) == {"unsubscribed"}


def test_what_is_held_is_mailed_and_forgetting_needs_a_tick(house: OpenHouse, client: httpx.Client) -> None:
    with answering(house):
        held = client.post(f"/choices/{house.choices()}", data={"act": "held"})
        assert "en route vers votre boîte" in held.text
        assert "Secrète" not in held.text
        way = f"/choices/{token_of(held)}"
        unsure = client.post(way, data={"act": "forget"})
        assert (unsure.status_code, "Rien n’a été effacé" in unsure.text) == (422, True)
        assert house.readers()[ZOE, "vendredi"] == "active"
        gone = client.post(way, data={"act": "forget", "sure": "yes"})
    assert "Vos données sont effacées" in gone.text
    assert ZOE not in str(house.readers())


def test_languages_are_offered_where_a_letter_has_two(house: OpenHouse) -> None:
    path = house.root / "config" / "publications" / "vendredi.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) | {"translations": {"en": {"title": "Friday"}}}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    way = f"/choices/{house.choices()}"
    with (
        serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
        answering(house),
    ):
        assert CHECKED.findall(client.get(way).text) == ["vendredi", "own"]
        saved = client.post(way, data={"act": "save", "letters": "vendredi", "language": "en"})
    assert CHECKED.findall(saved.text) == ["vendredi", "en"]


def test_while_no_daemon_runs_the_answer_is_said_to_be_recorded(
    house: OpenHouse, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.public.waiting.PATIENT", 0.3)
    token = house.choices()
    answer = client.post(f"/choices/{token}", data={"act": "leave"})
    assert (answer.status_code, "est enregistrée" in answer.text) == (200, True)
    house.answer()
    assert house.readers()[ZOE, "vendredi"] == "unsubscribed"


def test_without_a_word_in_the_configuration_there_is_no_page(tmp_path: Path) -> None:
    house = open_house(tmp_path, choices=False)
    with house.engine.begin() as connection:
        number = subscribe(connection, read_address(ZOE), "vendredi", source="salon")
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        for path in ("/choices", f"/choices/{'a' * 32}"):
            assert httpx.get(base + path).status_code == 404
            assert httpx.post(base + path, data={"email": ZOE, "act": "leave"}).status_code == 404
        assert "/choices" not in httpx.get(f"{base}/u/{unsubscribe_token(number, SECRET)}").text
    house.engine.dispose()


def test_the_way_out_of_a_letter_leads_to_the_page_that_asks(house: OpenHouse, client: httpx.Client) -> None:
    with read_only(house.engine).connect() as connection:
        assert connection.execute(select(requests)).all() == []
    page = client.get(f"/u/{unsubscribe_token(1, SECRET)}").text
    assert 'href="https://lettre.example.org/choices?language=fr"' in page


def test_the_pages_of_what_is_sold_show_the_billers_two_doors(house: OpenHouse) -> None:
    path = house.root / "config" / "publications" / "vendredi.yaml"
    doors = {"terminate": "https://biller.example/end", "withdraw": "https://biller.example/withdraw"}
    content = yaml.safe_load(path.read_text(encoding="utf-8")) | {"price": "6 €", "billing": doors}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    token = house.choices()
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        way = f"{base}/u/{unsubscribe_token(1, SECRET)}"
        for page in (httpx.get(way), httpx.get(f"{base}/choices/{token}"), httpx.post(way, content="from=page")):
            assert '<a href="https://biller.example/end">résilier votre contrat</a>' in page.text
            assert '<a href="https://biller.example/withdraw">renoncer au contrat ici</a>' in page.text
        assert "biller" not in httpx.get(f"{base}/choices/{token}").text  # left: there is nothing to say of it


def test_an_address_is_changed_once_the_pages_of_both_have_been_pressed(house: OpenHouse, client: httpx.Client) -> None:
    token = house.choices()
    wrong = client.post(f"/choices/{token}", data={"act": "move", "email": "<b>"})
    assert (wrong.status_code, 'value="&lt;b&gt;"' in wrong.text) == (422, True)
    links = house.move("neuve@example.org", token)
    with answering(house):
        looked = [client.get(f"/address/{each}").text for each in links]
        assert ["à votre autre adresse" in looked[0], "Recevoir nos lettres ici" in looked[1]] == [True, True]
        assert not any(address in text for address in (ZOE, "neuve@") for text in looked)
        assert "Une sur deux" in client.post(f"/address/{links[0]}").text
        assert "nos lettres vont désormais à la nouvelle" in client.post(f"/address/{links[1]}").text
    assert house.readers()["neuve@example.org", "vendredi"] == "active"
    assert client.post(f"/address/{'a' * 32}").status_code == 404
