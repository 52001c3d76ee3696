"""A change of address: both confirm, neither is told of the other, and the reader stays one reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from composer.database import read_only
from composer.doors.forgetting import forget_reader
from composer.subscribers import find_person, read_address, subscribe, suppress
from composer.subscribers.address_key import address_keys
from composer.subscribers.moving import address_link
from composer.subscribers.suppression import Reason, suppression_of
from composer.subscribers.tables import subscriptions
from tests.support import databases
from tests.support.doors import ZOE, OpenHouse, open_house

pytestmark = pytest.mark.usefixtures("each_engine")
NEW = "zoe.neuve@example.org"
PAID_UNTIL = datetime(2027, 6, 30, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    made = open_house(tmp_path)
    with made.engine.begin() as connection:
        who = read_address(ZOE)
        subscribe(connection, who, "vendredi", source="salon", tier="paid", paid_until=PAID_UNTIL, name="Zoé")
        subscribe(connection, who, "samedi", source="salon")
    yield made
    made.engine.dispose()


def state(house: OpenHouse, token: str) -> str:
    with read_only(house.engine).connect() as connection:
        found = address_link(connection, token)
    return "" if found is None else found.state


@pytest.mark.parametrize("first", [0, 1], ids=["old-first", "new-first"])
def test_it_happens_once_both_have_confirmed(house: OpenHouse, first: int) -> None:
    links = house.move(NEW, house.choices())
    assert [(row.email, row.kind) for row in house.mails()[1:]] == [(ZOE, "leave-address"), (NEW, "new-address")]
    assert NEW not in house.text(-2)
    assert ZOE not in house.text(-1)
    house.confirm_address(links[first])
    house.confirm_address(links[first])
    assert {email for email, _letter in house.readers()} == {ZOE}
    assert [state(house, each) for each in links] == (
        ["confirmed", "mailed"] if first == 0 else ["mailed", "confirmed"]
    )
    house.confirm_address(links[1 - first])
    assert house.readers() == {(NEW, "vendredi"): "active", (NEW, "samedi"): "active"}
    assert [state(house, each) for each in links] == ["moved", "moved"]
    with read_only(house.engine).connect() as connection:
        person = find_person(connection, read_address(NEW))
        assert person is not None
        assert (person.details["name"], len(person.subscriptions[1].consents)) == ("Zoé", 1)
        assert suppression_of(connection, address_keys(connection)(read_address(ZOE))) == "forgotten"


def test_where_the_new_address_reads_us_already_the_two_become_one(house: OpenHouse) -> None:
    with house.engine.begin() as connection:
        subscribe(connection, read_address(NEW), "vendredi", source="form")
        pause = datetime.now(UTC) + timedelta(days=9)
        theirs = update(subscriptions).where(subscriptions.c.publication == "samedi")
        connection.execute(theirs.values(paused_until=pause))
    for token in house.move(NEW, house.choices()):
        house.confirm_address(token)
    active = {who for who, status in house.readers().items() if status == "active"}
    assert active == {(NEW, "vendredi"), (NEW, "samedi")}
    assert ZOE not in databases.dump(house.engine)
    with read_only(house.engine).connect() as connection:
        person = find_person(connection, read_address(NEW))
    assert person is not None
    samedi, vendredi = person.subscriptions
    assert (vendredi.details["tier"], vendredi.details["paid_until"]) == ("paid", PAID_UNTIL)
    assert (samedi.paused_until, samedi.consents[-1].source) == (pause, "change of address")


@pytest.mark.parametrize("wanted", [ZOE, "Zoe@example.org", "no address", ""])
def test_what_is_no_other_address_is_written_to_by_nobody(house: OpenHouse, wanted: str) -> None:
    assert house.move(wanted, house.choices()) == ("", "")


@pytest.mark.parametrize("reason", ["hard-bounce", "complaint", "manual"])
def test_a_suppressed_address_is_not_written_to(house: OpenHouse, reason: Reason) -> None:
    with house.engine.begin() as connection:
        suppress(connection, address_keys(connection)(read_address(NEW)), reason)
    assert house.move(NEW, house.choices()) == ("", "")


def test_a_later_one_voids_the_one_before_and_there_are_two_a_day(house: OpenHouse) -> None:
    token = house.choose(house.choices(), "save", "vendredi", "samedi")
    first = house.move(NEW, token)
    house.later(3601)
    second = house.move("other@example.org", house.choices())
    for each in first:
        house.confirm_address(each)
    assert [state(house, each) for each in first] == ["", ""]
    assert all(second)
    assert {email for email, _letter in house.readers()} == {ZOE}
    with read_only(house.engine).connect() as connection:
        assert address_link(connection, token) is None


def test_after_a_day_and_for_the_forgotten_it_does_nothing(house: OpenHouse) -> None:
    former, new = house.move(NEW, house.choices())
    house.confirm_address(former)
    house.later(86401)
    house.confirm_address(new)
    assert {email for email, _letter in house.readers()} == {ZOE}
    former, new = house.move("other@example.org", house.choices())
    with house.engine.begin() as connection:
        forget_reader(connection, read_address(ZOE))
    for each in (former, new):
        house.confirm_address(each)
    assert "other@example.org" not in str(house.readers())
