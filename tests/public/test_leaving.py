"""Behind the way out: coming back, why, the other letters; and what the way out itself must never refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, text, update

from composer.database import db_now, permit, read_only
from composer.locale import translate
from composer.public import INSERTS, READS, UPDATES, app
from composer.subscribers import forget, read_address, subscribe, suppress, token_reader, unsubscribe, unsubscribe_token
from composer.subscribers.address_key import address_keys
from composer.subscribers.reasons import REASONS, counted_reasons
from composer.subscribers.requests import count_requests
from composer.subscribers.tables import consents, subscriptions
from tests.public.support.page_server import SECRET, serving
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.doors import ZOE, OpenHouse, open_house

ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclass
class Door:
    """A reader of Friday's letter before the pages, whose process may do what pages may and no more."""

    house: OpenHouse
    client: httpx.Client
    number: int

    @property
    def way(self) -> str:
        return f"/u/{unsubscribe_token(self.number, SECRET)}"

    @property
    def status(self) -> str:
        return self.house.readers()[ZOE, "vendredi"]

    def leave(self, content: str = "from=page") -> str:
        return self.client.post(self.way, content=content).text

    def back(self) -> httpx.Response:
        """Press the button while a daemon answers."""
        with ThreadPoolExecutor(1) as thread:
            answer: Future[httpx.Response] = thread.submit(self.client.post, f"{self.way}/back")
            while not answer.done():
                self.house.answer()
        return answer.result()

    def consents(self) -> list[str]:
        with read_only(self.house.engine).connect() as connection:
            return list(connection.execute(select(consents.c.source).order_by(consents.c.id)).scalars())

    def reasons(self) -> dict[str, int]:
        with read_only(self.house.engine).connect() as connection:
            return {row["reason"]: row["number"] for row in counted_reasons(connection, ["vendredi"])}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    house = open_house(tmp_path)
    with house.engine.begin() as connection:
        number = subscribe(connection, read_address(ZOE), "vendredi", source="form", language="fr")
    narrow = open_database(databases.url(tmp_path), tmp_path)
    permit(narrow, reads=READS, updates=UPDATES, inserts=INSERTS)
    with (
        serving(app(narrow, house.newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield Door(house, client, number)
    narrow.dispose()
    house.engine.dispose()


@pytest.mark.parametrize("way", ["from=page", ONE_CLICK])
def test_who_left_alone_comes_back_with_a_consent(door: Door, way: str) -> None:
    assert f'action="{door.way}/back"' in door.leave(way)
    assert f'action="{door.way}/back"' in door.client.get(door.way).text
    answer = door.back()
    assert (answer.status_code, door.status) == (200, "active")
    assert "Vous recevez de nouveau" in answer.text
    assert door.consents() == ["form", "came back"]
    assert "Votre abonnement" in door.back().text  # pressed again: nothing more
    assert door.consents() == ["form", "came back"]


@pytest.mark.parametrize("path", ["back", "why"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_what_is_behind_changes_nothing(door: Door, method: str, path: str) -> None:
    for _state in ("active", "left"):
        before = databases.dump(door.house.engine)
        assert door.client.request(method, f"{door.way}/{path}").status_code == 200
        assert databases.dump(door.house.engine) == before
        door.leave()


@pytest.mark.parametrize("by", ["cli", "import", "forget", "suppressed", "of a later version"])
def test_what_the_reader_did_not_end_is_not_taken_back(door: Door, by: str) -> None:
    with door.house.engine.begin() as connection:
        unsubscribe(connection, door.number, by)
    assert "/back" not in door.client.get(door.way).text
    assert door.back().status_code == 409
    assert door.client.post(f"{door.way}/why", data={"reason": "time"}).status_code == 409
    assert (door.status, door.consents(), door.reasons()) == ("unsubscribed", ["form"], {})


@pytest.mark.parametrize(("days", "status"), [(29.9, "active"), (30.1, "unsubscribed")])
def test_thirty_days(door: Door, days: float, status: str) -> None:
    door.leave()
    with door.house.engine.begin() as connection:
        connection.execute(update(subscriptions).values(unsubscribed_at=db_now(-86400 * days)))
    assert ("/back" in door.client.get(door.way).text) == (status == "active")
    door.back()
    assert door.status == status


def test_where_nothing_may_be_sent_the_page_does_not_say_that_it_is(door: Door) -> None:
    door.leave()
    with door.house.engine.begin() as connection:
        suppress(connection, address_keys(connection)(read_address(ZOE)), "complaint")
    answer = door.back()
    assert "pas abouti" in answer.text
    assert "Vous recevez" not in answer.text
    assert (door.status, door.consents()) == ("unsubscribed", ["form"])
    assert "/back" not in door.client.get(door.way).text


def test_the_forgotten_may_leave_and_do_not_come_back(door: Door) -> None:
    door.leave()
    with door.house.engine.begin() as connection:
        forget(connection, read_address(ZOE))
    assert door.client.post(door.way, content=ONE_CLICK).status_code == 200
    assert "/back" not in door.client.get(door.way).text
    assert door.back().status_code == 409


def test_who_leaves_again_before_the_daemon_looks_has_left(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.public.waiting.PATIENT", 0.2)
    door.leave()
    assert "réponse est enregistrée" in door.client.post(f"{door.way}/back").text
    assert door.client.post(door.way, content=ONE_CLICK).status_code == 200
    door.house.answer()
    assert (door.status, door.consents()) == ("unsubscribed", ["form"])


def test_one_answer_is_counted_with_nothing_else(door: Door) -> None:
    page = door.leave()
    assert re.findall(r'name="reason" value="(\w+)"', page) == list(REASONS)
    answer = door.client.post(f"{door.way}/why", data={"reason": "time", "text": "Zoé Martin"})
    assert "Merci" in answer.text
    assert 'name="reason"' not in answer.text
    door.house.answer()
    with read_only(door.house.engine).connect() as connection:
        rows = counted_reasons(connection, ["vendredi"])
        assert count_requests(connection) == 0
        month = connection.execute(select(db_now())).scalar_one()
    assert [(row["reason"], row["number"]) for row in rows] == [("time", 1)]
    assert set(rows[0]) == {"publication", "month", "reason", "number"}
    assert rows[0]["month"][:4] == str(month.year)


@pytest.mark.parametrize(
    "body", ["", "reason=", "reason=other", "reason=time%00", "reason[]=time", "\xff", "a=b&" * 900]
)
def test_no_other_answer_is_counted(door: Door, body: str) -> None:
    door.leave()
    answer = door.client.post(f"{door.way}/why", content=body.encode("latin-1"))
    assert answer.status_code == 422
    assert "Choisissez une réponse" in answer.text
    door.house.answer()
    assert door.reasons() == {}


def test_a_row_that_the_pages_did_not_write_counts_nothing(door: Door) -> None:
    with door.house.engine.begin() as connection:
        for number, (kind, letters, form, token) in enumerate(
            [
                ("why", "vendredi", "zoe@example.org", None),
                ("why", "elsewhere", "time", None),
                ("why", "vendredi samedi", "time", None),
                ("back", None, None, "1; DROP TABLE consents"),
                ("back", None, None, "9" * 30),
                ("back", None, None, "999"),
            ]
        ):
            values = {"id": str(number), "kind": kind, "letters": letters, "form": form, "token": token}
            connection.execute(
                text(
                    "INSERT INTO requests (id, kind, letters, form, token, at) "
                    "VALUES (:id, :kind, :letters, :form, :token, '2026-11-30 00:00:00.000000')"
                ),
                values,
            )
    door.house.answer()
    assert (door.reasons(), door.consents()) == ({}, ["form"])


def test_the_open_letters_of_the_house_are_offered_and_no_other(door: Door) -> None:
    links = [link for link in re.findall(r'href="([^"]+)"', door.leave()) if "/about/" not in link]
    assert links == ["https://lettre.example.org/join/samedi?language=fr"]
    shut = re.sub(r"join: true\n?", "", (path := door.house.root / "config/publications/samedi.yaml").read_text())
    path.write_text(shut)
    with serving(app(door.house.engine, door.house.newsroom, token_reader(SECRET))) as base:
        assert "/join" not in httpx.get(base + door.way).text


def test_answers_and_returns_are_limited_and_leaving_is_not(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.public.networks.REQUEST_BURST", 5.0)
    monkeypatch.setattr("composer.public.networks.RATE", 0.0)
    path = door.house.root / "config/newsroom.yaml"
    path.write_text(path.read_text() + "trusted_proxies: [127.0.0.1]\n")
    mine = {"X-Forwarded-For": "192.0.2.7"}
    with (
        serving(app(door.house.engine, door.house.newsroom, token_reader(SECRET))) as base,
        httpx.Client(base_url=base, headers=mine) as client,
    ):
        client.post(door.way)
        asked = [client.post(f"{door.way}/why", data={"reason": "time"}).status_code for _ in range(6)]
        assert asked == [200] * 5 + [429]
        assert client.post(f"{door.way}/back").status_code == 429
        assert client.post(door.way, content=ONE_CLICK).status_code == 200


def test_too_many_that_wait_change_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.public.leaving.MOST_REQUESTS", 0)
    monkeypatch.setattr("composer.subscribers.requests.MOST_REQUESTS", 0)
    door.leave()
    before = databases.dump(door.house.engine)
    for path, data in (("back", {}), ("why", {"reason": "time"})):
        answer = door.client.post(f"{door.way}/{path}", data=data)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert databases.dump(door.house.engine) == before
    assert door.client.post(door.way, content=ONE_CLICK).status_code == 200


@pytest.mark.parametrize(("language", "said"), [("fr", "Pour nous écrire"), ("en", "To write to us")])
def test_a_page_that_is_not_there_says_where_to_write(door: Door, language: str, said: str) -> None:
    path = door.house.root / "config/publications/vendredi.yaml"
    path.write_text(re.sub(r"(?m)^reply_to:.*\n", "", path.read_text()) + "reply_to: redaction@example.org\n")
    with serving(app(door.house.engine, door.house.newsroom, token_reader(SECRET))) as base:
        for unknown in ("/none", "/a/none/", "/search", "/u/x/y/z"):
            answer = httpx.get(f"{base}{unknown}?language={language}")
            assert (answer.status_code, said in answer.text) == (404, True), unknown
            assert "mailto:redaction@example.org" in answer.text
            assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "mailto:redaction@example.org" in httpx.get(f"{base}/u/nonsense").text


@pytest.mark.slow
def test_a_thousand_readers_leave_by_one_click_at_once(door: Door) -> None:
    """Of one network, as a mailbox provider posts; all are answered 200, and all have left."""
    number = 1000
    with door.house.engine.begin() as connection:
        ids = [subscribe(connection, read_address(f"r{n}@example.org"), "samedi", source="x") for n in range(number)]

    def leave(subscription_id: int) -> int:
        token = unsubscribe_token(subscription_id, SECRET)
        return door.client.post(f"/u/{token}", content=ONE_CLICK).status_code

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(leave, ids)) == {200}
    left = select(func.count()).where(subscriptions.c.unsubscribed_by == "one-click")
    with read_only(door.house.engine).connect() as connection:
        assert connection.execute(left).scalar_one() == number


def test_every_answer_is_said_in_french() -> None:
    assert all(translate(said, "fr") != said for said in REASONS.values())
