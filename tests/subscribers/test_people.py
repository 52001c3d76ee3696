"""Subscribing, leaving, forgetting, and who receives a letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import Engine, text

from composer.database import connect
from composer.errors import Refused
from composer.subscribers import find_person, forget, read_address, recipients, subscribe, suppress, unsubscribe
from composer.subscribers.address import Address
from tests.support import databases
from tests.support.address_keys import key_of, make_tables

FRIDAY = datetime(2026, 11, 27, 6, tzinfo=UTC)
ZOE = read_address("Zoe@example.org")


def receive(engine: Engine, publication: str = "vendredi", on: datetime = FRIDAY) -> list[tuple[str, str, str | None]]:
    with engine.connect() as connection:
        return [(row.email, row.audience, row.language) for row in connection.execute(recipients(publication, on))]


def begin(engine: Engine, address: Address = ZOE, publication: str = "vendredi", **values: Any) -> int:
    with engine.begin() as connection:
        return subscribe(connection, address, publication, source="form", **values)


def test_a_reader_receives_what_she_subscribed_to(engine: Engine) -> None:
    begin(engine)
    assert receive(engine) == [("Zoe@example.org", "free", None)]
    assert receive(engine, "samedi") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tier", "paid_until", "audience"),
    [
        ("free", None, "free"),
        ("free", FRIDAY + timedelta(days=9), "free"),
        ("paid", None, "paid"),
        ("paid", FRIDAY, "paid"),
        ("paid", FRIDAY - timedelta(microseconds=1), "free"),
    ],
)
def test_paid_holds_until_paid_until(engine: Engine, tier: str, paid_until: datetime | None, audience: str) -> None:
    begin(engine, tier=tier, paid_until=paid_until, language="en")
    assert receive(engine) == [("Zoe@example.org", audience, "en")]


def test_leaving_is_recorded_once_with_who_did_it(engine: Engine) -> None:
    subscription = begin(engine)
    with engine.begin() as connection:
        assert unsubscribe(connection, subscription, "one-click")
        assert not unsubscribe(connection, subscription, "cli")
        assert not unsubscribe(connection, subscription + 1, "cli")
        person = find_person(connection, ZOE)
    assert person is not None
    assert person.subscriptions[0].unsubscribed_by == "one-click"
    assert person.subscriptions[0].unsubscribed_at is not None
    assert receive(engine) == []


def test_leaving_one_letter_keeps_the_other(engine: Engine) -> None:
    subscription = begin(engine)
    begin(engine, publication="samedi")
    with engine.begin() as connection:
        unsubscribe(connection, subscription, "page")
    assert receive(engine) == []
    assert len(receive(engine, "samedi")) == 1


def test_suppression_stops_every_letter_and_keeps_its_first_reason(engine: Engine) -> None:
    begin(engine)
    with engine.begin() as connection:
        assert suppress(connection, key_of(ZOE.email), "complaint", "ARF")
        assert not suppress(connection, key_of(ZOE.email), "manual")
        person = find_person(connection, ZOE)
    assert person is not None
    assert person.suppressed == "complaint"
    assert receive(engine) == []


def test_who_left_comes_back_only_by_asking_anew(engine: Engine) -> None:
    subscription = begin(engine)
    with engine.begin() as connection:
        unsubscribe(connection, subscription, "page")
    with pytest.raises(Refused, match="--again"):
        begin(engine)
    assert receive(engine) == []
    assert begin(engine, again=True) == subscription
    assert len(receive(engine)) == 1
    with engine.connect() as connection:
        person = find_person(connection, ZOE)
    assert person is not None
    assert [consent.source for consent in person.subscriptions[0].consents] == ["form", "form"]


@pytest.mark.parametrize(("reason", "other"), [("complaint", []), ("manual", []), ("hard-bounce", ["Zoe@example.org"])])
def test_a_new_consent_after_a_complaint_opens_one_letter(engine: Engine, reason: Any, other: list[str]) -> None:
    """A mailbox that works again gets its letters again; who complained of one and asked for it anew, only that one."""
    begin(engine)
    begin(engine, publication="samedi")
    with engine.begin() as connection:
        suppress(connection, key_of(ZOE.email), reason)
    begin(engine, publication="lundi", again=True)
    assert [row[0] for row in receive(engine, "lundi")] == ["Zoe@example.org"]
    for publication in ("vendredi", "samedi"):
        assert [row[0] for row in receive(engine, publication)] == other


def test_a_suppressed_reader_comes_back_only_by_asking_anew(engine: Engine) -> None:
    with engine.begin() as connection:
        suppress(connection, key_of(ZOE.email), "hard-bounce")
    with pytest.raises(Refused, match="--again"):
        begin(engine)
    begin(engine, again=True)
    assert len(receive(engine)) == 1


def test_subscribing_twice_is_refused(engine: Engine) -> None:
    begin(engine)
    with pytest.raises(Refused, match="already"):
        begin(engine, read_address("ZOE@example.org"))


@pytest.mark.slow
def test_forgetting_erases_and_leaves_a_tombstone_and_a_hash(engine: Engine, tmp_path: Path) -> None:
    begin(engine, name="Zoé Dupré")
    begin(engine, publication="samedi")
    with engine.begin() as connection:
        connection.execute(text("UPDATE consents SET detail = '192.0.2.7'"))
        number = forget(connection, ZOE)
        assert number is not None
        assert forget(connection, ZOE) == number
        person = find_person(connection, ZOE)
    assert person is not None
    assert (person.email, person.details["name"], person.suppressed) == (None, None, "forgotten")
    assert {one.unsubscribed_by for one in person.subscriptions} == {"forget"}
    assert receive(engine) == receive(engine, "samedi") == []
    for trace in ("zoe@example.org", "Zoé", "Dupr", "192.0.2.7"):
        assert trace.lower() not in databases.dump(engine).lower()


def test_forgetting_a_stranger_keeps_her_out(engine: Engine) -> None:
    with engine.begin() as connection:
        assert forget(connection, ZOE) is None
    with pytest.raises(Refused, match="suppressed"):
        begin(engine)


PEOPLE = [read_address(f"{name}@example.org") for name in ("ada", "bea", "cleo")]
WHO = st.sampled_from(PEOPLE)


class Lives(RuleBasedStateMachine):
    """Whatever happens in whatever order, who said no receives nothing until a new consent."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = connect("sqlite:///:memory:", Path())
        make_tables(self.engine)
        self.active: set[Address] = set()
        self.banned: set[Address] = set()
        self.numbers: dict[Address, int] = {}

    @rule(who=WHO, again=st.booleans())
    def subscribes(self, who: Address, again: bool) -> None:
        came_before = who in self.numbers or who in self.banned
        try:
            self.numbers[who] = begin(self.engine, who, again=again)
        except Refused:
            assert came_before
            assert not again or (who in self.active and who not in self.banned)
        else:
            assert again or not came_before
            self.active.add(who)
            self.banned.discard(who)

    @rule(who=WHO)
    def leaves(self, who: Address) -> None:
        if who in self.numbers:
            with self.engine.begin() as connection:
                assert unsubscribe(connection, self.numbers[who], "page") == (who in self.active)
            self.active.discard(who)

    @rule(who=WHO)
    def bounces(self, who: Address) -> None:
        with self.engine.begin() as connection:
            assert suppress(connection, key_of(who.email), "hard-bounce") == (who not in self.banned)
        self.banned.add(who)

    @rule(who=WHO)
    def is_forgotten(self, who: Address) -> None:
        with self.engine.begin() as connection:
            assert (forget(connection, who) is None) == (who not in self.numbers)
        self.banned.add(who)
        self.active.discard(who)

    @invariant()
    def only_the_willing_receive(self) -> None:
        assert {row[0] for row in receive(self.engine)} == {one.email for one in self.active - self.banned}

    def teardown(self) -> None:
        self.engine.dispose()


Lives.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestLives = Lives.TestCase
