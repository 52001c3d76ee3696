"""Links to choices and what readers choose behind them: within limits, by a good token, one letter at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Integer, insert, literal, select

from composer.database import read_only
from composer.doors.forgetting import forget_reader
from composer.errors import OutsideWorld
from composer.subscribers import find_person, read_address, recipients, subscribe, suppress
from composer.subscribers.address_key import address_keys
from composer.subscribers.choices import choices_of, pause_ends
from composer.subscribers.exporting import Chosen, count_by
from composer.subscribers.links import STRANGERS_HOURLY, purge_links, purgeable_links
from composer.subscribers.person import StoredPerson
from composer.subscribers.recipients import is_recipient
from composer.subscribers.requests import ask_to_erase, count_requests
from composer.subscribers.returning import record_return
from composer.subscribers.suppression import suppression_of
from composer.subscribers.tables import links, requests
from tests.support import databases
from tests.support.doors import ZOE, OpenHouse, open_doors, open_house

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    """Zoé receives both letters."""
    made = open_house(tmp_path)
    with made.engine.begin() as connection:
        for letter in ("vendredi", "samedi"):
            subscribe(connection, read_address(ZOE), letter, source="salon", name="Zoé Secrète")
    yield made
    made.engine.dispose()


def zoe(house: OpenHouse) -> StoredPerson:
    with read_only(house.engine).connect() as connection:
        found = find_person(connection, read_address(ZOE))
    assert found is not None
    return found


def reached(house: OpenHouse, letter: str, on: datetime) -> list[str]:
    with read_only(house.engine).connect() as connection:
        return [row.email for row in connection.execute(recipients(letter, on))]


def at_the_last_look(house: OpenHouse) -> bool:
    """Whether Friday's letter may still leave for Zoé."""
    with read_only(house.engine).connect() as connection:
        look = is_recipient(literal(zoe(house).id, Integer()), literal("vendredi"))
        return bool(connection.execute(select(look)).scalar_one())


def statuses(house: OpenHouse) -> dict[str, str]:
    return {letter: status for (_email, letter), status in house.readers().items()}


def test_the_link_goes_to_a_reader_and_the_database_holds_its_hash(house: OpenHouse) -> None:
    token = house.choices()
    assert token
    assert [(row.email, row.kind) for row in house.mails()] == [(ZOE, "choices")]
    assert "Secrète" not in house.text()
    with read_only(house.engine).connect() as connection:
        (row,) = connection.execute(select(links)).all()
        assert token not in str(row)
        assert ZOE not in str(row)
        found = choices_of(connection, token)
    assert found is not None
    assert [each.publication for each in found.letters] == ["samedi", "vendredi"]


def test_a_stranger_is_told_so_and_gets_no_link(house: OpenHouse) -> None:
    assert house.choices("lea@example.org") == ""
    assert [(row.email, row.kind) for row in house.mails()] == [("lea@example.org", "stranger")]
    assert "ne reçoit rien" in house.text()


def test_each_act_uses_the_token_up_and_leaves_the_next_one(house: OpenHouse) -> None:
    first = house.choices()
    second = house.choose(first, "save", "vendredi")
    assert statuses(house) == {"vendredi": "active", "samedi": "unsubscribed"}
    house.choose(first, "leave")
    assert statuses(house)["vendredi"] == "active"
    house.choose(second, "leave")
    assert statuses(house)["vendredi"] == "unsubscribed"
    assert {one.unsubscribed_by for one in zoe(house).subscriptions} == {"choices"}


@pytest.mark.parametrize("token", ["a" * 32, "", "%", "x' OR 1=1 --", "é" * 32])
def test_a_token_of_nobody_does_nothing(house: OpenHouse, token: str) -> None:
    house.choices()
    house.choose(token, "leave")
    assert set(statuses(house).values()) == {"active"}
    with read_only(house.engine).connect() as connection:
        assert choices_of(connection, token) is None


