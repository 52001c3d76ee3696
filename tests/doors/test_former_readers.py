"""Readers who left long ago are forgotten; whoever is subscribed stays, whatever they do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from composer.database import read_only
from composer.doors.forgetting import forget_former_readers
from composer.errors import Refused
from composer.subscribers import find_person, read_address, subscribe, suppress, unsubscribe
from composer.subscribers.address_key import address_keys
from composer.subscribers.former import count_former_readers, former_readers
from composer.subscribers.signups import BANNED
from composer.subscribers.suppression import Reason, suppression_of
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from tests.support.doors import OpenHouse, open_house

pytestmark = pytest.mark.usefixtures("each_engine")
NOW = datetime.now(UTC)
LIMIT, LONG_AGO, LATELY = (NOW - timedelta(days=30 * months) for months in (36, 40, 30))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made: OpenHouse = open_house(tmp_path)
    yield made.engine
    made.engine.dispose()


def add(engine: Engine, left: datetime | None, *others: datetime | None, name: str = "zoe", **said: Any) -> str:
    """A reader of so many letters, each with the instant at which it was left (None: still received)."""
    email = f"{name}@example.org"
    with engine.begin() as connection:
        for publication, ended in zip(("vendredi", "samedi"), (left, *others), strict=False):
            number = subscribe(connection, read_address(email), publication, source="salon", proof="words", **said)
            if ended is not None:
                unsubscribe(connection, number, "page")
                at = update(subscriptions).where(subscriptions.c.id == number).values(unsubscribed_at=ended)
                connection.execute(at)
        old = update(subscribers).where(subscribers.c.email == email).values(created_at=LONG_AGO - timedelta(days=900))
        connection.execute(old)
    return email


def shut_out(engine: Engine, email: str, reason: Reason, at: datetime) -> None:
    with engine.begin() as connection:
        key = address_keys(connection)(read_address(email))
        suppress(connection, key, reason)
        connection.execute(update(suppressions).where(suppressions.c.address_key == key).values(at=at))


def found(engine: Engine) -> set[str]:
    with read_only(engine).connect() as connection:
        those = set(former_readers(connection, LIMIT, 0, 100).values())
        assert count_former_readers(connection, LIMIT) == len(those)
    return those


def test_who_left_every_letter_long_ago_is_one(engine: Engine) -> None:
    assert found(engine) == set()
    gone = {add(engine, LONG_AGO, name="one"), add(engine, LONG_AGO, LONG_AGO, name="both")}
    add(engine, LATELY, name="lately")
    add(engine, LONG_AGO, LATELY, name="the-last-lately")
    assert found(engine) == gone


def test_whoever_is_subscribed_stays(engine: Engine) -> None:
    add(engine, None)
    add(engine, LONG_AGO, None, name="of-another")
    assert found(engine) == set()


@pytest.mark.parametrize("reason", BANNED)
def test_it_counts_from_a_bounce_or_a_complaint_too(engine: Engine, reason: Reason) -> None:
    shut_out(engine, add(engine, None, name="old"), reason, LONG_AGO)
    shut_out(engine, add(engine, None, name="new"), reason, LATELY)
    shut_out(engine, add(engine, LONG_AGO, name="left-then-bounced"), reason, LATELY)
    shut_out(engine, add(engine, None, name="payer", tier="paid"), reason, LONG_AGO)
    shut_out(engine, add(engine, None, name="paid-once", tier="paid", paid_until=LONG_AGO), reason, LONG_AGO)
    assert found(engine) == {"old@example.org", "paid-once@example.org"}


def test_they_are_forgotten_as_by_hand_and_no_list_brings_them_back(engine: Engine) -> None:
    emails = [add(engine, LONG_AGO, name=f"reader-{number}") for number in range(5)]
    stays = add(engine, None, name="stays")
    after: int | None = 0
    total = 0
    while after is not None:
        after, number = forget_former_readers(engine, LIMIT, after, 2)
        total += number
    assert total == 5
    with engine.begin() as connection:
        for email in emails:
            person = find_person(connection, read_address(email))
            assert person is not None
            assert (person.email, person.suppressed) == (None, "forgotten")
            assert all(consent.detail is None for each in person.subscriptions for consent in each.consents)
            with pytest.raises(Refused):
                subscribe(connection, read_address(email), "vendredi", source="list")
        assert suppression_of(connection, address_keys(connection)(read_address(stays))) is None
    assert forget_former_readers(engine, LIMIT, 0, 2) == (None, 0)
