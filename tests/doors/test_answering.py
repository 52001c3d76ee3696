"""What a request becomes: pending sign-ups and their messages, within limits; subscriptions, with their proof."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from composer.database import db_now, read_only
from composer.outbox import written_message
from composer.subscribers import find_person, forget, read_address, subscribe, suppress, unsubscribe
from composer.subscribers import signups as limits
from composer.subscribers.address_key import address_keys
from composer.subscribers.requests import MOST_REQUESTS, ask_to_join, count_requests, erase_requests
from composer.subscribers.signups import (
    FEWEST_HOURLY,
    count_signups,
    erase_signups,
    hourly_cap,
    purge_signups,
    purgeable_signups,
)
from composer.subscribers.tables import consents, requests, signups
from tests.support import databases
from tests.support.doors import ZOE, OpenHouse, open_doors, open_house

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    made = open_house(tmp_path)
    yield made
    made.engine.dispose()


def test_nobody_is_subscribed_before_the_button_of_the_message(house: OpenHouse) -> None:
    token = house.join()
    assert house.signups() == [("pending", "vendredi")]
    assert house.readers() == {}
    assert "https://lettre.example.org/confirm/" in house.text()
    house.confirm(token)
    assert house.readers() == {(ZOE, "vendredi"): "active"}
    assert house.signups() == [("confirmed", "vendredi")]


def test_several_letters_are_one_message_and_one_confirmation(house: OpenHouse) -> None:
    token = house.join(ZOE, "vendredi", "samedi")
    assert len(house.mails()) == 1
    assert "L'Estuaire du samedi" in house.text()
    house.confirm(token)
    assert house.readers() == {(ZOE, "vendredi"): "active", (ZOE, "samedi"): "active"}


def test_the_proof_says_which_words_when_and_where(house: OpenHouse) -> None:
    house.confirm(house.join())
    with house.engine.connect() as connection:
        proof = connection.execute(select(consents)).one()
        person = find_person(connection, read_address(ZOE))
    asked = house.asked()
    assert proof.source == "join"
    assert f"form {asked.form};" in proof.detail
    assert f"page {asked.page};" in proof.detail
    assert proof.detail.endswith(f"words: {asked.wording}")
    assert "; confirmed 20" in proof.detail
    assert person is not None
    assert person.subscriptions[0].consents[0].detail == proof.detail


def test_a_token_is_kept_as_a_hash_and_serves_once(house: OpenHouse) -> None:
    token = house.join()
    with house.engine.begin() as connection:
        rows = str(connection.execute(select(signups)).all())
    assert token not in rows
    house.confirm(token)
    with house.engine.begin() as connection:
        person = find_person(connection, read_address(ZOE))
        assert person is not None
        unsubscribe(connection, person.subscriptions[0].id, "page")
    house.confirm(token)
    assert house.readers() == {(ZOE, "vendredi"): "unsubscribed"}
    assert ZOE not in str(rows_of_signups(house))


def rows_of_signups(house: OpenHouse) -> list[object]:
    with house.engine.connect() as connection:
        return list(connection.execute(select(signups)).all())


@pytest.mark.parametrize("token", ["a" * 32, "", "x' OR '1'='1", "%", "é" * 32])
def test_a_token_of_nobody_does_nothing(house: OpenHouse, token: str) -> None:
    house.join()
    house.confirm(token)
    assert house.readers() == {}
    assert house.signups() == [("pending", "vendredi")]


def test_after_thirty_days_it_confirms_nothing_and_is_purged(house: OpenHouse) -> None:
    token = house.join()
    house.later(31 * 86400)
    house.confirm(token)
    assert house.readers() == {}
    with house.engine.begin() as connection:
        assert purgeable_signups(connection) == 1
        assert purge_signups(connection, 10) == 1
    assert house.signups() == []


def test_who_receives_it_already_is_told_so_and_nothing_changes(house: OpenHouse) -> None:
    with house.engine.begin() as connection:
        subscribe(connection, read_address(ZOE), "vendredi", source="salon", name="Zoé Secrète")
    assert house.join() == ""
    assert "Vous la recevez déjà" in house.text()
    assert "Secrète" not in house.text()
    assert house.signups() == [("told", "vendredi")]
    token = house.join(ZOE, "vendredi", "samedi")
    assert token == ""  # within the hour: it waits
    house.later(3600)
    house.answer()
    assert "samedi" in house.text()
    assert "L'Estuaire du vendredi" not in house.text()
    house.confirm(house.token())
    assert house.readers() == {(ZOE, "vendredi"): "active", (ZOE, "samedi"): "active"}


def test_who_left_or_was_forgotten_comes_back_by_asking(house: OpenHouse) -> None:
    with house.engine.begin() as connection:
        number = subscribe(connection, read_address(ZOE), "vendredi", source="salon")
        unsubscribe(connection, number, "page")
        forget(connection, read_address(ZOE))
    house.confirm(house.join())
    assert house.readers() == {(ZOE, "vendredi"): "active"}


@pytest.mark.parametrize("reason", ["hard-bounce", "complaint", "manual"])
def test_nothing_is_mailed_to_a_suppressed_address(house: OpenHouse, reason: str) -> None:
    with house.engine.begin() as connection:
        suppress(connection, address_keys(connection)(read_address(ZOE)), reason)  # type: ignore[arg-type] # reason: a literal
    house.ask()
    house.answer()
    assert house.mails() == []
    assert house.signups() == []


def test_one_message_an_hour_and_two_a_day_to_an_address(house: OpenHouse) -> None:
    """However often it is asked, and however the address is spelt."""
    written = []
    for _hour in range(26):
        for number in range(4):
            house.ask(("zoe@example.org", "Zoe@Example.ORG")[number % 2], ("vendredi", "samedi")[number // 2])
            house.answer()
        written.append(len(house.mails()))
        house.later(3601)
    assert written[0] == 1
    assert written[1] == written[23] == 2
    assert written[25] in (3, 4)


def test_the_same_again_within_the_hour_is_not_even_noted(house: OpenHouse) -> None:
    house.join()
    house.ask()
    house.answer()
    assert house.signups() == [("pending", "vendredi")]


def test_a_publication_writes_no_more_than_its_hour_allows_and_the_others_wait(house: OpenHouse) -> None:
    for number in range(FEWEST_HOURLY + 5):
        house.ask(f"reader{number}@example.org")
    house.ask("other@example.org", "samedi")
    house.answer()
    assert len(house.mails()) == FEWEST_HOURLY + 1
    with house.engine.connect() as connection:
        assert count_signups(connection, ["vendredi", "samedi"]) == {
            "vendredi": {"waiting": 5, "pending": FEWEST_HOURLY},
            "samedi": {"waiting": 0, "pending": 1},
        }
    house.later(3601)
    house.answer()
    assert len(house.mails()) == FEWEST_HOURLY + 6
    assert {state for state, _letters in house.signups()} == {"pending"}


def test_a_link_works_as_long_as_its_message_says_however_long_that_waited(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(limits, "FEWEST_HOURLY", 0)
        house.ask()
        house.answer()
        assert house.mails() == []
        house.later(20 * 86400)
    house.answer()
    token = house.token()
    assert "30 jours" in house.text()
    house.later(29 * 86400)
    house.confirm(token)
    assert house.readers() == {(ZOE, "vendredi"): "active"}


def test_ten_times_the_usual_hour_is_allowed_and_a_flood_is_not_usual(house: OpenHouse) -> None:
    with house.engine.begin() as connection:
        assert hourly_cap(connection, "vendredi") == FEWEST_HOURLY
        row = {"email": None, "letters": " vendredi ", "language": "fr", "form": "1", "wording": "w", "page": "p"}
        for state, number in (("pending", 3000), ("confirmed", 2016)):
            rows = [row | {"address_key": f"{state}{each}", "state": state} for each in range(number)]
            values = {"asked_at": db_now(-9000), "mailed_at": db_now(-9000), "expires_at": db_now(9000)}
            confirmed = {"confirmed_at": db_now(-8000)} if state == "confirmed" else {}
            connection.execute(insert(signups).values(values | confirmed), rows)
        assert hourly_cap(connection, "vendredi") == 30  # 2,016 in four weeks are three an hour
        assert hourly_cap(connection, "samedi") == FEWEST_HOURLY


def test_what_waits_has_a_bound(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_WAITING", 3)
    monkeypatch.setattr(limits, "FEWEST_HOURLY", 1)
    for number in range(8):
        house.ask(f"reader{number}@example.org")
    house.answer()
    assert len(house.mails()) == 1
    assert len(house.signups()) <= 4


def test_requests_have_a_bound(house: OpenHouse) -> None:
    with house.engine.begin() as connection:
        rows = [{"id": f"{number:032}", "kind": "join", "email": "a"} for number in range(MOST_REQUESTS)]
        connection.execute(insert(requests), rows)
        assert not ask_to_join(connection, house.asked())
        assert count_requests(connection) == MOST_REQUESTS
    house.answer()
    with house.engine.connect() as connection:
        assert count_requests(connection) == 0
    assert house.signups() == []  # "a" is no address


def test_pages_are_not_trusted(house: OpenHouse) -> None:
    """A letter whose door is shut, a language that is none, a text that is no address: as if nobody had asked."""
    open_doors(house.root, "samedi", open=False)
    for number, (address, letters, language) in enumerate(
        (
            (ZOE, ("samedi",), "fr"),
            (ZOE, ("none",), "fr"),
            (ZOE, (), "fr"),
            (ZOE, ("vendredi",), "xx"),
            ("zoe@example.org\r\nBcc: x@example.org", ("vendredi",), "fr"),
            ("<script>@example.org", ("vendredi",), "fr"),
        )
    ):
        with house.engine.begin() as connection:
            asked = house.asked()
            values = {"email": address, "letters": " ".join(letters), "language": language, "form": asked.form}
            connection.execute(insert(requests).values(values | {"id": str(number), "kind": "join"}))
    house.answer()
    assert house.mails() == []
    assert house.signups() == []


def test_only_to_holds_the_message(tmp_path: Path) -> None:
    house = open_house(tmp_path, only_to=["@staff.example"])
    house.ask()
    house.ask("odile@staff.example")
    house.answer()
    assert [(row.email, row.state) for row in house.mails()] == [
        (ZOE, "cancelled"),
        ("odile@staff.example", "queued"),
    ]
    house.engine.dispose()


def test_to_forget_takes_what_was_asked_and_what_is_pending(house: OpenHouse) -> None:
    house.join()
    house.ask(" Zoe@Example.org", "samedi")
    with house.engine.begin() as connection:
        key = address_keys(connection)(read_address(ZOE))
        assert erase_signups(connection, key) == 1
        assert erase_requests(connection, read_address(ZOE)) == 1
    with read_only(house.engine).connect() as connection:
        assert count_requests(connection) == 0


def test_no_address_in_the_logs(house: OpenHouse, capsys: pytest.CaptureFixture[str]) -> None:
    house.confirm(house.join())
    said = capsys.readouterr()
    assert "mailed=1" in said.out + said.err
    assert "zoe" not in said.out + said.err


def test_after_a_complaint_the_confirmation_opens_that_letter_alone(house: OpenHouse) -> None:
    token = house.join(ZOE, "vendredi")
    with house.engine.begin() as connection:
        other = subscribe(connection, read_address(ZOE), "samedi", source="salon")
        assert other
        suppress(connection, address_keys(connection)(read_address(ZOE)), "complaint")
        connection.execute(update(signups).values(asked_at=db_now(-60)))
    house.confirm(token)
    assert house.readers() == {(ZOE, "vendredi"): "active", (ZOE, "samedi"): "unsubscribed"}
    assert "zoe" in databases.dump(house.engine)


def test_a_door_that_was_shut_meanwhile_writes_to_nobody(house: OpenHouse) -> None:
    house.ask(ZOE, "samedi")
    house.ask("lea@example.org", "vendredi", "samedi")
    open_doors(house.root, "samedi", open=False)
    with house.engine.begin() as connection:  # they were noted before it was shut
        connection.execute(requests.delete())
        for number, letters in enumerate((" samedi ", " samedi vendredi ")):
            row = {"address_key": str(number), "email": f"r{number}@example.org", "letters": letters, "language": "fr"}
            values = row | {"state": "waiting", "form": "1", "wording": "w", "page": "p", "expires_at": db_now(9000)}
            connection.execute(insert(signups).values(values))
    house.answer()
    assert [row.email for row in house.mails()] == ["r1@example.org"]
    assert "samedi" not in house.text()


def test_one_request_that_fails_stops_itself_alone(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(newsroom: object, kind: str, publication: str, *rest: object, **values: object) -> object:
        if publication == "samedi":
            raise LookupError("a template of the newsroom, say")
        return written_message(newsroom, kind, publication, *rest, **values)  # type: ignore[arg-type] # reason: passed on

    monkeypatch.setattr("composer.doors.answering.written_message", failing)
    house.ask(ZOE, "samedi")
    house.ask("lea@example.org", "vendredi")
    house.answer()
    assert [row.email for row in house.mails()] == ["lea@example.org"]
    assert sorted(house.signups()) == [("pending", "vendredi"), ("waiting", "samedi")]
    monkeypatch.undo()
    house.later(3601)
    house.answer()
    assert len(house.mails()) == 2


def test_what_an_address_asked_before_is_sought_by_the_address(house: OpenHouse) -> None:
    """Not by the state, as SQLite likes to: a flood leaves thousands of rows that wait."""
    said: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith("SELECT") and "signups.address_key =" in statement:
            said.append((statement, parameters))

    event.listen(house.engine, "before_cursor_execute", note)
    house.ask()
    house.answer()
    event.remove(house.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if house.engine.dialect.name == "sqlite" else "EXPLAIN "
    assert said
    with house.engine.connect() as connection:
        for statement, parameters in said:
            told = str(connection.exec_driver_sql(explain + statement, parameters).all())
            assert "state" not in re.sub(r"signups\.state", "", told), told