def test_after_a_day_it_opens_nothing_and_is_purged(house: OpenHouse) -> None:
    token = house.choices()
    house.later(86401)
    house.choose(token, "leave")
    assert set(statuses(house).values()) == {"active"}
    with house.engine.begin() as connection:
        assert choices_of(connection, token) is None
        assert purgeable_links(connection) == 0
    house.later(86401)
    with house.engine.begin() as connection:
        assert purgeable_links(connection) == 1
        assert purge_links(connection, 10) == 1


def test_a_ticked_letter_begins_with_the_proof_and_only_through_an_open_door(house: OpenHouse) -> None:
    token = house.choose(house.choices(), "leave")
    open_doors(house.root, "samedi", open=False)
    house.choose(token, "save", "vendredi", "samedi", "none")
    assert statuses(house) == {"vendredi": "active", "samedi": "unsubscribed"}
    consent = next(one for one in zoe(house).subscriptions if one.publication == "vendredi").consents[-1]
    assert (consent.source, "mailed link" in (consent.detail or "")) == ("choices", True)


def test_a_letter_of_which_there_is_no_file_any_more_is_left_alone(house: OpenHouse) -> None:
    token = house.choices()
    (house.root / "config" / "publications" / "samedi.yaml").unlink()
    house.choose(token, "save", "vendredi")
    assert statuses(house) == {"vendredi": "active", "samedi": "active"}


def test_a_pause_keeps_every_letter_back_for_a_month_and_ends_by_itself(house: OpenHouse) -> None:
    now = datetime.now(UTC)
    token = house.choose(house.choices(), "save", "vendredi", "samedi", pause=True)
    assert [reached(house, letter, now) for letter in ("vendredi", "samedi")] == [[], []]
    assert not at_the_last_look(house)
    assert reached(house, "vendredi", now + timedelta(days=29)) == []
    assert reached(house, "vendredi", now + timedelta(days=31)) == [ZOE]
    ends = {one.paused_until for one in zoe(house).subscriptions}
    assert ends == {pause_ends(now, "Europe/Paris")}
    assert count_by(house.engine, Chosen(), ["status"]) == [{"status": "paused", "number": 2}]
    assert count_by(house.engine, Chosen(status="active"), ["publication"])[0]["number"] == 1
    token = house.choose(token, "save", "vendredi", pause=True)
    assert {one.paused_until for one in zoe(house).subscriptions if one.status == "active"} == ends
    house.choose(token, "save", "vendredi")
    assert reached(house, "vendredi", now) == [ZOE]
    assert at_the_last_look(house)


def test_who_asks_anew_or_comes_back_does_not_pause(house: OpenHouse) -> None:
    house.choose(house.choices(), "save", "vendredi", "samedi", pause=True)
    number = zoe(house).subscriptions[0].id
    with house.engine.begin() as connection:
        assert record_return(connection, number, datetime.now(UTC))
    assert [one.paused_until is None for one in zoe(house).subscriptions] == [True, False]


def test_a_language_is_of_every_letter_that_is_received(house: OpenHouse) -> None:
    token = house.choose(house.choices(), "save", "vendredi", "samedi", language="en")
    assert {one.details["language"] for one in zoe(house).subscriptions} == {"en"}
    token = house.choose(token, "save", "vendredi", "samedi", language="xx")
    assert {one.details["language"] for one in zoe(house).subscriptions} == {"en"}
    house.choose(token, "save", "vendredi", "samedi", language="own")
    assert {one.details["language"] for one in zoe(house).subscriptions} == {None}


def test_one_message_an_hour_and_two_a_day_to_an_address(house: OpenHouse) -> None:
    written = []
    for seconds in (0, 3500, 200, 3700, 75_000, 4_200):
        house.later(seconds)
        for address in (ZOE, "Zoe@Example.ORG"):
            house.choices(address)
        written.append(len(house.mails()))
    assert written == [1, 1, 2, 2, 2, 3]


def test_strangers_are_as_many_an_hour_and_keep_no_reader_from_a_link(house: OpenHouse) -> None:
    for number in range(STRANGERS_HOURLY + 5):
        house.choices(f"stranger{number}@example.org")
    assert len(house.mails()) == STRANGERS_HOURLY
    assert house.choices()
    house.later(3601)
    house.answer()
    assert len(house.mails()) == STRANGERS_HOURLY + 6


@pytest.mark.parametrize("reason", ["hard-bounce", "complaint", "manual"])
def test_nothing_is_mailed_to_a_suppressed_address(house: OpenHouse, reason: str) -> None:
    with house.engine.begin() as connection:
        suppress(connection, address_keys(connection)(read_address(ZOE)), reason)  # type: ignore[arg-type] # reason: a literal
        connection.execute(links.delete())
    with pytest.raises(IndexError):
        house.choices()
    with read_only(house.engine).connect() as connection:
        assert connection.execute(select(links)).all() == []


def test_a_house_that_is_shut_answers_nobody(house: OpenHouse) -> None:
    token = house.choices()
    shut = house.root / "config" / "newsroom.yaml"
    shut.write_text(shut.read_text(encoding="utf-8").replace("choices: true", "choices: false"), encoding="utf-8")
    house.later(3601)
    house.choices()
    house.choose(token, "leave")
    assert len(house.mails()) == 1
    assert set(statuses(house).values()) == {"active"}


def test_who_is_forgotten_has_no_link(house: OpenHouse) -> None:
    token = house.choices()
    with house.engine.begin() as connection:
        forget_reader(connection, read_address(ZOE))
        assert connection.execute(select(links)).all() == []
        assert choices_of(connection, token) is None


def test_all_that_is_held_is_mailed_to_the_reader_in_the_language_of_the_page_once_an_hour(house: OpenHouse) -> None:
    token = house.choose(house.choices(language="en"), "held")
    house.choose(token, "held")
    assert [(row.email, row.kind) for row in house.mails()] == [(ZOE, "choices"), (ZOE, "held")]
    told = house.text()
    assert told.startswith("All that we hold about you")
    assert "Zoé Secrète" in told
    assert "source: salon" in told
    assert "Subscriptions (2)" in told
    assert token not in told


def test_a_reader_who_asks_is_forgotten_and_the_page_may_say_so(house: OpenHouse) -> None:
    token = house.choices()
    house.ask(" Zoe@example.org", "samedi")
    following = house.choose(token, "forget")
    assert "zoe" not in databases.dump(house.engine).casefold()
    assert {status for (_email, _letter), status in house.readers().items()} == {"unsubscribed"}
    with house.engine.begin() as connection:
        shown = choices_of(connection, following)
        assert shown is not None
        assert shown.letters == ()
        assert suppression_of(connection, address_keys(connection)(read_address(ZOE))) == "forgotten"
        assert count_requests(connection) == 0
    assert house.choose(following, "held")
    assert house.mails() == []


def test_an_erasure_that_is_cut_short_is_completed(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_args: object) -> int:
        raise OutsideWorld("the disk is full")

    erased: list[int] = []
    number = zoe(house).id
    token = house.choices()
    monkeypatch.setattr("composer.doors.forgetting.erase_address", cut)
    with pytest.raises(OutsideWorld):
        house.choose(token, "forget")
    monkeypatch.setattr("composer.doors.forgetting.erase_address", lambda _engine, reader: erased.append(reader))
    house.answer()
    house.answer()
    assert erased == [number]


def test_the_pages_can_have_nobody_erased_who_is_not_forgotten(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.doors.forgetting.erase_address", lambda *_args: pytest.fail("erased"))
    with house.engine.begin() as connection:
        ask_to_erase(connection, 1)
        connection.execute(insert(requests).values(id="x", kind="erase", token="1 OR 1=1"))
    house.answer()
    with read_only(house.engine).connect() as connection:
        assert count_requests(connection) == 0
